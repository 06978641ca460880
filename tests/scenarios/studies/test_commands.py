"""The commands of the studies: what a person types, and one sentence for what is wrong."""

import subprocess
import sys

import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.studies.bench import task_settings


def datacoalition(*arguments: str, cwd) -> subprocess.CompletedProcess:
    script = "from datacoalition.scenarios.cli import main; main()"
    return subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, cwd=cwd)


def test_a_study_prints_its_table_and_leaves_a_folder(tmp_path):
    done = datacoalition(
        "study", "cdc", "--task", "power_law", "--rates", "0.1,0.5", "--groups", "2", "--store", "none", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "transfer" in done.stdout
    assert "formula, not retraining" in done.stdout
    assert (tmp_path / "studies" / "cdc-power_law" / "report.html").stat().st_size > 1000


def test_several_tasks_go_to_folders_of_their_own(tmp_path):
    words = ("study", "learning-curves", "--task", "power_law,digits", "--groups", "1", "--shares", "0.1,0.3,0.6")
    done = datacoalition(*words, "--out", "both", "--store", "none", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "both").iterdir()} == {"power_law", "digits"}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["cdc", "--task", "chess"], "chess"),
        (["cdc", "--task", "digits", "--rates", "0.1;0.3"], "--rates"),
        (["cdc", "--task", "digits", "--rates", "0.001"], "--rates"),
        (["cdc", "--task", "digits", "--groups", "0"], "--groups"),
        (["cdc", "--task", "digits", "--view", "mine"], "--view"),
        (["cdc", "--task", "digits", "--base", "published"], "--base"),
        (["cdc", "--task", "digits", "--set", "model.depth=3"], "depth"),
        (["cdc", "--task", "digits", "--train-seeds", "0"], "--train-seeds"),
        (["cdc", "--task", "movielens", "--dataset", "ml-2m"], "ml-2m"),
        (["learning-curves", "--task", "digits", "--shares", "0.5"], "--shares"),
    ],
)
def test_what_is_wrong_is_one_sentence(words, named, tmp_path):
    done = datacoalition("study", *words, "--store", "none", cwd=tmp_path)
    assert done.returncode == 2
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_model_named_may_then_be_changed():
    settings = task_settings("cifar10", ("model.width=8", "images=5000"), model="resnet")
    assert (settings.model.width, settings.model.epochs, settings.images) == (8, 24, 5000)
    with pytest.raises(InputError, match=r"--set model\.filters"):
        task_settings("cifar10", ("model.filters=8",), model="resnet")
