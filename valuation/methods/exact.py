"""Exact values from the table of all 2^n groups: one pass over the table serves every semivalue."""

import math

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.settings import InputError
from ..utility import Utility, UtilityTable
from ..values import FloatArray
from .method import Players

MOST_PLAYERS = 20
"""2^20 groups are about a million evaluations; beyond that nobody means it."""


def all_groups(players: Players, utility: Utility) -> tuple[FloatArray, bool]:
    """The value of every group under every seed, (2^n, seeds), and whether they come from training seeds.

    Row m is the group that has player i where bit i of m is set. Raises InputError for more than 20 players.
    """
    if len(players) > MOST_PLAYERS:
        raise InputError("players", f"{len(players)} of them", f"at most {MOST_PLAYERS} for exact values")
    table = utility if isinstance(utility, UtilityTable) else UtilityTable(utility, players)
    found = table.powerset(players)
    return found, table.noisy


def mean_marginals(by_group: FloatArray) -> FloatArray:
    """Each player's mean marginal v(S + i) - v(S) over the groups S of each size: (2^n, seeds) -> (n, n, seeds).

    The second axis is the size of S, 0 to n - 1. Players alike in the game get the very same numbers: a last bit of
    difference would decide the whole pot under a dividend such as shift.
    """
    groups, seeds = by_group.shape
    n = groups.bit_length() - 1
    size = np.bitwise_count(np.arange(groups // 2))
    by_size = np.argsort(size, kind="stable")
    counts = np.array([math.comb(n - 1, k) for k in range(n)])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    means = np.empty((n, n, seeds))
    for i in range(n):
        # Taking bit i out of the row number leaves the number of S among the other players' groups.
        pairs = by_group.reshape(groups >> (i + 1), 2, 1 << i, seeds)
        marginals = (pairs[:, 1] - pairs[:, 0]).reshape(groups // 2, seeds)
        means[i] = _sums(marginals[by_size], starts) / counts[:, None]
    return means


def weighed(means: FloatArray, weights: FloatArray) -> FloatArray:
    """Worth under every seed, (n, seeds): the mean marginals by size, weighed by the probability of each size."""
    worth = np.zeros((means.shape[0], means.shape[2]))
    for k, weight in enumerate(weights):  # one size after the other: the same order for every player
        worth += weight * means[:, k]
    return worth


def _sums(terms: FloatArray, starts: NDArray[np.int64]) -> FloatArray:
    """Sums of the stretches of rows that begin at `starts`; they do not depend on the order of the terms.

    The leading bits of all terms, cut at one place, add up without any rounding; so do the next, and the next
    [Demmel & Nguyen 2015]. After three cuts what is left is below 2^-90 of the largest term. math.fsum does the
    same, 20 times slower.
    """
    total = np.zeros((len(starts), terms.shape[1]))
    for _ in range(3):
        exponent = np.frexp(np.abs(terms).max())[1]
        unit = np.ldexp(1.0, int(exponent) + len(terms).bit_length() + 1)
        leading = (terms + unit) - unit
        total += np.add.reduceat(leading, starts, axis=0)
        terms = terms - leading
    return total
