"""Biased matrix factorisation by stochastic gradient descent, as Surprise's `SVD` [Hug 2020; VHS19].

A rating is predicted as mean + user's bias + item's bias + <user's factors, item's factors>. With
`draws: independent` and `precision: float64` a fit equals Surprise's bit for bit.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .settings import Checked, InputError, NonNegative, Positive, PositiveCount

Floats = NDArray[np.float64]
Indices = NDArray[np.integer[Any]]
Precision = Literal["float64", "float32"]
Draws = Literal["common", "independent"]


@dataclass(frozen=True, eq=False)
class SvdFit:
    """A fitted model. Users and items without a training rating have bias and factors 0."""

    mean: float
    user_bias: Floats
    item_bias: Floats
    user_factors: NDArray[np.floating[Any]]
    """A row for each user, padded with zeros."""
    item_factors: NDArray[np.floating[Any]]

    def predict(self, user: Indices, item: Indices, scale: tuple[float, float]) -> Floats:
        """Predicted ratings of the pairs, cut off at the ends of the rating scale."""
        from .svd_kernel import products

        user, item = _indices(user, len(self.user_bias)), _indices(item, len(self.item_bias))
        personal = products(user, item, self.user_factors, self.item_factors)
        rating: Floats = np.clip(self.mean + self.user_bias[user] + self.item_bias[item] + personal, *scale)
        return rating


@dataclass(frozen=True)
class Svd(Checked):
    """Matrix factorisation with biases, by stochastic gradient descent; Surprise's defaults [VHS19]."""

    factors: PositiveCount = 100
    """Numbers that describe each person and each item, beside their biases."""
    epochs: PositiveCount = 20
    """How often training goes through the ratings."""
    learning_rate: Positive = 0.005
    """Length of each step down the gradient."""
    regularisation: NonNegative = 0.02
    """Weight of the squares of biases and factors beside the squared error of each rating."""
    init_sd: NonNegative = 0.1
    """Standard deviation of the first factors; biases start at 0."""
    precision: Precision = "float32"
    """Kind of number it computes with; float64, with independent draws, equals Surprise to the bit and is slower."""
    draws: Draws = "common"
    """Where training starts. `common`: one draw for the full lists of users and items, so that two trainings
    differ only by their data. `independent`: drawn anew for those in the training data, as published."""

    def fit(self, user: Indices, item: Indices, rating: Floats, n_users: int, n_items: int, seed: int) -> SvdFit:
        """Train on the ratings of pairs; `user` < n_users and `item` < n_items index the full lists."""
        if len(rating) == 0:
            raise ValueError("no ratings to fit a model to")
        user, item = _indices(user, n_users), _indices(item, n_items)
        start = self._start(user, item, n_users, n_items, seed)
        visits = _surprise_order(user, n_users)
        rows = user[visits], item[visits], np.asarray(rating, dtype=np.float64)[visits]
        fitted = self._fit64(*rows, *start) if self.precision == "float64" else self._fit32(*rows, *start)
        if not all(np.isfinite(part).all() for part in (fitted.user_factors, fitted.item_factors)):
            raise InputError(
                "learning_rate", self.learning_rate, "a lower value, with which the factors stay finite numbers"
            )
        return fitted

    def _start(self, user: Indices, item: Indices, n_users: int, n_items: int, seed: int) -> tuple[Floats, Floats]:
        """First factors of users and items, 0 for those without a rating."""
        legacy = np.random.RandomState(seed)  # the generator that Surprise uses, first for users

        def drawn(stream: int, ids: Indices, n: int) -> Floats:
            if self.draws == "common":
                matrix = np.random.default_rng([seed, stream]).normal(0, self.init_sd, (n, self.factors))
                matrix[_first(ids, n) == len(ids)] = 0
                return matrix
            matrix = np.zeros((n, self.factors))
            present = _in_order_of_appearance(ids, n)
            matrix[present] = legacy.normal(0, self.init_sd, (len(present), self.factors))
            return matrix

        return drawn(0, user, n_users), drawn(1, item, n_items)

    def _fit64(self, user: Indices, item: Indices, rating: Floats, p: Floats, q: Floats) -> SvdFit:
        from .svd_kernel import LANES64, sgd64
        from .svd_order import PACK, in_packs

        mean = float(np.mean(rating))
        order, size = in_packs(user, item, len(p), len(q))
        beyond = np.zeros(PACK, dtype=np.int32)
        ids = np.append(user[order], beyond), np.append(item[order], beyond)
        biases = np.zeros(len(p)), np.zeros(len(q))
        matrices = _padded(p, 0, LANES64, np.float64), _padded(q, 0, LANES64, np.float64)
        rates = self.epochs, self.learning_rate, self.regularisation
        sgd64(size, *ids, rating[order], mean, *biases, *matrices, *rates)
        return SvdFit(mean, *biases, *matrices)

    def _fit32(self, user: Indices, item: Indices, rating: Floats, p: Floats, q: Floats) -> SvdFit:
        from .svd_kernel import LANES32, sgd32
        from .svd_order import in_packs

        mean = float(np.mean(rating))
        order, _ = in_packs(user, item, len(p), len(q))
        centred = (rating[order] - mean).astype(np.float32)
        users, items = _padded(p, 2, LANES32, np.float32), _padded(q, 2, LANES32, np.float32)
        users[:, -1] = items[:, -2] = 1
        sgd = sgd32(users.shape[1] // LANES32)
        sgd(user[order], item[order], centred, users, items, self.epochs, self.learning_rate, self.regularisation)
        biases = users[:, -2].astype(np.float64), items[:, -1].astype(np.float64)
        users[:, -2:] = items[:, -2:] = 0
        return SvdFit(mean, *biases, users, items)


def _indices(ids: Indices, n: int) -> NDArray[np.int32]:
    """As the kernels take them; they trust that every index is in range."""
    if len(ids) and not 0 <= np.min(ids) <= np.max(ids) < n:
        raise IndexError(f"indices from {np.min(ids)} to {np.max(ids)} into a list of {n}")
    return np.ascontiguousarray(ids, dtype=np.int32)


def _first(ids: Indices, n: int) -> NDArray[np.int64]:
    """Where each of the n ids comes first, len(ids) for one that does not come."""
    first = np.full(n, len(ids), dtype=np.int64)
    first[ids[::-1]] = np.arange(len(ids) - 1, -1, -1)  # of equal ids, the one assigned last stays
    return first


def _in_order_of_appearance(ids: Indices, n: int) -> NDArray[np.int64]:
    first = _first(ids, n)
    return np.argsort(first, kind="stable")[: np.count_nonzero(first < len(ids))]


def _surprise_order(user: Indices, n_users: int) -> slice | NDArray[np.int64]:
    """Users in order of first appearance, each one's ratings in row order."""
    if np.all(user[1:] >= user[:-1]):
        return slice(None)
    return np.argsort(_first(user, n_users)[user], kind="stable")


def _padded(matrix: Floats, spare: int, lanes: int, dtype: type[Any]) -> NDArray[np.floating[Any]]:
    """A copy with `spare` columns and then some more of zeros, each row a whole number of cache lines."""
    rows, columns = matrix.shape
    width = -(-(columns + spare) // lanes) * lanes
    line = 64 // np.dtype(dtype).itemsize
    memory = np.zeros(rows * width + line, dtype=dtype)
    start = -memory.ctypes.data % 64 // memory.itemsize
    copy = memory[start : start + rows * width].reshape(rows, width)
    copy[:, :columns] = matrix
    return copy
