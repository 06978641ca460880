"""Survival: in which share of the runs a level was not yet passed, round by round [KM58].

A run in which it never was counts up to its last round: that it would never be is not known.
"""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from .cases import Cases

EVERY = "all runs"


def survival(cases: Cases) -> pd.DataFrame:
    """A row for each output, group of runs and round: the share in which the level was not yet passed."""
    rows: list[dict[str, Any]] = []
    for output in cases.firsts:
        rows += _curve(cases, output, EVERY, "", cases.done)
        for setting in cases.settings:
            for group in cases.groups(setting):
                rows += _curve(cases, output, setting.name, group.label, group.rows)
    return pd.DataFrame(rows)


def _curve(cases: Cases, output: str, setting: str, value: str, runs: pd.DataFrame) -> Iterator[dict[str, Any]]:
    first, last = runs[output].to_numpy(dtype=np.float64), _last_rounds(cases, runs)
    passed = np.isfinite(first)
    rounds = np.arange(0, int(last.max()) + 1)
    left, low, high = (np.ones(len(rounds)) for _ in range(3))
    if passed.any():
        # A run that passes in round r has passed at its end; one that never does is watched to its last round.
        found = stats.ecdf(stats.CensoredData(first[passed], right=last[~passed])).sf
        left = found.evaluate(rounds)
        with warnings.catch_warnings():  # the interval is undefined where none or all have passed
            warnings.simplefilter("ignore", RuntimeWarning)
            ends: Any = found.confidence_interval(0.95, method="log-log")
        low, high = (np.where(np.isfinite(e.evaluate(rounds)), e.evaluate(rounds), left) for e in (ends.low, ends.high))
    for r, share, a, b in zip(rounds, left, low, high, strict=True):
        yield {
            "output": output, "setting": setting, "value": value, "round": int(r), "runs": len(runs),
            "not_yet": float(share), "low": float(a), "high": float(b),
        }  # fmt: skip


def _last_rounds(cases: Cases, runs: pd.DataFrame) -> np.ndarray:
    whole = float(cases.manifest["scenario"]["rounds"])
    if "rounds" in runs:
        return runs["rounds"].astype(float).fillna(whole).to_numpy()
    return np.full(len(runs), whole)
