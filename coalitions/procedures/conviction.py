"""Conviction: support counts in full only once it has lasted."""

from dataclasses import dataclass

import numpy as np

from ...ml_tasks.settings import Checked, Positive
from ..rules.rule import tops
from .procedure import Electorate, Floats, Memory, Votes, voted


@dataclass(frozen=True)
class Conviction(Checked):
    """Each member's support moves from the status quo to what they like best, half of the way in `half_life` rounds
    [E19].

    The ballots that go to the rule are the support of each member for each option, which adds up to 1. So under
    plurality somebody's vote changes once they have been of another mind for longer than the half-life; under `score`
    with a fixed scale from 0 to 1, support adds up as published. Members who do not vote keep their support as it
    is; those who never did abstain. Memory: support; people who leave lose it.
    """

    half_life: Positive = 2.0
    """Rounds."""

    def __call__(
        self, ballots: Floats, electorate: Electorate, memory: Memory | None, rng: np.random.Generator
    ) -> Votes:
        options = ballots.shape[1]
        nothing_yet = np.full(options, np.nan)
        before = np.tile(nothing_yet, (len(electorate), 1))
        if memory is not None:
            before = memory.of(electorate.keys, nothing_yet)
        at_first = np.where(np.isnan(before), np.eye(options)[0], before)
        stays = 0.5 ** (1 / self.half_life)
        moved = stays * at_first + (1 - stays) * tops(ballots)
        support = np.where(voted(ballots)[:, None], moved, before)
        remembered = Memory(electorate.keys.copy(), support, electorate.round)
        # So that half of the way is a tie, however the half came about.
        return Votes(np.asarray(np.round(support, 12), dtype=float), electorate.power, remembered)
