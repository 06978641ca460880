"""The power law that fits a learning curve best [H17], how sure it is, and how the curve bends."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import curve_fit

from ...ml_tasks.scores import RecordSet, View
from ...ml_tasks.streams import Streams
from ...ml_tasks.task import baseline
from ...valuation.leverage import curvature, dlp_contribution, dlp_strike
from .bench import Bench

Floats = NDArray[np.float64]
DRAWS = 200
STEEPEST = 5.0
"""The largest exponent that is sought; one that ends there is none."""
FEWEST_SHARES = 4
"""A law with three parameters fits any three shares: it needs more to be tested at all."""
_NOTHING = 1e-9


def law(share: Floats, scale: float, exponent: float, floor: float) -> Floats:
    loss: Floats = scale * share**-exponent + floor
    return loss


def _fit(share: Floats, loss: Floats) -> Floats:
    """Scale, exponent and floor, none negative; nan where no law fits."""
    if len(np.unique(share)) < FEWEST_SHARES:
        return np.full(3, np.nan)
    start = (max(float(loss.min()) / 2, 1e-6), 0.3, max(float(loss.min()) / 2, 1e-6))
    try:
        found, _ = curve_fit(law, share, loss, start, bounds=([0, 0, 0], [np.inf, STEEPEST, np.inf]), max_nfev=5000)
    except RuntimeError:  # no minimum found
        return np.full(3, np.nan)
    return np.where(np.asarray(found) < _NOTHING, 0.0, found)  # a bound of 0 is approached, never reached


def fitted(runs: pd.DataFrame, view: RecordSet, bench: Bench) -> dict[str, object]:
    """One row: the law in a view with its intervals, and how the curve bends."""
    metric = bench.task.yardstick.metrics[bench.task.yardstick.default]
    used = runs[(runs["view"] == view) & (runs["left_out"] == "")]
    share, score = used["share"].to_numpy(), used["score"].to_numpy()
    loss = 1 - score if metric.greater_is_better else score
    fit = _fit(share, loss)
    left, spread = loss - law(share, *fit), float(((loss - loss.mean()) ** 2).sum()) if len(loss) else 0.0
    low, high = _intervals(used, loss)
    row: dict[str, object] = {"view": view, "shares_read": used["share"].nunique()}
    for i, name in enumerate(("scale", "exponent", "floor")):
        row |= {name: fit[i], f"{name}_low": low[i], f"{name}_high": high[i]}
    row["explained"] = 1 - float((left**2).sum()) / spread if spread > 0 else np.nan
    bends = {f"curvature_{name}": curve for name, curve in _curvatures(used, view, bench).items()}
    return row | bends | {"bends": _bend(bends["curvature_contribution"])}


def _curvatures(used: pd.DataFrame, view: RecordSet, bench: Bench) -> dict[str, float]:
    """A of contribution at the shares up to .5, and of a strike that leaves those from .5."""
    mean = used.groupby("share")["score"].mean()
    base, best = baseline(bench.task, View(view)), float(mean.get(1.0, np.nan))
    share, score = mean.index.to_numpy(dtype=float), mean.to_numpy(dtype=float)
    given, left = share <= 0.5, (share >= 0.5) & (share < 1)
    struck = (1 - share[left])[::-1]
    return {
        "contribution": curvature(share[given], dlp_contribution(score[given], base, best)),
        "strike": curvature(struck, dlp_strike(score[left][::-1], base, best)),
    }


def _bend(curve: float) -> str:
    if np.isnan(curve):
        return "undefined"
    return "near straight" if abs(curve) <= 0.1 else "decelerating" if curve > 0 else "accelerating"


def _intervals(used: pd.DataFrame, loss: Floats) -> tuple[Floats, Floats]:
    """2.5 and 97.5 per cent of scale, exponent and floor over groups drawn again; nan with one group."""
    groups = used["group"].to_numpy()
    names = np.unique(groups)
    if len(names) < 2:
        return np.full(3, np.nan), np.full(3, np.nan)
    rng, share = Streams(0)("learning curves"), used["share"].to_numpy()
    found = []
    for _ in range(DRAWS):
        rows = np.concatenate([np.flatnonzero(groups == name) for name in rng.choice(names, len(names))])
        found.append(_fit(share[rows], loss[rows]))
    known = np.array([fit for fit in found if np.isfinite(fit).all()])
    if len(known) == 0:
        return np.full(3, np.nan), np.full(3, np.nan)
    low, high = np.percentile(known, [2.5, 97.5], axis=0)
    return low, high
