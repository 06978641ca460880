"""The world of a simulation, as data: its parts, and whether they go together."""

from collections.abc import Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Any, Literal, cast

from ..coalitions.levers import Lever, Nothing, Partly
from ..ml_tasks.settings import Checked, Count, InputError, PositiveCount, Share
from ..ml_tasks.task import TaskSettings
from .joining import CriticalMass
from .law import Law
from .markets import Logit, MarketRule
from .settings import CoalitionSettings, FirmSettings, OtherTask, UserSettings, ValuationSettings

JOINT = " + "
"""Between the names of the coalitions of somebody who is in several."""


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
