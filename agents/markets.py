"""Market rules: which product people use. `MARKETS` lists them.

A rule gives each person's probability of using each product; a row adds up to 1, or to 0 for somebody who
refuses all that there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import Checked, NonNegative, Positive

Floats = NDArray[np.float64]
_BLOCK = 10_000
"""People at a time: what is worked out on the way stays in the fast cache."""


class MarketRule(Protocol):
    """(quality, agreement, current, refused) -> probabilities, all of shape (users, products).

    Quality is 0 at the baseline and 1 with everybody's data; agreement with the firm's positions is -1 to 1;
    `current` and `refused` are masks.
    """

    def __call__(
        self, quality: Floats, agreement: Floats, current: NDArray[np.bool_], refused: NDArray[np.bool_]
    ) -> Floats: ...


@dataclass(frozen=True)
class Captive:
    """Nobody changes product; who boycotts theirs uses none."""

    def __call__(
        self, quality: Floats, agreement: Floats, current: NDArray[np.bool_], refused: NDArray[np.bool_]
    ) -> Floats:
        return (current & ~refused).astype(float)


@dataclass(frozen=True)
class Logit(Checked):
    """People choose each round by quality and positions, and stay a while where they are (McFadden 1974)."""

    quality: NonNegative = 2.0
    """Weight of quality."""
    positions: NonNegative = 1.0
    """Weight of agreement with the firm's positions."""
    switching_cost: NonNegative = 3.0
    """What a product that one does not use yet must be better by."""
    noise: Positive = 1.0
    """Spread of what is not modelled; small makes everybody take the best."""

    def __call__(
        self, quality: Floats, agreement: Floats, current: NDArray[np.bool_], refused: NDArray[np.bool_]
    ) -> Floats:
        chances = np.empty(quality.shape[::-1])
        for start in range(0, len(quality), _BLOCK):
            some = slice(start, start + _BLOCK)
            chances[:, some] = self._chances(quality[some].T, agreement[some].T, current[some].T, refused[some].T)
        return chances.T

    def _chances(
        self, quality: Floats, agreement: Floats, current: NDArray[np.bool_], refused: NDArray[np.bool_]
    ) -> Floats:
        """The rule for some people; shapes (products, people), which is ten times as fast as the other way round."""
        quality = np.where(np.isnan(quality), 0.0, quality) if np.isnan(quality).any() else quality
        appeal = self.quality * quality + self.positions * agreement
        appeal += self.switching_cost * current
        appeal /= self.noise
        top = appeal.max(axis=0)
        if refused.any():
            appeal[refused] = -np.inf
            top = appeal.max(axis=0)
            top[np.isneginf(top)] = 0.0  # who refuses all there is
        appeal -= top
        weight: Floats = np.exp(appeal, out=appeal)
        total = weight.sum(axis=0)
        weight /= np.where(total > 0, total, 1.0)
        return weight


MARKETS: Mapping[str, type[MarketRule]] = {"captive": Captive, "logit": Logit}
