"""Joining: when someone joins, stays in, or leaves a coalition. `JOININGS` lists the rules.

A rule gives for each person and coalition how much they would like to be in it, nan if they would not. A
person is in at most one coalition: the one they would like best.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import Checked, NonNegative

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prospects:
    """What people perceive at the start of a round. Shapes (users, coalitions) unless said otherwise."""

    peers: Floats
    """Share of the people around a person who are in the coalition."""
    alignment: Floats
    """Agreement with its purpose, -1 to 1."""
    threshold: Floats
    """(users,)"""
    excludable: Floats
    """What only members get: the part of the next pot that this person would get by being one of them."""
    public: Floats
    """What all get: by how much this person's joining would raise what they get of the public share."""
    service_lost: Floats
    """Quality of service that members lose by what the coalition does."""
    cost: Floats
    """This person's expected cost of complying."""
    dues: Floats


class Joining(Protocol):
    """Prospects -> how much each person would like to be in each coalition, nan where not at all."""

    def __call__(self, prospects: Prospects) -> Floats: ...


@dataclass(frozen=True)
class Threshold:
    """Join once enough of the people around have joined [G78], if the purpose is not against one's own."""

    aligned_only: bool = True

    def __call__(self, prospects: Prospects) -> Floats:
        # Compared with a tolerance: 30 of 100 people are a share of .3, however it was added up.
        enough = prospects.peers >= prospects.threshold[:, None] - 1e-9
        if self.aligned_only:
            enough &= prospects.alignment >= 0
        return np.where(enough, prospects.peers + prospects.alignment, np.nan)


@dataclass(frozen=True)
class Payoff(Checked):
    """Join if being a member leaves one better off than not [Riker & Ordeshook 1968; Olson 1965].

    Marginal: only what changes for this person if they join counts. Weights are in money.
    """

    alignment: NonNegative = 0.1
    peers: NonNegative = 0.5
    service: NonNegative = 0.5
    cost: NonNegative = 0.05

    def __call__(self, prospects: Prospects) -> Floats:
        gain = (
            prospects.excludable
            + prospects.public
            + self.alignment * prospects.alignment
            + self.peers * prospects.peers
            - self.service * prospects.service_lost
            - self.cost * prospects.cost
            - prospects.dues
        )
        return np.where(gain > 0, gain, np.nan)


JOININGS: Mapping[str, type[Joining]] = {"threshold": Threshold, "payoff": Payoff}
