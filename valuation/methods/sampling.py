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
    fitted: int = 0
    """Degrees of freedom used up by a regression."""
