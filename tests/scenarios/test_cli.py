"""The command line, as a person uses it."""

import subprocess
import sys

import numpy as np
import pytest
from datacoalition.ml_tasks.scores import Outcomes
from datacoalition.ml_tasks.store import ScoreStore
from datacoalition.scenarios.files import parsed, validated

SCENARIO = """
name: formula
rounds: 3
task: {kind: power_law, records: 200}
firms: [{name: big}, {name: small, data: 0.1, served: 0.1}]
coalitions:
  - name: us
    charter: {options: [{kind: strike, target: big}]}
"""


@pytest.fixture
def here(tmp_path):
    (tmp_path / "mine.yaml").write_text(SCENARIO)
    return tmp_path


def call(here, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datacoalition.scenarios.cli", *words]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_run_prints_what_happened_and_leaves_a_folder(here):
    done = call(here, "run", "mine.yaml", "--store", "none")
    assert done.stderr == ""  # no progress bar where output is piped
    assert "formula, not retraining" in done.stdout
    assert "us: " in done.stdout
    assert (here / "runs" / "formula" / "report.html").exists()
    call(here, "run", "mine.yaml", "--store", "none", "--quiet")
    assert (here / "runs" / "formula-2" / "report.html").exists()


def test_quiet_is_quiet(here):
    done = call(
        here, "run", "mine.yaml", "--quiet", "--store", "none", "--replicates", "2", "--rounds", "1", "--seed", "4"
    )
    assert done.stdout == done.stderr == ""


def test_show_can_be_run_again(here):
    shown = call(here, "show", "mine.yaml", "--set", "rounds=7").stdout
    assert validated(parsed(shown, "shown"), "shown").build().rounds == 7


def test_check_says_good_or_what_is_wrong(here):
    assert "good" in call(here, "check", "mine.yaml").stdout
    (here / "bad.yaml").write_text(SCENARIO.replace("power_law", "movielens").replace("records: 200", "data: csv"))
    assert call(here, "check", "bad.yaml", code=2).stderr.startswith("datacoalition: ")


def test_scenarios_lists_the_library(here):
    assert "quickstart" in call(here, "scenarios").stdout


def test_report_and_export(here):
    call(here, "run", "mine.yaml", "--quiet", "--store", "none", "--out", "out")
    (here / "out" / "report.html").unlink()
    call(here, "report", "out")
    assert (here / "out" / "report.html").exists()
    assert "leverage.csv" in call(here, "export", "out", "--format", "csv").stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "nowhere.yaml"), "no such file"),
        (("run", "mine.yaml", "--rounds", "0"), "rounds: found 0"),
        (("run", "mine.yaml", "--set", "x"), "path=value"),
        (("run", "mine.yaml", "--replicates", "0"), "replicates: found 0"),
        (("run", "mine.yaml", "--out", "mine.yaml/out"), "a folder that can be written"),
        (("run", "mine.yaml", "--store", "."), "--store"),
        (("report", "nowhere"), "a table that a run wrote"),
        (("export", "nowhere"), "a table that a run wrote"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_exit_2(here, words, says):
    done = call(here, *words, code=2)
    assert done.stdout == ""
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (here / "runs").exists()


def test_a_damaged_store_is_reported_and_the_run_goes_on(here):
    (here / "scores.sqlite").write_bytes(b"garbage" * 1000)
    (here / "digits.yaml").write_text(
        SCENARIO.replace("{kind: power_law, records: 200}", "{kind: digits, model: {epochs: 1}}")
    )
    done = call(here, "run", "digits.yaml", "--store", "scores.sqlite", "--rounds", "1")
    assert done.stderr.startswith("Note: score store scores.sqlite: is damaged")
    assert (here / "scores.sqlite.set-aside-1").exists()


def test_data_list_and_fetch(here):
    listed = call(here, "data", "list").stdout
    for name in ("embedded", "ml-1m", "pinterest-20", "cifar10", "jigsaw"):
        assert name in listed
    assert "kaggle" in call(here, "data", "fetch", "jigsaw", code=2).stderr or "jigsaw" in listed
    assert "one of" in call(here, "data", "fetch", "netflix", code=2).stderr


def test_store_merge_says_how_many_were_new(here):
    for name, key in (("a.sqlite", "1"), ("b.sqlite", "2")):
        with ScoreStore(here / name) as store:
            store.put(key, Outcomes({"rmse": np.ones((2, 4))}))
    for new in (1, 0):
        said = call(here, "store", "merge", "b.sqlite", "--into", "a.sqlite").stdout
        assert said.splitlines() == [f"b.sqlite: {new} outcomes were new", "a.sqlite: 2 outcomes"]
    assert "a score store" in call(here, "store", "merge", "mine.yaml", code=2).stderr
