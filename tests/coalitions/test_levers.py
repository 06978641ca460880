"""The family of levers: what holds for every one of them, and what each does."""

from dataclasses import replace

import numpy as np
import pytest
from datacoalition.coalitions.levers import LEVERS, Redirect, RedirectWithDeletion, Strike, label_of, name_of
from datacoalition.coalitions.position import Position
from datacoalition.ml_tasks.holdings import Holdings, apply_recipes
from datacoalition.ml_tasks.portions import Portion
from datacoalition.ml_tasks.records import Records

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
        ("unlink", [0, 1, 2, 3, 4, 5], [0], False),
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
    partly = replace(lever("strike"), share=0.4, records="trace", what="new")
    assert label_of(partly) == "strike (40 % of records, trace records, new records) against big"


PARTLY = ["strike", "redirect", "redirect_with_deletion", "poison"]


@pytest.mark.parametrize("name", PARTLY)
def test_by_how_much(name):
    """A share of 1 is the whole lever, of 0 nothing, and in between it grows."""
    before, whole = pulled(name)
    full, none = (replace(lever(name), share=share)(before, MEMBERS, np.random.default_rng(0)) for share in (1, 0))
    assert all(full[p].holdings.fingerprint == whole[p].holdings.fingerprint for p in before)
    assert all(none[p].holdings.fingerprint == before[p].holdings.fingerprint for p in before)
    touched = [changed_records(name, share) for share in (0.2, 0.5, 0.8)]
    assert touched == sorted(touched)
    assert touched == pytest.approx([0.2, 0.5, 0.8], abs=0.06)


def changed_records(name: str, share: float) -> float:
    """Share of the members' 2,000 records each that the lever touches at the firm that it changes."""
    n = 2000
    owner = np.repeat([1, 2], n)
    records = Records.plain(np.arange(2 * n).astype(np.uint64), np.full(2 * n, 9.0), np.arange(1.0, 6.0))
    before = market()
    after = replace(lever(name), share=share)(before, MEMBERS, np.random.default_rng(0))
    product = "small" if name.startswith("redirect") else "big"
    was, now = (apply_recipes(m[product].holdings, owner, records) for m in (before, after))
    return float(((was.kept != now.kept) | (was.target != now.target)).mean())


def test_what_moves_is_what_is_lost():
    before = market()
    moved = RedirectWithDeletion("big", "small", share=0.4)(before, MEMBERS, np.random.default_rng(0))
    given = Redirect("big", "small", share=0.4)(before, MEMBERS, np.random.default_rng(0))
    struck = Strike("big", share=0.4)(before, MEMBERS, np.random.default_rng(0))
    assert moved["small"].holdings == given["small"].holdings
    assert moved["big"].holdings == struck["big"].holdings


def test_a_rival_that_has_everything_loses_nothing_by_a_gift_of_part():
    before = market()
    again = Redirect("small", "big", share=0.4)(before, MEMBERS, np.random.default_rng(0))
    assert again["big"].holdings == before["big"].holdings


def test_only_new_records():
    """Of a market in which half of all records have arrived, a tenth of all in this round."""
    arrived, fresh = Portion.of(until=0.5), Portion.of(since=0.4, until=0.5)
    before = {
        name: replace(position, holdings=position.holdings.limited(arrived), arrived=arrived, fresh=fresh)
        for name, position in market().items()
    }
    rng = np.random.default_rng(0)
    struck = Strike("big", what="new")(before, MEMBERS, rng)["big"].holdings
    assert struck == before["big"].holdings.without(MEMBERS[:2], fresh)
    assert Strike("big")(before, MEMBERS, rng)["big"].holdings == before["big"].holdings.without(MEMBERS[:2])
    given = Redirect("big", "small", what="new")(before, MEMBERS, rng)["small"].holdings
    assert given == before["small"].holdings.with_(MEMBERS[:2], fresh)
    everything = Redirect("big", "small")(before, MEMBERS, rng)["small"].holdings
    assert everything == before["small"].holdings.with_(MEMBERS[:2], arrived)


def test_unlinked_records_stay_with_the_target():
    _, after = pulled("unlink")
    np.testing.assert_array_equal(np.flatnonzero(after["big"].holdings.unlinked), [1, 2])
    assert after["big"].holdings.present.all()
    assert not after["big"].holdings.partial.any()
    assert not after["big"].boycotted.any()
