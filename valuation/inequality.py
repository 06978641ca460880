"""Inequality: how unevenly an amount is spread over people.

Every measure takes x, a `Values` or any flat sequence of n finite numbers in any unit and order, and costs a sort.

negatives: what to do with negative amounts, of which shares mean nothing. "raise" (InputError), "clip" (count them
as 0) or, for `gini` alone, "rsv": the index of Raffinetti, Siletti & Vernizzi, defined for any sign (see `rsv`).
weights: how many people each number stands for, 0 or more and not all 0; left out, one each. With whole weights every
measure is that of the numbers repeated. The number of somebody who stands for nobody is not looked at.
Nobody at all: nan (two empty arrays from `lorenz`), the only nan that is ever returned; `spread_of_values` says why in
words. If nobody has anything, everyone is equal. Amounts below 1e-308 of the largest count as nothing. Anything else
that is unfit raises InputError.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..ml_tasks.settings import InputError
from .values import FloatArray, ValuesLike, finite_array

Negatives = Literal["raise", "clip", "rsv"]


@dataclass(frozen=True)
class Measured:
    """A number, or why there is none: then `value` is nan and `reason` a sentence; "" beside a number."""

    value: float
    reason: str = ""


@dataclass(frozen=True, eq=False)
class _People:
    """Those who count: amounts ascending, in units of the largest size; how many each is; these units.

    Weights are in units of `crowd` people, so that no sum of them overflows; None is one each.
    """

    amounts: FloatArray
    weights: FloatArray | None
    unit: float
    crowd: float = 1.0

    @property
    def equal(self) -> bool:
        return bool(self.amounts[0] == self.amounts[-1])

    @property
    def people(self) -> float:
        return float(self.amounts.size if self.weights is None else self.weights.sum())

    def sum(self, amounts: FloatArray) -> float:
        """Over people, of one amount for each number."""
        return float(amounts.sum() if self.weights is None else self.weights @ amounts)

    def pairs(self) -> float:
        """Half the sum of |x_i - x_j| over all ordered pairs of people, without a negative term that could cancel."""
        x, n = self.amounts, self.amounts.size
        if self.weights is None:  # the lowest against the highest, the second lowest against the second highest, ...
            half = n // 2
            return float(np.arange(n - 1, 0, -2, dtype=np.float64)[:half] @ (x[: n - half - 1 : -1] - x[:half]))
        below = np.cumsum(self.weights)[:-1]
        above = np.cumsum(self.weights[::-1])[-2::-1]
        return float((below * above) @ np.diff(x))  # a gap between neighbours separates below x above pairs


def gini(x: ValuesLike, negatives: Negatives = "raise", weights: ValuesLike | None = None) -> float:
    """The Gini coefficient, sum |x_i - x_j| / (2 n^2 mean), from 0 (all equal, or one person) to 1 - 1/n.

    negatives="rsv" is another normalisation (see `rsv`), so never compare the two.
    """
    if negatives == "rsv":
        return rsv(x, weights)
    given = _people(x, negatives, weights)
    if given is None or given.equal:
        return math.nan if given is None else 0.0
    return min(given.pairs() / (given.people * given.sum(given.amounts)), 1.0)


def hoover(x: ValuesLike, negatives: Negatives = "raise", weights: ValuesLike | None = None) -> float:
    """The Hoover index, half the sum of |share - 1/n|: the share of the total that would have to change hands
    for all to be equal. From 0 (all equal, or one person) to 1 - 1/n.
    """
    given = _people(x, negatives, weights)
    if given is None or given.equal:
        return math.nan if given is None else 0.0
    return given.sum(np.abs(given.amounts / given.sum(given.amounts) - 1 / given.people)) / 2


def theil(x: ValuesLike, negatives: Negatives = "raise", weights: ValuesLike | None = None) -> float:
    """Theil's T, the mean of r ln r with r = x / mean and 0 ln 0 = 0: from 0 (all equal) to ln n (one has it all)."""
    given = _people(x, negatives, weights)
    if given is None or given.equal:
        return math.nan if given is None else 0.0
    ratio = given.amounts / (given.sum(given.amounts) / given.people)
    logs = np.log(np.where(ratio > 0, ratio, 1.0))
    return max(given.sum(ratio * logs) / given.people, 0.0)


def atkinson(
    x: ValuesLike, epsilon: float = 0.5, negatives: Negatives = "raise", weights: ValuesLike | None = None
) -> float:
    """Atkinson's index 1 - (mean of r^(1-epsilon))^(1/(1-epsilon)), r = x / mean; at epsilon = 1, 1 - geometric mean
    of r [Atkinson 1970]. From 0 (all equal) to 1.

    epsilon: aversion to inequality, above 0. From 1 on, the index is 1 wherever somebody has nothing.
    """
    if not (isinstance(epsilon, int | float | np.number) and 0 < epsilon < math.inf):
        raise InputError("epsilon", repr(epsilon), "a finite number above 0")
    given = _people(x, negatives, weights)
    if given is None or given.equal:
        return math.nan if given is None else 0.0
    if given.amounts[0] == 0 and epsilon >= 1:
        return 1.0
    with np.errstate(divide="ignore"):  # the log of nothing is -inf, and its power 0
        logs = np.log(given.amounts) - math.log(given.sum(given.amounts) / given.people)
    return min(max(-math.expm1(_log_power_mean(given, logs, 1.0 - float(epsilon))), 0.0), 1.0)


def _log_power_mean(given: _People, logs: FloatArray, power: float) -> float:
    """ln of the power mean of exp(logs), ascending: its exponents are at most 0, so nothing overflows."""
    if power == 0:
        return given.sum(logs) / given.people
    base = float(logs[-1] if power > 0 else logs[0])
    with np.errstate(over="ignore"):
        exponents = power * (logs - base)
    less = given.sum(np.expm1(exponents)) / given.people  # exact where all exponents are small
    mean = math.log1p(less) if less > -0.5 else math.log(given.sum(np.exp(exponents)) / given.people)
    return base + mean / power


def top_share(
    x: ValuesLike, share: float = 0.1, negatives: Negatives = "raise", weights: ValuesLike | None = None
) -> float:
    """The share of the total that the richest `share` of people hold (.1: the top tenth; .01: the top hundredth).

    Where that is no whole number of people, the last of them counts in part (of 15 people, the top tenth is
    the richest and half of the second): linear interpolation, as on the Lorenz curve. All equal gives `share`
    itself, also where nobody has anything or there is one person.
    """
    if not 0 <= share <= 1:
        raise InputError("share", share, "a number from 0 to 1")
    given = _people(x, negatives, weights)
    if given is None:
        return math.nan
    backwards = None if given.weights is None else given.weights[::-1]
    return float(np.interp(share, *_curve(_People(given.amounts[::-1], backwards, given.unit))))


def share_paid_nothing(x: ValuesLike, negatives: Negatives = "raise", weights: ValuesLike | None = None) -> float:
    """The share of people whose amount is exactly 0, from 0 to 1; with negatives="clip", 0 or less."""
    given = _people(x, negatives, weights)
    return math.nan if given is None else given.sum((given.amounts == 0).astype(np.float64)) / given.people


def lorenz(
    x: ValuesLike, negatives: Negatives = "raise", weights: ValuesLike | None = None
) -> tuple[FloatArray, FloatArray]:
    """The Lorenz curve: (population share, share of the total held by that poorest part), arrays (n + 1,).

    It runs from (0, 0) to (1, 1); the diagonal where nobody has anything; two empty arrays if x is empty. n counts
    numbers that stand for somebody.
    """
    given = _people(x, negatives, weights)
    return (np.empty(0), np.empty(0)) if given is None else _curve(given)


def _curve(given: _People) -> tuple[FloatArray, FloatArray]:
    """Population share, and the share of the total that the people listed so far hold."""
    weights = np.ones(given.amounts.size) if given.weights is None else given.weights
    population = np.concatenate(([0.0], np.cumsum(weights)))
    population /= population[-1]
    if given.equal:
        return population, population.copy()
    cumulative = np.concatenate(([0.0], np.cumsum(given.amounts * weights)))
    return population, cumulative / cumulative[-1]


def rsv(x: ValuesLike, weights: ValuesLike | None = None) -> float:
    """sum |x_i - x_j| / (2 (n-1) sum |x|), for amounts of any sign, from 0 to 1 [Raffinetti, Siletti & Vernizzi 2015].

    n/(n-1) times the usual Gini where no amount is negative. With weights, n is the number of people they stand for,
    which must be more than 1 unless all are equal; a fractional n near 1 could take it above 1, and it stops at 1.
    """
    given = _people(x, "keep", weights)
    if given is None or given.equal:
        return math.nan if given is None else 0.0
    others = given.people - 1 / given.crowd
    if others <= 0:
        raise InputError("weights", f"{given.people * given.crowd:g} people in all", "more than 1, for n - 1 to count")
    return min(given.pairs() / (others * given.sum(np.abs(given.amounts))), 1.0)


def sd(x: ValuesLike, weights: ValuesLike | None = None) -> float:
    """The standard deviation of these people, the root of the mean squared deviation (by n), in the unit of x."""
    given = _people(x, "keep", weights)
    if given is None or given.equal:
        return math.nan if given is None else 0.0
    away = given.amounts - given.sum(given.amounts) / given.people
    return given.unit * math.sqrt(given.sum(away**2) / given.people)


def mean_absolute_difference(x: ValuesLike, weights: ValuesLike | None = None) -> float:
    """sum |x_i - x_j| / n^2 over ordered pairs, in the unit of x: twice the mean times the Gini, for any sign."""
    given = _people(x, "keep", weights)
    if given is None or given.equal:
        return math.nan if given is None else 0.0
    return given.unit * (2 * given.pairs() / given.people / given.people)


def spread_of_values(x: ValuesLike, weights: ValuesLike | None = None, epsilon: float = 0.5) -> dict[str, Measured]:
    """Every measure of raw values, which may be negative: a number, or the reason why there is none."""
    given, raw = (
        _people(x, "keep", weights),
        {"sd": sd, "mean_absolute_difference": mean_absolute_difference, "rsv": rsv},
    )
    shares: dict[str, Callable[[], float]] = {
        "gini": lambda: gini(x, weights=weights),
        "hoover": lambda: hoover(x, weights=weights),
        "theil": lambda: theil(x, weights=weights),
        "atkinson": lambda: atkinson(x, epsilon, weights=weights),
    }
    if given is None:
        return dict.fromkeys([*raw, *shares], Measured(math.nan, "there is nobody"))
    found = {name: Measured(measure(x, weights)) for name, measure in raw.items()}
    if given.amounts[0] < 0:
        return found | dict.fromkeys(shares, Measured(math.nan, "some values are negative, so shares mean nothing"))
    return found | {name: Measured(measure()) for name, measure in shares.items()}


def _people(x: ValuesLike, negatives: str, weights: ValuesLike | None) -> _People | None:
    """Those who count, sorted, or None if nobody does. negatives: "keep" where any sign will do."""
    if negatives not in ("raise", "clip", "keep"):
        no = "'raise' or 'clip'" + ("; only gini has 'rsv'" if negatives == "rsv" else " ('rsv' for gini)")
        raise InputError("negatives", repr(negatives), no)
    amounts, counts = finite_array(x, "x"), None if weights is None else _weights(weights)
    if counts is None:
        amounts.sort()  # a copy, as is every answer of finite_array
    else:
        if counts.size != amounts.size:
            raise InputError("weights", f"{counts.size} numbers", f"one for each of {amounts.size} in x")
        order = np.argsort(amounts)
        order = order[counts[order] > 0]
        amounts, counts = amounts[order], counts[order]
    if amounts.size == 0:
        return None
    if negatives == "raise" and amounts[0] < 0:
        raise InputError(
            "x", f"{amounts[0]:g}, a negative amount", "amounts of 0 or more, or another policy for negatives"
        )
    if negatives == "clip":
        amounts = np.maximum(amounts, 0.0)
    unit = float(max(amounts[-1], -amounts[0]))
    crowd = 1.0 if counts is None else power_of_two(counts)
    if unit > 0:
        amounts /= unit
    return _People(amounts, counts if counts is None else counts / crowd, unit, crowd)


def _weights(weights: ValuesLike) -> FloatArray:
    counts = finite_array(weights, "weights")
    if (counts < 0).any():
        raise InputError("weights", f"{counts.min():g}", "numbers of people of 0 or more")
    if counts.size and not counts.any():
        raise InputError("weights", "nothing but zeros", "at least one person")
    return counts


def power_of_two(counts: FloatArray) -> float:
    """The power of 2 at or below the largest: dividing by it is exact, so that equal sums stay equal."""
    return float(2.0 ** (math.frexp(float(counts.max()))[1] - 1))
