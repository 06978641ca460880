"""A person, as Mesa sees one: a thin view of a row of the population's columns."""

from typing import TYPE_CHECKING

import numpy as np

from .agent import Agent
from .population import NOBODY, label
from .world import JOINT

if TYPE_CHECKING:
    from .model import CoalitionModel


class User(Agent):
    """A person who may own data, use a product and be in coalitions."""

    def __init__(self, model: "CoalitionModel", index: int) -> None:
        super().__init__(model)
        self.index = index

    @property
    def name(self) -> str:
        return self.model.population.names[self.index]

    @property
    def records(self) -> int:
        """Number of training records this person contributed, to all tasks together."""
        return int(self.model.population.records[self.index])

    @property
    def coalition(self) -> str:
        """Name of their coalition, empty for none; of several, joined by " + "."""
        return label(np.flatnonzero(self.model.population.member[self.index]).tolist(), self.model.coalition_names)

    @property
    def service(self) -> str:
        """Name of the product they use, empty for none; of several lines, joined by " + "."""
        places = self.model.population.service[:, self.index].tolist()
        return JOINT.join(self.model.firms[place].name for place in places if place != NOBODY)

    @property
    def dividend(self) -> float:
        """What they were paid so far, in money."""
        return float(self.model.population.dividend[self.index])
