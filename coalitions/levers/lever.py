"""A lever, the status quo, and what levers are made of; the contract is in the package's docstring."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.portions import WHOLE, Portion
from ...ml_tasks.settings import Checked, NonNegative, Share
from ..position import Market, Position

Members = NDArray[np.integer]
Kind = Literal["all", "explicit", "trace"]
What = Literal["all", "new"]


class Lever(Protocol):
    """A frozen dataclass with these fields; a field that a lever has no use for is an empty name."""

    @property
    def target(self) -> str: ...

    @property
    def rival(self) -> str: ...

    @property
    def effort(self) -> float:
        """How hard it is to do, in multiples of a person's own cost."""
        ...

    def __call__(self, market: Market, members: Members, rng: np.random.Generator) -> Market: ...


class Partly(Checked):
    """What levers that can be pulled by how much have in common: these are their fields."""

    share: Share
    records: Kind

    @property
    def amount(self) -> str:
        """By how much, in words; empty for the whole lever."""
        words = [f"{100 * self.share:g} % of records"] if self.share != 1 else []
        words += [f"{self.records} records"] if self.records != "all" else []
        words += ["new records"] if self.newest == "new" else []
        return ", ".join(words)

    @property
    def newest(self) -> What:
        """Whether the lever is of all records or of new ones only."""
        return getattr(self, "what", "all")

    def portion(self, position: Position) -> Portion:
        """The records it touches: of all that there will ever be, or of those that arrive in this round."""
        portion = Portion.of(self.share, self.records)
        return portion if self.newest == "all" else portion & position.fresh


@dataclass(frozen=True)
class Nothing(Checked):
    """The status quo."""

    target: str = ""
    """Of no meaning: nobody is to be moved."""
    rival: str = ""
    """Of no meaning: nobody gains."""
    effort: NonNegative = 0.0
    """Of no meaning: doing nothing costs nothing on every ballot."""

    def __call__(self, market: Market, members: Members, rng: np.random.Generator) -> Market:
        return market


def deleted(market: Market, target: str, members: Members, portion: Portion = WHOLE) -> Market:
    """The market after the target lost that portion of the members' data."""
    position = market[target]
    owners = contributors(market, target, members)
    return {**market, target: position.holding(position.holdings.without(owners, portion))}


def copied(market: Market, rival: str, members: Members, portion: Portion = WHOLE) -> Market:
    """The market after the rival got that portion of the members' genuine data, as far as they have arrived."""
    position = market[rival]
    owners = contributors(market, rival, members)
    return {**market, rival: position.holding(position.holdings.with_(owners, portion & position.arrived))}


def contributors(market: Market, product: str, members: Members) -> Members:
    """Those of the members who own data."""
    return members[members < len(market[product].holdings.codes)]
