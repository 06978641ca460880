"""Levers that help a rival: conscious data contribution."""

from dataclasses import dataclass

import numpy as np

from ...ml_tasks.settings import NonNegative, Share
from ..position import Market
from .lever import Kind, Members, Partly, What, copied, deleted


@dataclass(frozen=True)
class Redirect(Partly):
    """Conscious data contribution: the rival gets a copy of the members' data, the target keeps its own [VH21]."""

    target: str
    """Name of the firm that it is meant to move, and that may pay for it not to be used."""
    rival: str
    """Name of the firm that gets a copy of the members' data."""
    effort: NonNegative = 0.25
    """How hard it is to do, in multiples of a person's own cost."""
    share: Share = 1.0
    """Share of each member's records that the rival gets, the same records every time."""
    records: Kind = "all"
    """Which kind of records the rival gets: all, or only explicit ones or traces, where the task's data have them."""
    what: What = "all"
    """Whether the rival gets all that members have made so far, or only what they make in this round (new)."""

    def __call__(self, market: Market, members: Members, rng: np.random.Generator) -> Market:
        return copied(market, self.rival, members, self.portion(market[self.rival]))


@dataclass(frozen=True)
class RedirectWithDeletion(Partly):
    """Conscious data contribution with deletion: the rival gets a copy and the target loses its own [VH21]."""

    target: str
    """Name of the firm that it is meant to move, and that may pay for it not to be used."""
    rival: str
    """Name of the firm that gets a copy of the members' data."""
    effort: NonNegative = 0.5
    """How hard it is to do, in multiples of a person's own cost."""
    share: Share = 1.0
    """Share of each member's records that moves, the same records every time."""
    records: Kind = "all"
    """Which kind of records moves: all, or only explicit ones or traces, where the task's data have them."""
    what: What = "all"
    """Whether all records move, or only those that members make in this round, at the rival instead (new)."""

    def __call__(self, market: Market, members: Members, rng: np.random.Generator) -> Market:
        portion = self.portion(market[self.rival])
        return deleted(copied(market, self.rival, members, portion), self.target, members, portion)
