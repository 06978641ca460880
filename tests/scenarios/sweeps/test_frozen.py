"""Frozen plans: what is written down, what counts as the same plan, and when a report may say confirmatory."""

import json
import re

import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.cli import app
from datacoalition.scenarios.sweeps.analysis.report import analysis
from datacoalition.scenarios.sweeps.frozen import freeze
from datacoalition.scenarios.sweeps.sweep import sweep
from typer.testing import CliRunner

from .test_contrasts import SCENARIO
from .test_contrasts import SWEEP as THREE

SWEEP = THREE.replace("replicates: 4", "replicates: 2").replace("[0, 1, 2]", "[0, 1, 2, 3, 4]")


def written(here, text=SWEEP, scenario=SCENARIO):
    (here / "formula.yaml").write_text(scenario)
    (here / "sweep.yaml").write_text(text)
    return here / "sweep.yaml"


def analysed(file):
    return analysis(sweep(file, engine="serial", store=None, out=file.parent / "out").folder)


def words(study):
    return dict(study.facts)["Evidence"]


def test_run_as_frozen_is_confirmatory_for_primary_outputs(tmp_path):
    file = written(tmp_path)
    done = CliRunner().invoke(app, ["freeze", str(file)])
    assert done.exit_code == 0, done.output
    held = json.loads((tmp_path / "sweep.yaml.frozen.json").read_text())
    assert held["hash"] in done.output.replace("\n", "")
    assert held["primary"] == ["score"]
    assert held["seeds"] == {"seed": 0, "data_seeds": [0, 1, 2, 3, 4], "replicates": 2}
    file.write_text(SWEEP + "description: words change nothing\n")
    study = analysed(file)
    assert words(study).startswith(f"confirmatory for score: frozen at {held['frozen']} (hash {held['hash'][:16]})")
    table = study.tables["contrasts"].frame
    assert set(table.loc[table["role"] == "primary", "evidence"]) == {"confirmatory"}
    assert set(table.loc[table["role"] == "other", "evidence"]) == {"exploratory"}
    assert study.manifest["confirmatory"] is True


@pytest.mark.parametrize(
    ("text", "scenario", "change"),
    [
        (SWEEP.replace("primary: [score]", "primary: [strikes]"), SCENARIO, "primary was .*score.*, is .*strikes"),
        (SWEEP.replace("3, 4]", "3, 5]"), SCENARIO, "data_seeds was .*, is "),
        (SWEEP.replace("chance: lot", "chance: dictator"), SCENARIO, "arms.chance.* was .*lot.*, is .*dictator"),
        (SWEEP, SCENARIO.replace("rounds: 3", "rounds: 2"), "scenario.rounds was 3, is 2"),
    ],
)
def test_a_plan_that_was_changed_is_exploratory_and_says_what(tmp_path, text, scenario, change):
    freeze(written(tmp_path))
    study = analysed(written(tmp_path, text, scenario))
    assert re.search(f"^exploratory: the plan frozen at .* was changed before it was run: .*{change}", words(study))
    assert set(study.tables["contrasts"].frame["evidence"]) == {"exploratory"}


def test_what_is_frozen_after_the_first_run_or_not_at_all_is_exploratory(tmp_path):
    file = written(tmp_path)
    assert words(analysed(file)) == "exploratory: no plan was frozen before the first run"
    freeze(file)
    assert words(analysed(file)) == "exploratory: no plan was frozen before the first run"


def test_an_unfinished_sweep_and_an_edited_manifest_are_exploratory(tmp_path):
    file = written(tmp_path)
    freeze(file)
    assert words(analysed(file)).startswith("confirmatory")
    path = tmp_path / "out" / "manifest.json"
    whole = json.loads(path.read_text())
    path.write_text(json.dumps({**whole, "runs": {"done": 50, "failed": 0, "remaining": 10}}))
    assert words(analysis(tmp_path / "out")).endswith("10 runs are still to come")
    path.write_text(json.dumps({**whole, "sweep": {**whole["sweep"], "primary": ["members"]}}))
    assert "not those of the plan" in words(analysis(tmp_path / "out"))


def test_a_frozen_plan_stays(tmp_path):
    file = written(tmp_path)
    path = freeze(file)
    before = path.read_text()
    assert freeze(file).read_text() == before
    with pytest.raises(InputError, match=r"frozen at .*: replicates was 2, is 3; expected the plan as it was frozen"):
        freeze(written(tmp_path, SWEEP.replace("replicates: 2", "replicates: 3")))
    assert path.read_text() == before
    path.write_text(before.replace('"replicates": 2', '"replicates": 9'))
    with pytest.raises(InputError, match="a plan that is not that of its hash"):
        freeze(written(tmp_path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SWEEP.replace("primary: [score]\n", ""), "primary: found none; expected at least one output"),
        (SWEEP.replace(", 3, 4]", ", 3]"), "data_seeds: found 4 splits; expected at least 5, as a frozen comparison"),
    ],
)
def test_too_little_to_freeze_is_refused(tmp_path, text, expected):
    with pytest.raises(InputError, match=expected):
        freeze(written(tmp_path, text))
    with pytest.raises(InputError, match="a sweep of the library"):
        freeze("quorum-by-threshold")
