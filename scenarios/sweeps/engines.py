"""Engines: who plays the runs. `ENGINES` lists them.

An engine opens a `concurrent.futures.Executor`, and opens another one if it breaks. Results are the same with all.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...ml_tasks.settings import InputError
from ..workers import Workers


class Engine(Protocol):
    """A context that gives an executor; `workers` play at a time."""

    @property
    def workers(self) -> int: ...

    @property
    def ends_runs(self) -> bool:
        """Whether a run that outlasts its time limit can be ended."""

    def open(self, libraries: Iterable[str]) -> AbstractContextManager[Executor]:
        """libraries: what trainings import besides, which workers started here have ready."""


class _AtOnce(Executor):
    """Plays in this process, when asked."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@dataclass(frozen=True)
class Serial:
    """This process alone, one run after the other."""

    workers: int = 1
    ends_runs = False

    def open(self, libraries: Iterable[str]) -> AbstractContextManager[Executor]:
        return _AtOnce()


@dataclass(frozen=True)
class Processes:
    """Worker processes on this computer."""

    workers: int
    ends_runs = True

    def open(self, libraries: Iterable[str]) -> AbstractContextManager[Executor]:
        return Workers(self.workers, libraries)


@dataclass(frozen=True)
class Dask:
    """The workers of a Dask cluster: one that runs, by its scheduler's address, or else one made on this computer."""

    workers: int
    scheduler: str = ""
    ends_runs = True
    _stack: ExitStack = field(default_factory=ExitStack, compare=False)

    def open(self, libraries: Iterable[str]) -> AbstractContextManager[Executor]:
        return _Cluster(self)


class _Cluster(AbstractContextManager[Executor]):
    def __init__(self, engine: Dask) -> None:
        self.engine, self.stack = engine, ExitStack()

    def __enter__(self) -> Executor:
        distributed = _distributed()
        if not self.engine.scheduler:
            local = distributed.LocalCluster(
                n_workers=self.engine.workers,
                threads_per_worker=1,
                dashboard_address=None,
                silence_logs=50,
                death_timeout="60s",
            )
            address = self.stack.enter_context(local)
        else:
            address = self.engine.scheduler
        try:
            client = self.stack.enter_context(distributed.Client(address, timeout="30s", set_as_default=False))
        except OSError as error:
            raise InputError("--scheduler", f"{address} ({error})", "the address of a Dask scheduler") from None
        if any(threads > 1 for threads in client.nthreads().values()):
            raise InputError("--scheduler", "workers of several threads", "workers started with --nthreads 1")
        executor: Executor = client.get_executor(pure=False, retries=0)
        return executor

    def __exit__(self, *error: object) -> None:
        self.stack.close()


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise InputError("--engine", "dask, without the package distributed", "datacoalition[cluster]") from None
    return distributed


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def engine(name: str, workers: int | None, scheduler: str | None) -> Engine:
    """An engine by name. Raises InputError."""
    if name not in ENGINES:
        raise InputError("--engine", repr(name), f"one of {', '.join(ENGINES)}")
    if workers is not None and workers < 1:
        raise InputError("--workers", workers, "a number of at least 1")
    if scheduler and name != "dask":
        raise InputError("--scheduler", f"an address, with the engine {name}", "--engine dask")
    return ENGINES[name](workers, scheduler or "")


ENGINES: Mapping[str, Callable[[int | None, str], Engine]] = {
    "serial": lambda workers, scheduler: Serial(),
    "processes": lambda workers, scheduler: Processes(workers or cores()),
    "dask": lambda workers, scheduler: Dask(workers or cores(), scheduler),
}
