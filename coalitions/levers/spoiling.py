"""Levers that spoil data."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...ml_tasks.recipes import RECIPES
from ...ml_tasks.settings import NonNegative, Share
from ..position import Market
from .lever import Kind, Members, Partly, contributors


@dataclass(frozen=True)
class Poison(Partly):
    """Data poisoning: members' records at the target become misleading [VLTCH21]."""

    target: str
    """Name of the firm that it is meant to move, and that may pay for it not to be used."""
    style: Literal["random", "extreme", "shuffled", "altered"] = "random"
    """What becomes of the records: any rating (random), ratings turned round and pushed to the ends (extreme), any
    label (shuffled), or what the task's alteration makes of them (altered). Tasks differ in which they know."""
    rival: str = ""
    """Name of a firm, if any, that is to gain on the target: voters weigh its positions, and by how much the two come
    closer."""
    effort: NonNegative = 1.0
    """How hard it is to do, in multiples of a person's own cost."""
    share: Share = 1.0
    """Share of each member's records that is spoiled, the same records every time."""
    records: Kind = "all"
    """Which kind of records is spoiled: all, or only explicit ones or traces, where the task's data have them."""

    def __call__(self, market: Market, members: Members, rng: np.random.Generator) -> Market:
        position = market[self.target]
        owners = contributors(market, self.target, members)
        portion = self.portion(position)
        return {
            **market,
            self.target: position.holding(position.holdings.recoded(owners, RECIPES[self.style], portion)),
        }
