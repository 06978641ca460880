"""Run: a scenario in, tables out."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from ..agents.model import CoalitionModel
from ..ml_tasks.folders import cache_folder
from ..ml_tasks.retrainer import Counts
from ..ml_tasks.settings import InputError
from ..ml_tasks.store import ScoreStore
from . import folder as folders
from .files import changed, load, validated
from .logbook import Logbook, Played, Result
from .observer import observe, users_of
from .schema import Scenario


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
    _refuse_unguarded()
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


def store_path(store: str | Path | None) -> Path | None:
    """Where the score store is: a path, "default" for the user's cache, None or "none" for nowhere."""
    if store is None or store == "none":
        return None
    return cache_folder() / "scores.sqlite" if store == "default" else Path(store)


def _play(
    scenario: Scenario, first: CoalitionModel, replicates: int, path: Path | None, workers: int,
    progress: Callable[[Progress], None] | None,
) -> Iterator[Played]:  # fmt: skip
    if workers == 1 or replicates == 1:
        for replicate in range(replicates):
            model = first if replicate == 0 else _model(scenario, replicate, first.store)
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
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        except BrokenProcessPool:
            raise InputError("workers", "a worker process that ended at once", _GUARD) from None


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


_GUARD = 'a script that calls run() under `if __name__ == "__main__":`, since each worker process imports it anew'


def _refuse_unguarded() -> None:
    """A worker process imports the script that started it: a bare call to run there would start it all over."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise InputError("run()", "a call made while a worker process was starting", _GUARD)
