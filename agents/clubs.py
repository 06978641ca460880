"""Clubs: coalitions that keep for their members the better service that rivals can give with their data [B65].

A club good: one member more takes nothing from the others, and nobody else has it. What others get of such a rival is
what it would give had it not got the data that are reserved: a second model, really trained; with several clubs, one
for every set of clubs that somebody is in. Who is in several clubs has what any of them gave.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.position import Club, Market

if TYPE_CHECKING:
    from .model import CoalitionModel

Floats = NDArray[np.float64]


def standing(model: "CoalitionModel") -> Floats:
    """By how much better each person's service was when the last round began if they were in each club than if they
    were not, because of what its members had given before, (users, coalitions); 0 for what is no club."""
    better = np.zeros((model.population.n, len(model.coalitions)))
    for coalition in model.coalitions:
        if coalition.club is not None:
            inside, outside = (_served(model, coalition.name, entitled) for entitled in (True, False))
            better[:, coalition.index] = inside - outside
    return better


def _served(model: "CoalitionModel", name: str, entitled: bool) -> Floats:
    """Each person's service at the start of the last round if all were in this club, or nobody was, (users,)."""
    club = Club(name, np.full(model.population.n, entitled))
    market: Market = {
        product: replace(
            position, reserved=tuple((club if c.name == name else c, data) for c, data in position.reserved)
        )
        for product, position in model.start.items()
    }
    return model.experience.mean_service(market, model.population.service)
