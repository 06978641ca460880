"""Designs: at which points a sweep runs its scenario. `DESIGNS` lists them.

A design is called with the variations by the path of their setting, and gives points: a value for each path. The same
settings give the same points in the same order, whatever else there is.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.settings import Checked, Count, InputError, PositiveCount
from .variations import Variation

Point = Mapping[str, Any]
Variations = Mapping[str, Variation]
MOST_POINTS = 10_000_000


class Design(Protocol):
    """Variations by path -> points: for each a value by path."""

    def __call__(self, vary: Variations) -> Sequence[Point]: ...


@dataclass(frozen=True)
class Grid:
    """Every combination of all values."""

    def __call__(self, vary: Variations) -> Sequence[Point]:
        levels = {}
        for path, variation in vary.items():
            if variation.levels is None:
                raise InputError(f"vary.{path}", "a distribution", "a list or a range, as a grid needs")
            levels[path] = variation.levels
        if (size := math.prod(map(len, levels.values()))) > MOST_POINTS:
            raise InputError("design", f"a grid of {size:,} points", f"at most {MOST_POINTS:,}")
        return [dict(zip(levels, values, strict=True)) for values in itertools.product(*levels.values())]


@dataclass(frozen=True)
class Random(Checked):
    """Points drawn at random, each setting by its own distribution."""

    size: PositiveCount
    """How many points."""
    seed: Count = 0
    """Seed of the draws."""

    def __call__(self, vary: Variations) -> Sequence[Point]:
        return placed(vary, np.random.default_rng(self.seed).random((self.size, len(vary))))


@dataclass(frozen=True)
class LatinHypercube(Checked):
    """Random points of which each setting, by itself, is covered evenly [MBC79]."""

    size: PositiveCount
    """How many points."""
    seed: Count = 0
    """Seed of the draws."""

    def __call__(self, vary: Variations) -> Sequence[Point]:
        from scipy.stats import qmc

        return placed(vary, qmc.LatinHypercube(len(vary), rng=np.random.default_rng(self.seed)).random(self.size))


@dataclass(frozen=True)
class Sobol(Checked):
    """A scrambled Sobol sequence: points that cover all settings together evenly [S67]."""

    size: PositiveCount
    """How many points; a power of two, or the cover is uneven."""
    seed: Count = 0
    """Seed of the scrambling."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _power_of_two(self.size)

    def __call__(self, vary: Variations) -> Sequence[Point]:
        from scipy.stats import qmc

        return placed(vary, qmc.Sobol(len(vary), rng=np.random.default_rng(self.seed)).random(self.size))


@dataclass(frozen=True)
class Saltelli(Checked):
    """Points for Sobol indices: which share of an outcome's variance is due to which setting [S10]."""

    size: PositiveCount
    """Base points N, a power of two; with d settings there are N (d + 2) points in all, or N (2 d + 2)."""
    pairs: bool = False
    """Also the points for indices of pairs of settings."""
    seed: Count = 0
    """Seed of the scrambling."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _power_of_two(self.size)

    def __call__(self, vary: Variations) -> Sequence[Point]:
        from SALib.sample import sobol

        return placed(vary, sobol.sample(problem(vary), self.size, calc_second_order=self.pairs, seed=self.seed))


@dataclass(frozen=True)
class Morris(Checked):
    """Paths that change one setting at a time, to screen many settings with few runs [M91]."""

    paths: PositiveCount
    """How many paths; with d settings there are paths x (d + 1) points."""
    levels: PositiveCount = 4
    """Levels that every setting has, an even number."""
    seed: Count = 0
    """Seed of the draws."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.levels % 2:
            raise InputError("levels", self.levels, "an even number")

    def __call__(self, vary: Variations) -> Sequence[Point]:
        return placed(vary, self.places(vary))

    def places(self, vary: Variations) -> NDArray[np.float64]:
        """The points as places in the unit cube (points, settings), path after path."""
        from SALib.sample import morris

        drawn: NDArray[np.float64] = morris.sample(problem(vary), self.paths, num_levels=self.levels, seed=self.seed)
        return drawn


@dataclass(frozen=True)
class Explicit:
    """The settings that are listed, run as they are."""

    points: tuple[Mapping[str, Any], ...]
    """For each point, values by the dotted path of their setting."""

    def __post_init__(self) -> None:
        if not self.points:
            raise InputError("points", "an empty list", "at least one point")

    def __call__(self, vary: Variations) -> Sequence[Point]:
        if vary:
            raise InputError("vary", "settings that vary", "none beside a list of points")
        return self.points


def placed(vary: Variations, unit: NDArray[np.float64]) -> Sequence[Point]:
    """Places in the unit cube (points, settings) as values by path."""
    return [{path: vary[path](float(u)) for path, u in zip(vary, row, strict=True)} for row in unit]


def problem(vary: Iterable[str]) -> dict[str, Any]:
    """What SALib calls a problem: settings by name, all from 0 to 1."""
    names = list(vary)
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def _power_of_two(size: int) -> None:
    if size & (size - 1):
        below = 1 << (size.bit_length() - 1)
        raise InputError("size", size, f"a power of two, such as {below} or {2 * below}")


DESIGNS: Mapping[str, type[Design]] = {
    "grid": Grid,
    "random": Random,
    "latin_hypercube": LatinHypercube,
    "sobol": Sobol,
    "saltelli": Saltelli,
    "morris": Morris,
    "explicit": Explicit,
}
