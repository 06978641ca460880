"""What the study of conscious data contribution claims in print [VH20, VH21], and what was found."""

from typing import Any

import numpy as np
import pandas as pd

from .study import Finding

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9)
RECOMMENDERS, CLASSIFIERS = ("movielens", "pinterest"), ("cifar10", "toxic", "digits")
_ALIKE, _FAR_MORE = 0.1, 5.0


def thresholds(rows: pd.DataFrame) -> pd.DataFrame:
    """Smallest share above each level of contribution, ours and in print, in every view on every scale."""
    found = []
    for (view, scale), part in rows.groupby(["view", "scale"], sort=False):
        for level in LEVELS:
            shares = [
                part.loc[part[name] > level, "rate"].min()
                for name in ("dlp_contribution", "published_dlp_contribution")
            ]
            found.append((view, scale, level, *map(float, shares)))
    names = ["view", "scale", "level", "smallest_share", "published_smallest_share"]
    return pd.DataFrame(found, columns=names)


def claims(rows: pd.DataFrame, shapes: pd.DataFrame, base: str, kind: str) -> list[Finding]:
    """The abstract's three claims on the chosen scale, then the rules of shape on the scale of the study."""
    found = []
    for view in dict.fromkeys(rows["view"]):
        part = rows[(rows["view"] == view) & (rows["scale"] == base)].set_index("rate")
        found += [_most_of_the_way(part, view), _alike(part, view), _more_than_a_strike(part, view)]
    worst = rows[rows["scale"] == "worst_best_run"]
    return [*found, *_shape_rules(worst, shapes[shapes["scale"] == "worst_best_run"], kind)]


def _most_of_the_way(part: Any, view: str) -> Finding:
    shares = {rate: part["dlp_contribution"].get(rate, np.nan) for rate in (0.1, 0.2)}
    words = ", ".join(f"at {rate:g} {value:.3f}" for rate, value in shares.items() if np.isfinite(value))
    holds = bool(shares[0.2] >= 0.8) if np.isfinite(shares[0.2]) else None
    return Finding(
        f"10-20 % of people contributing bring a competitor 80-90 % of the way ({view} view)",
        "VH20",
        f"DLP of contribution {words}; held where it is at least .8 at .2" if words else "neither rate can be read",
        holds,
    )


def _alike(part: Any, view: str) -> Finding:
    small = part[part.index <= 0.3]
    difference = (small["dlp_transfer"] - small["dlp_contribution"]).abs().max()
    known = bool(np.isfinite(difference))
    return Finding(
        f"Contribution with and without deletion look alike ({view} view)",
        "VH20",
        f"largest difference up to .3: {difference:.3f}; held where it is at most {_ALIKE:g}" if known else "no rate",
        bool(difference <= _ALIKE) if known else None,
    )


def _more_than_a_strike(part: Any, view: str) -> Finding:
    claim = f"At small rates a contribution exerts far more than a strike ({view} view)"
    small = part[(part.index <= 0.1) & part[["dlp_contribution", "dlp_strike"]].notna().all(axis=1)]
    if small.empty:
        return Finding(claim, "VH20", "no rate up to .1 can be read")
    words = ", ".join(
        f"at {r:g} {row.dlp_contribution:.3f} against {row.dlp_strike:.3f}" for r, row in small.iterrows()
    )
    more = (small["dlp_contribution"] > _FAR_MORE * small["dlp_strike"]).all()
    return Finding(claim, "VH20", f"{words}; held where it is more than {_FAR_MORE:g} times as much", bool(more))


def _shape_rules(worst: pd.DataFrame, shapes: pd.DataFrame, kind: str) -> list[Finding]:
    """Rules that the published curves obey, on the scale of the worst and best run."""
    found = []
    by_view: Any = shapes.set_index("view")
    if "company" in by_view.index:
        part: Any = worst[worst["view"] == "company"].set_index("rate")
        bend = by_view.loc["company", "curvature_contribution"]
        found.append(_rule("Company view: contribution decelerates (A at least .5)", "A", bend, bend >= 0.5))
        fifth, third = (part[c].get(r, np.nan) for c, r in (("dlp_contribution", 0.2), ("dlp_strike", 0.3)))
        found.append(_rule("Company view: contribution by 20 % at least .7", "DLP", fifth, fifth >= 0.7))
        found.append(_rule("Company view: a strike by 30 % at most .10", "DLP", third, third <= 0.10))
    if "holdout" in by_view.index and kind in (*RECOMMENDERS, *CLASSIFIERS):
        bend = by_view.loc["holdout", "curvature_contribution"]
        if kind in RECOMMENDERS:
            found.append(
                _rule("Holdout: a recommender's curve is near straight (|A| <= .3)", "A", bend, abs(bend) <= 0.3)
            )
        else:
            found.append(
                _rule("Holdout: a classifier's contribution decelerates (A at least .5)", "A", bend, bend >= 0.5)
            )
    return found


def _rule(claim: str, name: str, value: float, holds: bool) -> Finding:
    known = bool(np.isfinite(value))
    words = f"{name} = {value:.3f} (base and best: worst and best run)" if known else "cannot be read at these rates"
    return Finding(claim, "VH21", words, bool(holds) if known else None)
