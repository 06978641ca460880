"""A run replayed with one decision changed: the past is common, and the difference is paired."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from datacoalition.agents.decision import Decision
from datacoalition.coalitions.levers import Nothing, Redirect, Strike
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.branching.branch import branch
from datacoalition.scenarios.files import changed, load, validated
from datacoalition.scenarios.run import run

SCENARIO = {
    "name": "small",
    "rounds": 4,
    "task": {"kind": "power_law", "records": 300, "deal": {"kind": "lognormal", "contributors": 60}},
    "firms": [
        {"name": "big", "served": 0.9, "positions": {"pay": -0.5}, "response": "refuse"},
        {"name": "small", "data": 0.1, "positions": {"pay": 0.5}, "response": "refuse"},
    ],
    "coalitions": [
        {
            "name": "us",
            "founders": 0.2,
            "positions": {"pay": 1},
            "charter": {"options": [{"kind": "strike", "target": "big"},
                                    {"kind": "redirect", "target": "big", "rival": "small"}]},
        }
    ],
    "users": {
        "threshold": {"mean": 0.1, "sd": 0.05},
        "vote_weights": {"effect": 0, "agreement": 1, "cost": 0, "service": 0},
    },
    "market": "logit",
}  # fmt: skip


@pytest.fixture(scope="module")
def scenario():
    return validated(SCENARIO, "small")


def held(found, subject="small", measure="records held"):
    rows = found.rounds[(found.rounds["subject"] == subject) & (found.rounds["measure"] == measure)]
    return rows.set_index("round")


def test_what_it_does_to_everybody_is_what_the_runs_themselves_report(scenario):
    found = branch(scenario, round=3, coalition="us", lever="strike", store=None)
    was = run(scenario, store=None)
    society, ours = was.society.set_index("round"), was.coalitions.set_index("round")
    for measure, column in (("exposure", "exposure"), ("concentration", "concentration"), ("net harm", "net_harm"),
                            ("distance of practice", "distance"), ("organised", "organised")):  # fmt: skip
        rows = held(found, "everybody", measure)
        assert rows["as_it_was"].tolist() == pytest.approx(society[column].tolist())
    assert (held(found, "everybody", "exposure")["difference"][3] < 0).all()  # no copies, and a strike
    gains = held(found, "us", "members' gain")
    assert gains["as_it_was"].tolist() == pytest.approx((ours["members_gain"] * ours["members"]).tolist())
    assert gains["difference"][3] != 0
    outside = 60 - society["organised"]
    gains = held(found, "us", "outsiders' gain")
    assert gains["as_it_was"].tolist() == pytest.approx((ours["outsiders_gain"] * outside).tolist())


def test_until_the_changed_vote_it_is_one_run_and_afterwards_another(scenario):
    found = branch(scenario, round=3, coalition="us", lever="strike", store=None)
    was = run(scenario, store=None)
    assert was.coalitions["proposal"].tolist() == ["redirect against big for small"] * 4
    before = found.rounds[found.rounds["round"] < 3]
    assert (before["difference"] == 0).all()
    gifts, records = held(found), held(found, "big")
    assert (gifts["difference"][[3, 4]] < 0).any()  # the gift of round 3 was not made
    assert records["difference"][3] < 0 == records["difference"][4]  # a strike lasts one round
    # What it was is what the run itself reports.
    seen = was.firms[(was.firms["firm"] == "small") & (was.firms["audience"] == "everyone")].set_index("round")
    assert gifts["as_it_was"].tolist() == seen["records"].astype(float).tolist()


def test_the_decision_that_was_taken_changes_nothing(scenario):
    found = branch(scenario, round=2, coalition="us", lever="redirect", store=None)
    assert (found.rounds["difference"] == 0).all()
    assert (found.effects["difference"] == 0).all()


def test_ballots_may_be_changed_instead(scenario):
    def only_strike(ballots: np.ndarray) -> np.ndarray:
        ballots[:, 1] = np.where(np.isnan(ballots[:, 0]), np.nan, 9.0)
        return ballots

    votes = branch(scenario, round=3, coalition="us", ballots=only_strike, store=None)
    lever = branch(scenario, round=3, coalition="us", lever="strike", store=None)
    pd.testing.assert_frame_equal(votes.rounds, lever.rounds)
    with pytest.raises(InputError, match="members x options"):
        branch(scenario, round=3, coalition="us", ballots=lambda ballots: ballots[:, :1], store=None)


def test_replicates_give_an_interval_over_behaviour(scenario):
    found = branch(scenario, round=2, coalition="us", lever="nothing", replicates=3, store=None)
    row = found.effects.set_index(["subject", "measure"]).loc[("small", "records held")]
    own = found.rounds[(found.rounds["subject"] == "small") & (found.rounds["measure"] == "records held")]
    means = own[own["round"] >= 2].groupby("replicate")["difference"].mean()
    assert row["difference"] == pytest.approx(means.mean())
    assert row["high"] - row["difference"] == pytest.approx(4.3026527 * means.std(ddof=1) / np.sqrt(3))
    assert found.replicates == 3


def test_the_interval_of_a_score_comes_from_paired_training_seeds(store):
    digits = load("digits-split", ["rounds=2"])
    found = branch(digits, round=1, coalition="paid work", lever="strike", store=store)
    rows = found.rounds[(found.rounds["subject"] == "incumbent") & found.rounds["measure"].str.endswith("holdout")]
    assert rows["stderr"].notna().all()
    effect = found.effects.set_index(["subject", "measure"]).loc[("incumbent", rows["measure"].iloc[0])]
    assert effect["low"] < effect["difference"] < effect["high"]
    counted = found.effects[found.effects["measure"] == "members"]
    assert counted["low"].isna().all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"round": 5, "coalition": "us", "lever": "strike"}, "round: found 5; expected a round from 1 to 4"),
        ({"round": 1, "coalition": "them", "lever": "strike"}, "coalition: found 'them'; expected one of us"),
        (
            {"round": 1, "coalition": "us", "lever": "poison"},
            "'poison', as no option is called; expected",
        ),
        ({"round": 1, "coalition": "us"}, "lever: found no decision"),
        ({"round": 1, "coalition": "us", "lever": "strike", "replicates": 0}, "replicates: found 0"),
    ],
)
def test_a_branch_that_cannot_be_gets_a_sentence(scenario, settings, message):
    with pytest.raises(InputError, match=message):
        branch(scenario, store=None, **settings)


def test_a_lever_is_called_by_its_key_or_its_label():
    ballot = (Nothing(), Strike("a"), Redirect("a", "b"), Redirect("a", "c"))
    assert Decision("strike").place(ballot) == 1
    assert Decision("redirect against a for c").place(ballot) == 3
    assert Decision().place(ballot) is None
    with pytest.raises(InputError, match="several options are called"):
        Decision("redirect").place(ballot)


def test_the_command_prints_it_and_leaves_a_folder(scenario, tmp_path):
    result = run(changed(scenario, rounds=3), replicates=2, out=tmp_path / "run", store=None)
    command = [sys.executable, "-m", "datacoalition.scenarios.cli", "branch", "run", "--coalition", "us"]
    command += ["--store", "none"]
    words = ["--round", "2", "--lever", "nothing", "--out", "b"]
    done = subprocess.run([*command, *words], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "in round 2, us carries nothing" in done.stdout
    assert "formula, not retraining" in done.stdout
    for name in ("report.html", "branch.csv", "branch_rounds.csv", "branch_picture.png", "codebook.csv"):
        assert (tmp_path / "b" / name).stat().st_size > 0
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "b" / "branch.csv"),
        branch(result, round=2, coalition="us", lever="nothing", store=None).effects,
    )
    words[1:2], words[-1] = ["9"], "c"
    wrong = subprocess.run([*command, *words], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert wrong.returncode == 2
    assert "--round: found 9; expected a round from 1 to 3" in wrong.stderr
