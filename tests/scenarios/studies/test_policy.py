"""`study policy`: levers under laws, paired by seed; by hand where the formula allows it."""

import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.cli import app
from datacoalition.scenarios.files import load, text_of, validated
from datacoalition.scenarios.run import run
from datacoalition.scenarios.studies.policies import policies
from datacoalition.scenarios.studies.policy import MEASURES, PolicyStudy, under
from datacoalition.valuation.inequality import gini
from typer.testing import CliRunner

SCENARIO = {
    "name": "two laws",
    "rounds": 3,
    "task": {"kind": "power_law", "records": 500},
    "firms": [
        {"name": "big", "served": 0.9, "positions": {"pay": -1.0}, "response": "refuse"},
        {"name": "small", "data": 0.05, "response": "refuse"},
    ],
    "coalitions": [
        {
            "name": "us", "positions": {"pay": 1.0}, "founders": 0.2,
            "charter": {"options": [{"kind": "strike", "target": "big"}]},
        }
    ],
    "users": {
        "threshold": {"mean": 9, "sd": 0}, "compliance": {"mean": 1, "sd": 0},
        "vote_weights": {"effect": 0, "agreement": 1, "cost": 0.5, "service": 0},
    },
    "market": "captive",
}  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("policy") / "two-laws.yaml"
    path.write_text(text_of(SCENARIO))
    return str(path)


@pytest.fixture(scope="module")
def table(file):
    found = PolicyStudy(file, ("strike", "redirect"), replicates=2)("none").tables["policy"].frame
    return found.set_index(["lever", "policy", "measure"]).sort_index()


def test_every_lever_under_every_policy_in_every_measure(table):
    names = [name for name in policies(0.5, 10.0) if name != "as_it_is"]
    assert len(table) == 2 * len(names) * len(MEASURES)


def test_weights_that_may_stay_take_a_strike_its_effect_and_nothing_else(table):
    kept = table.loc[("strike", "weights_kept")]
    assert kept.loc["gap_closed", "under_policy"] == 0
    assert kept.loc["gap_closed", "difference"] == pytest.approx(-kept.loc["gap_closed", "as_it_is"])
    assert kept.loc["acts", "difference"] == 0  # they strike nonetheless
    assert kept.loc["revenue", "difference"] > 0
    assert table.loc[("redirect", "weights_kept", "gap_closed"), "difference"] == 0


def test_what_the_law_does_not_touch_it_does_not_change(table):
    assert (table.loc[("strike", "provenance"), "difference"] == 0).all()  # nothing was passed on
    assert (table.loc[("strike", "moving_hard"), "difference"] == 0).all()
    assert table.loc[("redirect", "moving_hard", "acts"), "difference"] < 0
    assert table.loc[("redirect", "moving_hard", "choice_kept"), "difference"] < 0  # who would give does not


OWNERS = ("any_owner", "most_owners", "all_owners")


def test_how_many_owners_it_takes(tmp_path, table):
    """Everybody's records are shared with two others around them; a fifth of the people strike."""
    users = SCENARIO["users"] | {"co_owners": {"share": 1.0, "others": 2}}
    path = tmp_path / "shared.yaml"
    path.write_text(text_of(SCENARIO | {"users": users, "law": {"co_owned": "most"}}))
    found = PolicyStudy(str(path), ("strike", "redirect"), OWNERS, replicates=2)("none").tables["policy"].frame
    found = found.set_index(["lever", "policy", "measure"]).sort_index()
    strike = found.loc["strike"]["under_policy"].unstack("measure").loc[list(OWNERS)]
    assert strike["gap_closed"].is_monotonic_decreasing
    assert strike["gap_closed"].iloc[0] > strike["gap_closed"].iloc[2]
    assert strike["waits_for_others"].is_monotonic_increasing
    assert strike.loc["any_owner", "waits_for_others"] == strike.loc["all_owners", "taken_along"] == 0
    assert strike.loc["all_owners", "waits_for_others"] > 0
    assert strike.loc["any_owner", "taken_along"] > 100  # two others each, of the hundred who strike
    assert (found.loc[("strike", "most_owners"), "difference"] == 0).all()  # the scenario's own law
    assert (found.loc["redirect", "difference"] == 0).all()  # copies are given alone
    for name in OWNERS:  # nothing is shared in the other scenario
        assert (table.loc[("strike", name), "difference"] == 0).all()


def test_withdrawals_two_rounds_later_count_in_one_round_of_three(table):
    slow = table.loc[("strike", "exit_slow", "gap_closed")]
    assert slow["under_policy"] == pytest.approx(slow["as_it_is"] / 3)


def test_what_a_policy_sets_no_amendment_of_the_scenario_undoes():
    to = {"old_weights": "kept", "opt_out": 0.5}
    changes = [{"round": 2, "to": to}, {"round": 3, "to": {"old_weights": "retrained"}}]
    scenario = validated(SCENARIO | {"law": {"changes": changes}}, "two laws")
    world = under(scenario, "strike", policies(0.5, 10.0)["weights_kept"]).build()
    assert [world.law.in_force(r).old_weights for r in (1, 2, 3)] == ["kept"] * 3
    assert [world.law.in_force(r).opt_out for r in (1, 2, 3)] == [1.0, 0.5, 0.5]


def test_what_people_have_of_it_is_what_the_runs_report(file):
    """Means over rounds of what all members, and all others, have together; the Gini is of the end."""
    found = PolicyStudy(file, ("redirect",), ("exit_free",), replicates=2)("none").tables["policy"].frame
    found = found.set_index("measure")["as_it_is"]
    result = run(under(load(file), "redirect", policies(0.5, 10.0)["as_it_is"]), replicates=2, store=None)
    rows = result.coalitions.merge(result.society[["replicate", "round", "organised"]])
    people = len(result.users) / 2
    rounds = rows["round"].max() * 2
    assert found["members_gain"] == pytest.approx((rows["members_gain"] * rows["members"]).sum() / rounds)
    outside = (rows["outsiders_gain"] * (people - rows["organised"])).sum() / rounds
    assert found["outsiders_gain"] == pytest.approx(outside)
    assert found["members_gain"] != 0
    each = [gini(paid) for _, paid in result.users.groupby("replicate")["dividend"]]
    assert found["gini"] == pytest.approx(sum(each) / 2)


def test_poisoning_is_prosecuted(tmp_path):
    """Who would poison at an effort of one does not at two; a strike is no matter of this law."""
    digits = {"kind": "digits", "deal": {"kind": "equal", "contributors": 40}, "model": {"epochs": 1}}
    charter = {"options": [{"kind": "poison", "target": "big", "style": "shuffled"}]}
    us = [{"name": "us", "positions": {"pay": 1.0}, "founders": 0.2, "charter": charter}]
    path = tmp_path / "digits.yaml"
    path.write_text(text_of(SCENARIO | {"task": digits, "rounds": 1, "coalitions": us}))
    found = PolicyStudy(str(path), ("poison", "strike"), ("poisoning_prosecuted",), replicates=1)("none")
    table = found.tables["policy"].frame.set_index(["lever", "measure"])
    assert table.loc[("poison", "acts"), "difference"] < 0
    assert (table.loc["strike", "difference"] == 0).all()


def test_who_evades_is_fined_when_found_out(table):
    fined = table.loc[("strike", "weights_evaded", "fined")]
    assert fined["as_it_is"] == 0
    assert 0 < fined["under_policy"] <= 10


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"levers": ("strikes",)}, "--levers"),
        ({"policies": ("none",)}, "--policies"),
        ({"replicates": 0}, "--replicates"),
    ],
)
def test_what_cannot_be_gets_a_sentence(file, settings, message):
    with pytest.raises(InputError, match=message):
        PolicyStudy(file, **settings)("none")


def test_the_command_leaves_a_folder(file, tmp_path):
    words = ["study", "policy", file, "--levers", "strike", "--policies", "weights_kept", "--replicates", "1"]
    done = CliRunner().invoke(app, [*words, "--rounds", "1", "--store", "none", "--out", str(tmp_path / "found")])
    assert done.exit_code == 0, done.output
    assert "old weights may stay" in done.output
    assert {"policy.csv", "policy_picture.png", "report.html"} <= {p.name for p in (tmp_path / "found").iterdir()}
