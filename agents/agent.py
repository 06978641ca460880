"""An agent whose numbers its model gives out, so that a model that nobody uses any more can be forgotten."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import mesa

if TYPE_CHECKING:
    from .model import CoalitionModel


class _Numbers:
    """Looked up by Mesa for an agent's `unique_id`.

    Mesa 3.3 has one dictionary of all models for it, which keeps every model with all that belongs to it for as long as
    the process lasts: a sweep's worker would grow with every run.
    """

    def __getitem__(self, model: "CoalitionModel") -> Iterator[int]:
        return model.numbers


class Agent(mesa.Agent):  # type: ignore[misc]
    """What firms, coalitions and users have in common."""

    model: "CoalitionModel"
    _ids = _Numbers()

    def __init__(self, model: "CoalitionModel") -> None:
        super().__init__(model)
