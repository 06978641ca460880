"""Sweep: many runs of one scenario, played by an engine and written down one by one; the same call goes on."""

import shutil
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...ml_tasks.settings import InputError
from ...ml_tasks.store import store_path
from ..files import validated
from ..workers import libraries_of, refuse_unguarded
from .engines import Engine, engine
from .folder import SweepFolder
from .playing import DIED, Common, Row, folder_of_notes, of_the_machine, play
from .result import SweepResult
from .runs import Planned, planned
from .words import duration

_TRIES = 3
"""Times that a run is given out again beside others when workers die, before it is played alone to see if it is it."""
_ALONE = 2
"""Times that it is then played alone before its worker's death is put down to it."""


@dataclass(frozen=True)
class Standing:
    """How far a sweep is."""

    done: int
    failed: int
    remaining: int
    trainings_done: int
    """In this session."""
    trainings_remembered: int
    seconds_left: float
    """At the pace of this session; nan before a run has finished."""

    def __str__(self) -> str:
        left = "" if self.seconds_left != self.seconds_left else f"; about {duration(self.seconds_left)} left"
        return (
            f"runs: {self.done:,} done, {self.failed:,} failed, {self.remaining:,} remaining; "
            f"trainings: {self.trainings_done:,} done, {self.trainings_remembered:,} remembered{left}"
        )


def sweep(
    named: str | Path,
    *,
    engine: str = "processes",
    workers: int | None = None,
    scheduler: str | None = None,
    store: str | Path | None = "default",
    out: str | Path | None = None,
    retry: bool = False,
    watch: Callable[[Standing], None] | None = None,
) -> SweepResult:
    """Carry out a sweep file, or what is left of it, and return its results; they lie in `out`, or sweeps/NAME.

    engine: serial, processes or dask; workers: as many as processors if None; scheduler: the address of a Dask
    cluster. store: as for `run`, shared by all workers of a computer. retry: play failed runs again. Raises InputError
    for what a person got wrong, before anything is run, and for a disk that is full; what was finished is kept.
    """
    refuse_unguarded()
    plan = planned(named)
    chosen = _engine(plan, engine, workers, scheduler)
    try:
        with SweepFolder(Path(out) if out is not None else Path("sweeps") / plan.sweep.name, plan) as folder:
            if retry:
                folder.retry()
            _Session(plan, chosen, folder, _common(plan, store), watch).carry_out()
    except OSError as error:
        if fault := of_the_machine(error):
            raise InputError("--out", fault, "room for it: the same command goes on from here") from None
        raise
    return SweepResult(folder.path)


def _engine(plan: Planned, name: str, workers: int | None, scheduler: str | None) -> Engine:
    chosen = engine(name, workers, scheduler)
    if plan.sweep.time_limit is not None and not chosen.ends_runs:
        raise InputError("--engine", f"{name}, with a time_limit", "processes or dask, whose workers can be ended")
    return chosen


def _common(plan: Planned, store: str | Path | None) -> Common:
    path = store_path(store)
    # A cluster's workers have a cache of their own; a path of this computer goes by its whole name.
    shared = None if path is None else "default" if store == "default" else str(path.absolute())
    limit, session = plan.sweep.time_limit, uuid.uuid4().hex
    return Common(plan.scenario, plan.sweep.outputs, plan.sweep.tables, shared, limit, session)


@dataclass
class _Session:
    """From the call to its end; a sweep that was stopped has several."""

    plan: Planned
    engine: Engine
    folder: SweepFolder
    common: Common
    watch: Callable[[Standing], None] | None
    again: deque[int] = field(default_factory=deque)
    """Runs whose worker died under them or beside them."""
    deaths: Counter[int] = field(default_factory=Counter)
    played: int = 0
    trainings: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    def carry_out(self) -> None:
        libraries = libraries_of(validated(self.plan.scenario, self.plan.where).build())
        try:
            finished = False
            while not finished:
                with self.engine.open(libraries) as executor:
                    finished = self._play(executor)
        finally:
            shutil.rmtree(folder_of_notes(self.common.session), ignore_errors=True)

    def _play(self, executor: Executor) -> bool:
        """Give out runs and write down what comes back; False if the executor broke and another one is needed."""
        flying: dict[Future[Row], int] = {}
        whole = True
        while whole or flying:
            while whole and (number := self._next(flying)) is not None:
                try:
                    flying[self._submit(executor, number)] = number
                except BrokenExecutor:
                    self.again.append(number)
                    whole = False
            if not flying:
                return whole
            done, _ = wait(flying, return_when=FIRST_COMPLETED)
            for future in done:
                whole &= self._take(future, flying.pop(future), alone=not flying and len(done) == 1)
        return False

    def _submit(self, executor: Executor, number: int) -> "Future[Row]":
        return executor.submit(play, self.common, number, self.plan.changes(self.plan[number]))

    def _next(self, flying: Mapping[Any, int]) -> int | None:
        """The next run to give out, or None: enough are out, none is called for now, or one has to be alone."""
        if any(self.deaths[number] >= _TRIES for number in flying.values()):
            return None
        for _ in range(len(self.again)):
            number = self.again.popleft()
            if not flying or (self.deaths[number] < _TRIES and len(flying) < 2 * self.engine.workers):
                return number
            self.again.append(number)
        return self.folder.calls.next() if len(flying) < 2 * self.engine.workers else None

    def _take(self, future: "Future[Row]", number: int, alone: bool) -> bool:
        """Write down what a run left; False if its executor is broken."""
        try:
            row = future.result()
        except BrokenExecutor:
            self._died(number, alone)
            return False
        except CancelledError:
            expected = "one that runs: the same command goes on from here"
            raise InputError("--scheduler", "a scheduler that is gone", expected) from None
        except Exception as error:
            if type(error).__name__ != "KilledWorker":  # Dask's word for a run under which several workers died
                raise
            self._died(number, alone)
            return True
        self._write(row)
        return True

    def _died(self, number: int, alone: bool) -> None:
        self.deaths[number] += 1
        if alone and self.deaths[number] >= _TRIES + _ALONE:
            words = "its worker process ended: it was killed, ran out of memory, or crashed"
            self._write(Row(number, DIED, {name: float("nan") for name in self.plan.sweep.outputs}, words))
        else:
            self.again.append(number)

    def _write(self, row: Row) -> None:
        self.played += 1
        self.trainings.update(done=row.trainings[1], remembered=row.trainings[2])
        self.folder.add(row)
        if self.watch:
            self.watch(self.standing())

    def standing(self) -> Standing:
        runs = self.folder.counts()
        pace = (time.monotonic() - self.began) / self.played if self.played else float("nan")
        trainings = (self.trainings["done"], self.trainings["remembered"])
        return Standing(runs["done"], runs["failed"], runs["remaining"], *trainings, pace * runs["remaining"])
