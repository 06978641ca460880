"""`datacoalition plan RUN --round N`: what there is to join, with the run's own figures."""

import pytest
from datacoalition.coalitions.demands import (
    DEMANDS,
    Money,
    PositionVote,
    Practice,
    RevenueShare,
    Shutdown,
    TrainingVote,
)
from datacoalition.coalitions.inclusions import AllData, RandomShare
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.cli import app
from datacoalition.scenarios.files import validated
from datacoalition.scenarios.plan.under_way import _asked, under_way
from datacoalition.scenarios.run import run
from typer.testing import CliRunner


def scenario():
    strike = [{"kind": "strike", "target": "big"}]
    give = [{"kind": "redirect", "target": "big", "rival": "small"}]
    return validated(
        {
            "name": "three ways",
            "rounds": 2,
            "task": {"kind": "power_law", "records": 400},
            "firms": [
                {"name": "big", "served": 0.9, "positions": {"pay": -0.5}, "response": {"kind": "concede", "share": 1}},
                {"name": "small", "data": 0.05, "response": "refuse"},
                {"name": "other", "data": 0.05, "response": "refuse"},
            ],
            "coalitions": [
                {"name": "few", "positions": {"pay": 1}, "founders": 0.1, "charter": {"options": give}},
                {
                    "name": "many", "positions": {"privacy": 1, "pay": -0.5}, "founders": 0.3,
                    "charter": {"options": strike, "dues": 0.5, "public_share": 0.5},
                },
                {
                    "name": "dear", "positions": {"pay": 0.5}, "founders": 0.2,
                    "charter": {"options": strike, "demand": {"kind": "practice", "positions": {"pay": 1}}},
                },
            ],
            "users": {"threshold": {"mean": 9, "sd": 0}, "vote_weights": {"agreement": 0, "cost": 0}},
            "law": {"portability_effort": 1.0},
            "market": "captive",
        },
        "three ways",
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    run(scenario(), out=out, replicates=2, store=None)
    return out


def test_campaigns_are_listed_by_size_with_the_runs_own_figures(folder):
    from datacoalition.scenarios.folder import read_tables

    tables = read_tables(folder)
    listed = under_way(str(folder), 2).tables["campaigns"].frame.set_index("coalition")
    assert list(listed.index) == ["many", "dear", "few"]
    assert listed["of_people"].tolist() == pytest.approx([0.3, 0.2, 0.1])
    assert listed.loc["many", "purpose"] == "privacy +1, pay -0.5"
    assert listed.loc["dear", "asks_for"] == "practice (pay +1)"
    assert listed.loc["few", "effort"] == 0.25 + 1.0  # the lever's own, and what moving data takes
    rows = tables["coalitions"].query("round == 2 and coalition == 'many'")
    assert listed.loc["many", "paid_each"] == pytest.approx((rows["pot"] * 0.5 / rows["members"]).mean())
    assert listed.loc["many", "does"] == "keeps an agreement"
    found = tables["leverage"].query("round == 2 and coalition == 'few' and rival == 'small' and view == 'holdout'")
    assert listed.loc["few", "scored_against"] == "small"  # to which it gave
    assert listed.loc["few", "gap_closed"] == pytest.approx(found["gap_closed"].mean())


ASKED = {
    "money": (Money(), "money"),
    "revenue_share": (RevenueShare(0.1), "revenue share (0.1)"),
    "practice": (Practice({"pay": 0.5}), "practice (pay +0.5)"),
    "position_vote": (PositionVote(), "position vote"),
    "training_vote": (TrainingVote((RandomShare(), AllData())), "training vote (random_share 0.5, all_data)"),
    "shutdown": (Shutdown(), "shutdown"),
}


@pytest.mark.parametrize("name", DEMANDS)
def test_every_demand_has_words(name):
    demand, words = ASKED[name]
    assert _asked(demand) == words


@pytest.mark.parametrize("round", [0, 3])
def test_a_round_that_was_not_played_gets_a_sentence(folder, round):
    with pytest.raises(InputError, match="from 1 to 2"):
        under_way(str(folder), round)


def test_the_command_prints_and_leaves_a_folder_if_asked(folder, tmp_path):
    done = CliRunner().invoke(app, ["plan", str(folder), "--round", "1", "--out", str(tmp_path / "found")])
    assert done.exit_code == 0, done.output
    assert "in no coalition" in done.output
    assert (tmp_path / "found" / "campaigns.csv").exists()
    assert (tmp_path / "found" / "report.html").exists()


def test_a_run_without_a_round_gets_a_sentence(folder):
    with pytest.raises(InputError, match="--round"):
        CliRunner().invoke(app, ["plan", str(folder)], catch_exceptions=False)
