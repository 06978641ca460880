"""Rules by the places of the options on each ballot."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...ml_tasks.settings import Share
from .linear import BySum
from .rule import Floats, preferred


@dataclass(frozen=True)
class Borda(BySum):
    """The option with most points: one for each option that a voter puts it above, half for each that it is level
    with, as a share of the other options [B1781]. Options without a rating share a voter's last places.

    The published count, m - 1 points for the first of m options, is the tally times m - 1.
    """

    quorum: Share = 0.0
    """Share of the electorate, by weight, that must vote; if less does, the status quo stays."""
    bar: ClassVar[float] = 0.0
    bullet: ClassVar[bool] = False
    keeps: ClassVar[frozenset[str]] = frozenset(
        {"anonymity", "neutrality", "unanimity", "condorcet_loser", "monotonicity"}
    )

    def support(self, ballots: Floats) -> Floats:
        options = ballots.shape[1]
        points = np.full(ballots.shape, -0.5)  # an option is level with itself
        for other in range(options):
            above, level = preferred(ballots, other)
            points += above + level / 2
        cast = ~np.isnan(ballots).all(axis=1, keepdims=True)
        return np.asarray(cast * points / max(options - 1, 1))
