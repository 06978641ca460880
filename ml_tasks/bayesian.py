"""Bayesian matrix factorisation by Markov chain Monte Carlo, with the model and priors of libFM [Rendle 2012].

A rating is normal around mean + user's bias + item's bias + <user's factors, item's factors>. Biases and each
factor have normal priors whose means and precisions have priors of their own, shared by users and items as in libFM
without attribute groups. Each iteration draws everything anew; a prediction is the average over the iterations of
what each predicts, cut off at the ends of the scale. libFM draws one coordinate at a time; here a user's (an item's)
bias and factors are drawn together given everything else, which is the same posterior with better mixing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .settings import Checked, NonNegative, PositiveCount
from .svd import Draws, Floats, Indices, _first, _indices

Singles = NDArray[np.float32]
_SHAPE = _RATE = _WEIGHT = 1.0
"""libFM's alpha_0, gamma_0 and beta_0: the priors of precisions and of the weight of prior means; mu_0 is 0."""


@dataclass(frozen=True, eq=False)
class BayesianFit:
    """Every iteration's draw. Users and items without a training rating have the prior's mean."""

    mean: Floats
    """By iteration, shape (iterations,)."""
    users: Singles
    """Factors, the bias, 1, and padding: shape (iterations, users, columns)."""
    items: Singles
    """Factors, 1, the bias, and padding: so that the product of two rows has both biases in it."""

    def predict(self, user: Indices, item: Indices, scale: tuple[float, float]) -> Floats:
        """The average over iterations of the predicted ratings of the pairs, each cut off at the ends of the scale."""
        from .svd_kernel import products

        user, item = _indices(user, self.users.shape[1]), _indices(item, self.items.shape[1])
        total = np.zeros(len(user))
        for mean, users, items in zip(self.mean, self.users, self.items, strict=True):
            total += np.clip(mean + products(user, item, users, items), *scale)
        average: Floats = total / len(self.mean)
        return average


@dataclass(frozen=True)
class Bayesian(Checked):
    """Bayesian matrix factorisation with biases, by MCMC; libFM's dim 1,1,32 and 50 iterations [VH21]."""

    factors: PositiveCount = 32
    """Numbers that describe each person and each item, beside their biases. 32 as published [VH21]."""
    iterations: PositiveCount = 50
    """Draws of all biases and factors, over which predictions are averaged. 50 as published [VH21]."""
    init_sd: NonNegative = 0.1
    """Standard deviation of the first factors; biases start at 0."""
    draws: Draws = "common"
    """`common`: the random numbers of a user or item are their own, whoever else is in the data, so that two
    trainings differ only by their data. `independent`: drawn in turn for those in the training data."""

    def fit(self, user: Indices, item: Indices, rating: Floats, n_users: int, n_items: int, seed: int) -> BayesianFit:
        """Draw from the posterior of the ratings of pairs; `user` < n_users and `item` < n_items."""
        from .als_kernel import grouped, half_sweep

        if len(rating) == 0:
            raise ValueError("no ratings to fit a model to")
        user, item = _indices(user, n_users), _indices(item, n_items)
        mean = float(np.mean(rating))
        value = (np.asarray(rating) - mean).astype(np.float32)
        by_user, by_item = grouped(user, item, value, n_users), grouped(item, user, value, n_items)
        rated = _first(user, n_users) < len(user), _first(item, n_items) < len(item)
        users, items = _Side(self, n_users, rated[0], seed, 0), _Side(self, n_items, rated[1], seed, 1)
        kept = users.room(self.iterations), items.room(self.iterations)
        offsets, prior = np.empty(self.iterations), _Prior(self.factors + 1)
        offset, error, squares = 0.0, 0.0, float(np.square(value, dtype=np.float64).sum())
        sweep, never = half_sweep(self.factors), np.float32(0)
        for t in range(self.iterations):
            rng = np.random.default_rng([seed, 3, t])
            weight = _precision(rng, len(rating), squares)
            offset += error / len(rating) + rng.standard_normal() / np.sqrt(weight * len(rating))
            prior.draw(rng, np.concatenate([users.present, items.present]))
            terms = prior.ridge, prior.pull, never
            for own, other, ratings in ((users, items, by_user), (items, users, by_item)):
                error, squares = sweep(
                    *ratings, np.float32(offset), other.bias, other.rows, own.bias, own.rows, *terms, own.noise(t),
                    np.float32(weight),
                )  # fmt: skip
            offsets[t] = mean + offset
            users.keep(kept[0][t], bias_at=self.factors)
            items.keep(kept[1][t], bias_at=self.factors + 1)
        return BayesianFit(offsets, *kept)


class _Side:
    """The users, or the items: their current draw and their random numbers."""

    def __init__(self, model: Bayesian, n: int, rated: NDArray[np.bool_], seed: int, stream: int) -> None:
        from .als_kernel import LANES

        self.model, self.rated, self.key = model, rated, (seed, 4, stream)
        size = model.factors + 1
        self.rows: Singles = np.zeros((n, -(-size // LANES) * LANES), dtype=np.float32)
        self.bias: Singles = np.zeros(n, dtype=np.float32)
        self.rows[:, : model.factors] = model.init_sd * self.noise(-1)[:, : model.factors] * rated[:, None]
        self.rows[:, model.factors] = 1

    @property
    def present(self) -> Singles:
        """Factors and bias of those with ratings, shape (rated, factors + 1)."""
        rows = self.rows[self.rated, : self.model.factors]
        return np.column_stack([rows, self.bias[self.rated]])

    def noise(self, t: int) -> Singles:
        """Standard normal draws of an iteration, shape (n, factors + 1)."""
        rng, size = np.random.default_rng([*self.key, t + 1]), self.model.factors + 1
        if self.model.draws == "common":
            return rng.standard_normal((len(self.rated), size), dtype=np.float32)
        noise = np.zeros((len(self.rated), size), dtype=np.float32)
        noise[self.rated] = rng.standard_normal((int(self.rated.sum()), size), dtype=np.float32)
        return noise

    def room(self, iterations: int) -> Singles:
        from .als_kernel import LANES

        columns = -(-(self.model.factors + 2) // LANES) * LANES
        return np.zeros((iterations, len(self.rated), columns), dtype=np.float32)

    def keep(self, place: Singles, bias_at: int) -> None:
        """Write the current draw down, with the bias in one of the two columns after the factors and 1 in the other."""
        width = self.model.factors
        place[:, :width] = self.rows[:, :width]
        place[:, width : width + 2] = 1
        place[:, bias_at] = self.bias


class _Prior:
    """Mean and precision of the prior of each factor and of the biases, shape (factors + 1,)."""

    def __init__(self, size: int) -> None:
        self.mean, self.precision = np.zeros(size), np.ones(size)

    def draw(self, rng: np.random.Generator, values: Singles) -> None:
        """Draw them given the current factors and biases of everybody, shape (n, factors + 1)."""
        n = len(values)
        rate = ((values - self.mean) ** 2).sum(axis=0) + _WEIGHT * self.mean**2 + _RATE
        self.precision = rng.gamma((_SHAPE + n + 1) / 2, 2 / rate)
        spread = 1 / np.sqrt((n + _WEIGHT) * self.precision)
        self.mean = values.sum(axis=0, dtype=np.float64) / (n + _WEIGHT) + spread * rng.standard_normal(len(spread))

    @property
    def ridge(self) -> Singles:
        return self.precision.astype(np.float32)

    @property
    def pull(self) -> Singles:
        return (self.precision * self.mean).astype(np.float32)


def _precision(rng: np.random.Generator, n: int, squares: float) -> float:
    """Draw the precision of the ratings' noise given their squared errors."""
    return float(rng.gamma((_SHAPE + n) / 2, 2 / (max(squares, 0.0) + _RATE)))
