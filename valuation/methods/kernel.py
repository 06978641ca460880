"""The sampler "kernel": pairs of a group and its complement, sizes as in the regression of [CL21]."""

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.settings import InputError
from ..values import FloatArray
from .asked import Asked
from .pairs import estimates
from .sampling import WAVE, Sample, Stops

MOST_PAIRS = 50_000


def from_pairs(asked: Asked, weights: FloatArray, stops: Stops, rng: np.random.Generator) -> Sample:
    """Worths from the groups of 0, 1, n - 1 and n players, all of them, and from pairs of all other sizes.

    weights: (n,), n at least 4, the probability of each size of the group joined; which groups are asked for does
    not depend on it. Raises InputError for too few pairs.
    """
    n = len(asked.players)
    most = most_pairs(n, stops)
    _check(n, most, stops)
    alone = [1 << i for i in range(n)]
    borders = asked.values([0, asked.everyone, *alone, *(asked.everyone ^ mask for mask in alone)])
    draw = _Pairs(n, rng)
    members, sides = np.empty((0, n), dtype=np.int8), np.empty((0, 2, borders.shape[1]))
    why, look = "", least_pairs(n)
    while len(members) < most:
        wave = draw.take(min(WAVE * (n - 1), most - len(members)))
        masks = [(mask, asked.everyone ^ mask) for mask in _masks(wave)]
        count = len(masks) if stops.budget is None else asked.affordable(masks, stops.budget)
        if count:
            found = asked.values([mask for pair in masks[:count] for mask in pair]).reshape(count, 2, -1)
            members, sides = np.concatenate([members, wave[:count]]), np.concatenate([sides, found])
        if count < len(masks):
            why = f", all that a budget of {stops.budget} evaluations allows"
            break
        if stops.target is None or len(members) < look:
            continue  # fits are not for nothing
        look = len(members) * 9 // 8
        if stops.reached(estimates(members, sides, borders, weights, asked.largest)[1]):
            why = ", enough for the standard error asked for"
            break
    by_seed, draws, df = estimates(members, sides, borders, weights, asked.largest)
    return Sample(by_seed, draws, f"regression on {len(members)} pairs of groups{why}", df)


def most_pairs(n: int, stops: Stops) -> int:
    """So many pairs that, with the groups that are not drawn, there are as many groups as in the permutations."""
    return min(stops.draws * (n - 1) - n, MOST_PAIRS)


def least_pairs(n: int) -> int:
    """The fewest pairs for a regression with a standard error: two for each player, and two of each size."""
    share = _share(n)
    return max(2 * n, int(np.floor(1.5 * share / share.min() + 0.5).sum()))


def _share(n: int) -> FloatArray:
    """Of all pairs those of each size, from 2 to half of the players.

    The Shapley value is the best additive fit to the game when sizes weigh 1 / (k (n - k)) in all [CL21]; draws in
    proportion to the root of that were measured to serve all laws of sizes together best.
    """
    size = np.arange(2, n // 2 + 1)
    share: FloatArray = 1 / np.sqrt(size * (n - size))
    share /= share.sum()
    return share


def _sizes(n: int, count: int) -> NDArray[np.int64]:
    """The sizes of the first `count` pairs: always near to their shares, a larger share first (Sainte-Lague)."""
    share = _share(n)
    seats = np.arange(int(count * share.max()) + 2)
    turn = (seats + 0.5) / share[:, None]
    sizes: NDArray[np.int64] = 2 + np.argsort(turn.T, axis=None, kind="stable")[:count] % len(share)
    return sizes


class _Pairs:
    """Draws groups of at most half of the players, each as likely as any other of its size."""

    def __init__(self, n: int, rng: np.random.Generator) -> None:
        self._n, self._rng, self._taken = n, rng, 0

    def take(self, count: int) -> NDArray[np.int8]:
        """The next groups, (count, n) of 0 and 1; the same however many are taken at a time."""
        sizes = _sizes(self._n, self._taken + count)[self._taken :]
        self._taken += count
        ranks = self._rng.random((count, self._n)).argsort(axis=1).argsort(axis=1)
        members: NDArray[np.int8] = (ranks < sizes[:, None]).astype(np.int8)
        return members


def _masks(members: NDArray[np.int8]) -> list[int]:
    packed = np.packbits(members, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


def _check(n: int, most: int, stops: Stops) -> None:
    least = least_pairs(n)
    if stops.budget is not None and stops.budget < 2 + 2 * n + 2 * least:
        raise InputError("budget", stops.budget, f"at least {2 + 2 * n + 2 * least} for a regression with {n} players")
    if most < least:
        needed = 2 * -(-(least + n) // (n - 1))
        raise InputError("permutations", stops.permutations, f"at least {needed} for a regression with {n} players")
