"""Party: whoever acts in a round, the members of a coalition or the people in none, and what lasts of what they did."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever, Nothing
from ..coalitions.position import Club
from ..coalitions.rules import Outcome
from ..ml_tasks.holdings import Holdings
from ..ml_tasks.streams import keyed_uniforms
from .responses import Threat

if TYPE_CHECKING:
    from .model import CoalitionModel

Mask = NDArray[np.bool_]


@dataclass
class Campaign:
    """What these people did in one round, filled in as the round goes on."""

    ballot: tuple[Lever, ...]
    outcome: Outcome | None = None
    """None where nobody could vote."""
    margin: int | None = None
    turnout: float = float("nan")
    """Share of members who voted themselves."""
    compliers: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    """Members who do what was decided; the others shirk."""
    caught: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    """Members who shirked and were found out."""
    supporters: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))
    """Members who themselves rate the proposal above doing nothing, whether or not they voted, (members,)."""
    choices: NDArray[np.intp] | None = None
    """The option that each member pulls where they act on their own, (members,)."""
    same_favourite: Mask | None = None
    """Members whose favourite on the ballot is the one they would have unhindered, (members,); None without a vote."""
    threat: Threat | None = None
    asked: bool = True
    """Whether anybody was asked to pay for its not being carried out."""
    outside: float = 0.0
    """The best standing offer of a rival for the compliers' data, in money."""
    payment: float = 0.0
    """By the target, in money."""
    sold: float = 0.0
    """By a rival whose standing offer was taken, in money; and its name."""
    buyer: str = ""
    granted: bool = False
    """The target granted a demand that is not for a sum of money."""
    pulled: Lever = field(default_factory=Nothing)
    replaced: dict[str, Holdings] = field(default_factory=dict)
    """What firms bought of others in place of what they lost to this campaign, by product."""
    exposed: NDArray[np.int64] | None = None
    """By how many owners more each person is exposed than had the coalition never acted, (users,); None where nobody
    weighs that in money."""
    service_lost: float = 0.0
    """Quality of service that members would lose by the proposal, on average and beyond what outsiders lose."""
    payouts: tuple[NDArray[np.float64], NDArray[np.float64]] = field(default_factory=lambda: (np.zeros(0), np.zeros(0)))
    """What members were paid this round, without public shares: (numbers of records, ascending; mean payout)."""
    valued: str = ""
    """The product on whose data that was shared out."""

    @property
    def proposal(self) -> Lever:
        """What the members voted for; the status quo if nothing else won."""
        return self.ballot[self.outcome.winner] if self.outcome else self.ballot[0]

    @property
    def carried_out(self) -> bool:
        return not isinstance(self.pulled, Nothing)

    @property
    def passed(self) -> bool:
        return not isinstance(self.proposal, Nothing)


class Party(ABC):
    """People who decide on the same options, and what firms have, or lack, by what they did in earlier rounds."""

    model: "CoalitionModel"
    name: str
    """What its draws are keyed by, and tables call it; empty for people in no coalition."""
    index: int | None = None
    """Its place among the coalitions; None for people in none."""

    def __init__(self, ballot: tuple[Lever, ...]) -> None:
        self.copies: dict[str, Holdings] = {}
        """What each product has from these people."""
        self.withheld: dict[str, Holdings] = {}
        """What each product has lost to them for good."""
        self.kept_back: dict[str, Holdings] = {}
        """The part of it that was lost in the round in which it would have arrived."""
        self.due: dict[int, dict[str, Holdings]] = {}
        """Withdrawals that go through, by the round in which they are carried out and by product; kept where the law
        knew a delay when they were asked for."""
        self.campaign = Campaign(ballot)

    @property
    @abstractmethod
    def members(self) -> NDArray[np.intp]:
        """Indices of these people among the users, ascending."""

    @property
    def wants(self) -> dict[str, float]:
        """What they say that they want: positions on issues."""
        return {}

    @property
    def club(self) -> Club | None:
        """Who alone is to have the service that rivals can give with their data; None: everybody."""
        return None

    @property
    def part(self) -> float:
        """What each of them counts of what all would bring about as what they bring about: 1 where it is decided for
        all."""
        return 1.0

    @property
    @abstractmethod
    def each_alone(self) -> bool:
        """Whether each acts on their own, so that the law's friction is that for one person."""

    @abstractmethod
    def begin_round(self) -> None:
        """Nothing is decided yet."""

    def draws(self, name: str) -> NDArray[np.float64]:
        """A uniform draw for each member this round, by its name: a member's own, whoever else there is."""
        key = (self.model.streams.seed, name, self.model.round, self.name)
        return keyed_uniforms(self.members.astype(np.uint64), *key)

    @property
    def pending(self) -> dict[str, Holdings]:
        """Withdrawals of an earlier round that the law has carried out in this one."""
        return self.due.get(self.model.round, {})

    @property
    def leaves_traces(self) -> bool:
        """Whether the market of this round is other than had they never acted."""
        return bool(self.campaign.carried_out or self.copies or self.pending or self.withheld)
