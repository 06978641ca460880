"""`study community`: the table against what the model's pairs give, and what a person types."""

import numpy as np
import pytest
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.readiness import pairs
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.cli import app
from datacoalition.scenarios.files import changed, load, text_of
from datacoalition.scenarios.studies.community import CommunityStudy
from scipy import stats
from typer.testing import CliRunner

SCENARIO = {
    "name": "communities",
    "seed": 4,
    "task": {
        "kind": "power_law", "records": 3000, "deal": {"kind": "lognormal", "contributors": 300}, "train_seeds": [0, 1],
    },
    "firms": [{"name": "big", "response": "refuse"}, {"name": "small", "data": 0.05, "served": 0.0}],
    "coalitions": [
        {"name": "us", "charter": {"options": [{"kind": "redirect", "target": "big", "rival": "small"}]}},
        {"name": "them", "charter": {"options": [{"kind": "strike", "target": "big"}]}},
    ],
    "users": {"communities": {"count": 4, "size": 20, "core": 0.2}},
    "market": "captive",
}  # fmt: skip


def saved(folder, **changes) -> str:
    path = folder / "communities.yaml"
    path.write_text(text_of({**SCENARIO, **changes}))
    return str(path)


def test_the_mean_is_of_totals_in_each_draw_and_its_interval_students(tmp_path):
    file = saved(tmp_path)
    study = CommunityStudy(file, draws=3)("none")
    table = study.tables["community"].frame.set_index("lever")
    for place, name in enumerate(("redirect against big for small", "strike against big")):
        differences = []
        for draw in range(3):
            model = CoalitionModel(changed(load(file), seed=4 + draw))
            found = pairs(model, model.coalitions[place].charter.options[0])
            ready, scattered = (
                sum(np.mean(getattr(p, side).gap_closed) for p in found) / sum(getattr(p, side).cost for p in found)
                for side in ("ready", "scattered")
            )
            differences.append(ready - scattered)
        row = table.loc[name]
        assert row["difference"] == pytest.approx(np.mean(differences), rel=1e-9)
        low, high = stats.t.interval(0.95, 2, np.mean(differences), stats.sem(differences))
        assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))
        assert row["pairs"] == 12
        assert row["seeds_stderr"] == 0  # a formula
    every = study.tables["community_pairs"].frame
    assert len(every) == 24
    assert abs(every["ready_records"] / every["scattered_records"] - 1).median() < 0.1


def test_one_draw_has_no_interval(tmp_path):
    table = CommunityStudy(saved(tmp_path), draws=1)("none").tables["community"].frame
    assert table[["low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("changes", "draws", "message"),
    [
        ({"users": {}}, 1, "users.communities"),
        ({"coalitions": []}, 1, "without levers"),
        ({}, 0, "--draws"),
        ({"users": {"communities": {"count": 30, "size": 20}}}, 1, "300 people"),
    ],
)
def test_what_cannot_be_gets_a_sentence(tmp_path, changes, draws, message):
    with pytest.raises(InputError, match=message):
        CommunityStudy(saved(tmp_path, **changes), draws)("none")


def test_the_command_leaves_a_folder(tmp_path):
    words = ["study", "community", saved(tmp_path), "--draws", "2", "--store", "none"]
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "found")])
    assert done.exit_code == 0, done.output
    assert "formula, not retraining" in done.output
    names = {p.name for p in (tmp_path / "found").iterdir()}
    assert {"community.csv", "community_pairs.csv", "community_picture.png", "report.html"} <= names
