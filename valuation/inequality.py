"""Inequality: how unevenly an amount is spread over people.

Every measure takes x: a `Values` or any flat sequence of n finite numbers, in any unit and order, and costs a
sort. Conventions shared by all: negative amounts raise InputError unless a policy for them is asked for by
name (`negatives`), since shares of a total mean nothing then; if nobody has anything, everyone is equal; of
nobody there is no inequality to speak of, so an empty x gives nan. Anything else raises InputError.
"""

import math
from typing import Literal

import numpy as np

from ..ml_tasks.settings import InputError
from .values import FloatArray, ValuesLike, finite_array, scaled


def gini(x: ValuesLike, negatives: Literal["refuse", "raffinetti"] = "refuse") -> float:
    """The Gini coefficient, sum |x_i - x_j| / (2 n^2 mean), from 0 (all equal, or one person) to 1 - 1/n.

    negatives="raffinetti" allows negative amounts: sum |x_i - x_j| / (2 (n-1) sum |x|), from 0 to 1
    [Raffinetti, Siletti & Vernizzi 2015]. That is another normalisation, n/(n-1) times the usual Gini where
    no amount is negative, so never compare the two. nan if x is empty.
    """
    amounts = _sorted(x, negatives, ("refuse", "raffinetti"))
    n = amounts.size
    if n == 0:
        return math.nan
    if amounts[0] == amounts[-1]:
        return 0.0
    rank = np.arange(1, n)
    # Each gap between neighbours separates rank x (n - rank) pairs: no negative terms, so nothing cancels.
    between_pairs = float((rank * (n - rank) * np.diff(amounts)).sum())
    people = n - 1 if negatives == "raffinetti" else n
    return min(between_pairs / (people * float(np.abs(amounts).sum())), 1.0)


def hoover(x: ValuesLike, negatives: Literal["refuse"] = "refuse") -> float:
    """The Hoover index, half the sum of |share - 1/n|: the share of the total that would have to change hands
    for all to be equal. From 0 (all equal, or one person) to 1 - 1/n; nan if x is empty.
    """
    amounts = _sorted(x, negatives)
    if amounts.size == 0:
        return math.nan
    if amounts[0] == amounts[-1]:
        return 0.0
    return float(np.abs(amounts / amounts.sum() - 1 / amounts.size).sum() / 2)


def top_share(x: ValuesLike, share: float = 0.1, negatives: Literal["refuse"] = "refuse") -> float:
    """The share of the total that the richest `share` of people hold (.1: the top tenth).

    Where that is no whole number of people, the last of them counts in part (of 15 people, the top tenth is
    the richest and half of the second): linear interpolation, as on the Lorenz curve. All equal gives `share`
    itself, also where nobody has anything or there is one person. nan if x is empty.
    """
    if not 0 <= share <= 1:
        raise InputError("share", share, "a number from 0 to 1")
    amounts = _sorted(x, negatives)
    if amounts.size == 0:
        return math.nan
    return float(np.interp(share, *_curve(amounts[::-1])))


def lorenz(x: ValuesLike, negatives: Literal["refuse"] = "refuse") -> tuple[FloatArray, FloatArray]:
    """The Lorenz curve: (population share, share of the total held by that poorest part), arrays (n + 1,).

    It runs from (0, 0) to (1, 1); the diagonal where nobody has anything; two empty arrays if x is empty.
    """
    amounts = _sorted(x, negatives)
    return _curve(amounts) if amounts.size else (np.empty(0), np.empty(0))


def _curve(amounts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Population share, and the share of the total that the people listed so far hold."""
    population = np.arange(amounts.size + 1) / amounts.size
    if amounts[0] == amounts[-1]:
        return population, population.copy()
    cumulative = np.concatenate(([0.0], np.cumsum(amounts)))
    return population, cumulative / cumulative[-1]


def _sorted(x: ValuesLike, negatives: str, allowed: tuple[str, ...] = ("refuse",)) -> FloatArray:
    if negatives not in allowed:
        raise InputError("negatives", repr(negatives), " or ".join(map(repr, allowed)))
    amounts = np.sort(finite_array(x, "x"))
    if negatives == "refuse" and amounts.size and amounts[0] < 0:
        other = f", or negatives={allowed[-1]!r}" if len(allowed) > 1 else ""
        raise InputError("x", f"{amounts[0]:g}, a negative amount", f"amounts of 0 or more{other}")
    return scaled(amounts)
