"""Worker processes: how they begin and end, for runs and sweeps alike.

Where the system allows it, workers are forked from one process that has imported everything and done nothing else, so
that imports, seconds each, are paid once; elsewhere each imports for itself. Either way a worker gets names and seeds,
never live objects.
"""

import multiprocessing
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from pathlib import Path

from ..agents.world import World
from ..ml_tasks.settings import InputError

_EVERYTHING = tuple(
    f"datacoalition.{name}" for name in ("agents.model", "scenarios.observer", "scenarios.sweeps.playing")
)
GUARD = 'a script that calls run() under `if __name__ == "__main__":`, since each worker process imports it anew'


def refuse_unguarded() -> None:
    """A worker process imports the script that started it: a bare call to run there would start it all over."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise InputError("run()", "a call made while a worker process was starting", GUARD)


def libraries_of(world: World) -> tuple[str, ...]:
    """What the trainings of a world import, for workers to have ready."""
    return tuple(sorted({library for task in world.tasks for library in task.libraries}))


class Workers(ProcessPoolExecutor):
    """A pool of processes on this computer, which ends at once, whatever its workers are at.

    libraries: what trainings import besides, for workers to have ready.
    """

    def __init__(self, workers: int, libraries: Iterable[str] = ()) -> None:
        main = sys.modules["__main__"]
        if getattr(main, "__file__", "") == "<stdin>":
            del main.__file__  # a script that was piped in: a worker would look for a file of that name
        context = _context((*_EVERYTHING, *libraries))
        super().__init__(workers, mp_context=context, initializer=_begin, initargs=(dict(os.environ),))

    def __exit__(self, *error: object) -> None:
        workers = list((self._processes or {}).values())
        self.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.join()


def _context(modules: Iterable[str]) -> BaseContext:
    # macOS knows the method, too, but its own libraries do not survive a fork.
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(modules))
    with _environment(_findable()):
        forkserver.ensure_running()
    return context


def _findable() -> dict[str, str]:
    """What has a new process find this very package, and not first another one in the folder where it is started."""
    home, given = str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")
    reached = any(os.path.realpath(path) == home for path in sys.path)
    return {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join([home] * reached + [given] * bool(given))}


@contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _begin(environment: Mapping[str, str]) -> None:
    """Take on the environment of the process that asked for this worker, and end when it does, however it ended."""
    os.environ.clear()
    os.environ.update(environment)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()
