"""The shapes that the distribution of true values may have, each a mixture of a few normals of mean 0 and variance 1.

They are normal, uniform, Laplace, an exponential and two lognormals to either side, and two clumps of .3 and .7 of
people. Mixtures of normals, so that true values are drawn exactly where errors are normal. Sizes: n people, D draws,
PARTS components.
"""

import math
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from .values import FloatArray

Shapes = NDArray[np.int64]
"""The number of each draw's shape, (D,)."""
Normals = tuple[FloatArray, FloatArray, FloatArray]
"""Weights, means and variances of the components of a shape, or of each shape."""
TAILS = (0.0, 0.03, 0.1, 0.25, 0.45, 0.65, 0.82, 0.94, 0.985, 1.0)
"""Parts of a long-tailed distribution, the tail last, each of which one normal component stands for."""
EDGES = (0.0, 0.03, 0.12, 0.3, 0.45, 0.55, 0.7, 0.88, 0.97, 1.0)
"""The same for one that ends abruptly on both sides: narrow there, as shift looks at the lowest person."""
PARTS = len(TAILS) - 1


@dataclass(frozen=True, eq=False)
class Spread:
    """Of each draw: number of the shape, mu and tau, (D,) each."""

    shape: Shapes
    mu: FloatArray
    tau: FloatArray

    def rows(self, at: slice) -> "Spread":
        return Spread(self.shape[at], self.mu[at], self.tau[at])


@lru_cache(maxsize=1)
def components() -> Normals:
    """Of each shape, (shapes, PARTS)."""
    from scipy.special import ndtri  # here, so that the command line need not load it

    u = (np.arange(8000) + 0.5) / 8000
    waiting, ends = -np.log1p(-u), np.array(TAILS)
    found = [
        (np.full(PARTS, 1 / PARTS), np.zeros(PARTS), np.ones(PARTS)),  # normal
        _parts(u, np.array(EDGES)),  # uniform
        _scales(waiting, ends),  # Laplace: normals whose variances are exponential
    ]
    for x in (waiting, np.exp(ndtri(u)), np.exp(1.6 * ndtri(u))):
        found += _either_side(_parts(x, ends))
    found += _either_side(_clumps(0.3, few=3))
    weights, means, variances = (np.array(part) for part in zip(*found, strict=True))
    return weights, means, variances


@cache
def distinct(shape: int) -> Normals:
    """The components of one shape, equal ones taken together."""
    weight, mean, variance = (part[shape] for part in components())
    kinds, place = np.unique(np.stack([mean, variance]), axis=1, return_inverse=True)
    together: FloatArray = np.bincount(place.ravel(), weight).astype(np.float64)
    return together, kinds[0], kinds[1]


def _either_side(normals: Normals) -> list[Normals]:
    weight, mean, variance = normals
    return [normals, (weight, -mean, variance)]


def _parts(x: FloatArray, ends: FloatArray) -> Normals:
    """Components for the parts of a distribution of ascending quantiles x, cut at the probabilities `ends`.

    Each has its part's mean and three times its variance: wide enough to leave no gap between neighbours.
    """
    parts = np.split(x, np.round(ends[1:-1] * x.size).astype(int))
    weight = np.diff(ends)
    mean, variance = np.array([part.mean() for part in parts]), 3 * np.array([part.var() for part in parts])
    mean -= weight @ mean
    size = float(weight @ (variance + mean**2))
    return weight, mean / math.sqrt(size), variance / size


def _scales(x: FloatArray, ends: FloatArray) -> Normals:
    """Components of mean 0 whose variances are the means of the parts of x."""
    variance = np.array([part.mean() for part in np.split(x, np.round(ends[1:-1] * x.size).astype(int))])
    weight = np.diff(ends)
    return weight, np.zeros(weight.size), variance / (weight @ variance)


def _clumps(share: float, few: int) -> Normals:
    """Two clumps, in each of which a tenth of the variance is; `few` equal components stand for the lower one."""
    counts = [few, PARTS - few]
    weight = np.repeat([share / few, (1 - share) / (PARTS - few)], counts)
    mean = math.sqrt(0.9) * np.repeat([-math.sqrt((1 - share) / share), math.sqrt(share / (1 - share))], counts)
    return weight, mean, np.full(PARTS, 0.1)


def labels(x: FloatArray, noise: FloatArray, spread: Spread, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """For x, (n,) or (D, n), drawn components of each: their means and variances in units of tau, (D, n)."""
    weight, mean, variance = (part[spread.shape] for part in components())
    x, mu, tau = np.atleast_2d(x), spread.mu[:, None], spread.tau[:, None]
    chance = np.empty((PARTS, spread.shape.size, x.shape[1]))
    for part in range(PARTS):
        at = (slice(None), part, None)
        total = tau**2 * variance[at] + noise
        chance[part] = np.log(weight[at]) - 0.5 * (np.log(total) + (x - mu - tau * mean[at]) ** 2 / total)
    chance -= chance.max(axis=0)
    running = np.cumsum(np.exp(chance, out=chance), axis=0, out=chance)
    chosen = (running < running[-1] * rng.random(running.shape[1:])).sum(axis=0)
    rows = np.arange(spread.shape.size)[:, None]
    return mean[rows, chosen], variance[rows, chosen]


def log_density(theta: FloatArray, spread: Spread) -> FloatArray:
    """Of each row of true values, (D,), but for a constant and for a function of tau."""
    weight, mean, variance = (part[spread.shape] for part in components())
    z = (theta - spread.mu[:, None]) / spread.tau[:, None]
    density = np.zeros(z.shape)
    for part in range(PARTS):
        at = (slice(None), part, None)
        density += weight[at] / np.sqrt(variance[at]) * np.exp((z - mean[at]) ** 2 * (-0.5 / variance[at]))
    found: FloatArray = np.log(np.maximum(density, 1e-300)).sum(axis=1)
    return found
