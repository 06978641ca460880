"""Demands: what a coalition asks for in return for not acting, for as long as an agreement lasts. `DEMANDS` lists them.

A demand for money is bargained over (`bargains`). Every other has a price to the firm, in money over the rounds of an
agreement, and is taken or left: the firm grants it if it is willing to pay as much.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from ..ml_tasks.settings import Checked, InputError, Share, Stance
from .training import TrainingBallot

Positions = Mapping[str, float]


@dataclass(frozen=True)
class Prospect:
    """What the firm looks at when it prices a demand, in money over the rounds of an agreement."""

    revenue: float
    """What it earns if nothing happens."""
    lost_by: Callable[[Positions], float]
    """What it would earn less if it took other positions on these issues, what the change itself costs it included."""
    voted: Callable[[], Positions]
    """The positions that its contributors would vote for."""
    lost_by_ballot: Callable[[TrainingBallot], float]
    """What it would earn less if it trained on what its contributors would vote for on this ballot."""


class Demand(Protocol):
    """(prospect) -> what granting it costs the firm, in money; None where that is what they bargain over."""

    @property
    def revenue_share(self) -> float:
        """Share of the firm's revenue that the coalition gets in every round of the agreement."""

    @property
    def positions(self) -> Positions:
        """Positions that the firm takes during the agreement, by issue."""

    @property
    def closes(self) -> bool:
        """Whether nobody can use the firm's product during the agreement."""

    @property
    def position_vote(self) -> bool:
        """Whether contributors vote on the firm's positions during the agreement."""

    @property
    def ballot(self) -> TrainingBallot | None:
        """What contributors vote on of what the firm trains on, during the agreement; None: nothing."""

    def __call__(self, prospect: Prospect) -> float | None: ...


@dataclass(frozen=True)
class Money:
    """A sum of money, which they bargain over."""

    revenue_share: ClassVar[float] = 0.0
    positions: ClassVar[Positions] = {}
    closes: ClassVar[bool] = False
    position_vote: ClassVar[bool] = False
    ballot: ClassVar[TrainingBallot | None] = None

    def __call__(self, prospect: Prospect) -> float | None:
        return None


@dataclass(frozen=True)
class RevenueShare(Checked):
    """A share of the firm's revenue in every round of the agreement: a data dividend by contract."""

    share: Share = 0.05
    """Share of its revenue in each round."""

    positions: ClassVar[Positions] = {}
    closes: ClassVar[bool] = False
    position_vote: ClassVar[bool] = False
    ballot: ClassVar[TrainingBallot | None] = None

    @property
    def revenue_share(self) -> float:
        return self.share

    def __call__(self, prospect: Prospect) -> float | None:
        return self.share * prospect.revenue


@dataclass(frozen=True)
class Practice(Checked):
    """Another practice: positions that the firm takes on issues, such as privacy, while the agreement lasts."""

    positions: Mapping[str, Stance] = field(default_factory=dict)
    """The position demanded on each issue, from -1 (against) to 1 (for)."""

    revenue_share: ClassVar[float] = 0.0
    closes: ClassVar[bool] = False
    position_vote: ClassVar[bool] = False
    ballot: ClassVar[TrainingBallot | None] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.positions:
            raise InputError("positions", "none", "a position on at least one issue, such as {privacy: 0.5}")

    def __call__(self, prospect: Prospect) -> float | None:
        return prospect.lost_by(self.positions)


@dataclass(frozen=True)
class PositionVote:
    """A vote on what the firm stands for: while the agreement lasts, it takes on every issue the median position of
    those whose data it has. What it trains on stays what it is."""

    revenue_share: ClassVar[float] = 0.0
    positions: ClassVar[Positions] = {}
    closes: ClassVar[bool] = False
    position_vote: ClassVar[bool] = True
    ballot: ClassVar[TrainingBallot | None] = None

    def __call__(self, prospect: Prospect) -> float | None:
        return prospect.lost_by(prospect.voted())


@dataclass(frozen=True)
class TrainingVote(TrainingBallot):
    """A vote on what is trained: while the agreement lasts, those whose data the firm has vote in every round on whose
    data it trains on."""

    revenue_share: ClassVar[float] = 0.0
    positions: ClassVar[Positions] = {}
    closes: ClassVar[bool] = False
    position_vote: ClassVar[bool] = False

    @property
    def ballot(self) -> TrainingBallot:
        return self

    def __call__(self, prospect: Prospect) -> float | None:
        return prospect.lost_by_ballot(self)


@dataclass(frozen=True)
class Shutdown:
    """That the product is shut down while the agreement lasts; it costs the firm all that it earns."""

    revenue_share: ClassVar[float] = 0.0
    positions: ClassVar[Positions] = {}
    closes: ClassVar[bool] = True
    position_vote: ClassVar[bool] = False
    ballot: ClassVar[TrainingBallot | None] = None

    def __call__(self, prospect: Prospect) -> float | None:
        return prospect.revenue


DEMANDS: Mapping[str, type[Demand]] = {
    "money": Money,
    "revenue_share": RevenueShare,
    "practice": Practice,
    "position_vote": PositionVote,
    "training_vote": TrainingVote,
    "shutdown": Shutdown,
}
