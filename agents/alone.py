"""Alone: people in no coalition who act against a firm by themselves.

Nobody tells them what to do, and nobody is asked to pay: each weighs the levers that people consider as members weigh
the options of a ballot, and pulls the one that they rate highest if it is better for them than doing nothing. They
decide when coalitions that act at once do, and after those that act in turn.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..coalitions.ballots import ballot_of, check_options
from ..coalitions.levers import Lever
from ..ml_tasks.settings import Checked
from .party import Campaign, Party

if TYPE_CHECKING:
    from .model import CoalitionModel


@dataclass(frozen=True)
class ActingAlone(Checked):
    """What people in no coalition consider to do by themselves. They are as people are, with the same propensity,
    compliance with what they decided, awareness and optimism, and weigh options by the same `vote_weights`."""

    options: tuple[Lever, ...]
    """Levers that they consider. Doing nothing is always among them, listed or not."""
    reckons: Literal["own", "all"] = "own"
    """What somebody takes to come of their acting: an equal part of what all people in no coalition would bring about
    together, in effect and, where everybody gets the same service, in lost service; or all of it, as if the others did
    the same, which is how members rate what their coalition decides for all of them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_options(self.options)


class Scattered(Party):
    """The people in no coalition. No agent of the model: it only keeps account of what they do."""

    name = ""

    def __init__(self, model: "CoalitionModel", settings: ActingAlone) -> None:
        super().__init__(ballot_of(settings.options))
        self.model, self.settings = model, settings

    @property
    def members(self) -> NDArray[np.intp]:
        return np.flatnonzero(~self.model.population.organised)

    @property
    def part(self) -> float:
        return 1.0 if self.settings.reckons == "all" else 1.0 / max(len(self.members), 1)

    @property
    def each_alone(self) -> bool:
        return True

    @property
    def targets(self) -> tuple[str, ...]:
        """Firms that they consider to act against, in the order of the options."""
        return tuple(dict.fromkeys(option.target for option in self.campaign.ballot if option.target))

    def begin_round(self) -> None:
        self.campaign = Campaign(ballot_of(self.settings.options))
