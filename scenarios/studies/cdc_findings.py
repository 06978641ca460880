"""What the study of conscious data contribution claims in print [VH20, VH21], and what was found."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from .study import Finding

RECOMMENDERS, CLASSIFIERS = ("movielens", "pinterest"), ("cifar10", "toxic", "digits")
_ALIKE, _FAR_MORE = 0.1, 5.0


def said(value: float) -> str:
    """Three decimals, and no minus sign before zero."""
    return f"{round(value, 3) + 0.0:.3f}"


def claims(rows: pd.DataFrame, ruled: pd.DataFrame, base: str, kind: str) -> list[Finding]:
    """The abstract's claims on the chosen scale, then the rules of shape on the scale of the worst and best run."""
    found = []
    for view in dict.fromkeys(rows["view"]):
        part = rows[(rows["view"] == view) & (rows["scale"] == base)].set_index("rate")
        found += [_most_of_the_way(part, view), _alike(part, view), _more_than_a_strike(part, view)]
    return [*found, *_shape_rules(ruled, kind)]


def _most_of_the_way(part: Any, view: str) -> Finding:
    shares = {rate: part["dlp_contribution"].get(rate, np.nan) for rate in (0.1, 0.2)}
    words = ", ".join(f"{said(value)} at {rate:g}" for rate, value in shares.items() if np.isfinite(value))
    return Finding(
        f"10-20 % of people contributing bring a competitor 80-90 % of the way ({view} view)",
        "VH20",
        f"DLP of contribution {words}; held where it is at least .8 at .2" if words else "neither rate can be read",
        bool(shares[0.2] >= 0.8) if np.isfinite(shares[0.2]) else None,
    )


def _alike(part: Any, view: str) -> Finding:
    small = part[part.index <= 0.3]
    difference = (small["dlp_transfer"] - small["dlp_contribution"]).abs().max()
    known = bool(np.isfinite(difference))
    words = (
        f"over the full gap, as the abstract has it, the same by construction; by the paper's dlp_transfer the largest "
        f"difference up to .3 is {said(difference)}; held where it is at most {_ALIKE:g}"
    )
    return Finding(
        f"Contribution with and without deletion look alike ({view} view)",
        "VH20",
        words if known else "no rate up to .3 can be read",
        bool(difference <= _ALIKE) if known else None,
    )


def _more_than_a_strike(part: Any, view: str) -> Finding:
    claim = f"At small rates contribution, with deletion or not, exerts far more than a strike ({view} view)"
    levers = ["dlp_contribution", "dlp_transfer", "dlp_strike"]
    small = part[(part.index <= 0.1) & part[levers].notna().all(axis=1)]
    if small.empty:
        return Finding(claim, "VH20", "no rate up to .1 can be read")
    words = ", ".join(
        f"at {r:g} {said(row.dlp_contribution)} and {said(row.dlp_transfer)} against {said(row.dlp_strike)}"
        for r, row in small.iterrows()
    )
    # A strike that does nothing, or helps by chance, is no small number to be a multiple of.
    strike = small["dlp_strike"].clip(lower=0)
    more = (small[levers[:2]].gt(_FAR_MORE * strike, axis=0) & small[levers[:2]].gt(0)).all(axis=None)
    held = f"held where both are above 0 and more than {_FAR_MORE:g} times as much"
    return Finding(claim, "VH20", f"{words}; {held}", bool(more))


def _shape_rules(ruled: pd.DataFrame, kind: str) -> list[Finding]:
    """Rules that the published curves obey."""
    found = []
    for row in ruled.itertuples():
        if row.view == "company":
            found += list(_company_rules(row))
        elif kind in RECOMMENDERS:
            claim = "Holdout: a recommender's contribution is near straight (|A| at most .3)"
            bend = float(row.curvature_contribution)  # type: ignore[arg-type]
            found.append(_rule(claim, "A", row, bend, abs(bend) <= 0.3))
        elif kind in CLASSIFIERS:
            claim = "Holdout: a classifier's contribution decelerates (A at least .5)"
            bend = float(row.curvature_contribution)  # type: ignore[arg-type]
            found.append(_rule(claim, "A", row, bend, bend >= 0.5))
    return found


def _company_rules(row: Any) -> Iterator[Finding]:
    bend, fifth, third = row.curvature_contribution, row.contribution_by_20_percent, row.strike_by_30_percent
    yield _rule("Company view: contribution decelerates (A at least .5)", "A", row, bend, bend >= 0.5)
    yield _rule("Company view: contribution by 20 % at least .7", "DLP", row, fifth, fifth >= 0.7)
    yield _rule("Company view: a strike by 30 % at most .10", "DLP", row, third, third <= 0.10)


def _rule(claim: str, name: str, row: Any, value: float, holds: bool) -> Finding:
    known = bool(np.isfinite(value))
    scale = f"from base {row.base:.4f} to best {row.best:.4f}"
    read = f", read at {row.shares_read.replace(' ', ', ')}" if name == "A" else ""
    words = f"{name} = {said(value)} {scale}{read}" if known else f"cannot be read at these rates ({scale})"
    return Finding(f"{claim}; worst run of {row.worst_run_of}", "VH21", words, bool(holds) if known else None)
