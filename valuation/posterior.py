"""Shape, centre and spread of the true values given estimates with independent errors, on a grid; then the values.

    estimate_i = true_i + error_i, errors normal
    true_i = mu + tau z_i, z from one of the shapes, mu and tau flat

Sizes: n people, D draws; `noise` is the variance of each error, (n,).
"""

import math
from dataclasses import dataclass

import numpy as np

from .shapes import Spread, components, distinct, labels
from .values import FloatArray

GRID, ROUNDS = 14, 25
DROP, ENOUGH = 9.0, 0.3
"""A cell matters if its log probability is within DROP of the best one's; the share of cells that must."""
FEW = 500
"""Of more people than this, every second, third ... says what all would: shape and spread need not be known better."""
CACHED = 60_000
"""Numbers in a temporary array, so that it stays near the processor."""


@dataclass(frozen=True, eq=False)
class Cells:
    """mu, tau and log probability of GRID x GRID cells; their size in mu - slant x tau and in tau."""

    mu: FloatArray
    tau: FloatArray
    density: FloatArray
    step: FloatArray
    slant: float


def spread_given(
    y: FloatArray, noise: FloatArray, top: float, n_draws: int, rng: np.random.Generator, people: float = math.inf
) -> Spread:
    """Draws of shape, mu and tau; tau up to `top`.

    What y says of the shape counts as if from `people` at most, of mu and tau from a quarter of all if that is more.
    """
    few = slice(None, None, max(1, y.size // FEW))
    weight = min(1.0, max(people, y.size / 4) / y[few].size)
    cells = {shape: zoom(y[few], noise[few], top, shape, weight) for shape in range(len(components()[0]))}
    return _picked(cells, min(1.0, people / (weight * y[few].size)), n_draws, rng)


def values_given(y: FloatArray, noise: FloatArray, spread: Spread, rng: np.random.Generator) -> FloatArray:
    """True values, (D, n), given the estimates and each draw's shape, mu and tau."""
    mean, variance = labels(y, noise, spread, rng)
    mu, tau = spread.mu[:, None], spread.tau[:, None]
    mean, variance = mu + tau * mean, tau**2 * variance
    gain = variance / (variance + noise)
    return mean + gain * (y - mean) + np.sqrt(gain * noise) * rng.standard_normal(mean.shape)


def _picked(cells: dict[int, Cells], weight: float, n_draws: int, rng: np.random.Generator) -> Spread:
    """Draws from the cells of each shape, anywhere within a cell."""
    found = list(cells.values())
    density = np.array([cell.density for cell in found])
    most = density.max(axis=1, keepdims=True)
    evidence = most + np.log(np.exp(density - most).sum(axis=1, keepdims=True))
    share = np.exp(density - evidence + weight * (evidence - evidence.max())).ravel()
    pick = rng.choice(share.size, n_draws, p=share / share.sum())
    which = pick // GRID**2
    jitter = rng.uniform(-0.5, 0.5, (n_draws, 2)) * np.array([cell.step for cell in found])[which]
    mu, tau = (np.concatenate([getattr(cell, name) for cell in found])[pick] for name in ("mu", "tau"))
    slant = np.array([cell.slant for cell in found])[which]
    return Spread(np.array(list(cells))[which], mu + jitter[:, 0] + slant * jitter[:, 1], tau + jitter[:, 1])


def zoom(y: FloatArray, noise: FloatArray, top: float, shape: int, weight: float = 1.0) -> Cells:
    """The grid that holds the posterior of mu and tau for one shape, found by looking closer round by round.

    Cells that are coarse beside the posterior say little about what lies between their middles, so at least the best
    ENOUGH of them stay in view: only once that many are within DROP of the best is the grid as fine as it must be.
    The likelihood is raised to the power `weight`.
    """
    low, high, slant = np.array([y.mean() - top, 0.0]), np.array([y.mean() + top, top]), 0.0
    for _ in range(ROUNDS):
        step, used = (high - low) / GRID, slant
        place, tau = (low[i] + (np.arange(GRID) + 0.5) * step[i] for i in (0, 1))
        density = weight * log_likelihood(y, noise, place, tau, used, shape).ravel()
        place, tau = np.repeat(place, GRID), np.tile(tau, GRID)
        mu = place + used * tau
        below = density.max() - density
        drop = max(DROP, float(np.sort(below)[int(ENOUGH * below.size)]))
        if drop == DROP:
            break
        kept = below <= drop
        slant = slope(mu, tau, np.exp(-below * (DROP / drop)))
        place = (mu - slant * tau)[kept]
        margin = np.array([step[0] + abs(slant - used) * step[1], step[1]])
        low = np.maximum(np.array([place.min(), tau[kept].min()]) - margin, [-np.inf, 0.0])
        high = np.minimum(np.array([place.max(), tau[kept].max()]) + margin, [np.inf, top])
    return Cells(mu, tau, density + math.log(step.prod()), step, used)


def slope(mu: FloatArray, tau: FloatArray, share: FloatArray) -> float:
    """Of mu on tau: of a skewed shape, the higher tau, the further mu is from the bulk of people."""
    share = share / share.sum()
    away = tau - share @ tau
    return float(share @ (away * mu) / (share @ away**2))


def log_likelihood(
    y: FloatArray, noise: FloatArray, place: FloatArray, tau: FloatArray, slant: float, shape: int
) -> FloatArray:
    """Of each mu = place + slant tau (rows) and tau (columns), but for a constant.

    Most of the time of `draws` is spent here, so exponents are worked out in single precision, less the largest of
    each person's, which keeps six digits of the sum over people.
    """
    weight, mean, variance = (part[:, None] for part in distinct(shape))
    found = np.zeros((tau.size, place.size))
    people = max(1, CACHED // (place.size * weight.size))
    for start in range(0, y.size, people):
        some = slice(start, start + people)
        taus = max(1, CACHED // (place.size * weight.size * y[some].size))
        for first in range(0, tau.size, taus):
            at = slice(first, first + taus)
            scale = tau[at, None, None, None]  # then: place, component, person
            root = np.sqrt(0.5 / (scale**2 * variance + noise[some]))
            centre = ((y[some] - scale * mean) * root).astype(np.float32)
            root = root.astype(np.float32)
            away = centre - (place[:, None, None] + slant * scale).astype(np.float32) * root
            away *= away
            least = away.min(axis=2, keepdims=True)
            np.subtract(least, away, out=away)
            np.exp(away, out=away)
            away *= root * weight.astype(np.float32)
            found[at] += (np.log(away.sum(axis=2)) - least[:, :, 0]).sum(axis=2, dtype=np.float64)
    return found.T
