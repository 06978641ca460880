"""The tables, facts, notes and codebook of the study of conscious data contribution."""

from typing import TYPE_CHECKING

import pandas as pd

from . import published
from .bench import Bench
from .cdc_leverage import in_print
from .cdc_scores import left_out
from .study import Table

if TYPE_CHECKING:
    from .cdc import Cdc

_DLPS = ["dlp_contribution", "dlp_transfer_abstract", "dlp_transfer", "dlp_strike"]
_PUBLISHED_DLPS = ["published_dlp_contribution", "published_dlp_transfer", "published_dlp_strike"]
_SCORES = ["small", "small_sd", "large", "large_sd"]
_PUBLISHED_SCORES = [f"published_{name}" for name in _SCORES] + ["small_difference_in_sd", "large_difference_in_sd"]


def tables(
    study: "Cdc", rows: pd.DataFrame, scores: pd.DataFrame, smallest: pd.DataFrame, shapes: pd.DataFrame,
    ruled: pd.DataFrame, ends: pd.DataFrame, runs: pd.DataFrame,
) -> dict[str, Table]:  # fmt: skip
    """Every table; the first holds all columns on every scale."""
    print_ = bool(rows["published_small"].notna().any())
    scored = scores[["view", "rate", "mirrored", "small_runs", "large_runs", *_SCORES, *_PUBLISHED_SCORES]]
    return {
        "cdc": Table(
            f"Leverage by share of people (base and best: {study.base})",
            rows,
            ["view", "rate", *_DLPS, *(_PUBLISHED_DLPS if print_ else [])],
            {"scale": study.base},
            "The first report of this work [VH20] measures contribution with deletion over the full gap too "
            "(dlp_transfer_abstract), the full paper [VH21] over the gap to the large company (dlp_transfer). The DLP "
            "of a strike and of a contribution are not to be compared directly: one hurts a firm, the other helps its "
            "rival. Shares above .5 are mirrored.",
        ),
        "cdc_scores": Table(
            "Performance of the small and the large company, mean and standard deviation over groups",
            scored,
            ["view", "rate", *_SCORES, *(_PUBLISHED_SCORES if print_ else [])],
        ),
        "cdc_thresholds": Table(
            f"Smallest share of people above a level of DLP (contribution; base and best: {study.base})",
            smallest,
            ["view", "level", "smallest_share", *(["published_smallest_share"] if print_ else [])],
            {"scale": study.base},
        ),
        "cdc_scales": Table("Where DLP is 0 (base) and where it is 1 (best)", ends),
        "cdc_shape": Table(
            "Shape up to .5: curvature A, above 0 decelerating, below 0 accelerating",
            shapes,
            [name for name in map(str, shapes) if print_ or not name.startswith("published")],
            note="A depends on the shares it is read at; that of the figures in print is read at those of our shares "
            "that are in print. A of a strike whose leverage is near 0 at the largest share means nothing.",
        ),
        "cdc_rules": Table(
            "What the rules of shape are about: rates .05 to .5, worst and best single run as base and best", ruled
        ),
        "cdc_runs": Table("Every training in every view", runs, printed=False),
    }  # fmt: skip


def lead(bench: Bench) -> str:
    """What the study does, and that a formula is none."""
    how = "a formula says how good both are" if bench.task.formula else "both companies really retrain"
    return (
        f"Random groups of people give their data to a small company, take them from the large one, or both; {how}. "
        "Published figures stand beside ours where there are any."
    )


def facts(study: "Cdc", bench: Bench, ends: pd.DataFrame) -> list[tuple[str, str]]:
    """What was run, and on what scale."""
    print_ = published.study_of(bench.kind) if in_print(bench) else None
    chosen = ends[ends["scale"] == study.base]
    plural = "s" if study.groups > 1 else ""
    levels = "; ".join(f"{r.base:.4f} and {r.best:.4f} ({r.view} view)" for r in chosen.itertuples())
    return [
        *bench.facts(),
        ("Metric", bench.task.yardstick.metrics[bench.task.yardstick.default].meaning),
        ("Groups", f"{study.groups} random group{plural} a rate; mean and standard deviation (ddof 1) over them"),
        ("Base and best (DLP 0 and 1)", f"by {study.base}: {levels}. It moves every DLP; the other scales are below"),
        ("In print", f"{print_['study']} [VH21]" if print_ else "nothing for this task and metric"),
    ]


def notes(study: "Cdc", bench: Bench, runs: pd.DataFrame) -> list[str]:
    """What was left out, and why figures in print may differ."""
    words = "rate {rate:g}, {company} company, {view} view"
    found = left_out(runs, ["rate", "company", "view"], study.groups, words)
    if study.groups == 1:
        found.append("One group says nothing of the spread: no standard deviation, but at .5, where two are pooled.")
    if len(bench.retrainer.seeds) > 1:
        found.append("Scores are means over the training seeds; the standard deviation is that over groups.")
    print_ = published.study_of(bench.kind)
    if print_ is None or not in_print(bench):
        return found
    if bench.kind in published.UNTRAINED:
        shares = " and ".join(f"{share:g}" for share in published.UNTRAINED[bench.kind])
        found.append(
            f"Nothing in print is shown at {shares}: that network was never trained, its batch not being full."
        )
    found.append(
        f"The figures in print are of {print_['study']}; this is {bench.task.label}. Unless these are the same data "
        "and model, compare the shape of the curves and the DLP, not the scores and their difference in published "
        "standard deviations."
    )
    return found


COLUMNS = {
    "view": "whose experience: holdout, everybody on one hidden test set; company, each company's own contributors",
    "rate": "share s of the contributors who contribute or withhold (1 in the run of everybody's data)",
    "group": "number of the random group",
    "company": "small: holds the share s; large: holds 1 - s; full: holds everything",
    "score": "performance in the task's metric, mean over training seeds",
    "tested": "number of test records (surfaced hits: relevant ones) that the score is of",
    "left_out": "why a score is in no mean; empty where it is",
    "mirrored": "whether the row follows by symmetry from the share 1 - s",
    "small": "mean score over groups of the small company, which holds the share s",
    "small_sd": "its standard deviation over groups (ddof 1); nan with one score",
    "small_runs": "number of scores in that mean (both companies are pooled at .5)",
    "large": "mean score over groups of the large company after losing the share s",
    "large_sd": "its standard deviation over groups (ddof 1); nan with one score",
    "large_runs": "number of scores in that mean",
    "scale": "where DLP is 0 and 1: no_personalisation, worst_best_run or published",
    "base": "performance at which DLP is 0",
    "best": "performance at which DLP is 1",
    "dlp_contribution": "(small - base) / (best - base), CDC only [VH20, VH21]",
    "dlp_contribution_sd": "small_sd as a share of the gap between base and best",
    "dlp_transfer_abstract": "(small - base) / (best - base), CDC with deletion over the full gap [VH20]: the small "
    "company is the same with and without deletion, so equal to dlp_contribution; up to .5",
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
    "published_smallest_share": "the same from all shares in print, on the scale in print",
    "shares_read": "the shares up to .5 at which the DLP of contribution is known",
    "curvature_contribution": "A of dlp_contribution from 0 to the largest share read: 2 x area / (width x height) - 1",
    "curvature_strike": "A of dlp_strike, likewise",
    "published_curvature_contribution": "A of the dlp_contribution in print, at those of our shares that are in print",
    "published_curvature_strike": "A of the dlp_strike in print, likewise",
    "worst_run_of": "among which runs the worst and the best are sought: those of the rates .05 to .5, or all; with "
    "the run of everybody's data in both",
    "contribution_by_20_percent": "dlp_contribution at the rate .2 with these two as base and best",
    "strike_by_30_percent": "dlp_strike at the rate .3 with these two as base and best",
}
"""Every column of every table of the study."""
