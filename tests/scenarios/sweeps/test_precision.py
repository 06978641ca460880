"""Precision: replicates are added until an interval is narrow enough, to the same end however the sweep went on."""

import math
import os
import signal

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.sweeps.analysis.report import analysis
from datacoalition.scenarios.sweeps.command import checked
from datacoalition.scenarios.sweeps.precision import Precision, half_width
from datacoalition.scenarios.sweeps.sweep import sweep
from datacoalition.scenarios.sweeps.sweep_file import read_sweep
from scipy import stats

from .test_contrasts import SCENARIO
from .test_faults import finished, started, wait_for

SWEEP = """
name: exact
scenario: formula.yaml
vary:
  users.threshold.mean: [0.05, 0.1]
  users.compliance.mean: [0.3, 0.6, 1.0]
arms:
  vote:
  chance: lot
replicates: 5
data_seeds: [0, 1]
precision: {output: score, half_width: 0.012, max_replicates: 30}
outputs:
  score: {table: firms, column: score, where: {firm: big, view: holdout, audience: everyone}, reduced: mean}
"""


def written(here, text=SWEEP):
    (here / "formula.yaml").write_text(SCENARIO)
    (here / "sweep.yaml").write_text(text)
    return here / "sweep.yaml"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    here = tmp_path_factory.mktemp("precise")
    return sweep(written(here), engine="serial", store=None, out=here / "out")


def widths(runs, point, replicates):
    """The half width of each arm's interval over seeds, splits averaged, with scipy."""
    part = runs[(runs["point"] == point) & (runs["replicate"] < replicates)]
    found = []
    for _, arm in part.groupby("arm"):
        values = arm.groupby("replicate")["score"].mean()
        low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
        found.append((high - low) / 2)
    return found


def test_every_point_stops_at_the_first_look_that_is_narrow_enough(undisturbed):
    runs, ends = undisturbed.runs, []
    for point, part in runs.groupby("point"):
        per_arm = part.groupby(["arm", "data_seed"])["replicate"].agg(["count", "max"])
        assert per_arm["count"].nunique() == 1  # pairs stay
        end = int(per_arm["count"].iloc[0])
        assert set(per_arm["max"]) == {end - 1}
        looks = [5, 10, 20, 30]
        ends.append(end)
        for look in looks[: looks.index(end)]:
            assert max(widths(runs, point, look)) > 0.012
        assert end == 30 or max(widths(runs, point, end)) <= 0.012
    assert len(set(ends)) > 1  # some points need more than others
    assert undisturbed.manifest["runs"] == {"done": sum(ends) * 4, "failed": 0, "remaining": 0}
    assert undisturbed.manifest["finished"]


def test_processes_and_kills_come_to_the_same_end(tmp_path, undisturbed):
    written(tmp_path)
    for runs in (8, 70):
        process = started(tmp_path, "--workers", "2", "--store", "none")
        wait_for(tmp_path, runs)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    result = finished(tmp_path, "--workers", "2")
    assert result.manifest["digest"] == undisturbed.manifest["digest"]
    assert result.manifest["runs"] == undisturbed.manifest["runs"]


def test_failed_runs_played_again_take_what_followed_from_them_with_them(tmp_path, undisturbed):
    """As if they had never failed, although for want of them their point called for more."""
    file = written(tmp_path)
    result = sweep(file, engine="serial", store=None, out=tmp_path / "out")
    counts = result.runs.groupby("point")["run"].count()
    least = result.runs[result.runs["point"] == counts.idxmin()]
    _fail(result, least.loc[least["replicate"].isin([0, 1, 2]), "run"].tolist())
    without = sweep(file, engine="serial", store=None, out=tmp_path / "out")
    assert len(without.runs) > len(undisturbed.runs)
    again = sweep(file, engine="serial", store=None, out=tmp_path / "out", retry=True)
    assert again.manifest["digest"] == undisturbed.manifest["digest"]
    assert list(again.runs["run"]) == list(undisturbed.runs["run"])


def _fail(result, numbers):
    """Write rows as if these runs had failed."""
    import pandas as pd

    for part in (result.folder / "parts").glob("*.parquet"):
        rows = pd.read_parquet(part)
        lost = rows["run"].isin(numbers)
        rows.loc[lost, "status"], rows.loc[lost, "score"] = "failed", math.nan
        rows.to_parquet(part, index=False)


def test_the_report_says_what_was_reached_and_counts_no_point_for_more(undisturbed):
    runs, study = undisturbed.runs, analysis(undisturbed.folder)
    table = study.tables["precision"].frame
    for (point, arm), found in table.groupby(["point", "arm"]):
        part = runs[(runs["point"] == point) & (runs["arm"] == arm)]
        known = widths(part, point, 30)[0]
        assert found["replicates"].tolist() == [part["replicate"].nunique()]
        assert found["half_width"].tolist() == pytest.approx([known])
        assert found["reached"].tolist() == ["yes" if known <= 0.012 else "no"]
    least = int(table["replicates"].min())
    assert study.tables["contrasts"].frame["pairs"].tolist() == [6 * 2 * least]
    assert study.tables["analysis"].frame["runs"].tolist() == [6 * 2 * 2 * least]
    assert any(f"uses the {least} replicates that all of them have" in note for note in study.notes)


def test_half_width_is_student_s():
    values = [1.0, 2.0, 4.0, 8.0]
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert half_width(values) == pytest.approx((high - low) / 2)
    assert half_width([1.0]) == math.inf


def test_an_arm_without_the_output_is_not_waited_for():
    wanted = Precision("x", 0.1, 10)
    wide, flat, never = [[0.0], [1.0], [2.0]], [[1.0], [1.0], [1.0]], [[math.nan]] * 3
    assert not wanted.narrow([flat, wide])
    assert wanted.narrow([flat, never])
    assert not wanted.narrow([[[math.nan, 1.0], [math.nan, 1.0], [1.0, 1.0]]])  # one whole replicate is no interval
    assert list(wanted.batches(3)) == [3, 6, 10]
    assert list(wanted.batches(10)) == [10]


def test_check_says_the_least_and_the_most(tmp_path):
    assert "From 120 to 720 runs (6 points x 2 arms x 2 splits x 5 to 30 replicates)" in checked(str(written(tmp_path)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("output: score", "output: gap"), r"precision\.output: found 'gap'; expected of the outputs score"),
        (("replicates: 5", "replicates: 2"), r"replicates: found 2; expected from 5, with precision, to its .* of 30"),
        (("half_width: 0.012", "half_width: 0"), r"precision\.half_width: found 0"),
        (("max_replicates: 30", "max_replicates: 4"), r"replicates: found 5; expected from 5"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, change, words):
    with pytest.raises(InputError, match=words):
        read_sweep(written(tmp_path, SWEEP.replace(*change)))
