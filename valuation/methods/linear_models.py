"""Logistic and ridge regression fitted to the optimum, with the exact Hessian there.

What is minimised is the sum of the records' losses (log loss in nats, or squared error) plus ridge / 2 |w|^2
(logistic) or ridge |w|^2 (ridge regression), the intercept not penalised: scikit-learn's LogisticRegression with
C = 1 / ridge and Ridge with alpha = ridge. Two labels have one column of weights, more have one each (softmax).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.special import expit, log_softmax, softmax

from ...ml_tasks.settings import InputError
from ..examples import label_codes, records
from ..values import FloatArray

LARGEST_HESSIAN = 5000
"""Coefficients: 200 MB."""
_ROUNDS = 200

Weights = FloatArray
"""Shape (features + 1, columns), the intercepts last."""


@dataclass(frozen=True, eq=False)
class LinearFit:
    """A linear model with its data. x: (n, d + 1), a column of ones last. y: (n, columns), numbers or 0 and 1."""

    x: FloatArray
    y: FloatArray
    test_x: FloatArray
    test_y: FloatArray
    ridge: float
    regression: bool
    weights: Weights

    def residuals(self, weights: Weights) -> FloatArray:
        """The derivative of each training record's loss by its scores, shape (n, columns)."""
        return self._residuals(self.x @ weights, self.y)

    def test_loss(self, weights: Weights) -> float:
        return float(self._losses(self.test_x @ weights, self.test_y).mean())

    def test_gradient(self, weights: Weights) -> Weights:
        """Of the mean test loss."""
        found: Weights = self.test_x.T @ self._residuals(self.test_x @ weights, self.test_y) / len(self.test_x)
        return found

    def solve(self, direction: Weights) -> FloatArray:
        """The inverse of the Hessian at the weights, of all records, times a direction; flat."""
        found: FloatArray = cho_solve(self._factor, direction.ravel())
        return found

    def again(self, kept: FloatArray) -> Weights | None:
        """The weights fitted with each record counting so much, kept (n,); None if a label (or all) is gone."""
        total = kept @ self.y
        rest = kept.sum() - total.sum() if self.y.shape[1] == 1 else total.min()
        gone = kept.sum() == 0 if self.regression else total.min() <= 0 or rest <= 0
        return None if gone else self._optimum(kept, self._factor)

    @cached_property
    def _factor(self) -> Any:
        return self._factored(self.weights, np.ones(len(self.x)))

    def _residuals(self, scores: FloatArray, y: FloatArray) -> FloatArray:
        if self.regression:
            return 2.0 * (scores - y)
        found: FloatArray = (expit(scores) if y.shape[1] == 1 else softmax(scores, axis=1)) - y
        return found

    def _losses(self, scores: FloatArray, y: FloatArray) -> FloatArray:
        if self.regression:
            found: FloatArray = ((scores - y) ** 2)[:, 0]
        elif y.shape[1] == 1:
            found = (np.logaddexp(0.0, scores) - y * scores)[:, 0]
        else:
            found = -(log_softmax(scores, axis=1) * y).sum(axis=1)
        return found

    @property
    def _curvature(self) -> float:
        return 2.0 * self.ridge if self.regression else self.ridge

    def _objective(self, weights: Weights, kept: FloatArray) -> float:
        penalty = self._curvature / 2 * float((weights[:-1] ** 2).sum())
        return float(kept @ self._losses(self.x @ weights, self.y)) + penalty

    def _gradient(self, weights: Weights, kept: FloatArray) -> Weights:
        found: Weights = self.x.T @ (kept[:, None] * self.residuals(weights))
        found[:-1] += self._curvature * weights[:-1]
        return found

    def _factored(self, weights: Weights, kept: FloatArray) -> Any:
        """Cholesky factor of the Hessian (features, columns, features, columns)."""
        columns = self.y.shape[1]
        share = self.residuals(weights) + self.y  # the probabilities, unless it is a regression
        hessian = np.empty((*weights.shape, *weights.shape))
        for a in range(columns):
            for b in range(a + 1):
                second = 2.0 * np.ones(len(kept)) if self.regression else share[:, a] * ((a == b) - share[:, b])
                hessian[:, a, :, b] = self.x.T @ (self.x * (kept * second)[:, None])
                hessian[:, b, :, a] = hessian[:, a, :, b]
        if columns > 1:
            # The same added to every label's intercept changes nothing: held where it is, or H has no inverse.
            hessian[-1, :, -1, :] += kept.sum() / columns**2
        flat = hessian.reshape(weights.size, weights.size)
        penalised = np.arange(weights.size - columns)
        flat[penalised, penalised] += self._curvature
        return cho_factor(flat, overwrite_a=True)

    def _optimum(self, kept: FloatArray, factor: Any = None) -> Weights:
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                return self._newton(kept, factor)
        except (LinAlgError, ValueError):  # ValueError: infinite numbers
            expected = "a stronger penalty or features of more moderate size"
            raise InputError("ridge", f"{self.ridge:g}, with which the fit does not converge", expected) from None

    def _newton(self, kept: FloatArray, factor: Any) -> Weights:
        """Newton's method from the weights, to rounding; a Hessian is kept as long as steps shrink fast."""
        weights, last = self.weights, np.inf
        for _ in range(_ROUNDS):
            fresh = factor is None
            if fresh:
                factor = self._factored(weights, kept)
            gradient = self._gradient(weights, kept)
            step = cho_solve(factor, gradient.ravel()).reshape(weights.shape)
            left, value = float((gradient * step).sum()), self._objective(weights, kept)  # twice what is to gain
            if left <= 1e-24 * (1 + value) or (fresh and left > last / 4 and left <= 1e-14 * (1 + value)):
                return weights
            size = 1.0
            while left > 1e-9 * (1 + value) and self._objective(weights - size * step, kept) > value - size * left / 4:
                size /= 2
                if size < 1e-10:
                    raise LinAlgError
            weights = weights - size * step
            factor, last = factor if left < last / 4 and size == 1 else None, left
        raise LinAlgError


def fitted(
    train_x: ArrayLike, train_y: ArrayLike, test_x: ArrayLike, test_y: ArrayLike, ridge: float, regression: bool
) -> LinearFit:
    """A logistic or ridge regression at its optimum. Raises InputError as `influence` says."""
    x, y, tested, wanted = records(train_x, train_y, test_x, test_y, regression)
    if isinstance(ridge, bool) or not isinstance(ridge, int | float | np.number) or not 0 < ridge < np.inf:
        raise InputError("ridge", repr(ridge), "a number above 0")
    if len(x) == 0:
        raise InputError("train_x", "no training record", "at least one")
    target, asked = (y[:, None], wanted[:, None]) if regression else _by_label(y, wanted)
    shape = (x.shape[1] + 1, target.shape[1])
    if shape[0] * shape[1] > LARGEST_HESSIAN:
        found = f"{x.shape[1]} features and {shape[1]} columns of weights"
        raise InputError("train_x", found, f"at most {LARGEST_HESSIAN:,} coefficients, so that the exact Hessian fits")
    ones = [np.column_stack([part, np.ones(len(part))]) for part in (x, tested)]
    start = LinearFit(ones[0], target, ones[1], asked, float(ridge), regression, np.zeros(shape))
    return replace(start, weights=start._optimum(np.ones(len(x))))


def _by_label(y: NDArray[Any], wanted: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """Labels as columns of 0 and 1: one for two labels, else one each."""
    own, asked = label_codes(y, wanted)
    present = np.unique(own)
    if len(present) < 2:
        raise InputError("train_y", "records of one label only", "at least two labels")
    strange = ~np.isin(asked, present)
    if strange.any():
        raise InputError("test_y", f"the label {wanted[strange][0]!s}", "labels that occur in train_y")
    columns = present[1:] if len(present) == 2 else present
    return (own[:, None] == columns).astype(np.float64), (asked[:, None] == columns).astype(np.float64)
