"""Values by real retraining, for the people of a scenario or of a run folder; of a world of several tasks, by each.

Who is in which coalition is what the last round of the first replicate left. Data are valued as they were before
anybody acted: everybody's genuine records, in shares of the gap between baseline and full data.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ...agents.lines import Line, lines_of
from ...agents.world import World
from ...ml_tasks import attributes
from ...ml_tasks.holdings import Holdings
from ...ml_tasks.retrainer import Counts
from ...ml_tasks.settings import InputError
from ...ml_tasks.store import ScoreStore, store_path
from ...ml_tasks.task import Task
from ...ml_tasks.tasks import TASKS
from ...valuation.claims import Claims
from ...valuation.game import value_groups
from ...valuation.methods import METHODS, RETRAIN_NOTHING
from ...valuation.players import Family
from ...valuation.values import Values
from .. import folder as folders
from ..files import load
from ..run import run
from ..schema import Scenario
from .values_file import People

LEVELS = ("equal", "records", "value", "user", "owen")
"""Among coalitions, and inside equally, by records, or by the members' own values; or among users: directly, or by
Owen values, which respect the coalitions."""
BUDGET = 2000
"""Groups that a method that samples may ask for; each is a training under every seed."""
Watch = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """What is to be valued, and how."""

    methods: tuple[str, ...] = ("shapley",)
    levels: tuple[str, ...] = ("equal", "records")
    budget: int = BUDGET
    seed: int = 0

    def __post_init__(self) -> None:
        for option, given, known in (("--methods", self.methods, tuple(METHODS)), ("--levels", self.levels, LEVELS)):
            for name in given:
                if name not in known:
                    raise InputError(option, repr(name), f"one of {', '.join(known)}")
            if len(set(given)) < len(given) or not given:
                raise InputError(option, repr(",".join(given)), "at least one name, and each once")
        if "owen" in self.methods:
            raise InputError("--methods", "'owen'", "--levels owen, which values users in their coalitions")
        if self.budget < 1:
            raise InputError("--budget", self.budget, "at least 1 group")


def of_run(
    path: str | Path, asked: Asked, store: str | Path | None = "default", watch: Watch | None = None
) -> dict[str, People]:
    """The people of a run folder, as each of its tasks values them."""
    users = folders.read_tables(path)["users"]
    return _valued(load(Path(path) / "scenario.yaml"), users, asked, store, watch)


def of_scenario(
    scenario: Scenario, asked: Asked, store: str | Path | None = "default", watch: Watch | None = None
) -> dict[str, People]:
    """The people of a scenario, which is run first, as each of its tasks values them."""
    if watch:
        watch("running the scenario")
    return _valued(scenario, run(scenario, store=store).users, asked, store, watch)


def _valued(
    scenario: Scenario, users: pd.DataFrame, asked: Asked, store: str | Path | None, watch: Watch | None
) -> dict[str, People]:
    world, found = scenario.build(), {}
    kind = next(name for name, settings in TASKS.items() if type(world.task) is settings)
    first = kind if kind not in [other.name for other in world.other_tasks] else "task"
    with threadpool_limits(1), ScoreStore(store_path(store)) as scores:
        lines = lines_of(world, scores, Counts())
        coalition = _coalitions(users, lines[0].task)
        group = _groups(world, lines, coalition)
        for line in lines:
            counts = line.retrainer.counts = Counts()
            if watch:
                line.retrainer.watch = lambda counts: watch(f"{counts.done} trained, {counts.remembered} remembered")
            here = _Here(line, asked, coalition, group)
            claims = tuple(claim for method in asked.methods for claim in here.claims(method))
            found[line.name or first] = _people(world, here, claims, counts)
    return found


def _people(world: World, here: "_Here", claims: tuple[Claims, ...], counts: Counts) -> People:
    kept, task = here.kept, here.task
    known = {"coalition": [label or "in none" for label in here.coalition[kept]]}
    known |= {} if here.line.index else _attributes(world, here.people)
    facts = (
        ("Task", task.label),
        ("Where values come from", _basis(task, here.asked)),
        ("People", f"{kept.sum():,} of {len(kept):,} contributors, those with training records"),
        ("Data seed; training seeds", f"{world.task.data_seed}; {', '.join(map(str, here.line.retrainer.seeds))}"),
        ("Trainings", f"{counts.done:,} done, {counts.remembered:,} remembered"),
    )
    return People(claims, attributes={name: tuple(given) for name, given in known.items()}, facts=facts)


def _basis(task: Task, asked: Asked) -> str:
    own = [name for name in asked.methods if METHODS[name] in RETRAIN_NOTHING]
    scores = "a formula, not retraining" if task.formula else "retraining"
    words = [scores] if len(own) < len(asked.methods) or {"owen"} & set(asked.levels) else []
    return "; ".join([*words, *(f"{name} from a model of its own, not retraining" for name in own)])


@dataclass
class _Here:
    """A task with the people of a run: values its groups and its users."""

    line: Line
    asked: Asked
    coalition: NDArray[np.object_]
    """Each contributor's coalition after the run; empty for none."""
    group: NDArray[np.object_]
    """The group by which each contributor is valued, where groups are; the same by every task."""

    def __post_init__(self) -> None:
        self.task = self.line.task
        self.kept = self.task.records > 0
        self.everyone = Holdings.everyone(len(self.task.contributors))
        self.scale = self.line.scale()
        if not self.scale.measures:
            found = "a model with everybody's data that is no better than one with nobody's"
            raise InputError(self.task.label, found, "a task in which data are worth something")
        self.people = tuple(np.array(self.task.contributors, dtype=object)[self.kept])
        self.held = self.task.records[self.kept].astype(float)

    def claims(self, method: str) -> list[Claims]:
        """What people can be paid by, at every level asked for."""
        levels = self.asked.levels
        own = self._users(method) if {"user", "value"} & set(levels) else None
        found = []
        if {"equal", "records", "value"} & set(levels):
            family, group = self._groups()
            values = self._value(family, method)
            for inside in ("equal", "records", "value"):
                if inside in levels:
                    mine = own if inside == "value" else None
                    found.append(Claims(self.people, values, self.held, group, inside, mine))
        if "user" in levels:
            assert own is not None
            found.append(Claims(self.people, own, self.held))
        if "owen" in levels and method == self.asked.methods[0]:  # has no other method inside it
            found.append(Claims(self.people, self._users("owen"), self.held))
        return found

    def _users(self, method: str) -> Values:
        labels = [name if kept else None for name, kept in zip(self.task.contributors, self.kept, strict=True)]
        order = {name: place for place, name in enumerate(self.people)}
        family = Family.holders([[label] if label is not None else [] for label in labels])
        values = self._value(family, method)
        return values.ordered(sorted(range(len(values)), key=lambda k: order[values.players[k]]))

    def _groups(self) -> tuple[Family, NDArray[np.int64]]:
        """The groups of those with records here, and each kept person's place among them."""
        family = Family.by_label([label if kept else None for label, kept in zip(self.group, self.kept, strict=True)])
        place = {name: k for k, name in enumerate(family.names)}
        return family, np.array([place[label] for label in self.group[self.kept]], dtype=np.int64)

    def _value(self, family: Family, method: str) -> Values:
        settings: dict[str, Any] = {}
        names = {field.name for field in fields(METHODS[method])}
        if "budget" in names:
            settings["budget"] = self.asked.budget
        if method == "owen":
            own = dict(zip(self.task.contributors, self.coalition, strict=True))
            settings["unions"] = {name: own[name] or f"{name} alone" for name in family.names}
        key = zlib.crc32(repr((self.asked.seed, "dividends", method)).encode())
        built = METHODS[method](**settings)
        return value_groups(self.line.retrainer, self.everyone, family, self.scale, built, key)


def _groups(world: World, lines: Sequence[Line], coalition: NDArray[np.object_]) -> NDArray[np.object_]:
    """Coalitions, and bands of people in none by their number of records of all tasks."""
    labels, records = coalition.copy(), np.sum([line.task.records for line in lines], axis=0)
    outside = np.flatnonzero((labels == "") & (records > 0))
    ranked, bands = outside[np.lexsort((outside, records[outside]))], world.valuation.outsider_groups
    for number, band in enumerate(np.array_split(ranked, bands), start=1):
        labels[band] = f"others, band {number} of {bands} by records"
    return labels


def _coalitions(users: pd.DataFrame, task: Task) -> NDArray[np.object_]:
    """Each contributor's coalition; empty for none."""
    first = users[users["replicate"] == 0]
    known = dict(zip(first["user"], first["coalition"], strict=True))
    missing = [name for name in task.contributors if name not in known]
    if missing:
        raise InputError("users", f"no row of the contributor {missing[0]!r}", "the table of a run of this scenario")
    return np.array([known[name] or "" for name in task.contributors], dtype=object)


def _attributes(world: World, names: Sequence[str]) -> dict[str, list[str]]:
    """Gender, age and occupation where the data set has them."""
    data = getattr(world.task, "data", "")
    if data not in attributes.PEOPLE:
        return {}
    table = attributes.people(data).set_index("user").reindex(list(names))
    return {column: table[column].fillna("unknown").tolist() for column in ("gender", "age", "occupation")}
