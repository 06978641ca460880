"""Dividends that bend the values: by rank, power, exponential or logarithm.

Progressive is the analogue, for income from data, of a progressive tax: the payout for each further unit of
value falls. Any such schedule, c(v)/v falling in v, makes payouts more equal than the values by the whole Lorenz
curve, and only such a schedule does so for all values: Jakobsson, On the measurement of the degree of progression,
Journal of Public Economics 5, 1976 [J76]; Fellman, The effect of transformations on Lorenz curves, Econometrica 44,
1976 [F76]. The logarithm is Bernoulli's, 1738. A power below 1 is one too, with the same progression at every value
(constant residual progression: Musgrave & Thin, Journal of Political Economy 56, 1948).
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from ...ml_tasks.settings import Interval
from ..values import FloatArray, scaled
from .dividend import PaysByWeight, by_level
from .published import Clip


@dataclass(frozen=True)
class Rank(PaysByWeight):
    """By place alone: the lowest value weighs 1, the highest n, and equal values the mean of their places."""

    preserves: ClassVar[frozenset[str]] = frozenset(
        {"order", "equal_treatment", "scale_invariance", "shift_invariance"}
    )

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        _, place, people = np.unique(x, return_inverse=True, return_counts=True)
        ranks: FloatArray = (np.cumsum(people) - (people - 1) / 2)[place]
        return ranks


@dataclass(frozen=True)
class Power(PaysByWeight):
    """A power of the positive values, nothing for the others: max(x, 0) ** exponent."""

    exponent: Annotated[float, Interval(gt=0, le=100)] = 0.5
    """Below 1 payouts are more equal than the values, above 1 less equal; 1 is clip, near 0 it is binarize."""

    @property
    def preserves(self) -> frozenset[str]:
        return Clip.preserves if self.exponent == 1 else Clip.preserves - {"sum"}

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        return by_level(scaled(np.where(x > 0, x, 0.0)), lambda levels: levels**self.exponent)


@dataclass(frozen=True)
class Softmax(PaysByWeight):
    """exp(z / temperature) with z = x over the standard deviation of all values, so that no unit matters. Everyone is
    paid something; a value of one standard deviation more is paid exp(1 / temperature) times as much."""

    temperature: Annotated[float, Interval(ge=1e-3, le=1e6)] = 1.0
    """High: nearly equal. Low: nearly all to the highest."""

    preserves: ClassVar[frozenset[str]] = frozenset(
        {"order", "equal_treatment", "scale_invariance", "shift_invariance"}
    )

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        x = scaled(x)
        below = scaled(x - float(x.max()))  # from -1 to 0, so that neither squares nor exponentials can overflow
        spread = float(below.std())
        if spread == 0:
            return np.ones(x.size)
        return by_level(below, lambda levels: np.exp(levels / (spread * self.temperature)))


@dataclass(frozen=True)
class Progressive(PaysByWeight):
    """Less and less for each further unit of value: log(1 + x / (knee * median)) of the positive values, whose median
    that is; nothing for the others. Never less equal than clip [J76, F76]."""

    knee: Annotated[float, Interval(ge=1e-6, le=1e6)] = 1.0
    """The value, in medians of the positive values, at which a further unit is paid half of what the first is. Small:
    nearly as binarize; large: nearly as clip."""

    preserves: ClassVar[frozenset[str]] = frozenset({"order", "zero", "equal_treatment", "scale_invariance"})

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        x = scaled(np.where(x > 0, x, 0.0))
        if not x.any():
            return x
        median = float(np.median(x[x > 0]))
        with np.errstate(divide="ignore"):  # log 0 is -inf, whose weight is 0
            return by_level(x, lambda levels: np.logaddexp(0, np.log(levels) - np.log(median) - np.log(self.knee)))
