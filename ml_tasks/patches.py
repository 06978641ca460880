"""Random-patch features with ridge regression: a convex image classifier that forgets exactly [Coates & Ng 2012].

Patches of the official test images, which are nobody's data and are never withdrawn, are whitened and serve as
filters; what a picture answers to each is pooled over a grid. Features are therefore fixed, and a model depends on
the training data through two sums alone: the Gram matrix of the features and their product with the labels. Features
are kept as whole steps of a sixteenth of their standard deviation, so that these sums are exact: taking people out
subtracts their part from the sums of the full data and gives, to the bit, the model of those who are left.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from .images import Images, Keys, Reader, Rows
from .settings import Checked, NonNegative, Positive, PositiveCount

Singles = NDArray[np.float32]

SIDE, STRIDE = 6, 2
STEPS, LIMIT = 16, 127
"""Steps in a standard deviation; features are cut off at so many, 8 standard deviations."""
_BLOCK = 1000
"""Images at a time: as many squares of LIMIT as single precision adds up without rounding, in any order."""


@dataclass(frozen=True)
class Patches(Checked):
    """Whitened random patches as filters, pooled; ridge regression on the labels."""

    filters: PositiveCount = 256
    """How many patches serve as filters; each gives a feature for and one against it in every field of the grid."""
    grid: PositiveCount = 3
    """Answers are averaged over a grid of so many by so many fields."""
    threshold: NonNegative = 0.25
    """Answers weaker than this count nothing."""
    whitening: Positive = 1.0
    """Added to the variances before patches are whitened."""
    ridge: Positive = 0.01
    """Strength of the ridge for each training image, features having unit variance."""
    filter_seed: int = 0
    """Seed by which these patches are drawn from the official test images."""

    noise = False

    def prepared(self, images: Images, key: Keys, usual: Rows) -> Reader:
        """Compute the features of all images and the Gram matrix of the usual training rows."""
        features = Features.of(self, images, usual)

        def read(rows: Rows, labels: NDArray[np.int64], asked: Rows, seed: int) -> tuple[NDArray[np.floating], str]:
            weights = solved(features, rows, labels, self.ridge).astype(np.float32)
            parts = [features.x[asked[k : k + _BLOCK]].astype(np.float32) for k in range(0, len(asked), _BLOCK)]
            return np.concatenate([part @ weights for part in parts]), ""

        return read


@dataclass(frozen=True, eq=False)
class Features:
    """Features of every image in steps, with a column of ones, and the Gram matrix of the usual training images."""

    x: NDArray[np.int8]
    """Shape (images, columns)."""
    usual: Rows
    gram: NDArray[np.float64]

    @classmethod
    def of(cls, model: Patches, images: Images, usual: Rows) -> "Features":
        """Computed once for a data set."""
        answers = _answers(model, images)
        nobodys = answers[images.official_test]
        answers -= nobodys.mean(axis=0)
        answers /= (nobodys.std(axis=0) + 1e-6) / STEPS
        x = np.ones((len(answers), answers.shape[1] + 1), dtype=np.int8)
        x[:, :-1] = np.rint(np.clip(answers, -LIMIT, LIMIT, out=answers), out=answers)
        return cls(x, usual, gram(x, usual))

    def of_rows(self, rows: Rows) -> NDArray[np.float64]:
        """The Gram matrix of some rows: from the usual ones or summed, whichever has fewer rows to go through."""
        more, fewer = (np.setdiff1d(*pair, assume_unique=True) for pair in ((rows, self.usual), (self.usual, rows)))
        if len(more) + len(fewer) >= len(rows):
            return gram(self.x, rows)
        return self.gram + gram(self.x, more) - gram(self.x, fewer)


def gram(x: NDArray[np.int8], rows: Rows) -> NDArray[np.float64]:
    """Sum over rows of x x', exactly."""
    total = np.zeros((x.shape[1], x.shape[1]))
    for start in range(0, len(rows), _BLOCK):
        block = x[rows[start : start + _BLOCK]].astype(np.float32)
        total += block.T @ block
    return total


def solved(features: Features, rows: Rows, labels: NDArray[np.int64], ridge: float) -> NDArray[np.float64]:
    """Weights of the ridge regression of the labels, as -1 and 1, on the features in steps, shape (columns, 10)."""
    product = np.zeros((features.x.shape[1], 10))
    for start in range(0, len(rows), _BLOCK):
        block, own = features.x[rows[start : start + _BLOCK]], labels[start : start + _BLOCK, None]
        product += block.T.astype(np.float32) @ np.where(own == np.arange(10), np.float32(1), np.float32(-1))
    matrix = features.of_rows(rows)
    matrix[np.diag_indices(len(matrix) - 1)] += ridge * STEPS**2 * len(rows)  # the last is the intercept
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
