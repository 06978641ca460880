"""The minimum payout: amounts too small to be worth sending are shared again among the rest."""

import math
from typing import Any

import numpy as np

from ...ml_tasks.settings import InputError
from ..values import FloatArray, finite_array, scaled

_SLACK = 1e-12  # a third of .3 is a hair under .1, and is not to be refused for it


def with_minimum(payouts: FloatArray, minimum: float) -> tuple[FloatArray, int, bool]:
    """Payouts (n,) of which none is above 0 and under `minimum`; how many were; whether nobody could reach it.

    From the smallest up, amounts under the minimum are shared again among those left, in proportion to their own,
    until everyone left has the minimum: as many people as possible are paid. People with the same amount stay or
    go together. The order and the sum stay. Where even the best paid cannot reach the minimum (they are too many,
    or it is more than all the money), the payouts stay as they are, for the money is to be paid out whole.

    One look is enough: of the k best paid, the least gets sum x p_k / (p_1 + ... + p_k), which falls in k, since p_k
    falls and the sum below it grows; so the k to keep is the last at which that reaches the minimum.
    """
    amounts, least = finite_array(payouts, "payouts"), _money(minimum)
    if (amounts < 0).any():
        raise InputError("payouts", amounts.min(), "amounts of 0 or more")
    total = float(amounts.sum())
    positive = amounts > 0
    if least == 0 or not positive.any() or amounts[positive].min() >= least * (1 - _SLACK):
        return amounts, 0, False
    levels, place, people = np.unique(scaled(amounts), return_inverse=True, return_counts=True)
    levels, people = levels[::-1], people[::-1]  # best paid first
    heads = np.cumsum(levels * people)
    kept = np.flatnonzero(total * (levels / heads) >= least * (1 - _SLACK))
    if kept.size == 0:
        return amounts, 0, True
    shares = np.where(np.arange(levels.size) <= kept[-1], levels / heads[kept[-1]], 0.0)
    return total * shares[::-1][place], int(people[kept[-1] + 1 :][levels[kept[-1] + 1 :] > 0].sum()), False


def _money(minimum: Any) -> float:
    expected = "an amount of money, 0 or more"
    try:
        amount = float(minimum)
    except (TypeError, ValueError, OverflowError):
        raise InputError("minimum", repr(minimum), expected) from None
    if not 0 <= amount < math.inf:
        raise InputError("minimum", amount, expected)
    return amount
