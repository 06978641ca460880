"""Partnership: what a firm may owe its contributors from the start, without being made to."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..coalitions.training import TrainingBallot
from ..ml_tasks.settings import Checked

if TYPE_CHECKING:
    from .model import CoalitionModel


@dataclass(frozen=True)
class Partner(Checked):
    """A firm that is a partner of those whose data it has: each of these is a promise that it keeps."""

    notice: bool = True
    """Says what it uses data for, so that people know what levers against it really do (`users.awareness`)."""
    exit: bool = True
    """Lets everybody out who asks, without friction: of the law's `opt_out` and `opt_out_effort` nothing is left. The
    time that deletion takes is the law's."""
    provenance: bool = True
    """Sees to it that a withdrawal reaches the firms to which it passed the data on."""
    position_vote: bool = True
    """Lets contributors vote on what it stands for: on every issue it takes the median of their positions, than which
    no majority wants more or less [B48]."""
    training_vote: TrainingBallot | None = None
    """Lets contributors vote in every round on whose data it trains on; empty: it says so itself."""


def voted(model: "CoalitionModel", firm: str) -> dict[str, float]:
    """What a firm's contributors, as of the round before, vote to stand for: a position on every issue; none
    without them."""
    people, holdings = model.population, model.market[firm].holdings
    contributors = np.flatnonzero(holdings.present)
    if not len(contributors):
        return {}
    return dict(zip(model.world.issues, np.median(people.stances[contributors], axis=0).tolist(), strict=True))
