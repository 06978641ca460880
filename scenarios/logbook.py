"""Logbook: collects what each round left, writes it down now and then, and closes with a manifest and a report."""

import platform
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from ..agents.model import CoalitionModel
from ..ml_tasks import identity
from ..ml_tasks.retrainer import Counts
from . import folder as folders
from .files import text_of
from .observer import Tables, basis_of, frame
from .schema import Scenario
from .tables import TABLES
from .versions import versions

_WRITE_EVERY = 2.0  # seconds between two writings of the tables while a run goes on


@dataclass(frozen=True)
class Result:
    """The tables of a run as pandas frames (see `tables.py` for every column), and its manifest."""

    scenario: Scenario
    manifest: dict[str, Any]
    firms: pd.DataFrame
    leverage: pd.DataFrame
    coalitions: pd.DataFrame
    votes: pd.DataFrame
    users: pd.DataFrame
    dividends: pd.DataFrame
    society: pd.DataFrame
    folder: Path | None = None

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        return {name: getattr(self, name) for name in TABLES}


@dataclass(frozen=True)
class Played:
    """What one round of one replicate left."""

    replicate: int
    rows: Tables
    users: pd.DataFrame
    counts: Counts


@dataclass
class Logbook:
    """Collects rows, writes them now and then, and closes with a manifest and a report."""

    scenario: Scenario
    replicates: int
    model: CoalitionModel
    folder: Path | None
    rows: Tables = field(default_factory=lambda: {name: [] for name in TABLES})
    users: dict[int, pd.DataFrame] = field(default_factory=dict)
    rounds: dict[int, int] = field(default_factory=dict)
    counts: dict[int, Counts] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    _written: float = 0.0

    def __post_init__(self) -> None:
        if self.folder:
            folders.write(self.folder / "scenario.yaml", text_of(self.scenario.resolved()).encode())
            folders.write_codebook(self.folder)
            self._write(finished=False)

    def add(self, played: Played) -> None:
        for name, rows in played.rows.items():
            self.rows[name] += rows
        self.users[played.replicate] = played.users
        self.rounds[played.replicate] = self.rounds.get(played.replicate, 0) + 1
        self.counts[played.replicate] = played.counts
        if self.folder and time.monotonic() - self._written > _WRITE_EVERY:
            self._write(finished=False)

    def close(self, finished: bool) -> Result:
        tables, manifest = self._tables(), self._manifest(finished)
        if self.folder:
            self._write(finished)
            if self.rounds:
                from .reports.page import write_report

                write_report(self.folder)
        return Result(self.scenario, manifest, **tables, folder=self.folder)

    def _write(self, finished: bool) -> None:
        assert self.folder
        folders.write_tables(self.folder, self._tables())
        folders.write_manifest(self.folder, self._manifest(finished))
        self._written = time.monotonic()

    def _tables(self) -> dict[str, pd.DataFrame]:
        users = [self.users[replicate] for replicate in sorted(self.users)]
        rows = {**self.rows, "users": pd.concat(users, ignore_index=True) if users else []}
        return {name: frame(name, rows[name]) for name in TABLES}

    def _manifest(self, finished: bool) -> dict[str, Any]:
        world = self.model.world
        total = [sum(getattr(c, name) for c in self.counts.values()) for name in ("asked", "done", "remembered")]
        return {
            "scenario": self.scenario.model_dump()["name"],
            "description": self.scenario.model_dump()["description"],
            "finished": finished,
            "replicates": self.replicates,
            "rounds": world.rounds,
            "rounds_done": {str(replicate): n for replicate, n in sorted(self.rounds.items())},
            "task": self.model.label,
            "basis": basis_of(self.model),
            "contributors": self.model.population.contributors,
            "users": self.model.population.n,
            "seeds": {
                "seed": world.seed,
                "replicate_seeds": [world.seed + r for r in range(self.replicates)],
                "data_seed": world.task.data_seed,
                "train_seeds": list(world.task.train_seeds),
            },
            "interval": "over behaviour, given this split and these training seeds",
            "reference_levels": "baseline and best are fixed before round 1, for each metric and view",
            "trainings": dict(zip(("asked", "done", "remembered"), total, strict=True)),
            "seconds": round(time.monotonic() - self.began, 2),
            "started": self.started,
            "versions": versions(),
            "hardware": {"processor": identity.cpu(), "system": platform.system(), "trained_on": "CPU"},
        }
