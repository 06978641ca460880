"""Families of players: who is there when a group is, and what a jointly held record does to values."""

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.methods import values
from datacoalition.valuation.players import Family
from hypothesis import given
from hypothesis import strategies as st

HOLDERS = [("ann",), ("bo",), ("ann", "bo"), ("ann", "bo", "cy"), ()]


def present(family, *group):
    return family.present(group).tolist()


@pytest.mark.parametrize(
    ("joint", "group", "expected"),
    [
        ("any", ["ann"], [1, 0, 1, 1, 0]),
        ("all", ["ann"], [1, 0, 0, 0, 0]),
        ("most", ["ann"], [1, 0, 0, 0, 0]),
        ("any", ["ann", "bo"], [1, 1, 1, 1, 0]),
        ("all", ["ann", "bo"], [1, 1, 1, 0, 0]),
        ("most", ["ann", "bo"], [1, 1, 1, 1, 0]),
        ("all", ["ann", "bo", "cy"], [1, 1, 1, 1, 0]),
        ("any", [], [0, 0, 0, 0, 0]),
    ],
)
def test_a_jointly_held_record_is_there_if_enough_of_its_holders_are(joint, group, expected):
    assert present(Family.holders(HOLDERS, joint), *group) == [bool(e) for e in expected]


def test_contributors_outside_are_absent_or_present_and_the_note_says_so():
    absent = Family.by_label(["x", None, "y"])
    there = Family(absent.names, absent.holds, outside="present")
    assert present(absent, "x") == [True, False, False]
    assert present(there, "x") == [True, True, False]
    assert absent.note == "1 contributors outside the players are always absent"
    assert there.note == "1 contributors outside the players are always present"
    assert "2 jointly held contributors count if most of their holders do" in Family.holders(HOLDERS, "most").note
    assert absent.fingerprint != there.fingerprint


@given(st.lists(st.sets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=12))
def test_the_union_game_comes_out_exactly(holders):
    """v(S) = number of records held by anybody of S: a record is shared equally by its holders [closed form]."""
    family = Family.holders(holders)
    found = values(family.names, lambda group: float(family.present(group).sum()))
    expected = [sum(1 / len(own) for own in holders if name in own) for name in family.names]
    np.testing.assert_allclose(found.worth, expected, rtol=0, atol=1e-12)


@given(st.lists(st.sets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=12))
def test_so_does_the_game_in_which_all_holders_must_agree(holders):
    """Unanimity games: each record is again shared equally, but is there only with all of its holders."""
    family = Family.holders(holders, "all")
    found = values(family.names, lambda group: float(family.present(group).sum()), "leave_one_out")
    expected = [sum(name in own for own in holders) for name in family.names]
    np.testing.assert_allclose(found.worth, expected, rtol=0, atol=1e-12)


def test_masks_labels_and_users_give_the_same_families():
    masks = Family.of({"x": np.array([True, False, True]), "y": np.array([False, True, False])})
    labels = Family.by_label(["x", "y", "x"])
    assert masks.names == labels.names == ("x", "y")
    assert masks.fingerprint == labels.fingerprint
    assert labels.members("x").tolist() == [True, False, True]
    assert Family.users(["u", "v"]).present(["v"]).tolist() == [False, True]


def test_random_groups_hold_everybody_once():
    family = Family.random(10, 4, np.random.default_rng(0))
    held = np.stack([family.members(name) for name in family.names])
    assert held.sum(axis=0).tolist() == [1] * 10
    assert held.sum(axis=1).tolist() == [4, 4, 2]
    other = Family.random(10, 4, np.random.default_rng(1))
    assert family.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Family.of({}), "^players: found none"),
        (lambda: Family.by_label([None]), "^players: found none"),
        (lambda: Family.of({"x": np.zeros(3, dtype=bool)}), "^players: found 'x', who holds nothing"),
        (lambda: Family.users(["u", "u"]), "^players: found 'u' more than once"),
        (lambda: Family.random(5, 6, np.random.default_rng(0)), "^players: found groups of 6"),
        (lambda: Family.holders(HOLDERS, "some"), "^joint: found 'some'; expected one of any, all, most"),
        (lambda: Family.users(["u", "v"]).check_records(np.array([3, 0])), "^players: found 'v', who has no training"),
    ],
)
def test_bad_families_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
