"""What is measured of predicted ratings: their error, and how well they order each person's own test films [VHS19]."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .scores import Floats, Metric

RELEVANT = 4.0
"""A film rated this high is one that the person wanted to be shown [VHS19], on whatever scale."""
FIRST = 10
"""How many films count for NDCG@10 and precision@10."""

METRICS = (
    Metric("rmse", "root mean squared error of predicted ratings, in stars", False, "root_mean", "baseline"),
    Metric(
        "surfaced_hits",
        "share of the films rated at least 4 that the model would have put first among a person's test films",
        True,
    ),
    Metric("ndcg_at_10", "mean NDCG@10 of people with at least 10 test films, over their own test films", True),
    Metric(
        "precision_at_10", "mean share of liked films among the first min(10, liked) of a person's test films", True
    ),
)


@dataclass(frozen=True, eq=False)
class TestRatings:
    """One set of test ratings: who rated, how, and a hash of each record that breaks ties. Shapes (records,)."""

    __test__ = False  # no test class, whatever a test runner thinks of the name

    user: NDArray[np.integer]
    rating: Floats
    key: NDArray[np.uint64]
    people: int

    def counts(self) -> dict[str, Floats]:
        """What each metric's sums are divided by, for each person, with nobody's place at the end."""
        tested, relevant = self._sum(np.ones(len(self.user))), self._sum(self._relevant)
        return {
            "rmse": tested,
            "surfaced_hits": relevant,
            "ndcg_at_10": (tested >= FIRST).astype(float),
            "precision_at_10": (relevant > 0).astype(float),
        }

    def sums(self, predicted: Floats) -> dict[str, Floats]:
        """Each metric's sums for each person, with nobody's place at the end, from the predicted ratings."""
        counts = self.counts()
        liked, gain, best = self._relevant, 2.0**self.rating - 1, self._place(self.rating)
        place, wanted = self._place(predicted), counts["surfaced_hits"][self.user]
        first = np.minimum(wanted, FIRST)
        ideal = self._sum(_discounted(gain, best))
        ndcg = np.divide(self._sum(_discounted(gain, place)), ideal, out=np.zeros_like(ideal), where=ideal > 0)
        return {
            "rmse": self._sum((predicted - self.rating) ** 2),
            # Of n_u liked films, how many come among the first n_u by prediction.
            "surfaced_hits": self._sum(liked & (place < wanted)),
            "ndcg_at_10": ndcg * counts["ndcg_at_10"],
            "precision_at_10": self._sum((liked & (place < first)) / np.maximum(first, 1)),
        }

    @property
    def _relevant(self) -> NDArray[np.bool_]:
        return self.rating >= RELEVANT

    def _place(self, score: Floats) -> NDArray[np.int64]:
        """Place of each record among its person's, 0 for the highest score.

        Ties are broken by the hash of the record, so that no order of a file matters.
        """
        order = np.lexsort((self.key, -score, self.user))
        tested = np.bincount(self.user, minlength=self.people)
        start = np.concatenate(([0], np.cumsum(tested)))[:-1]
        place = np.empty(len(self.user), dtype=np.int64)
        place[order] = np.arange(len(order)) - start[self.user[order]]
        return place

    def _sum(self, values: NDArray[np.generic]) -> Floats:
        return np.bincount(self.user, values, minlength=self.people + 1).astype(float)


def _discounted(gain: Floats, place: NDArray[np.int64]) -> Floats:
    discounted: Floats = np.where(place < FIRST, gain / np.log2(place + 2.0), 0.0)
    return discounted
