"""Conscious data contribution and data strikes by random groups of people [VH20, VH21].

Large Co. has everybody's data. A group holding the share s contributes to Small Co. (which then has exactly that
share), withholds from Large Co. (which then has 1 - s), or both. Every share above a half follows by symmetry:
Large Co. after losing s is Small Co. holding 1 - s. Groups are random; at s = .5 the two companies are pooled.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ...ml_tasks.holdings import Holdings
from ...ml_tasks.scores import RECORD_SETS, RecordSet, Scores, View, classes
from ...ml_tasks.settings import InputError
from ...ml_tasks.task import baseline
from ...valuation.leverage import curvature, dlp_contribution, dlp_strike, dlp_transfer
from . import published
from .bench import Bench
from .cdc_findings import claims, thresholds
from .cdc_pictures import learning_curve, leverage_and_performance
from .study import Study, Table

RATES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
SCALES = ("no_personalisation", "worst_best_run", "published")
"""Where DLP is 0 and 1. `no_personalisation`: what needs nobody's data, and the full-data model. `worst_best_run`:
the worst and the best single run in the view, as the study did. `published`: the study's own two numbers."""
FEWEST = 10
"""A test set with fewer records of either class gives no area under the curve worth reading."""

Base = Literal["no_personalisation", "worst_best_run", "published"]


@dataclass(frozen=True)
class Cdc:
    """The settings of the study."""

    rates: Sequence[float] = RATES
    groups: int = 5
    views: Sequence[RecordSet] = RECORD_SETS
    base: Base = "no_personalisation"

    def __post_init__(self) -> None:
        if not self.rates or any(not 0 < rate <= 0.5 for rate in self.rates):
            raise InputError(
                "--rates", list(self.rates), "shares above 0 and up to .5 (those above follow by symmetry)"
            )
        if self.groups < 1:
            raise InputError("--groups", self.groups, "at least 1 group")
        if self.base not in SCALES:
            raise InputError("--base", repr(self.base), f"one of {', '.join(SCALES)}")
        object.__setattr__(self, "rates", tuple(sorted(set(self.rates))))

    def __call__(self, bench: Bench) -> Study:
        """Train what is needed and read everything from it."""
        if self.base == "published" and not _in_print(bench):
            raise InputError("--base", f"published, for {bench.kind}", "a task and metric in print, or another base")
        runs = _runs(self, bench)
        means = _means(runs)
        scales = _scales(self, bench, runs)
        rows = _leverage(means, scales, bench)
        shapes = _shapes(rows)
        smallest = thresholds(rows)
        chosen = rows[rows["scale"] == self.base]
        return Study(
            name="cdc",
            title=f"Conscious data contribution and data strikes: {bench.task.label}",
            lead="Random groups of people give their data to a small company, take them from the large one, or both; "
            "both companies really retrain. Published figures stand beside ours where there are any.",
            facts=_facts(self, bench, scales),
            tables=_tables(self, rows, smallest, shapes, scales, runs),
            columns=COLUMNS,
            pictures={
                "cdc_leverage": leverage_and_performance(chosen, bench.task),
                "cdc_learning_curve": learning_curve(chosen, bench.task),
            },
            findings=claims(rows, shapes, self.base, bench.kind),
            notes=_notes(runs, bench, self),
            manifest={"groups": self.groups, "rates": list(self.rates), "base": self.base, **bench.manifest()},
        )


def _runs(study: Cdc, bench: Bench) -> pd.DataFrame:
    """One row a training, view and company; `left_out` says why a score is not compared."""
    rows = [*_read(study, bench, bench.everyone, 1.0, 0, "full")]
    for group in range(study.groups):
        for rate in study.rates:
            members = bench.drawn(group, rate)
            if len(members) == 0:
                raise InputError("--rates", rate, f"a rate that is at least one of {bench.people} people")
            rows += _read(study, bench, bench.everyone.only(members), rate, group, "small")
            rows += _read(study, bench, bench.everyone.without(members), rate, group, "large")
    return _without_remnants(pd.DataFrame(rows))


def _without_remnants(runs: pd.DataFrame) -> pd.DataFrame:
    """Leave out what remains of a rate where most groups are left out: those that can be scored are no fair draw."""
    out = (runs["left_out"] != "").groupby([runs[name] for name in ("view", "rate", "company")]).transform("mean")
    remnant = (out > 0.5) & (runs["left_out"] == "")
    words = "more than half of the groups at this rate are left out"
    return runs.assign(left_out=runs["left_out"].mask(remnant, words))


def _read(
    study: Cdc, bench: Bench, holdings: Holdings, rate: float, group: int, company: str
) -> Iterator[dict[str, object]]:
    scores = bench.retrainer.scores(holdings)
    for view in study.views:
        audience = holdings.present if view == "company" else None
        score = scores.view(view, audience)
        reason = score.reason or score.degenerate or _too_few(scores, View(view, audience))
        yield {
            "view": view, "rate": rate, "group": group, "company": company,
            "score": score.mean, "tested": score.n, "left_out": reason,
        }  # fmt: skip


def _too_few(scores: Scores, view: View) -> str:
    if scores.yardstick.metrics[scores.yardstick.default].reading != "auc":
        return ""
    counts = classes(scores.yardstick, view)
    return f"fewer than {FEWEST} test records of one class" if min(counts) < FEWEST else ""


def _means(runs: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation (ddof 1) over groups for each view, share and company; mirrored above a half."""
    used = runs[(runs["left_out"] == "") & (runs["company"] != "full")]
    half = used["rate"] == 0.5
    other = used["company"].map({"small": "large", "large": "small"})
    pooled = pd.concat([used, used[half].assign(company=other[half])])
    mirrored = used[~half].assign(company=other[~half], rate=(1 - used["rate"][~half]).round(12))
    every = pd.concat([pooled.assign(mirrored=False), mirrored.assign(mirrored=True)])
    found = every.groupby(["view", "rate", "mirrored", "company"])["score"].agg(["mean", "std", "count"])
    wide = found.unstack("company")
    table = pd.DataFrame(index=wide.index)
    for company in ("small", "large"):
        known = company in wide["mean"].columns
        for name, statistic in ((company, "mean"), (f"{company}_sd", "std"), (f"{company}_runs", "count")):
            table[name] = wide[statistic][company] if known else np.nan
    return table.fillna({"small_runs": 0, "large_runs": 0}).reset_index()


def _scales(study: Cdc, bench: Bench, runs: pd.DataFrame) -> pd.DataFrame:
    """Base and best by view and kind of scale."""
    greater = bench.task.yardstick.metrics[bench.task.yardstick.default].greater_is_better
    print_ = published.study_of(bench.kind)
    rows = []
    for view in study.views:
        scores = runs.loc[(runs["view"] == view) & (runs["left_out"] == ""), "score"]
        best = runs.loc[(runs["view"] == view) & (runs["company"] == "full"), "score"].iloc[0]
        ends = (scores.min(), scores.max()) if greater else (scores.max(), scores.min())
        rows.append((view, SCALES[0], baseline(bench.task, View(view)), best))
        rows.append((view, SCALES[1], *ends))
        if print_ is not None and _in_print(bench):
            rows.append((view, SCALES[2], print_["base"], print_["best"]))
    return pd.DataFrame(rows, columns=["view", "scale", "base", "best"])


def _leverage(means: pd.DataFrame, scales: pd.DataFrame, bench: Bench) -> pd.DataFrame:
    """Every share in every view on every scale, with the published columns beside."""
    rows = means.merge(scales, on="view").sort_values(["view", "scale", "rate"], ignore_index=True)
    rows["dlp_contribution"] = dlp_contribution(rows["small"], rows["base"], rows["best"])
    rows["dlp_strike"] = dlp_strike(rows["large"], rows["base"], rows["best"])
    transfer = dlp_transfer(rows["small"], rows["large"], rows["base"])
    rows["dlp_transfer"] = np.where(rows["rate"] <= 0.5, transfer, np.nan)
    gap = (rows["best"] - rows["base"]).abs()
    rows["dlp_contribution_sd"], rows["dlp_strike_sd"] = rows["small_sd"] / gap, rows["large_sd"] / gap
    return _beside(rows, bench.kind if _in_print(bench) else None)


def _in_print(bench: Bench) -> bool:
    """Whether figures of this task in this metric are in print."""
    study = published.study_of(bench.kind)
    return study is not None and study["metric"] == bench.task.yardstick.default


def _beside(rows: pd.DataFrame, kind: str | None) -> pd.DataFrame:
    """The rows with the published columns, nan where nothing is in print, and differences in published sd."""
    print_ = [published.columns(kind, view).assign(view=view) for view in RECORD_SETS] if kind else []
    names = {
        "s": "rate", "dlp_cdc": "published_dlp_contribution", "dlp_cdc_strike": "published_dlp_transfer",
        "dlp_strike": "published_dlp_strike",
        **{name: f"published_{name}" for name in ("small", "small_sd", "large", "large_sd")},
    }  # fmt: skip
    if print_:
        table = pd.concat(print_).rename(columns=names)
        table["rate"] = table["rate"].round(12)
        rows = rows.merge(table, on=["view", "rate"], how="left")
    for name in set(names.values()) - {"rate"}:
        if name not in rows:
            rows[name] = np.nan
    for company in ("small", "large"):
        difference = rows[company] - rows[f"published_{company}"]
        rows[f"{company}_difference_in_sd"] = difference / rows[f"published_{company}_sd"]
    return rows


def _shapes(rows: pd.DataFrame) -> pd.DataFrame:
    """Curvature of contribution and strike up to .5 in every view on every scale."""
    found = []
    for (view, scale), part in rows[rows["rate"] <= 0.5].groupby(["view", "scale"], sort=False):
        row: dict[str, object] = {"view": view, "scale": scale}
        for name in ("contribution", "strike"):
            row[f"curvature_{name}"] = curvature(part["rate"], part[f"dlp_{name}"])
            row[f"published_curvature_{name}"] = curvature(part["rate"], part[f"published_dlp_{name}"])
        found.append(row)
    return pd.DataFrame(found)


def _facts(study: Cdc, bench: Bench, scales: pd.DataFrame) -> list[tuple[str, str]]:
    print_ = published.study_of(bench.kind)
    ends = "; ".join(
        f"{r.view}, {r.scale}: {r.base:.4f} and {r.best:.4f}" for r in scales.itertuples() if r.scale != "published"
    )
    return [
        *bench.facts(),
        ("Metric", bench.task.yardstick.metrics[bench.task.yardstick.default].meaning),
        ("Groups", f"{study.groups} random groups a rate; mean and standard deviation (ddof 1) over them"),
        ("Base and best (DLP 0 and 1)", f"shown: {study.base}. {ends}"),
        ("In print", f"{print_['study']} [VH21]" if print_ else "nothing for this task"),
    ]


def _tables(
    study: Cdc, rows: pd.DataFrame, smallest: pd.DataFrame, shapes: pd.DataFrame, scales: pd.DataFrame,
    runs: pd.DataFrame,
) -> dict[str, Table]:  # fmt: skip
    print_ = rows["published_small"].notna().any()
    ours = ["view", "rate", "small", "large", "dlp_contribution", "dlp_transfer", "dlp_strike"]
    theirs = ["published_dlp_contribution", "published_dlp_transfer", "published_dlp_strike"]
    differences = ["small_difference_in_sd", "large_difference_in_sd"]
    return {
        "cdc": Table(
            f"Leverage by share of people (base and best: {study.base})",
            rows,
            [*ours, *(theirs + differences if print_ else [])],
            {"scale": study.base},
            "The first report of this work [VH20] uses dlp_contribution for contribution with deletion too, the full "
            "paper [VH21] dlp_transfer. The DLP of a strike and of a contribution are not to be compared directly: "
            "one hurts a firm, the other helps its rival. Shares above .5 are mirrored.",
        ),
        "cdc_thresholds": Table("Smallest share of people above a level of DLP (contribution)", smallest),
        "cdc_scales": Table("Where DLP is 0 and where it is 1", scales),
        "cdc_shape": Table("Shape up to .5: curvature A, above 0 decelerating, below 0 accelerating", shapes),
        "cdc_runs": Table("Every training in every view", runs, printed=False),
    }


def _notes(runs: pd.DataFrame, bench: Bench, study: Cdc) -> list[str]:
    out = runs[runs["left_out"] != ""]
    notes = [
        f"Left out of every mean: rate {rate:g}, {company} company, {view} view, {len(part)} of {study.groups} "
        f"groups ({part['left_out'].iloc[0]})."
        for (rate, company, view), part in out.groupby(["rate", "company", "view"])
    ]
    if len(bench.retrainer.seeds) > 1:
        notes.append("Scores are means over the training seeds; the standard deviation is that over groups.")
    if bench.kind in published.UNTRAINED and _in_print(bench):
        shares = " and ".join(f"{share:g}" for share in published.UNTRAINED[bench.kind])
        notes.append(
            f"Nothing in print is shown at {shares}: that network was never trained, its batch not being full."
        )
    print_ = published.study_of(bench.kind)
    data = getattr(bench.settings, "data", bench.kind)
    if print_ and data != print_["data"]:
        notes.append(
            f"The figures in print are of {print_['study']}; this is {bench.task.label}: compare the shape of the "
            "curves and the DLP, not the scores and their difference in published standard deviations."
        )
    return notes


COLUMNS = {
    "view": "whose experience: holdout, everybody on one hidden test set; company, each company's own contributors",
    "rate": "share s of the contributors who contribute or withhold",
    "group": "number of the random group",
    "company": "small: holds the share s; large: holds 1 - s; full: holds everything",
    "score": "performance in the task's metric, mean over training seeds",
    "tested": "number of test records (surfaced hits: relevant ones) that the score is of",
    "left_out": "why a score is in no mean; empty where it is",
    "mirrored": "whether the row follows by symmetry from the share 1 - s",
    "small": "mean score over groups of the small company, which holds the share s",
    "small_sd": "its standard deviation over groups (ddof 1)",
    "small_runs": "number of scores in that mean (both companies are pooled at .5)",
    "large": "mean score over groups of the large company after losing the share s",
    "large_sd": "its standard deviation over groups (ddof 1)",
    "large_runs": "number of scores in that mean",
    "scale": "where DLP is 0 and 1: no_personalisation, worst_best_run or published",
    "base": "performance at which DLP is 0",
    "best": "performance at which DLP is 1",
    "dlp_contribution": "(small - base) / (best - base), CDC only [VH21]; the abstract's formula for both [VH20]",
    "dlp_contribution_sd": "small_sd as a share of the gap between base and best",
    "dlp_transfer": "(small - base) / (large - base), CDC with deletion [VH21]; up to .5, where it is 1",
    "dlp_strike": "(large - best) / (base - best), strike only [VH21]",
    "dlp_strike_sd": "large_sd as a share of the gap between base and best",
    "published_small": "the small company's score in print [VH21]",
    "published_small_sd": "its standard deviation in print",
    "published_large": "the large company's score in print [VH21]",
    "published_large_sd": "its standard deviation in print",
    "published_dlp_contribution": "CDC only in print [VH21]",
    "published_dlp_transfer": "CDC with deletion in print [VH21]",
    "published_dlp_strike": "strike only in print [VH21]",
    "small_difference_in_sd": "(small - published_small) / published_small_sd",
    "large_difference_in_sd": "(large - published_large) / published_large_sd",
    "level": "a level of DLP",
    "smallest_share": "the smallest trained or mirrored share whose dlp_contribution is above the level; nan for none",
    "published_smallest_share": "the same from the columns in print",
    "curvature_contribution": "A of dlp_contribution on [0, .5]: 2 x area / (width x height) - 1",
    "curvature_strike": "A of dlp_strike on [0, .5]",
    "published_curvature_contribution": "A of the dlp_contribution in print",
    "published_curvature_strike": "A of the dlp_strike in print",
}
"""Every column of every table of the study."""
