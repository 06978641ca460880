"""Biased matrix factorisation by alternating least squares [Zhou et al. 2008; Koren, Bell & Volinsky 2009].

A rating is predicted as mean + user's bias + item's bias + <user's factors, item's factors>. Each half of a sweep
solves every user's (every item's) ridge regression exactly, so nothing depends on the order of the ratings.
"""

from dataclasses import dataclass

import numpy as np

from .settings import Checked, NonNegative, PositiveCount
from .svd import Draws, Floats, Indices, SvdFit, _first, _indices, _padded


@dataclass(frozen=True)
class Als(Checked):
    """Matrix factorisation with biases, by alternating least squares."""

    factors: PositiveCount = 16
    """Numbers that describe each person and each item, beside their biases."""
    sweeps: PositiveCount = 10
    """How often all people, then all items, are solved for."""
    regularisation: NonNegative = 8.0
    """Ridge on each person's and each item's bias and factors."""
    per_rating: NonNegative = 0.03
    """More of the ridge for each rating that a person has or an item got."""
    init_sd: NonNegative = 0.1
    """Standard deviation of the items' first factors; biases start at 0."""
    draws: Draws = "common"
    """`common`: first factors are one draw for the full lists of items, so that two trainings differ only by their
    data. `independent`: drawn anew for the items in the training data."""

    def fit(self, user: Indices, item: Indices, rating: Floats, n_users: int, n_items: int, seed: int) -> SvdFit:
        """Train on the ratings of pairs; `user` < n_users and `item` < n_items index the full lists."""
        from .als_kernel import LANES, grouped, half_sweep

        if len(rating) == 0:
            raise ValueError("no ratings to fit a model to")
        user, item = _indices(user, n_users), _indices(item, n_items)
        mean = float(np.mean(rating))
        value = (np.asarray(rating) - mean).astype(np.float32)
        by_user, by_item = grouped(user, item, value, n_users), grouped(item, user, value, n_items)
        items = _padded(self._start(item, n_items, seed), 1, LANES, np.float32)
        users = _padded(np.zeros((n_users, self.factors)), 1, LANES, np.float32)
        items[:, self.factors] = users[:, self.factors] = 1
        user_bias, item_bias = np.zeros(n_users, dtype=np.float32), np.zeros(n_items, dtype=np.float32)
        ridge, none = np.full(self.factors + 1, self.regularisation, dtype=np.float32), np.float32(0)
        terms = ridge, np.zeros_like(ridge), np.float32(self.per_rating), np.zeros((0, 0), dtype=np.float32)
        sweep = half_sweep(self.factors)
        for _ in range(self.sweeps):
            sweep(*by_user, none, item_bias, items, user_bias, users, *terms, np.float32(1))
            sweep(*by_item, none, user_bias, users, item_bias, items, *terms, np.float32(1))
        items[:, self.factors] = users[:, self.factors] = 0
        return SvdFit(mean, user_bias.astype(np.float64), item_bias.astype(np.float64), users, items)

    def _start(self, item: Indices, n_items: int, seed: int) -> Floats:
        """First factors of the items, 0 for those without a rating."""
        present = _first(item, n_items) < len(item)
        rng, shape = np.random.default_rng([seed, 2]), (n_items, self.factors)
        if self.draws == "common":
            return np.where(present[:, None], rng.normal(0, self.init_sd, shape), 0.0)
        start = np.zeros(shape)
        start[present] = rng.normal(0, self.init_sd, (int(present.sum()), self.factors))
        return start
