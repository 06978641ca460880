"""Games whose values are known in closed form, and the definitions of the values, word for word."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any

import numpy as np
from scipy.special import beta as beta_function


@dataclass(frozen=True)
class Game:
    """A utility over players, and what theory says each is worth."""

    players: tuple[Any, ...]
    utility: Callable[[frozenset[Any]], float]
    shapley: Any
    banzhaf: Any = None
    """None: no closed form is used."""


def groups(players):
    return [frozenset(group) for size in range(len(players) + 1) for group in combinations(players, size)]


def any_game(n, seed, empty=None):
    """A table of independent numbers for all groups of n players."""
    everyone = groups(range(n))
    table = dict(zip(everyone, np.random.default_rng(seed).normal(size=len(everyone)), strict=True))
    if empty is not None:
        table[frozenset()] = empty
    return table


# ---------------------------------------------------------------- definitions, word for word


def by_all_orders(n, table):
    """Shapley: the mean marginal over all n! orders."""
    total = np.zeros(n)
    for order in permutations(range(n)):
        for place, player in enumerate(order):
            before = frozenset(order[:place])
            total[player] += table[before | {player}] - table[before]
    return total / math.factorial(n)


def by_all_groups(n, table, weight):
    """A semivalue: the sum over all groups S without i of weight(|S|) times v(S + i) - v(S)."""
    worth = np.zeros(n)
    for i in range(n):
        for group in groups([j for j in range(n) if j != i]):
            worth[i] += weight(len(group)) * (table[group | {i}] - table[group])
    return worth


def shapley_weight(n):
    return lambda size: math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)


def banzhaf_weight(n):
    return lambda size: 1 / 2 ** (n - 1)


def beta_weight(n, alpha, beta):
    """[KZ22], equation 5: with j - 1 players there already, B(j + beta - 1, n - j + alpha) / B(alpha, beta)."""

    def weight(size):
        j = size + 1
        return beta_function(j + beta - 1, n - j + alpha) / beta_function(alpha, beta)

    return weight


# ---------------------------------------------------------------- games


def unanimity(n, needed, empty=0.0):
    """Those who are all needed share equally; the rest are worth nothing."""
    crowd = frozenset(range(needed))
    held = np.arange(n) < needed
    return Game(
        tuple(range(n)), lambda group: empty + float(crowd <= group), held / needed, held / 2 ** (needed - 1)
    )  # fmt: skip


def airport(costs):
    """A runway for the largest plane present: each stretch is shared by those who need it [Littlechild & Owen 1973]."""
    costs = sorted(costs)
    steps = np.diff([0.0, *costs])
    n = len(costs)
    shapley = np.cumsum(steps / np.arange(n, 0, -1))
    # The marginal of i is the cost above the largest other present, 2^-(those above) and so on.
    banzhaf = np.cumsum(steps * 0.5 ** np.arange(n - 1, -1, -1))
    return Game(tuple(range(n)), lambda group: max((costs[i] for i in group), default=0.0), shapley, banzhaf)


def gloves(right):
    """One left glove, several right ones; a pair is worth 1."""
    return Game(
        ("left", *range(right)),
        lambda group: float("left" in group and len(group) > 1),
        [right / (right + 1), *[1 / (right * (right + 1))] * right],
        [1 - 0.5**right, *[0.5**right] * right],
    )


def weighted_voting():
    """Weights 3 2 1 1, quota 4: of 24 orders the first decides 12, the others 4 each; swings 6 2 2 2 of 8."""
    weights = {"c": 3, "l": 2, "x": 1, "y": 1}
    return Game(
        tuple(weights),
        lambda group: float(sum(weights[p] for p in group) >= 4),
        [1 / 2, 1 / 6, 1 / 6, 1 / 6],
        [6 / 8, 2 / 8, 2 / 8, 2 / 8],
    )


def majority(n):
    """n equal voters: each decides where exactly half of the others, rounded down, are in."""
    return Game(
        tuple(range(n)),
        lambda group: float(2 * len(group) > n),
        np.full(n, 1 / n),
        np.full(n, math.comb(n - 1, n // 2) / 2 ** (n - 1)),
    )


def quadratic(weights, empty=0.0):
    """The square of the group's weight: each is worth their weight times everyone's."""
    weights = np.asarray(weights, dtype=float)
    worth = weights * weights.sum()
    return Game(tuple(range(len(weights))), lambda group: empty + sum(weights[i] for i in group) ** 2, worth, worth)


def parity(n):
    """1 for an odd number: gains and losses cancel but for one."""
    return Game(tuple(range(n)), lambda group: float(len(group) % 2), np.full(n, n % 2 / n), np.zeros(n))


def additive(own, empty=7.0):
    return Game(tuple(range(len(own))), lambda group: empty + math.fsum(own[i] for i in group), own, own)


def union(held):
    """Each record counts once, whoever holds it: its holders share it equally."""
    holders = {record: sum(record in records for records in held) for records in held for record in records}
    return Game(
        tuple(range(len(held))),
        lambda group: float(len(set().union(*(held[i] for i in group)))),
        [sum(1 / holders[record] for record in records) for records in held],
        [sum(0.5 ** (holders[record] - 1) for record in records) for records in held],
    )


RECORDS = [{1, 2, 3}, {1, 2, 3}, {3, 4}, set(), {5}, {1, 6, 7, 8}]
"""Two users with the very same records, one with none."""

GAMES = {
    "unanimity": unanimity(5, 3),
    "unanimity, something from nothing": unanimity(5, 2, empty=-3.0),
    "airport": airport([1.0, 2.0, 2.0, 4.0, 7.0]),
    "gloves": gloves(4),
    "weighted voting": weighted_voting(),
    "majority of 5": majority(5),
    "majority of 6": majority(6),
    "quadratic": quadratic([0.5, 1.0, 2.0, 0.0, 3.0], empty=0.7),
    "quadratic, negative": quadratic([0.5, -1.0, 2.0, -3.0]),
    "parity of 5": parity(5),
    "parity of 6": parity(6),
    "additive": additive([0.1, -0.2, 0.3, 5.0, 0.0, -4.0]),
    "union of records": union(RECORDS),
}
