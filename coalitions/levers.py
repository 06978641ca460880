"""Levers: what a coalition's members can do with their data and their custom. `LEVERS` lists them.

A lever maps a market to a market. It touches the data and the use of the members alone, changes nothing in
place, and takes nothing from a source by giving a copy to a rival: data are non-rival. `members` are indices
of users; those beyond the contributors have custom but no data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.recipes import RECIPES
from ..ml_tasks.settings import Checked, NonNegative
from .position import Market

Members = NDArray[np.integer]


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


@dataclass(frozen=True)
class Strike(Checked):
    """A data strike: members withhold or delete their data at the target and go on using it [VHS19]."""

    target: str
    """Name of the firm that it is meant to move, and that may pay for it not to be used."""
    rival: str = ""
    """Name of a firm, if any, that is to gain on the target: voters weigh its positions, and by how much the two come
    closer."""
    effort: NonNegative = 0.5
    """How hard it is to do, in multiples of a person's own cost."""

    def __call__(self, market: Market, members: Members, rng: np.random.Generator) -> Market:
        return deleted(market, self.target, members)


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
class Redirect(Checked):
    """Conscious data contribution: the rival gets a copy of the members' data, the target keeps its own [VH21]."""

    target: str
    """Name of the firm that it is meant to move, and that may pay for it not to be used."""
    rival: str
    """Name of the firm that gets a copy of the members' data."""
    effort: NonNegative = 0.25
    """How hard it is to do, in multiples of a person's own cost."""

    def __call__(self, market: Market, members: Members, rng: np.random.Generator) -> Market:
        return copied(market, self.rival, members)


@dataclass(frozen=True)
class RedirectWithDeletion(Checked):
    """Conscious data contribution with deletion: the rival gets a copy and the target loses its own [VH21]."""

    target: str
    """Name of the firm that it is meant to move, and that may pay for it not to be used."""
    rival: str
    """Name of the firm that gets a copy of the members' data."""
    effort: NonNegative = 0.5
    """How hard it is to do, in multiples of a person's own cost."""

    def __call__(self, market: Market, members: Members, rng: np.random.Generator) -> Market:
        return deleted(copied(market, self.rival, members), self.target, members)


@dataclass(frozen=True)
class Poison(Checked):
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

    def __call__(self, market: Market, members: Members, rng: np.random.Generator) -> Market:
        position = market[self.target]
        owners = _contributors(market, self.target, members)
        poisoned = position.holdings.recoded(owners, RECIPES[self.style])
        return {**market, self.target: position.holding(poisoned)}


def deleted(market: Market, target: str, members: Members) -> Market:
    """The market after the target lost the members' data."""
    position = market[target]
    return {**market, target: position.holding(position.holdings.without(_contributors(market, target, members)))}


def copied(market: Market, rival: str, members: Members) -> Market:
    """The market after the rival got the members' genuine data."""
    position = market[rival]
    return {**market, rival: position.holding(position.holdings.with_(_contributors(market, rival, members)))}


def _contributors(market: Market, product: str, members: Members) -> Members:
    return members[members < len(market[product].holdings.codes)]


LEVERS: Mapping[str, type[Lever]] = {
    "nothing": Nothing,
    "strike": Strike,
    "delete_and_boycott": DeleteAndBoycott,
    "redirect": Redirect,
    "redirect_with_deletion": RedirectWithDeletion,
    "poison": Poison,
}


def name_of(lever: Lever) -> str:
    """The lever's key in `LEVERS`."""
    return next(name for name, kind in LEVERS.items() if type(lever) is kind)


def label_of(lever: Lever) -> str:
    """What a ballot paper says: the lever, its style, its target, its rival."""
    style = getattr(lever, "style", "")
    words = [name_of(lever) + (f" ({style})" if style else "")]
    words += [f"against {lever.target}"] if lever.target else []
    words += [f"for {lever.rival}"] if lever.rival else []
    return " ".join(words)
