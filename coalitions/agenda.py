"""Agenda: what gets on the ballot, for how long it is done, and who says how the dividend is made."""

from dataclasses import dataclass, field
from typing import Literal

from ..ml_tasks.settings import Checked, Count, InputError, PositiveCount, Share
from ..valuation.dividends import Dividend
from ..valuation.methods import Method


@dataclass(frozen=True)
class Agenda(Checked):
    """What comes before a vote, and what follows from it."""

    proposers: Literal["charter", "members", "founders", "council"] = "charter"
    """Who puts options on the ballot: the charter, all of them in every round; or members, founders, or those who sit
    in the council of the charter's procedure, who propose what they themselves rate above doing nothing."""
    seconded: Share = 0.1
    """Share of the proposers who must propose an option; of no meaning if the charter does it."""
    threat: Literal["first", "never"] = "first"
    """Whether what was voted for is threatened first, and not done if it is paid for; or done at once, so that nobody
    is asked to pay."""
    campaign: PositiveCount = 1
    """Rounds for which a lever is pulled once it was voted for, without another vote."""
    cooling_off: Count = 0
    """Rounds after a campaign in which there is none and no vote on one."""
    methods: tuple[Method, ...] = field(default=())
    """Methods of valuation that members may vote for in place of the world's (`valuation.method`), for their own pot;
    empty: it is not for them to say. All of them are worked out for every pot."""
    dividends: tuple[Dividend, ...] = field(default=())
    """Dividends that members may vote for in place of the charter's; empty: it is set by who wrote the charter."""
    public_shares: tuple[Share, ...] = field(default=())
    """Shares of a pot for all people alike that members may vote for in place of the charter's `public_share`; empty:
    it is set by who wrote the charter."""
    dividend_term: PositiveCount = 4
    """Rounds from one vote on how a pot is shared out to the next: on the method, then on the dividend, then on the
    public share. The first is held once a pot was shared out."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, what in (("methods", "method"), ("dividends", "dividend"), ("public_shares", "share")):
            listed = getattr(self, name)
            for i, one in enumerate(listed):
                if one in listed[:i]:
                    raise InputError(f"{name}.{i}", f"a {what} twice", f"every {what} once")
        for i, share in enumerate(self.public_shares):
            if not 0 <= share <= 1:
                raise InputError(f"public_shares.{i}", share, "at least 0 and at most 1")
