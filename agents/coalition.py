"""A data coalition: its members, its copies of data at rivals, and what it does in a round."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.demands import Demand
from ..coalitions.position import Club
from ..coalitions.procedures import Memory
from .agent import Agent
from .founding import Standing
from .party import Campaign, Party
from .settings import CoalitionSettings

if TYPE_CHECKING:
    from .agenda import Lasting
    from .dividend_vote import LastPot
    from .model import CoalitionModel

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Flow:
    """How membership changed at the start of a round, in people."""

    joined: int = 0
    left: int = 0
    held: int = 0
    """Members who wanted out and whom notice or a lock-in kept."""
    expelled: int = 0
    """Of those who left, members who were put out: found to shirk, or voted out."""
    barred: int = 0
    """People outside whom it would not have taken, or who had not heard of it."""


class Coalition(Party, Agent):
    """An organisation with a purpose and a charter."""

    index: int

    def __init__(self, model: "CoalitionModel", settings: CoalitionSettings, index: int) -> None:
        Agent.__init__(self, model)
        Party.__init__(self, settings.charter.ballot)
        self.settings, self.name, self.charter, self.index = settings, settings.name, settings.charter, index
        self.standing: Standing = "active" if settings.founding is None else "to be founded"
        self.small_for = 0
        """Rounds on end in which it had fewer members than its charter asks for."""
        self.idle_for = 0
        """Rounds on end in which it neither acted nor had an agreement."""
        self.flow = Flow()
        self.memory: Memory | None = None
        """What its voting procedure remembers from round to round."""
        self.lasting: Lasting | None = None
        """The last campaign that it began."""
        self.dividend, self.public_share = self.charter.dividend, self.charter.public_share
        """The dividend in force, and the share of every pot that goes to all people alike."""
        self.method = model.world.valuation.method
        """By which its pot is shared out."""
        self.dividend_voted = -self.charter.agenda.dividend_term
        """Round of the last vote on how a pot is shared out."""
        self.last_pot: LastPot | None = None
        """What it shared out last."""
        self.bound_until = 0
        """Last round in which it keeps an agreement and does not act."""
        self.granted: Demand | None = None
        """What it asked for when it last got an agreement, and by which firm."""
        self.granted_by = self.bound_to = ""
        """The product that the demand is about, and the target of the threat that won it, or was paid for last."""
        self.acted = 0
        """Rounds in a row in which it acted, until this one."""
        self.banned_until: NDArray[np.int64] | None = None
        """The last round in which each person is kept out, (users,); None as long as nobody ever was."""
        self.pot = self.won = self.earned = 0.0
        """What it shares out this round, in money; the part of it that its threat won; and what firms that it founded
        earned."""

    @property
    def members(self) -> NDArray[np.intp]:
        """Indices of its members among the users."""
        return self.model.population.members(self.index)

    @property
    def club(self) -> Club | None:
        """Its members, where its charter keeps for them what rivals do with its data."""
        inside = self.model.population.member[:, self.index].copy()
        return Club(self.name, inside) if self.charter.service_for == "members" else None

    @property
    def wants(self) -> dict[str, float]:
        """Its purpose, and what it demands."""
        return {**self.settings.positions, **self.charter.demand.positions}

    @property
    def each_alone(self) -> bool:
        """Whether its charter stands for there being no coalition: each member acts alone."""
        return self.charter.decides is not None and not self.charter.decides.together

    @property
    def pledged(self) -> bool:
        """Whether as many have joined as were to before it acts."""
        # With a tolerance: 3 of 10 people are a share of .3.
        return len(self.members) >= self.charter.pledge * self.model.population.n - 1e-9

    @property
    def contract(self) -> Demand | None:
        """What an agreement that holds in this round is about; None without one."""
        return self.granted if self.bound_until >= self.model.round else None

    @property
    def target(self) -> str:
        """The firm it acts against this round, or has an agreement with, or would act against by the first option of
        its charter."""
        campaign, bound = self.campaign, self.bound_until >= self.model.round
        agreed = self.bound_to if bound else ""
        named = (campaign.proposal.target, campaign.pulled.target, agreed, *(o.target for o in self.charter.ballot))
        return next((name for name in named if name), self.model.firms[0].name)

    @property
    def about(self) -> str:
        """The product that its demand is about: of the owner of the firm that it acts against."""
        return self.charter.about or self.target

    @property
    def expected_payout(self) -> NDArray[np.float64]:
        """What members with as many records as each person were paid in the last round, in money, (users,): whatever
        the dividend, it is a function of records, since a coalition's value is split by them."""
        held, paid = self.campaign.payouts
        if not len(held):
            return np.zeros(self.model.population.n)
        return np.interp(self.model.records(self.campaign.valued), held, paid)

    def put_out(self, people: NDArray[np.intp], until: int) -> None:
        """Not to be members from the next round on, and not taken back until that round is over."""
        if self.banned_until is None:
            self.banned_until = np.zeros(self.model.population.n, dtype=np.int64)
        self.banned_until[people] = np.maximum(self.banned_until[people], until)

    @property
    def banned(self) -> "Mask | None":
        """People whom it has put out and does not take back in this round, (users,); None: nobody."""
        return None if self.banned_until is None else self.banned_until >= self.model.round

    def begin_round(self) -> None:
        self.acted = self.acted + 1 if self.campaign.carried_out else 0
        self.pot = self.won = self.earned = 0.0
        self.campaign = Campaign(self.charter.ballot)
