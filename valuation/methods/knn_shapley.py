"""KNN-Shapley: exact Shapley values of training records under a nearest-neighbour model [J19].

[J19] Jia, Dao, Wang, Hubis, Gurel, Li, Zhang, Spanos & Song, Efficient Task-Specific Data Valuation for Nearest
Neighbor Algorithms, VLDB 2019: theorems 1 (classification) and 6 (regression). Derived anew here so that they hold
for more neighbours than training records too.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...ml_tasks.settings import Checked, InputError, PositiveCount
from ..examples import Examples, label_codes, records, summed
from ..utility import Utility, distinct
from ..values import FloatArray, Values

_BLOCK = 16
"""Test records whose distances are kept at a time."""


@dataclass(frozen=True)
class KnnShapley(Checked):
    """A player's sum of the Shapley values of their records under a k-nearest-neighbour model, exact [J19].

    Reads the records from the utility's `examples()` (see `valuation.examples`) and evaluates no group. What is
    valued is the nearest-neighbour model, not the firm's: the unit is its accuracy, or its negative squared error.
    Without records of nobody's, the worths add up to that model's v(all records) - v(no record). A sum of records'
    values is not the Shapley value of the game in which a player brings all their records at once.
    """

    k: PositiveCount = 5
    """How many of the nearest training records answer for a test record."""

    def __call__(self, players: Iterable[Hashable], utility: Utility, rng: np.random.Generator) -> Values:
        names = distinct(players)
        if not names:
            return Values(names, np.empty(0), np.empty(0), 0, "knn_shapley", "exact", adds_up=True)
        examples = Examples.of(utility, "knn_shapley")
        place = examples.places(names)
        worth = knn_shapley(
            examples.train_x, examples.train_y, examples.test_x, examples.test_y, self.k, examples.regression
        )
        return Values(
            names, summed(worth, place, len(names)), np.zeros(len(names)), 0, "knn_shapley",
            _note(self.k, examples.regression, worth, place), adds_up=bool((place >= 0).all()),
        )  # fmt: skip


def _note(k: int, regression: bool, worth: FloatArray, place: NDArray[np.int64]) -> str:
    figure = "negative squared error" if regression else "accuracy"
    note = f"sums of records' exact values under a model of {k} nearest neighbours ({figure}), not under the firm's"
    if (place >= 0).all():
        return note + "; they add up to that model's v(N) - v(nobody)"
    rest = int((place < 0).sum())
    return note + f"; {rest} records of no player have {worth[place < 0].sum():.6g} of that model's v(N) - v(nobody)"


def knn_shapley(
    train_x: ArrayLike, train_y: ArrayLike, test_x: ArrayLike, test_y: ArrayLike, k: int = 5, regression: bool = False
) -> FloatArray:
    """The exact Shapley value of each training record in the game of a k-nearest-neighbour model, shape (n,).

    train_x: (n, d), test_x: (m, d), finite. Distance is Euclidean; of records equally far, the one that comes first
    is the nearer. train_y, test_y: labels of any kind, or numbers for a regression.

    The game [J19], with a_1, a_2, ... the records of S from near to far, is the mean over test records of
        (1 / k) sum over j <= min(k, |S|) of [y_a_j = y_test], so v(no record) = 0, or, for a regression,
        -((1 / k) sum over j <= min(k, |S|) of y_a_j - y_test)^2, so v(no record) = -y_test^2.
    (Both divide by k also where S has fewer records.) The values add up to v(all records) - v(no record).

    Of all records by distance, 1 to n, the farthest counts only where fewer than k others are there, so it is worth
    min(k, n) / (n k) [match]; i is worth (match_i - match_i+1) min(k, i) / (i k) more than i + 1, also for k > n.
    Time: m (n d + n log n); memory: a copy of the training data and a block of 16 test records' distances. The same
    to the bit whatever the block. Raises InputError, one sentence, for bad arrays and k below 1.
    """
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise InputError("k", repr(k), "a whole number of neighbours of at least 1")
    x, y, asked, wanted = records(train_x, train_y, test_x, test_y, regression)
    if len(x) == 0:
        return np.empty(0)
    if not regression:
        y, wanted = label_codes(y, wanted)
    return _summed_over_tests(x, y, asked, wanted, int(k), regression) / len(asked)


def _summed_over_tests(
    x: FloatArray, y: NDArray[np.generic], asked: FloatArray, wanted: NDArray[np.generic], k: int, regression: bool
) -> FloatArray:
    from . import knn_kernels  # here, so that importing the methods loads no numba

    n = len(x)
    by_feature, out = np.ascontiguousarray(x.T), np.empty((min(_BLOCK, len(asked)), n))
    worth, order = np.zeros(n), np.empty(n, dtype=np.int32)
    words, spare, behind = np.empty(n, dtype=np.uint64), np.empty(n, dtype=np.uint64), np.empty(n + 1)
    place = np.arange(1, n + 1)
    share = np.minimum(k, place) / (place * float(k))
    for start in range(0, len(asked), _BLOCK):
        block = asked[start : start + _BLOCK]
        knn_kernels.distances(by_feature, block, out)
        for row, answer in zip(out, wanted[start : start + _BLOCK], strict=False):
            knn_kernels.nearest_first(row, order, words, spare)
            if regression:
                knn_kernels.add_regression(order, y, answer, k, behind, worth)
            else:
                knn_kernels.add_classification(order, y, answer, share, share[-1], worth)
    return worth
