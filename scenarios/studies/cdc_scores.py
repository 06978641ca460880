"""What is trained and read for the study of conscious data contribution: every run, and the means over groups."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from ...ml_tasks.holdings import Holdings
from ...ml_tasks.scores import RecordSet, Score, Scores, View, classes
from ...ml_tasks.settings import InputError
from .bench import Bench

FEWEST = 10
"""A test set with fewer records (of either class, for an area under the curve) gives no score worth reading."""


def runs(bench: Bench, rates: Sequence[float], groups: int, views: Sequence[RecordSet]) -> pd.DataFrame:
    """One row a training, view and company; `left_out` says why a score is not compared."""
    rows = [*_read(views, bench, bench.everyone, 1.0, 0, "full")]
    for group in range(groups):
        companies = [company for rate in rates for company in _companies(bench, group, rate)]
        bench.retrainer.ahead(holdings for _, _, holdings in companies)
        for rate, company, holdings in companies:
            rows += _read(views, bench, holdings, rate, group, company)
    return without_remnants(pd.DataFrame(rows), ["view", "rate", "company"])


def _companies(bench: Bench, group: int, rate: float) -> list[tuple[float, str, Holdings]]:
    """The small company, which the group's members give their data, and the large one, which they take them from."""
    members = bench.drawn(group, rate)
    if not 0 < len(members) < bench.people:
        raise InputError("--rates", rate, f"a rate that is at least one of {bench.people} people, and not all")
    return [(rate, "small", bench.everyone.only(members)), (rate, "large", bench.everyone.without(members))]


def without_remnants(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Leave out what remains of a rate where most groups are left out: those that can be scored are no fair draw."""
    out = (table["left_out"] != "").groupby([table[name] for name in keys]).transform("mean")
    remnant = (out > 0.5) & (table["left_out"] == "")
    words = "more than half of the groups at this rate are left out"
    return table.assign(left_out=table["left_out"].mask(remnant, words))


def _read(
    views: Sequence[RecordSet], bench: Bench, holdings: Holdings, rate: float, group: int, company: str
) -> Iterator[dict[str, object]]:
    scores = bench.retrainer.scores(holdings)
    for view in views:
        yield {"view": view, "rate": rate, "group": group, "company": company, **reading(scores, holdings, view)}


def reading(scores: Scores, holdings: Holdings, view: RecordSet) -> dict[str, object]:
    """The score of a company in a view, of how many test records it is, and why it is to be left out, if it is."""
    score, reason = judged(scores, View(view, holdings.present if view == "company" else None))
    return {"score": score.mean, "tested": score.n, "left_out": reason}


def judged(scores: Scores, view: View) -> tuple[Score, str]:
    """The score in a view, and why it is to be left out; empty if it is not."""
    score = scores.view(view.records, view.audience, view.served, view.metric)
    return score, score.reason or score.degenerate or _too_few(scores, view, score.n)


def _too_few(scores: Scores, view: View, tested: float) -> str:
    if scores.yardstick.metrics[scores.yardstick.default].reading == "auc":
        return f"fewer than {FEWEST} test records of one class" if min(classes(scores.yardstick, view)) < FEWEST else ""
    return f"fewer than {FEWEST} test records" if tested < FEWEST and view.records == "company" else ""


def means(table: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation (ddof 1) over groups for each view, share and company; mirrored above a half."""
    used = table[(table["left_out"] == "") & (table["company"] != "full")]
    half = used["rate"] == 0.5
    other = used["company"].map({"small": "large", "large": "small"})
    pooled = pd.concat([used, used[half].assign(company=other[half])])
    mirrored = used[~half].assign(company=other[~half], rate=(1 - used["rate"][~half]).round(12))
    every = pd.concat([pooled.assign(mirrored=False), mirrored.assign(mirrored=True)])
    found = every.groupby(["view", "rate", "mirrored", "company"])["score"].agg(["mean", "std", "count"])
    wide = found.unstack("company")
    result = pd.DataFrame(index=wide.index)
    for company in ("small", "large"):
        known = company in wide["mean"].columns
        for name, statistic in ((company, "mean"), (f"{company}_sd", "std"), (f"{company}_runs", "count")):
            result[name] = wide[statistic][company] if known else np.nan
    return result.fillna({"small_runs": 0, "large_runs": 0}).reset_index()


def left_out(table: pd.DataFrame, keys: list[str], groups: int, words: str) -> list[str]:
    """A sentence for each part of the runs in which some are left out, with every reason and how often it was."""
    notes = []
    for found, part in table[table["left_out"] != ""].groupby(keys, sort=False):
        reasons = ", ".join(f"{n} of {groups}: {reason}" for reason, n in part["left_out"].value_counts().items())
        whose = words.format(**dict(zip(keys, found, strict=True)))
        notes.append(f"Left out of every mean: {whose} ({reasons}).")
    return notes
