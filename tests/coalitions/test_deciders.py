"""The family of deciders, who stand in for a vote: what holds for every one of them, and what each does."""

import copy

import numpy as np
import pytest
from datacoalition.coalitions.deciders import DECIDERS, Dictator, EachAlone, Lot, Oracle, Question

FAMILY = pytest.mark.parametrize("name", list(DECIDERS))


def question(members=30, options=4, seed=0, payoffs=None) -> Question:
    rng = np.random.default_rng(seed)
    ratings = rng.normal(size=(members, options))
    ratings[:, 0] = 0
    found = np.zeros(options) if payoffs is None else np.array(payoffs, dtype=float)
    return Question(ratings, rng.random(members) < 0.3, rng.random(members), lambda: found)


@FAMILY
def test_every_member_is_told_an_option_of_the_ballot(name):
    decider = DECIDERS[name]()
    for seed in range(20):
        asked = question(seed=seed, payoffs=[0, -1, 2, 1])
        before = copy.deepcopy(asked.ratings)
        choices = decider(asked, np.random.default_rng(seed))
        assert choices.shape == (30,)
        assert ((choices >= 0) & (choices < 4)).all()
        assert len(set(choices.tolist())) == 1 or not decider.together
        np.testing.assert_array_equal(asked.ratings, before)
        np.testing.assert_array_equal(choices, decider(asked, np.random.default_rng(seed)))


@FAMILY
def test_with_the_status_quo_alone_nothing_is_done(name):
    assert not DECIDERS[name]()(question(options=1), np.random.default_rng(0)).any()


@FAMILY
def test_what_is_worse_than_nothing_in_every_eye_is_not_done(name):
    if name == "lot":
        pytest.skip("chance does not look")
    asked = question(payoffs=[0, -1, -2, -3])
    worse = Question(np.minimum(asked.ratings, 0), asked.founders, asked.lots, asked.payoffs)
    assert not DECIDERS[name]()(worse, np.random.default_rng(0)).any()


def drawn(lot: Lot, n=4000) -> np.ndarray:
    asked = question()
    return np.bincount([lot(asked, np.random.default_rng(i))[0] for i in range(n)], minlength=4) / n


def test_the_lot_draws_every_option_or_acts_as_often_as_it_is_told():
    np.testing.assert_allclose(drawn(Lot()), 0.25, atol=0.025)
    np.testing.assert_allclose(drawn(Lot(acts=0.6)), [0.4, 0.2, 0.2, 0.2], atol=0.025)
    assert drawn(Lot(acts=0.0), 50)[0] == 1
    assert drawn(Lot(acts=1.0), 50)[0] == 0


def test_a_dictator_is_one_founder_for_good_whoever_joins():
    asked = question()
    founders = np.flatnonzero(asked.founders)
    one = founders[np.argmin(asked.lots[founders])]
    expected = asked.ratings[one].argmax()
    assert (Dictator()(asked, np.random.default_rng(0)) == expected).all()
    more = Question(
        np.vstack([asked.ratings, np.tile([0.0, 9, 9, 9], (5, 1))]),
        np.append(asked.founders, np.zeros(5, dtype=bool)),
        np.append(asked.lots, np.zeros(5)),
        asked.payoffs,
    )
    assert (Dictator()(more, np.random.default_rng(1)) == expected).all()


def test_the_oracle_takes_what_pays_most_whatever_members_think():
    assert (Oracle()(question(payoffs=[0, -1, 2, 1]), np.random.default_rng(0)) == 2).all()
    assert (Oracle()(question(payoffs=[0, np.nan, -1, 1]), np.random.default_rng(0)) == 3).all()


def test_each_alone_is_each_members_own_best():
    asked = question()
    np.testing.assert_array_equal(EachAlone()(asked, np.random.default_rng(0)), asked.ratings.argmax(axis=1))
