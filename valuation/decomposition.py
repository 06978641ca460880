"""Decomposition: whom inequality lies between, by any attribute of people, and what a dividend does to incomes.

x: payouts or other amounts of n people, none negative unless `negatives` says otherwise (see `inequality`).
labels: the group of each person, n hashable labels none of which is missing; groups are listed by name.
weights: as in `inequality`. What has no value is a `Measured` with its reason; unfit input raises InputError.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import InputError
from .inequality import Measured, Negatives, gini, hoover, power_of_two, theil
from .values import FloatArray, ValuesLike, finite_array, scaled

if TYPE_CHECKING:
    import pandas as pd

Labels = Sequence[Any] | NDArray[Any]


@dataclass(frozen=True)
class TheilPart:
    """One group's part in Theil's T: s ln(s / p) between groups, s times its own T within."""

    people_share: float
    """p."""
    share: float
    """s, of the total."""
    theil: float
    between: float
    within: float


@dataclass(frozen=True)
class TheilParts:
    """T = between + within, and each group's parts. `between` is never negative; a group's part of it may be."""

    total: float
    between: float
    within: float
    groups: dict[Any, TheilPart]

    def to_frame(self) -> "pd.DataFrame":
        """One row a group."""
        import pandas as pd  # here, so that the command line need not load it

        return pd.DataFrame([{"group": name, **vars(part)} for name, part in self.groups.items()])


@dataclass(frozen=True)
class MedianRatios:
    """Median of the others against the median of the largest group, the majority.

    minority: everybody outside the majority taken together. groups: each other group by itself.
    """

    majority: Any
    minority: Measured
    groups: dict[Any, Measured]


@dataclass(frozen=True)
class Change:
    """One measure of income alone (`before`) and of income plus dividend (`after`)."""

    before: float
    after: float

    @property
    def change(self) -> float:
        """Below 0: incomes with the dividend are more equal."""
        return self.after - self.before


def theil_by_group(
    x: ValuesLike, labels: Labels, negatives: Negatives = "raise", weights: ValuesLike | None = None
) -> TheilParts:
    """Theil's T split by group: T = sum s_g ln(s_g / p_g) + sum s_g T_g, 0 ln 0 = 0 [PUBLISHED, section 5].

    s_g: a group's share of the total; p_g: of people. If nobody has anything, everyone is equal and all is 0; of
    nobody, all is nan and there are no groups.
    """
    total = theil(x, negatives, weights)
    amounts, counts, names, codes = _members(x, labels, weights)
    if not names:
        return TheilParts(math.nan, math.nan, math.nan, {})
    people = np.bincount(codes, counts) / counts.sum()
    owned = np.bincount(codes, amounts * counts)
    share = owned / owned.sum() if owned.sum() > 0 else people
    parts = {}
    for g, name in enumerate(names):
        own = theil(amounts[codes == g], weights=counts[codes == g])
        between = float(share[g] * math.log(share[g] / people[g])) if share[g] > 0 else 0.0
        parts[name] = TheilPart(float(people[g]), float(share[g]), own, between, float(share[g] * own))
    between = max(math.fsum(part.between for part in parts.values()), 0.0)
    return TheilParts(total, between, math.fsum(part.within for part in parts.values()), parts)


def median_ratios(
    x: ValuesLike, labels: Labels, negatives: Negatives = "raise", weights: ValuesLike | None = None
) -> MedianRatios:
    """Median payout of every other group, and of all others together, over the median payout of the majority.

    The majority is the group of most people; of groups of the same size, the first by name. The ratio is blank where
    the majority's median is 0 and where everyone is of the majority. With weights, the median is that of the numbers
    repeated (halfway between two where half of the people are below).
    """
    theil(x, negatives, weights)  # refuses what cannot be used
    amounts, counts, names, codes = _members(x, labels, weights)
    if not names:
        return MedianRatios(None, Measured(math.nan, "there is nobody"), {})
    first = int(np.bincount(codes, counts).argmax())
    base = _median(amounts[codes == first], counts[codes == first])
    groups = {
        name: _ratio(_median(amounts[codes == g], counts[codes == g]), base, names[first])
        for g, name in enumerate(names)
        if g != first
    }
    if not groups:
        return MedianRatios(names[first], Measured(math.nan, f"everyone is of the group {names[first]!r}"), groups)
    others = _median(amounts[codes != first], counts[codes != first])
    return MedianRatios(names[first], _ratio(others, base, names[first]), groups)


def income_change(
    income: ValuesLike, dividend: ValuesLike, negatives: Negatives = "raise", weights: ValuesLike | None = None
) -> dict[str, Change]:
    """Gini and Hoover of income alone and of income plus dividend, both in the same unit of money and period."""
    before, paid = finite_array(income, "income"), finite_array(dividend, "dividend")
    if before.size != paid.size:
        raise InputError("dividend", f"{paid.size} numbers", f"one for each of {before.size} incomes")
    with np.errstate(over="ignore"):
        after = finite_array(before + paid, "income + dividend")
    measures = {"gini": gini, "hoover": hoover}
    try:
        return {
            name: Change(of(before, negatives, weights), of(after, negatives, weights)) for name, of in measures.items()
        }
    except InputError as error:
        raise (error.within("income") if error.where == "x" else error) from None


def _members(
    x: ValuesLike, labels: Labels, weights: ValuesLike | None
) -> tuple[FloatArray, FloatArray, list[Any], NDArray[np.int64]]:
    """Of those who count: amounts and numbers of people, relative to the largest; groups by name; whose is whose.

    For x and weights that a measure has accepted, so that negative amounts are to be clipped.
    """
    amounts = np.maximum(finite_array(x, "x"), 0.0)
    counts = np.ones(amounts.size) if weights is None else finite_array(weights, "weights")
    codes, found = _coded(labels, amounts.size)
    there = counts > 0
    amounts, counts, codes = amounts[there], counts[there], codes[there]
    held = sorted(np.unique(codes), key=lambda g: (str(found[g]), repr(found[g])))
    rank = np.zeros(len(found), dtype=np.int64)
    rank[held] = np.arange(len(held))
    if amounts.size:
        amounts, counts = scaled(amounts), counts / power_of_two(counts)
    return amounts, counts, [found[g] for g in held], rank[codes] if amounts.size else codes


def _coded(labels: Labels, n: int) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """A number for each person's label, and the labels by number."""
    import pandas as pd  # here, so that the command line need not load it

    column = np.empty(len(labels), dtype=object)
    column[:] = list(labels)
    if column.size != n:
        raise InputError("labels", f"{column.size} labels", f"one for each of {n} people")
    codes, found = pd.factorize(column)
    if (codes < 0).any():
        where = int(np.flatnonzero(codes < 0)[0])
        raise InputError("labels", f"none at position {where}", "a label for each person, such as 'unknown'")
    return codes.astype(np.int64), found


def _median(amounts: FloatArray, counts: FloatArray) -> float:
    """The weighted median: where half of the people are below, halfway to the next."""
    order = np.argsort(amounts)
    below = np.cumsum(counts[order])
    half = below[-1] / 2
    at = int(np.searchsorted(below, half * (1 - 1e-12)))
    reached = below[at] <= half * (1 + 1e-12) and at + 1 < order.size
    return float((amounts[order[at]] + amounts[order[at + 1]]) / 2) if reached else float(amounts[order[at]])


def _ratio(median: float, base: float, majority: object) -> Measured:
    if base == 0:
        return Measured(math.nan, f"the median of the majority, {majority!r}, is 0")
    with np.errstate(over="ignore"):
        ratio = float(np.divide(median, base))
    if math.isinf(ratio):
        return Measured(math.nan, f"the median of the majority, {majority!r}, is too near 0 to divide by")
    return Measured(ratio)
