"""Leverage: how much of a firm's performance a group of people holds, as Data Leverage Power (DLP) [VH21].

All scores are of one metric, scored on the same people's experience; `baseline` is the performance at which
DLP is 0 and `best` the one at which it is 1. Higher may be better or worse: a ratio of differences does not
care. The numbers may be negative or above 1 and are returned as they are. The first report [VH20] used
`dlp_contribution` for contribution with deletion too, and warns that the DLP of a strike and of a
contribution are not to be compared directly: one hurts a firm, the other helps its rival.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..ml_tasks.scores import seed_stderr
from ..ml_tasks.settings import InputError
from .values import FloatArray

Ratio = Any
"""A float where all arguments are scalars, else a float array of their broadcast shape."""


def dlp_contribution(small: ArrayLike, baseline: ArrayLike, best: ArrayLike) -> Ratio:
    """How far contributed data brings a rival: (small - baseline) / (best - baseline) [VH21, CDC only].

    small: the rival's score with the contributed data. nan where best equals baseline.
    """
    return _ratio(_minus(small, baseline), _minus(best, baseline))


def dlp_transfer(small: ArrayLike, large: ArrayLike, baseline: ArrayLike) -> Ratio:
    """How near data moved to a rival brings it to the firm it left: (small - baseline) / (large - baseline)
    [VH21, CDC with deletion].

    large: the score of the firm without that data. Published for shares up to .5, where small and large are
    the same company and this is 1. nan where large equals baseline.
    """
    return _ratio(_minus(small, baseline), _minus(large, baseline))


def dlp_strike(large: ArrayLike, baseline: ArrayLike, best: ArrayLike) -> Ratio:
    """How far a firm falls without strikers' data: (large - best) / (baseline - best) [VH21, strike only].

    large: the firm's score on the data that is left. nan where best equals baseline.
    """
    return _ratio(_minus(large, best), _minus(baseline, best))


def curvature(shares: ArrayLike, power: ArrayLike) -> float:
    """How leverage bends with the share of people: A = 2 x area / (width x height) - 1 from (0, 0) to the largest
    share, by trapezia; above 0 decelerating (early people matter most), below 0 accelerating, 0 straight.

    shares: increasing, above 0; power: DLP at each, both of shape (k,); places with nan are left out. nan with
    fewer than two shares, or where power ends at 0. It depends on the range and on whose experience power is.
    """
    x, y = np.asarray(shares, dtype=np.float64), np.asarray(power, dtype=np.float64)
    known = np.isfinite(y)
    if known.sum() < 2:
        return math.nan
    x, y = np.append(0.0, x[known]), np.append(0.0, y[known])
    return math.nan if np.any(np.diff(x) <= 0) else float(bends(x, y[None])[0])


def bends(shares: FloatArray, curves: FloatArray) -> FloatArray:
    """`curvature` of several curves, shape (n, k), at shares (k,) that start from 0, as do the curves."""
    box = shares[-1] * curves[:, -1]
    area = np.trapezoid(curves, shares, axis=1)
    return np.asarray(2 * np.divide(area, box, out=np.full_like(box, np.nan), where=box != 0) - 1)


def mean_stderr(per_seed: ArrayLike, exact: bool = False) -> tuple[float, float]:
    """Mean over training seeds and its standard error, sd (ddof=1) / sqrt(k).

    per_seed: k numbers, one a seed; for a paired comparison give the differences seed by seed. The standard
    error is nan for one seed, 0 if `exact` (a closed form, nothing was drawn). No seeds: (nan, nan).
    """
    scores = _per_seed(per_seed, "per_seed")
    if scores.size == 0:
        return math.nan, math.nan
    return float(scores.mean()), seed_stderr(scores, exact)


def ratio_stderr(numerators: ArrayLike, denominators: ArrayLike, exact: bool = False) -> float:
    """Standard error of mean(numerators) / mean(denominators) over paired seeds, by the delta method:
    sd of (numerator - ratio x denominator) over seeds (ddof=1), / sqrt(k) / |mean denominator|.

    Both: k numbers in the same order of seeds; a scalar denominator is one known without error. nan for one
    seed, for none, and for a mean denominator of 0; 0 if `exact`. Raises InputError for unequal lengths.
    """
    top = _per_seed(numerators, "numerators")
    bottom = np.asarray(denominators, dtype=np.float64)
    if bottom.ndim == 0:
        bottom = np.full(top.size, bottom)
    if bottom.shape != top.shape:
        raise InputError("denominators", f"shape {bottom.shape}", f"one number for each of {top.size} seeds")
    mean = bottom.mean() if top.size else 0.0
    if mean == 0:
        return math.nan
    return seed_stderr(top - top.mean() / mean * bottom, exact) / abs(float(mean))


def _per_seed(numbers: ArrayLike, where: str) -> FloatArray:
    array = np.asarray(numbers, dtype=np.float64)
    if array.ndim != 1:
        raise InputError(where, f"shape {array.shape}", "a flat sequence with one number a seed")
    return array


def _minus(left: ArrayLike, right: ArrayLike) -> FloatArray:
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.subtract(left, right, dtype=np.float64))


def _ratio(top: FloatArray, bottom: FloatArray) -> Ratio:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(bottom == 0, np.nan, top / bottom)
    return float(ratio) if ratio.ndim == 0 else ratio
