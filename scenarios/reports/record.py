"""Record: a run folder as the report sees it, and the few facts that every section asks for."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ..folder import read_manifest, read_tables
from ..tables import TABLES
from .palette import Look, looks

WHOSE = {
    "holdout": "everybody, on the hidden test set",
    "company": "each firm's own contributors (company view)",
}
SHORTLY = {"holdout": "everybody (holdout)", "company": "own contributors (company view)"}
FORMULA = "formula, not retraining"
_LOWER = {"rmse", "loss", "mae"}


@dataclass(frozen=True)
class Record:
    """Manifest and tables of one run."""

    manifest: dict[str, Any]
    firms: pd.DataFrame
    leverage: pd.DataFrame
    coalitions: pd.DataFrame
    votes: pd.DataFrame
    users: pd.DataFrame
    dividends: pd.DataFrame
    society: pd.DataFrame

    @cached_property
    def replicates(self) -> list[int]:
        """Those with at least one finished round."""
        return sorted(int(r) for r in self.firms["replicate"].unique())

    @property
    def many(self) -> bool:
        return len(self.replicates) > 1

    @cached_property
    def rounds(self) -> int:
        """The last finished round of any replicate."""
        return int(self.firms["round"].max()) if len(self.firms) else 0

    @cached_property
    def metric(self) -> str:
        """The task's default metric, which comes first in every table."""
        for table in (self.leverage, self.firms):
            if len(table):
                return str(table["metric"].iloc[0])
        return ""

    @property
    def measured(self) -> pd.DataFrame:
        """Leverage in the default metric."""
        return self.leverage[self.leverage["metric"] == self.metric]

    @cached_property
    def coalition_names(self) -> list[str]:
        return _names(self.coalitions["coalition"])

    @cached_property
    def firm_names(self) -> list[str]:
        return _names([*self.firms["firm"], *self.leverage["target"], *self.leverage["rival"]])

    @cached_property
    def looks(self) -> dict[tuple[str, str], Look]:
        """A look for every firm and coalition, the same in all charts; a firm may bear a coalition's name."""
        firms = [("firm", name) for name in self.firm_names]
        return looks([*firms, *(("coalition", name) for name in self.coalition_names)])

    @property
    def formula(self) -> bool:
        bases = {self.manifest.get("basis"), *self.firms["basis"].unique(), *self.leverage["basis"].unique()}
        return FORMULA in bases

    def level(self, name: str, view: str) -> float:
        """The fixed `baseline` or `best` of a view in the default metric."""
        found = self.measured.loc[self.measured["view"] == view, name].dropna()
        return float(found.iloc[0]) if len(found) else math.nan

    @property
    def lower_is_better(self) -> bool:
        gap = self.level("best", "holdout") - self.level("baseline", "holdout")
        return gap < 0 if math.isfinite(gap) and gap else self.metric in _LOWER

    @property
    def train_seeds(self) -> int:
        """How many trainings a score is the mean of."""
        if len(self.leverage):
            return int(self.leverage["seeds"].iloc[0])
        return len(self.manifest.get("seeds", {}).get("train_seeds", []))


def read(folder: str | Path) -> Record:
    """The record of a run folder. Raises InputError if the manifest or a table is missing or damaged."""
    tables = read_tables(folder)
    for name, frame in tables.items():
        for column in TABLES[name]:
            if column.dtype == "str" and column.name in frame:
                frame[column.name] = frame[column.name].astype("object").fillna("")
    return Record(read_manifest(folder), **tables)


def _names(column: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(column) if name]
