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
        appeal = self.quality * np.nan_to_num(quality) + self.positions * agreement
        appeal = np.where(refused, -np.inf, (appeal + self.switching_cost * current) / self.noise)
        top = appeal.max(axis=1, keepdims=True)
        weight = np.exp(appeal - np.where(np.isfinite(top), top, 0.0))
        total = weight.sum(axis=1, keepdims=True)
        return np.asarray(np.divide(weight, total, out=np.zeros_like(weight), where=total > 0))


MARKETS: Mapping[str, type[MarketRule]] = {"captive": Captive, "logit": Logit}
