"""Traces: people whose data are what they leave behind, such as clicks and plays, and what that changes for them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.acts import acts_of
from ..coalitions.levers import Lever, Separately
from ..ml_tasks.settings import Checked, NonNegative, Share
from ..ml_tasks.streams import Streams
from .law import effort_of

if TYPE_CHECKING:
    from .model import CoalitionModel

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Traces(Checked):
    """How acting with traces differs from acting with explicit data (ratings, comments); a trait of people, for good.

    The barrier, the risk of being found and the legal concern of a lever are known by order [VLTCH21], for traces and
    explicit data they are not told apart: the multiples are for scenarios to set. Which of a person's records a lever
    touches is another matter, its `records`.
    """

    share: Share = 0.0
    """Share of people whose data are traces; those of the others are explicit."""
    effort: NonNegative = 1.0
    """What a lever of effort 1 costs them, in multiples of what it would cost them with explicit data."""
    hit: NonNegative = 1.0
    """Probability that a firm's filter finds their misleading data, in multiples of the filter's `hit`; at most 1."""
    risk: NonNegative = 1.0
    """What the legal risk of misleading a firm weighs for them, in multiples of `law.poisoning_risk`."""

    def whose(self, streams: Streams, n: int) -> Mask:
        """Whose data are traces, (n,)."""
        return np.asarray(streams.uniforms("traces", n=n) < self.share)


def efforts_of(model: "CoalitionModel", lever: Lever, alone: bool = False) -> Floats:
    """How hard a lever is to pull for each person, with others or `alone`, in multiples of their own cost: its
    effort and what the law adds; (users,)."""
    effort, added, people = effort_of(model, lever, alone), _added_risk(model, lever), model.population
    if not added:
        return np.broadcast_to(effort, people.n)
    return np.where(people.trace, effort + added, effort)


def _added_risk(model: "CoalitionModel", lever: Lever) -> float:
    """What the law adds for people with traces beyond what it adds for others."""
    risk = model.law.poisoning_risk * (model.world.users.traces.risk - 1)
    if isinstance(lever, Separately):
        return risk * float(np.average([acts_of(part).misleads for part, _ in lever.parts], weights=lever.sizes))
    return risk * acts_of(lever).misleads if risk else 0.0
