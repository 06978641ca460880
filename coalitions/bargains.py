"""Bargains: what a firm pays a coalition for not being acted against, given what is at stake. `BARGAINS` lists them.

(stakes) -> payment, in money: from 0, which is none, up to what the firm is willing to pay. If there is no agreement
the threat is carried out, which is the impasse point: the firm loses the harm, and the members bear the cost. A rival's
standing offer is no impasse point but an outside option, which matters only where it is better than the bargain
[BRW86; BSS89]: see `settled`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple, Protocol

from ..ml_tasks.settings import Checked, Interval, Share

Patience = Annotated[float, Interval(ge=0, lt=1)]


@dataclass(frozen=True)
class Stakes:
    """What both sides have to win and to lose, in money."""

    willing: float
    """The most that the firm pays: the harm it fears, or the part of it that its response allows; 0 refuses."""
    cost: float
    """What carrying out the threat costs the members: effort, and service they would lose."""
    outside: float = 0.0
    """The best standing offer of a rival for the members' data."""


class Bargain(Protocol):
    """Stakes -> payment."""

    def __call__(self, stakes: Stakes) -> float: ...


@dataclass(frozen=True)
class TakeItOrLeaveIt(Checked):
    """One side makes one offer: by the coalition, the firm pays all it is willing to; by the firm, nothing."""

    by: Literal["coalition", "firm"] = "coalition"
    """Who makes the offer. Members who would rather be paid nothing than bear the cost have nothing to expect of the
    firm's own offer, but what a rival would give them."""

    def __call__(self, stakes: Stakes) -> float:
        return stakes.willing if self.by == "coalition" else 0.0


@dataclass(frozen=True)
class Nash(Checked):
    """The surplus is split by bargaining power: b H - (1 - b) C for harm H, cost C and weight b [N50]."""

    weight: Share = 0.5
    """The coalition's bargaining power b; 1 is its own take-it-or-leave-it offer, 0 the firm's."""

    def __call__(self, stakes: Stakes) -> float:
        return _agreed(self.weight, stakes)


@dataclass(frozen=True)
class Rubinstein(Checked):
    """Offers alternate, and waiting costs: the first mover gets (1 - d2) / (1 - d1 d2) of the surplus [R82].

    d1 and d2 are the patience of the first and the second mover.
    """

    patience: Patience = 0.9
    """What an agreement one offer later is worth to the coalition, as a share of one now."""
    firm_patience: Patience = 0.9
    """The same to the firm."""
    first: Literal["coalition", "firm"] = "coalition"
    """Who makes the first offer."""

    def __call__(self, stakes: Stakes) -> float:
        own, other = self.patience, self.firm_patience
        mover, replier = (own, other) if self.first == "coalition" else (other, own)
        first = (1 - replier) / (1 - mover * replier)
        return _agreed(first if self.first == "coalition" else 1 - first, stakes)


def _agreed(share: float, stakes: Stakes) -> float:
    """The payment that gives the coalition this share of the surplus, which is what both save: W + C."""
    if stakes.willing <= 0:
        return 0.0
    return max(share * stakes.willing - (1 - share) * stakes.cost, 0.0)


class Settlement(NamedTuple):
    """How it ends: who pays, and how much; nobody pays where the threat is carried out."""

    payment: float
    """By the firm that was threatened, in money."""
    sold: float
    """By a rival for the members' data, in money: the outside option was taken."""


def settled(bargain: Bargain, stakes: Stakes) -> Settlement:
    """Bargain with an outside option: the firm matches it if it is worth that much to it, else the rival buys."""
    payment = min(bargain(stakes), stakes.willing)
    if stakes.outside <= payment:
        return Settlement(payment, 0.0)
    return Settlement(stakes.outside, 0.0) if stakes.outside <= stakes.willing else Settlement(0.0, stakes.outside)


BARGAINS: Mapping[str, type[Bargain]] = {
    "take_it_or_leave_it": TakeItOrLeaveIt,
    "nash": Nash,
    "rubinstein": Rubinstein,
}
