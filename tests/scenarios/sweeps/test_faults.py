"""Nothing lost: real kills of real processes, a full disk, runs that raise or hang; the same digest every time."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.sweeps.result import SweepResult
from datacoalition.scenarios.sweeps.sweep import sweep

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 and resource limits are POSIX")
SCENARIO = """
name: formula
rounds: 2
task: {kind: power_law, records: 60}
firms: [{name: big, response: refuse}, {name: small, data: 0.1, served: 0.1}]
coalitions:
  - name: us
    charter: {options: [{kind: strike, target: big}]}
"""
SWEEP = """
name: tiny
scenario: formula.yaml
vary:
  users.threshold.mean: {from: 0.02, to: 0.2, count: 12}
  coalitions.0.charter.rule: [majority, {kind: supermajority, share: 0.7}]
replicates: 5
outputs:
  gap: {table: leverage, column: gap_closed, where: {view: holdout}}
  members: {table: coalitions, column: members, reduced: max}
  struck: {table: coalitions, column: lever, equals: strike, reduced: mean}
"""
HANGS = """
import sys, time
from datacoalition.ml_tasks.power_law import PowerLawTask
plain = PowerLawTask.train
def train(self, holdings, seed):
    if self.settings.exponent == 0.2:
        {what}
    return plain(self, holdings, seed)
PowerLawTask.train = train
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> str:
    here = tmp_path_factory.mktemp("undisturbed")
    return sweep(written(here), engine="serial", store=None, out=here / "out").manifest["digest"]


def written(here: Path, text: str = SWEEP) -> Path:
    (here / "formula.yaml").write_text(SCENARIO)
    (here / "sweep.yaml").write_text(text)
    return here / "sweep.yaml"


def started(here: Path, *words: str, limit: str = "", path: Path | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "datacoalition.scenarios.cli", "sweep", "sweep.yaml", "--out", "out", *words]
    shell = f"{limit} exec " + " ".join(command)
    search = os.pathsep.join(str(p) for p in (path, os.environ.get("PYTHONPATH")) if p)
    environment = {**os.environ, **({"PYTHONPATH": search} if search else {})}
    return subprocess.Popen(
        ["sh", "-c", shell], cwd=here, text=True, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finished(here: Path, *words: str, code: int = 0, **more) -> SweepResult:
    process = started(here, *words, "--store", "none", **more)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == code, errors
    assert "Traceback" not in errors
    return SweepResult(here / "out")


def wait_for(here: Path, runs: int) -> None:
    for _ in range(12000):  # two minutes: the first time, kernels are compiled
        if known(here) >= runs:
            return
        time.sleep(0.01)
    raise AssertionError("the sweep never got so far")


def known(here: Path) -> int:
    """At least how many runs are on disk."""
    parts = len(list((here / "out" / "parts").glob("part-*.parquet")))
    return parts * 100 + (0 if parts else len(list((here / "out" / "runs").glob("*.json"))))


def workers_of(driver: int) -> list[int]:
    """They are forked from a process that the driver started for that."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    fork = [(int(row[0]), int(row[1])) for row in rows if "forkserver" in row[2]]
    servers = [pid for pid, parent in fork if parent == driver]
    return [pid for pid, parent in fork if parent in servers]


def a_worker_of(process: subprocess.Popen[str]) -> int:
    for _ in range(2400):
        assert process.poll() is None, process.communicate()
        if workers := workers_of(process.pid):
            return workers[0]
        time.sleep(0.05)
    raise AssertionError("the sweep has no workers")


def whole(result: SweepResult) -> str:
    """The digest of a sweep that is complete, each run once."""
    assert result.manifest["runs"]["remaining"] == 0
    numbers = sum((json.loads(f.read_text())["run"] for f in (result.folder / "runs").glob("*.json")), 0)
    assert numbers == 0  # all are in parts
    assert list(result.runs["run"]) == list(range(len(result.runs)))
    return result.manifest["digest"]


def test_any_engine_and_any_number_of_workers_give_the_same(tmp_path, undisturbed):
    one = sweep(written(tmp_path), engine="processes", workers=1, store=None, out=tmp_path / "one")
    three = sweep(written(tmp_path), engine="processes", workers=3, store=None, out=tmp_path / "three")
    assert whole(one) == whole(three) == undisturbed


def test_a_driver_killed_three_times(tmp_path, undisturbed):
    written(tmp_path)
    for runs in (7, 60, 100):
        process = started(tmp_path, "--workers", "2", "--store", "none")
        wait_for(tmp_path, runs)
        time.sleep(0.2)
        workers = workers_of(process.pid)
        process.kill()
        process.communicate()
        time.sleep(0.5)
        for worker in workers:  # nobody's workers end by themselves
            for _ in range(2400):
                if not Path(f"/proc/{worker}").exists() or "Z" in Path(f"/proc/{worker}/stat").read_text().split()[2]:
                    break
                time.sleep(0.1)
            else:
                raise AssertionError("a worker outlived its driver")
    assert whole(finished(tmp_path, "--workers", "2")) == undisturbed


def test_a_worker_killed(tmp_path, undisturbed):
    written(tmp_path)
    process = started(tmp_path, "--workers", "2", "--store", "none")
    for runs in (5, 40):
        wait_for(tmp_path, runs)
        os.kill(a_worker_of(process), signal.SIGKILL)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert whole(SweepResult(tmp_path / "out")) == undisturbed


@pytest.mark.parametrize("already", [0, 5])
def test_a_full_disk(tmp_path, undisturbed, already):
    """At the start, and once runs were written down: what then fits no more is bigger than a run."""
    written(tmp_path)
    if already:
        process = started(tmp_path, "--engine", "serial", "--store", "none")
        wait_for(tmp_path, already)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    process = started(tmp_path, "--engine", "serial", "--store", "none", limit="ulimit -f 8;")
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 2, errors
    assert "File too large" in errors
    assert "Traceback" not in errors
    assert known(tmp_path) >= already
    assert whole(finished(tmp_path, "--engine", "serial")) == undisturbed


def test_a_run_that_raises_is_a_row(tmp_path):
    text = SWEEP.replace("  users.threshold.mean: {from: 0.02, to: 0.2, count: 12}", "  task.exponent: [0.1, 0.2]")
    written(tmp_path, text)
    (tmp_path / "sitecustomize.py").write_text(HANGS.format(what='raise RuntimeError("no luck")'))
    result = finished(tmp_path, "--workers", "2", path=tmp_path)
    assert result.manifest["runs"] == {"done": 10, "failed": 10, "remaining": 0}
    assert set(result.failures["error"]) == {"RuntimeError: no luck"}
    assert result.failures["traceback"].str.contains("sitecustomize").all()
    assert set(result.failures["task.exponent"]) == {0.2}
    assert whole(finished(tmp_path, "--workers", "1", path=tmp_path)) == whole(result)
    again = finished(tmp_path, "--retry", "--workers", "1")
    assert again.manifest["runs"] == {"done": 20, "failed": 0, "remaining": 0}
    assert whole(again) != ""


def test_a_run_that_hangs_is_ended_and_the_others_are_not_lost(tmp_path):
    text = SWEEP.replace("  users.threshold.mean: {from: 0.02, to: 0.2, count: 12}", "  task.exponent: [0.1, 0.2]")
    written(tmp_path, text.replace("replicates: 5", "replicates: 2\ntime_limit: 8"))
    (tmp_path / "sitecustomize.py").write_text(HANGS.format(what="time.sleep(1000)"))
    result = finished(tmp_path, "--workers", "2", path=tmp_path)
    assert result.manifest["runs"] == {"done": 4, "failed": 4, "remaining": 0}
    assert set(result.failures["status"]) == {"timed out"}
    assert result.failures["traceback"].str.contains("in train").all()
    with pytest.raises(InputError, match="--engine"):
        sweep(tmp_path / "sweep.yaml", engine="serial", store=None, out=tmp_path / "out")


def test_an_edited_file_is_refused_with_what_changed(tmp_path):
    file = written(tmp_path, SWEEP.replace("count: 12", "count: 2"))
    sweep(file, engine="serial", store=None, out=tmp_path / "out")
    file.write_text(SWEEP.replace("count: 12", "count: 3"))
    with pytest.raises(InputError, match=r"vary\.users\.threshold\.mean\.count was 2, is 3"):
        sweep(file, engine="serial", store=None, out=tmp_path / "out")
    written(tmp_path, SWEEP.replace("count: 12", "count: 2"))
    (tmp_path / "formula.yaml").write_text(SCENARIO.replace("rounds: 2", "rounds: 3"))
    with pytest.raises(InputError, match=r"scenario\.rounds was 2, is 3"):
        sweep(file, engine="serial", store=None, out=tmp_path / "out")


def test_a_crash_in_the_middle_of_compaction(tmp_path, undisturbed):
    file = written(tmp_path)
    result = sweep(file, engine="serial", store=None, out=tmp_path / "out")
    row = result.runs.iloc[3].to_dict()
    plain = {key: value.item() if hasattr(value, "item") else value for key, value in row.items()}
    (result.folder / "runs" / "0000003.json").write_text(json.dumps(plain))  # in a part, but not yet taken away
    (result.folder / "parts" / ".part-00002.parquet.part").write_bytes(b"half")
    assert whole(sweep(file, engine="serial", store=None, out=tmp_path / "out")) == undisturbed
    assert not list((result.folder / "parts").glob(".*"))


def test_what_a_worker_finds_wrong_in_the_file_is_said_as_such(tmp_path):
    """Not taken for the death of a worker: both views of the metric are one row too many."""
    text = SWEEP.replace(", where: {view: holdout}", "")
    with pytest.raises(InputError, match=r"outputs\.gap: found 2 rows of leverage in one round"):
        sweep(written(tmp_path, text), engine="processes", workers=2, store=None, out=tmp_path / "out")
