"""A firm: one product, a price, positions, and a way to answer threats."""

import math
from typing import TYPE_CHECKING

import mesa
import numpy as np

from ..coalitions.position import Position
from .responses import Threat
from .settings import FirmSettings

if TYPE_CHECKING:
    from .model import CoalitionModel


class Firm(mesa.Agent):  # type: ignore[misc]
    """Earns by the quality that the people it serves get; pays coalitions or lets them act."""

    model: "CoalitionModel"

    def __init__(self, model: "CoalitionModel", settings: FirmSettings) -> None:
        super().__init__(model)
        self.settings, self.name = settings, settings.name
        self.revenue = self.paid = 0.0
        """What it earned this round, and what it owed to coalitions, in money."""
        self.revenues: list[float] = []
        """What it earned in each round so far."""

    def answer(self, threat: Threat) -> float:
        """The most it pays a coalition for not carrying out a threat, in money; 0 refuses."""
        return self.settings.response(threat)

    def revenue_in(self, round: int) -> float:
        """What it earned in a round, in money; round 0 is before anybody acts. nan for a round still to come."""
        if round > 0:
            return self.revenues[round - 1] if round <= len(self.revenues) else math.nan
        model = self.model
        held, served = model.initial[self.name], model.initial_service == model.place_of(self.name)
        quality = model.experience.quality(Position(held, held, served, np.zeros_like(served))).mean(axis=0)
        return float(quality[served].sum() * self.settings.price)
