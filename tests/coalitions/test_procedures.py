"""The family of procedures, each worked out by hand; and voting power."""

import copy
import pickle

import numpy as np
import pytest
from datacoalition.coalitions.procedures import (
    PROCEDURES,
    Consensus,
    Conviction,
    Council,
    Credits,
    Delegation,
    Direct,
    Electorate,
    Jury,
    Memory,
    followed,
)
from datacoalition.coalitions.rules import RULES, Fixed, Quadratic, Score
from datacoalition.coalitions.voting_power import VOTING_POWERS, ByRecords, ByStake, ByValue
from datacoalition.ml_tasks.settings import InputError
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

NAN = np.nan
FAMILY = pytest.mark.parametrize("name", list(PROCEDURES))


def members(keys, **columns):
    """An electorate of equals, but for the columns given."""
    keys = np.arange(keys) if isinstance(keys, int) else np.array(keys)
    zeros = np.zeros(len(keys))
    plain = {
        "round": 1, "power": np.ones(len(keys)), "records": zeros, "value": zeros, "dues": zeros, "dividends": zeros,
        "stances": np.zeros((len(keys), 2)),
    }  # fmt: skip
    given_columns = {name: np.array(c, dtype=float) if isinstance(c, list) else c for name, c in columns.items()}
    return Electorate(keys.astype(np.int64), **{**plain, **given_columns})


def rng(seed=0):
    return np.random.default_rng(seed)


def ties(people, draw):
    """A network in which one in three are tied."""
    drawn = np.triu(draw.random((people, people)) < 1 / 3, 1)
    return sparse.csr_array((drawn | drawn.T).astype(float))


def some(people, seed=0):
    """Ballots of three options, a fifth of them not cast, and an electorate with stances, weights and a network."""
    draw = rng(seed)
    ballots = draw.normal(size=(people, 3)) * 0.1
    ballots[draw.random(people) < 0.2] = NAN
    network = ties(people, draw)
    stances, power = draw.uniform(-1, 1, (people, 2)), draw.integers(0, 4, people).astype(float)
    return ballots, members(people, stances=stances, power=power, network=network)


# Laws of the family


@FAMILY
@given(people=st.integers(0, 12), seed=st.integers(0, 50))
@settings(max_examples=40)
def test_what_comes_back_is_a_vote_of_the_same_members(name, people, seed):
    ballots, electorate = some(people, seed)
    votes = PROCEDURES[name]()(ballots, electorate, None, rng(seed))
    assert votes.ballots.shape == ballots.shape
    assert votes.weights.shape == (people,)
    assert (np.isfinite(votes.weights) & (votes.weights >= 0)).all()
    for rule in RULES.values():
        assert np.isfinite(rule(quorum=0.1)(votes.ballots, votes.weights).tally).all()


@FAMILY
def test_pure_and_repeatable(name):
    ballots, electorate = some(30)
    before = copy.deepcopy((ballots, electorate))
    memory = None
    for round_ in range(1, 4):
        kept = copy.deepcopy(memory)
        now = members(30, round=round_, stances=electorate.stances, power=electorate.power, network=electorate.network)
        one, two = (PROCEDURES[name]()(ballots, now, memory, rng(round_)) for _ in range(2))
        np.testing.assert_array_equal(one.ballots, two.ballots)
        np.testing.assert_array_equal(one.weights, two.weights)
        if memory is not None:
            np.testing.assert_array_equal(memory.keys, kept.keys)
            np.testing.assert_array_equal(memory.figures, kept.figures)
        memory = one.memory
    np.testing.assert_array_equal(ballots, before[0])
    for column in ("power", "stances", "keys"):
        np.testing.assert_array_equal(getattr(electorate, column), getattr(before[1], column))


@FAMILY
def test_memory_is_plain_read_only_data(name):
    ballots, electorate = some(10)
    memory = PROCEDURES[name]()(ballots, electorate, None, rng()).memory
    assert (memory is not None) == (name in {"council", "credits", "conviction"})
    if memory is not None:
        again = pickle.loads(pickle.dumps(copy.deepcopy(memory)))
        np.testing.assert_array_equal(again.figures, memory.figures)
        with pytest.raises(ValueError, match="read-only"):
            memory.keys[0] = 99
    # Nor may it be an array that the members still vote with.
    ballots += 1
    electorate.keys[0] = -1


@FAMILY
def test_nobody_and_nothing_cast_keep_the_status_quo(name):
    for ballots, electorate in ((np.empty((0, 3)), members(0)), (np.full((5, 3), NAN), members(5))):
        votes = PROCEDURES[name]()(ballots, electorate, None, rng())
        outcome = RULES["plurality"]()(votes.ballots, votes.weights)
        assert (outcome.winner, outcome.cast) == (0, 0)


@FAMILY
def test_what_all_want_comes_to_pass(name):
    """At once, or, by conviction, after the half-life."""
    ballots, memory = np.tile([0.0, 2.0, 1.0], (40, 1)), None
    for round_ in range(1, 5):
        votes = PROCEDURES[name]()(ballots, members(40, round=round_), memory, rng(round_))
        memory = votes.memory
        if name != "conviction" or round_ > 2:
            assert RULES["majority"](quorum=0.5)(votes.ballots, votes.weights).winner == 1


@pytest.mark.parametrize("name", ["direct", "delegation", "credits", "consensus", "conviction"])
def test_power_counts_where_members_vote(name):
    ballots, electorate = some(40)
    procedure = Credits(stakes=1e9) if name == "credits" else PROCEDURES[name]()
    plain = procedure(ballots, members(40, stances=electorate.stances), None, rng())
    double = procedure(ballots, members(40, stances=electorate.stances, power=np.full(40, 2.0)), None, rng())
    np.testing.assert_allclose(double.weights, 2 * plain.weights)


@pytest.mark.parametrize("name", ["jury", "delegation", "council"])
def test_what_is_drawn_for_a_member_does_not_depend_on_who_else_is_one(name):
    electorate = members(200)
    draws = electorate.draw(rng(7), name)
    fewer = members(np.arange(0, 200, 3)).draw(rng(7), name)
    np.testing.assert_array_equal(fewer, draws[::3])
    assert not np.allclose(electorate.draw(rng(8), name), draws)


def test_members_come_in_order_and_with_columns_of_their_length():
    with pytest.raises(InputError, match="keys"):
        members([2, 1])
    with pytest.raises(InputError, match="records: found 2 rows"):
        members(3, records=[1.0, 2.0])


# Direct and consensus


def test_direct_changes_nothing():
    ballots, electorate = some(9)
    votes = Direct()(ballots, electorate, None, rng())
    assert votes.ballots is ballots
    np.testing.assert_array_equal(votes.weights, electorate.power)


def test_a_block_takes_an_option_out():
    # The last member would lose .2 by option 1; option 2 costs nobody more than .05.
    ballots = np.array([[0, 1, 0.5], [0, 1, 0.5], [0, 1, 0.5], [0, -0.2, -0.05]])
    votes = Consensus()(ballots, members(4), None, rng())
    assert np.isnan(votes.ballots[:, 1]).all()
    np.testing.assert_array_equal(votes.ballots[:, [0, 2]], ballots[:, [0, 2]])
    for name in set(RULES) - {"supermajority"}:
        assert RULES[name]()(votes.ballots, votes.weights).winner == 2
    # One of four is not more than a quarter, and one of three who vote is.
    assert not np.isnan(Consensus(tolerated=0.25)(ballots, members(4), None, rng()).ballots).any()
    ballots[0] = NAN
    assert np.isnan(Consensus(tolerated=0.25)(ballots, members(4), None, rng()).ballots[:, 1]).all()
    # By weight: .2 of 1.2.
    power = [9.0, 0.5, 0.5, 0.2]
    assert not np.isnan(Consensus(tolerated=0.25)(ballots, members(4, power=power), None, rng()).ballots[1:]).any()


def test_the_status_quo_cannot_be_blocked():
    votes = Consensus(loss=0)(np.array([[0, -1.0], [0, -np.inf], [-np.inf, -np.inf]]), members(3), None, rng())
    assert not np.isnan(votes.ballots[:, 0]).any()
    assert RULES["plurality"]()(votes.ballots, votes.weights).winner == 0


# Delegation


def line(*pairs, n):
    """A network of these ties."""
    rows, columns = np.array([*pairs, *(pair[::-1] for pair in pairs)]).T
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(n, n))


def test_chains_are_followed_to_their_end_and_circles_end_in_themselves():
    # 0 -> 1 -> 2 -> 3 votes; 4 -> 5 -> 6 -> 4; 7 -> 4; 8 alone.
    last = followed(np.array([1, 2, 3, 3, 5, 6, 4, 4, 8]))
    np.testing.assert_array_equal(last[[0, 1, 2, 3, 8]], [3, 3, 3, 3, 8])
    assert set(last[[4, 5, 6, 7]]) <= {4, 5, 6}
    long = np.minimum(np.arange(1000) + 1, 999)
    assert (followed(long) == 999).all()
    assert len(followed(np.empty(0, dtype=int))) == 0


def test_a_vote_is_handed_on_along_a_chain():
    # A line 0 - 1 - 2 - 3. 0 and 1 are absent, agree more with who is to the right, and 2 votes for three.
    ballots = np.array([[NAN, NAN], [NAN, NAN], [0.0, 1.0], [1.0, 0.0]])
    electorate = members(4, stances=[[0.1, 0], [0.5, 0], [1.0, 0], [0.1, 0]], network=line((0, 1), (1, 2), (2, 3), n=4))
    votes = Delegation(share=0)(ballots, electorate, None, rng())
    np.testing.assert_array_equal(votes.weights, [0, 0, 3, 1])
    np.testing.assert_array_equal(votes.ballots, ballots)
    weighed = members(4, stances=electorate.stances, network=electorate.network, power=[1.0, 2.0, 4.0, 8.0])
    np.testing.assert_array_equal(Delegation(share=0)(ballots, weighed, None, rng()).weights, [0, 0, 7, 8])
    # If the absent do not delegate, they abstain.
    np.testing.assert_array_equal(Delegation(share=0, absent=False)(ballots, electorate, None, rng()).weights, [1] * 4)


def test_circles_and_dead_ends_abstain():
    # 0 and 1 hand on to each other, 2 to 1; 3 is absent and knows nobody; 4 votes.
    ballots = np.full((5, 2), NAN)
    ballots[4] = [0, 1]
    network = line((0, 1), (1, 2), n=5)
    electorate = members(5, stances=[[1.0, 0], [1.0, 0], [0.5, 0], [1.0, 0], [1.0, 0]], network=network)
    votes = Delegation(share=0)(ballots, electorate, None, rng())
    outcome = RULES["plurality"]()(votes.ballots, votes.weights)
    assert (outcome.cast, outcome.electorate) == (1, 5)
    # Among all members they find 4 or somebody who leads there, or go round.
    to_member = Delegation(share=0, to="member")(ballots, electorate, None, rng())
    assert to_member.weights.sum() == 5
    assert to_member.weights[4] >= 2


def test_a_share_of_those_with_an_opinion_delegates():
    ballots, everyone = np.tile([0.0, 1.0], (2000, 1)), members(2000, stances=rng().uniform(-1, 1, (2000, 2)))
    votes = Delegation(share=0.3)(ballots, everyone, None, rng())
    assert np.isnan(votes.ballots).all(axis=1).mean() == pytest.approx(0.3, abs=0.04)
    assert votes.weights.sum() == 2000
    assert Delegation(share=1.0)(ballots, everyone, None, rng()).weights.sum() == 2000
    cast = RULES["plurality"]()(*Delegation(share=1.0)(ballots, everyone, None, rng())[:2]).cast
    assert cast == 0  # nobody is left to vote


@pytest.mark.parametrize("to", ["neighbour", "member"])
def test_they_choose_whom_they_agree_with_most(to):
    stances = rng(3).uniform(-1, 1, (60, 3))
    network = ties(60, rng(4)) if to == "neighbour" else None
    electorate = members(60, stances=stances, network=network)
    chosen = Delegation(to=to)._choose(np.arange(60), electorate, electorate.draw(rng(), "ties"))
    agreement = stances @ stances.T
    around = np.ones((60, 60)) if network is None else network.toarray()
    np.fill_diagonal(around, 0)
    expected = np.where(around > 0, agreement, -np.inf).argmax(axis=1)
    np.testing.assert_array_equal(chosen[around.any(axis=1)], expected[around.any(axis=1)])


def test_among_equals_delegates_are_drawn_for_each_member():
    everyone = members(300)
    chosen = Delegation(to="member")._choose(np.arange(300), everyone, everyone.draw(rng(), "ties"))
    assert len(np.unique(chosen)) > 100
    assert (chosen != np.arange(300)).all()


# Jury and council


def test_a_jury_is_drawn_anew_each_round_and_everybody_has_a_chance():
    ballots = np.tile([0.0, 1.0], (50, 1))
    seats = np.array([Jury(size=5)(ballots, members(50), None, rng(r)).weights for r in range(400)])
    assert (seats.sum(axis=1) == 5).all()
    assert set(np.unique(seats)) == {0, 1}
    # 400 rounds of 5 in 50: 40 each, standard deviation 6.
    assert (np.abs(seats.sum(axis=0) - 40) < 5 * 6).all()
    assert Jury(size=99)(ballots, members(50), None, rng()).weights.sum() == 50


def test_a_jurys_quorum_is_of_jurors():
    ballots = np.tile([0.0, 1.0], (50, 1))
    ballots[10:] = NAN
    votes = Jury(size=5)(ballots, members(50), None, rng())
    outcome = RULES["plurality"](quorum=0.5)(votes.ballots, votes.weights)
    assert outcome.electorate == 5
    assert outcome.quorate == (outcome.cast >= 2.5)


@pytest.mark.parametrize(("ballot", "expected"), [("approval", [0, 1, 2]), ("score", [1, 2, 3])])
def test_a_council_is_elected_by_agreement(ballot, expected):
    # Seven on the left approve of the three near them on the left (0 to 2), three of 3 on the right.
    stances = [[-0.1, 0], [-0.5, 0], [-0.9, 0], [1.0, 0], *[[-0.2, 0]] * 4, *[[1.0, 0]] * 2]
    electorate = members(10, stances=stances)
    council = Council(seats=3, candidates=100, ballot=ballot)
    elected = council.elect(np.ones(10), electorate, rng())
    sums = np.array(stances)[:, 0] * np.sum(stances, axis=0)[0]
    if ballot == "approval":
        assert set(elected) <= {0, 1, 2, 4, 5, 6, 7}  # all approved of by seven; drawn by lot
    else:
        assert set(sums[elected]) == set(np.sort(sums)[-3:])
    # By weight the three on the right prevail.
    right = council.elect(np.array([1.0] * 3 + [9.0] + [1.0] * 4 + [9.0] * 2), electorate, rng())
    np.testing.assert_array_equal(right, [3, 8, 9])


def test_a_council_serves_its_term_and_loses_who_leaves():
    council = Council(seats=3, term=2, candidates=100)
    stances = rng().uniform(-1, 1, (20, 2))
    ballots = np.tile([0.0, 1.0], (20, 1))
    first = council(ballots, members(20, round=5, stances=stances), None, rng(1))
    assert first.weights.sum() == 3
    second = council(ballots, members(20, round=6, stances=stances), first.memory, rng(2))
    np.testing.assert_array_equal(second.weights, first.weights)
    assert second.memory is first.memory
    third = council(ballots, members(20, round=7, stances=-stances), second.memory, rng(3))
    assert third.memory.since == 7
    # One of them leaves: two are left. All leave: an election at once.
    gone = first.memory.keys[0]
    left = np.delete(np.arange(20), gone)
    two = council(ballots[1:], members(left, round=6, stances=stances[left]), first.memory, rng(2))
    assert set(left[two.weights > 0]) == set(first.memory.keys) - {gone}
    left = np.setdiff1d(np.arange(20), first.memory.keys)
    new = council(ballots[: len(left)], members(left, round=6, stances=stances[left]), first.memory, rng(2))
    assert new.weights.sum() == 3
    assert new.memory.since == 6


def test_only_some_stand_for_a_council():
    electorate = members(500, stances=rng().uniform(-1, 1, (500, 2)))
    everyone = Council(seats=3, candidates=500).elect(np.ones(500), electorate, rng(1))
    few = Council(seats=3, candidates=1).elect(np.ones(500), electorate, rng(1))
    assert set(few) == set(np.argsort(electorate.draw(rng(1), "candidates"))[:3])
    assert set(few) != set(everyone)


# Credits


def test_credits_are_spent_by_what_is_at_stake_and_saved_otherwise():
    # At stake: all (.1 of .1), half, nothing; the last is absent.
    ballots = np.array([[0, 0.1], [0, -0.05], [0, 0], [NAN, NAN]])
    credits = Credits(income=4.0, stakes=0.1)
    first = credits(ballots, members([3, 5, 6, 9]), None, rng())
    np.testing.assert_allclose(first.weights, [2, 2**0.5, 0, 2])
    np.testing.assert_allclose(first.memory.figures[:, 0], [0, 2, 4, 4])
    # Next round all is at stake; 6 has left and 7 has come.
    second = credits(np.tile([0, 9.0], (4, 1)), members([3, 5, 7, 9]), first.memory, rng())
    np.testing.assert_allclose(second.weights, [2, 6**0.5, 2, 8**0.5])
    np.testing.assert_array_equal(second.memory.keys, [3, 5, 7, 9])
    assert not second.memory.figures.any()
    # 6 comes back without savings.
    third = credits(np.tile([0, 9.0], (2, 1)), members([5, 6]), second.memory, rng())
    np.testing.assert_allclose(third.weights, [2, 2])


def test_with_the_quadratic_rule_votes_are_the_roots_of_credits():
    # 9 credits, 16 to 9 on options 1 and against 2: 9 x .64 and 9 x .36 credits.
    votes = Credits(income=9.0, stakes=1.0)(np.array([[0.0, 16, -9]]), members(1), None, rng())
    np.testing.assert_allclose(Quadratic()(votes.ballots, votes.weights).tally, [0, 2.4, -1.8])


def test_infinite_stakes_spend_all():
    votes = Credits()(np.array([[0, np.inf], [-np.inf, -np.inf]]), members(2), None, rng())
    np.testing.assert_allclose(votes.weights, [1, 0])


# Conviction


def test_conviction_is_half_after_the_half_life():
    conviction, memory = Conviction(half_life=2.0), None
    ballots = np.array([[0.0, 1, 0.5], [0, 1, 1], [NAN, NAN, NAN]])
    for _ in range(2):
        votes = conviction(ballots, members(3), memory, rng())
        memory = votes.memory
    np.testing.assert_allclose(votes.ballots, [[0.5, 0.5, 0], [0.5, 0.25, 0.25], [NAN] * 3])
    # The first changes their mind, the second is absent and keeps theirs, the third begins.
    votes = conviction(np.array([[0, 0, 1.0], [NAN] * 3, [0, 0, 1.0]]), members(3), memory, rng())
    stays = 0.5**0.5
    np.testing.assert_allclose(votes.ballots[0], [0.5 * stays, 0.5 * stays, 1 - stays])
    np.testing.assert_allclose(votes.ballots[1], [0.5, 0.25, 0.25])
    np.testing.assert_allclose(votes.ballots[2], [stays, 0, 1 - stays])


def test_by_score_convictions_add_up():
    ballots, memory = np.array([[0.0, 1]] * 3 + [[1.0, 0]]), None
    for _ in range(3):
        votes = Conviction(half_life=1.0)(ballots, members(4), memory, rng())
        memory = votes.memory
    np.testing.assert_allclose(Score(Fixed(0, 1))(votes.ballots, votes.weights).tally, [4 - 3 * 0.875, 3 * 0.875])


def test_who_leaves_loses_their_conviction():
    conviction = Conviction(half_life=1.0)
    one = conviction(np.array([[0.0, 1], [0, 1]]), members([1, 2]), None, rng())
    without = conviction(np.array([[0.0, 1]]), members([1]), one.memory, rng())
    back = conviction(np.array([[0.0, 1], [0, 1]]), members([1, 2]), without.memory, rng())
    np.testing.assert_allclose(back.ballots, [[0.125, 0.875], [0.5, 0.5]])


def test_memory_knows_whom_it_knows():
    memory = Memory(np.array([2, 5]), np.array([[1.0], [2.0]]), since=1)
    np.testing.assert_array_equal(memory.of(np.array([1, 2, 3, 5, 9]), np.array([-1.0]))[:, 0], [-1, 1, -1, 2, -1])
    empty = Memory(np.empty(0, dtype=np.int64), np.empty((0, 1)), since=1)
    np.testing.assert_array_equal(empty.of(np.array([1]), np.array([-1.0])), [[-1.0]])


# Voting power


@pytest.mark.parametrize("name", VOTING_POWERS)
def test_powers_are_one_on_average_and_equal_where_nobody_has_anything(name):
    held = {"records": [0.0, 1, 9], "value": [NAN, 1, 9], "dues": [0.0, 1, 9], "dividends": [0.0, 1, 9]}
    power = VOTING_POWERS[name]()(members(3, **held))
    np.testing.assert_allclose(power, [1, 1, 1] if name == "equal" else [0, 0.3, 2.7])
    nothing = members(3, value=np.full(3, NAN))
    np.testing.assert_array_equal(VOTING_POWERS[name]()(nothing), [1, 1, 1])
    assert len(VOTING_POWERS[name]()(members(0))) == 0


def test_powers_by_hand():
    electorate = members(3, records=[0.0, 1, 9], value=[-5.0, 4, 4], dues=[1.0, 1, 4], dividends=[0.0, 0, 8])
    np.testing.assert_allclose(ByRecords(exponent=0.5)(electorate), [0, 0.75, 2.25])
    np.testing.assert_allclose(ByValue()(electorate), [0, 1.5, 1.5])
    np.testing.assert_allclose(ByStake()(electorate), [0.5, 0.5, 2])
    np.testing.assert_allclose(ByStake(stake="dividends")(electorate), [0, 0, 3])
    with pytest.raises(InputError, match="exponent"):
        ByRecords(exponent=0)
