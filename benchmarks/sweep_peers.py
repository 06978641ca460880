"""The same 100 runs by `datacoalition sweep`, by Mesa's `batch_run` and by a loop in joblib: trainings and CPU time.

All play the same model with the same settings and seeds in two worker processes of one thread. The peers have what
somebody has without our store: each run remembers its own trainings and no other run's. joblib is also shown with our
store. The script stops unless all give the same outputs. CPU time is that of all processes of a row together,
starting them included, also of those that outlive the one that started them; rows are played one after the other. Linux
only.
"""

import argparse
import json
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import processes

SWEEP = """
name: peers
scenario: quorum
set: {rounds: 2, coalitions.0.founders: 0.1, task.train_seeds: SEEDS}
vary:
  coalitions.1.charter.rule.quorum: {from: 0.3, to: 0.7, step: 0.1}
  users.threshold.mean: [0.05, 0.1, 0.15, 0.2]
replicates: 5
outputs: {members: {table: coalitions, column: members, where: {coalition: quorum}}}
"""
ROWS = {
    "ours": "datacoalition sweep",
    "joblib": "joblib, a store for each run",
    "mesa": "Mesa batch_run, a store for each run",
    "joblib_shared": "joblib with our store",
}
WORKERS = 2


@cache
def plan_of() -> Any:
    """Read once a process."""
    from datacoalition.scenarios.sweeps.runs import planned

    return planned("peers.yaml")


def settings_of(number: int) -> Any:
    """A run's scenario as plain data."""
    from datacoalition.scenarios.sweeps.runs import settled

    plan = plan_of()
    return settled(plan.scenario, plan.changes(plan[number]), "run")


def scenario_of(number: int) -> Any:
    from datacoalition.scenarios.files import validated

    return validated(settings_of(number), "run")


def played(settings: Any, store: str | None) -> tuple[int, int]:
    """Members of the second coalition in the end, and trainings done."""
    from datacoalition.agents.model import CoalitionModel
    from datacoalition.ml_tasks.store import ScoreStore
    from datacoalition.scenarios.files import validated

    model = CoalitionModel(validated(settings, "run"), ScoreStore(store))
    for _ in range(model.world.rounds):
        model.step()
    return len(model.coalitions[1].members), model.counts.done


def ours(runs: int) -> list[tuple[int, int]]:
    from datacoalition.scenarios.sweeps.sweep import sweep

    rows = sweep("peers.yaml", workers=WORKERS, store="ours.sqlite", out="out").runs
    return list(zip(rows["members"].astype(int), rows["trainings_done"], strict=True))


def joblib(runs: int, store: str | None = None) -> list[tuple[int, int]]:
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    found = Parallel(n_jobs=WORKERS)(delayed(played)(settings_of(number), store) for number in range(runs))
    get_reusable_executor().shutdown(wait=True)
    return list(found)


def mesa(runs: int) -> list[tuple[int, int]]:
    from mesa.batchrunner import batch_run
    from sweep_peers_mesa import QuorumModel

    parameters = {"number": range(runs)}
    rows = batch_run(QuorumModel, parameters, number_processes=WORKERS, max_steps=100, display_progress=False)
    return [(row["members"], row["trainings"]) for row in sorted(rows, key=lambda row: row["number"])]


def row(name: str, runs: int) -> list[tuple[int, int]]:
    if name == "joblib_shared":
        return joblib(runs, "shared.sqlite")
    return {"ours": ours, "joblib": joblib, "mesa": mesa}[name](runs)


def measured(name: str, runs: int, here: Path) -> tuple[float, float, list[list[int]]]:
    """CPU and wall seconds of a fresh process and all it starts, and what it printed."""
    found = processes.took([sys.executable, str(Path(__file__).resolve()), "--row", name, "--runs", str(runs)], here)
    return found.cpu, found.wall, json.loads(found.printed.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="the first so many of 100 (ours plays all of them)")
    parser.add_argument("--seeds", type=int, default=3, help="training seeds; the scenario itself has 3")
    parser.add_argument("--row", choices=ROWS, help="play one row here, in a folder that has peers.yaml")
    options = parser.parse_args()
    if options.row:
        print(json.dumps([[int(x) for x in pair] for pair in row(options.row, options.runs)]))
        return
    with tempfile.TemporaryDirectory() as place:
        here = Path(place)
        (here / "peers.yaml").write_text(SWEEP.replace("SEEDS", str(list(range(options.seeds)))))
        print(f"{'':40} {'trainings':>9} {'CPU s':>8} {'x ours':>7} {'wall s':>8}")
        first: tuple[float, list[int]] | None = None
        for name, words in ROWS.items():
            cpu, wall, found = measured(name, options.runs, here)
            members, trainings = [pair[0] for pair in found], sum(pair[1] for pair in found)
            first = first or (cpu, members)
            if members != first[1][: len(members)]:
                raise SystemExit(f"{words}: other outputs")
            print(f"{words:40} {trainings:>9,} {cpu:>8.1f} {cpu / first[0]:>7.2f} {wall:>8.1f}", flush=True)


if __name__ == "__main__":
    main()
