"""Procedures in which all members vote themselves."""

from dataclasses import dataclass

import numpy as np

from ...ml_tasks.settings import Checked, NonNegative, Share
from .procedure import Electorate, Floats, Memory, Votes, voted


@dataclass(frozen=True)
class Direct:
    """Every member's ballot goes to the rule as it is."""

    def __call__(
        self, ballots: Floats, electorate: Electorate, memory: Memory | None, rng: np.random.Generator
    ) -> Votes:
        return Votes(ballots, electorate.power, None)


@dataclass(frozen=True)
class Consensus(Checked):
    """Members who would lose much by an option block it; with more than a few blocks, it is out for everybody.

    The status quo cannot be blocked. Sociocratic and Quaker practice, with a share instead of a single veto.
    """

    loss: NonNegative = 0.05
    """How much lower than the status quo, in units of the ratings, a member must rate an option to block it."""
    tolerated: Share = 0.0
    """Share of the votes cast up to which blocks do not count; 0: one block is enough."""

    def __call__(
        self, ballots: Floats, electorate: Electorate, memory: Memory | None, rng: np.random.Generator
    ) -> Votes:
        power = electorate.power
        with np.errstate(invalid="ignore"):  # infinite on both sides: no loss
            blocks = power @ (ballots[:, :1] - ballots > self.loss).astype(float)
        cast = float(power @ voted(ballots))
        out = blocks > self.tolerated * cast + 1e-9 * power.sum()
        left = ballots.copy()
        left[:, out] = np.nan
        return Votes(left, power, None)
