"""A dividend, the laws it may keep, and how it is paid; the contract is in the package's docstring."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ...ml_tasks.settings import Checked, InputError
from ..values import FloatArray, ValuesLike, finite_array, scaled
from .minimum import with_minimum

SMALLEST_POT, LARGEST_POT = 1e-280, 1e300

LAWS = {
    "order": "a larger value is never paid less",
    "zero": "a value of 0 is paid nothing, unless nobody has any weight (fallback)",
    "sum": "a pot of the size of the sum of the values, none negative, pays everyone their value",
    "equal_treatment": "equal values are paid equally, whatever else sets people apart",
    "scale_invariance": "multiplying all values by one positive number changes no payout",
    "shift_invariance": "adding one number to all values changes no payout",
}
"""The words of `preserves`. A law counts as kept only if it holds for all values, records and pots."""


class Dividend(Protocol):
    """Called, it gives the payouts (n,) in the unit of the pot; its rule is `weigh` (n,), none negative."""

    @property
    def preserves(self) -> frozenset[str]:
        """The words of LAWS that hold under these settings; those left out fail for some values."""

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray: ...

    def __call__(self, values: ValuesLike, pot: float, records: ValuesLike | None = None) -> FloatArray: ...


@dataclass(frozen=True, eq=False)
class Payout:
    """payouts: array (n,), in the unit of the pot. fallback: all weights were zero, so the split is equal.

    under: how many people had an amount, but one under the minimum, that was shared again among the rest.
    unmet: nobody could be paid the minimum, so the payouts are those without it.
    """

    payouts: FloatArray
    fallback: bool
    under: int = 0
    unmet: bool = False


def pay(
    dividend: Dividend, values: ValuesLike, pot: float, records: ValuesLike | None = None, minimum: float = 0.0
) -> Payout:
    """Split `pot` by the weights of `dividend`, equally if all are zero; the contract is the package's.

    minimum: money, 0 or more; amounts under it are shared again among the rest, as `with_minimum` says.
    """
    x, amount, counts = finite_array(values), _pot(pot), _records(records)
    if counts is not None and counts.size != x.size:
        raise InputError("records", f"{counts.size} numbers", f"one for each of {x.size} values")
    if x.size == 0:
        with_minimum(x, minimum)  # a minimum that is no amount of money is refused here too
        return Payout(np.empty(0), fallback=False)
    weights = scaled(dividend.weigh(x, counts)) + 0.0  # or a weight of -0.0 would be paid -0.0
    fallback = not weights.any()
    if fallback:
        weights = np.ones(x.size)
    payouts, under, unmet = with_minimum(amount * (weights / weights.sum()), minimum)
    return Payout(payouts, fallback, under, unmet)


class PaysByWeight(Checked):
    """The calling half of every dividend: the payouts alone."""

    def __call__(self: Dividend, values: ValuesLike, pot: float, records: ValuesLike | None = None) -> FloatArray:
        return pay(self, values, pot, records).payouts


def by_level(x: FloatArray, rule: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """The weights of a rule that never falls, computed once for each different value of x, ascending.

    So equal values get one weight to the bit, and the rounding of a power or an exponential turns no order.
    """
    levels, place = np.unique(x, return_inverse=True)
    weights: FloatArray = np.maximum.accumulate(rule(levels))[place]
    return weights


def _pot(pot: Any) -> float:
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
