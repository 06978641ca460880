"""Rules by the majorities between each two options (Condorcet): an option that beats every other one wins."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ...ml_tasks.settings import Checked, Share
from .rule import ByCount, Floats, Mask, leader, preferred

CONDORCET = frozenset(
    {"anonymity", "neutrality", "unanimity", "majority", "condorcet", "condorcet_loser", "monotonicity"}
)


@dataclass(frozen=True)
class Copeland(ByCount, Checked):
    """The option that beats most others, a draw counting half; tally: that number [C51]. The three of a cycle draw."""

    quorum: Share = 0.0
    """Share of the electorate, by weight, that must vote; if less does, the status quo stays."""
    keeps: ClassVar[frozenset[str]] = CONDORCET

    def count(self, ballots: Floats, weights: Floats, rounding: float) -> tuple[int, Floats]:
        wins = beaten(duels(ballots, weights), rounding)
        others = len(wins) - 1
        tally = np.asarray((others + wins.sum(axis=1) - wins.sum(axis=0)) / 2)
        return leader(tally, 0.25), tally  # in halves, whatever the weights


@dataclass(frozen=True)
class Schulze(ByCount, Checked):
    """The only option to which no other has a stronger chain of majorities than it has back [S11]. A chain is as strong
    as its weakest majority. Tally: how many others it has the stronger chain to.
    """

    strength: Literal["winning", "margins"] = "winning"
    """What makes a majority strong: the votes for its winner, or how many more than for its loser."""
    quorum: Share = 0.0
    """Share of the electorate, by weight, that must vote; if less does, the status quo stays."""
    keeps: ClassVar[frozenset[str]] = CONDORCET

    def count(self, ballots: Floats, weights: Floats, rounding: float) -> tuple[int, Floats]:
        found = duels(ballots, weights)
        strong = found if self.strength == "winning" else found - found.T
        paths = np.where(beaten(found, rounding), strong, 0.0)
        for through in range(len(paths)):
            paths = np.maximum(paths, np.minimum(paths[:, [through]], paths[[through], :]))
        wins = beaten(paths, rounding)
        unbeaten = np.flatnonzero(~wins.any(axis=0))
        return int(unbeaten[0]) if len(unbeaten) == 1 else 0, np.asarray(wins.sum(axis=1, dtype=float))


def duels(ballots: Floats, weights: Floats) -> Floats:
    """The weight of those who put option i above option j (options, options)."""
    columns = [weights @ preferred(ballots, other)[0] for other in range(ballots.shape[1])]
    return np.stack(columns, axis=1)


def beaten(strengths: Floats, rounding: float) -> Mask:
    """Whether option i is stronger against option j than the reverse (options, options)."""
    return np.asarray(strengths - strengths.T >= rounding)
