"""Paired: the difference of two series that share what chance did, how sure it is, and how large.

Differences lie in a table of independent units (splits of the data, say) by seeds of behaviour, which are the same in
every unit. Their mean is as uncertain as the means of units differ, and beyond that as seeds make all units move
together: two crossed random effects, of which the second is counted where it shows. An interval over units alone would
be of these seeds only, and far too narrow wherever seeds matter more than splits.

[H79] Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6(2), 1979.
[L13] Lakens, Calculating and reporting effect sizes to facilitate cumulative science: a practical primer for t-tests
and ANOVAs, Frontiers in Psychology 4:863, 2013. [S46] Satterthwaite, An approximate distribution of estimates of
variance components, Biometrics Bulletin 2(6), 1946.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ...regimes import split

Floats = NDArray[np.float64]
NAN = math.nan
_DUST = 1e-12
"""Of the largest number: differences that differ by less are equal but for rounding."""


@dataclass(frozen=True)
class Paired:
    """A mean difference over so many units; nan where it is not told, with a remark why."""

    units: int
    difference: float = NAN
    stderr: float = NAN
    freedom: float = NAN
    """Degrees of freedom of Student's t."""
    low: float = NAN
    high: float = NAN
    p: float = NAN
    """Two-sided."""
    d_z: float = NAN
    """The difference over the standard deviation of differences, Cohen's d_z [L13]."""
    d_av: float = NAN
    """The difference over the mean of the two standard deviations, Cohen's d_av [L13]."""
    remark: str = ""


def paired(first: Floats, second: Floats) -> Paired:
    """first - second, both (units, seeds), nan where a pair is missing; (units, 1) where the units are seeds or there
    is one seed. 95 per cent interval by Student's t; the effects are over all pairs.

    Where all differences are equal there is nothing to tell an error from: the interval has no width and says so, the
    standard error is nan, and p is 1 if they are all 0 and nan otherwise.
    """
    known = np.isfinite(first - second)
    some = known.any(axis=1)
    first, second = (np.where(known, side, NAN)[some][:, known.any(axis=0)] for side in (first, second))
    if not some.any():
        return Paired(0, remark="no pair in which both are defined")
    change = first - second
    means = np.nanmean(change, axis=1)
    mean, size = float(means.mean()), float(max(np.nanmax(np.abs(first)), np.nanmax(np.abs(second))))
    if len(means) == 1:
        return Paired(1, mean, remark="nothing independent to compare it with: no interval")
    variance, freedom = _variance(change, means)
    if math.sqrt(variance) <= _DUST * size:
        return _without_width(len(means), mean, size)
    stderr = math.sqrt(variance)
    half = float(stats.t.ppf(0.975, freedom)) * stderr
    p = float(2 * stats.t.sf(abs(mean) / stderr, freedom))
    spread = (float(np.nanstd(first, ddof=1)) + float(np.nanstd(second, ddof=1))) / 2
    d_z = mean / float(np.nanstd(change, ddof=1))
    d_av = mean / spread if spread > _DUST * size else NAN
    return Paired(len(means), mean, stderr, freedom, mean - half, mean + half, p, d_z, d_av, _remark(change))


def holm(p: Sequence[float]) -> list[float]:
    """Adjusted p values, in the same order [H79]. A test without a p value counts in how many there are."""
    adjusted, highest = [NAN] * len(p), 0.0
    for rank, i in enumerate(sorted((i for i, value in enumerate(p) if value == value), key=lambda i: p[i])):
        highest = max(highest, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = highest
    return adjusted


def _variance(change: Floats, means: Floats) -> tuple[float, float]:
    """Of the mean of all units, and its degrees of freedom [S46]: by units, and what seeds add.

    The mean squares of a table without gaps, units a, seeds b and their interaction i, give (a + max(b - i, 0)) / (S R)
    for S units and R seeds. Where pairs are missing, seeds that have them all give b and i.
    """
    units, seeds = change.shape
    by_units = float(means.var(ddof=1)) / units
    table = change[:, np.isfinite(change).all(axis=0)]
    whole = table.shape[1]
    if whole < 2:
        return by_units, units - 1.0
    rows, columns = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    rest = float(((table - rows - columns + table.mean()) ** 2).sum()) / ((units - 1) * (whole - 1))
    between, within = float(columns.var(ddof=1)) / seeds, rest / (units * seeds)
    if between <= within:
        return by_units, units - 1.0
    variance = by_units + between - within
    parts = by_units**2 / (units - 1) + between**2 / (whole - 1) + within**2 / ((units - 1) * (whole - 1))
    return variance, max(variance**2 / parts, min(units, whole) - 1.0)


def _without_width(units: int, mean: float, size: float) -> Paired:
    none = abs(mean) <= _DUST * size
    words = f"all differences are {'0' if none else 'equal'}: no width, no error known"
    mean = 0.0 if none else mean
    return Paired(units, mean, low=mean, high=mean, p=1.0 if none else NAN, remark=words)


def _remark(change: Floats) -> str:
    if change.shape[1] > 1 and np.isfinite(change).all(axis=0).sum() < 2:
        return "too many pairs are missing to tell what seeds add: the interval may be too narrow"
    two = split(change[np.isfinite(change)])
    return f"two groups of differences, near {two[0]:.3g} and {two[1]:.3g}" if two else ""
