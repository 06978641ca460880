"""Averages: which of a report's means stand for no replicate, or no person, since what they average is in two groups.

Every figure of which the report gives a mean is looked at as it stands in the last round (money and Gini indices of
dividends: over the whole run), one number a replicate; and what a coalition's people were paid, one number a person.
"Two groups" is what `split` finds: fewer than eight numbers are never told apart. Of numbers in one group it finds two
by chance: of normal ones 4 times in a hundred if they are eight, 6 in a thousand if twelve, never in 4,000 if twenty.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from ..regimes import split
from .performance import AUDIENCES, titled
from .record import SHORTLY, Record

_COALITIONS = {
    "members": "members",
    "turnout": "turnout",
    "harm": "harm of its threat",
    "members_gain": "what a member had of it",
    "outsiders_gain": "what people outside had of it",
    "shirked": "members who left their part to others",
}
_LEVERAGE = {
    "gap_closed": "gap closed",
    "gap_closed_shared": "its share of the gap closed",
    "strike": "strike",
    "contribution": "contribution",
}
_DLP = {
    "dlp_contribution": "DLP of a contribution",
    "dlp_transfer": "DLP of a contribution with deletion",
    "dlp_strike": "DLP of a strike",
}
_GINIS = {
    "gini": "Gini",
    "gini_with_public": "Gini among all",
    "hoover": "Hoover index",
    "top_tenth": "share of the top tenth",
}
_SOCIETY = {
    "concentration": "concentration",
    "exposure": "exposure",
    "to_contributors": "share of revenue paid to members",
    "to_public": "share of revenue spent for everybody",
    "distance": "distance of practice from everybody",
    "distance_served": "distance of practice from the people served",
    "net_harm": "net harm",
    "choice_kept": "choice as if informed and free",
    "alone_gain": "what people had of acting alone",
}
_CUSTOM = {
    "served": "people served",
    "revenue": "revenue",
    "aware": "awareness",
    "exit_alone": "individual exit",
    "exit_together": "group exit",
    "followed": "downstream provenance",
}
About = Literal["coalition", "firm", "society"]


@dataclass(frozen=True)
class Averaged:
    """A figure of which the report gives a mean, and the numbers that it is a mean of."""

    about: About
    name: str
    """Of the coalition or firm."""
    figure: str
    values: pd.Series
    """One a replicate, or one a person."""


@dataclass(frozen=True)
class Divided:
    """A figure whose numbers are in two groups, with the mean of each."""

    figure: str
    low: float
    high: float


def divided(record: Record, about: About, name: str = "") -> list[Divided]:
    """The figures of a coalition, a firm or society whose mean over replicates stands for none of them."""
    figures = [each for each in _averaged(record) if (each.about, each.name) == (about, name)]
    found = [(each.figure, split(each.values.to_numpy(float))) for each in figures]
    return [Divided(figure, *groups) for figure, groups in found if groups]


def divided_people(record: Record, coalition: str) -> list[Divided]:
    """What the people of a coalition were paid over the run, if it is in two groups; every replicate's people."""
    paid = record.users.loc[record.users["coalition"] == coalition, "dividend"]
    groups = split(paid.to_numpy(float))
    return [Divided("what its people were paid over the run", *groups)] if groups else []


def _averaged(record: Record) -> Iterator[Averaged]:
    yield from _of(record.coalitions, "coalition", _COALITIONS)
    for name, rows in record.coalitions.groupby("coalition", sort=False):
        yield Averaged("coalition", str(name), "what it was paid in all", rows.groupby("replicate")["pot"].sum())
    yield from _leverage(record)
    yield from _of(record.firms.drop_duplicates(["replicate", "round", "firm"]), "firm", _CUSTOM)
    for (metric, view, audience), rows in record.firms.groupby(["metric", "view", "audience"], sort=False):
        words = f"{titled(str(metric))} for {AUDIENCES.get(str(audience), str(audience))} ({view})"
        yield from _of(rows, "firm", {"score": words})
    chosen = record.dividends[record.dividends["chosen"]]
    for name, rows in chosen.groupby("coalition", sort=False):
        for column, words in _GINIS.items():
            yield Averaged("coalition", str(name), f"{words} of what it paid", rows.groupby("replicate")[column].mean())
    yield from _of(record.society.assign(society=""), "society", _SOCIETY)


def _of(rows: pd.DataFrame, who: About, figures: dict[str, str]) -> Iterator[Averaged]:
    """Columns of a table with a row for each replicate, round and whoever it is about, in the last round."""
    for name, group in _last(rows).groupby(who, sort=False):
        for column, words in figures.items():
            yield Averaged(who, str(name), words, group.set_index("replicate")[column])


def _leverage(record: Record) -> Iterator[Averaged]:
    """What campaigns did, by coalition; and the published measures, which are of the target, whatever the coalition."""
    rows = _last(record.measured)
    kinds: list[tuple[About, str, dict[str, str]]] = [("coalition", "coalition", _LEVERAGE), ("firm", "target", _DLP)]
    for about, who, figures in kinds:
        for names, group in rows[rows[who] != ""].groupby([who, "rival", "view"], sort=False):
            name, rival, view = map(str, names)
            seen = SHORTLY[view] + (f", {rival} as rival" if rival else "")
            once = group.drop_duplicates("replicate").set_index("replicate")
            for column, words in figures.items():
                yield Averaged(about, name, f"{words} ({seen})", once[column])


def _last(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last round of each replicate."""
    return rows[rows["round"] == rows.groupby("replicate")["round"].transform("max")]
