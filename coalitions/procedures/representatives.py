"""Procedures in which a few members vote for all: a council that is elected, a jury that is drawn."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...ml_tasks.settings import Checked, PositiveCount
from .procedure import Electorate, Floats, Memory, Places, Votes, among, lots, voted


@dataclass(frozen=True)
class Jury(Checked):
    """Members drawn by lot anew each round, each as likely as any other (sortition) [F21]."""

    size: PositiveCount = 25
    """How many are drawn; all members, if there are no more."""

    def __call__(
        self, ballots: Floats, electorate: Electorate, memory: Memory | None, rng: np.random.Generator
    ) -> Votes:
        drawn = lots(electorate.draw(rng, "jury"), self.size)
        return Votes(ballots, among(drawn, np.ones(len(electorate))), None)


@dataclass(frozen=True)
class Council(Checked):
    """A few members decide, elected by all for a term.

    Some members stand, drawn by lot. Who votes in that round votes, with their power, for candidates they agree with on
    the issues: the mean over issues of the product of two stances. Ties are broken by lot; the seat of a member who
    leaves stays empty until the next election, which is held at once if all are empty. Memory: whom has a seat.
    """

    seats: PositiveCount = 7
    """How many are elected; all who stand, if there are no more."""
    term: PositiveCount = 4
    """Rounds from one election to the next."""
    candidates: PositiveCount = 5
    """How many members stand for each seat."""
    ballot: Literal["approval", "score"] = "approval"
    """Voters approve of every candidate with whom they agree more than not, or give each their agreement as a score."""

    def __call__(
        self, ballots: Floats, electorate: Electorate, memory: Memory | None, rng: np.random.Generator
    ) -> Votes:
        seated = np.empty(0, dtype=np.intp)
        if memory is not None and electorate.round < memory.since + self.term:
            seated = np.flatnonzero(np.isin(electorate.keys, memory.keys))
        if not len(seated):
            seated = self.elect(voted(ballots) * electorate.power, electorate, rng)
            memory = Memory(electorate.keys[seated], np.zeros((len(seated), 0)), electorate.round)
        return Votes(ballots, among(seated, np.ones(len(electorate))), memory)

    def elect(self, weights: Floats, electorate: Electorate, rng: np.random.Generator) -> Places:
        """The places of the elected, ascending; `weights` of the votes, (members,)."""
        stands = lots(electorate.draw(rng, "candidates"), self.seats * self.candidates)
        by_chance = electorate.draw(rng, "ties")[stands]
        if self.ballot == "score":
            sums = (weights @ electorate.stances) @ electorate.stances[stands].T
        else:
            sums = weights @ (electorate.stances @ electorate.stances[stands].T > 0)
        # To a billionth, so that a tie that was summed in another order is one.
        rank = np.lexsort((by_chance, -np.round(sums / max(weights.sum(), 1e-300), 9)))
        return np.sort(stands[rank[: self.seats]])
