"""Margins: by how few ballots a vote was decided."""

from itertools import combinations, product

import numpy as np
import pytest
from datacoalition.coalitions.margins import _enough, margin
from datacoalition.coalitions.rules import RULES, Approval, Fixed, Majority, Plurality, Score, Supermajority
from hypothesis import given, settings
from hypothesis import strategies as st

from .profiles import NAN, profiles, votes_for

FAMILY = pytest.mark.parametrize("name", list(RULES))
WITH_MARGIN = ["plurality", "majority", "supermajority", "approval", "score"]
rules = st.one_of(
    st.builds(Plurality, quorum=st.sampled_from([0.0, 0.5, 2 / 3, 1.0])),
    st.builds(Majority, quorum=st.sampled_from([0.0, 0.5, 2 / 3, 1.0])),
    st.builds(Supermajority, share=st.sampled_from([0.51, 2 / 3, 1.0]), quorum=st.sampled_from([0.0, 0.5])),
    st.builds(Approval, quorum=st.sampled_from([0.0, 0.5, 2 / 3, 1.0])),
    st.builds(Score, quorum=st.sampled_from([0.0, 0.5, 1.0]), steps=st.sampled_from([None, 3])),
    st.builds(Score, reading=st.just(Fixed(0.0, 2.0)), quorum=st.sampled_from([0.0, 0.5])),
)


def brute_force(rule, ballots, weights):
    """The margin by trying every change of every group of ballots."""
    voters, options = ballots.shape
    before = rule(ballots, weights).winner
    every = np.array(list(product([0.0, 1.0, 2.0, NAN], repeat=options)))
    cast = ~np.isnan(every).all(axis=1)
    _, kinds = np.unique(np.column_stack([rule.support(every), cast]), axis=0, return_index=True)
    for size in range(1, voters + 1):
        for changed, rows in product(combinations(range(voters), size), product(kinds, repeat=size)):
            other = ballots.copy()
            other[list(changed)] = every[list(rows)]
            if rule(other, weights).winner != before:
                return size
    return None


@settings(max_examples=400, deadline=None)
@given(profile=profiles(), rule=rules)
def test_margin_is_what_trying_everything_finds(profile, rule):
    ballots, weights = profile
    assert margin(rule, ballots, weights) == brute_force(rule, ballots, weights)


def fewest_changed(rule, ballots, weights):
    """The margin by trying every group of ballots, each changed to a vote for one option or to none."""
    voters, options = ballots.shape
    before = rule(ballots, weights).winner
    for size in range(1, voters + 1):
        for changed, row in product(combinations(range(voters), size), [*np.eye(options), np.full(options, NAN)]):
            other = ballots.copy()
            other[list(changed)] = row
            if rule(other, weights).winner != before:
                return size
    return None


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("weighing", ["none", "whole", "roots", "any"])
def test_margin_of_larger_votes(seed, weighing):
    rng = np.random.default_rng(seed)
    ballots = rng.integers(0, 3, (8, 4)).astype(float)
    ballots[:, 0] += rng.choice([0, 0.5])
    ballots[rng.random(8) < 0.25] = NAN
    weights = {
        "none": None,
        "whole": rng.integers(0, 9, 8),
        "roots": rng.choice([1, 2**0.5, 3**0.5], 8),
        "any": rng.lognormal(size=8),
    }[weighing]
    rule = [Plurality(), Approval(), Plurality(quorum=0.9), Majority(quorum=0.9), Score(), Score(quorum=0.9)][seed % 6]
    assert margin(rule, ballots, weights) == fewest_changed(rule, ballots, weights)


@pytest.mark.parametrize("seed", [1232, 1314, 1712, 1714, 1862, 2082, 2262])
def test_margin_where_prices_alone_say_too_few(seed):
    # Seeds picked because a fraction of a ballot would do where a whole one is needed, so that ranges must be split.
    rng = np.random.default_rng(seed)
    ballots, weights = rng.integers(0, 2, (16, 5)).astype(float), rng.lognormal(size=16)
    ballots[rng.random(16) < 0.4] = NAN
    rule = Plurality(quorum=0.9)
    assert margin(rule, ballots, weights) == fewest_changed(rule, ballots, weights)


@pytest.mark.parametrize("seed", range(60))
def test_the_search_on_harder_coverings_than_votes_make(seed):
    # Votes are kind: filling up the fractional plan nearly always works. Here it does not, and ranges must be split.
    rng = np.random.default_rng(seed)
    gains, ballots = rng.integers(0, 100, (10, 4)).astype(float), 4
    groups = np.array([gains[list(group)].sum(axis=0) for group in combinations(range(10), ballots)])
    needs = groups[rng.integers(len(groups))]
    assert _enough(ballots, gains, needs - 0.5, np.ones(10, dtype=np.int64))
    beyond = needs + rng.integers(0, 30, 4)
    possible = bool((groups >= beyond).all(axis=1).any())
    assert _enough(ballots, gains, beyond - 0.5, np.ones(10, dtype=np.int64)) == possible


def test_margins_by_hand():
    # 5 to 2: after one change 4 to 3, after two 3 to 4, and a new winner.
    assert margin(Plurality(), votes_for(3, _1=5, _2=2)) == 2
    # 5 to 3: one change makes it 4 to 4, and a tie brings back the status quo.
    assert margin(Plurality(), votes_for(3, _1=5, _2=3)) == 1
    # Status quo 6, option 1 3, option 2 3: with two changes 4, 5, 3.
    assert margin(Plurality(), votes_for(3, _0=6, _1=3, _2=3)) == 2
    # 6 of 10 cast is a majority; 5 of 10 is not.
    assert margin(Majority(), votes_for(2, _0=4, _1=6)) == 1
    # Abstainers count: none voted of 4, quorum one half, so two must, and two of two is a majority.
    assert margin(Majority(quorum=0.5), np.full((4, 2), NAN)) == 2
    # 5 of 8 voted, quorum one half: when two abstain it is missed, sooner than three of five change sides.
    assert margin(Majority(quorum=0.5), np.vstack([votes_for(2, _1=5), np.full((3, 2), NAN)])) == 2
    # 9 approve of option 1 and 7 of option 2: one of the two for option 1 only, now for 2 only, makes it 8 to 8.
    assert margin(Approval(), [[0, 1, 1]] * 7 + [[0, 1, 0]] * 2) == 1
    # Scores 4 and 3.2: one ballot of the four to option 2 alone makes it 3 to 3.4.
    assert margin(Score(), [[0, 5, 4]] * 4) == 1
    # The heaviest ballot decides: 5 against 3 + 1.
    assert margin(Plurality(), votes_for(2, _0=1, _1=2), [5, 3, 1]) == 1


@FAMILY
def test_rules_without_a_known_margin_say_so(name):
    assert (margin(RULES[name](), votes_for(3, _1=5, _2=2)) is None) == (name not in WITH_MARGIN)


@FAMILY
@pytest.mark.parametrize(
    ("ballots", "weights"), [(np.empty((0, 3)), None), (np.ones((4, 1)), None), (votes_for(3, _1=2), [0, 0])]
)
def test_no_margin_where_nothing_changes_the_winner(name, ballots, weights):
    assert margin(RULES[name](), ballots, weights) is None


def test_margin_of_the_whole_is_known_for_a_large_vote():
    # Status quo 4,000, options 1 to 5 1,200 each, all distinct in form: r ballots of the status quo to option 1 give
    # 4,000 - r < 1,200 + r from r = 1,401.
    ballots = votes_for(6, _0=4000, _1=1200, _2=1200, _3=1200, _4=1200, _5=1200)
    assert margin(Plurality(), ballots) == 1401
