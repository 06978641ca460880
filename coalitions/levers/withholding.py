"""Levers that take something away: data, custom, or the knowledge whose data these are."""

from dataclasses import dataclass

import numpy as np

from ...ml_tasks.settings import Checked, NonNegative, Share
from ..position import Market
from .lever import Kind, Members, Partly, What, contributors, deleted


@dataclass(frozen=True)
class Strike(Partly):
    """A data strike: members withhold or delete their data at the target and go on using it [VHS19]."""

    target: str
    """Name of the firm that it is meant to move, and that may pay for it not to be used."""
    rival: str = ""
    """Name of a firm, if any, that is to gain on the target: voters weigh its positions, and by how much the two come
    closer."""
    effort: NonNegative = 0.5
    """How hard it is to do, in multiples of a person's own cost."""
    share: Share = 1.0
    """Share of each member's records that is withheld, the same records every time."""
    records: Kind = "all"
    """Which kind of records is withheld: all, or only explicit ones or traces, where the task's data have them."""
    what: What = "all"
    """Whether the target loses what it has, too (all: deletion), or only what would arrive in this round (new)."""

    def __call__(self, market: Market, members: Members, rng: np.random.Generator) -> Market:
        portion = self.portion(market[self.target])
        return deleted(market, self.target, members, portion)


@dataclass(frozen=True)
class DeleteAndBoycott(Checked):
    """Members delete their data at the target and stop using it [VHS19]."""

    target: str
    """Name of the firm that it is meant to move, and that may pay for it not to be used."""
    rival: str = ""
    """Name of a firm, if any, that is to gain on the target: voters weigh its positions, and by how much the two come
    closer."""
    effort: NonNegative = 0.75
    """How hard it is to do, in multiples of a person's own cost."""

    def __call__(self, market: Market, members: Members, rng: np.random.Generator) -> Market:
        market = deleted(market, self.target, members)
        return {**market, self.target: market[self.target].left_by(members)}


@dataclass(frozen=True)
class Unlink(Checked):
    """Members leave their records with the target under throw-away accounts, and use it as strangers.

    The target learns from the records as before, but no longer whose they are: what a member gets is what somebody gets
    whom it knows nothing of. For tasks in which it makes no difference who asks, there is no such lever.
    """

    target: str
    """Name of the firm that it is meant to move, and that may pay for it not to be used."""
    rival: str = ""
    """Name of a firm, if any, that is to gain on the target: voters weigh its positions, and by how much the two come
    closer."""
    effort: NonNegative = 0.5
    """How hard it is to do, in multiples of a person's own cost."""

    def __call__(self, market: Market, members: Members, rng: np.random.Generator) -> Market:
        position = market[self.target]
        owners = contributors(market, self.target, members)
        return {**market, self.target: position.holding(position.holdings.unlinked_from(owners))}
