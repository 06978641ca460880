"""Variations: which values a setting takes over a sweep. `VARIATIONS` lists them.

Every variation has a value at each place u from 0 to 1, so that any design can draw from it: u uniform gives the
variation's own distribution. One with `levels` has only so many values, and can stand in a grid.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from scipy.special import ndtri

from ...ml_tasks.settings import Checked, InputError, Positive, PositiveCount

_TAIL = 0.005
"""Distributions without ends are cut here at both: a design that goes to the ends of every setting stays finite."""
MOST_LEVELS = 100_000


class Variation(Protocol):
    """A place from 0 to 1 -> the setting's value."""

    @property
    def levels(self) -> Sequence[Any] | None:
        """All values, in order; None where there are more than can be listed."""

    def __call__(self, u: float) -> Any: ...


class _Levels:
    """Mixin: each level has the same share of the places from 0 to 1."""

    levels: Sequence[Any]

    def __call__(self, u: float) -> Any:
        return self.levels[min(int(u * len(self.levels)), len(self.levels) - 1)]


@dataclass(frozen=True)
class Listed(_Levels, Checked):
    """These values, each as likely as the others; in a sweep file simply a list."""

    values: tuple[Any, ...]
    """The values: numbers, words, lists or whole sections."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.values:
            raise InputError("values", "an empty list", "at least one value")

    @property
    def levels(self) -> Sequence[Any]:  # type: ignore[override]
        return self.values


@dataclass(frozen=True)
class Range(_Levels, Checked):
    """Numbers at equal distances; in a sweep file `from: 0.1, to: 0.5, step: 0.1` or `from: 0, to: 1, count: 5`."""

    low: float
    """The first number; `from` in a sweep file."""
    high: float
    """The last number, or what the last does not exceed; `to` in a sweep file."""
    step: Positive | None = None
    """Distance from one to the next; or else `count`."""
    count: PositiveCount | None = None
    """How many numbers; or else `step`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.low <= self.high:
            raise InputError("high", self.high, f"a number of at least {self.low:g}")
        if (self.step is None) == (self.count is None):
            found = "neither step nor count" if self.step is None else "both step and count"
            raise InputError("", found, "one of step and count")
        if self.step is not None and (self.high - self.low) / self.step > MOST_LEVELS:
            raise InputError("step", self.step, f"a step that gives at most {MOST_LEVELS:,} numbers")
        if self.count is not None and not (2 if self.high > self.low else 1) <= self.count <= MOST_LEVELS:
            raise InputError("count", self.count, f"a number from 2 to {MOST_LEVELS:,}, or 1 where both ends are alike")

    @property
    def levels(self) -> Sequence[Any]:  # type: ignore[override]
        steps = self.count - 1 if self.count else math.floor((self.high - self.low) / (self.step or 1.0) + 1e-9)
        step = self.step if self.step is not None else (self.high - self.low) / max(steps, 1)
        # Whole numbers stay whole; others lose the dust that adding steps leaves (0.30000000000000004).
        whole = float(self.low).is_integer() and float(step).is_integer()
        numbers = [self.low + i * step for i in range(steps + 1)]
        return [int(x) if whole else float(f"{x:.12g}") for x in numbers]


@dataclass(frozen=True)
class Uniform(Checked):
    """Any number between two, all as likely."""

    low: float
    """The lowest number."""
    high: float
    """The highest number."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _ordered(self.low, self.high)

    levels = None

    def __call__(self, u: float) -> float:
        return self.low + u * (self.high - self.low)


@dataclass(frozen=True)
class LogUniform(Checked):
    """Any number between two above 0, all orders of magnitude as likely."""

    low: Positive
    """The lowest number."""
    high: Positive
    """The highest number."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _ordered(self.low, self.high)

    levels = None

    def __call__(self, u: float) -> float:
        return min(max(self.low * math.pow(self.high / self.low, u), self.low), self.high)


@dataclass(frozen=True)
class Normal(Checked):
    """A normal distribution, without the outermost half per cent at either end."""

    mean: float
    """Its mean."""
    sd: Positive
    """Its standard deviation, before it is cut."""

    levels = None

    def __call__(self, u: float) -> float:
        return self.mean + self.sd * float(ndtri(_TAIL + u * (1 - 2 * _TAIL)))


@dataclass(frozen=True)
class Triangular(Checked):
    """Any number between two, more likely the nearer to a third between them."""

    low: float
    """The lowest number."""
    mode: float
    """The likeliest number."""
    high: float
    """The highest number."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _ordered(self.low, self.high)
        if not self.low <= self.mode <= self.high:
            raise InputError("mode", self.mode, f"a number from {self.low:g} to {self.high:g}")

    levels = None

    def __call__(self, u: float) -> float:
        width, below = self.high - self.low, self.mode - self.low
        if u * width <= below:
            return self.low + math.sqrt(u * width * below)
        return self.high - math.sqrt((1 - u) * width * (self.high - self.mode))


def _ordered(low: float, high: float) -> None:
    if not low < high:
        raise InputError("high", high, f"a number above {low:g}")


VARIATIONS: Mapping[str, type[Variation]] = {
    "list": Listed,
    "range": Range,
    "uniform": Uniform,
    "log_uniform": LogUniform,
    "normal": Normal,
    "triangular": Triangular,
}
