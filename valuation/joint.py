"""True values given estimates whose errors are correlated, by the shapes alone.

The model is that of `posterior`, but the errors have the joint covariance that `Values` knows: Gibbs chains that start
from draws for independent errors. By the mixture: `joint_mixture`. Sizes: n people, D
chains, r directions.
"""

import math
from dataclasses import replace

import numpy as np

from .covariance import Covariance
from .posterior import spread_given, values_given
from .shapes import PARTS, Shapes, Spread, components, labels, log_density
from .values import FloatArray

SWEEPS = 30
CHUNK = 4_000_000
"""Numbers in a temporary array of draws."""


def shaped_draws(y: FloatArray, errors: Covariance, top: float, n_draws: int, rng: np.random.Generator) -> FloatArray:
    """True values, (n_draws, n); tau up to `top`."""
    own, noise = errors.apart(y)
    spread = spread_given(own, noise, top, n_draws, rng)
    found, chunk = [], max(1, CHUNK // (y.size * PARTS))
    for start in range(0, n_draws, chunk):
        some = spread.rows(slice(start, start + chunk))
        found.append(chains(y, errors, some, values_given(own, noise, some, rng), top, rng))
    return np.concatenate(found)


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
