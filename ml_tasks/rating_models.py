"""Models that predict ratings. `RATING_MODELS` lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .als import Als
from .bayesian import Bayesian
from .svd import Svd
from .unpersonalised import MovieMean, RandomOrder


class RatingFit(Protocol):
    """A fitted model."""

    def predict(
        self, user: NDArray[np.integer], item: NDArray[np.integer], scale: tuple[float, float]
    ) -> NDArray[np.float64]:
        """Predicted ratings clipped to the scale, shape (len(user),); defined for users and items not seen."""
        ...


class RatingModel(Protocol):
    """A model's settings, a frozen dataclass."""

    def fit(
        self,
        user: NDArray[np.integer],
        item: NDArray[np.integer],
        rating: NDArray[np.float64],
        n_users: int,
        n_items: int,
        seed: int,
    ) -> RatingFit:
        """Fit from scratch to at least one rating; users and items are indices below n_users and n_items."""
        ...


@dataclass(frozen=True, eq=False)
class Unlinked:
    """A fitted model to which some people are strangers, though it was fitted to their ratings."""

    fit: RatingFit
    account: NDArray[np.int32]
    """The user that each person is to the model, shape (people,)."""

    def predict(
        self, user: NDArray[np.integer], item: NDArray[np.integer], scale: tuple[float, float]
    ) -> NDArray[np.float64]:
        return self.fit.predict(self.account[user], item, scale)


RATING_MODELS: Mapping[str, type[RatingModel]] = {
    "svd": Svd,
    "bayesian": Bayesian,
    "als": Als,
    "movie_mean": MovieMean,
    "random": RandomOrder,
}
