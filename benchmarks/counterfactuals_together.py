"""Counterfactuals of one round trained together against one after the other: wall time, all processors in use.

    python benchmarks/counterfactuals_together.py --rounds 5

The library's `quickstart` without a store, its rounds played twice in turns: once as it is (what a coalition's
options, or the worlds without a campaign, need is trained in one pool of threads), once with one set of data after
the other (the seeds of each in threads all the same). Both must give the same scores. With one processor the ratio
is 1.
"""

from turns import machine

# isort: split
import argparse
import os
import time
from statistics import median

from datacoalition.agents.model import CoalitionModel
from datacoalition.ml_tasks.retrainer import Counts
from datacoalition.scenarios.files import load, validated


def played(seeds: int, rounds: int, together: bool) -> tuple[float, list[float], Counts]:
    """Wall seconds of the rounds, the targets' scores in them, and the trainings."""
    data = load("quickstart").resolved()
    data["task"]["train_seeds"] = list(range(seeds))
    model = CoalitionModel(validated(data, "quickstart"))
    if not together:
        model.lines[0].retrainer.ahead = lambda several: None  # type: ignore[method-assign]
    start, scores = time.perf_counter(), []
    for _ in range(rounds):
        model.step()
        scores += [row.target_score for row in model.leverage]
    return time.perf_counter() - start, scores, model.counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 3], help="numbers of training seeds")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print(f"quickstart, {options.rounds} rounds, {os.cpu_count()} processors; medians of {options.repeats}, in turns")
    print(machine())
    print(f"{'seeds':>5} {'trainings':>9} {'one by one, s':>14} {'together, s':>12} {'ratio':>6}")
    for seeds in options.seeds:
        played(seeds, 1, True)  # reads or compiles kernels
        seconds: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(options.repeats):
            ways = {together: played(seeds, options.rounds, together) for together in seconds}
            for together, (wall, *_) in ways.items():
                seconds[together].append(wall)
            if ways[False][1:] != ways[True][1:]:
                raise SystemExit("together and one after the other differ")
        one, both = median(seconds[False]), median(seconds[True])
        print(f"{seeds:>5} {ways[True][2].done:>9} {one:>14.2f} {both:>12.2f} {one / both:>5.2f}x")


if __name__ == "__main__":
    main()
