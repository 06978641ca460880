"""The published dividends [VLZH19] and its author's 2023 talk, with the plain ones they are compared to."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...ml_tasks.settings import InputError, NonNegative
from ..values import FloatArray, scaled
from .dividend import PaysByWeight


@dataclass(frozen=True)
class Equal(PaysByWeight):
    """Everyone the same, whatever their value."""

    preserves: ClassVar[frozenset[str]] = frozenset(
        {"order", "equal_treatment", "scale_invariance", "shift_invariance"}
    )

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        return np.ones(x.size)


@dataclass(frozen=True)
class PerRecord(PaysByWeight):
    """The same for each record a person contributed, whatever its value."""

    preserves: ClassVar[frozenset[str]] = frozenset({"scale_invariance", "shift_invariance"})

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        if records is None:
            raise InputError("records", "none", "the number of records of each person, which per_record pays for")
        return records


@dataclass(frozen=True)
class Shift(PaysByWeight):
    """How far a value lies above the lowest: x - min x, so the lowest is paid nothing [VLZH19]."""

    preserves: ClassVar[frozenset[str]] = frozenset(
        {"order", "equal_treatment", "scale_invariance", "shift_invariance"}
    )

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        x = scaled(x)
        return x - float(x.min())


@dataclass(frozen=True)
class ShiftIfNegative(PaysByWeight):
    """As shift if any value is negative, else in proportion: x - min(0, min x) [VLZH19, 2023]."""

    preserves: ClassVar[frozenset[str]] = frozenset({"order", "sum", "equal_treatment", "scale_invariance"})

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        x = scaled(x)
        return x - min(0.0, float(x.min()))


@dataclass(frozen=True)
class Absolute(PaysByWeight):
    """The size of a value, whether it helps or harms: |x| [VLZH19]."""

    preserves: ClassVar[frozenset[str]] = frozenset({"zero", "sum", "equal_treatment", "scale_invariance"})

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        return np.abs(x)


@dataclass(frozen=True)
class Clip(PaysByWeight):
    """Positive values in proportion, nothing for the others: max(x, 0) [VLZH19]."""

    preserves: ClassVar[frozenset[str]] = frozenset({"order", "zero", "sum", "equal_treatment", "scale_invariance"})

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        return np.where(x > 0, x, 0.0)


@dataclass(frozen=True)
class Binning(PaysByWeight):
    """Pay bands: people are put into as many bins as there are weights, and paid the weight of their bin. The
    default is the published one: at or above the median, twice what the rest get [VLZH19].

    Bin j of k begins at the quantile j/k: at most the share j/k of people lie below it, equal values are in one bin
    (the upper), and where no values are equal the bins differ by at most one person.
    """

    weights: tuple[NonNegative, ...] = (1.0, 2.0)
    """Of the bins, lowest first; at least one must be above 0. If they fall anywhere, a larger value may be paid
    less."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.weights and all(0 <= w < math.inf for w in self.weights) and any(self.weights)):
            raise InputError("weights", list(self.weights), "finite numbers of 0 or more, at least one above 0")

    @property
    def preserves(self) -> frozenset[str]:
        rising = all(low <= high for low, high in zip(self.weights, self.weights[1:], strict=False))
        return Equal.preserves if rising else Equal.preserves - {"order"}

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        # Where the quantile lies between two values the upper of them decides as their mean would, for nobody lies
        # between; but without rounding or overflow.
        k = len(self.weights)
        edges = np.sort(x)[x.size * np.arange(1, k) // k]
        weights: FloatArray = np.array(self.weights, dtype=float)[np.searchsorted(edges, x, side="right")]
        return weights


@dataclass(frozen=True)
class Binarize(PaysByWeight):
    """The same to everyone whose value is positive, nothing to the others [VLZH19, 2023]."""

    preserves: ClassVar[frozenset[str]] = frozenset({"order", "zero", "equal_treatment", "scale_invariance"})

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        return np.where(x > 0, 1.0, 0.0)


@dataclass(frozen=True)
class Proportional(PaysByWeight):
    """In proportion to the values: x / sum x. One negative value and proportions mean nothing: all weights
    are then zero, so the split is equal and flagged. To count negatives as 0 instead, choose clip."""

    preserves: ClassVar[frozenset[str]] = frozenset({"order", "zero", "sum", "equal_treatment", "scale_invariance"})

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        return np.zeros(x.size) if (x < 0).any() else x
