"""The report of a run with several tasks: each firm in its own metric, each coalition beside its own target's rival."""

import copy

import datacoalition as dc
import matplotlib.pyplot as plt
import pytest
from datacoalition.scenarios.files import validated
from datacoalition.scenarios.reports.page import write_report
from datacoalition.scenarios.reports.picture import _left
from datacoalition.scenarios.reports.record import read
from datacoalition.scenarios.summary import summary

SCENARIO = {
    "name": "two tasks",
    "rounds": 2,
    "task": {"kind": "power_law", "records": 200},
    "other_tasks": [{"name": "words", "task": {"kind": "power_law", "records": 100}, "shared": 0.5}],
    "firms": [
        {"name": "films", "response": "refuse"},
        {"name": "cinema", "data": 0.2, "response": "refuse"},
        {"name": "editor", "task": "words", "response": "refuse"},
        {"name": "notes", "task": "words", "data": 0.2, "response": "refuse"},
    ],
    "coalitions": [
        {"name": f"at {name}", "founders": 0.2, "charter": {"options": [{"kind": "strike", "target": name}]}}
        for name in ("films", "editor")
    ],
}


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "two"
    result = dc.run(validated(copy.deepcopy(SCENARIO), "test"), out=folder, store=None)
    return folder, result


def test_firms_are_told_apart_by_task(played):
    record = read(played[0])
    assert record.lines == {"": ["films", "cinema"], "words": ["editor", "notes"]}
    assert record.level("films", "best", "holdout") == pytest.approx(200**-0.095)
    assert record.level("notes", "best", "holdout") == pytest.approx(100**-0.095)
    page = write_report(played[0]).read_text(encoding="utf-8")
    assert "Performance of the firms (words)" in page
    assert page.count("Performance of the firms") == 2


def test_every_coalition_is_in_the_picture_and_the_summary(played):
    record = read(played[0])
    axes = plt.figure().subplots()
    drawn = _left(record, axes)
    assert {curve.label for curve in drawn} == {"at films", "at editor"}
    assert axes.get_title(loc="left").endswith("first rival of each)")
    plt.close("all")
    printed = summary(played[1])
    for words in ("at films, against films for cinema", "at editor, against editor for notes"):
        assert words in printed


@pytest.mark.parametrize("coalitions", [[], SCENARIO["coalitions"][:1]], ids=["alone", "beside a coalition"])
def test_people_on_their_own_are_told_of(tmp_path, coalitions):
    strike = {"kind": "strike", "target": "films"}
    made = {
        "name": "alone", "rounds": 2, "task": {"kind": "power_law", "records": 200},
        "firms": SCENARIO["firms"][:2], "coalitions": coalitions,
        "users": {
            "alone": {"options": [strike], "reckons": "all"},
            "vote_weights": {"effect": 1, "agreement": 0, "cost": 0, "service": 0},
        },
    }  # fmt: skip
    dc.run(validated(copy.deepcopy(made), "test"), out=tmp_path / "alone", store=None)
    record = read(tmp_path / "alone")
    assert record.society["alone"].min() > 0
    drawn = _left(record, plt.figure().subplots())
    plt.close("all")
    names = ["at films"] if coalitions else []
    assert {curve.label for curve in drawn} == {*names, "on their own"}
    own = next(curve for curve in drawn if curve.label == "on their own")
    rows = record.leverage[(record.leverage["coalition"] == "") & (record.leverage["view"] == "holdout")]
    assert own.y == pytest.approx(rows["gap_closed"].to_numpy())
    assert rows["gap_closed"].max() > 0
    page = write_report(tmp_path / "alone").read_text(encoding="utf-8")
    assert "People on their own" in page
    assert f"They acted alone: {record.society['alone'].iloc[0]} in round 1" in page
    assert "no campaign to measure" not in page


def test_where_nobody_acts_alone_nothing_is_said_of_them(played):
    record = read(played[0])
    assert record.scattered == {}
    assert "People on their own" not in write_report(played[0]).read_text(encoding="utf-8")
