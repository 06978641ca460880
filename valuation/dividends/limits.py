"""Dividends that bound another: a floor under everyone, a cap over everyone."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ...ml_tasks.settings import InputError, Share
from ..values import FloatArray, scaled
from .curves import Rank
from .dividend import PaysByWeight
from .published import Absolute, Binarize, Clip, Equal, PerRecord, Proportional, Shift, ShiftIfNegative

By = Literal["per_record", "shift", "shift_if_negative", "absolute", "clip", "binarize", "proportional", "rank"]
BOUNDED: dict[By, type[Any]] = {
    "per_record": PerRecord,
    "shift": Shift,
    "shift_if_negative": ShiftIfNegative,
    "absolute": Absolute,
    "clip": Clip,
    "binarize": Binarize,
    "proportional": Proportional,
    "rank": Rank,
}
"""The dividends without settings, which a floor or a cap may bound. Equal needs neither."""


@dataclass(frozen=True)
class FloorPlusShare(PaysByWeight):
    """A part of the pot to all alike, the rest by another dividend. Where that gives nobody any weight, neither does
    this: an equal split, flagged."""

    floor: Share = 0.5
    """Share of the pot that is paid to all alike. Unlike a charter's public share, to the group's own people only."""
    by: By = "clip"
    """The dividend by which the rest of the pot is split."""

    @property
    def preserves(self) -> frozenset[str]:
        kept: frozenset[str] = BOUNDED[self.by].preserves
        if self.floor == 1:
            return Equal.preserves
        return kept - {"zero", "sum"} if self.floor > 0 else kept

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        weights = scaled(BOUNDED[self.by]().weigh(x, records))
        if not weights.any():
            return weights
        shares: FloatArray = weights / weights.sum()
        return self.floor / x.size + (1 - self.floor) * shares


@dataclass(frozen=True)
class Cap(PaysByWeight):
    """By another dividend, but nobody more than `limit` times the mean payout, pot / n.

    What is over the cap is shared again among those under it, in proportion, until nobody is over it (water-filling).
    Once everyone with any weight is at the cap, the rest is shared equally among those without, since the pot is
    to be paid out whole. Where nobody has any weight: an equal split, flagged.
    """

    limit: float = 2.0
    """Times the mean payout, 1 or more; 1 pays all alike. For a cap in money: that amount times n / pot."""
    by: By = "clip"
    """The dividend that is capped."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.limit < math.inf:
            expected = "1 or more times the mean payout (under a cap below pot / n the pot cannot be paid out whole)"
            raise InputError("limit", self.limit, expected)

    @property
    def preserves(self) -> frozenset[str]:
        return Equal.preserves if self.limit == 1 else BOUNDED[self.by].preserves - {"zero", "sum"}

    def weigh(self, x: FloatArray, records: FloatArray | None) -> FloatArray:
        weights = scaled(BOUNDED[self.by]().weigh(x, records))
        return capped(weights, self.limit / x.size) if weights.any() else weights


def capped(weights: FloatArray, cap: float) -> FloatArray:
    """Shares (n,) of 1 in proportion to weights, not all zero, but none over `cap`, which is at least 1 / n.

    Computed for each different weight, heaviest first, so that equal weights get equal shares to the bit.
    """
    levels, place, people = np.unique(weights, return_inverse=True, return_counts=True)
    levels, people = levels[::-1], people[::-1]
    tails = np.cumsum((levels * people)[::-1])[::-1]  # the weight of this level and all lighter ones
    left = 1 - cap * (np.cumsum(people) - people)  # of the pot, with all heavier ones at the cap
    some = levels > 0
    fits = np.zeros(levels.size, dtype=bool)
    fits[some] = left[some] * (levels[some] / tails[some]) <= cap
    shares = np.full(levels.size, cap)
    if fits.any():
        first = int(fits.argmax())
        shares[first:] = np.minimum(cap, left[first] * (levels[first:] / tails[first]))
    elif not some.all():
        shares[-1] = min(cap, max(0.0, left[-1]) / people[-1])
    return shares[::-1][place]
