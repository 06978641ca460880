"""Dividend designs side by side: what each pays, how unequal that is, and what of it is certain.

A design is a way to value data, a level at which money is shared (both in `Claims`), and a dividend. All designs share
out the same money. A part of it may go to public goods: it is spent for everybody alike, those who are paid and
others, and counts as an equal benefit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..ml_tasks.settings import Checked, Count, InputError, NonNegative, Positive, PositiveCount, Share
from .claims import Claims
from .decomposition import income_change, median_ratios, theil_by_group
from .dividends import DIVIDENDS, Dividend
from .inequality import atkinson, gini, hoover, share_paid_nothing, spread_of_values, theil, top_share
from .noise import LEVEL, SAME, draws, reliability
from .values import FloatArray, Values, finite_array

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2)
"""Ends and middle of an interval over draws."""
Attributes = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Money(Checked):
    """How much there is, and what is done with it before and after it is shared by value."""

    amount: NonNegative = 100.0
    public_share: Share = 0.0
    """Of the amount, spent for everybody alike; the rest is the pot, which is paid out whole."""
    others: Count = 0
    """People who are paid nothing but have their part of the public share too."""
    minimum: NonNegative = 0.0
    """Payouts under it are shared again among the rest."""

    @property
    def pot(self) -> float:
        return self.amount - self.public

    @property
    def public(self) -> float:
        return self.public_share * self.amount


@dataclass(frozen=True)
class Estimation(Checked):
    """How the noise of estimated values is taken account of."""

    draws: PositiveCount = 1000
    seed: Count = 0
    epsilon: Positive = 0.5
    """Of Atkinson's index."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What was found; see `docs/valuation.md` for every column."""

    designs: "pd.DataFrame"
    """One row a design: money, who is paid, inequality of payouts, and its interval."""
    values: "pd.DataFrame"
    """One row for each kind of values: their spread and reliability, before any dividend."""
    attributes: "pd.DataFrame"
    """One row a design and attribute: inequality between and within groups, and the ratio of medians."""
    pairs: "pd.DataFrame"
    """One row for two designs by the same values: the difference of their Ginis, and which is more equal, if known."""
    payouts: "pd.DataFrame"
    """One row a person: what each design pays them."""
    notes: tuple[str, ...] = ()


def compare_dividends(
    claims: Claims | Sequence[Claims] | Values | Sequence[float],
    dividends: Mapping[str, Dividend] | Sequence[str] | None = None,
    *,
    records: ArrayLike | None = None,
    attributes: Attributes | None = None,
    income: ArrayLike | None = None,
    money: Money | None = None,
    estimation: Estimation | None = None,
) -> Comparison:
    """Pay the same people by every design, and compare.

    claims: what people are paid by; if several, all of the same people. `Values`, or plain numbers known exactly, are
    people's own. dividends: names in DIVIDENDS, or dividends by a name of yours; by default
    all that can be paid. records, income: a number for each person; attributes: a label for each person, by attribute.
    The same seed gives the same intervals. Raises InputError, one sentence.
    """
    import pandas as pd

    every = _claims(claims, records)
    people = every[0].people
    money, estimation = money or Money(), estimation or Estimation()
    chosen, notes = _chosen(dividends, all(own.records is not None for own in every))
    incomes = None if income is None else _one_each(income, people, "income")
    labels = {name: _labels(name, given, people) for name, given in (attributes or {}).items()}
    rows, parts, pairs = [], [], []
    paid: dict[str, Any] = {"person": pd.Series(people, dtype=object)}
    for own in every:
        drawn = _Drawn(own, estimation)
        ginis = {}
        for name, dividend in chosen.items():
            key = {"method": own.values.method, "level": own.level, "transform": name}
            payout = own.payouts(dividend, money.pot, money.minimum)
            ginis[name] = drawn.ginis(dividend, money)
            rows.append(key | _money(money, len(people), payout.fallback, payout.under, payout.unmet)
                        | _inequality(payout.payouts, money, estimation.epsilon)
                        | _certain(ginis[name]) | {"reliability": drawn.reliability, "note": drawn.reason}
                        | _with_income(incomes, payout.payouts))  # fmt: skip
            parts += [key | {"attribute": a} | _by(payout.payouts, given) for a, given in labels.items()]
            paid[" ".join(key.values())] = payout.payouts
        pairs += [
            {"method": own.values.method, "level": own.level, "one": a, "other": b} | _difference(a, b, ginis)
            for a, b in combinations(chosen, 2)
        ]
    spreads = [_spread(own, estimation) for own in every]
    tables = (pd.DataFrame(table) for table in (rows, spreads, parts, pairs, paid))
    designs, spread, by, ranks, payouts = tables
    return Comparison(designs, spread, by, ranks, payouts, tuple(notes))


class _Drawn:
    """Draws of the true values behind estimated ones, paid out by one design after the other."""

    def __init__(self, claims: Claims, estimation: Estimation) -> None:
        self._claims = claims
        self.reason, self.reliability = "", float("nan")
        self._worth: FloatArray | None = None
        self._own: FloatArray | None = None
        try:
            self.reliability = reliability(claims.values)
            rng = np.random.default_rng(estimation.seed)
            self._worth = draws(claims.values, rng, estimation.draws)
            if claims.own is not None:
                self._own = draws(claims.own, rng, estimation.draws)
        except InputError as error:
            self.reason = f"no interval: {error.found}"

    def ginis(self, dividend: Dividend, money: Money) -> FloatArray | None:
        """The Gini of the payouts of each draw, shape (draws,); None where the noise is not known."""
        if self._worth is None:
            return None
        own = self._own if self._own is not None else [None] * len(self._worth)
        paid = (
            self._claims.payouts(dividend, money.pot, money.minimum, worth, each)
            for worth, each in zip(self._worth, own, strict=True)
        )
        return np.array([gini(payout.payouts) for payout in paid])


def _money(money: Money, people: int, fallback: bool, under: int, unmet: bool) -> dict[str, Any]:
    return {
        "money": money.amount, "public": money.public, "pot": money.pot, "people": people,
        "fallback": fallback, "under_minimum": under, "minimum_unmet": unmet,
    }  # fmt: skip


def _inequality(payouts: FloatArray, money: Money, epsilon: float) -> dict[str, Any]:
    everybody = np.append(payouts, np.zeros(money.others)) + money.public / max(len(payouts) + money.others, 1)
    return {
        "gini": gini(payouts), "hoover": hoover(payouts), "theil": theil(payouts),
        "atkinson": atkinson(payouts, epsilon), "top_tenth": top_share(payouts, 0.1),
        "top_hundredth": top_share(payouts, 0.01), "paid_nothing": share_paid_nothing(payouts),
        "gini_with_public": gini(everybody), "hoover_with_public": hoover(everybody),
    }  # fmt: skip


def _certain(ginis: FloatArray | None) -> dict[str, float]:
    if ginis is None:
        return {"gini_corrected": np.nan, "gini_low": np.nan, "gini_high": np.nan}
    low, middle, high = np.quantile(ginis, QUANTILES)
    return {"gini_corrected": middle, "gini_low": low, "gini_high": high}


def _with_income(income: FloatArray | None, payouts: FloatArray) -> dict[str, float]:
    if income is None:
        return {}
    found = income_change(income, payouts)
    return {
        f"{name}_{when}": value
        for name, change in found.items()
        for when, value in (("of_income", change.before), ("with_dividend", change.after), ("change", change.change))
    }


def _by(payouts: FloatArray, labels: Sequence[Any]) -> dict[str, Any]:
    parts, ratios = theil_by_group(payouts, labels), median_ratios(payouts, labels)
    return {
        "theil": parts.total, "between": parts.between, "within": parts.within, "majority": ratios.majority,
        "median_ratio": ratios.minority.value, "note": ratios.minority.reason,
    }  # fmt: skip


def _difference(one: str, other: str, ginis: Mapping[str, FloatArray | None]) -> dict[str, Any]:
    """Which of two designs is more equal, over the same draws: known only where the interval excludes 0."""
    a, b = ginis[one], ginis[other]
    if a is None or b is None:
        return {"difference": np.nan, "low": np.nan, "high": np.nan, "more_equal": ""}
    low, middle, high = np.quantile(a - b, QUANTILES)
    more = other if low > SAME else one if high < -SAME else ""
    return {"difference": middle, "low": low, "high": high, "more_equal": more}


def _spread(claims: Claims, estimation: Estimation) -> dict[str, Any]:
    values = claims.values
    found = spread_of_values(values, epsilon=estimation.epsilon)
    reasons: dict[str, list[str]] = {}
    for name, one in found.items():
        if one.reason:
            reasons.setdefault(one.reason, []).append(name)
    try:
        reliable, words = reliability(values), ""
    except InputError as error:
        reliable, words = float("nan"), f"reliability: {error.found}"
    notes = [values.note, *(f"{', '.join(names)}: {why}" for why, names in reasons.items()), words]
    return {
        "method": values.method, "level": claims.level, "players": len(values), "total": float(values.worth.sum()),
        **{name: one.value for name, one in found.items()}, "reliability": reliable,
        "note": "; ".join(filter(None, notes)),
    }  # fmt: skip


def _claims(claims: Any, records: ArrayLike | None) -> list[Claims]:
    if isinstance(claims, Claims):
        claims = [claims]
    if isinstance(claims, Sequence) and len(claims) and isinstance(claims[0], Claims):
        every = list(claims)
        if len({own.people for own in every}) > 1:
            raise InputError("claims", "different people", "the same people in all of them")
        if len({(own.values.method, own.level) for own in every}) < len(every):
            raise InputError("claims", "the same method and level twice", "each of them once")
        return every
    if not isinstance(claims, Values):
        worth = finite_array(claims)
        claims = Values(tuple(range(len(worth))), worth, np.zeros(len(worth)), 0, "given", "exact")
    held = None if records is None else _one_each(records, claims.players, "records")
    return [Claims(claims.players, claims, held)]


def _chosen(
    dividends: Mapping[str, Dividend] | Sequence[str] | None, with_records: bool
) -> tuple[dict[str, Dividend], list[str]]:
    if isinstance(dividends, Mapping):
        return dict(dividends), []
    if dividends is not None:
        for name in dividends:
            if name not in DIVIDENDS:
                raise InputError("dividends", repr(name), f"one of {', '.join(DIVIDENDS)}")
        return {name: DIVIDENDS[name]() for name in dividends}, []
    left_out = [] if with_records else ["per_record"]
    notes = [f"Left out: {name}, for which numbers of records are needed." for name in left_out]
    return {name: kind() for name, kind in DIVIDENDS.items() if name not in left_out}, notes


def _one_each(numbers: ArrayLike, people: Sequence[Any], where: str) -> FloatArray:
    found = finite_array(numbers, where)
    if len(found) != len(people):
        raise InputError(where, f"{len(found)} numbers", f"one for each of {len(people)} people")
    return found


def _labels(name: str, given: Sequence[Any], people: Sequence[Any]) -> Sequence[Any]:
    if len(given) != len(people):
        raise InputError(f"attributes.{name}", f"{len(given)} labels", f"one for each of {len(people)} people")
    return given
