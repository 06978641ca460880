"""Compared dividend designs as tables, pictures and a report."""

import numpy as np

from ...valuation.comparison import Comparison, Estimation, Money
from ..studies.study import Study, Table
from ..versions import versions
from .pictures import lorenz_picture, payout_picture
from .values_file import People

_KEY = ("method", "level", "transform")
_MAIN = ("gini", "hoover", "theil", "atkinson", "top_tenth", "top_hundredth", "paid_nothing")
_NOISE = ("gini_corrected", "gini_low", "gini_high", "reliability")
_INCOME = ("gini_of_income", "gini_with_dividend", "gini_change", "hoover_change")

COLUMNS = {
    "method": "how data are valued; 'file': values from a file. With several sources: the method, a colon and the "
    "source, or all where values are summed",
    "level": "where money is shared by value: user (among people); owen (among people, within their coalitions); or "
    "among coalitions, and inside them equal, by records, or by value",
    "transform": "the dividend: how values become payouts",
    "money": "all the money that is shared out",
    "public": "the part of it spent for everybody alike",
    "pot": "the rest, paid out to people",
    "people": "people who are paid or could be",
    "fallback": "yes if all weights were zero (somewhere), so that money was split equally",
    "under_minimum": "people whose payout was under the minimum and was shared again among the rest",
    "minimum_unmet": "yes if nobody could be paid the minimum, so that it was not applied",
    "gini": "Gini of the payouts, 0 equal: of the estimated values as they are",
    "hoover": "Hoover index of the payouts: the share that would have to change hands",
    "theil": "Theil's T of the payouts",
    "atkinson": "Atkinson's index of the payouts",
    "top_tenth": "share of the pot that the best paid tenth gets",
    "top_hundredth": "share of the pot that the best paid hundredth gets",
    "paid_nothing": "share of people who are paid nothing",
    "gini_with_public": "Gini of payouts and everybody's equal part of the public share, people outside included",
    "hoover_with_public": "Hoover index of the same",
    "gini_corrected": "Gini of the payouts that the true values would lead to, median over draws of them given the "
    "estimates; empty where the noise is not known",
    "gini_low": "lower end of the interval that holds 95 per cent of these draws",
    "gini_high": "upper end of the same",
    "reliability": "share of the spread of the values that is not noise: 1 - mean(stderr^2) / variance",
    "note": "why a figure is empty, or what must be known of the values",
    "gini_of_income": "Gini of income alone",
    "gini_with_dividend": "Gini of income plus payout",
    "gini_change": "the difference; below 0: incomes become more equal",
    "hoover_of_income": "Hoover index of income alone",
    "hoover_with_dividend": "Hoover index of income plus payout",
    "hoover_change": "the difference; below 0: incomes become more equal",
    "players": "who is valued: people, or coalitions and groups",
    "total": "sum of the values",
    "sd": "standard deviation of the values (ddof 0), negative ones included",
    "mean_absolute_difference": "mean of |x - y| over all pairs of players",
    "rsv": "Raffinetti, Siletti and Vernizzi's index, a Gini that allows negative values; not to be compared with gini",
    "attribute": "an attribute of the people",
    "between": "the part of Theil's T between its groups",
    "within": "the part within its groups",
    "majority": "its largest group",
    "median_ratio": "median payout of everybody outside the majority over the majority's",
    "one": "a dividend",
    "other": "another one, by the same values",
    "difference": "Gini of the one less that of the other, median over the same draws of the true values",
    "low": "lower end of its 95 per cent interval",
    "high": "upper end of its 95 per cent interval",
    "more_equal": "which of them is more equal; empty where the interval holds 0, so that they cannot be ranked",
    "person": "who is paid",
}


def study(people: People, found: Comparison, money: Money, estimation: Estimation, source: str) -> Study:
    """What was compared, ready to be printed and written."""
    columns = {**COLUMNS, **dict.fromkeys(found.payouts.columns[1:], "payout by this method, level and transform")}
    columns["atkinson"] += f", epsilon {estimation.epsilon:g}"
    columns["person"] = COLUMNS["person"]
    tables = {
        "dividends": Table(
            "Dividend designs: inequality of what people are paid",
            found.designs,
            _shown(found),
            note=_note(found),
            decimals=3,
        ),
        "dividends_values": Table("Values before any dividend", found.values, decimals=3),
        "dividends_pairs": Table("Which of two designs is more equal", found.pairs, printed=False, decimals=3),
        "dividends_payouts": Table("What each person is paid", found.payouts, printed=False, decimals=3),
    }
    if len(found.attributes):
        tables["dividends_attributes"] = Table("Between and within groups", found.attributes, decimals=3)
    return Study(
        name="dividends",
        title=f"Dividend designs compared: {source}",
        lead="The same money, shared out among the same people by every design.",
        facts=[*people.facts, *_facts(money, estimation)],
        tables={name: table for name, table in tables.items() if len(table.frame)},
        columns=columns,
        pictures={
            "dividends_lorenz": lorenz_picture(found.designs, found.payouts),
            "dividends_payouts_picture": payout_picture(found.designs, found.payouts),
        },
        notes=[*found.notes, *_ranked(found)],
        manifest={"source": source, "money": vars(money), "estimation": vars(estimation), "versions": versions()},
    )


def _facts(money: Money, estimation: Estimation) -> list[tuple[str, str]]:
    public = f", of which {money.public:g} public" if money.public else ""
    others = f"; {money.others:,} others share the public part" if money.others else ""
    least = f"; payouts under {money.minimum:g} are shared again" if money.minimum else ""
    return [
        ("Money", f"{money.amount:g}{public}{others}{least}"),
        ("Intervals", f"{estimation.draws:,} draws of the true values given the estimates, seed {estimation.seed}"),
    ]


def _shown(found: Comparison) -> list[str]:
    """Columns that say something here."""
    designs = found.designs
    shown = [*_KEY, *_MAIN]
    if designs["public"].any():
        shown.append("gini_with_public")
    if designs["gini_low"].notna().any():
        shown += _NOISE
    if "gini_change" in designs:
        shown += _INCOME
    return [*shown, *(["fallback"] if designs["fallback"].any() else [])]


def _note(found: Comparison) -> str:
    reasons = [reason for reason in dict.fromkeys(found.designs["note"]) if reason]
    words = (
        "Estimated values are noisy, and noise looks like inequality: gini is that of the estimates as they are, "
        "gini_corrected and its interval are about the true values."
    )
    return " ".join([*(f"{reason[0].upper()}{reason[1:]}." for reason in reasons), words])


def _ranked(found: Comparison) -> list[str]:
    """How many pairs of designs can be ranked."""
    pairs = found.pairs
    if not len(pairs) or not pairs["low"].notna().any():
        return []
    known, n = int((pairs["more_equal"] != "").sum()), int(np.sum(pairs["low"].notna()))
    return [f"{known} of {n} pairs of designs can be ranked by their Gini; see dividends_pairs.csv."]
