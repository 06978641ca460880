"""Joining: when someone joins, stays in, or leaves a coalition. `JOININGS` lists the rules.

A rule gives for each person and coalition how much they would like to be in it, nan if they would not; it judges each
coalition by itself. Of exclusive coalitions, which allow no other, a person is in at most one: the one they would like
best of those that would take them. Of the others they are in all that they would like to be in and that would take
them, unless they would rather be in an exclusive one (`choice`). People know which these are, and choose among them:
whom one coalition refuses may go to another, or stay.
"""

from collections.abc import Mapping

from .critical_mass import CriticalMass
from .prospects import Joining, Prospects
from .rules import BestResponse, Imitation, Payoff, Threshold

JOININGS: Mapping[str, type[Joining]] = {
    "threshold": Threshold,
    "payoff": Payoff,
    "best_response": BestResponse,
    "imitation": Imitation,
    "critical_mass": CriticalMass,
}

__all__ = [
    "JOININGS",
    "BestResponse",
    "CriticalMass",
    "Imitation",
    "Joining",
    "Payoff",
    "Prospects",
    "Threshold",
]
