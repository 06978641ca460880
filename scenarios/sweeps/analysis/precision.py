"""Precision of a sweep's points: how many replicates each called for, and whether that was enough."""

import math

import numpy as np
import pandas as pd

from ..precision import half_width
from .cases import Cases

COLUMNS = {
    "replicates": "seeds of behaviour that the point has",
    "half_width": "half the width of the mean's 95 per cent interval (Student's t) over seeds, splits averaged; empty "
    "with fewer than two",
    "wanted": "half width that the sweep file asks for",
    "reached": "yes, no, or undefined: the output is never defined here, and no replicates are added for it",
}


def precision(cases: Cases) -> pd.DataFrame:
    """A row for each point and arm: replicates, mean, and whether the interval of the output is narrow enough."""
    wanted = cases.sweep.precision
    assert wanted
    rows = []
    for (point, arm), part in cases.runs.groupby(["point", "arm"]):
        # A seed counts if the output is defined in every split, as it does when replicates are added.
        by_seed = part.groupby("replicate")[wanted.output].agg(lambda values: values.mean(skipna=False)).dropna()
        half = half_width(by_seed.tolist())
        reached = "undefined" if by_seed.empty else "yes" if half <= wanted.half_width else "no"
        rows.append(
            {
                "output": wanted.output, "point": point, "arm": arm, "replicates": part["replicate"].nunique(),
                "mean": float(np.mean(by_seed)) if len(by_seed) else math.nan,
                "half_width": half if math.isfinite(half) else math.nan, "wanted": wanted.half_width,
                "reached": reached,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def note(cases: Cases) -> str:
    """What replicates that were added mean for a reader."""
    short = int((precision(cases)["reached"] == "no").sum())
    missed = (
        f" {short:,} of the intervals are wider than asked for, with as many replicates as allowed." if short else ""
    )
    return (
        "Replicates were added where intervals were wide, and stopped where they were narrow: that favours intervals "
        "that are narrow by chance, so those of the table precision hold the truth a little less often than 95 times "
        f"in 100. What is over several points uses the {cases.common} replicates that all of them have.{missed}"
    )
