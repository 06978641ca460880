"""Position: what one product of a firm has, and who uses it. A market maps product names to positions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.holdings import Holdings
from ..ml_tasks.portions import NOTHING, WHOLE, Portion

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Club:
    """People who alone are to have the service that products can give with their coalition's data."""

    name: str
    """Of the coalition."""
    people: Mask
    """Who they are, (users,)."""


@dataclass(frozen=True, eq=False)
class Position:
    """One product's data and people. Masks are over all users; contributors are the first of them."""

    holdings: Holdings
    """The data its firm has now."""
    deployed: Holdings
    """The data that its running weights were fitted on."""
    served: Mask
    """Who uses it."""
    boycotted: Mask
    """Who refuses to use it."""
    arrived: Portion = WHOLE
    """Which of people's records exist by now, this round's included."""
    fresh: Portion = NOTHING
    """Which of them arrive in this round."""
    asked: "tuple[tuple[Portion, Mask], ...]" = ()
    """Who has asked in this round that records they own be taken out: portions that do not overlap, and the people who
    asked for each, (users,). Kept where records have several owners."""
    reserved: tuple[tuple[Club, Holdings], ...] = ()
    """Data that it was given for the service of a club alone: whose, and which data."""

    def versions(self) -> list[tuple[Holdings, Mask]]:
        """What the service of people is fitted on who are not to have all of it, and who they are, (users,): the data
        of the running weights without those that are reserved for others. Nobody is in two; whoever is in none has the
        running weights themselves."""
        kept = [(club.people, data) for club, data in self.reserved if (data.present & self.deployed.present).any()]
        if not kept:
            return []
        lacks = np.zeros(len(self.served), dtype=np.int64)
        for i, (who, _) in enumerate(kept):
            lacks |= (~who).astype(np.int64) << i
        found = []
        for pattern in np.unique(lacks[lacks > 0]).tolist():
            theirs, others = self.emptied().holdings, self.emptied().holdings
            for i, (_, data) in enumerate(kept):
                theirs, others = (theirs, others.joined(data)) if pattern >> i & 1 else (theirs.joined(data), others)
            found.append((self.deployed.lacking(others.lacking(theirs)), np.asarray(lacks == pattern)))
        return found

    @property
    def open(self) -> Holdings:
        """What it has for everybody's service."""
        found = self.holdings
        for _, data in self.reserved:
            found = found.lacking(data)
        return found

    def reserving(self, club: Club, data: Holdings) -> "Position":
        """This position with these data of its own for the service of a club alone."""
        return replace(self, reserved=(*self.reserved, (club, data))) if data.present.any() else self

    def opened(self, data: Holdings) -> "Position":
        """This position with these data for everybody's service."""
        return replace(self, reserved=tuple((club, kept.lacking(data)) for club, kept in self.reserved))

    def left_by(self, members: NDArray[np.integer]) -> "Position":
        """This position after the members stopped using the product."""
        served, boycotted = self.served.copy(), self.boycotted.copy()
        served[members], boycotted[members] = False, True
        return replace(self, served=served, boycotted=boycotted)

    def emptied(self) -> "Position":
        """This position without anybody's data."""
        return self.holding(self.holdings.emptied)

    def holding(self, holdings: Holdings) -> "Position":
        """This position with other data; the weights that run are still the old ones."""
        return replace(self, holdings=holdings)

    def redeployed(self, old_weights: Literal["retrained", "kept"], used: Holdings | None = None) -> "Position":
        """This position after its firm retrained, or kept the old weights where the law lets it.

        A firm that may keep old weights does so as long as they were fitted on all the data it has now: a
        withdrawal then changes nothing that people see. New data, or data that changed, make it retrain. `used` are
        those of the holdings that it trains on; None: all.
        """
        used = self.holdings if used is None else used
        if old_weights == "kept" and not used.unlike(self.deployed).any():
            return self
        return replace(self, deployed=used)


Market = Mapping[str, Position]
