"""Effects: how outputs are spread, what each setting does to them, and which share of their variance is whose.

An output that falls into two groups has no mean that stands for anything: where it does, the two groups are given.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ...regimes import split
from ..designs import Grid
from .cases import Cases, Setting

SEED = "seed (the same settings again)"
REST = "settings together (interactions)"


def distributions(cases: Cases) -> pd.DataFrame:
    """A row for each output: how many runs, quartiles, and a mean unless the runs fall into two groups."""
    rows = []
    for output in cases.outputs:
        values = cases.done[output].dropna().to_numpy(dtype=np.float64)
        two = split(values)
        quartiles = np.quantile(values, [0, 0.25, 0.5, 0.75, 1]) if len(values) else np.full(5, math.nan)
        rows.append(
            {
                "output": output, "runs": len(values), "undefined": len(cases.done) - len(values),
                **_mean(cases, cases.done, output, two),
                "sd": float(values.std(ddof=1)) if len(values) > 1 and two is None else math.nan,
                **dict(zip(("lowest", "quarter", "median", "three_quarters", "highest"), quartiles, strict=True)),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def main_effects(cases: Cases) -> pd.DataFrame:
    """A row for each output, setting and value: the output's mean over all runs that have it."""
    rows = []
    for output in cases.outputs:
        for setting in cases.settings:
            for group in cases.groups(setting):
                two = split(group.rows[output].dropna())
                place = {"output": output, "setting": setting.name, "value": group.label, "place": group.place}
                rows.append({**place, "runs": len(group.rows), **_mean(cases, group.rows, output, two)})
    return pd.DataFrame(rows, columns=_EFFECT_COLUMNS)


def shares(cases: Cases) -> pd.DataFrame:
    """A row for each output and setting: eta squared, the share of the variance between the setting's values.

    The seed's share is what runs of one point, arm and split differ by; without replicates it is left out. In a grid of
    which every run finished the shares add up to 1, with what settings do together as a row of its own.
    """
    return pd.DataFrame(
        [row for output in cases.outputs for row in _shares(cases, output)], columns=["output", "setting", "share"]
    )


def strongest(cases: Cases, output: str) -> list[Setting]:
    """The settings in falling order of their share in an output's variance."""
    found = {row["setting"]: row["share"] for row in _shares(cases, output)}
    return sorted(cases.settings, key=lambda s: -np.nan_to_num(found.get(s.name, 0.0), nan=0.0))


def _shares(cases: Cases, output: str) -> Iterator[dict[str, Any]]:
    rows = cases.done[cases.done[output].notna()]
    y = rows[output].to_numpy(dtype=np.float64)
    total = float(((y - y.mean()) ** 2).sum()) if len(y) else 0.0
    if total == 0:
        return
    known = 0.0
    for setting in cases.settings:
        parts = [g.rows[output] for g in cases.groups(setting, rows)]
        between = sum(len(part) * (float(part.mean()) - float(y.mean())) ** 2 for part in parts)
        known += between / total
        yield {"output": output, "setting": setting.name, "share": between / total}
    same = rows.groupby(["point", "arm", "data_seed"], dropna=False)[output]
    within = float((y - same.transform("mean").to_numpy()) @ (y - same.transform("mean").to_numpy())) / total
    repeated = int(same.size().max()) > 1
    if repeated:
        yield {"output": output, "setting": SEED, "share": within}
    planned = sum(int(n) for n in cases.manifest["runs"].values())
    if isinstance(cases.sweep.design, Grid) and len(rows) == planned and all(s.levels for s in cases.settings):
        yield {"output": output, "setting": REST, "share": max(1 - known - within, 0.0)}


def _mean(cases: Cases, rows: pd.DataFrame, output: str, two: tuple[float, float] | None) -> dict[str, float]:
    found = cases.mean(rows, output)
    if two is not None:
        nothing = dict.fromkeys(("mean", "low", "high"), math.nan)
        return {**nothing, "lower_group": two[0], "upper_group": two[1]}
    ends = {"mean": found.mean, "low": found.low, "high": found.high}
    return {**ends, "lower_group": math.nan, "upper_group": math.nan}


_EFFECT_COLUMNS = [
    "output", "setting", "value", "place", "runs", "mean", "low", "high", "lower_group", "upper_group",
]  # fmt: skip
