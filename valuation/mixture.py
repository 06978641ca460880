"""True values given estimates with independent errors: a Dirichlet mixture of narrow normals, and shapes as a hedge.

    estimate_i = true_i + error_i, errors normal
    true_i from a mixture of KERNELS narrow normals on fixed places, weights ~ Dirichlet(STRENGTH x base)

The base is one of the parametric shapes with a centre and a spread, drawn anew for each chain as if little were
known of them (`posterior`). So a few people are taken to be spread as one of the shapes, and many show how they are.
Gibbs chains [IJ01]: kernels given weights, then weights given how many people each kernel has. Sizes: n people, D
draws, C chains; `noise` is the variance of each error, (n,).
"""

import math
from dataclasses import dataclass

import numpy as np

from .posterior import spread_given, values_given
from .shapes import PARTS, Shapes, Spread, components
from .values import FloatArray

KERNELS, STRENGTH, BASE = 96, 20.0, 20
"""Normals that make up the mixture; people whom the base weighs as much as; people its shape is learned from."""
SWEEPS, THIN = 25, 2
"""Sweeps before the first draw of a chain, and from one of its draws to the next."""
BY_SHAPES = 0.25
"""Of all draws, those by the shapes alone."""
CHAINS, AT_ONCE = 50, 400_000
"""The fewest chains, and how many numbers of chains x people there may be before each gives more than one draw."""
START = 100
"""Draws by the shapes alone that say where true values may lie."""


@dataclass(frozen=True, eq=False)
class Kernels:
    """Where they meet, (KERNELS + 1,), their means, (KERNELS,), and their standard deviation."""

    edges: FloatArray
    mean: FloatArray
    sd: float


def independent_draws(
    y: FloatArray, noise: FloatArray, top: float, n_draws: int, rng: np.random.Generator
) -> FloatArray:
    """True values, (n_draws, n), in any order: by the mixture, but for BY_SHAPES of them, by the shapes alone.

    Each is wrong where the other is right: the shapes where there is little noise and the truth is none of them, the
    mixture where there is so much that it cannot see where the lowest values end. The share is fixed and not learned,
    since the data cannot tell which of them misjudges a tail.
    """
    by_shapes, found = int(BY_SHAPES * n_draws), []
    if by_shapes:
        found.append(values_given(y, noise, spread_given(y, noise, top, by_shapes, rng), rng))
    found.append(mixture_draws(y, noise, top, n_draws - by_shapes, rng))
    return rng.permutation(np.concatenate(found))


def mixture_draws(y: FloatArray, noise: FloatArray, top: float, n_draws: int, rng: np.random.Generator) -> FloatArray:
    """True values, (n_draws, n); the spread of the base up to `top`."""
    from .mixture_kernel import assign  # here, so that the command line need not load numba

    chains = min(n_draws, max(CHAINS, AT_ONCE // y.size))
    spread = spread_given(y, noise, top, chains, rng, BASE)
    kernels = laid(values_given(y, noise, spread.rows(slice(START)), rng))
    near, blocks = nearness(y, noise, kernels)
    prior = STRENGTH * base(spread, kernels)
    weight, found, wanted = prior, [], math.ceil(n_draws / chains)
    label, counts = np.empty((chains, y.size), dtype=np.int64), np.empty(prior.shape, dtype=np.int64)
    for sweep in range(SWEEPS + THIN * (wanted - 1)):
        u = rng.random((chains, y.size), dtype=np.float32)
        assign(weight.astype(np.float32) + np.float32(1e-30), near, blocks, u, label, counts)
        weight = rng.standard_gamma(prior + counts)
        weight /= weight.sum(axis=1, keepdims=True)
        if sweep >= SWEEPS - 1 and (sweep - SWEEPS + 1) % THIN == 0:
            found.append(_within(y, noise, kernels, label, rng))
    return np.concatenate(found)[:n_draws]


def laid(start: FloatArray) -> Kernels:
    """Kernels at equal distances over all that true values may be.

    Their standard deviation is half that distance: the density has no gaps, and hardly any waves.
    """
    low, high = float(start.min()), float(start.max())
    edges = np.linspace(low, max(high, low + 1e-9), KERNELS + 1)
    return Kernels(edges, (edges[1:] + edges[:-1]) / 2, float(edges[1] - edges[0]) / 2)


def nearness(y: FloatArray, noise: FloatArray, kernels: Kernels) -> tuple[FloatArray, FloatArray]:
    """The likelihood of each kernel for each person, the best one's 1, (n, KERNELS); and which blocks have any."""
    from .mixture_kernel import BLOCK

    total = kernels.sd**2 + noise[:, None]
    log = -0.5 * ((y[:, None] - kernels.mean) ** 2 / total + np.log(total))
    near = np.exp(log - log.max(axis=1, keepdims=True))
    any_near = (near > 1e-8).reshape(y.size, -1, BLOCK).any(axis=2)
    blocks = np.stack([any_near.argmax(axis=1), any_near.shape[1] - any_near[:, ::-1].argmax(axis=1)], axis=1)
    return near.astype(np.float32), blocks


def base(spread: Spread, kernels: Kernels) -> FloatArray:
    """What each chain's shape, mu and tau give to each kernel, (C, KERNELS); what lies beyond them to the outermost."""
    from scipy.special import ndtr  # here, so that the command line need not load it

    weight, mean, variance = (part[spread.shape] for part in components())
    upto = np.zeros((spread.mu.size, KERNELS + 1))
    for part in range(PARTS):
        middle = spread.mu + spread.tau * mean[:, part]
        scale = np.maximum(spread.tau * np.sqrt(variance[:, part]), 1e-12)
        upto += weight[:, part, None] * ndtr((kernels.edges - middle[:, None]) / scale[:, None])
    upto[:, 0], upto[:, -1] = 0.0, 1.0
    return np.maximum(np.diff(upto, axis=1), 1e-12)


def _within(y: FloatArray, noise: FloatArray, kernels: Kernels, label: Shapes, rng: np.random.Generator) -> FloatArray:
    """True values given which kernel each is from."""
    mean, variance = kernels.mean[label], kernels.sd**2
    gain = variance / (variance + noise)
    found: FloatArray = mean + gain * (y - mean) + np.sqrt(gain * noise) * rng.standard_normal(mean.shape)
    return found
