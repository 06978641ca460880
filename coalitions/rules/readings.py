"""Readings: how a rule that counts by how much, not only in which order, reads ratings. `READINGS` lists them.

(ballots) -> scores (voters, options) from 0 to 1. An option without a rating scores 0.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from ...ml_tasks.settings import Checked, InputError
from .rule import Floats


class Reading(Protocol):
    """Ratings of any size -> scores from 0 to 1."""

    @property
    def faithful(self) -> bool:
        """Whether different ratings of a voter always have different scores."""
        ...

    @property
    def common(self) -> bool:
        """Whether the score of an option does not depend on how the voter rates the others."""
        ...

    def __call__(self, ballots: Floats) -> Floats: ...


@dataclass(frozen=True)
class Own:
    """By each voter's own scale: what they rate lowest scores 0, what they rate highest 1, and alone or all alike 1.

    Next to an infinite rating all finite ones are level: 0 below infinity, 1 above minus infinity, a half between both.
    """

    faithful: ClassVar[bool] = True
    common: ClassVar[bool] = False

    def __call__(self, ballots: Floats) -> Floats:
        rated = ~np.isnan(ballots)
        low = np.where(rated, ballots, np.inf).min(axis=1, keepdims=True)
        high = np.where(rated, ballots, -np.inf).max(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            # Halved, so that the spread of the largest floats is no infinity.
            scores = (ballots / 2 - low / 2) / (high / 2 - low / 2)
        scores = np.where(np.isneginf(low), np.where(np.isposinf(high), 0.5, 1.0), scores)
        scores = np.where(np.isfinite(low) & np.isposinf(high), 0.0, scores)
        scores = np.where(ballots == low, 0.0, scores)
        return np.where(rated, np.where(ballots == high, 1.0, scores), 0.0)


@dataclass(frozen=True)
class Fixed(Checked):
    """By one scale for all: `lowest` scores 0, `highest` 1, and ratings beyond count as these."""

    lowest: float = -1.0
    """The rating that scores 0, as do any below it."""
    highest: float = 1.0
    """The rating that scores 1, as do any above it; higher than `lowest`."""

    faithful: ClassVar[bool] = False
    common: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (np.isfinite([self.lowest, self.highest]).all() and self.lowest < self.highest):
            raise InputError("highest", self.highest, f"a finite number above lowest, {self.lowest}")

    def __call__(self, ballots: Floats) -> Floats:
        within = np.clip(ballots, self.lowest, self.highest)
        return np.nan_to_num((within - self.lowest) / (self.highest - self.lowest), nan=0.0)


READINGS: dict[str, type[Reading]] = {"own": Own, "fixed": Fixed}
