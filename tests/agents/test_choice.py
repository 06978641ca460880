"""Where people are who would like to be in several coalitions, and how each joining rule goes about it."""

import numpy as np
import pytest
from datacoalition.agents.joining import JOININGS, BestResponse, CriticalMass, Imitation, Payoff, Threshold
from datacoalition.agents.joining.choice import beside, chosen

from .test_joining import prospects, straight

NAN = np.nan
TWO_OPEN = np.array([False, False, True])
"""Of three coalitions, the last allows no other."""


@pytest.mark.parametrize(
    ("wish", "exclusive", "wanted"),
    [
        ([0.3, 0.2, 0.4], [0, 0, 1], [1, 1, 0]),  # both together are liked better than the third
        ([0.3, 0.2, 0.6], [0, 0, 1], [0, 0, 1]),
        ([0.3, 0.2, 0.5], [0, 0, 1], [1, 1, 0]),  # the first of equals
        ([0.3, NAN, 0.4], [0, 0, 1], [0, 0, 1]),
        ([-0.3, NAN, NAN], [0, 0, 1], [1, 0, 0]),  # disliked, but they would be in it
        ([NAN, NAN, NAN], [0, 0, 1], [0, 0, 0]),
        ([0.3, 0.2, 0.2], [1, 1, 1], [1, 0, 0]),
        ([0.3, 0.3, NAN], [1, 1, 1], [1, 0, 0]),
        ([0.3, -0.2, NAN], [0, 0, 0], [1, 1, 0]),
        ([0.3, 0.2, 0.1], [0, 1, 1], [1, 0, 0]),
    ],
)
def test_all_that_allow_others_or_one_that_does_not(wish, exclusive, wanted):
    found = chosen(np.array([wish, wish]), np.array(exclusive, dtype=bool))
    np.testing.assert_array_equal(found, np.array([wanted, wanted], dtype=bool))


def test_what_goes_with_what():
    some = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1]], dtype=bool)
    may = np.array([[1, 1, 1], [1, 1, 0], [1, 1, 0], [0, 0, 1]], dtype=bool)
    np.testing.assert_array_equal(beside(some, TWO_OPEN), may)
    np.testing.assert_array_equal(beside(some[:1], ~TWO_OPEN), may[:1])


@pytest.mark.parametrize("name", JOININGS)
def test_no_rule_wants_what_does_not_go_together(name):
    rng, n = np.random.default_rng(3), 200
    now = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1]], dtype=bool)[rng.integers(0, 4, n)]
    seen = prospects(
        n, 3, peers=rng.random((n, 3)), alignment=rng.random((n, 3)), excludable=rng.normal(0, 0.5, (n, 3)),
        member=now, exclusive=TWO_OPEN,
    )  # fmt: skip
    before = now.copy()
    there = chosen(JOININGS[name]()(seen), TWO_OPEN)
    assert not (there[:, 2] & there[:, :2].any(axis=1)).any()
    assert there.all(axis=1).sum() == 0 < (there[:, 0] & there[:, 1]).sum()  # some are in both
    assert there[:, 2].any()
    np.testing.assert_array_equal(now, before)


def test_each_threshold_is_met_or_not_by_itself():
    seen = prospects(3, 2, peers=[[0.5, 0.2], [0.5, 0.5], [0.1, 0.1]], threshold=np.full(3, 0.3), exclusive=[0, 0])
    there = chosen(Threshold()(seen), np.zeros(2, dtype=bool))
    np.testing.assert_array_equal(there, [[True, False], [True, True], [False, False]])


def test_best_responses_without_noise_are_what_pays():
    rng = np.random.default_rng(0)
    gain = rng.normal(0, 1, (300, 3))
    seen = prospects(300, 3, excludable=gain, exclusive=TWO_OPEN)
    there = chosen(BestResponse(noise=0, reconsidering=1)(seen), TWO_OPEN)
    np.testing.assert_array_equal(there, chosen(Payoff()(seen), TWO_OPEN))
    both = np.maximum(gain[:, :2], 0).sum(axis=1)
    np.testing.assert_array_equal(there[:, 2], gain[:, 2] > both)
    np.testing.assert_array_equal(there[:, 0], (gain[:, 2] <= both) & (gain[:, 0] > 0))


def test_slips_follow_the_logit_over_sets():
    """Every set of those that allow others, and the one that does not, by exp of what it is worth in all [B93]."""
    n, gain, noise = 60_000, np.array([0.3, -0.2, 0.1]), 0.25
    seen = prospects(n, 3, excludable=np.tile(gain, (n, 1)), exclusive=TWO_OPEN)
    there = chosen(BestResponse(noise=noise, reconsidering=1)(seen), TWO_OPEN)
    sets = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]], dtype=bool)
    weight = np.exp(sets @ gain / noise)
    for some, expected in zip(sets, weight / weight.sum(), strict=True):
        assert (there == some).all(axis=1).mean() == pytest.approx(expected, abs=0.01)


def test_who_copies_is_in_all_that_the_other_is_in_as_far_as_they_are_taken():
    member = np.array([[1, 1, 0], [0, 0, 0]], dtype=bool)
    paid = [[1e6, 1e6, 0.0]] * 2
    both = Imitation(noise=1e-9)(prospects(2, 3, excludable=paid, member=member, exclusive=TWO_OPEN))
    np.testing.assert_array_equal(~np.isnan(both), [[True, True, False]] * 2)
    taken = np.array([[1, 1, 1], [1, 0, 1]], dtype=bool)
    one = Imitation(noise=1e-9)(prospects(2, 3, excludable=paid, member=member, exclusive=TWO_OPEN, open=taken))
    np.testing.assert_array_equal(~np.isnan(one[1]), [True, False, False])
    # What somebody had is what all of it together left them: .5 - .9 is worse than nothing.
    worse = [[0.5, -0.9, 0.0]] * 2
    left = Imitation(noise=1e-9)(prospects(2, 3, excludable=worse, member=member, exclusive=TWO_OPEN))
    assert np.isnan(left).all()


def test_contributing_to_all_that_are_worth_it_or_to_the_one_that_is_worth_more():
    rule = CriticalMass(value=1.0, cost=0.2)
    slopes = {"both": (0.5, 0.4, 0.6), "one": (0.5, 0.1, 0.3), "third": (0.5, 0.1, 0.9), "none": (0.1, 0.1, 0.1)}
    # Worth slope - .2 each for every share of the records.
    expected = {"both": [1, 1, 0], "one": [1, 0, 0], "third": [0, 0, 1], "none": [0, 0, 0]}
    for name, rising in slopes.items():
        seen = prospects(
            4,
            3,
            alignment=np.ones((4, 3)),
            exclusive=TWO_OPEN,
            production=lambda grid, rising=rising: straight(*rising),
        )
        np.testing.assert_array_equal(~np.isnan(rule(seen)), [np.array(expected[name], dtype=bool)] * 4)


def test_whoever_has_contributed_stays_and_may_add_only_what_goes_with_it():
    member = np.array([[1, 0, 0], [0, 0, 1]], dtype=bool)
    seen = prospects(
        2, 3, alignment=np.ones((2, 3)), exclusive=TWO_OPEN, member=member,
        production=lambda grid: straight(0.1, 0.5, 0.9),
    )  # fmt: skip
    np.testing.assert_array_equal(~np.isnan(CriticalMass()(seen)), [[True, True, False], [False, False, True]])
