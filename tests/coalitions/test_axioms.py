"""The axioms that each rule says it keeps: all of those, and no others."""

import numpy as np
import pytest
from datacoalition.coalitions.axioms import AXIOMS
from datacoalition.coalitions.counter_examples import COUNTER_EXAMPLES
from datacoalition.coalitions.rules import RULES, Fixed, Schulze, Score, Star, Supermajority
from hypothesis import given, settings
from hypothesis import strategies as st

NAN = np.nan
THIRDS = Fixed(0.0, 3.0)
VARIANTS = {name: rule() for name, rule in RULES.items()} | {
    "supermajority of all": Supermajority(share=1.0),
    "schulze by margins": Schulze("margins"),
    "score fixed": Score(THIRDS),
    "score fixed from -1": Score(Fixed()),
    "score stepped": Score(steps=2),
    "star exact": Star(steps=None),
    "star fixed": Star(THIRDS, steps=3),
    "star fixed exact": Star(Fixed(), steps=None),
}
PAIRS = [(name, axiom) for name in VARIANTS for axiom in AXIOMS]
KEPT = [pair for pair in PAIRS if pair[1] in VARIANTS[pair[0]].keeps]
BROKEN = [pair for pair in PAIRS if pair not in KEPT]


@st.composite
def groups(draw):
    """A few kinds of ballots, each cast by some: votes that are close but not always tied, some with gaps."""
    options = draw(st.integers(2, 4))
    orders = st.permutations(range(options))
    rating = st.sampled_from([0.0, 1.0, 2.0, 3.0, *draw(st.sampled_from([[], [NAN], [np.inf, -np.inf]]))])
    row = orders if draw(st.booleans()) else st.lists(rating, min_size=options, max_size=options)
    rows = draw(st.lists(st.tuples(st.integers(1, 5), row), min_size=1, max_size=4))
    return np.array([ratings for voters, ratings in rows for _ in range(voters)], dtype=float)


@pytest.mark.parametrize(("name", "axiom"), KEPT)
@settings(max_examples=15)
@given(ballots=groups(), seed=st.integers(0, 3))
def test_axioms_that_a_rule_keeps(name, axiom, ballots, seed):
    if name.split()[0] in {"score", "star", "quadratic"}:
        ballots = np.clip(ballots, -9, 9)
    weights = np.random.default_rng(seed).integers(0, 4, len(ballots)).astype(float) if seed else None
    assert AXIOMS[axiom](VARIANTS[name], ballots, weights)


@pytest.mark.parametrize(("name", "axiom"), BROKEN)
def test_axioms_that_it_does_not_keep_fail_in_the_documented_vote(name, axiom):
    example = COUNTER_EXAMPLES[axiom][name.split()[0]]
    assert not AXIOMS[axiom](VARIANTS[name], example.ballots)


@pytest.mark.parametrize("name", ["score", "quadratic"])
def test_infinite_ratings_cost_rules_by_how_much_even_unanimity(name):
    assert not AXIOMS["unanimity"](VARIANTS[name], [[-np.inf, 0, 1]] if name == "score" else [[0, 1, -np.inf]])


def test_every_counter_example_is_of_an_axiom_that_its_rule_breaks():
    found = {(rule, axiom) for axiom, examples in COUNTER_EXAMPLES.items() for rule in examples}
    assert found == {(name.split()[0], axiom) for name, axiom in BROKEN}
    assert all(rule().keeps <= set(AXIOMS) for rule in RULES.values())


# The checks themselves, on rules made to break them


class First:
    """Elects what `choose` makes of the ballots."""

    quorum = 0.0

    def __init__(self, choose):
        self.choose = choose

    def __call__(self, ballots, weights=None, rng=None):
        counted = RULES["plurality"]()(ballots, weights)
        winner = int(self.choose(np.asarray(ballots, dtype=float)))
        return type(counted)(winner, counted.tally, counted.cast, counted.quorate, counted.electorate)


VOTES = np.array([[0.0, 3, 2, 1], [0, 2, 3, 1], [0, 3, 1, 2]])


@pytest.mark.parametrize(
    ("axiom", "choose", "ballots"),
    [
        ("anonymity", lambda ballots: ballots[0].argmax(), VOTES),
        ("neutrality", lambda ballots: 3, VOTES),
        ("unanimity", lambda ballots: 2, VOTES[[0, 2]]),
        ("majority", lambda ballots: 2, VOTES),
        ("condorcet", lambda ballots: 2, VOTES),
        ("condorcet_loser", lambda ballots: 3, np.array([[0.1, 3, 2, 0], [0.1, 2, 3, 0], [0, 3, 1, 2]])),
        ("monotonicity", lambda ballots: ballots.sum(axis=0)[1:].argmin() + 1, VOTES),
    ],
)
def test_each_check_finds_a_rule_that_breaks_it(axiom, choose, ballots):
    assert not AXIOMS[axiom](First(choose), ballots)
    assert AXIOMS[axiom](RULES["copeland"](), ballots)


def test_what_an_axiom_does_not_speak_of_is_met():
    cycle = np.array([[0.0, 3, 2, 1], [0, 1, 3, 2], [0, 2, 1, 3]])
    for axiom in ("unanimity", "majority", "condorcet", "condorcet_loser"):
        assert AXIOMS[axiom](First(lambda ballots: 1), cycle)
    nobody = np.full((2, 3), NAN)
    assert all(axiom(rule(), nobody) for axiom in AXIOMS.values() for rule in RULES.values())
    # A missed quorum keeps the status quo, whatever the votes.
    some = np.vstack([VOTES, np.full((9, 4), NAN)])
    assert all(axiom(rule(quorum=0.5), some) for axiom in AXIOMS.values() for rule in RULES.values())
