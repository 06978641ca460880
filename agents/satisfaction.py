"""Satisfaction: what people have had of the service that they use, which may keep them from acting against it."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .model import CoalitionModel

Floats = NDArray[np.float64]


def satisfaction(model: "CoalitionModel") -> Floats:
    """Each person's satisfaction with the service they use of each line, 0 to 1, (lines, users).

    The quality of it that they got in the round before, and by `users.memory` in those before that; before the first
    round, what it gives on the data that firms start with.
    """
    people = model.population
    if people.satisfaction is None:
        people.satisfaction = model.experience.services(model.start, people.service)
    return people.satisfaction


def with_target(model: "CoalitionModel", target: str) -> Floats:
    """Satisfaction of those who use the target with it, (users,); 0 for all others, and where there is no target."""
    if not target:
        return np.zeros(model.population.n)
    return np.where(model.uses(target), satisfaction(model)[model.line(target).index], 0.0)


def experience_round(model: "CoalitionModel") -> None:
    """People get used to what they got in the round just played."""
    memory, people = model.world.users.memory, model.population
    before = satisfaction(model) if memory else 0.0
    now = model.experience.services(model.market, people.service)
    people.satisfaction = memory * before + (1 - memory) * now
