"""A round outside retraining, by the number of people: CPU time, memory, and the same rules as Mesa has them.

    python benchmarks/population_scale.py --users 1000 10000 100000 1000000 --mesa 1000 10000 100000

The first table plays the library's quickstart on the `power_law` formula: two coalitions, an incumbent and a rival, a
small-world network, thresholds, a logit market, leverage and dividends. What the formula itself takes is taken out. The
second plays a scenario without payments against `population_peer.py`, which has a class for a person and `shuffle_do`,
from the same people and draws, and stops if the two do not end up with the same members, winners and customers.
Every row is a process of its own.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_threads] = "1"

from datacoalition.agents.model import CoalitionModel  # noqa: E402 - after the number of threads
from datacoalition.scenarios.files import load, validated  # noqa: E402
from datacoalition.scenarios.observer import observe, users_of  # noqa: E402

UNPAID: dict[str, Any] = {
    "name": "unpaid",
    "firms": [
        {"name": "big", "served": 0.9, "positions": {"pay": -0.6, "privacy": -0.6}, "response": "refuse"},
        {"name": "small", "data": 0.1, "positions": {"pay": 0.2, "privacy": 0.6}, "response": "refuse"},
    ],
    "coalitions": [
        {
            "name": name,
            "positions": {name: 1.0},
            "founders": 0.03,
            "charter": {
                "options": [
                    {"kind": "strike", "target": "big"},
                    {"kind": "redirect", "target": "big", "rival": "small"},
                ]
            },
        }
        for name in ("pay", "privacy")
    ],
    "users": {"network": "small_world", "joining": "threshold", "threshold": {"mean": 0.12, "sd": 0.08}},
    "market": "logit",
    "law": {"copies": "returned"},
}


def model_of(scenario: dict[str, Any], users: int) -> CoalitionModel:
    data = {**scenario, "task": {"kind": "power_law", "records": users}}
    return CoalitionModel(validated(data, "the benchmark's scenario"))


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def clocked(task: Any) -> list[float]:
    """From now on, the seconds that each training and scoring of this task took."""
    seconds: list[float] = []
    for name in ("train", "outcomes"):

        def kept(*given: Any, work: Callable[..., Any] = getattr(task, name)) -> Any:
            took, found = timed(lambda: work(*given))
            seconds.append(took)
            return found

        setattr(task, name, kept)
    return seconds


def ours(users: int, rounds: int) -> dict[str, float]:
    """Seconds to build, of the median round with and without the formula, and of its rows; agents; most memory, MB."""
    build, model = timed(lambda: model_of(load("quickstart").resolved(), users))
    training = clocked(model.lines[0].task)
    outside, inside, rows = [], [], []
    for _ in range(rounds):
        training.clear()
        took, _ = timed(model.step)
        inside.append(sum(training))
        outside.append(took - sum(training))
        rows.append(timed(lambda: (observe(model, 0), users_of(model, 0)))[0])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    agents, _ = timed(lambda: model.users)
    median = statistics.median
    return {
        "users": users, "build": build, "round": median(outside), "formula": median(inside), "rows": median(rows),
        "memory": memory, "agents": agents,
    }  # fmt: skip


def against_mesa(users: int, rounds: int) -> dict[str, float]:
    """Seconds of the median round of ours, without the formula, and of the peer's, in turns."""
    from population_peer import MesaModel  # type: ignore[import-not-found]  # beside this script

    model = model_of(UNPAID, users)
    building, peer = timed(lambda: MesaModel(model))
    training, mine, theirs = clocked(model.lines[0].task), [], []
    for _ in range(rounds):
        training.clear()
        took, _ = timed(model.step)
        mine.append(took - sum(training))
        theirs.append(timed(peer.step)[0])
        _same(model, peer)
    median = statistics.median
    return {"users": users, "ours": median(mine), "mesa": median(theirs), "mesa_build": building}


def _same(model: CoalitionModel, peer: Any) -> None:
    """Stop unless both have the same members, winners and customers."""
    people = model.population
    winners = [c.campaign.outcome.winner for c in model.coalitions if c.campaign.outcome]
    names = [*model.coalition_names, ""]
    members = [names[person.coalition] for person in peer.people]
    services = [person.service for person in peer.people]
    joined = people.labels(names).tolist()
    if winners != peer.winners or members != joined or services != people.service[0].tolist():
        sys.exit(f"round {model.round}: the two models went different ways")


def apart(what: str, users: int, rounds: int) -> dict[str, float]:
    """One row, in a process of its own."""
    command = [sys.executable, __file__, "--row", what, "--users", str(users), "--rounds", str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    row: dict[str, float] = json.loads(done.stdout)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--users", type=int, nargs="*", default=[1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--mesa", type=int, nargs="*", default=[1000, 10_000, 100_000], help="sizes of the peer")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--row", choices=["ours", "mesa"], help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.row:
        work = ours if chosen.row == "ours" else against_mesa
        print(json.dumps(work(chosen.users[0], chosen.rounds)))
        return
    print(f"{'users':>9} {'round (s)':>10} {'formula':>8} {'rows':>7} {'build':>7} {'agents':>7} {'memory (MB)':>12}")
    for users in chosen.users:
        row = apart("ours", users, chosen.rounds)
        print(
            f"{users:>9,} {row['round']:>10.4f} {row['formula']:>8.4f} {row['rows']:>7.3f} {row['build']:>7.2f} "
            f"{row['agents']:>7.2f} {row['memory']:>12.0f}"
        )
    print(f"\n{'users':>9} {'ours (s)':>10} {'Mesa (s)':>10} {'ratio':>7} {'Mesa build':>11}")
    for users in chosen.mesa:
        row = apart("mesa", users, chosen.rounds)
        ratio = row["mesa"] / row["ours"]
        print(f"{users:>9,} {row['ours']:>10.4f} {row['mesa']:>10.4f} {ratio:>7.1f} {row['mesa_build']:>11.2f}")


if __name__ == "__main__":
    main()
