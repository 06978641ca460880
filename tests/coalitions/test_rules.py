"""The family of decision rules: the contract, and each rule on votes worked out by hand."""

from itertools import permutations

import numpy as np
import pytest
from datacoalition.coalitions.counter_examples import COUNTER_EXAMPLES
from datacoalition.coalitions.rules import (
    READINGS,
    RULES,
    Approval,
    Borda,
    Copeland,
    Fixed,
    InstantRunoff,
    Majority,
    Own,
    Plurality,
    Quadratic,
    Schulze,
    Score,
    Star,
    Supermajority,
)
from datacoalition.ml_tasks.settings import InputError
from hypothesis import given, settings
from hypothesis import strategies as st

from .profiles import NAN, profiles, votes_for

FAMILY = pytest.mark.parametrize("name", list(RULES))
BEATEN = (Copeland, Schulze)
"""Rules whose tally is a number of options, not of votes."""

quorums = st.sampled_from([0.0, 0.5, 2 / 3, 1.0])
rules = st.one_of(
    *(st.builds(rule, quorum=quorums) for rule in RULES.values()),
    st.builds(Supermajority, share=st.sampled_from([0.51, 2 / 3, 1.0]), quorum=quorums),
    st.builds(Schulze, strength=st.just("margins"), quorum=quorums),
    st.builds(Score, reading=st.sampled_from([Own(), Fixed(0.0, 1.0)]), steps=st.sampled_from([None, 2, 5])),
    st.builds(Star, reading=st.sampled_from([Own(), Fixed(0.0, 1.0)]), steps=st.sampled_from([None, 2, 5])),
)


# Laws of the family


@settings(max_examples=150)
@given(profile=profiles(), rule=rules, order=st.randoms(use_true_random=False))
def test_anonymous(profile, rule, order):
    ballots, weights = profile
    shuffled = list(range(len(ballots)))
    order.shuffle(shuffled)
    other = None if weights is None else np.array(weights)[shuffled]
    before, after = rule(ballots, weights), rule(ballots[shuffled], other)
    assert before.winner == after.winner
    np.testing.assert_allclose(before.tally, after.tally, atol=1e-12)


@settings(max_examples=100)
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
    assert (outcome.cast, outcome.electorate, outcome.quorate) == (5, 5, True)


@FAMILY
def test_a_tie_keeps_the_status_quo_even_if_it_is_not_among_the_tied(name):
    assert RULES[name]()(votes_for(3, _1=3, _2=3)).winner == 0
    assert RULES[name]()(votes_for(3, _0=3, _2=3)).winner == (2 if name in {"approval", "quadratic"} else 0)


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
    np.testing.assert_array_equal(ballots, kept)
    np.testing.assert_array_equal(weights, kept_weights)
    assert (first.winner, first.cast, first.quorate) == (second.winner, second.cast, second.quorate)
    np.testing.assert_array_equal(first.tally, second.tally)


@given(profile=profiles(), rule=rules, scale=st.sampled_from([1e-6, 0.3, 1e6]))
def test_only_the_ratio_of_weights_matters(profile, rule, scale):
    ballots, _ = profile
    plain, weighted = rule(ballots), rule(ballots, np.full(len(ballots), scale))
    assert plain.winner == weighted.winner
    np.testing.assert_allclose(plain.tally * (1 if isinstance(rule, BEATEN) else scale), weighted.tally, atol=1e-12)


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

TENNESSEE = COUNTER_EXAMPLES["condorcet"]["plurality"].ballots
SCHULZE = [
    [5 - order.index(option) for option in "ABCDE"]
    for voters, order in (
        (5, "ACBED"), (5, "ADECB"), (8, "BEDAC"), (3, "CABED"), (7, "CAEBD"), (2, "CBADE"), (7, "DCEBA"), (8, "EBADC"),
    )
    for _ in range(voters)
]  # fmt: skip


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


def test_borda_is_the_published_count():
    # Tennessee, points 3 to 0: Memphis 42 x 3; Nashville 42 x 2 + 26 x 3 + 15 + 17; Chattanooga 42 + 26 x 2 + 15 x 3 +
    # 17 x 2; Knoxville 26 + 15 x 2 + 17 x 3.
    outcome = Borda()(TENNESSEE)
    np.testing.assert_allclose(3 * outcome.tally, [126, 194, 173, 107])
    assert outcome.winner == 1
    # Level options share their places, and so do those without a rating, which come last.
    np.testing.assert_allclose(2 * Borda()([[2, 2, 1]]).tally, [1.5, 1.5, 0])
    np.testing.assert_allclose(2 * Borda()([[-np.inf, NAN, NAN]]).tally, [2, 0.5, 0.5])


def test_copeland_counts_wins_and_half_of_draws():
    np.testing.assert_array_equal(Copeland()(TENNESSEE).tally, [0, 3, 2, 1])
    # A cycle of three above the fourth: nobody leads.
    cycle = [[0, 3, 2, 1]] * 2 + [[0, 1, 3, 2]] * 2 + [[0, 2, 1, 3]] * 2
    outcome = Copeland()(cycle)
    np.testing.assert_array_equal(outcome.tally, [0, 2, 2, 2])
    assert outcome.winner == 0
    np.testing.assert_array_equal(Copeland()(votes_for(3, _1=1, _2=1)).tally, [0, 1.5, 1.5])


def test_schulze_on_his_own_example():
    """45 voters, options A to E as 0 to 4: E wins, and the order is E A C B D [S11]."""
    outcome = Schulze()(SCHULZE)
    assert outcome.winner == 4
    np.testing.assert_array_equal(outcome.tally, [3, 1, 2, 0, 4])
    assert Schulze(strength="margins")(SCHULZE).winner == 4


def test_winning_votes_and_margins_differ_where_some_do_not_care():
    # 3 beats 1 by 6 to 3, 2 beats 3 by 5 to 4, 1 beats 2 by 4 to 2 while three do not mind. Most votes leave 2 on top,
    # since 4 are fewest; margins leave 3 on top, since 5 to 4 is least.
    ballots = [[0, 1, 3, 2]] * 2 + [[0, 2, 1, 3]] * 4 + [[0, 2, 2, 1]] * 3
    assert (Schulze()(ballots).winner, Schulze(strength="margins")(ballots).winner) == (2, 3)


def test_the_last_goes_out_until_one_is_left():
    # Tennessee: Chattanooga goes out, then Nashville (26 to 32 and 42), and Knoxville has 58.
    outcome = InstantRunoff()(TENNESSEE)
    assert outcome.winner == 3
    np.testing.assert_array_equal(outcome.tally, [42, 26, 15, 58])
    # Two ballots for option 3 alone: once it is out they count no more, and 1 beats 2 by 3 to 2.5.
    outcome = InstantRunoff()([[NAN, 2, 1, NAN]] * 3 + [[NAN, NAN, 1, NAN]] * 2 + [[NAN, NAN, NAN, 1]])
    assert outcome.winner == 1
    np.testing.assert_array_equal(outcome.tally, [0, 3, 2, 1])


def test_a_tie_for_the_last_place_matters_only_if_it_changes_the_winner():
    # 1 and 2 tie with two votes each, and whoever goes, 3 wins with five.
    assert InstantRunoff()([[0, 3, 1, 2]] * 2 + [[0, 1, 3, 2]] * 2 + [[0, 1, 2, 3]] * 3).winner == 3
    # Whoever stays has four against three, so it is neither.
    outcome = InstantRunoff()([[0, 3, 2, 1]] * 2 + [[0, 2, 3, 1]] * 2 + [[0, 1, 2, 3]] * 3)
    assert outcome.winner == 0
    assert sorted(outcome.tally) == [0, 2, 3, 4]  # of one of the two ways
    # Twenty options without a vote are out together, in no time.
    assert InstantRunoff()(votes_for(22, _1=2, _0=1)).winner == 1


def test_scores_are_by_ones_own_scale():
    read = READINGS["own"]()
    rows = [[0, 5, 10], [-3, -1, -2], [7, 7, 7], [NAN, 4, NAN], [NAN, 1, 3], [-np.inf, 0, np.inf]]
    rows += [[-np.inf, 0, 1], [0, 1, np.inf], [np.inf, np.inf, 0], [-1.7e308, 0, 1.7e308]]
    scores = [[0, 0.5, 1], [0, 1, 0.5], [1, 1, 1], [0, 1, 0], [0, 0, 1], [0, 0.5, 1]]
    scores += [[0, 1, 1], [0, 0, 1], [1, 1, 0], [0, 0.5, 1]]
    np.testing.assert_allclose(read(np.array(rows, dtype=float)), scores)


def test_scores_are_by_one_scale_for_all():
    read = Fixed(0, 10)
    np.testing.assert_allclose(read(np.array([[-5, 5, 20, NAN, np.inf, -np.inf]])), [[0, 0.5, 1, 0, 1, 0]])
    with pytest.raises(InputError, match="highest"):
        Fixed(1, 1)


@pytest.mark.parametrize("reading", READINGS.values())
@given(rows=st.lists(st.lists(st.sampled_from([0.0, 1e308, -1e308, 1e-308, 3.0, np.inf, -np.inf, NAN]), min_size=3,
                              max_size=3), min_size=1, max_size=3))  # fmt: skip
def test_every_reading_is_from_0_to_1_and_in_order(reading, rows):
    ballots = np.array(rows)
    scores = reading()(ballots)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (scores[np.isnan(ballots)] == 0).all()
    for row, score in zip(ballots, scores, strict=True):
        rated = ~np.isnan(row)
        assert (np.diff(score[rated][np.argsort(row[rated], kind="stable")]) >= 0).all()


def test_score_sums_and_star_lets_the_two_highest_meet():
    # Scores of 0 to 5: option 1 has 5 x 3 = 15, option 2 has 3 x 3 + 4 x 2 = 17, and 3 of 5 voters score 1 higher.
    ballots = [[0, 5, 3]] * 3 + [[0, 0, 4]] * 2
    scored, star = Score(Fixed(0, 5))(ballots), Star(Fixed(0, 5))(ballots)
    np.testing.assert_allclose(5 * scored.tally, [0, 15, 17])
    assert (scored.winner, star.winner) == (2, 1)
    np.testing.assert_allclose(5 * star.tally, [0, 15, 17])
    # Two tie for the first place with 10 each, and meet.
    assert Star(Fixed(0, 5))([[0, 5, 3]] * 2 + [[0, 0, 4]]).winner == 1
    # Two tie for the second place: the first beats both, or only one of them.
    assert Star(Fixed(0, 5))([[0, 5, 4, 1], [0, 5, 1, 4]]).winner == 1
    assert Star(Fixed(0, 5))([[0, 4, 1, 5], [0, 0, 4, 1], [0, 5, 2, 1]]).winner == 0
    # In whole stars 4.9 is 5, and who gives both the same has no say.
    assert Star(Fixed(0, 5))([[0, 4.9, 5]] * 3).winner == 0
    assert Star(Fixed(0, 5), steps=None)([[0, 4.9, 5]] * 3).winner == 2
    # Halves of a star go up.
    np.testing.assert_allclose(Score(Fixed(0, 5), steps=5)([[0.5, 1.49, 2.5]]).tally, [0.2, 0.2, 0.6])


def test_quadratic_votes_cost_their_square():
    # 16 and 9 of 25 parts above and below the status quo: .8 votes for option 1 and .6 against option 2.
    outcome = Quadratic()([[1, 17, -8]])
    np.testing.assert_allclose(outcome.tally, [0, 0.8, -0.6])
    assert outcome.winner == 1
    # All on one option: a vote; four options alike: half a vote each. Two infinite gaps share the credit.
    np.testing.assert_allclose(Quadratic()([[0, 0.1, 0]]).tally, [0, 1, 0])
    np.testing.assert_allclose(Quadratic()([[0, 3, 3, 3, 3]]).tally, [0, 0.5, 0.5, 0.5, 0.5])
    np.testing.assert_allclose(Quadratic()([[0, np.inf, -np.inf, 9]]).tally, [0, 0.5**0.5, -(0.5**0.5), 0])
    np.testing.assert_allclose(Quadratic()([[-1.7e308, 1.7e308, 0]]).tally, [0, (2 / 3) ** 0.5, (1 / 3) ** 0.5])
    # Without a rating for the status quo there is nothing to compare with.
    assert Quadratic()([[NAN, 1, 2]]).winner == 0


@FAMILY
def test_infinite_ratings_never_end_in_nan(name):
    ballots = [[np.inf, np.inf, 0], [-np.inf, 0, np.inf], [0, -np.inf, NAN], [-np.inf, -np.inf, -np.inf]]
    assert np.isfinite(RULES[name]()(ballots).tally).all()
