"""Outputs: one number a run, read off its result tables. `REDUCTIONS` lists how rounds become one number.

An output names a table and a column of it (`codebook.csv` explains them all), the rows that count, and how what the
rounds gave is reduced. Rounds in which the column is undefined are left out; where none is left, so is the output.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.settings import Checked, InputError
from ..tables import TABLES, Column

Floats = NDArray[np.float64]
Rows = Sequence[Mapping[str, Any]]
_BY_NAME = ("replicate", "round", "basis")
"""Columns that tell nothing of what happened."""


class Reduction(Protocol):
    """Rounds (n,) and the column's values in them (n,) -> one number; at least one round, all values finite."""

    def __call__(self, rounds: Floats, values: Floats) -> float: ...


@dataclass(frozen=True)
class Last:
    """The value in the last round."""

    def __call__(self, rounds: Floats, values: Floats) -> float:
        return float(values[-1])


@dataclass(frozen=True)
class Mean:
    """The mean over rounds."""

    def __call__(self, rounds: Floats, values: Floats) -> float:
        return float(values.mean())


@dataclass(frozen=True)
class Max:
    """The highest value of any round."""

    def __call__(self, rounds: Floats, values: Floats) -> float:
        return float(values.max())


@dataclass(frozen=True)
class Min:
    """The lowest value of any round."""

    def __call__(self, rounds: Floats, values: Floats) -> float:
        return float(values.min())


@dataclass(frozen=True)
class Total:
    """The sum over rounds."""

    def __call__(self, rounds: Floats, values: Floats) -> float:
        return float(values.sum())


@dataclass(frozen=True)
class Area:
    """The area under the values over rounds, by trapezoids; 0 with a single round."""

    def __call__(self, rounds: Floats, values: Floats) -> float:
        return float(np.trapezoid(values, rounds))


@dataclass(frozen=True)
class FirstAbove(Checked):
    """The first round in which the value is above a level; empty if it never is."""

    level: float
    """What the value has to exceed."""

    def __call__(self, rounds: Floats, values: Floats) -> float:
        above = np.flatnonzero(values > self.level)
        return float(rounds[above[0]]) if len(above) else math.nan


REDUCTIONS: Mapping[str, type[Reduction]] = {
    "last": Last,
    "mean": Mean,
    "max": Max,
    "min": Min,
    "total": Total,
    "area": Area,
    "first_above": FirstAbove,
}


@dataclass(frozen=True)
class Output(Checked):
    """A number of each run."""

    table: str
    """A result table, such as leverage or coalitions."""
    column: str
    """A column of it."""
    where: Mapping[str, Any] = field(default_factory=dict)
    """Only rows with these values count, such as {view: holdout, coalition: us}."""
    equals: str = ""
    """Of a column of words: 1 where the word is this, else 0."""
    across: Literal["", "mean", "sum", "max", "min"] = ""
    """How several rows of one round become one; empty: there is to be one row a round."""
    reduced: Reduction = field(default_factory=Last)
    """How rounds become one number."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.table not in TABLES:
            raise InputError("table", repr(self.table), f"one of {', '.join(TABLES)}")
        columns = {column.name: column for column in TABLES[self.table]}
        for where, name in (("column", self.column), *((f"where.{name}", name) for name in self.where)):
            if name not in columns:
                raise InputError(where, repr(name), f"a column of {self.table}: {', '.join(columns)}")
        self._check_words(columns[self.column])

    def _check_words(self, column: Column) -> None:
        if column.dtype == "str" and (not self.equals or column.name in _BY_NAME):
            raise InputError(
                "column", f"{self.column!r}, a column of words", "numbers; or `equals`, a word to look for"
            )
        if column.dtype != "str" and self.equals:
            raise InputError("equals", repr(self.equals), f"nothing, as {self.column!r} has no words")

    def __call__(self, rows: Rows) -> float:
        """The number, from a run's rows of the table; nan where no row counts or none is defined.

        Raises InputError if several rows of one round count and `across` does not say what becomes of them.
        """
        series: dict[float, list[float]] = {}
        for row in rows:
            if all(_same(row[name], value) for name, value in self.where.items()):
                series.setdefault(float(row.get("round", 0)), []).append(self._number(row[self.column]))
        for found in series.values():
            if len(found) > 1 and not self.across:
                raise InputError("", f"{len(found)} rows of {self.table} in one round", self._remedy(rows))
        rounds, values = np.array(list(series)), np.array([self._one(found) for found in series.values()])
        known = np.isfinite(values)
        return float(self.reduced(rounds[known], values[known])) if known.any() else math.nan

    def _number(self, value: Any) -> float:
        if self.equals:
            return float(value == self.equals)
        return math.nan if value is None else float(value)

    def _one(self, found: list[float]) -> float:
        known = [value for value in found if math.isfinite(value)]
        if len(known) < 2 or not self.across:
            return known[0] if known else math.nan
        if self.across in ("max", "min"):
            return max(known) if self.across == "max" else min(known)
        return math.fsum(known) / (len(known) if self.across == "mean" else 1)

    def _remedy(self, rows: Rows) -> str:
        """Which columns tell the rows apart."""
        words = [column.name for column in TABLES[self.table] if column.dtype == "str"]
        apart = {name: sorted({str(row[name]) for row in rows}) for name in words if name not in _BY_NAME}
        told = [f"{name} ({', '.join(values)})" for name, values in apart.items() if 1 < len(values) <= 6]
        return f"one: a `where` for {' or '.join(told) or 'what tells them apart'}, or an `across`"


def _same(found: Any, wanted: Any) -> bool:
    return bool(found == wanted)
