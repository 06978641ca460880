"""A firm: one product, a price, positions, and a way to answer threats."""

from typing import TYPE_CHECKING

import mesa

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
        self.revenue = 0.0
        self.paid = 0.0

    def answer(self, threat: Threat) -> float:
        """What it pays a coalition for not carrying out a threat, in money; 0 refuses."""
        return self.settings.response(threat)
