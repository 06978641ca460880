"""Run: a scenario in, tables out."""

from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from ..agents.model import CoalitionModel
from ..ml_tasks.retrainer import Counts
from ..ml_tasks.settings import InputError
from ..ml_tasks.store import ScoreStore, store_path
from . import folder as folders
from .files import changed, load, validated
from .logbook import Logbook, Played, Result
from .observer import observe, users_of
from .schema import Scenario
from .workers import GUARD, Workers, libraries_of, refuse_unguarded


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    replicate: int
    round: int
    rounds: int
    trainings: Counts


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
    refuse_unguarded()
    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    changes = {key: value for key, value in (("rounds", rounds), ("seed", seed)) if value is not None}
    scenario = changed(scenario, **changes) if changes else scenario
    for name, number in (("replicates", replicates), ("workers", workers)):
        if number < 1:
            raise InputError(name, number, "a number of at least 1")
    if out is not None:
        folders.refuse_used(out)
    path = store_path(store)
    with threadpool_limits(1), ScoreStore(path) as scores:
        # Everything that can be wrong with the input is found by building the model, before anything is written.
        first = CoalitionModel(scenario, scores)
        book = Logbook(scenario, replicates, first, folders.claim(out) if out is not None else None)
        try:
            for played in _play(scenario, first, replicates, path, workers, progress):
                book.add(played)
            return book.close(finished=True)
        except BaseException:
            book.close(finished=False)
            raise


def _play(
    scenario: Scenario, first: CoalitionModel, replicates: int, path: Path | None, workers: int,
    progress: Callable[[Progress], None] | None,
) -> Iterator[Played]:  # fmt: skip
    if workers == 1 or replicates == 1:
        for replicate in range(replicates):
            model = first if replicate == 0 else _model(scenario, replicate, first.store)
            yield from _rounds(model, replicate, progress)
        return
    with Workers(min(workers, replicates), libraries_of(scenario.build())) as pool:
        try:
            jobs = [pool.submit(_whole_replicate, scenario.resolved(), r, path) for r in range(replicates)]
            for replicate, job in enumerate(jobs):
                rounds = job.result()
                yield from rounds
                if progress:
                    progress(Progress(replicate, len(rounds), len(rounds), rounds[-1].counts))
        except BrokenProcessPool:
            raise InputError("workers", "a worker process that ended at once", GUARD) from None


def _rounds(model: CoalitionModel, replicate: int, progress: Callable[[Progress], None] | None) -> Iterator[Played]:
    if progress:
        model.watch(lambda counts: progress(Progress(replicate, model.round, model.world.rounds, counts)))
    for _ in range(model.world.rounds):
        model.step()
        yield Played(replicate, observe(model, replicate), users_of(model, replicate), model.counts)
        if progress:
            progress(Progress(replicate, model.round, model.world.rounds, model.counts))


def _whole_replicate(resolved: dict[str, Any], replicate: int, path: Path | None) -> list[Played]:
    """What a worker process does: names and seeds in, rows out."""
    with threadpool_limits(1), ScoreStore(path) as scores:
        return list(_rounds(_model(validated(resolved, "scenario"), replicate, scores), replicate, None))


def _model(scenario: Scenario, replicate: int, store: ScoreStore | None) -> CoalitionModel:
    return CoalitionModel(changed(scenario, seed=scenario.build().seed + replicate), store)
