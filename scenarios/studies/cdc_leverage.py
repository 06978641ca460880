"""Leverage in the study of conscious data contribution: where DLP is 0 and 1, every DLP, and how the curves bend."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ...ml_tasks.scores import RECORD_SETS, RecordSet, View
from ...ml_tasks.task import baseline
from ...valuation.leverage import curvature, dlp_contribution, dlp_strike, dlp_transfer
from . import published
from .bench import Bench

SCALES = ("no_personalisation", "worst_best_run", "published")
"""Where DLP is 0 and 1. `no_personalisation`: what needs nobody's data, and the full-data model. `worst_best_run`:
the worst and the best single run in the view, as the study did. `published`: the study's own two numbers."""
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9)
_RULED = (0.05, 0.5)
"""The rules of shape are of the rates between these."""


def in_print(bench: Bench) -> bool:
    """Whether figures of this task in this metric are in print."""
    study = published.study_of(bench.kind)
    return study is not None and study["metric"] == bench.task.yardstick.default


def scales(views: Sequence[RecordSet], bench: Bench, runs: pd.DataFrame) -> pd.DataFrame:
    """Base and best by view and kind of scale."""
    print_ = published.study_of(bench.kind)
    rows = []
    for view in views:
        full = runs[(runs["view"] == view) & (runs["company"] == "full")].iloc[0]
        best = full["score"] if full["left_out"] == "" else np.nan
        rows.append((view, SCALES[0], baseline(bench.task, View(view)), best))
        rows.append((view, SCALES[1], *_worst_and_best(runs[runs["view"] == view], bench)))
        if print_ is not None and in_print(bench):
            rows.append((view, SCALES[2], print_["base"], print_["best"]))
    return pd.DataFrame(rows, columns=["view", "scale", "base", "best"])


def _worst_and_best(runs: pd.DataFrame, bench: Bench) -> tuple[float, float]:
    scores = runs.loc[runs["left_out"] == "", "score"]
    ends = float(scores.min()), float(scores.max())
    return ends if bench.task.yardstick.metrics[bench.task.yardstick.default].greater_is_better else ends[::-1]


def beside_print(means: pd.DataFrame, bench: Bench) -> pd.DataFrame:
    """Mean scores with the published columns, nan where nothing is in print, and differences in published sd."""
    names = {
        "s": "rate", "dlp_cdc": "published_dlp_contribution", "dlp_cdc_strike": "published_dlp_transfer",
        "dlp_strike": "published_dlp_strike",
        **{name: f"published_{name}" for name in ("small", "small_sd", "large", "large_sd")},
    }  # fmt: skip
    rows = means
    if in_print(bench):
        tables = [published.columns(bench.kind, view).assign(view=view) for view in RECORD_SETS]
        table = pd.concat(tables).rename(columns=names)
        rows = rows.merge(table.assign(rate=table["rate"].round(12)), on=["view", "rate"], how="left")
    else:
        rows = rows.assign(**dict.fromkeys([name for name in names.values() if name != "rate"], np.nan))
    for company in ("small", "large"):
        difference = rows[company] - rows[f"published_{company}"]
        rows[f"{company}_difference_in_sd"] = difference / rows[f"published_{company}_sd"]
    return rows


def leverage(scores: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    """Every share in every view on every scale."""
    rows = scores.merge(ends, on="view").sort_values(["view", "scale", "rate"], ignore_index=True)
    rows["dlp_contribution"] = dlp_contribution(rows["small"], rows["base"], rows["best"])
    rows["dlp_strike"] = dlp_strike(rows["large"], rows["base"], rows["best"])
    transfer = dlp_transfer(rows["small"], rows["large"], rows["base"])
    rows["dlp_transfer"] = np.where(rows["rate"] <= 0.5, transfer, np.nan)
    # Small Co. is the same with and without deletion, so over the full gap this is the contribution's.
    rows["dlp_transfer_abstract"] = rows["dlp_contribution"].where(rows["rate"] <= 0.5)
    gap = (rows["best"] - rows["base"]).abs()
    gap = gap.where(gap > 0)
    rows["dlp_contribution_sd"], rows["dlp_strike_sd"] = rows["small_sd"] / gap, rows["large_sd"] / gap
    return rows


def thresholds(rows: pd.DataFrame, kind: str | None) -> pd.DataFrame:
    """Smallest share above each level of contribution in every view on every scale, and in print (task `kind`)."""
    found = []
    for (view, scale), part in rows.groupby(["view", "scale"], sort=False):
        print_ = published.columns(kind, str(view)) if kind else pd.DataFrame({"s": [], "dlp_cdc": []})
        for level in LEVELS:
            ours = part.loc[part["dlp_contribution"] > level, "rate"].min()
            theirs = print_.loc[print_["dlp_cdc"] > level, "s"].min()
            found.append((view, scale, level, float(ours), float(theirs)))
    return pd.DataFrame(found, columns=["view", "scale", "level", "smallest_share", "published_smallest_share"])


def shapes(rows: pd.DataFrame) -> pd.DataFrame:
    """Curvature of contribution and strike up to .5 in every view on every scale; in print, at the same shares."""
    found = []
    for (view, scale), part in rows[rows["rate"] <= 0.5].groupby(["view", "scale"], sort=False):
        row: dict[str, object] = {
            "view": view,
            "scale": scale,
            "shares_read": shares_read(part["dlp_contribution"], part),
        }
        for name in ("contribution", "strike"):
            ours = part[f"dlp_{name}"]
            theirs = part[f"published_dlp_{name}"].where(ours.notna())
            row[f"curvature_{name}"] = curvature(part["rate"], ours)
            row[f"published_curvature_{name}"] = curvature(part["rate"], theirs)
        found.append(row)
    return pd.DataFrame(found)


def shares_read(power: "pd.Series[Any]", part: pd.DataFrame) -> str:
    """The shares at which a DLP is known, as text."""
    return " ".join(f"{rate:g}" for rate in part.loc[power.notna(), "rate"])


def rules(scores: pd.DataFrame, runs: pd.DataFrame, bench: Bench) -> pd.DataFrame:
    """What the rules of shape are about, of the rates .05 to .5, with the worst and the best run as base and best.

    Whether the worst run is that of these rates or of all is open: there is a row for each where they differ.
    """
    return pd.DataFrame([row for view in sorted(set(runs["view"])) for row in _ruled(view, scores, runs, bench)])


def _ruled(view: str, scores: pd.DataFrame, runs: pd.DataFrame, bench: Bench) -> Iterator[dict[str, object]]:
    low, high = _RULED
    own = runs[runs["view"] == view]
    ruled = own[own["rate"].between(low, high) | (own["company"] == "full")]
    part = scores[(scores["view"] == view) & scores["rate"].between(low, high)].sort_values("rate")
    some, all_ = (_worst_and_best(chosen, bench) for chosen in (ruled, own))
    choices = {f"rates {low:g} to {high:g}": some, "all rates": all_}
    if some == all_:
        choices = {"all rates": all_}
    for words, (base, best) in choices.items():
        given = pd.Series(dlp_contribution(part["small"], base, best), index=part.index)
        struck = pd.Series(dlp_strike(part["large"], base, best), index=part.index)
        yield {
            "view": view, "worst_run_of": words, "base": base, "best": best, "shares_read": shares_read(given, part),
            "curvature_contribution": curvature(part["rate"], given),
            "contribution_by_20_percent": _at(0.2, part["rate"], given),
            "strike_by_30_percent": _at(0.3, part["rate"], struck),
        }  # fmt: skip


def _at(share: float, rates: "pd.Series[Any]", power: "pd.Series[Any]") -> float:
    return float(power[rates == share].iloc[0]) if (rates == share).any() else float("nan")
