"""The Shapley value: exact for few players, from random orders for more."""

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from ...ml_tasks.settings import Checked, Interval, NonNegative, PositiveCount
from ..utility import Utility, UtilityTable, distinct
from ..values import ROUNDING, FloatArray, Values
from .method import Players


@dataclass(frozen=True)
class Shapley(Checked):
    """What a player adds on average when everyone arrives in random order; adds up to v(N) - v(empty) [GZ19].

    exact_up_to: with so many players or fewer, the exact value from all 2^n groups, each evaluated once
    (stderr 0; players alike in the game are worth exactly the same). With more, the mean over `permutations`
    random orders, about permutations x n evaluations, with the standard error of that mean (ddof=1; nan for
    one order or if all orders agree to rounding).

    truncation: of the random orders only, in the unit of the utility, 0 = off. Once |v(N) - v(S)| is under
    it, the players still to come share v(N) - v(S) equally and are not evaluated. This biases each worth by
    less than the tolerance provided that no group is worth less than a part of it (a monotone game); the
    note says so.
    """

    exact_up_to: Annotated[int, Interval(ge=0, le=20)] = 8
    permutations: PositiveCount = 200
    truncation: NonNegative = 0.0

    def __call__(self, players: Iterable[Hashable], utility: Utility, rng: np.random.Generator) -> Values:
        names, table = distinct(players), UtilityTable(utility)
        if not names:
            return Values(names, np.empty(0), np.empty(0), 0, "shapley", "exact")
        if len(names) <= self.exact_up_to:
            worth = _exact_shapley(names, table)
            return Values(names, worth, np.zeros(len(names)), table.evaluations, "shapley", "exact")
        return self._sampled(names, table, rng)

    def _sampled(self, players: Players, table: UtilityTable, rng: np.random.Generator) -> Values:
        draws = np.empty((self.permutations, len(players)))
        cut = [self._draw(row, rng.permutation(len(players)), players, table) for row in draws]
        note = f"{self.permutations} permutations"
        if self.truncation > 0:
            note += (
                f", {sum(cut)} of them truncated: bias of each worth below {self.truncation:g}"
                " if no group is worth less than a part of it"
            )
        stderr = _stderr_of_draws(draws, table.largest)
        return Values(players, draws.mean(axis=0), stderr, table.evaluations, "shapley", note)

    def _draw(self, row: FloatArray, order: Any, players: Players, table: UtilityTable) -> bool:
        """Fill `row` with each player's marginal along one order; True if its tail was truncated."""
        group: frozenset[Hashable] = frozenset()
        everyone, before = table(frozenset(players)), table(group)
        for place, i in enumerate(order):
            left = len(order) - place
            # The last player's marginal needs no evaluation, so there is nothing to gain by truncating it.
            if left > 1 and abs(everyone - before) < self.truncation:
                row[order[place:]] = (everyone - before) / left
                return True
            group |= {players[i]}
            after = table(group)
            row[i], before = after - before, after
        return False


def _exact_shapley(players: Players, table: UtilityTable) -> FloatArray:
    n = len(players)
    worth_of = np.array([table(_group(players, mask)) for mask in range(1 << n)])
    masks = np.arange(1 << n)
    weight = np.array([1 / (n * math.comb(n - 1, size)) for size in range(n)])
    worth = np.empty(n)
    for i in range(n):
        without = masks[masks >> i & 1 == 0]
        marginals = worth_of[without | 1 << i] - worth_of[without]
        # fsum does not depend on the order of its terms, so players alike in the game get the very same
        # worth: a last bit of difference would decide the whole pot under a dividend such as shift.
        worth[i] = math.fsum(weight[np.bitwise_count(without)] * marginals)
    return worth


def _group(players: Players, mask: int) -> frozenset[Hashable]:
    return frozenset(player for i, player in enumerate(players) if mask >> i & 1)


def _stderr_of_draws(draws: FloatArray, largest: float) -> FloatArray:
    """Standard error of each column's mean; nan where its draws agree to the rounding of values so large."""
    count, n = draws.shape
    if count < 2:
        return np.full(n, np.nan)
    unit = largest or 1.0  # squares of tiny numbers would vanish
    stderr = unit * (draws / unit).std(axis=0, ddof=1) / math.sqrt(count)
    return np.where(np.ptp(draws, axis=0) <= ROUNDING * largest, np.nan, stderr)
