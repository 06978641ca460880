"""Dividends: from the values of people to what each is paid out of a pot.

The contract of every dividend: it pays out the whole pot (to 1e-12 of it), charges nobody, and pays people
with equal values (and equal records, where it looks at records) the same. Values may be negative. Each
dividend is a rule for non-negative *weights*; the pot is split in proportion to them. Where all weights are
zero the pot is split equally, and `pay` flags it as a fallback.

values: a `Values` or any flat sequence of finite numbers, n people, any unit. pot: money, 0 or more; one from
1e-280 to 1e300, so that floats can split it. records: n finite numbers of 0 or more, needed by `per_record`
alone. An empty group is paid an empty array, so its pot stays unpaid. Anything else raises InputError.

Weights and worked example, (-1, 0, 1): [VLZH19] and its author's 2023 talk.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Protocol

import numpy as np

from ..ml_tasks.settings import Checked, InputError, Interval
from .values import FloatArray, ValuesLike, finite_array, scaled

SMALLEST_POT, LARGEST_POT = 1e-280, 1e300


class Dividend(Protocol):
    """Called, it gives the payouts (n,) in the unit of the pot; its rule is `weights` (n,), none negative."""

    def weights(self, x: FloatArray, records: FloatArray | None) -> FloatArray: ...

    def __call__(self, values: ValuesLike, pot: float, records: ValuesLike | None = None) -> FloatArray: ...


@dataclass(frozen=True, eq=False)
class Payout:
    """payouts: array (n,), in the unit of the pot. fallback: all weights were zero, so the split is equal."""

    payouts: FloatArray
    fallback: bool


def pay(dividend: Dividend, values: ValuesLike, pot: float, records: ValuesLike | None = None) -> Payout:
    """Split `pot` by the weights of `dividend`, equally if all are zero; the contract is the module's."""
    x, amount, counts = finite_array(values), _pot(pot), _records(records)
    if counts is not None and counts.size != x.size:
        raise InputError("records", f"{counts.size} numbers", f"one for each of {x.size} values")
    if x.size == 0:
        return Payout(np.empty(0), fallback=False)
    weights = scaled(dividend.weights(x, counts)) + 0.0  # or a weight of -0.0 would be paid -0.0
    fallback = not weights.any()
    if fallback:
        weights = np.ones(x.size)
    return Payout(amount * (weights / weights.sum()), fallback)


class _PaysByWeight(Checked):
    """The calling half of every dividend: the payouts alone."""

    def __call__(self: Dividend, values: ValuesLike, pot: float, records: ValuesLike | None = None) -> FloatArray:
        return pay(self, values, pot, records).payouts


@dataclass(frozen=True)
class Equal(_PaysByWeight):
    """Everyone the same, whatever their value."""

    def weights(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        return np.ones(x.size)


@dataclass(frozen=True)
class PerRecord(_PaysByWeight):
    """The same for each record a person contributed, whatever its value."""

    def weights(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        if records is None:
            raise InputError("records", "none", "the number of records of each person, which per_record pays for")
        return records


@dataclass(frozen=True)
class Shift(_PaysByWeight):
    """How far a value lies above the lowest: x - min x, so the lowest is paid nothing [VLZH19]."""

    def weights(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        x = scaled(x)
        return x - float(x.min())


@dataclass(frozen=True)
class ShiftIfNegative(_PaysByWeight):
    """As shift if any value is negative, else in proportion: x - min(0, min x) [VLZH19, 2023]."""

    def weights(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        x = scaled(x)
        return x - min(0.0, float(x.min()))


@dataclass(frozen=True)
class Absolute(_PaysByWeight):
    """The size of a value, whether it helps or harms: |x| [VLZH19]."""

    def weights(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        return np.abs(x)


@dataclass(frozen=True)
class Clip(_PaysByWeight):
    """Positive values in proportion, nothing for the others: max(x, 0) [VLZH19]."""

    def weights(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        return np.where(x > 0, x, 0.0)


@dataclass(frozen=True)
class Binning(_PaysByWeight):
    """Two pay bands: people at or above the median get `ratio` times what the rest get [VLZH19]."""

    ratio: Annotated[float, Interval(gt=0, le=1e6)] = 2.0

    def weights(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        # No value lies between the two middle ones, so the upper of them decides as their mean would,
        # but without rounding or overflow.
        upper_middle = np.sort(x)[x.size // 2]
        return np.where(x >= upper_middle, self.ratio, 1.0)


@dataclass(frozen=True)
class Binarize(_PaysByWeight):
    """The same to everyone whose value is positive, nothing to the others [VLZH19, 2023]."""

    def weights(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        return np.where(x > 0, 1.0, 0.0)


@dataclass(frozen=True)
class Proportional(_PaysByWeight):
    """In proportion to the values: x / sum x. One negative value and proportions mean nothing: all weights
    are then zero, so the split is equal and flagged. To count negatives as 0 instead, choose clip."""

    def weights(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        return np.zeros(x.size) if (x < 0).any() else x


DIVIDENDS: dict[str, type[Any]] = {
    "equal": Equal,
    "per_record": PerRecord,
    "shift": Shift,
    "shift_if_negative": ShiftIfNegative,
    "absolute": Absolute,
    "clip": Clip,
    "binning": Binning,
    "binarize": Binarize,
    "proportional": Proportional,
}


def _pot(pot: float) -> float:
    expected = f"0 or an amount of money from {SMALLEST_POT:g} to {LARGEST_POT:g}"
    try:
        amount = float(pot)
    except (TypeError, ValueError, OverflowError):
        raise InputError("pot", repr(pot), expected) from None
    if amount != 0 and not SMALLEST_POT <= amount <= LARGEST_POT:
        raise InputError("pot", amount, expected)
    return abs(amount)


def _records(records: ValuesLike | None) -> FloatArray | None:
    if records is None:
        return None
    counts = finite_array(records, "records")
    if (counts < 0).any():
        raise InputError("records", counts.min(), "numbers of 0 or more")
    return counts
