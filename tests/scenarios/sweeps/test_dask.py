"""A sweep on a Dask cluster of real processes on this computer: the same digest, also after kill -9."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.sweeps.result import SweepResult
from datacoalition.scenarios.sweeps.sweep import sweep

from .test_faults import finished, started, undisturbed, wait_for, whole, written  # noqa: F401

pytest.importorskip("distributed", reason="the package distributed is not installed: datacoalition[cluster]")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")


@contextmanager
def dask(here: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Dask, ended in the end."""
    log = (here / f"{words[0]}.log").open("ab")
    process = subprocess.Popen([sys.executable, "-m", "dask", *words], cwd=here, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        log.close()


@contextmanager
def cluster(here: Path, threads: int = 1) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers: its address, and the workers."""
    with ExitStack() as stack:
        file = here / "scheduler.json"
        words = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
        stack.enter_context(dask(here, "scheduler", *words))
        for _ in range(1200):
            if file.exists() and file.stat().st_size:
                break
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        more = ("--nthreads", str(threads), "--no-nanny", "--no-dashboard", "--death-timeout", "60")
        yield address, [stack.enter_context(dask(here, "worker", address, *more)) for _ in range(2)]


def test_a_local_cluster_gives_the_same(tmp_path, undisturbed):  # noqa: F811
    result = finished(written(tmp_path).parent, "--engine", "dask", "--workers", "2")
    assert whole(result) == undisturbed


def test_a_dask_worker_killed(tmp_path, undisturbed):  # noqa: F811
    written(tmp_path)
    with cluster(tmp_path) as (address, workers):
        process = started(tmp_path, "--engine", "dask", "--scheduler", address, "--store", "none")
        wait_for(tmp_path, 20)
        assert process.poll() is None
        workers[0].send_signal(signal.SIGKILL)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        assert workers[1].poll() is None
    assert whole(SweepResult(tmp_path / "out")) == undisturbed


def test_a_driver_of_a_dask_cluster_killed(tmp_path, undisturbed):  # noqa: F811
    """The cluster outlives it, and serves the one that goes on."""
    written(tmp_path)
    with cluster(tmp_path) as (address, _):
        process = started(tmp_path, "--engine", "dask", "--scheduler", address, "--store", "none")
        wait_for(tmp_path, 20)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        before = SweepResult(tmp_path / "out").runs
        assert 20 <= len(before) < 120
        result = finished(tmp_path, "--engine", "dask", "--scheduler", address)
    assert whole(result) == undisturbed
    kept = result.runs.set_index("run").loc[before["run"], "seconds"]
    assert list(kept) == list(before["seconds"])  # what was finished was not played again


def test_workers_of_several_threads_are_refused(tmp_path):
    with cluster(tmp_path, threads=2) as (address, workers):
        del workers
        for _ in range(600):
            if "registered" in (tmp_path / "worker.log").read_text().lower():
                break
            time.sleep(0.1)
        with pytest.raises(InputError, match="several threads"):
            sweep(written(tmp_path), engine="dask", scheduler=address, store=None, out=tmp_path / "out")
