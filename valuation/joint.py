"""True values given estimates whose errors are correlated: Gibbs chains that start from draws for independent errors.

The model is that of `posterior`, but the errors have the joint covariance that `Values` knows. Sizes: n people, D
chains, r directions.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from ..ml_tasks.settings import InputError
from .shapes import Shapes, Spread, components, labels, log_density
from .values import FloatArray, Values

SWEEPS = 30
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
    return Covariance(directions, np.maximum(variances, floor), floor)


def _factor(errors: FloatArray, n: int) -> FloatArray:
    """An error factor, (k, n), or InputError."""
    factor = np.asarray(errors, dtype=np.float64)
    if factor.ndim != 2 or factor.shape[1] != n or not np.isfinite(factor).all():
        raise InputError("errors", f"shape {factor.shape}", f"finite numbers of shape (any, {n})")
    return factor


def chains(
    y: FloatArray, errors: Covariance, spread: Spread, theta: FloatArray, top: float, rng: np.random.Generator
) -> FloatArray:
    """True values, (D, n), after SWEEPS sweeps of D chains that start at `spread` and `theta`; tau up to `top`."""
    for sweep in range(SWEEPS):
        if sweep % 4 == 0:
            spread = replace(spread, shape=reshaped(theta, spread, rng))
        theta = _moved(y, errors, theta, spread, rng)
        mean, variance = labels(theta, np.zeros(y.size), spread, rng)
        spread = _centred(theta, mean, variance, spread, top, rng)
        spread, theta = _uncentred(y, errors, theta, spread, top, rng)
        theta = _redrawn(y, errors, theta, mean, variance, spread, rng)
    return theta


def _redrawn(
    y: FloatArray, errors: Covariance, theta: FloatArray, mean: FloatArray, variance: FloatArray, spread: Spread,
    rng: np.random.Generator,
) -> FloatArray:  # fmt: skip
    """True values given components, as a + b, b of the same variance for all, so that one decomposition does."""
    mu, tau = spread.mu[:, None], spread.tau[:, None]
    own = tau**2 * components()[2].min(axis=1)[spread.shape][:, None]
    spare = tau**2 * variance - own
    gain = np.maximum(spare, 0.0) / (spare + own)
    mean = mu + tau * mean
    a = mean + gain * (theta - mean) + np.sqrt(gain * own) * rng.standard_normal(theta.shape)
    rest, within = own / (own + errors.floor), own / (own + errors.variances)
    free = rng.standard_normal(theta.shape)
    found: FloatArray = a + errors.scaled(y - a, rest, within)
    found += errors.scaled(free, np.sqrt(rest * errors.floor), np.sqrt(within * errors.variances))
    return found


def _moved(
    y: FloatArray, errors: Covariance, theta: FloatArray, spread: Spread, rng: np.random.Generator
) -> FloatArray:
    """One Metropolis step along up to three directions of error each, components left open.

    Given components, some of which are narrow, what errors have in common could hardly move.
    """
    chains, few = spread.tau.size, min(3, errors.variances.size)
    along = rng.integers(errors.variances.size, size=(chains, few))
    size = 1 / np.sqrt(1 / errors.variances[along] + 1 / spread.tau[:, None] ** 2)
    step = size * 10 ** rng.uniform(-1.5, 0.3, (chains, 1)) * rng.standard_normal(size.shape)
    new = theta + np.einsum("nck,ck->cn", errors.directions[:, along], step)
    gain = log_density(new, spread) - log_density(theta, spread)
    gain -= 0.5 * (errors.over(y - new, y - new) - errors.over(y - theta, y - theta))
    return np.where((np.log(rng.random(chains)) < gain)[:, None], new, theta)


def reshaped(theta: FloatArray, spread: Spread, rng: np.random.Generator) -> Shapes:
    """A shape for each chain given its true values, mu and tau."""
    every = range(len(components()[0]))
    fit = np.array([log_density(theta, replace(spread, shape=np.full(spread.mu.size, shape))) for shape in every])
    chosen: Shapes = (fit + rng.gumbel(size=fit.shape)).argmax(axis=0)
    return chosen


def _centred(
    theta: FloatArray, mean: FloatArray, variance: FloatArray, spread: Spread, top: float, rng: np.random.Generator
) -> Spread:
    """tau, then mu, given the true values and their components; tau from a grid around its mode."""
    n, chains = theta.shape[1], spread.mu.size
    away = theta - spread.mu[:, None]
    square, cross = (away**2 / variance).sum(axis=1), (away * mean / variance).sum(axis=1)
    mode = np.minimum((np.sqrt(cross**2 + 4 * n * square) - cross) / (2 * n), top)
    offset = np.linspace(-6, 6, 61) / math.sqrt(n)
    grid = mode[:, None] * np.exp(offset)
    log = (1 - n) * np.log(grid) - 0.5 * square[:, None] / grid**2 + cross[:, None] / grid
    log = np.where(grid <= top, log, -np.inf) + rng.gumbel(size=grid.shape)
    within = rng.uniform(-0.5, 0.5, chains) * (offset[1] - offset[0])
    tau = np.minimum(grid[np.arange(chains), log.argmax(axis=1)] * np.exp(within), top)
    precision = (1 / variance).sum(axis=1)
    middle = ((theta - tau[:, None] * mean) / variance).sum(axis=1) / precision
    return replace(spread, mu=middle + tau / np.sqrt(precision) * rng.standard_normal(chains), tau=tau)


def _uncentred(
    y: FloatArray, errors: Covariance, theta: FloatArray, spread: Spread, top: float, rng: np.random.Generator
) -> tuple[Spread, FloatArray]:
    """mu and tau given the standardised true values, which move with them: mixes where noise is larger than tau."""
    z = (theta - spread.mu[:, None]) / spread.tau[:, None]
    one, rows = np.ones((1, y.size)), y[None, :]
    p11, p12, p22 = errors.over(one, one), errors.over(one, z), errors.over(z, z)
    b1, b2 = errors.over(one, rows), errors.over(z, rows)
    det = np.maximum(p11 * p22 - p12**2, 1e-300)
    new = (p11 * b2 - p12 * b1) / det + np.sqrt(p11 / det) * rng.standard_normal(spread.mu.size)
    tau = np.where((new > 1e-9) & (new <= top), new, spread.tau)  # a draw out of bounds is refused
    mu = (b1 - p12 * tau) / p11 + rng.standard_normal(tau.size) / np.sqrt(p11)
    return replace(spread, mu=mu, tau=tau), mu[:, None] + tau[:, None] * z
