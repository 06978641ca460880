"""Sweep files: a scenario, what varies in it, and what is measured; read with care and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ...ml_tasks.settings import Checked, Count, InputError, Positive, PositiveCount
from ..files import explained, library, parsed, source
from ..tables import TABLES
from .arms import NULLS
from .designs import Design, Grid
from .outputs import FirstAbove, Output
from .precision import FEWEST, Precision
from .variations import Variation

if TYPE_CHECKING:
    from ..schema import Section


@dataclass(frozen=True)
class Sweep(Checked):
    """Everything a sweep is, but for its scenario's settings; frozen, and made of frozen parts."""

    name: str
    """Names the folder, so letters, digits, spaces, dots and dashes."""
    scenario: str
    """A scenario of the library, or a YAML file, by its path from the sweep file."""
    outputs: Mapping[str, Output]
    """What is kept of each run: one number for each name."""
    description: str = ""
    """What the sweep is about, in a sentence for people."""
    set: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the scenario that are otherwise in all runs, by dotted path; `*` in it is every one of a list."""
    vary: Mapping[str, Variation] = field(default_factory=dict)
    """Settings that vary, by dotted path: a list, a range or a distribution for each."""
    design: Design = field(default_factory=Grid)
    """At which points the scenario is run."""
    arms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Institutions that are compared at every point, on the same seeds: for each name settings by dotted path, or the
    name of a null institution (`no_coalition`, `lot`, `dictator`, `oracle`, `each_alone`: of every coalition). The
    first is what the others are compared with."""
    contrasts: Literal["first", "all"] = "first"
    """Which arms are compared: every one with the first, or every two."""
    primary: tuple[str, ...] = ()
    """The outputs that the question is about, named beforehand; the others are told apart from them."""
    replicates: PositiveCount = 1
    """Runs of every point and arm, with the behaviour seeds seed, seed + 1, ... of the scenario."""
    precision: Precision | None = None
    """How exactly an output is to be known: adds replicates to every point at which it is not; empty: none."""
    data_seeds: tuple[Count, ...] = ()
    """Splits of the data that every point, arm and replicate is run with; none: the scenario's own."""
    tables: tuple[str, ...] = ()
    """Result tables that are kept whole, for every run."""
    time_limit: Positive | None = None
    """Seconds after which a run is ended and counted as failed; empty: none."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not re.fullmatch(r"\w[\w .-]{0,79}", self.name):
            raise InputError("name", repr(self.name), "letters, digits, spaces, dots and dashes, at most 80")
        if not self.outputs:
            raise InputError("outputs", "none", "at least one named output")
        if len(set(self.data_seeds)) < len(self.data_seeds):
            raise InputError("data_seeds", list(self.data_seeds), "every seed once")
        for table in self.tables:
            if table not in TABLES:
                raise InputError("tables", repr(table), f"of {', '.join(TABLES)}")
        self._check_names()
        for name in self.primary:
            self._check_amount("primary", name)
        if self.precision:
            self._check_amount("precision.output", self.precision.output)
            if not FEWEST <= self.replicates <= self.precision.max_replicates:
                expected = f"from {FEWEST}, with precision, to its max_replicates of {self.precision.max_replicates}"
                raise InputError("replicates", self.replicates, expected)

    def _check_amount(self, where: str, name: str) -> None:
        """Raise InputError unless an output has this name and a mean of it says something."""
        amounts = [name for name, output in self.outputs.items() if not isinstance(output.reduced, FirstAbove)]
        if name not in amounts:
            found = f"{name!r}, a round that may never come" if name in self.outputs else repr(name)
            raise InputError(where, found, f"of the outputs {', '.join(amounts) or 'one that is an amount'}")

    def _check_names(self) -> None:
        """Outputs, settings and what a run is known by are columns of one table."""
        for where, names in (("outputs", self.outputs), ("arms", self.arms)):
            for name in names:
                if not re.fullmatch(r"[^\W\d]\w*" if where == "outputs" else r"\w[\w .-]*", name):
                    raise InputError(f"{where}.{name}", repr(name), "a word of letters, digits and underscores")
        for name in self.outputs:
            if name in RUN_COLUMNS or name in self.vary:
                raise InputError(f"outputs.{name}", f"{name!r}, a column that every run has", "another name")
        points = getattr(self.design, "points", ())
        for path in (path for settings in (self.set, self.vary, *self.arms.values(), *points) for path in settings):
            if path in ("seed", "task.data_seed", "name"):
                raise InputError(path, "a setting that a sweep sets itself", "replicates or data_seeds")


RUN_COLUMNS = (
    "run", "point", "arm", "data_seed", "replicate", "seed", "status", "error", "traceback", "seconds",
    "trainings_asked", "trainings_done", "trainings_remembered", "host",
)  # fmt: skip
"""Columns that every run has, beside its settings and outputs."""


@cache
def sweep_section() -> "type[Section]":
    """The schema of sweep files."""
    from ..schema import section

    return section(Sweep)


def names_sweep(named: str) -> bool:
    """Whether what a person named is a sweep and not a scenario."""
    if Path(named).is_file():
        data = parsed(*reversed(source(named)))
        return "scenario" in data and "task" not in data
    return named in library("library/sweeps")


def read_sweep(named: str | Path) -> tuple[Sweep, dict[str, Any]]:
    """A sweep by its name in the library or from a YAML file: as settings, and as plain data with every default.

    Raises InputError naming the field, what was found and what was expected.
    """
    where, text = source(named, "sweep")
    return checked(parsed(text, where), where)


def checked(data: Mapping[str, Any], where: str) -> tuple[Sweep, dict[str, Any]]:
    """Plain data as a sweep, and with every default. Raises InputError."""
    from pydantic import ValidationError

    try:
        plain = _spelled_out(dict(data))
    except InputError as error:
        raise error.within(where) from None
    try:
        described = sweep_section().model_validate(plain)
        sweep: Sweep = described.build()
    except ValidationError as error:
        raise _as_written(explained(error, plain), plain).within(where) from None
    except InputError as error:
        raise _as_written(error, plain).within(where) from None
    return sweep, described.model_dump(mode="json")


def _spelled_out(data: dict[str, Any]) -> dict[str, Any]:
    """The short forms of a file as the schema has them: lists, ranges, and arms known by name."""
    if isinstance(vary := data.get("vary"), dict):
        data["vary"] = {path: _variation(value) for path, value in vary.items()}
    if isinstance(arms := data.get("arms"), dict):
        data["arms"] = {name: _arm(name, value) for name, value in arms.items()}
    return data


def _arm(name: str, value: Any) -> Any:
    if isinstance(value, str) and value not in NULLS:
        raise InputError(f"arms.{name}", repr(value), f"settings by dotted path, or one of {', '.join(NULLS)}")
    return NULLS[value] if isinstance(value, str) else {} if value is None else value


def _variation(value: Any) -> Any:
    if isinstance(value, list):
        return {"kind": "list", "values": value}
    if isinstance(value, dict) and "kind" not in value and ("from" in value or "to" in value):
        names = {"from": "low", "to": "high"}
        return {"kind": "range", **{names.get(key, key): x for key, x in value.items()}}
    return value


def _as_written(error: InputError, data: Mapping[str, Any]) -> InputError:
    """An error in a range by the words of the file."""
    head, _, last = error.where.rpartition(".")
    section, _, path = head.partition(".")
    ranged = section == "vary" and last in ("low", "high") and data["vary"].get(path, {}).get("kind") == "range"
    where = f"{head}.{'from' if last == 'low' else 'to'}" if ranged else error.where
    return InputError(where, error.found, error.expected)
