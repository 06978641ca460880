"""The Shapley value as a regression on pairs of a group and its complement [CL21]."""

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.settings import InputError
from ..values import ROUNDING, FloatArray
from .asked import Asked
from .sampling import WAVE, Sample, Stops

MOST_PAIRS = 100_000
GOLDEN = (np.sqrt(5) - 1) / 2


def least_pairs(n: int) -> int:
    """The fewest pairs for a regression with a standard error: two more than it has unknowns."""
    return n - 1 + (n - 1) // 2 + 2


def from_pairs(asked: Asked, stops: Stops, rng: np.random.Generator) -> Sample:
    """Shapley values by weighted least squares of v(S) - v(N without S) on who is in S, with an effect of |S|.

    The Shapley value is the best additive fit to the game when sizes weigh 1 / (k (n - k)) in all. Sizes are drawn
    in proportion to the root of that, spread evenly, and weighed by the other root. Since all groups of a size are
    equally likely, an effect of size is orthogonal to who is in S: letting the fit have one moves no worth and
    takes out of the errors whatever the game owes to size alone. Raises InputError for too few pairs.
    """
    n = len(asked.players)
    per_draw = n - 1  # groups of a permutation, so many pairs as a permutation and its reverse have
    most = min(stops.draws * per_draw, MOST_PAIRS)
    _check(n, most, stops)
    ends = asked.values([0, asked.everyone])
    total = ends[1] - ends[0]
    draw = _Pairs(n, rng)
    members, differences = np.empty((0, n), dtype=np.int8), np.empty((0, len(total)))
    why = ""
    while len(members) < most:
        wave = draw.take(min(WAVE * per_draw, most - len(members)))
        masks = [(mask, asked.everyone ^ mask) for mask in _masks(wave)]
        count = len(masks) if stops.budget is None else asked.affordable(masks, stops.budget)
        if count:
            found = asked.values([mask for pair in masks[:count] for mask in pair]).reshape(count, 2, -1)
            members = np.concatenate([members, wave[:count]])
            differences = np.concatenate([differences, found[:, 0] - found[:, 1]])
        if count < len(masks):
            why = f", all that a budget of {stops.budget} evaluations allows"
            break
        if stops.target is None or len(members) < least_pairs(n):
            continue  # fits are not for nothing
        if stops.reached(fit(members, differences, total, asked.largest)[1]):
            why = ", enough for the standard error asked for"
            break
    by_seed, draws = fit(members, differences, total, asked.largest)
    return Sample(by_seed, draws, f"regression on {len(members)} pairs of groups{why}", least_pairs(n) - 2)


def fit(
    members: NDArray[np.int8], differences: FloatArray, total: FloatArray, largest: float
) -> tuple[FloatArray, FloatArray]:
    """Worths (n, seeds) and, averaged over seeds, each pair's estimate of them (pairs, n).

    members: (pairs, n) of 0 and 1, at most half of them 1. differences: (pairs, seeds), v of the members less v of
    all others. total: (seeds,), v(N) - v(empty), which the worths add up to. largest: the largest size of any value;
    residuals within its rounding errors are none. The estimates of single pairs vary about
    the worths as the fit would if that pair were drawn anew, residuals enlarged for their leverage.
    """
    pairs, n = members.shape
    size = members.sum(axis=1, dtype=np.int64)
    weight = 1 / np.sqrt(size * (n - size))
    x = 2.0 * members - (2 * size / n)[:, None]  # +1 and -1 less their mean: what cannot change the total
    y = differences.copy()
    leverage = np.zeros(pairs)
    for k in np.unique(size):
        if 2 * k < n:  # at half, a group and its complement are alike: size has no effect
            of_size = size == k
            x[of_size] -= x[of_size].mean(axis=0)
            y[of_size] -= y[of_size].mean(axis=0)
            leverage[of_size] = 1 / of_size.sum()
    scale = np.abs(y).max() or 1.0
    gram = (x * weight[:, None]).T @ x
    # Everybody's share together is settled by the total; the added constant only makes the matrix invertible.
    inverse = np.linalg.pinv(gram + np.trace(gram) / n**2, hermitian=True)
    pull = weight[:, None] * (x @ inverse)
    slope = pull.T @ (y / scale)
    slope += pull.T @ (y / scale - x @ slope)  # once more for what the first pass lost to rounding
    slope -= slope.mean(axis=0)
    residual = (y / scale - x @ slope).mean(axis=1)
    residual[np.abs(residual) * scale <= ROUNDING * largest] = 0.0
    leverage += (pull * x).sum(axis=1)
    residual = residual / np.maximum(1 - leverage, 1e-6)
    worth = total / n + scale * slope
    return worth, worth.mean(axis=1) + scale * pairs * pull * residual[:, None]


class _Pairs:
    """Draws groups of at most half of the players, sizes spread evenly by the golden ratio."""

    def __init__(self, n: int, rng: np.random.Generator) -> None:
        self._n, self._rng = n, rng
        sizes = np.arange(1, n // 2 + 1)
        # A group of k stands for one of n - k as well, but at half the two are the same.
        share = np.where(2 * sizes == n, 1, 2) / np.sqrt(sizes * (n - sizes))
        self._up_to = np.cumsum(share) / share.sum()
        self._place, self._taken = rng.random(), 0

    def take(self, count: int) -> NDArray[np.int8]:
        """The next groups, (count, n) of 0 and 1; the same however many are taken at a time."""
        spots = (self._place + GOLDEN * np.arange(self._taken, self._taken + count)) % 1
        self._taken += count
        sizes = 1 + np.minimum(np.searchsorted(self._up_to, spots, side="right"), len(self._up_to) - 1)
        ranks = self._rng.random((count, self._n)).argsort(axis=1).argsort(axis=1)
        members: NDArray[np.int8] = (ranks < sizes[:, None]).astype(np.int8)
        return members


def _masks(members: NDArray[np.int8]) -> list[int]:
    packed = np.packbits(members, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


def _check(n: int, most: int, stops: Stops) -> None:
    least = least_pairs(n)
    if stops.budget is not None and stops.budget < 2 + 2 * least:
        raise InputError("budget", stops.budget, f"at least {2 + 2 * least} for a regression with {n} players")
    if most < least:
        needed = 2 * -(-least // (n - 1))
        raise InputError("permutations", stops.permutations, f"at least {needed} for a regression with {n} players")
