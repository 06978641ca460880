"""Regression, feature scores, regions and fronts: what else the runs of any design tell about their settings."""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from ....ml_tasks.settings import InputError
from .cases import Cases
from .trees import boxes, feature_scores

_LINE = re.compile(r"\s*(\w+)\s*([<>])\s*([-+.\deE]+)\s*")


def regression(cases: Cases) -> pd.DataFrame:
    """A row for each output and input: its standardised coefficient with interval, and its score by random trees.

    The unit is a point under one arm and split, averaged over seeds: repeating a point tells nothing new of settings.
    """
    rows: list[dict[str, Any]] = []
    for output in cases.outputs:
        names, x, y = _inputs(cases, output)
        if len(y) < len(names) + 3 or y.std() == 0 or not names:
            continue
        slopes, low, high, fit = _standardised(x, y)
        scores, predicted = feature_scores(x, y)
        for i, name in enumerate(names):
            rows.append(
                {
                    "output": output, "input": name, "slope": slopes[i], "low": low[i], "high": high[i],
                    "r_squared": fit, "score": scores[i], "predicted": predicted,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def discovery(cases: Cases, lines: Sequence[str]) -> pd.DataFrame:
    """Regions of the settings in which an output crosses a line, such as "gap_closed>0.3", as boxes of a small tree."""
    rows: list[dict[str, Any]] = []
    for line in lines:
        output, sign, level = _line(cases, line)
        names, x, y = _inputs(cases, output)
        crossed = y > level if sign == ">" else y < level
        if not names or crossed.all() or not crossed.any():
            words = "no setting varies" if not names else "every point does" if crossed.all() else "no point does"
            rows.append(_box(f"{output} {sign} {level:g}", words, len(y), int(crossed.sum()), int(crossed.sum())))
            continue
        for conditions, inside in boxes(x, crossed, names):
            n = int(crossed[inside].sum())
            rows.append(_box(f"{output} {sign} {level:g}", conditions, int(inside.sum()), n, int(crossed.sum())))
    return pd.DataFrame(rows).sort_values(["line", "density"], ascending=[True, False], ignore_index=True)


def front(cases: Cases, pair: str) -> pd.DataFrame:
    """Points and arms by two outputs, such as "gap_closed,-gini" (more of the one, less of the other); which are best.

    One is on the front if no other is better in one and at least as good in the other.
    """
    wanted = [part.strip() for part in pair.split(",")]
    names = [part.lstrip("+-") for part in wanted]
    if len(names) != 2 or names[0] == names[1] or not set(names) <= set(cases.outputs):
        raise InputError("--front", repr(pair), f"two of {', '.join(cases.outputs)}, a minus before what is to be low")
    keys = ["point", "arm", *(setting.name for setting in cases.settings if setting.name not in ("arm", "data_seed"))]
    means = cases.done.groupby(keys, dropna=False, sort=False)[names].mean().reset_index().dropna(subset=names)
    better = means[names].to_numpy() * [-1.0 if part.startswith("-") else 1.0 for part in wanted]
    ahead = (better[:, None] >= better[None]).all(axis=2) & (better[:, None] > better[None]).any(axis=2)
    return means.assign(on_front=np.logical_not(ahead.any(axis=0)).tolist())


def _line(cases: Cases, line: str) -> tuple[str, str, float]:
    match = _LINE.fullmatch(line)
    try:
        if match is None or match[1] not in cases.outputs:
            raise ValueError
        return match[1], match[2], float(match[3])
    except ValueError:
        known = ", ".join(cases.outputs)
        raise InputError("--line", repr(line), f'an output, < or >, and a number, as in "x>0.3"; of {known}') from None


def _box(line: str, region: str, points: int, crossed: int, whole: int) -> dict[str, Any]:
    return {
        "line": line, "region": region, "points": points, "density": crossed / points if points else math.nan,
        "coverage": crossed / whole if whole else math.nan,
    }  # fmt: skip


def _inputs(cases: Cases, output: str) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    """Names of inputs, their values (cases, inputs) and the output (cases,); words are 0 or 1 for all but the first."""
    keys = ["point", "arm", "data_seed", *(s.name for s in cases.settings if s.name not in ("arm", "data_seed"))]
    means = cases.done.groupby(keys, dropna=False, sort=False)[output].mean().reset_index()
    means = means[means[output].notna()]
    columns = dict(_columns(cases, means))
    x = np.array(list(columns.values()), dtype=np.float64).T.reshape(len(means), len(columns))
    return list(columns), x, means[output].to_numpy(dtype=np.float64)


def _columns(cases: Cases, means: pd.DataFrame) -> Iterator[tuple[str, NDArray[np.float64]]]:
    for setting in cases.settings:
        if setting.numeric and setting.name != "data_seed":
            yield setting.name, means[setting.name].to_numpy(dtype=np.float64)
        elif setting.name != "data_seed":
            for group in list(cases.groups(setting, means))[1:]:
                yield f"{setting.name} = {group.label}", means.index.isin(group.rows.index).astype(np.float64)


def _standardised(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[Any, Any, Any, float]:
    """Slopes in standard deviations of the output by one of the input, their 95 % ends, and R squared."""
    spread = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    z = np.column_stack([np.ones(len(y)), (x - x.mean(axis=0)) / spread])
    t = (y - y.mean()) / y.std()
    slopes, *_ = np.linalg.lstsq(z, t, rcond=None)
    left = len(y) - int(np.linalg.matrix_rank(z))
    errors = t - z @ slopes
    # The interval holds also where the spread of the errors differs from place to place (HC3).
    inverse = np.linalg.pinv(z.T @ z)
    lever = np.minimum(np.einsum("ij,jk,ik->i", z, inverse, z), 1 - 1e-9)
    meat = (z.T * (errors / (1 - lever)) ** 2) @ z
    half = stats.t.ppf(0.975, left) * np.sqrt(np.diag(inverse @ meat @ inverse))
    return slopes[1:], (slopes - half)[1:], (slopes + half)[1:], float(1 - errors @ errors / (t @ t))
