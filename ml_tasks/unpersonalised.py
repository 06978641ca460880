"""Models that know nobody: each film's mean, and a random order [VHS19]."""

from dataclasses import dataclass

import numpy as np

from .streams import keyed_uniforms
from .svd import Floats, Indices


@dataclass(frozen=True, eq=False)
class MeansFit:
    """One prediction for each item."""

    means: Floats

    def predict(self, user: Indices, item: Indices, scale: tuple[float, float]) -> Floats:
        """The item's mean, whoever asks."""
        means: Floats = np.clip(self.means[item], *scale)
        return means


@dataclass(frozen=True)
class MovieMean:
    """Every film's mean rating for everybody; the mean of all for a film without a rating."""

    def fit(self, user: Indices, item: Indices, rating: Floats, n_users: int, n_items: int, seed: int) -> MeansFit:
        """Means by item."""
        count = np.bincount(item, minlength=n_items)
        total = np.bincount(item, weights=rating, minlength=n_items)
        return MeansFit(np.divide(total, count, out=np.full(n_items, float(np.mean(rating))), where=count > 0))


@dataclass(frozen=True, eq=False)
class RandomFit:
    """A uniform draw on the scale for each pair, the same whenever it is asked for."""

    seed: int
    n_items: int

    def predict(self, user: Indices, item: Indices, scale: tuple[float, float]) -> Floats:
        """A draw that depends on the pair and the training seed alone."""
        pair = np.asarray(user, dtype=np.uint64) * np.uint64(self.n_items) + np.asarray(item, dtype=np.uint64)
        draws: Floats = scale[0] + (scale[1] - scale[0]) * keyed_uniforms(pair, "random ratings", self.seed)
        return draws


@dataclass(frozen=True)
class RandomOrder:
    """Learns nothing and predicts at random: the floor of every ranking."""

    def fit(self, user: Indices, item: Indices, rating: Floats, n_users: int, n_items: int, seed: int) -> RandomFit:
        """Nothing is fitted."""
        return RandomFit(seed, n_items)
