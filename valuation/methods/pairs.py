"""Semivalues from pairs of a group and its complement: what a regression expects, mended size by size.

Let A be the mean value of the groups of size s that hold player i, B that of those without i, d = A - B, and m the
mean value of all groups of size s. Then the semivalue that gives size j of the group joined the probability w_j is

    sum over s of p_s d_s  +  sum over s of q_s m_s,    p_s = w_{s-1} (1 - s/n) + w_s s/n,    q_s = w_{s-1} - w_s,

so groups that are uniform given their size price every semivalue. For one group S of size s, v(S) times
z_i = (1 if S holds i, else 0, less s/n) / (s/n (1 - s/n)) has the expectation d_s. From v we first take what a
regression on all OTHER pairs expects of S, whose own d and m are known: so nothing is biased, however badly the
regression fits. Sizes 0, 1, n - 1 and n are not drawn but known.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..values import ROUNDING, FloatArray
from .sampling import freedom

POWERS = 3
"""What a player adds to a group, as the regression sees it: a constant, and a line and a parabola in its size."""
RIDGE = 0.02
"""How much the last two are doubted, for as many pairs as players."""
ENLARGED = 0.75
"""The power of 1 / (1 - leverage) that residuals are enlarged by for the standard error. 1/2 would be right if they
were noise alone, 1 if each pair were left out [MW85]; between the two cover was right, for few pairs too."""


def estimates(
    members: NDArray[np.int8], sides: FloatArray, borders: FloatArray, weights: FloatArray, largest: float
) -> tuple[FloatArray, FloatArray, float]:
    """Worths (n, seeds); each pair's estimate of them (pairs, n), averaged over seeds; degrees of freedom.

    members: (pairs, n) of 0 and 1, from 2 to n / 2 of them 1, each such size at least twice. sides: (pairs, 2,
    seeds), v of the members and of all others. borders: (2 n + 2, seeds), v of nobody, everyone, each player alone
    and each left out. weights: (n,), the probability of each size of the group joined. largest: the largest size of
    any value; residuals within its rounding errors are none. The estimates of single pairs vary about the worths as
    these would if that pair were drawn anew.
    """
    n = len(weights)
    strata = _Strata.of(members)
    p, q = _shares(weights)
    each = (1 / strata.count)[:, None]  # of a sum, over sizes, of means over the pairs of a size
    variance = (strata.share * (1 - strata.share))[:, None]
    slope = _regression(strata, sides, p, -1, each**2 / variance, largest)
    level = _regression(strata, sides, q, 1, each**2, largest)
    # An additive game whose coefficients sum to 0 has d = n / (n - 1) times them, and no m.
    known = n / (n - 1) * slope.powers
    expected = np.repeat((each * known).sum(axis=0), n)[:, None] * np.tile(np.eye(n), (POWERS, 1))
    mend = each * (strata.x / variance - (slope.pull.reshape(-1, POWERS, n) * known[:, :, None]).sum(axis=1))
    worth = _known(borders, p, q) + expected.T @ slope.coefficients + mend.T @ slope.residual
    surplus = -level.design.T @ each
    own = each * (level.pull * level.design).sum(axis=1, keepdims=True)
    worth += (each * level.response + own * level.residual).sum(axis=0) + (surplus.T @ level.coefficients)[0]
    found = slope.moved(expected, mend) * slope.typical + (each + level.moved(surplus, own)) * level.typical
    return worth, *_spread(strata, worth.mean(axis=1), found)


@dataclass(frozen=True)
class _Strata:
    x: FloatArray
    """Shape (pairs, n): 1 or 0, a member or not, less the share of members."""
    size: NDArray[np.int64]
    count: NDArray[np.int64]
    """Shape (pairs,): how many pairs are of this one's size."""

    @classmethod
    def of(cls, members: NDArray[np.int8]) -> "_Strata":
        size = members.sum(axis=1, dtype=np.int64)
        return cls(members - (size / members.shape[1])[:, None], size, np.bincount(size)[size])

    @property
    def share(self) -> FloatArray:
        share: FloatArray = self.size / self.x.shape[1]
        return share

    def centred(self, by_pair: FloatArray) -> FloatArray:
        """(pairs, k), less the mean over pairs of the same size."""
        found = by_pair.copy()
        for size in np.unique(self.size):
            of_size = self.size == size
            found[of_size] -= found[of_size].mean(axis=0)
        return found


@dataclass(frozen=True)
class _Fit:
    """A regression with an effect of size and k = POWERS n coefficients, those of a power summing to 0."""

    strata: _Strata
    powers: FloatArray
    """Shape (pairs, POWERS): how much each power counts in the response of a pair."""
    response: FloatArray
    """Shape (pairs, seeds)."""
    design: FloatArray
    """Shape (pairs, k)."""
    centred: FloatArray
    """Shape (pairs, k): the design less its mean over pairs of the same size."""
    pull: FloatArray
    """Shape (pairs, k): by how much each coefficient moves with the response of a pair."""
    coefficients: FloatArray
    """Shape (k, seeds)."""
    left: FloatArray
    """Shape (pairs, 1): 1 less the leverage, what a pair's residual has left of a move of its response."""
    residual: FloatArray
    """Shape (pairs, seeds): the response less what a regression without the pair expects."""

    @property
    def typical(self) -> FloatArray:
        """Shape (pairs, 1): residuals for the standard error."""
        typical: FloatArray = self.residual.mean(axis=1, keepdims=True) * self.left ** (1 - ENLARGED)
        return typical

    def moved(self, by_coefficient: FloatArray, by_residual: FloatArray) -> FloatArray:
        """How much the response of each pair moves what the coefficients (k, j) and residuals (pairs, j) move."""
        by_residual = by_residual / self.left
        through = self.pull @ (by_coefficient - self.centred.T @ by_residual)
        moved: FloatArray = through + self.strata.centred(by_residual)
        return moved


def _regression(
    strata: _Strata, sides: FloatArray, by_size: FloatArray, sign: int, weight: FloatArray, largest: float
) -> _Fit:
    """Of by_size v(members) + sign by_size v(others) on who is a member. weight: (pairs, 1), of squared residuals."""
    pairs, n = strata.x.shape
    half = np.where(2 * strata.size == n, 0.5, 1.0)  # both of such a pair are of this size
    here, there = (half * by_size[size] for size in (strata.size, n - strata.size))
    place = (strata.share - 0.5)[:, None] ** np.arange(POWERS)
    powers = here[:, None] * place - sign * there[:, None] * place * (-1) ** np.arange(POWERS)
    response = here[:, None] * sides[:, 0] + sign * there[:, None] * sides[:, 1]
    design = (powers[:, :, None] * strata.x[:, None, :]).reshape(pairs, -1)
    x, y = strata.centred(design), strata.centred(response)
    pull = weight * (x @ _inverse((weight * x).T @ x, n, pairs))
    scale = np.abs(y).max() or 1.0
    found = pull.T @ (y / scale)
    found += pull.T @ (y / scale - x @ found)  # once more for what the first pass lost to rounding
    residual = y - scale * (x @ found)
    # Errors of up to 18 units in the last place were met, where values merely add up.
    residual[np.abs(residual) <= 4 * ROUNDING * largest * (np.abs(here) + np.abs(there)).max()] = 0.0
    left = np.maximum(1 - (pull * x).sum(axis=1, keepdims=True) - 1 / strata.count[:, None], 1e-6)
    return _Fit(strata, powers, response, design, x, pull, scale * found, left, residual / left)


def _inverse(gram: FloatArray, n: int, pairs: int) -> FloatArray:
    """Of the matrix of a regression that doubts all but its first n coefficients.

    Coefficients of a power sum to 0 over players; what is added for that only makes the matrix invertible.
    """
    unit = np.trace(gram[:n, :n]) / n
    gram = gram + np.diag(np.repeat([0.0, *[RIDGE * n / pairs * unit] * (POWERS - 1)], n))
    gram[:n, :n] += unit / n
    return np.asarray(np.linalg.pinv(gram, hermitian=True), dtype=np.float64)


def _shares(weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How much d and m of each size, 0 to n, count in the semivalue with these weights."""
    at = np.arange(len(weights) + 1) / len(weights)
    before, after = np.append(0.0, weights), np.append(weights, 0.0)
    return before * (1 - at) + after * at, before - after


def _known(borders: FloatArray, p: FloatArray, q: FloatArray) -> FloatArray:
    """What sizes 0, 1, n - 1 and n come to for each player, (n, seeds)."""
    n = len(borders) // 2 - 1
    nobody, everyone, alone, without = borders[0], borders[1], borders[2 : 2 + n], borders[2 + n :]
    level = q[0] * nobody + q[n] * everyone + q[1] * alone.mean(axis=0) + q[n - 1] * without.mean(axis=0)
    apart = p[1] * (alone - alone.mean(axis=0)) - p[n - 1] * (without - without.mean(axis=0))
    worth: FloatArray = level + n / (n - 1) * apart
    return worth


def _spread(strata: _Strata, worth: FloatArray, found: FloatArray) -> tuple[FloatArray, float]:
    """Estimates of single pairs about the worths, and the degrees of freedom of their spread.

    found: (pairs, n), what a pair's residual moved. Sizes are not drawn: only what differs inside one is chance.
    """
    apart = strata.centred(found) * np.sqrt(strata.count / (strata.count - 1))[:, None]
    return worth + len(found) * apart, freedom(apart)
