"""How many outcomes a second the score store reads while four processes write to it without pause."""

import argparse
import multiprocessing
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.scores import Outcomes
from datacoalition.ml_tasks.store import ScoreStore


def outcomes() -> Outcomes:
    """What a training on all of `digits` leaves."""
    task = Digits()()
    return task.outcomes(task.train(Holdings.everyone(len(task.contributors)), 0))


def write(path: Path, name: int, found: Outcomes, ready: Any, stop: Any, written: Any) -> None:
    number = 0
    with ScoreStore(path) as store:
        ready.wait()
        while not stop.is_set():
            store.put(f"{name}-{number}", found)
            number += 1
    with written.get_lock():
        written.value += number


def reads(path: Path, keys: list[str], seconds: float) -> float:
    """Reads a second of one process; every read decodes and checks what it found."""
    number, began = 0, time.monotonic()
    with ScoreStore(path) as store:
        while time.monotonic() - began < seconds:
            if store.get(keys[number % len(keys)]) is None:
                raise SystemExit("an outcome is gone")
            number += 1
    return number / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as place:
        path, found = Path(place) / "scores.sqlite", outcomes()
        keys = [f"key-{i}" for i in range(1000)]
        with ScoreStore(path) as store:
            for key in keys:
                store.put(key, found)
        print(f"an outcome has {len(found.to_bytes()):,} bytes")
        for writers in (0, 4):
            ready, stop, written = context.Barrier(writers + 1), context.Event(), context.Value("l", 0)
            shared = (found, ready, stop, written)
            several = [context.Process(target=write, args=(path, i, *shared)) for i in range(writers)]
            for process in several:
                process.start()
            ready.wait()
            rates = [reads(path, keys, options.seconds) for _ in range(options.repeats)]
            stop.set()
            for process in several:
                process.join()
            print(f"{writers} writers: {median(rates):,.0f} reads a second; {written.value:,} outcomes written")


if __name__ == "__main__":
    main()
