"""Admission and exit in the model: who gets in, and when members are out."""

import numpy as np
import pytest
from datacoalition.agents.joining import JOININGS
from datacoalition.agents.membership import join_or_leave, prospects
from datacoalition.agents.model import CoalitionModel
from datacoalition.coalitions.admission import ADMISSIONS

from .test_joining import places
from .test_joining import prospects as some_prospects
from .worlds import world

STRIKE = [{"kind": "strike", "target": "big"}]


def club(**charter) -> CoalitionModel:
    """A hundred people who all want in as long as they have a threshold of 0; ten founders."""
    return CoalitionModel(
        world(
            task={"kind": "power_law", "records": 1000, "deal": {"kind": "lognormal", "contributors": 100}},
            coalitions=[
                {"name": "club", "positions": {"pay": 1}, "founders": 0.1, "charter": {"options": STRIKE, **charter}}
            ],
            users__threshold={"mean": 0, "sd": 0},
            users__joining={"kind": "threshold", "aligned_only": False},
            users__network={"kind": "ring", "neighbours": 4},
        )
    )


def test_who_gets_in_is_as_the_charter_says():
    records = club(admission={"kind": "minimum_records", "records": 12})
    join_or_leave(records)
    people = records.population
    np.testing.assert_array_equal(people.member[:, 0], people.founder[:, 0] | (people.records >= 12))
    assert records.coalitions[0].flow.barred == (~(people.member[:, 0])).sum() > 0

    invited = club(admission="by_invitation")
    founders = invited.population.founder[:, 0]
    join_or_leave(invited)
    around = invited.network.adjacency @ founders.astype(float)
    np.testing.assert_array_equal(invited.population.member[:, 0], founders | (around > 0))

    approved = club(admission={"kind": "by_approval", "agreement": 0.1})
    founders, stances = approved.population.founder[:, 0], approved.population.stances
    join_or_leave(approved)
    liked = stances @ stances[founders].mean(axis=0) / stances.shape[1] >= 0.1
    np.testing.assert_array_equal(approved.population.member[:, 0], founders | liked)


@pytest.mark.parametrize("name", ADMISSIONS)
def test_every_admission_serves_the_model(name):
    model = club(admission=name)
    for _ in range(3):
        model.step()
    flow = model.coalitions[0].flow
    assert len(model.coalitions[0].members) + flow.barred <= 100
    assert (flow.barred == 0) == (name == "open")


def test_among_everybody_all_members_are_around_an_applicant():
    model = club(admission={"kind": "by_invitation", "sponsors": 10})
    model.network = type(model.network)(100)
    join_or_leave(model)
    assert len(model.coalitions[0].members) == 100
    model = club(admission={"kind": "by_invitation", "sponsors": 11})
    model.network = type(model.network)(100)
    join_or_leave(model)
    assert len(model.coalitions[0].members) == 10


@pytest.mark.parametrize("name", JOININGS)
def test_nobody_wishes_to_be_where_they_would_not_be_taken(name):
    n = 60
    rng = np.random.default_rng(1)
    seen = some_prospects(
        n, 2, peers=rng.random((n, 2)), alignment=rng.random((n, 2)), excludable=rng.random((n, 2)),
        current=rng.integers(-1, 2, n), open=np.ones((n, 2), dtype=bool),
    )  # fmt: skip
    before = places(JOININGS[name]()(seen))
    assert {0, 1} <= set(before)
    seen.open[:, 0] = seen.member[:, 0]
    after = np.array(places(JOININGS[name]()(seen)))
    assert ((after != 0) | seen.member[:, 0]).all()
    assert (after == 1).any()  # who is refused looks elsewhere


def test_who_is_refused_may_go_elsewhere():
    model = CoalitionModel(
        world(
            coalitions__0__charter={"options": STRIKE, "admission": {"kind": "minimum_records", "records": 2}},
            coalitions__1__positions={"pay": 0.5},
            users__threshold={"mean": 0, "sd": 0},
        )
    )
    before = [len(coalition.members) for coalition in model.coalitions]
    join_or_leave(model)
    assert len(model.coalitions[0].members) == before[0]  # everybody has one record
    assert len(model.coalitions[1].members) > 2 * before[1]


def leavers(model: CoalitionModel, rounds: int = 6) -> list[int]:
    """Members round by round, all of whom come in the first round and then want out."""
    sizes = []
    for round_ in range(1, rounds + 1):
        model.round = round_
        join_or_leave(model)
        sizes.append(len(model.coalitions[0].members))
        model.population.threshold[:] = 9
    return sizes


@pytest.mark.parametrize(
    ("charter", "sizes"),
    [
        ({}, [100, 10, 10, 10, 10, 10]),
        ({"notice": 1}, [100, 100, 10, 10, 10, 10]),
        ({"notice": 3}, [100, 100, 100, 100, 10, 10]),
        ({"lock_in": 1}, [100, 10, 10, 10, 10, 10]),
        ({"lock_in": 4}, [100, 100, 100, 100, 10, 10]),
        ({"lock_in": 3, "notice": 4}, [100, 100, 100, 100, 100, 10]),
    ],
)
def test_notice_and_lock_in_by_hand(charter, sizes):
    assert leavers(club(**charter)) == sizes


def test_held_members_are_counted_and_notice_can_be_taken_back():
    model = club(notice=2)
    leavers(model, 2)
    assert model.coalitions[0].flow.held == 90
    model.population.threshold[:50] = 0
    join_or_leave(model)  # fifty want to stay after all
    model.population.threshold[:50] = 9
    join_or_leave(model)  # the others leave
    assert model.coalitions[0].flow.left == 100 - 10 - (50 - model.population.founder[:50].sum())
    join_or_leave(model)
    join_or_leave(model)
    assert len(model.coalitions[0].members) == 10


def test_who_serves_notice_pays_dues():
    model = club(notice=2, dues=1.0)
    leavers(model, 4)
    assert model.population.dues.sum() == 3 * 100 + 10


def test_an_open_charter_bars_nobody():
    assert prospects(club()).open.all()
