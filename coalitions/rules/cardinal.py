"""Rules by how much voters like the options, not only in which order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from ...ml_tasks.settings import Checked, PositiveCount, Share
from .linear import BySum
from .readings import Own, Reading
from .rule import ByCount, Floats, agreed

SUMS = frozenset({"anonymity", "neutrality"})


@dataclass(frozen=True)
class Score(BySum):
    """The option with the highest sum of scores from 0 to 1."""

    reading: Reading = field(default_factory=Own)
    """How ratings become scores from 0 to 1."""
    steps: PositiveCount | None = None
    """Scores are rounded to so many equal steps, 5 for none to five stars; empty: as they are."""
    quorum: Share = 0.0
    """Share of the electorate, by weight, that must vote; if less does, the status quo stays."""
    bar: ClassVar[float] = 0.0
    bullet: ClassVar[bool] = True

    @property
    def keeps(self) -> frozenset[str]:
        exact = self.reading.faithful and self.steps is None
        return SUMS | {"monotonicity"} | ({"unanimity"} if exact else set())

    def support(self, ballots: Floats) -> Floats:
        return stepped(self.reading(ballots), self.steps)


@dataclass(frozen=True)
class Star(ByCount, Checked):
    """Score, then automatic runoff: of the two options with the highest sums, the one that more voters score higher
    [EVC]. Where several tie for the runoff, the winner is who wins whichever gets there; if that differs, or the
    runoff is a tie, the status quo. Tally: the sums of the scores.
    """

    reading: Reading = field(default_factory=Own)
    """How ratings become scores from 0 to 1."""
    steps: PositiveCount | None = 5
    """Scores are rounded to so many equal steps, 5 for none to five stars; empty: as they are."""
    quorum: Share = 0.0
    """Share of the electorate, by weight, that must vote; if less does, the status quo stays."""

    @property
    def keeps(self) -> frozenset[str]:
        exact = self.reading.faithful and self.steps is None
        monotone = {"monotonicity"} if self.reading.common else set()
        return SUMS | monotone | ({"unanimity", "condorcet_loser"} if exact else set())

    def count(self, ballots: Floats, weights: Floats, rounding: float) -> tuple[int, Floats]:
        scores = stepped(self.reading(ballots), self.steps)
        sums = weights @ scores
        duels = (_duel(scores, weights, pair, rounding) for pair in _finalists(sums, rounding))
        return agreed(duels), sums


@dataclass(frozen=True)
class Quadratic(BySum):
    """The option with the highest sum of votes for less votes against, where v votes cost v^2 of a voter's one credit
    [LW18]. A voter spends it in proportion to how far each option is rated above or below the status quo, whose own
    tally is 0; without a rating for the status quo, they cast no votes.

    For budgets that differ or can be saved up, see the procedure `credits`.
    """

    quorum: Share = 0.0
    """Share of the electorate, by weight, that must vote; if less does, the status quo stays."""
    bar: ClassVar[float] = 0.0
    bullet: ClassVar[bool] = False
    keeps: ClassVar[frozenset[str]] = SUMS | {"unanimity"}

    def support(self, ballots: Floats) -> Floats:
        above = ballots > ballots[:, :1]
        below = ballots < ballots[:, :1]
        largest = np.maximum(np.nan_to_num(np.abs(ballots), nan=0.0, posinf=0.0).max(axis=1, keepdims=True), 1e-300)
        with np.errstate(invalid="ignore"):
            gap = np.abs(ballots / largest - ballots[:, :1] / largest)  # so that no difference of floats is infinite
        gap = np.where(above | below, gap, 0.0)
        endless = np.isinf(gap)
        spent = np.where(endless.any(axis=1, keepdims=True), endless, gap)
        total = spent.sum(axis=1, keepdims=True)
        share = spent / np.where(total > 0, total, 1.0)
        return np.asarray(np.sqrt(share) * (above.astype(float) - below))


def stepped(scores: Floats, steps: int | None) -> Floats:
    """Scores rounded to so many equal steps, halves upwards; as they are without steps."""
    return scores if steps is None else np.floor(scores * steps + 0.5) / steps


def _finalists(sums: Floats, rounding: float) -> Iterator[tuple[int, int]]:
    """The pairs of options that may be the two highest, whichever way ties are broken."""
    if len(sums) == 1:
        yield 0, 0
        return
    order = np.argsort(-sums, kind="stable")
    first = sums[order[0]] - sums < rounding
    if first.sum() > 1:
        tied = np.flatnonzero(first)
        yield from ((int(one), int(two)) for i, one in enumerate(tied) for two in tied[i + 1 :])
        return
    second = (sums[order[1]] - sums < rounding) & ~first
    yield from ((int(order[0]), int(two)) for two in np.flatnonzero(second))


def _duel(scores: Floats, weights: Floats, pair: tuple[int, int], rounding: float) -> int:
    one, two = pair
    lead = weights @ (scores[:, one] > scores[:, two]) - weights @ (scores[:, two] > scores[:, one])
    if abs(lead) < rounding:
        return 0
    return one if lead > 0 else two
