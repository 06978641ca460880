"""What a world is made of: the settings of users, firms, coalitions, law and valuation, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Annotated, Any, Literal, cast

from ..coalitions.ballots import VoteWeights
from ..coalitions.charter import Charter
from ..coalitions.foundings import Founding
from ..coalitions.inclusions import AllData, Inclusion
from ..coalitions.levers import Lever, Nothing, Partly
from ..ml_tasks.settings import Checked, Count, InputError, Interval, NonNegative, PositiveCount, Share, Stance
from ..ml_tasks.task import TaskSettings
from ..valuation.methods import Method, Shapley
from ..valuation.methods.owen import Owen
from .alone import ActingAlone
from .awareness import Awareness
from .co_ownership import CoOwners
from .communities import Communities
from .discovery import Discovery
from .joining import CriticalMass, Joining, Threshold
from .law import Law
from .markets import Logit, MarketRule
from .networks import Network, SmallWorld
from .partnership import Partner
from .propensity import Propensity
from .responses import Concede, Response
from .traces import Traces

JOINT = " + "
"""Between the names of the coalitions of somebody who is in several."""


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


@dataclass(frozen=True)
class World(Checked):
    """Everything a simulation needs; frozen, and made of frozen parts."""

    task: TaskSettings
    """What the firms train, on whose data, and how it is tested."""
    firms: tuple[FirmSettings, ...]
    """The firms, each by a name of its own; at least one."""
    other_tasks: tuple[OtherTask, ...] = ()
    """Further tasks, each with firms of its own, where people's data serve several ends: a threat to one product may be
    about another (`charter.about`)."""
    coalitions: tuple[CoalitionSettings, ...] = ()
    """The data coalitions, each by a name of its own; none: the firms alone."""
    users: UserSettings = field(default_factory=UserSettings)
    """The people, and what they are like."""
    market: MarketRule = field(default_factory=Logit)
    """Which product people use."""
    law: Law = field(default_factory=Law)
    """What people may do with their data, how hard that is made, and what firms may keep."""
    turns: Literal["at_once", "listed", "drawn"] = "at_once"
    """Whether coalitions decide at once, on the market at the start of a round; or in turn, each on what those before
    it left, in the order in which they are listed or in one drawn anew each round."""
    discount: Share = 0.95
    """What money of the next round is worth in this one, where firms and coalitions look ahead."""
    valuation: ValuationSettings = field(default_factory=ValuationSettings)
    """How data are priced."""
    rounds: PositiveCount = 20
    """How many rounds are played."""
    seed: Count = 0
    """Seed of what is drawn in the world itself: people, ties, votes, choices, and what methods of valuation sample.
    The task has seeds of its own for data and training."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.firms:
            raise InputError("firms", "an empty list", "at least one firm")
        _distinct("firms", [firm.name for firm in self.firms])
        _distinct("coalitions", [coalition.name for coalition in self.coalitions])
        self._check_joint_names()
        for i, firm in enumerate(self.firms):
            self._check_passes_on(i, firm)
            self._check_founder(i, firm)
        self._check_tasks()
        known = [firm.name for firm in self.firms]
        for name in self.users.propensity.firms:
            if name not in known:
                raise InputError(f"users.propensity.firms.{name}", "no firm of this name", f"one of {', '.join(known)}")
        if self.users.alone:
            self._check_options("users.alone.options", self.users.alone.options)
        for i, coalition in enumerate(self.coalitions):
            self._check_options(f"coalitions.{i}.charter.options", coalition.charter.options)
            self._check_about(i, coalition)
            self._check_founding(i, coalition)
            for j, method in enumerate(coalition.charter.agenda.methods):
                self.valuation.check(f"coalitions.{i}.charter.agenda.methods.{j}", method)

    @property
    def issues(self) -> tuple[str, ...]:
        """Every issue that a firm, a coalition or the users have a position on, sorted."""
        demanded = (c.charter.demand.positions for c in self.coalitions)
        held = [*(firm.positions for firm in self.firms), *(c.positions for c in self.coalitions), *demanded]
        return tuple(sorted({issue for positions in (self.users.stances, *held) for issue in positions}))

    @property
    def tasks(self) -> tuple[TaskSettings, ...]:
        """The world's own task, and the others with its seeds."""
        seeds: dict[str, Any] = {"data_seed": self.task.data_seed, "train_seeds": self.task.train_seeds}
        return (self.task, *(replace(cast(Any, other.task), **seeds) for other in self.other_tasks))

    def task_of(self, firm: str) -> str:
        """The name of the task on which a firm's product is trained; empty for the world's own."""
        return next(found.task for found in self.firms if found.name == firm)

    def owned_with(self, name: str) -> tuple[str, ...]:
        """The products that have the same owner as this one, itself included, in the order of the firms."""
        owner = next(firm.owner for firm in self.firms if firm.name == name)
        return tuple(firm.name for firm in self.firms if firm.name == name or (owner and firm.owner == owner))

    @property
    def open_doors(self) -> frozenset[str]:
        """Firms that let everybody out without friction."""
        return frozenset(firm.name for firm in self.firms if firm.partner and firm.partner.exit)

    def build(self) -> "World":
        """Itself: a world is already built."""
        return self

    def _check_tasks(self) -> None:
        _distinct("other_tasks", [other.name for other in self.other_tasks])
        known = ["", *(other.name for other in self.other_tasks)]
        for i, firm in enumerate(self.firms):
            if firm.task not in known:
                expected = f"the name of one of other_tasks: {', '.join(known[1:]) or 'there is none'}"
                raise InputError(f"firms.{i}.task", repr(firm.task), expected)
        for i, name in enumerate(known):
            own = [firm for firm in self.firms if firm.task == name]
            if not own:
                where, task = (f"other_tasks.{i - 1}.name", repr(name)) if name else ("firms", "none of them")
                raise InputError(where, task, f"a task of at least one firm (firms.*.task: {name or 'empty'})")
            if (shares := sum(firm.served or 0.0 for firm in own)) > 1 + 1e-9:
                found = f"shares that add up to {shares:g}" + (f" for {name}" if name else "")
                raise InputError("firms.*.served", found, "shares of people up to 1 in all")
        for i, other in enumerate(self.other_tasks):
            for name in ("data_seed", "train_seeds"):
                own_default = next(f.default for f in fields(cast(Any, other.task)) if f.name == name)
                if getattr(other.task, name) != own_default:
                    expected = f"no seed here: it is that of the world's task (task.{name})"
                    raise InputError(f"other_tasks.{i}.task.{name}", str(getattr(other.task, name)), expected)
        for i, firm in enumerate(self.firms if self.other_tasks else ()):
            if JOINT in firm.name:
                expected = f"a name without {JOINT!r}, by which tables join the names of somebody's several products"
                raise InputError(f"firms.{i}.name", repr(firm.name), expected)
        if self.other_tasks and isinstance(self.users.joining, CriticalMass):
            expected = "another rule: what it counts, shares of all records, does not add up over several tasks"
            raise InputError("users.joining", "'critical_mass'", expected)

    def _check_joint_names(self) -> None:
        several = sum(not coalition.charter.exclusive for coalition in self.coalitions) > 1
        for i, coalition in enumerate(self.coalitions):
            if several and JOINT in coalition.name:
                expected = f"a name without {JOINT!r}, by which tables join the names of somebody's several coalitions"
                raise InputError(f"coalitions.{i}.name", repr(coalition.name), expected)

    def _check_founder(self, i: int, firm: FirmSettings) -> None:
        known = [coalition.name for coalition in self.coalitions]
        if firm.founded_by and firm.founded_by not in known:
            expected = f"the name of a coalition: {', '.join(known) or 'there is none'}"
            raise InputError(f"firms.{i}.founded_by", repr(firm.founded_by), expected)
        for name in ("data", "served") if firm.founded_by else ():
            if getattr(firm, name) != 0:
                found = "nothing" if getattr(firm, name) is None else f"{getattr(firm, name):g}"
                raise InputError(f"firms.{i}.{name}", found, f"0, since {firm.founded_by} has to found it first")

    def _check_passes_on(self, i: int, firm: FirmSettings) -> None:
        others = [other.name for other in self.firms if other is not firm and other.task == firm.task]
        for j, name in enumerate(firm.passes_on):
            if name not in others:
                expected = f"another firm of the same task: {', '.join(others) or 'there is none'}"
                raise InputError(f"firms.{i}.passes_on.{j}", repr(name), expected)

    def _check_founding(self, i: int, coalition: CoalitionSettings) -> None:
        others = [other.name for other in self.coalitions if other is not coalition]
        for name in coalition.founding.of if coalition.founding else ():
            if name not in others:
                expected = f"another coalition: {', '.join(others) or 'there is none'}"
                raise InputError(f"coalitions.{i}.founding", f"the coalition {name!r}", expected)

    def _check_about(self, i: int, coalition: CoalitionSettings) -> None:
        about = coalition.charter.about
        targets = {option.target for option in coalition.charter.options if option.target} if about else ()
        for target in sorted(targets):
            if about not in (products := self.owned_with(target)):
                expected = f"a product of the owner of {target}: {', '.join(products)}"
                raise InputError(f"coalitions.{i}.charter.about", repr(about), expected)

    def _check_options(self, path: str, options: Sequence[Lever]) -> None:
        known = {firm.name for firm in self.firms}
        for j, option in enumerate(options):
            if isinstance(option, Nothing):
                continue
            where = f"{path}.{j}"
            needs_rival = any(field.name == "rival" and field.default is MISSING for field in fields(cast(Any, option)))
            names = ("target", "rival") if option.rival or needs_rival else ("target",)
            for name in names:
                if getattr(option, name) not in known:
                    raise InputError(
                        f"{where}.{name}", f"the unknown firm {getattr(option, name)!r}", f"one of {sorted(known)}"
                    )
            if isinstance(option, Partly) and option.newest == "new" and self.users.flow.stock == 1:
                expected = "all; or records that arrive during the rounds: users.flow.stock below 1"
                raise InputError(f"{where}.what", "'new', though all records are there from the start", expected)
            if option.target == option.rival:
                raise InputError(f"{where}.rival", f"{option.rival!r}, the target itself", "another firm")
            if option.rival and self.task_of(option.rival) != self.task_of(option.target):
                found = f"{option.rival!r}, which is trained on another task than {option.target}"
                raise InputError(f"{where}.rival", found, "a rival of the target, trained on the same task")


def _distinct(where: str, names: list[str]) -> None:
    for i, name in enumerate(names):
        if not name.strip():
            raise InputError(f"{where}.{i}.name", "an empty name", "a name")
        if name in names[:i]:
            raise InputError(f"{where}.{i}.name", f"{name!r} a second time", "a name of its own")
