"""The family of levers: what holds for every one of them, and what each does."""

import numpy as np
import pytest
from datacoalition.coalitions.levers import LEVERS, label_of, name_of
from datacoalition.coalitions.position import Position
from datacoalition.ml_tasks.holdings import Holdings

CONTRIBUTORS, USERS = 6, 8
MEMBERS = np.array([1, 2, 7])  # person 7 owns no data


def lever(name: str):
    needs = {"target": "big"} if name != "nothing" else {}
    if name.startswith("redirect"):
        needs["rival"] = "small"
    return LEVERS[name](**needs)


def market() -> dict[str, Position]:
    served = np.arange(USERS) != 4
    full, some = Holdings.everyone(CONTRIBUTORS), Holdings.nobody(CONTRIBUTORS).with_(np.array([0]))
    nobody = np.zeros(USERS, dtype=bool)
    return {"big": Position(full, full, served, nobody), "small": Position(some, some, ~served, nobody)}


def pulled(name: str):
    before = market()
    return before, lever(name)(before, MEMBERS, np.random.default_rng(0))


@pytest.mark.parametrize("name", LEVERS)
def test_only_members_are_touched_and_nothing_in_place(name):
    before, after = pulled(name)
    others = np.setdiff1d(np.arange(USERS), MEMBERS)
    owners = others[others < CONTRIBUTORS]
    for product, fresh in market().items():
        assert before[product].holdings == fresh.holdings
        np.testing.assert_array_equal(before[product].served, fresh.served)
        np.testing.assert_array_equal(after[product].holdings.codes[owners], fresh.holdings.codes[owners])
        np.testing.assert_array_equal(after[product].served[others], fresh.served[others])
        np.testing.assert_array_equal(after[product].boycotted[others], fresh.boycotted[others])


@pytest.mark.parametrize("name", LEVERS)
def test_pulled_by_nobody_it_does_nothing(name):
    before = market()
    after = lever(name)(before, np.array([], dtype=np.int64), np.random.default_rng(0))
    assert all(after[p].holdings == before[p].holdings for p in before)


@pytest.mark.parametrize("name", LEVERS)
def test_pulled_twice_it_does_the_same(name):
    _, once = pulled(name)
    twice = lever(name)(once, MEMBERS, np.random.default_rng(0))
    assert all(twice[p].holdings == once[p].holdings for p in once)


@pytest.mark.parametrize(
    ("name", "big", "small", "boycotts"),
    [
        ("nothing", [0, 1, 2, 3, 4, 5], [0], False),
        ("strike", [0, 3, 4, 5], [0], False),
        ("delete_and_boycott", [0, 3, 4, 5], [0], True),
        ("redirect", [0, 1, 2, 3, 4, 5], [0, 1, 2], False),
        ("redirect_with_deletion", [0, 3, 4, 5], [0, 1, 2], False),
        ("poison", [0, 1, 2, 3, 4, 5], [0], False),
    ],
)
def test_what_each_does(name, big, small, boycotts):
    before, after = pulled(name)
    assert list(np.flatnonzero(after["big"].holdings.present)) == big
    assert list(np.flatnonzero(after["small"].holdings.present)) == small
    assert list(np.flatnonzero(after["big"].boycotted)) == (list(MEMBERS) if boycotts else [])
    lost = before["big"].served & ~after["big"].served
    assert list(np.flatnonzero(lost)) == (list(MEMBERS) if boycotts else [])
    assert list(np.flatnonzero(after["big"].holdings.poisoned)) == ([1, 2] if name == "poison" else [])
    assert not after["small"].holdings.poisoned.any()


def test_a_rival_gets_genuine_data_from_people_who_poisoned():
    before = market()
    poisoned = lever("poison")(before, MEMBERS, np.random.default_rng(0))
    after = lever("redirect")(poisoned, MEMBERS, np.random.default_rng(0))
    assert not after["small"].holdings.poisoned.any()


def test_old_weights_are_kept_only_where_the_law_lets_and_only_while_nothing_new_came():
    _, struck = pulled("strike")
    assert struck["big"].redeployed("retrained").deployed == struck["big"].holdings
    assert struck["big"].redeployed("kept").deployed == Holdings.everyone(CONTRIBUTORS)
    _, given = pulled("redirect")
    assert given["small"].redeployed("kept").deployed == given["small"].holdings


def test_names_and_ballot_papers():
    assert [name_of(lever(name)) for name in LEVERS] == list(LEVERS)
    assert label_of(lever("redirect")) == "redirect against big for small"
    assert label_of(lever("poison")) == "poison (random) against big"
    assert label_of(lever("nothing")) == "nothing"
