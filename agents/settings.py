"""What the parts of a world are made of: users, firms, coalitions, valuation, further tasks, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from ..coalitions.ballots import VoteWeights
from ..coalitions.charter import Charter
from ..coalitions.foundings import Founding
from ..coalitions.inclusions import AllData, Inclusion
from ..ml_tasks.settings import Checked, Count, InputError, Interval, NonNegative, PositiveCount, Share, Stance
from ..ml_tasks.task import TaskSettings
from ..valuation.methods import Method, Shapley
from ..valuation.methods.owen import Owen
from .alone import ActingAlone
from .awareness import Awareness
from .co_ownership import CoOwners
from .communities import Communities
from .discovery import Discovery
from .joining import Joining, Threshold
from .networks import Network, SmallWorld
from .partnership import Partner
from .propensity import Propensity
from .responses import Concede, Response
from .traces import Traces


@dataclass(frozen=True)
class Trait(Checked):
    """How a trait is spread over people: a normal distribution, cut to the trait's range."""

    mean: float
    """Mean of the distribution before it is cut."""
    sd: NonNegative
    """Standard deviation of the distribution before it is cut; 0: everybody is alike."""


@dataclass(frozen=True)
class Hardship(Checked):
    """What hardship is worth in money, to people who weigh it against pay."""

    effort: NonNegative = 0.05
    """What complying with a lever of effort 1 costs a person whose own cost is 1, in money a round."""
    service: NonNegative = 0.5
    """What losing all quality of service, from that of everybody's data down to the baseline, costs a person, in
    money a round."""
    exposure: NonNegative = 0.0
    """What each owner who holds a person's records, or runs weights fitted on them, costs that person, in money a
    round."""


@dataclass(frozen=True)
class Flow(Checked):
    """How people's records come to be, and whether what was withheld comes back."""

    stock: Share = 1.0
    """Share of each contributor's records that exist before the first round; the others arrive evenly over the rounds,
    each in a round that is hashed from the record."""
    returns: bool = True
    """Whether the firm has what was withheld or deleted again as soon as the lever is no longer pulled. If not, it is
    gone for good, and only records that arrive later are there."""


@dataclass(frozen=True)
class UserSettings(Checked):
    """The people: everybody with data, and others if `count` is larger."""

    count: PositiveCount | None = None
    """How many people; the contributors of the data come first. Empty: just the contributors."""
    network: Network = field(default_factory=SmallWorld)
    """Who is around whom."""
    joining: Joining = field(default_factory=Threshold)
    """When people join, stay in or leave a coalition."""
    communities: Communities | None = None
    """People who join and leave together; empty: everybody acts for themselves."""
    threshold: Trait = field(default_factory=lambda: Trait(0.15, 0.1))
    """Share of the people around them in a coalition at which someone joins it [G78]; from 0 up."""
    cost: Trait = field(default_factory=lambda: Trait(1.0, 0.3))
    """What a lever of effort 1 costs someone; from 0 up."""
    optimism: Trait = field(default_factory=lambda: Trait(1.0, 0.3))
    """What someone makes of the effect the coalition announces: 1 believes it as it is; from 0 up."""
    awareness: Awareness = field(default_factory=Awareness)
    """What people believe of the effect that the coalition announces."""
    traces: Traces = field(default_factory=Traces)
    """Whose data are traces, and what that changes."""
    turnout: Trait = field(default_factory=lambda: Trait(0.8, 0.1))
    """Probability that a member votes, each round."""
    compliance: Trait = field(default_factory=lambda: Trait(0.9, 0.1))
    """Probability that a member does what the coalition decided, each round."""
    propensity: Propensity = field(default_factory=Propensity)
    """Who at all acts against a firm."""
    stances: Mapping[str, Trait] = field(default_factory=dict)
    """Positions on issues from -1 to 1; an issue not listed here is spread with mean 0 and sd 0.5."""
    hardship: Hardship = field(default_factory=Hardship)
    """What effort and lost service are worth in money, where people or coalitions weigh them against pay."""
    memory: Share = 0.0
    """What people's satisfaction with a service keeps of the round before; the rest is the quality they got in this."""
    flow: Flow = field(default_factory=Flow)
    """When their records arrive."""
    co_owners: CoOwners = field(default_factory=CoOwners)
    """Which of their records belong to others, too."""
    discovery: Discovery | None = None
    """How they hear of coalitions, before which they cannot join; empty: everybody knows of all."""
    vote_weights: VoteWeights = field(default_factory=VoteWeights)
    """What members' ratings of the options on a ballot are made of."""
    alone: ActingAlone | None = None
    """What people in no coalition may do against a firm by themselves; empty: they never do anything."""


@dataclass(frozen=True)
class Filter(Checked):
    """A filter against misleading data, contributor by contributor; whose data are caught are not trained on."""

    hit: Share = 0.9
    """Probability that a contributor whose records were made misleading is caught in a round."""
    false_alarm: Share = 0.01
    """Probability that a genuine contributor is."""


@dataclass(frozen=True)
class FirmSettings(Checked):
    """A firm with one product of its own name, or one product of an owner who has several."""

    name: str
    """What levers call it, as their target or rival, and what tables call its product."""
    task: str = ""
    """Which of `other_tasks` its product is trained on; empty: the world's `task`. Products of the same task compete
    with each other, and people use one of each task."""
    owner: str = ""
    """Who owns it, where somebody owns several products: what a threat against one of them would cost is counted over
    all of them, and an agreement may be about another of them (`charter.about`). Empty: it belongs to itself."""
    data: Share = 1.0
    """Share of the contributors whose data it has at the start."""
    served: Share | None = None
    """Share of people who use it at the start; firms that leave this empty share the rest."""
    founded_by: str = ""
    """The coalition that founds it, as a rival, with its members' data: it starts with nobody's (`data` and `served`
    0), nobody can use it before it has some, and all that it earns goes into that coalition's pot. Empty: it is there
    from the start, and its earnings are its own."""
    price: Annotated[float, Interval(ge=0, le=1e12)] = 1.0
    """Revenue from one person in one round at quality 1, in money."""
    positions: Mapping[str, Stance] = field(default_factory=dict)
    """Where it stands on issues, from -1 (against) to 1 (for): agreement draws people to its product and sways votes on
    levers."""
    practice_cost: NonNegative = 0.0
    """What moving its position on an issue by 1 costs it in a round, as a share of its revenue."""
    response: Response = field(default_factory=Concede)
    """What it is willing to pay for a threat's not being carried out."""
    foresight: Count = 0
    """Rounds beyond those of an agreement in which it still counts what a campaign would cost it: people who left for a
    rival, and copies that rivals keep."""
    offer: NonNegative = 0.0
    """Its standing offer to coalitions that threaten another firm: money for each record that it does not have."""
    retains_weights: bool = False
    """Keeps weights in use that saw data since withdrawn, whatever the law says, until it is found out: no retraining
    from scratch."""
    filter: Filter | None = None
    """What it does to find misleading data before it trains; empty: it trains on all it has."""
    includes: Inclusion = field(default_factory=AllData)
    """Whose data, of those that it has, it trains on."""
    partner: Partner | None = None
    """What it owes its contributors from the start, whatever the law is; empty: nothing."""
    passes_on: tuple[str, ...] = ()
    """Names of firms to which it passes on its data: before round 1 those of the start, and from round to round what it
    has got since (`provenance`)."""


@dataclass(frozen=True)
class CoalitionSettings(Checked):
    """A data coalition: a purpose, a charter, and how it comes to be."""

    name: str
    """What tables call it."""
    charter: Charter
    """How it decides, and how it shares out what it is paid."""
    positions: Mapping[str, Stance] = field(default_factory=dict)
    """Its purpose: where it stands on issues."""
    founders: Share = 0.02
    """Share of all people who found it before the first round: those most aligned with its purpose, who never leave. Of
    no meaning with a founding."""
    founding: Founding | None = None
    """How it comes to be in the course of the rounds; empty: it is there from the start."""


@dataclass(frozen=True)
class ValuationSettings(Checked):
    """How data are priced in a round in which a pot is to be shared out."""

    method: Method = field(default_factory=Shapley)
    """What a player's data are worth, given what any group of players' data are."""
    players: Literal["groups", "users"] = "groups"
    """Who is valued: the coalitions and groups of people in none, each group's value then split among its people; or
    every user with data (owen: within their coalitions)."""
    inside: Literal["records", "equal"] = "records"
    """How a group's value is split among its people; of no meaning where users are valued."""
    outsider_groups: PositiveCount = 2
    """Players besides the coalitions: people in none, grouped by how many records they have."""
    noise_draws: Count = 0
    """Draws of the true values, given their estimates, by which payouts' Gini is corrected for noise; 0: it is not.
    For hundreds of users valued one by one, a hundred draws take seconds."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.method, Owen) and self.players != "users":
            raise InputError("players", repr(self.players), "'users', whom the method owen values in their coalitions")
        self.check("method", self.method)

    def check(self, where: str, method: Method) -> None:
        """Raise InputError, at `where`, for a method that cannot value these players."""
        if isinstance(method, Owen) and self.players != "users":
            raise InputError(where, "'owen'", "another method, or valuation.players: users, which owen values")
        sampled = getattr(method, "budget", 0) is None and getattr(method, "permutations", 0) is None
        if self.players == "users" and sampled:
            expected = "how many groups of users to train on, such as 2000, or a number of permutations"
            raise InputError(f"{where}.budget", "none, for users", expected)


@dataclass(frozen=True)
class OtherTask(Checked):
    """A task beside the world's own, with contributors, firms and a market of its own: people use a product of each."""

    name: str
    """What firms call it, as their `task`."""
    task: TaskSettings
    """What these firms train. Its seeds are those of the world's `task`, and are not to be set here."""
    shared: Share = 1.0
    """Share of its contributors who contribute to the world's `task`, too, as far as that has so many people; who they
    are is drawn once. The others come after these."""
