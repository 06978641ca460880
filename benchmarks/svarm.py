"""SVARM and Stratified SVARM, written from [KBMH24] and not checked against its code: peers of `shapley_estimators.py`.

[KBMH24] Kolpaczki, Bengs, Muschalik & Huellermeier, Approximating the Shapley Value without Marginal Contributions,
AAAI 2024. Both may ask for so many distinct groups; asking again is free, as in this package's estimators.
"""

from typing import Any

import numpy as np
from datacoalition.valuation.utility import UtilityTable


class Drawn:
    """Groups of a size, each as likely, until a budget of distinct groups is spent."""

    def __init__(self, players: range, table: UtilityTable, budget: int, seed: int) -> None:
        self.n, self.rng, self._table, self._left = len(players), np.random.default_rng(seed), table, budget
        self._known: dict[frozenset[int], float] = {}

    def of_size(self, size: int) -> np.ndarray:
        member = np.zeros(self.n, dtype=bool)
        member[self.rng.permutation(self.n)[:size]] = True
        return member

    def value(self, member: np.ndarray) -> float | None:
        """None once the budget is spent."""
        group = frozenset(np.flatnonzero(member).tolist())
        if group not in self._known:
            if not self._left:
                return None
            self._left -= 1
            self._known[group] = self._table(group)
        return self._known[group]


def svarm(players: range, table: UtilityTable, budget: int, seed: int) -> Any:
    """The mean value of groups with a player less that of groups without, sizes drawn so that both are unbiased."""
    drawn, n = Drawn(players, table, budget, seed), len(players)
    total, count = np.zeros((2, n)), np.zeros((2, n))
    sizes = np.arange(1, n + 1)
    law = (1 / sizes) / (1 / sizes).sum()
    turn = 0
    while turn < 20 * budget:
        if turn < 2 * n:  # the warm-up: one group of each sort for each player
            i, side = divmod(turn, 2)
            member = drawn.of_size(0)
            others = np.delete(np.arange(n), i)
            member[drawn.rng.permutation(others)[: drawn.rng.integers(n)]] = True
            member[i] = not side
            updated = np.arange(n) == i
        else:
            side = turn % 2
            size = drawn.rng.choice(sizes, p=law)
            member = drawn.of_size(n - size if side else size)
            updated = ~member if side else member
        found = drawn.value(member)
        if found is None:
            break
        total[side, updated] += found
        count[side, updated] += 1
        turn += 1
    mean = total / np.maximum(count, 1)
    return mean[0] - mean[1]


def stratified_svarm(players: range, table: UtilityTable, budget: int, seed: int) -> Any:
    """The same for each size, sizes 0, 1, n - 1 and n known.

    With a warm-up of one group for each stratum if half of the budget pays for it; what is not met is left out of
    the mean over sizes, as in its authors' variant without a warm-up.
    """
    drawn, n = Drawn(players, table, budget, seed), len(players)
    total, count = np.zeros((2, n, n + 1)), np.zeros((2, n, n + 1))  # with, without; player; size of the group

    def meet(member: np.ndarray, side: int | None = None, only: np.ndarray | None = None) -> bool:
        found = drawn.value(member)
        if found is None:
            return False
        for which, updated in ((0, member), (1, ~member)):
            if side in (None, which):
                chosen = updated if only is None else updated & only
                total[which, chosen, member.sum()] += found
                count[which, chosen, member.sum()] += 1
        return True

    for size in (0, n):
        meet(drawn.of_size(size))
    for i in range(n):
        meet(np.arange(n) == i)
        meet(np.arange(n) != i)
    if 2 * n + 2 + 2 * sum(-(-n // size) for size in range(2, n - 1)) <= budget / 2:
        for size in range(2, n - 1):
            for side in (0, 1):
                order = drawn.rng.permutation(n)
                for start in range(0, n, size):
                    block = np.isin(np.arange(n), order[start : start + size])
                    spare = drawn.rng.permutation(np.flatnonzero(~block))[: size - block.sum()]
                    full = block | np.isin(np.arange(n), spare)
                    meet(~full if side else full, side, block)
    law = _size_law(n)
    for _ in range(20 * budget):
        if not meet(drawn.of_size(int(drawn.rng.choice(np.arange(2, n - 1), p=law)))):
            break
    with_i, without = (total / np.maximum(count, 1)) * (count > 0)
    met = (count[0, :, 1:] > 0).sum(axis=1), (count[1, :, :-1] > 0).sum(axis=1)
    return with_i[:, 1:].sum(axis=1) / met[0] - without[:, :-1].sum(axis=1) / met[1]


def _size_law(n: int) -> Any:
    """The probability of each size from 2 to n - 2: nearly as 1 over the distance to the nearer end."""
    size = np.arange(2, n - 1)
    law = 1 / np.minimum(size, n - size)
    middle = size == n / 2
    if middle.any() and n > 4:
        law[~middle] *= (1 - 1 / (n * np.log(n))) / law[~middle].sum()
        law[middle] = 1 / (n * np.log(n))
    return law / law.sum()
