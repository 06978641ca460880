"""Quadratic voting with a purse: members save votes up for what matters to them."""

from dataclasses import dataclass

import numpy as np

from ...ml_tasks.settings import Checked, Positive
from .procedure import Electorate, Floats, Memory, Votes, voted


@dataclass(frozen=True)
class Credits(Checked):
    """Every member gets voice credits each round, spends some, saves the rest; a vote weighs the root of what is spent
    on it [PW18].

    The more the options differ in a member's eyes, the more they spend. With the rule `quadratic`, which spreads a
    ballot's credits over the options, this is quadratic voting; every other rule takes a ballot at its weight. Who does
    not vote spends nothing, and counts for the quorum with what they could have cast. Memory: what each member has
    saved; people who leave lose it.
    """

    income: Positive = 1.0
    """Credits a round."""
    stakes: Positive = 0.1
    """How far a member's ratings must lie apart, from the lowest to the highest, for them to spend all they have; if
    they lie closer, they spend in proportion."""

    def __call__(
        self, ballots: Floats, electorate: Electorate, memory: Memory | None, rng: np.random.Generator
    ) -> Votes:
        saved = np.zeros(len(electorate)) if memory is None else memory.of(electorate.keys, np.zeros(1))[:, 0]
        purse = saved + self.income
        present = voted(ballots)
        spent = purse * np.minimum(_spread(ballots) / self.stakes, 1.0)
        weights = electorate.power * np.sqrt(np.where(present, spent, purse))
        left = np.where(present, purse - spent, purse)
        return Votes(ballots, weights, Memory(electorate.keys.copy(), left[:, None], electorate.round))


def _spread(ballots: Floats) -> Floats:
    """Highest less lowest rating of each ballot; 0 without any."""
    rated = ~np.isnan(ballots)
    high = np.where(rated, ballots, -np.inf).max(axis=1)
    low = np.where(rated, ballots, np.inf).min(axis=1)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(high > low, high - low, 0.0)
