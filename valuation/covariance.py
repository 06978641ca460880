"""The joint covariance of errors of estimates, and how much is each person's own. Sizes: n people, r directions."""

from dataclasses import dataclass

import numpy as np

from ..ml_tasks.settings import InputError
from .values import FloatArray, Values

LARGEST_DENSE = 2000
"""People up to whom a shrunken covariance is decomposed; beyond, errors estimated from draws count as independent."""


@dataclass(frozen=True, eq=False)
class Covariance:
    """Of errors: directions (n, r) with variances (r,), and a floor for all other directions.

    The floor is a thousandth of the mean variance: errors of 3 % of the usual size where none are known.
    """

    directions: FloatArray
    variances: FloatArray
    floor: float
    own: FloatArray
    """The variance of each person's own error, (n,), as large as can be."""
    common: FloatArray
    """A factor of the covariance of all other errors, (any, n)."""

    def scaled(self, x: FloatArray, rest: FloatArray, within: FloatArray) -> FloatArray:
        """Rows of x, (D, n), times `within` (D, r) along the directions and `rest` (D, 1) along all others."""
        return rest * x + ((x @ self.directions) * (within - rest)) @ self.directions.T

    def over(self, a: FloatArray, b: FloatArray) -> FloatArray:
        """a' covariance^-1 b of rows."""
        within = (a @ self.directions) * (b @ self.directions)
        found: FloatArray = within @ (1 / self.variances - 1 / self.floor) + (a * b).sum(axis=1) / self.floor
        return found

    def apart(self, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """About where the chains start: estimates less what errors have in common, and the variance of what is left.

        All directions share a tenth-smallest variance, so that much is everybody's own; the rest is estimated as if
        true values were normal.
        """
        n, found = self.directions.shape
        own = float(np.quantile(np.concatenate([self.variances, np.full(n - found, self.floor)]), 0.1))
        rest = np.maximum(self.variances - own, 0.0)
        along = self.directions.sum(axis=0)
        noise = (self.variances.sum() + (n - found) * self.floor - self.variances @ along**2 / n) / max(n - 1, 1)
        variance = float(y.var(ddof=1)) if n > 1 else 0.0
        total = self.variances + max(variance - float(noise), 0.1 * variance, self.floor)
        common = self.directions @ (rest / total * ((y - y.mean()) @ self.directions))
        return y - common, own + self.directions**2 @ (rest - rest**2 / total)


def covariance(values: Values, se: FloatArray, unit: float) -> Covariance | None:
    """The joint covariance of errors in units of `unit`, or None where they count as independent.

    Estimated from a few draws (finite df), its correlations are shrunk towards 0 [Schaefer & Strimmer 2005].
    """
    if values.errors is None:
        return None
    factor = _factor(values.errors, se.size) / unit
    size = np.sqrt((factor**2).sum(axis=0))
    unitless = factor / np.where(size > 0, size, 1.0)
    gram = unitless @ unitless.T if factor.shape[0] < se.size else unitless.T @ unitless
    related = float((gram**2).sum()) - float((size > 0).sum())
    pairs = se.size * (se.size - 1)
    if related <= 1e-9 * pairs:
        return None
    finite = np.asarray(values.df)[np.isfinite(np.asarray(values.df))]
    kept = 1.0 if finite.size == 0 else max(0.0, 1 - pairs / max(float(finite.min()), 1.0) / related)
    if kept == 1.0:
        _, root, directions = np.linalg.svd(factor, full_matrices=False)
        variances, directions = root**2, directions.T
    elif kept < 0.05 or se.size > LARGEST_DENSE:
        return None
    else:
        variances, directions = np.linalg.eigh(np.diag(se**2 - kept * size**2) + kept * factor.T @ factor)
    floor = 1e-3 * float((se**2).mean())
    own, common = _parted(factor, se, size, kept, floor)
    return Covariance(directions, np.maximum(variances, floor), floor, own, common)


def _parted(
    factor: FloatArray, se: FloatArray, size: FloatArray, kept: float, floor: float
) -> tuple[FloatArray, FloatArray]:
    """Variances of people's own errors, (n,), about as large as can be, and a factor of the covariance of the rest.

    Given all others' errors, that of a person still has the variance 1 / (inverse covariance)_ii, and no more than that
    is their own: as large a share of it as leaves a covariance. With fewer draws than people that is nothing, but for
    the floor.
    """
    if factor.shape[0] < se.size and kept == 1.0:
        return np.full(se.size, floor), factor
    every = kept * factor.T @ factor
    every[np.diag_indices_from(every)] += np.maximum(se**2 - kept * size**2, 0.0) if kept < 1 else 0.0
    variances, directions = np.linalg.eigh(every)
    own = 1 / (directions**2 @ (1 / np.maximum(variances, floor)))
    root = np.sqrt(own)
    variances, directions = np.linalg.eigh(every / root / root[:, None])
    least = max(float(variances[0]), 0.0)
    return np.maximum(least * own, floor), np.sqrt(np.maximum(variances - least, 0.0))[:, None] * directions.T * root


def _factor(errors: FloatArray, n: int) -> FloatArray:
    """An error factor, (k, n), or InputError."""
    factor = np.asarray(errors, dtype=np.float64)
    if factor.ndim != 2 or factor.shape[1] != n or not np.isfinite(factor).all():
        raise InputError("errors", f"shape {factor.shape}", f"finite numbers of shape (any, {n})")
    return factor
