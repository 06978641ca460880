"""How long to sample: what estimates from permutations and from pairs of groups have in common."""

import math
from dataclasses import dataclass

import numpy as np

from ..values import FloatArray

PERMUTATIONS = 200
"""Drawn where nothing says when to stop."""
MOST_PERMUTATIONS = 20_000
"""Drawn at most where only a budget or a standard error says when to stop, which may be never."""
WAVE = 8
"""Draws asked for at once, a permutation and its reverse each: fixed, so that no result depends on who trains them."""


@dataclass(frozen=True)
class Stops:
    """When to stop, whichever comes first."""

    permutations: int | None
    budget: int | None
    """Distinct groups asked for, the empty group and everyone included."""
    target: float | None
    """The largest standard error over players, from sampling alone."""

    @property
    def draws(self) -> int:
        """The most pairs of a permutation and its reverse."""
        unlimited = self.budget is None and self.target is None
        most = self.permutations or (PERMUTATIONS if unlimited else MOST_PERMUTATIONS)
        return -(-most // 2)

    def reached(self, draws: FloatArray) -> bool:
        """Whether independent draws (k, n) of the worths are enough for the target."""
        if self.target is None or len(draws) < 2:
            return False
        unit = float(np.abs(draws).max()) or 1.0  # squares of tiny numbers would vanish
        error = unit * (draws / unit).std(axis=0, ddof=1) / math.sqrt(len(draws))
        return bool(error.max() <= self.target)


@dataclass(frozen=True)
class Sample:
    """What was drawn and what it says."""

    by_seed: FloatArray
    """Shape (n, seeds): the worths."""
    draws: FloatArray
    """Shape (k, n): independent estimates of the worths, averaged over seeds."""
    note: str
    df: float | None = None
    """Degrees of freedom of their spread; None: one less than there are draws."""


def freedom(apart: FloatArray) -> float:
    """Degrees of freedom of the variance of draws (k, n) about their means, by their kurtosis, over players.

    At most k - 1, as where the draws are normal. Where a few of them decide, there are few.
    """
    largest = np.abs(apart).max(axis=0)
    square = (apart / np.where(largest > 0, largest, 1.0)) ** 2
    total = square.sum(axis=0)
    peaks = (square**2).sum(axis=0)[total > 0] / total[total > 0] ** 2
    most = len(apart) - 1.0
    return min(2 / max(float(peaks.mean()) - 1 / len(apart), 1e-12), most) if peaks.size else most
