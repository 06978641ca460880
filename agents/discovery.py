"""Discovery: people hear of a coalition before they can join it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import Checked, Share

if TYPE_CHECKING:
    from .model import CoalitionModel

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Discovery(Checked):
    """How people hear of coalitions; what was heard is not forgotten."""

    told: Share = 0.2
    """Probability, a round, that a member tells somebody around them of their coalition."""
    news: Share = 0.05
    """Probability that somebody hears of a coalition in the round after it acted, whoever is around them."""


def hear(model: "CoalitionModel", peers: NDArray[np.float64]) -> Mask:
    """Which coalitions each person has heard of by now, (users, coalitions), as is `peers`: the shares of the people
    around each who are in each. Without a setting, everybody of all."""
    discovery, people = model.world.users.discovery, model.population
    if discovery is None:
        return np.broadcast_to(True, peers.shape)
    if model.known is None:
        model.known = np.zeros(peers.shape, dtype=bool)
    for coalition in model.coalitions:
        k = coalition.index
        members_around = np.rint(peers[:, k] * model.network.seen)
        missed = (1 - discovery.told) ** members_around
        if coalition.campaign.carried_out:
            missed = missed * (1 - discovery.news)
        draws = model.streams.uniforms("discovery", coalition.name, model.round, n=people.n)
        model.known[:, k] |= (draws < 1 - missed) | people.member[:, k]
    return model.known.copy()
