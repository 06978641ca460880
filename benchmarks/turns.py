"""Time contestants in turns, in one process and one thread. Import it first: it sets the number of threads."""

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median
from typing import Any

for _threads in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "LK_NUM_THREADS",
    "LK_NUM_BACKEND_THREADS",
):
    os.environ[_threads] = "1"
os.environ.setdefault("TQDM_DISABLE", "1")  # no progress bars between the rows


@dataclass
class Contestant:
    """Something to time: `work` is what counts; `figures` reads how good the result is, outside the clock."""

    name: str
    work: Callable[[], Any]
    figures: Callable[[Any], Sequence[float]] = lambda _: ()
    seconds: list[float] = field(default_factory=list)
    """CPU time of each turn."""
    quality: Sequence[float] = ()

    @property
    def median(self) -> float:
        return median(self.seconds)


def take_turns(contestants: Sequence[Contestant], repeats: int) -> None:
    """One untimed turn each, which reads or compiles kernels and gives the figures; then `repeats` timed ones."""
    for contestant in contestants:
        contestant.quality = contestant.figures(contestant.work())
    for _ in range(repeats):
        for contestant in contestants:
            start = time.process_time()
            contestant.work()
            contestant.seconds.append(time.process_time() - start)


def show(contestants: Sequence[Contestant], columns: Sequence[str] = ()) -> None:
    """A row each: median CPU seconds, how many times that of the first (ours), lowest and highest, figures."""
    ours = contestants[0].median
    head = "".join(f" {column:>9}" for column in columns)
    print(f"{'':50} {'CPU s':>8} {'x ours':>7} {'from':>8} {'to':>8}{head}")
    for one in contestants:
        times = f"{one.median:8.3f} {one.median / ours:7.2f} {min(one.seconds):8.3f} {max(one.seconds):8.3f}"
        print(f"{one.name:50} {times}" + "".join(f" {figure:9.5f}" for figure in one.quality))


def machine(*libraries: str) -> str:
    """The processor's kind and the versions of Python and libraries, in a line."""
    found = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", *libraries))
    return f"{platform.machine()}, Python {platform.python_version()}, {found}"


def missing(package: str) -> None:
    print(f"{package} is not installed, so it has no row below: pip install {package}")
