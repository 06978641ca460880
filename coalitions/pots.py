"""Pots: where the money comes from that a coalition shares out in a round. `POTS` lists them.

A pot is all that the coalition gets, its public share included. What the target concedes to a threat is always in it;
the other kinds add what the target owes beside, by law or by contract, whether or not anybody threatens. Every
coalition has a contract of its own: two that claim a twentieth of the same revenue take a tenth together.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from ..ml_tasks.settings import Checked, Count, NonNegative, Share


@dataclass(frozen=True)
class Takings:
    """A round of a coalition's target, in money."""

    revenue: float
    """What it earned in this round; nan where that is undefined."""
    reference: float
    """What it earned in the pot's reference round; nan if the pot names none, or a round still to come."""
    conceded: float
    """What it paid for not being acted against; 0 if it refused or was not threatened."""
    harm: float
    """What carrying out the threat would have cost it; 0 without one, nan where that is undefined."""


class Pot(Protocol):
    """Takings -> money, 0 or more."""

    @property
    def reference(self) -> int | None:
        """The round whose revenue this round's is compared with; 0 is before anybody acts, None is no comparison."""

    @property
    def won(self) -> bool:
        """Whether all of it is won by the threat, so that it grows with the members who would carry it out."""

    def __call__(self, takings: Takings) -> float: ...


@dataclass(frozen=True)
class Conceded:
    """What the target pays for not being acted against, and nothing else."""

    reference: ClassVar[int | None] = None
    won: ClassVar[bool] = True

    def __call__(self, takings: Takings) -> float:
        return takings.conceded


@dataclass(frozen=True)
class HarmAvoided(Checked):
    """At least a share of the harm that the target avoided by giving in, whatever it would have conceded by itself."""

    share: Share = 0.5
    """Share of the harm avoided that the pot has at least, in rounds in which the target concedes anything."""

    reference: ClassVar[int | None] = None
    won: ClassVar[bool] = True

    def __call__(self, takings: Takings) -> float:
        return max(takings.conceded, self.share * takings.harm) if takings.conceded > 0 else 0.0


@dataclass(frozen=True)
class OfRevenue(Checked):
    """A share of the target's revenue in this round."""

    share: Share = 0.05
    """Share of the target's revenue in this round, beside what it concedes."""

    reference: ClassVar[int | None] = None
    won: ClassVar[bool] = False

    def __call__(self, takings: Takings) -> float:
        return takings.conceded + self.share * _known(takings.revenue)


@dataclass(frozen=True)
class OfGain(Checked):
    """A share of what the target earned above its revenue in a reference round; nothing where it earned less."""

    share: Share = 0.25
    """Share of the gain in revenue, beside what the target concedes."""
    reference: Count = 0
    """The round compared with; 0 is before anybody acts. Until it has passed there is no gain."""

    won: ClassVar[bool] = False

    def __call__(self, takings: Takings) -> float:
        return takings.conceded + self.share * max(_known(takings.revenue - takings.reference), 0.0)


@dataclass(frozen=True)
class Fixed(Checked):
    """The same amount every round, in money."""

    amount: NonNegative
    """What the target pays in every round, in money, beside what it concedes."""

    reference: ClassVar[int | None] = None
    won: ClassVar[bool] = False

    def __call__(self, takings: Takings) -> float:
        return takings.conceded + self.amount


def _known(money: float) -> float:
    """Nothing can be claimed of what is undefined, as where the full-data model is no better than the baseline."""
    return 0.0 if math.isnan(money) else money


POTS: Mapping[str, type[Pot]] = {
    "conceded": Conceded,
    "harm_avoided": HarmAvoided,
    "revenue": OfRevenue,
    "gain": OfGain,
    "fixed": Fixed,
}
