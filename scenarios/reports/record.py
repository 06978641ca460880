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
    def lines(self) -> dict[str, list[str]]:
        """The firms of each task, by its name; the world's own task, first, has none."""
        once = self.firms.drop_duplicates("firm")
        return {str(task): [str(name) for name in own] for task, own in once.groupby("task", sort=False)["firm"]}

    @cached_property
    def metrics(self) -> dict[str, str]:
        """The default metric of each firm's task, which comes first in every table."""
        once = self.firms.drop_duplicates("firm")
        return dict(zip(once["firm"], once["metric"], strict=True))

    @cached_property
    def measured(self) -> pd.DataFrame:
        """Leverage, each target's in the default metric of its task; `coalition` has what people who acted alone are
        called, where there were any."""
        found = self.leverage[self.leverage["metric"] == self.leverage["target"].map(self.metrics)]
        if not self.scattered:
            return found
        named = found["coalition"].where(found["coalition"] != "", found["target"].map(self.scattered))
        return found.assign(coalition=named.fillna(""))

    @cached_property
    def scattered(self) -> dict[str, str]:
        """What people in no coalition who acted by themselves are called, by the firm against which they act; empty if
        nobody did."""
        if not self.society["alone"].sum() > 0:
            return {}
        targets = _names(self.leverage.loc[self.leverage["coalition"] == "", "target"])
        return {target: "on their own" + (f", at {target}" if len(targets) > 1 else "") for target in targets}

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
        actors = [*self.coalition_names, *self.scattered.values()]
        return looks([*firms, *(("coalition", name) for name in actors)])

    @property
    def formula(self) -> bool:
        bases = {self.manifest.get("basis"), *self.firms["basis"].unique(), *self.leverage["basis"].unique()}
        return FORMULA in bases

    def level(self, firm: str, name: str, view: str) -> float:
        """The fixed `baseline` or `best` of a view in the default metric of a firm's task; nan where nobody acts in
        that."""
        rivals = next((own for own in self.lines.values() if firm in own), [])
        there = (self.measured["view"] == view) & self.measured["target"].isin(rivals)
        found = self.measured.loc[there, name].dropna()
        return float(found.iloc[0]) if len(found) else math.nan

    def lower_is_better(self, firm: str) -> bool:
        """Whether it is, in the default metric of a firm's task."""
        gap = self.level(firm, "best", "holdout") - self.level(firm, "baseline", "holdout")
        return gap < 0 if math.isfinite(gap) and gap else self.metrics[firm] in _LOWER

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
