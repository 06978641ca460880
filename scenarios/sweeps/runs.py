"""Runs: what a sweep runs, numbered, with every point checked before anything is trained."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ...ml_tasks.settings import InputError
from ..files import load, set_path, validated
from .designs import Point
from .sweep_file import Sweep, read_sweep

Changes = Sequence[Mapping[str, Any]]
_NAMED = {"coalition": "coalitions", "firm": "firms", "target": "firms", "rival": "firms"}
"""Columns whose words are names that a scenario gives, and where it gives them."""
_FREE = ("description", "time_limit")
"""Keys of a sweep file that may change between two sessions: they change no result."""


@dataclass(frozen=True)
class Run:
    """One run of a sweep: its place in it, and its seeds."""

    number: int
    point: int
    arm: str
    data_seed: int
    replicate: int
    seed: int


@dataclass(frozen=True)
class Planned:
    """A sweep with its scenario and points."""

    sweep: Sweep
    resolved: Mapping[str, Any]
    """The sweep file with every default, as plain data."""
    scenario: Mapping[str, Any]
    """The resolved scenario, with what the sweep sets in all runs."""
    where: str
    """What to call the sweep in messages."""

    @property
    def identity(self) -> dict[str, Any]:
        """What decides the results, as plain data: it has to stay as it is while a sweep goes on."""
        sweep = {key: value for key, value in self.resolved.items() if key not in _FREE}
        return json.loads(json.dumps({"sweep": sweep, "scenario": self.scenario}))  # type: ignore[no-any-return]

    @cached_property
    def points(self) -> Sequence[Point]:
        try:
            return self.sweep.design(self.sweep.vary)
        except InputError as error:
            raise error.within(self.where) from None

    @property
    def arms(self) -> Sequence[str]:
        return tuple(self.sweep.arms) or ("",)

    @property
    def data_seeds(self) -> Sequence[int]:
        return self.sweep.data_seeds or (int(self.scenario["task"]["data_seed"]),)

    @cached_property
    def paths(self) -> Sequence[str]:
        """Settings that differ from point to point, in the order of the file."""
        return tuple(dict.fromkeys(path for point in self.points for path in point))

    @property
    def replicates(self) -> int:
        """The most that a point may have."""
        precision = self.sweep.precision
        return precision.max_replicates if precision else self.sweep.replicates

    @property
    def width(self) -> int:
        """Runs of each replicate of a point: one for each arm and split."""
        return len(self.arms) * len(self.data_seeds)

    @property
    def least(self) -> int:
        """Runs if no point calls for more replicates."""
        return len(self.points) * self.width * self.sweep.replicates

    def __len__(self) -> int:
        """Runs if all points call for all replicates that they may have."""
        return len(self.points) * self.width * self.replicates

    def number(self, point: int, arm: int, split: int, replicate: int) -> int:
        """The number of a run, from its places."""
        return ((point * len(self.arms) + arm) * len(self.data_seeds) + split) * self.replicates + replicate

    def numbers(self, point: int, first: int, end: int) -> Iterator[int]:
        """The runs of a point's replicates from `first` to before `end`, under all arms and splits.

        Splits take turns: workers who begin together then train on different data, and not twice on the same.
        """
        for arm in range(len(self.arms)):
            for replicate in range(first, end):
                yield from (self.number(point, arm, split, replicate) for split in range(len(self.data_seeds)))

    def __getitem__(self, number: int) -> Run:
        rest, replicate = divmod(number, self.replicates)
        rest, split = divmod(rest, len(self.data_seeds))
        point, arm = divmod(rest, len(self.arms))
        seed = int(self.scenario["seed"]) + replicate
        return Run(number, point, self.arms[arm], self.data_seeds[split], replicate, seed)

    def __iter__(self) -> Iterator[Run]:
        return (self[number] for number in range(len(self)))

    def changes(self, run: Run) -> Changes:
        """What a run changes in the scenario, one thing after the other: its point, its arm, its seeds."""
        arm = self.sweep.arms[run.arm] if run.arm else {}
        return (self.points[run.point], arm, {"seed": run.seed, "task.data_seed": run.data_seed})

    def told(self, run: Run) -> dict[str, Any]:
        """A run's settings as they stand in the results: numbers and words, sections as JSON; None where not set."""
        return {path: plain(self.points[run.point].get(path)) for path in self.paths}

    def check(self, watch: Callable[[int, int], None] | None = None) -> None:
        """Validate every point under every arm. Raises InputError naming the point, the field and what was found."""
        names: dict[str, set[str]] = {"coalitions": set(), "firms": set()}
        step = len(self.data_seeds) * self.replicates
        for i, run in enumerate(self[number] for number in range(0, len(self), step)):
            world = validated(settled(self.scenario, self.changes(run), self._called(run)), self._called(run)).build()
            names["coalitions"].update(coalition.name for coalition in world.coalitions)
            names["firms"].update(firm.name for firm in world.firms)
            if watch:
                watch(i + 1, len(self) // step)
        for name, output in self.sweep.outputs.items():
            for column, wanted in output.where.items():
                known = names.get(_NAMED.get(column, ""))
                if known is not None and wanted not in known | {""}:
                    expected = f"one of {', '.join(sorted(known))}"
                    raise InputError(f"{self.where}: outputs.{name}.where.{column}", repr(wanted), expected)

    def _called(self, run: Run) -> str:
        words = [f"{path} = {value}" for path, value in self.told(run).items()]
        arm = f", arm {run.arm}" if run.arm else ""
        return f"{self.where}: point {run.point}{arm} ({'; '.join(words) or 'as the scenario is'})"


def planned(named: str | Path) -> Planned:
    """Read a sweep file and its scenario. Raises InputError."""
    sweep, resolved = read_sweep(named)
    beside = Path(named).parent / sweep.scenario
    scenario = load(beside if Path(named).is_file() and beside.is_file() else sweep.scenario)
    base = settled(scenario.resolved(), (sweep.set,), f"{named}: set")
    return Planned(sweep, resolved, validated(base, f"{named}: set").resolved(), str(named))


def settled(base: Mapping[str, Any], changes: Changes, where: str) -> dict[str, Any]:
    """A resolved scenario with other settings: whole sections first, then kinds, then what belongs to them.

    A `*` in a path stands for every one of a list. Raises InputError for a path that is not there.
    """
    data = copy.deepcopy(dict(base))
    for several in changes:
        for path in sorted(several, key=lambda path: (path.count("."), not path.endswith("kind"))):
            for place in _places(data, path, where):
                set_path(data, place, copy.deepcopy(several[path]), f"{where}:", new_ok=True)
    return data


def _places(data: Mapping[str, Any], path: str, where: str) -> list[str]:
    """The paths that a path with `*` in it stands for."""
    head, star, rest = path.partition(".*.")
    if not star:
        return [path]
    place: Any = data
    for key in head.split("."):
        listed = isinstance(place, list) and key.isdigit() and int(key) < len(place)
        place = place[int(key)] if listed else place.get(key) if isinstance(place, dict) else None
    if not isinstance(place, list) or not place:
        found = "an empty list" if place == [] else "no list"
        raise InputError(f"{where}: {path}", f"{found} at {head}", "a list with at least one entry where * stands")
    return [each for i in range(len(place)) for each in _places(data, f"{head}.{i}.{rest}", where)]


def plain(value: Any) -> Any:
    """A setting's value for a table: numbers and words as they are, anything else as JSON."""
    if value is None or isinstance(value, str | int | float):
        return value
    return json.dumps(value, sort_keys=True)
