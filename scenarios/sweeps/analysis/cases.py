"""Cases: the runs of a sweep ready to be compared: which settings varied, what was measured, what is independent."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ....ml_tasks.settings import InputError
from ..designs import Explicit, Grid, Morris, Saltelli
from ..frozen import evidence
from ..outputs import FirstAbove
from ..result import SweepResult
from ..runs import Planned
from ..sweep_file import Sweep, checked
from .paired import paired

MOST_LEVELS = 12
"""A number with more values than this is shown by fifths."""
_UNSET = "as the scenario is"


@dataclass(frozen=True)
class Setting:
    """A setting that varied, by its column; `short` is the shortest end of its path that no other has."""

    name: str
    short: str
    numeric: bool
    levels: tuple[Any, ...]
    """Its values in order; none where they are too many to list."""


@dataclass(frozen=True)
class Group:
    """Runs with the same value of a setting, or with values in the same fifth."""

    label: str
    place: float
    """The value, or the middle of the fifth; of words their place in the list."""
    rows: pd.DataFrame


@dataclass(frozen=True)
class Mean:
    """A mean with its 95 % interval over what is independent; both ends are nan where nothing was repeated."""

    n: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Cases:
    """A sweep and its runs."""

    folder: Path
    manifest: dict[str, Any]
    sweep: Sweep
    runs: pd.DataFrame
    """Every run that is written down, failed ones too."""

    @cached_property
    def done(self) -> pd.DataFrame:
        """Runs that finished, of the replicates that all points have."""
        rows = self.even[self.even["status"] == "done"].reset_index(drop=True)
        return rows.assign(block=rows["point"] // self.block)

    @cached_property
    def even(self) -> pd.DataFrame:
        """Runs of the replicates that all points have, so that none counts for more, and none for its luck: with
        `precision` a point has more of them the more they vary."""
        return self.runs[self.runs["replicate"] < self.common] if self.sweep.precision else self.runs

    @cached_property
    def evidence(self) -> tuple[bool, str]:
        """Whether primary outputs are confirmatory, and why, in words."""
        return evidence(self.manifest, Planned(self.sweep, self.manifest["sweep"], self.manifest["scenario"], ""))

    @property
    def common(self) -> int:
        """Replicates that all points have at least."""
        return int(self.runs.groupby("point")["replicate"].max().min()) + 1

    @property
    def block(self) -> int:
        """How many points belong together: a base point and its neighbours, or a path; else 1."""
        design, settings = self.sweep.design, len(self.sweep.vary)
        if isinstance(design, Saltelli):
            return 2 * settings + 2 if design.pairs else settings + 2
        return settings + 1 if isinstance(design, Morris) else 1

    @cached_property
    def outputs(self) -> Sequence[str]:
        """Outputs that are amounts: a mean of them says something."""
        return [name for name, output in self.sweep.outputs.items() if not isinstance(output.reduced, FirstAbove)]

    @cached_property
    def firsts(self) -> Sequence[str]:
        """Outputs that are the first round above a level, empty where that never came."""
        return [name for name in self.sweep.outputs if name not in self.outputs]

    @cached_property
    def settings(self) -> Sequence[Setting]:
        """Settings with at least two values, arms and splits among them."""
        paths = [*self.manifest_paths, *(["arm"] if self.sweep.arms else []), "data_seed"]
        return [s for s in (_setting(self.runs, path, paths) for path in paths) if s is not None]

    @property
    def manifest_paths(self) -> Sequence[str]:
        known = {*self.sweep.vary}
        for point in getattr(self.sweep.design, "points", ()):
            known |= set(point)
        return [column for column in self.runs.columns if column in known]

    @cached_property
    def unit(self) -> str:
        """The column whose values are independent of each other: splits, seeds of behaviour, or points drawn.

        All points share their seeds, so that in a grid the runs with one value of a setting are not independent; and
        the points of one block of a Saltelli or Morris design have most of their values in common.
        """
        if self.block > 1:
            return "block"
        if not isinstance(self.sweep.design, Grid | Explicit):
            return "point"
        return "data_seed" if self.runs["data_seed"].nunique() > 1 else "seed"

    @property
    def over(self) -> str:
        """What intervals are over, in words."""
        blocks = "blocks of the design (a base point with its neighbours, or a path)"
        units = {"block": blocks, "point": "points drawn", "data_seed": "splits of the data"}
        return "seeds of behaviour" if self.unit == "seed" else self.and_seeds(units[self.unit])

    def and_seeds(self, units: str) -> str:
        """What an interval over these units says of the seeds of behaviour, which all units share, in words."""
        seeds = self.even["seed"].nunique()
        if seeds == 1:
            return f"{units}, given the one seed of behaviour"
        add = f"what the {seeds} seeds of behaviour add that they share (two crossed random effects)"
        return f"{units}, and wider by {add}"

    def groups(self, setting: Setting, rows: pd.DataFrame | None = None) -> Iterator[Group]:
        """The runs that finished by a setting's values, or by fifths of them."""
        rows = self.done if rows is None else rows
        column = rows[setting.name]
        if setting.levels:
            for i, level in enumerate(setting.levels):
                part = rows[column.isna() if level is None else column == level]
                if len(part):
                    yield Group(_label(level), float(level) if setting.numeric else float(i), part)
            return
        edges = np.unique(np.quantile(column.dropna(), np.linspace(0, 1, 6)))
        for low, high in pairwise(edges):
            above = column >= low if low == edges[0] else column > low
            part = rows[above & (column <= high)]
            if len(part):
                yield Group(f"{low:.3g} to {high:.3g}", float((low + high) / 2), part)

    def mean(self, rows: pd.DataFrame, output: str) -> Mean:
        """The mean of an output, with its Student-t interval over independent units, and what the seeds that they share
        add to it (`paired`)."""
        known = rows[rows[output].notna()]
        column = 0 if self.unit == "seed" else known["seed"]
        table = known.assign(column=column).groupby([self.unit, "column"])[output].mean().unstack()
        values = table.to_numpy(dtype=np.float64)
        found = paired(values, np.zeros_like(values))
        return Mean(len(known), found.difference, found.low, found.high)

    def by_point(self, output: str) -> pd.Series:
        """Mean over seeds, by point; points of which no run finished are nan."""
        means = self.runs.groupby("point")[output].mean()
        return means.reindex(range(int(self.manifest["points"])))


def read_cases(folder: str | Path) -> Cases:
    """The runs of a sweep's folder. Raises InputError if it is none, or if no run finished."""
    result = SweepResult(Path(folder))
    sweep, _ = checked(result.manifest["sweep"], str(folder))
    found = Cases(Path(folder), result.manifest, sweep, result.runs)
    if found.done.empty:
        raise InputError(str(folder), "no run that finished", "a sweep of which at least one run finished")
    return found


def _setting(runs: pd.DataFrame, path: str, paths: Sequence[str]) -> Setting | None:
    column = runs[path]
    known = column.dropna().unique().tolist()
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    unset: list[Any] = [None] if column.isna().any() else []
    if len(known) + len(unset) < 2:
        return None
    # A point that leaves a setting alone makes it one of words: it has no place among the numbers.
    numeric = numeric and not unset
    few = not numeric or len(known) <= MOST_LEVELS
    levels = tuple([*unset, *(sorted(known) if pd.api.types.is_numeric_dtype(column) else known)] if few else ())
    return Setting(path, _short(path, paths), numeric, levels)


def _short(path: str, paths: Sequence[str]) -> str:
    keys = path.split(".")
    for n in range(2, len(keys)):
        end = keys[-n:]
        if sum(other.split(".")[-n:] == end for other in paths) == 1 and not end[0].isdigit():
            return ".".join(end)
    return path


def _label(level: Any) -> str:
    if isinstance(level, str) and level.startswith('{"'):  # a whole section, as the results keep it
        section = json.loads(level)
        words = (f"{value}" if key == "kind" else f"{key} {value}" for key, value in section.items())
        return ", ".join(words)
    return _UNSET if level is None else f"{level:g}" if isinstance(level, float) else str(level)
