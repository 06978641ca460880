"""Run a command and tell what it took, with all processes that it started, also those that outlive it. Linux only."""

import ctypes
import os
import resource
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Took:
    """What a command printed and took; `others` are the processes that it did not wait for itself."""

    printed: str
    wall: float
    """Seconds from its start to its own end."""
    cpu: float
    """Seconds of all processes."""
    others_cpu: float
    others_memory: float
    """The most that any of the others had, MB."""


def took(command: Sequence[str], here: Path) -> Took:
    """Run it in a folder, with one thread a process. Workers of a pool may have been started by a process between,
    which ends after the command: whoever ends as an orphan is waited for and counted."""
    if ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise SystemExit("this system cannot tell what processes took that outlive their parent")
    before, began = _cpu(), time.monotonic()
    environment = {**os.environ, **dict.fromkeys(_THREADS, "1")}
    done = subprocess.run(command, cwd=here, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    wall, own = time.monotonic() - began, _cpu()
    memory = 0.0
    try:
        while True:
            memory = max(memory, os.wait4(-1, 0)[2].ru_maxrss / 1024)
    except ChildProcessError:
        return Took(done.stdout, wall, _cpu() - before, _cpu() - own, memory)


def _cpu() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime
