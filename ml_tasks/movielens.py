"""MovieLens, and any user-item ratings: predict what people will think of films.

Scored by RMSE, surfaced hits, NDCG@10 or precision@10 [VHS19]. The unpersonalised baseline gives everybody each
film's mean. With no training record at all, the prior predictor is the middle of the rating scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import identity
from .holdings import Holdings, Recipe, Records, apply_recipes
from .rating_metrics import METRICS, TestRatings
from .rating_models import RATING_MODELS, RatingFit, RatingModel
from .ratings import Ratings, load
from .recipes import RECIPES
from .scores import Floats, Outcomes, Yardstick
from .settings import Checked, Seeds, check_seeds
from .splits import Dealt, Split
from .svd import Svd
from .task import metrics_with_default

_OWN_SOURCE = (
    "movielens",
    "ratings",
    "rating_files",
    "svd",
    "svd_kernel",
    "svd_order",
    "als",
    "als_kernel",
    "bayesian",
    "unpersonalised",
    "rating_metrics",
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
    metric: Literal["rmse", "surfaced_hits", "ndcg_at_10", "precision_at_10"] = "rmse"
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
    noise = True

    def __init__(self, settings: MovieLens, ratings: Ratings) -> None:
        self.settings, self.ratings = settings, ratings
        model = next(name for name, kind in RATING_MODELS.items() if kind is type(settings.model))
        self.label = f"movielens ({ratings.name}, {model})"
        self.contributors = tuple(str(user) for user in ratings.users)
        self.recipes: Mapping[str, Recipe] = {name: RECIPES[name] for name in ("random", "extreme")}
        parts = settings.split(ratings.key, ratings.user, settings.data_seed)
        self.training_rows = np.flatnonzero(parts.train)
        self._test_rows = np.flatnonzero(parts.holdout | parts.company)
        self._sets = (parts.holdout[self._test_rows], parts.company[self._test_rows])
        self._tests = tuple(self._tested(rows) for rows in self._sets)
        self.records = np.bincount(ratings.user[self.training_rows], minlength=len(self.contributors))
        levels = np.unique([*np.unique(ratings.rating), *ratings.scale])
        self._training = Records(
            ratings.key[self.training_rows],
            ratings.rating[self.training_rows],
            levels,
            np.ones(len(self.training_rows), dtype=bool),
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
        rows = self.training_rows
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
        rows, items = self.training_rows, self.ratings.item
        count = np.bincount(items[rows], minlength=len(self.ratings.items))
        total = np.bincount(items[rows], weights=self.ratings.rating[rows], minlength=len(self.ratings.items))
        overall = self.ratings.rating[rows].mean() if len(rows) else np.mean(self.ratings.scale)
        means = np.divide(total, count, out=np.full(len(count), overall), where=count > 0)
        predicted: Floats = means[items[self._test_rows]]
        return predicted

    def _tested(self, rows: NDArray[np.bool_]) -> TestRatings:
        whole, ratings = self._test_rows[rows], self.ratings
        return TestRatings(ratings.user[whole], ratings.rating[whole], ratings.key[whole], len(self.contributors))

    def _counts(self) -> dict[str, Floats]:
        return _stacked([tested.counts() for tested in self._tests])

    def _score(self, predicted: Floats) -> Outcomes:
        sums = [tested.sums(predicted[rows]) for tested, rows in zip(self._tests, self._sets, strict=True)]
        return Outcomes(_stacked(sums))


def _stacked(sets: list[dict[str, Floats]]) -> dict[str, Floats]:
    """Per metric the holdout's and the company test's rows, shape (2, people + 1)."""
    return {name: np.stack([one[name] for one in sets]) for name in sets[0]}
