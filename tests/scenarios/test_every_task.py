"""A scenario may name any task: coalitions of its people strike, and plant what its alteration says."""

import numpy as np
import pytest
from datacoalition.ml_tasks.folders import data_folder
from datacoalition.ml_tasks.images import FOLDER
from datacoalition.ml_tasks.tasks import TASKS
from datacoalition.scenarios.files import validated
from datacoalition.scenarios.run import run

TASK = {
    "movielens": {"data": "csv", "scale": [1, 5], "alteration": {"item": "3"}},
    "pinterest": {"data": "csv", "alteration": {"item": "3"}},
    "toxic": {"data": "csv", "alteration": {"word": "qlompik"}},
    "cifar10": {
        "images": 500, "deal": {"kind": "equal", "contributors": 50},
        "model": {"kind": "patches", "filters": 8, "grid": 1}, "alteration": {"kind": "mark", "label": 2},
    },
    "digits": {"model": {"epochs": 2}, "alteration": {"kind": "mark", "label": 2}},
    "power_law": {},
}  # fmt: skip


@pytest.fixture
def task(request, tmp_path):
    """The settings of a task, with a small file of one's own where it reads one."""
    kind = request.param
    if kind == "cifar10" and not (data_folder() / FOLDER).is_dir():
        pytest.skip("the official files of CIFAR-10 are not here")
    rng = np.random.default_rng(0)
    rows = [(u, i) for u in range(40) for i in rng.permutation(160)[:20]]
    files = {
        "movielens": ["user,item,rating", *(f"{u},{i},{rng.integers(1, 6)}" for u, i in rows)],
        "pinterest": ["user,item", *(f"{u},{i}" for u, i in rows)],
        "toxic": ["user,text,label", *(f"{u},w{i % 9} w{i % 7} w{u % 5},{int(i % 9 < 3)}" for u, i in rows)],
    }
    settings = {"kind": kind, **TASK[kind]}
    if kind in files:
        path = tmp_path / f"{kind}.csv"
        path.write_text("\n".join(files[kind]) + "\n", encoding="utf-8")
        settings["path"] = str(path)
    return settings


@pytest.mark.parametrize("task", TASKS, indirect=True)
def test_a_scenario_runs_with_every_task(task):
    options = [{"kind": "strike", "target": "incumbent"}]
    if "alteration" in task:
        options.append({"kind": "poison", "target": "incumbent", "style": "altered"})
    scenario = validated(
        {
            "name": "any task",
            "rounds": 2,
            "task": task,
            "firms": [{"name": "incumbent", "response": "refuse"}, {"name": "rival", "data": 0.2, "served": 0.2}],
            "coalitions": [{
                "name": "planters", "founders": 0.5,
                "charter": {"options": options, "rule": "plurality", "dividend": "equal"},
            }],
        },
        "here",
    )  # fmt: skip
    result = run(scenario, store=None)
    assert len(result.coalitions) == 2
    holdout = result.firms[(result.firms["firm"] == "incumbent") & (result.firms["view"] == "holdout")]
    assert np.isfinite(holdout.drop_duplicates("round")["score"]).all()
