"""The family of decision rules, and the margin by which they decide."""

from itertools import combinations, permutations, product

import numpy as np
import pytest
from datacoalition.coalitions.margins import _enough, margin
from datacoalition.coalitions.rules import RULES, Approval, Majority, Plurality, Supermajority
from datacoalition.ml_tasks.settings import InputError
from hypothesis import given, settings
from hypothesis import strategies as st

NAN = np.nan
FAMILY = pytest.mark.parametrize("name", list(RULES))


def votes_for(options, **counts):
    """Ballots of which each rates one option 1 and the rest 0: votes_for(3, _1=2) is two for option 1."""
    return np.array([np.eye(options)[int(option[1:])] for option, count in counts.items() for _ in range(count)])


@st.composite
def profiles(draw, most_voters=4, most_options=3):
    """Ballots with tied tops and abstentions, and weights or None."""
    options = draw(st.integers(1, most_options))
    rating = st.sampled_from([0.0, 1.0, 2.0, NAN])
    row = st.lists(rating, min_size=options, max_size=options)
    rows = draw(st.lists(row | st.just([NAN] * options), max_size=most_voters))
    weight = st.sampled_from([0.0, 0.1, 1 / 3, 1.0, 2.0, 2**0.5, 3**0.5])
    weights = draw(st.none() | st.lists(weight, min_size=len(rows), max_size=len(rows)))
    return np.array(rows, dtype=float).reshape(len(rows), options), weights


rules = st.one_of(
    st.builds(Plurality, quorum=st.sampled_from([0.0, 0.5, 2 / 3, 1.0])),
    st.builds(Majority, quorum=st.sampled_from([0.0, 0.5, 2 / 3, 1.0])),
    st.builds(Supermajority, share=st.sampled_from([0.51, 2 / 3, 1.0]), quorum=st.sampled_from([0.0, 0.5])),
    st.builds(Approval, quorum=st.sampled_from([0.0, 0.5, 2 / 3, 1.0])),
)


# Laws of the family


@given(profile=profiles(), rule=rules, order=st.randoms(use_true_random=False))
def test_anonymous(profile, rule, order):
    ballots, weights = profile
    shuffled = list(range(len(ballots)))
    order.shuffle(shuffled)
    other = None if weights is None else np.array(weights)[shuffled]
    before, after = rule(ballots, weights), rule(ballots[shuffled], other)
    assert before.winner == after.winner
    np.testing.assert_allclose(before.tally, after.tally)


@given(profile=profiles(most_options=4), rule=rules)
def test_neutral_among_the_options_that_change_something(profile, rule):
    ballots, weights = profile
    winner = rule(ballots, weights).winner
    for order in permutations(range(1, ballots.shape[1])):
        columns = [0, *order]
        assert columns[rule(ballots[:, columns], weights).winner] == winner


@FAMILY
@pytest.mark.parametrize("option", [0, 1, 2])
def test_unanimous(name, option):
    outcome = RULES[name](quorum=1.0)(votes_for(3, **{f"_{option}": 5}))
    assert outcome.winner == option
    assert (outcome.cast, outcome.quorate) == (5, True)


@FAMILY
def test_a_tie_keeps_the_status_quo_even_if_it_is_not_among_the_tied(name):
    assert RULES[name]()(votes_for(3, _1=3, _2=3)).winner == 0
    assert RULES[name]()(votes_for(3, _0=3, _2=3)).winner == (2 if name == "approval" else 0)


@FAMILY
def test_a_missed_quorum_keeps_the_status_quo(name):
    ballots = np.vstack([votes_for(2, _1=3), np.full((7, 2), NAN)])
    met, missed = RULES[name](quorum=0.3)(ballots), RULES[name](quorum=0.31)(ballots)
    assert (met.winner, met.quorate) == (1, True)
    assert (missed.winner, missed.quorate) == (0, False)
    assert missed.cast == 3
    # By weight: 3 of 3 + 7 x .5 = 6.5 is .46.
    assert RULES[name](quorum=0.46)(ballots, [1] * 3 + [0.5] * 7).quorate


@FAMILY
def test_a_quorum_is_not_missed_by_rounding(name):
    # .07 x 100 is 7.000000000000001 in floats, and 7 of 100 voted.
    ballots = np.vstack([votes_for(2, _1=7), np.full((93, 2), NAN)])
    outcome = RULES[name](quorum=0.07)(ballots)
    assert (outcome.winner, outcome.quorate) == (1, True)


@FAMILY
@pytest.mark.parametrize("ballots", [np.empty((0, 3)), np.full((4, 3), NAN), [[1.0], [2.0]]])
def test_nobody_voting_or_nothing_to_choose_keeps_the_status_quo(name, ballots):
    assert RULES[name]()(ballots).winner == 0


@FAMILY
def test_no_weight_keeps_the_status_quo(name):
    outcome = RULES[name]()(votes_for(3, _1=4), np.zeros(4))
    assert (outcome.winner, outcome.cast) == (0, 0)


@given(profile=profiles(), rule=rules)
def test_pure(profile, rule):
    ballots, weights = profile
    weights = np.ones(len(ballots)) if weights is None else np.array(weights)
    kept, kept_weights = ballots.copy(), weights.copy()
    first, second = rule(ballots, weights), rule(ballots, weights)
    margin(rule, ballots, weights)
    np.testing.assert_array_equal(ballots, kept)
    np.testing.assert_array_equal(weights, kept_weights)
    assert (first.winner, first.cast, first.quorate) == (second.winner, second.cast, second.quorate)
    np.testing.assert_array_equal(first.tally, second.tally)


@given(profile=profiles(), rule=rules, scale=st.sampled_from([1e-6, 0.3, 1e6]))
def test_only_the_ratio_of_weights_matters(profile, rule, scale):
    ballots, _ = profile
    plain, weighted = rule(ballots), rule(ballots, np.full(len(ballots), scale))
    assert plain.winner == weighted.winner
    np.testing.assert_allclose(plain.tally * scale, weighted.tally)


@FAMILY
@pytest.mark.parametrize(
    ("ballots", "weights"),
    [
        (np.empty((2, 0)), None),
        ([1.0, 2.0], None),
        ([], None),
        (np.ones((2, 2, 2)), None),
        ([[1.0], [1.0, 2.0]], None),
        ([["a", "b"]], None),
        (np.ones((2, 2)), [1.0]),
        (np.ones((2, 2)), [1.0, -1.0]),
        (np.ones((2, 2)), [1.0, NAN]),
        (np.ones((2, 2)), [1.0, np.inf]),
        (np.ones((2, 2)), ["a", "b"]),
    ],
)
def test_wrong_ballots_and_weights_are_refused_in_one_sentence(name, ballots, weights):
    with pytest.raises(InputError, match=r"^(ballots|weights): found .+; expected .+$"):
        RULES[name]()(ballots, weights)


@FAMILY
@pytest.mark.parametrize("quorum", [-0.1, 1.1, NAN])
def test_an_impossible_quorum_is_refused(name, quorum):
    with pytest.raises(InputError, match="quorum"):
        RULES[name](quorum=quorum)


@pytest.mark.parametrize("share", [0.5, 1.01])
def test_a_supermajority_is_more_than_half_and_at_most_all(share):
    with pytest.raises(InputError, match="share"):
        Supermajority(share=share)


# Golden cases


def test_plurality_needs_no_majority():
    # 3, 4 and 3 of 10.
    outcome = Plurality()(votes_for(3, _0=3, _1=4, _2=3))
    assert outcome.winner == 1
    np.testing.assert_array_equal(outcome.tally, [3, 4, 3])


def test_tied_tops_share_a_vote():
    # Option 1: 1/2 + 1/3; option 2: 1/3; option 0: 1/2 + 1/3 + 1. The nan is not a top.
    outcome = Plurality()([[2, 2, 0], [1, 1, 1], [1, NAN, 0]])
    np.testing.assert_allclose(outcome.tally, [1 / 2 + 1 / 3 + 1, 1 / 2 + 1 / 3, 1 / 3])
    assert outcome.winner == 0
    # No opinion is not a top, nor is it a rating of 0.
    np.testing.assert_array_equal(Plurality()([[-2, -1, NAN]]).tally, [0, 1, 0])


def test_three_thirds_tie_with_one():
    # In floats .1 + .1 + .1 is above .3: without a tolerance option 1 would win.
    assert Plurality()(votes_for(2, _0=1, _1=3), [0.3, 0.1, 0.1, 0.1]).winner == 0
    thirds = np.vstack([[[0, 1, 1, 1]] * 3, [[0, 0, 1, 0]], [[1, 0, 0, 0]] * 2])
    # Option 2: 3/3 + 1 = 2; option 0: 2; so they tie.
    assert Plurality()(thirds).winner == 0


def test_infinite_ratings_are_ratings():
    # inf ties with inf; a row of -inf rates all options alike.
    np.testing.assert_array_equal(Plurality()([[np.inf, np.inf], [-np.inf, -np.inf], [-np.inf, 0]]).tally, [1, 2])


def test_majority_is_of_the_votes_cast():
    # 3 of 5 cast by 9 members; 2.5 would be half.
    ballots = np.vstack([votes_for(3, _0=1, _1=3, _2=1), np.full((4, 3), NAN)])
    assert Majority()(ballots).winner == 1
    # Half is not more than half: 3 of 6.
    assert Majority()(votes_for(3, _0=2, _1=3, _2=1)).winner == 0
    # By weight 1 x 3 of 3 + 1 + 1 is .6.
    assert Majority()(votes_for(3, _0=1, _1=1, _2=1), [1, 3, 1]).winner == 1


def test_a_supermajority_is_at_least_its_share():
    # 2/3 of 9 is 6: in floats the share is not exactly 6/9, and 6 must do.
    assert Supermajority()(votes_for(2, _0=3, _1=6)).winner == 1
    assert Supermajority()(votes_for(2, _0=4, _1=6)).winner == 0
    assert Supermajority(share=1)(votes_for(2, _1=6)).winner == 1


def test_approval_is_above_the_status_quo():
    ballots = [[0, 1, 2], [1, 1, 2], [NAN, 9, 9], [0, 1, NAN], [0, 1, -1]]
    # Option 1: rows 0, 3, 4 (row 1 rates it equal, row 2 has no rating for the status quo); option 2: rows 0, 1.
    outcome = Approval()(ballots)
    np.testing.assert_array_equal(outcome.tally, [0, 3, 2])
    assert (outcome.winner, outcome.cast) == (1, 5)
    assert Approval()([[1, 0, 0]] * 3).winner == 0


# Margins


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
    rule = [Plurality(), Approval(), Plurality(quorum=0.9), Majority(quorum=0.9)][seed % 4]
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
    # The heaviest ballot decides: 5 against 3 + 1.
    assert margin(Plurality(), votes_for(2, _0=1, _1=2), [5, 3, 1]) == 1


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
