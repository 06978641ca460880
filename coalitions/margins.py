"""Margins: by how few ballots a vote was decided.

A rule's conditions are linear in the votes (see `rules.conditions`), so how far changing a ballot can move a
condition is a number: its gain. Unseating a winner takes one broken condition; electing another option takes all of
that option's conditions at once, and one kind of ballot, for that option alone, serves all of them best. Either way
the margin is a covering problem: the fewest ballots whose gains add up to what is needed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from .rules import TOLERANCE, Floats, Rule, conditions, elected, electorate, votes

PRE=False
_FINEST = 10_000
"""Largest denominator in which weights are looked for as multiples of a common unit."""
_LARGEST = 1e8
"""Largest total weight in such units; beyond it the rules' rounding would swallow a unit."""
_TOTAL = 1e6
"""Total weight where there is no common unit: so the rules' rounding is a thousand times the solver's."""


def margin(rule: Rule, ballots: ArrayLike, weights: ArrayLike | None = None) -> int | None:
    """The fewest ballots that would have changed the winner, had they been other ballots or abstentions.

    A ballot is one member's row, cast or not, and keeps its weight. None if no change of ballots changes the winner
    (no members, no weight, a single option). Exact: RuntimeError rather than a number that cannot be proved.
    """
    ratings, heft = electorate(ballots, weights)
    if not heft.any():
        return None
    kinds, counts = np.unique(np.column_stack([votes(rule, ratings), heft]), axis=0, return_counts=True)
    seen, heft = kinds[:, :-1], _in_units(kinds[:, :-2], kinds[:, -1], counts)
    fewest = math.inf
    for way in sorted(_ways(rule, seen, heft, counts), key=lambda way: way.at_least):
        if way.at_least < fewest:
            fewest = min(fewest, way.fewest())
    return int(fewest) if fewest < math.inf else None


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

    def fewest(self) -> float:
        """Ballots needed for all conditions together, which `at_least` has found to be possible."""
        if len(self.needs) == 1:
            return self.at_least
        size = self.gains.max(axis=1)
        useful = size > 0
        gains, size, counts = self.gains[useful], size[useful], self.counts[useful]
        directions, which = np.unique((gains / size[:, None]).round(9), axis=0, return_inverse=True)
        if len(directions) > 2:
            return _search(gains, self.needs, counts, self.at_least)
        parts = [_running(size[which == i], counts[which == i]) for i in (0, 1)]
        return _of_two(parts[0], parts[1], directions[0], directions[-1], self.needs)


def _ways(rule: Rule, seen: Floats, heft: Floats, counts: NDArray[np.int64]) -> Iterator[_Covering]:
    """Each way to another winner, from the kinds of ballots `seen` (as `votes` has them), with weights `heft`."""
    options = seen.shape[1] - 1
    totals, members = (counts * heft) @ seen, float(counts @ heft)
    alone = votes(rule, np.eye(options))
    winner = elected(rule, totals, members)
    for option in (winner,) if winner else range(1, options):
        pairs = list(conditions(rule, option, options, members))
        rows, floors = np.array([row for row, _ in pairs]), np.array([floor for _, floor in pairs])
        spare = rows @ totals - floors
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
    return float((np.arange(len(one)) + place)[possible].min(initial=np.iinfo(np.int64).max))


def _search(gains: Floats, needs: Floats, counts: NDArray[np.int64], at_least: float) -> float:
    """The fewest ballots by integer programming, its answer checked against the conditions themselves.

    The solver accepts a condition missed by a millionth. Where gains are whole numbers that cannot matter once the
    needs are too; elsewhere an answer can fall short, and then `_enough` decides whether so few can do at all.
    """
    gains, which = np.unique(gains, axis=0, return_inverse=True)
    counts = np.bincount(which.ravel(), weights=counts).astype(np.int64)
    rows, floors, step = _scaled(gains.T, needs)
    kinds, fewest = len(counts), at_least
    while fewest <= counts.sum():
        conditions = [LinearConstraint(rows, lb=floors), LinearConstraint(np.ones((1, kinds)), lb=fewest)]
        chosen, fewest = _minimise(np.ones(kinds), conditions, counts, 0)
        fewest = math.ceil(fewest - 1e-3)
        if chosen.sum() == fewest and (rows @ chosen >= floors).all():
            return fewest
        if _enough(fewest, rows, floors, step, counts):
            return fewest
        fewest += 1
    return math.inf


def _enough(ballots: int, rows: Floats, floors: Floats, step: float, counts: NDArray[np.int64]) -> bool:
    """Whether so many ballots can meet all conditions: the choice that leaves the scarcest the most to spare."""
    spare = LinearConstraint(np.column_stack([rows, -np.ones(len(rows))]), lb=floors)
    size = LinearConstraint(np.append(np.ones(len(counts)), 0)[None], lb=ballots, ub=ballots)
    chosen, bound = _minimise(np.append(np.zeros(len(counts)), -1.0), [spare, size], counts, 1)
    if (rows @ chosen >= floors).all():
        return True
    if -bound < -step / 2:
        return False
    raise RuntimeError(f"margin: the solver cannot tell whether {ballots} ballots change the winner")


def _minimise(
    cost: Floats, conditions: list[LinearConstraint], counts: NDArray[np.int64], free: int
) -> tuple[Floats, float]:
    """How many ballots of each kind to choose, and the proved bound on the cost; the last `free` unknowns are real."""
    answer = milp(
        cost,
        integrality=np.append(np.ones(len(counts)), np.zeros(free)),
        bounds=Bounds(np.append(np.zeros(len(counts)), np.full(free, -np.inf)), np.append(counts, [np.inf] * free)),
        constraints=conditions,
        options={"mip_rel_gap": 0.0, "presolve": PRE},
    )
    if answer.x is None or answer.status != 0:
        raise RuntimeError(f"margin: the solver stopped without an answer: {answer.message}")
    return np.rint(answer.x[: len(counts)]), float(answer.mip_dual_bound)


def _scaled(rows: Floats, needs: Floats) -> tuple[Floats, Floats, float]:
    """Conditions with needs in whole units of their gains where they have one, and the least difference that counts."""
    whole = rows.round()
    if np.abs(rows - whole).max() > 1e-9 * rows.max():
        return rows, needs, TOLERANCE * _TOTAL
    unit = np.gcd.reduce(whole.astype(np.int64), axis=1)[:, None].astype(float)
    return whole / unit, np.ceil(needs / unit[:, 0]), 1.0


def _in_units(support: Floats, weights: Floats, counts: NDArray[np.int64]) -> Floats:
    """The weights in a unit that makes every vote a whole number if there is one, else adding up to `_TOTAL`.

    Only ratios of weights matter to a rule. In whole numbers the difference between a tie and a lead is plain.
    """
    smallest = weights[weights > 0].min()
    parts, unit = math.lcm(*(round(1 / share) for share in np.unique(support[support > 0]))), 1
    for ratio in np.unique(weights / smallest):
        unit = math.lcm(unit, Fraction(ratio).limit_denominator(_FINEST).denominator)
        if unit > _LARGEST:
            break
    scale = unit * parts / smallest
    whole = (weights * scale).round()
    exact = np.abs(weights * scale - whole).max() <= 1e-12 * whole.max()
    if exact and counts @ whole <= _LARGEST:
        return whole
    return weights * (_TOTAL / (counts @ weights))
