"""A sweep of 1,000 short runs, its driver killed three times at random moments: nothing lost, nothing played twice."""

import random
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from datacoalition.scenarios.sweeps.result import SweepResult
from datacoalition.scenarios.sweeps.sweep import sweep

from .test_faults import started, whole

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
KILLS, WORKERS, RUNS = 3, 2, 1000
SCENARIO = """
name: formula
rounds: 1
task: {kind: power_law, records: 60}
firms: [{name: big, response: refuse}]
coalitions: [{name: us, charter: {options: [{kind: strike, target: big}]}}]
"""
SWEEP = """
name: short
scenario: formula.yaml
vary: {users.threshold.mean: {from: 0.02, to: 0.2, count: 10}}
replicates: 100
outputs: {members: {table: coalitions, column: members}}
"""
NOTES_EVERY_RUN = """
import json, os
from datacoalition.scenarios.sweeps import playing
plain = playing._played
def _played(common, changes):
    held = os.open("played.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(held, (json.dumps(changes) + "\\n").encode())
    os.close(held)
    return plain(common, changes)
playing._played = _played
"""


def played(here: Path) -> list[str]:
    """What was begun in any session, a line for each run."""
    return (here / "played.txt").read_text().splitlines() if (here / "played.txt").exists() else []


def killed(here: Path, after: float) -> None:
    """Go on with the sweep, and kill its driver so many seconds after this session's first run began."""
    before = len(played(here))
    process = started(here, "--workers", str(WORKERS), "--store", "none", path=here)
    for _ in range(12000):
        if len(played(here)) > before:
            break
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    time.sleep(after)
    assert process.poll() is None, "it was finished before it could be killed"
    process.kill()
    process.communicate()


def test_three_kills_at_random_moments(tmp_path):
    (tmp_path / "formula.yaml").write_text(SCENARIO)
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    (tmp_path / "sitecustomize.py").write_text(NOTES_EVERY_RUN)
    moments = random.Random(6)
    for _ in range(KILLS):
        killed(tmp_path, moments.uniform(0, 4))
    process = started(tmp_path, "--workers", str(WORKERS), "--store", "none", path=tmp_path)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    result = SweepResult(tmp_path / "out")
    assert result.manifest["runs"] == {"done": RUNS, "failed": 0, "remaining": 0}
    assert len(result.manifest["sessions"]) == KILLS + 1
    begun = Counter(played(tmp_path))
    assert len(begun) == RUNS
    assert begun.total() <= RUNS + KILLS * 2 * WORKERS  # a driver gives out twice as many as there are workers
    undisturbed = sweep(tmp_path / "sweep.yaml", engine="serial", store=None, out=tmp_path / "undisturbed")
    assert whole(result) == whole(undisturbed)
