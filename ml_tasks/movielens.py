"""MovieLens, and any user-item ratings: predict what people will think of films.

Scored by RMSE or by surfaced hits [VHS19]. The unpersonalised baseline gives everybody each film's mean. With
no training record at all, the prior predictor is the middle of the rating scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import identity
from .holdings import Holdings, Recipe, Records, apply_recipes
from .rating_models import RatingFit, RatingModel
from .ratings import Ratings, load
from .recipes import RECIPES
from .scores import Floats, Metric, Outcomes, Yardstick
from .settings import Checked, Seeds, check_seeds
from .splits import Dealt, Split
from .svd import Svd
from .task import metrics_with_default

RELEVANT = 4.0
"""A film rated this high is one that the person wanted to be shown [VHS19], on whatever scale."""

_OWN_SOURCE = ("movielens", "ratings", "rating_files", "svd", "svd_kernel", "svd_order")
METRICS = (
    Metric("rmse", "root mean squared error of predicted ratings, in stars", False, "root_mean", "baseline"),
    Metric(
        "surfaced_hits",
        "share of the films rated at least 4 that the model would have put first among a person's test films",
        True,
    ),
)


@dataclass(frozen=True)
class MovieLens(Checked):
    """Ratings of films by the people who are the contributors."""

    data: Literal["embedded", "ml-latest-small", "ml-100k", "ml-1m", "ml-10m", "ml-20m", "csv"] = "embedded"
    path: str | None = None
    """A ratings.csv (user, item, rating) of your own, with data: csv."""
    scale: tuple[float, float] = (0.5, 5.0)
    """Lowest and highest rating of your own file; the official sets bring theirs."""
    model: RatingModel = field(default_factory=Svd)
    metric: Literal["rmse", "surfaced_hits"] = "rmse"
    split: Split = field(default_factory=Dealt)
    data_seed: int = 0
    train_seeds: Seeds = (0,)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seeds(self.train_seeds)

    def __call__(self) -> "RatingTask":
        return RatingTask(self, load(self.data, self.path, self.scale))


class RatingTask:
    """Ratings with a model; the contributors are the users, the records their ratings. A `Task`."""

    formula = False
    threads = True

    def __init__(self, settings: MovieLens, ratings: Ratings) -> None:
        self.settings, self.ratings = settings, ratings
        self.label = f"movielens ({ratings.name}, {type(settings.model).__name__.lower()})"
        self.contributors = tuple(str(user) for user in ratings.users)
        self.recipes: Mapping[str, Recipe] = {name: RECIPES[name] for name in ("random", "extreme")}
        parts = settings.split(ratings.key, ratings.user, settings.data_seed)
        self._train_rows = np.flatnonzero(parts.train)
        self._test_rows = np.flatnonzero(parts.holdout | parts.company)
        self._sets = (parts.holdout[self._test_rows], parts.company[self._test_rows])
        self.records = np.bincount(ratings.user[self._train_rows], minlength=len(self.contributors))
        levels = np.unique([*np.unique(ratings.rating), *ratings.scale])
        self._training = Records(
            ratings.key[self._train_rows],
            ratings.rating[self._train_rows],
            levels,
            np.ones(len(self._train_rows), dtype=bool),
        )
        metrics = metrics_with_default(METRICS, settings.metric)
        self.yardstick = Yardstick(metrics, self._counts(), self._score(self._item_means()))

    @cached_property
    def key(self) -> str:
        kept = replace(self.settings, train_seeds=(0,), metric="rmse", path=None)
        kernel = (*_OWN_SOURCE, "recipes", "splits", "holdings", "scores", "streams")
        libraries = identity.versions("numpy", "numba", "llvmlite")
        parts = (identity.settings_key(kept), self.ratings.fingerprint, identity.source_digest(*kernel), libraries)
        return repr((*parts, identity.cpu()))

    def train(self, holdings: Holdings, seed: int) -> RatingFit | None:
        """Fit the model to the ratings held; None if there are none."""
        rows = self._train_rows
        kept = apply_recipes(holdings, self.ratings.user[rows], self._training)
        rows, rating = rows[kept.kept], kept.target[kept.kept]
        if len(rows) == 0:
            return None
        n_users, n_items = len(self.ratings.users), len(self.ratings.items)
        return self.settings.model.fit(self.ratings.user[rows], self.ratings.item[rows], rating, n_users, n_items, seed)

    def outcomes(self, model: Any) -> Outcomes:
        """Squared errors and surfaced hits of every person's test ratings."""
        if model is None:
            middle = np.full(len(self._test_rows), np.mean(self.ratings.scale))
            return replace(self._score(middle), degenerate="no training record: the middle of the scale for all")
        rows = self._test_rows
        return self._score(model.predict(self.ratings.user[rows], self.ratings.item[rows], self.ratings.scale))

    def _item_means(self) -> Floats:
        """The unpersonalised prediction for each test row: the film's mean over all training ratings."""
        rows, items = self._train_rows, self.ratings.item
        count = np.bincount(items[rows], minlength=len(self.ratings.items))
        total = np.bincount(items[rows], weights=self.ratings.rating[rows], minlength=len(self.ratings.items))
        overall = self.ratings.rating[rows].mean() if len(rows) else np.mean(self.ratings.scale)
        means = np.divide(total, count, out=np.full(len(count), overall), where=count > 0)
        predicted: Floats = means[items[self._test_rows]]
        return predicted

    def _counts(self) -> dict[str, Floats]:
        relevant = self.ratings.rating[self._test_rows] >= RELEVANT
        return {
            "rmse": np.stack([self._per_user(rows) for rows in self._sets]),
            "surfaced_hits": np.stack([self._per_user(rows & relevant) for rows in self._sets]),
        }

    def _score(self, predicted: Floats) -> Outcomes:
        error = (predicted - self.ratings.rating[self._test_rows]) ** 2
        hits = [self._surfaced(predicted, rows) for rows in self._sets]
        return Outcomes(
            {
                "rmse": np.stack([self._per_user(rows, error) for rows in self._sets]),
                "surfaced_hits": np.stack([self._per_user(hit) for hit in hits]),
            }
        )

    def _surfaced(self, predicted: Floats, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which relevant test ratings come among their user's first n_u by prediction, n_u = relevant ones.

        Ties in the prediction are broken by the hash of the record, so that no order of a file matters.
        """
        chosen = np.flatnonzero(rows)
        whole = self._test_rows[chosen]
        user, relevant = self.ratings.user[whole], self.ratings.rating[whole] >= RELEVANT
        wanted = np.bincount(user[relevant], minlength=len(self.contributors))
        order = np.lexsort((self.ratings.key[whole], -predicted[chosen], user))
        tested = np.bincount(user, minlength=len(self.contributors))
        first = np.concatenate(([0], np.cumsum(tested)))[:-1]
        place = np.arange(len(chosen)) - first[user[order]]
        hit = np.zeros(len(self._test_rows), dtype=bool)
        hit[chosen[order]] = relevant[order] & (place < wanted[user[order]])
        return hit

    def _per_user(self, rows: NDArray[np.bool_], weights: Floats | None = None) -> Floats:
        """Number (or sum of weights) of the chosen test rows by user; nobody's slot at the end stays 0."""
        users = self.ratings.user[self._test_rows][rows]
        values = None if weights is None else weights[rows]
        return np.bincount(users, values, minlength=len(self.contributors) + 1).astype(float)
