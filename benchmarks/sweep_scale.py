"""What a sweep takes beside its runs: memory and time in the number of runs, to resume, and with two workers.

Each figure comes from a process of its own. `--runs` plays sweeps of as many short runs of a formula task, and gives
the most memory that the driver and any worker held, CPU and wall time a run. `--resume` goes on with a sweep that has
ten runs left.
`--remembered` plays a sweep of a retrained task twice with one store: the second time everything is remembered.
`--efficiency` plays it without a store, with one worker and with two, in turns.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import processes

FORMULA = """
name: formula
rounds: 1
task: {kind: power_law, records: 60}
firms: [{name: big, response: refuse}]
coalitions: [{name: us, charter: {options: [{kind: strike, target: big}]}}]
"""
SHORT = """
name: short
scenario: formula.yaml
vary: {users.threshold.mean: {from: 0.02, to: 0.2, count: 10}}
replicates: REPLICATES
outputs: {members: {table: coalitions, column: members}}
"""
TRAINED = """
name: trained
scenario: quorum
set: {rounds: 1, coalitions.0.founders: 0.1, task.train_seeds: [0]}
vary: {users.threshold.mean: [0.05, 0.1, 0.15, 0.2]}
replicates: REPLICATES
outputs: {members: {table: coalitions, column: members, where: {coalition: quorum}}}
"""


def play(file: str, out: str, workers: int, store: str | None) -> None:
    """Play a sweep here, and print what it took of the driver."""
    from datacoalition.scenarios.sweeps.sweep import sweep

    began = time.monotonic()
    rows = sweep(file, workers=workers, store=store, out=out).runs
    own = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "wall": time.monotonic() - began, "driver": own.ru_utime + own.ru_stime, "memory": own.ru_maxrss / 1024,
        "runs": len(rows), "seconds": float(rows["seconds"].sum()), "trainings": int(rows["trainings_done"].sum()),
    }))  # fmt: skip


def fresh(here: Path, file: str, out: str, workers: int, store: str | None) -> dict[str, float]:
    """The same in a process of its own, with what its workers took, and the time from its start."""
    words = ["--play", file, out, str(workers), store or ""]
    found = processes.took([sys.executable, str(Path(__file__).resolve()), *words], here)
    told = json.loads(found.printed.splitlines()[-1])
    return {**told, "workers": found.others_cpu, "worker": found.others_memory, "whole": found.wall}


def written(here: Path, text: str, replicates: int) -> str:
    (here / "formula.yaml").write_text(FORMULA)
    (here / f"sweep-{replicates}.yaml").write_text(text.replace("REPLICATES", str(replicates)))
    return f"sweep-{replicates}.yaml"


def many_runs(here: Path, sizes: list[int]) -> None:
    held = f"{'driver, MB':>10} {'worker, MB':>10}"
    print(f"{'runs':>7} {held} {'driver, ms a run':>16} {'all, ms a run':>14} {'wall, s':>8}")
    for size in sizes:
        took = fresh(here, written(here, SHORT, size // 10), f"out-{size}", 2, None)
        driver, whole = 1000 * took["driver"] / size, 1000 * (took["driver"] + took["workers"]) / size
        held = f"{took['memory']:>10.0f} {took['worker']:>10.0f}"
        print(f"{size:>7,} {held} {driver:>16.2f} {whole:>14.1f} {took['wall']:>8.1f}", flush=True)


def resumed(here: Path, size: int) -> None:
    """Time to go on with a sweep that has 10 runs left; the others were written down in its folder, but made up."""
    from datacoalition.scenarios.sweeps.folder import SweepFolder
    from datacoalition.scenarios.sweeps.playing import Row
    from datacoalition.scenarios.sweeps.runs import planned

    file = written(here, SHORT, size // 10)
    with SweepFolder(here / "out", planned(here / file)) as folder:
        for number in range(size - 10):
            folder.add(Row(number, "done", {"members": 1.0}))
    took = fresh(here, str(here / file), "out", 2, None)
    print(
        f"to resume {size:,} runs with 10 left: {took['whole']:.1f} s from the command to its end, of which "
        f"{took['wall']:.1f} s after imports; {took['driver']:.1f} s CPU of the driver, {took['memory']:.0f} MB"
    )


def remembered(here: Path, replicates: int) -> None:
    file = written(here, TRAINED, replicates)
    cold = fresh(here, file, "cold", 1, "scores.sqlite")
    warm = fresh(here, file, "warm", 1, "scores.sqlite")
    for words, took in (("nothing remembered", cold), ("everything remembered", warm)):
        inside, driver = 1000 * took["seconds"] / took["runs"], 1000 * took["driver"] / took["runs"]
        print(
            f"{words}: {took['trainings']:.0f} trainings; a run {inside:.0f} ms in its worker, {driver:.1f} ms driver"
        )


def efficiency(here: Path, replicates: int, repeats: int) -> None:
    file, walls = written(here, TRAINED, replicates), {1: [0.0], 2: [0.0]}
    for turn in range(repeats):
        for workers in walls:
            walls[workers].append(fresh(here, file, f"turn-{turn}-{workers}", workers, None)["wall"])
    one, two = (median(found[1:]) for found in walls.values())
    print(f"{4 * replicates} runs, no store: one worker {one:.1f} s, two {two:.1f} s: efficiency {one / two / 2:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, nargs="+", metavar="N", help="multiples of 10, ascending")
    parser.add_argument("--resume", type=int, metavar="N", help="a multiple of 10")
    parser.add_argument("--remembered", type=int, metavar="REPLICATES")
    parser.add_argument("--efficiency", type=int, metavar="REPLICATES")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--play", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.play:
        file, out, workers, store = options.play
        play(file, out, int(workers), store or None)
        return
    with tempfile.TemporaryDirectory() as place:
        if options.runs:
            many_runs(Path(place), options.runs)
        if options.resume:
            resumed(Path(place), options.resume)
        if options.remembered:
            remembered(Path(place), options.remembered)
        if options.efficiency:
            efficiency(Path(place), options.efficiency, options.repeats)


if __name__ == "__main__":
    main()
