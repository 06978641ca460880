"""Charter: a coalition's whole governance as data. This is what sweeps vary."""

from dataclasses import dataclass, field
from typing import Literal

from ..ml_tasks.settings import Checked, Count, InputError, NonNegative, PositiveCount, Share
from ..valuation.dividends import Dividend, Shift
from .admission import Admission, Open
from .agenda import Agenda
from .ballots import ballot_of, check_options
from .bargains import Bargain, TakeItOrLeaveIt
from .deciders import Decider
from .demands import Demand, Money
from .dissolution import Dissolution
from .expulsion import Expulsion
from .levers import Lever
from .monitoring import Monitoring
from .pots import Conceded, Pot
from .procedures import Council, Direct, Procedure
from .rules import Plurality, Rule
from .voting_power import EqualVotes, VotingPower


@dataclass(frozen=True)
class Charter(Checked):
    """How a coalition decides and shares out."""

    options: tuple[Lever, ...]
    """What members vote on. Doing nothing is always option 0, listed or not."""
    agenda: Agenda = field(default_factory=Agenda)
    """What gets on the ballot, for how long it is done, and who says how the dividend is made."""
    decides: Decider | None = None
    """Who decides in place of a vote, for comparison: chance, a dictator, an oracle, or each member alone; empty: the
    members, by vote."""
    voting_power: VotingPower = field(default_factory=EqualVotes)
    """What a member's vote weighs."""
    procedure: Procedure = field(default_factory=Direct)
    """Who votes, and for whom, before the rule counts the ballots."""
    rule: Rule = field(default_factory=Plurality)
    """Which option wins, given the ballots and their weights."""
    carried_out_by: Literal["members", "supporters"] = "members"
    """Who carries out what was carried by vote: every member who complies, or of these only those who themselves rate
    it above doing nothing. A firm believes a threat as far as that."""
    demand: Demand = field(default_factory=Money)
    """What it asks for."""
    about: str = ""
    """The product that a demand other than money is about, where the target's owner has several; empty: the target."""
    bargain: Bargain = field(default_factory=TakeItOrLeaveIt)
    """What it is paid of what the target is willing to pay for not being acted against; of meaning for money alone."""
    agreement: PositiveCount = 1
    """Rounds for which what it was granted buys that it does not act; a threat's harm is added up over as many."""
    pot: Pot = field(default_factory=Conceded)
    """Where the money comes from that it shares out."""
    dividend: Dividend = field(default_factory=Shift)
    """How what members get of the pot is split among them, given what their data are worth."""
    period: PositiveCount | None = 1
    """Rounds whose values, and records, a dividend adds up: 1 this round's alone, more a moving window, empty all so
    far. Unless it is 1, data are priced in every round; rounds in which the coalition had another target count nothing.
    """
    public_share: Share = 0.0
    """Share of every pot that goes to all people alike, members or not; the rest is for members only."""
    service_for: Literal["everybody", "members"] = "everybody"
    """Whom rivals give the better service that they can give with what it gave them: everybody, or its members alone, a
    club good [B65]. Others then get of such a rival what it would give had it not got these data: a model of their own,
    really trained."""
    minimum_payout: NonNegative = 0.0
    """Payouts of a round under it, in money, are shared again among the other members."""
    pledge: Share = 0.0
    """Share of all people that must be members before it holds a vote: until then nobody bears anything."""
    dues: float = 0.0
    """What a member owes each round, in money: weighed by people who join by payoff, and kept account of. Below 0: a
    subsidy by which a sponsor pays people for being members.
    Dues run the organisation; they are not shared out, and dividends are stated before them."""
    admission: Admission = field(default_factory=Open)
    """Whom it takes of those who would like to join."""
    exclusive: bool = True
    """Whether its members may be in no other coalition. A person is in several only where every one of them allows it:
    by `false`."""
    notice: Count = 0
    """Rounds that somebody who wants out is a member still, voting, complying and paid. Wanting to stay takes it back.
    """
    monitoring: Monitoring | None = None
    """How members who do not do what was decided are found out, and what becomes of them; empty: nobody looks."""
    expulsion: Expulsion | None = None
    """Whom members put out at the end of a round for what they stand for, founders apart; empty: nobody."""
    dissolution: Dissolution | None = None
    """When it comes to an end; empty: never, with founders alone or none."""
    lock_in: Count = 0
    """Rounds that a member stays at the least, counted from the one in which they joined."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_options(self.options)
        if self.agenda.proposers == "council" and not isinstance(self.procedure, Council):
            raise InputError("agenda.proposers", "'council'", "another, or procedure: council, which elects one")

    @property
    def ballot(self) -> tuple[Lever, ...]:
        """The options in the order of the ballot paper: the status quo first."""
        return ballot_of(self.options)
