"""Random-patch features with ridge regression: a convex image classifier that forgets exactly [Coates & Ng 2012].

Patches of the official test images, which are nobody's data and are never withdrawn, are whitened and serve as
filters; what a picture answers to each is pooled over a grid. Features are therefore fixed, and a model depends on
the training data through two sums alone: the Gram matrix of the features and their product with the labels. Taking
people out subtracts their part of the Gram matrix from that of the full data.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from .images import Images
from .settings import Checked, NonNegative, Positive, PositiveCount

Singles = NDArray[np.float32]
Rows = NDArray[np.int64]
Reader = Callable[[Rows, NDArray[np.int64], Rows, int], tuple[NDArray[np.floating], str]]
"""(training rows, their labels, rows to score, seed) -> scores (rows to score, 10), and why if degenerate."""

SIDE, STRIDE = 6, 2
_BLOCK = 1000


@dataclass(frozen=True)
class Patches(Checked):
    """Whitened random patches as filters, pooled; ridge regression on the labels."""

    filters: PositiveCount = 256
    grid: PositiveCount = 3
    """Answers are averaged over a grid of so many by so many fields."""
    threshold: NonNegative = 0.25
    """Answers weaker than this count nothing."""
    whitening: Positive = 1.0
    """Added to the variances before patches are whitened."""
    ridge: Positive = 0.01
    """Strength of the ridge for each training image, features having unit variance."""
    filter_seed: int = 0

    noise = False

    def prepared(self, images: Images) -> Reader:
        """Compute the features of all images and the full Gram matrix; what comes back fits any part of them."""
        features = Features.of(self, images)

        def read(rows: Rows, labels: NDArray[np.int64], asked: Rows, seed: int) -> tuple[NDArray[np.floating], str]:
            weights = solved(features, rows, labels, self.ridge)
            return features.x[asked] @ weights.astype(np.float32), ""

        return read


@dataclass(frozen=True, eq=False)
class Features:
    """Features of every image with a column of ones, and the Gram matrix of all training images."""

    x: Singles
    """Shape (images, columns)."""
    training: Rows
    gram: NDArray[np.float64]

    @classmethod
    def of(cls, model: Patches, images: Images) -> "Features":
        """Computed once for a data set."""
        answers = _answers(model, images)
        nobodys = answers[images.official_test]
        centre, spread = nobodys.mean(axis=0), nobodys.std(axis=0) + 1e-6
        answers -= centre
        answers /= spread
        x = np.column_stack([answers, np.ones(len(answers), dtype=np.float32)]).astype(np.float32, copy=False)
        training = np.flatnonzero(~images.official_test)
        return cls(x, training, gram(x, training))

    def of_rows(self, rows: Rows) -> NDArray[np.float64]:
        """The Gram matrix of some training rows: subtracted or summed, whichever has fewer rows to go through."""
        if 2 * len(rows) <= len(self.training):
            return gram(self.x, rows)
        return self.gram - gram(self.x, np.setdiff1d(self.training, rows, assume_unique=True))


def gram(x: Singles, rows: Rows) -> NDArray[np.float64]:
    """Sum over rows of x x', in blocks: products in single, sums in double precision."""
    total = np.zeros((x.shape[1], x.shape[1]))
    for start in range(0, len(rows), _BLOCK):
        block = x[rows[start : start + _BLOCK]]
        total += block.T @ block
    return total


def solved(features: Features, rows: Rows, labels: NDArray[np.int64], ridge: float) -> NDArray[np.float64]:
    """Weights of the ridge regression of the labels, as -1 and 1, on the features, shape (columns, 10)."""
    wanted = np.zeros((len(features.x), 10), dtype=np.float32)
    wanted[rows] = -1
    wanted[rows, labels] = 1
    product = (features.x.T @ wanted).astype(np.float64)
    matrix = features.of_rows(rows)
    matrix[np.diag_indices(len(matrix) - 1)] += ridge * len(rows)  # the last is the intercept
    weights: NDArray[np.float64] = cho_solve(cho_factor(matrix, overwrite_a=True), product)
    return weights


def _answers(model: Patches, images: Images) -> Singles:
    """How strongly each image answers to each filter, for and against, by field of the grid."""
    filters, bias = _filters(model, images.pixels[images.official_test])
    out = np.empty((len(images.label), 2 * model.filters * model.grid**2), dtype=np.float32)
    for start in range(0, len(out), _BLOCK):
        patches, side = _patches(images.pixels[start : start + _BLOCK])
        answer = (patches @ filters - bias).reshape(-1, side, side, model.filters)
        edges = np.arange(model.grid) * side // model.grid
        parts = []
        for sign in (1, -1):
            active = np.maximum(sign * answer - np.float32(model.threshold), 0)
            pooled = np.add.reduceat(np.add.reduceat(active, edges, axis=1), edges, axis=2)
            parts.append(pooled.reshape(len(pooled), -1))
        out[start : start + _BLOCK] = np.concatenate(parts, axis=1)
    return out


def _patches(pixels: NDArray[np.uint8]) -> tuple[Singles, int]:
    """Every patch as a row with mean 0 and unit contrast, and how many there are along a side."""
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (SIDE, SIDE), axis=(2, 3))[:, :, ::STRIDE, ::STRIDE]
    rows = windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, 3 * SIDE * SIDE).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    # 10 levels of grey: smaller contrasts are not blown up.
    rows /= np.sqrt(np.mean(rows**2, axis=1, keepdims=True) + np.float32(10.0))
    return rows, windows.shape[2]


def _filters(model: Patches, nobodys: NDArray[np.uint8]) -> tuple[Singles, Singles]:
    """Filters, shape (108, filters), and what they answer to the mean patch: both from nobody's images."""
    rng = np.random.default_rng([model.filter_seed, 7])
    chosen = rng.permutation(len(nobodys))[: max(1, min(len(nobodys), 2000))]
    rows, _ = _patches(nobodys[np.sort(chosen)])
    mean = rows.mean(axis=0)
    variance, axes = np.linalg.eigh(np.cov(rows[::7], rowvar=False).astype(np.float64))
    whiten = (axes / np.sqrt(np.maximum(variance, 0) + model.whitening)) @ axes.T
    patches = (rows[rng.permutation(len(rows))[: model.filters]] - mean) @ whiten
    missing = model.filters - len(patches)
    if missing > 0:  # fewer patches than filters: only in very small sets
        patches = np.concatenate([patches, rng.normal(size=(missing, patches.shape[1]))])
    patches /= np.linalg.norm(patches, axis=1, keepdims=True) + 1e-8
    filters = (whiten @ patches.T).astype(np.float32)
    return filters, (mean @ filters).astype(np.float32)
