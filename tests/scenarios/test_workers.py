"""Worker processes: what they have ready, and what they take on from whoever asked for them."""

import json
import os
import subprocess
import sys

import pytest
from datacoalition.scenarios.files import load
from datacoalition.scenarios.workers import Workers, libraries_of

HEAVY = {"torch", "torchvision", "sympy", "sklearn", "numba", "llvmlite", "mesa", "networkx"}
TRAINED = """
import json, sys
from importlib import import_module
for name in ("datacoalition.agents.model", "datacoalition.scenarios.sweeps.playing", *{libraries}):
    import_module(name)
known = {{name.split(".")[0] for name in sys.modules}}
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.scenarios.files import load
task = load({scenario!r}).build().task()
task.outcomes(task.train(Holdings.everyone(len(task.contributors)), 0))
print(json.dumps(sorted({{name.split(".")[0] for name in sys.modules}} - known)))
"""


def in_a_new_process(code: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("scenario", ["quickstart", "quorum"])
def test_a_training_finds_its_libraries_ready(scenario):
    """movielens and digits: nothing heavy is left to import in a worker that has them."""
    libraries = libraries_of(load(scenario).build())
    assert not in_a_new_process(TRAINED.format(libraries=libraries, scenario=scenario)) & HEAVY
    assert in_a_new_process(TRAINED.format(libraries=(), scenario=scenario)) & HEAVY


def test_who_gives_out_runs_waits_for_neither_mesa_nor_torch():
    code = "import datacoalition.scenarios.sweeps.sweep, json, sys; print(json.dumps(sorted(sys.modules)))"
    assert not in_a_new_process(code) & HEAVY


def test_workers_take_on_the_environment_and_the_folder_of_each_caller(monkeypatch, tmp_path):
    """Also where an earlier pool of this process began in others."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv("DATACOALITION_TEST", name)
        monkeypatch.chdir(tmp_path / name)
        with Workers(1) as pool:
            assert pool.submit(os.getenv, "DATACOALITION_TEST").result() == name
            assert pool.submit(os.getcwd).result() == str(tmp_path / name)
    assert "PYTHONSAFEPATH" not in os.environ


def test_a_script_that_was_piped_in_has_workers(tmp_path):
    code = (
        "import os\n"
        "from datacoalition.scenarios.workers import Workers\n"
        "with Workers(1) as pool:\n"
        "    assert pool.submit(os.getpid).result() != os.getpid()\n"
    )
    done = subprocess.run([sys.executable, "-"], input=code, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
def test_workers_know_the_package_that_asked_for_them_and_no_other_in_the_folder(tmp_path):
    """A folder called datacoalition beside where somebody works is not what they run."""
    (tmp_path / "datacoalition").mkdir()
    (tmp_path / "datacoalition" / "__init__.py").write_text("raise SystemExit('another one')")
    (tmp_path / "script.py").write_text(
        "import sys\n"
        "sys.path[:] = [path for path in sys.path if path != sys.argv[1]]\n"
        "import datacoalition\n"
        "from datacoalition.scenarios.workers import Workers\n"
        "def home():\n"
        "    import datacoalition\n"
        "    return datacoalition.__file__\n"
        "if __name__ == '__main__':\n"
        "    with Workers(1) as pool:\n"
        "        assert pool.submit(home).result() == datacoalition.__file__\n"
    )
    command = [sys.executable, "script.py", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
