"""Margins: by how few ballots a vote was decided.

A linear rule's conditions are linear in the votes (see `rules.linear`), so how far changing a ballot can move a
condition is a number: its gain. Unseating a winner takes one broken condition; electing another option takes all of
that option's conditions at once, and one kind of ballot, for that option alone, serves all of them best. Either way
the margin is a covering problem: the fewest ballots whose gains add up to what is needed.

Under the other rules no single kind of ballot serves an option best, and there is no margin here: finding it is
NP-complete for Copeland and instant runoff [X12], and so is electing an option by Borda with few ballots [DKNW11].

[X12] Xia, Computing the margin of victory for various voting rules, EC 2012. [DKNW11] Davies, Katsirelos, Narodytska &
Walsh, Complexity of and algorithms for Borda manipulation, AAAI 2011.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog

from .rules import Floats, Linear, Rule
from .rules.linear import conditions, elected, votes
from .rules.rule import profile

_FINEST = 10_000
"""Largest denominator in which weights are looked for as multiples of a common unit."""
_LARGEST = 1e8
"""Largest total weight in such units; beyond it the rules' rounding would swallow a unit."""
_ROUNDING = 1e-3
"""What a need in whole units gives way, so that no priced sum that just reaches it is lost to rounding."""
_PATIENCE = 20_000
"""Linear programs after which the search gives up; the hardest of 10,000 random votes took 2,000."""


def margin(rule: Rule, ballots: ArrayLike, weights: ArrayLike | None = None) -> int | None:
    """The fewest ballots that would have changed the winner, had they been other ballots or abstentions.

    A ballot is one member's row, cast or not, and keeps its weight. None if no change of ballots changes the winner
    (no members, no weight, a single option), and for every rule for which margins are not worked out (see above: all
    but plurality, majority, supermajority, approval and score). Exact: RuntimeError rather than a number that cannot
    be proved.
    """
    ratings, heft = profile(ballots, weights)
    linear = _linear(rule)
    if linear is None or not heft.any():
        return None
    return _margin(linear, ratings, heft)


def _linear(rule: Rule) -> Linear | None:
    """The rule if one ballot helps an option most against every other."""
    return cast(Linear, rule) if getattr(rule, "bullet", False) else None


def _margin(rule: Linear, ratings: Floats, heft: Floats) -> int | None:
    kinds, counts = _kinds(np.column_stack([votes(rule, ratings), heft]))
    seen, heft = kinds[:, :-1], _in_units(kinds[:, :-2], kinds[:, -1], counts)
    fewest = math.inf
    for way in sorted(_ways(rule, seen, heft, counts), key=lambda way: way.at_least):
        if way.at_least < fewest:
            fewest = min(fewest, way.fewest(fewest))
    return int(fewest) if fewest < math.inf else None


def _kinds(table: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """The different rows, ascending, and how many there are of each: what np.unique finds by sorting all rows, by
    hashing. A million ballots are of few kinds."""
    kind = np.zeros(len(table), dtype=np.int64)
    for column in table.T:
        place = pd.factorize(column)[0]
        kind = pd.factorize(kind * (place.max() + 1) + place)[0]
    counts = np.bincount(kind)
    one = np.empty(len(counts), dtype=np.int64)
    one[kind] = np.arange(len(table))  # any of a kind
    order = np.lexsort(table[one].T[::-1])
    return table[one][order], counts[order]


@dataclass(frozen=True, eq=False)
class _Covering:
    """Choose ballots so that their gains (kinds, conditions) reach `needs`; there are `counts` of each kind."""

    gains: Floats
    needs: Floats
    counts: NDArray[np.int64]

    @cached_property
    def at_least(self) -> float:
        """Ballots needed for the hardest condition alone; inf if not even all ballots meet it."""
        columns = zip(self.gains.T, self.needs, strict=True)
        return max(_first(_running(gains, self.counts), need) for gains, need in columns)

    def fewest(self, limit: float) -> float:
        """Ballots needed for all conditions together, or inf if they are not under `limit`."""
        if len(self.needs) == 1:
            return self.at_least
        size = self.gains.max(axis=1)
        useful = size > 0
        gains, size, counts = self.gains[useful], size[useful], self.counts[useful]
        directions, which = np.unique((gains / size[:, None]).round(9), axis=0, return_inverse=True)
        if len(directions) > 2:
            return _search(gains, self.needs, counts, limit)
        parts = [_running(size[which == i], counts[which == i]) for i in (0, 1)]
        return _of_two(parts[0], parts[1], directions[0], directions[-1], self.needs)


def _ways(rule: Linear, seen: Floats, heft: Floats, counts: NDArray[np.int64]) -> Iterator[_Covering]:
    """Each way to another winner, from the kinds of ballots `seen` (as `votes` has them), with weights `heft`."""
    options = seen.shape[1] - 1
    totals, members = (counts * heft) @ seen, float(counts @ heft)
    alone = votes(rule, np.where(np.eye(options) == 1, np.inf, -np.inf))
    winner = elected(rule, totals, members)
    for option in (winner,) if winner else range(1, options):
        pairs = list(conditions(rule, option, options, members))
        rows, floors = np.array([row for row, _ in pairs]), np.array([floor for _, floor in pairs])
        spare = np.array([row @ totals for row in rows]) - floors  # one by one, to the bit as in `elected`
        if not winner:
            gains = heft[:, None] * ((alone[option] - seen) @ rows.T)
            short = spare < 0
            yield _Covering(gains[:, short].clip(0), -spare[short], counts)
            continue
        # The worst ballot for a condition is a vote for one other option or, for the quorum, none at all.
        worst = np.minimum((alone @ rows.T).min(axis=0), 0)
        gains = heft[:, None] * (seen @ rows.T - worst)
        for i in range(len(rows)):
            yield _Covering(gains[:, [i]], np.nextafter(spare[[i]], np.inf), counts)


def _running(gains: Floats, counts: NDArray[np.int64]) -> Floats:
    """What the best 0, 1, 2, ... ballots gain together."""
    return np.concatenate([[0.0], np.cumsum(np.sort(np.repeat(gains, counts))[::-1])])


def _first(running: Floats, need: float) -> float:
    place = int(np.searchsorted(running, need))
    return place if place < len(running) else math.inf


def _of_two(one: Floats, two: Floats, along_one: Floats, along_two: Floats, needs: Floats) -> float:
    """The fewest ballots when gains have two directions: so many of the first, and then what the second must add.

    In one direction the largest come first. Majorities need no more than this: there a ballot not for the option
    gains either as one cast or as one not cast.
    """
    left = needs - one[:, None] * along_one
    reach = np.where(along_two > 0, along_two, np.nan)
    need = np.where(left <= 0, 0.0, np.nan_to_num(left / reach, nan=np.inf)).max(axis=1)
    place = np.searchsorted(two, need)
    possible = place < len(two)
    return float(np.where(possible, np.arange(len(one)) + place, math.inf).min())


def _search(gains: Floats, needs: Floats, counts: NDArray[np.int64], limit: float) -> float:
    """The fewest ballots when gains have many directions, by branch and bound on how many of each kind.

    Linear programs only propose; what is accepted is checked against the conditions, and what is ruled out is ruled
    out by `_first`: for any prices of the conditions, ballots that meet them all are worth what is needed. An
    integer solver, which takes a condition as met when it is missed by a millionth, mistakes ties for leads.
    """
    gains, which = np.unique(gains, axis=0, return_inverse=True)
    counts = np.bincount(which.ravel(), weights=counts).astype(np.int64)
    gains, needs = _rounded(gains, needs)
    every: Any = np.column_stack([np.zeros_like(counts), counts])
    plan = linprog(np.ones(len(counts)), A_ub=-gains.T, b_ub=-needs, bounds=every)
    prices = np.ones(len(needs)) if plan.status else np.maximum(-plan.ineqlin.marginals, 0)
    ballots = _first(_running(gains @ prices, counts), float(prices @ needs))
    while ballots <= counts.sum() and ballots < limit:
        if _enough(int(ballots), gains, needs, counts):
            return ballots
        ballots += 1
    return math.inf


def _enough(ballots: int, gains: Floats, needs: Floats, counts: NDArray[np.int64]) -> bool:
    """Whether so many ballots can meet all conditions."""
    open_ranges = [(np.zeros_like(counts), counts)]
    for _ in range(_PATIENCE):
        if not open_ranges:
            return False
        low, high = open_ranges.pop()
        plan, prices = _most_spare(ballots, gains, needs, low, high)
        worth = gains @ prices
        if low @ worth + _running(worth, high - low)[ballots - low.sum()] < prices @ needs:
            continue
        if _completed(np.floor(plan + 1e-9).clip(low, high), ballots, gains, needs, high):
            return True
        undecided = np.where(low < high, np.abs(plan - plan.round()), -1)
        kind = int(np.argmax(undecided))
        if undecided[kind] >= 0:
            open_ranges += _split(low, high, kind, ballots, int(plan[kind]))
    raise RuntimeError(f"margin: cannot tell whether {ballots} ballots change the winner")


def _split(
    low: NDArray[np.int64], high: NDArray[np.int64], kind: int, ballots: int, at: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The range of choices cut in two at so many of one kind, less a part that cannot have so many ballots."""
    most, least = high.copy(), low.copy()
    most[kind] = min(max(at, low[kind]), high[kind] - 1)
    least[kind] = most[kind] + 1
    return [(lo, hi) for lo, hi in ((low, most), (least, high)) if lo.sum() <= ballots <= hi.sum()]


def _most_spare(
    ballots: int, gains: Floats, needs: Floats, low: NDArray[np.int64], high: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """The fractional choice that leaves the scarcest condition the most to spare, and the conditions' prices."""
    kinds, conditions = gains.shape
    ranges: Any = np.column_stack([np.append(low, -np.inf), np.append(high, np.inf)])
    plan = linprog(
        np.append(np.zeros(kinds), -1.0),
        A_ub=np.column_stack([-gains.T, np.ones(conditions)]),
        b_ub=-needs,
        A_eq=np.append(np.ones(kinds), 0.0)[None],
        b_eq=np.array([ballots]),
        bounds=ranges,
    )
    if plan.status:
        return low.astype(float), np.ones(conditions)
    return np.asarray(plan.x)[:-1], np.maximum(-plan.ineqlin.marginals, 0)


def _completed(chosen: Floats, ballots: int, gains: Floats, needs: Floats, high: NDArray[np.int64]) -> bool:
    """Whether the choice meets all conditions once filled up, each time with what helps the scarcest condition most."""
    for _ in range(ballots - int(chosen.sum())):
        spare = (chosen @ gains - needs + gains).min(axis=1)
        chosen[np.argmax(np.where(chosen < high, spare, -np.inf))] += 1
    return bool(chosen.sum() == ballots and (chosen @ gains >= needs).all())


def _rounded(gains: Floats, needs: Floats) -> tuple[Floats, Floats]:
    """Gains in the smallest unit of their condition, and needs in whole units; as they are if there is no unit."""
    whole = gains.round()
    if np.abs(gains - whole).max() > 1e-9 * gains.max():
        return gains, needs
    unit = np.gcd.reduce(whole.astype(np.int64), axis=0).astype(float)
    return whole / unit, np.ceil(needs / unit) - _ROUNDING


def _in_units(support: Floats, weights: Floats, counts: NDArray[np.int64]) -> Floats:
    """The weights in a unit that makes every vote a whole number if there is one, else with a mean of one.

    Only ratios of weights matter to a rule. In whole numbers the difference between a tie and a lead is plain.
    """
    smallest = weights[weights > 0].min()
    unit = common = 1
    for share in np.unique(support[support > 1 / _LARGEST]):
        if unit > _LARGEST:
            break
        unit = math.lcm(unit, round(1 / share))
    for ratio in np.unique(weights / smallest):
        if max(ratio, unit * common) > _LARGEST:
            break
        common = math.lcm(common, Fraction(ratio).limit_denominator(_FINEST).denominator)
    if unit * common <= _LARGEST:
        exact = weights / smallest * (unit * common)
        whole = exact.round()
        if np.abs(exact - whole).max() <= 1e-12 * whole.max() and counts @ whole <= _LARGEST:
            return np.asarray(whole)
    return np.asarray(weights * (counts.sum() / (counts @ weights)))
