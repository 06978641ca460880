"""Whose data are trained on: every rule looks at each contributor alone, and at nothing but what is known of them."""

import numpy as np
import pytest
from datacoalition.coalitions.inclusions import (
    INCLUSIONS,
    AllData,
    Known,
    LeastRecords,
    MinimumValue,
    RandomShare,
    told,
)
from datacoalition.ml_tasks.settings import InputError
from hypothesis import given
from hypothesis import strategies as st


def known(seed: int, n: int = 40) -> Known:
    rng = np.random.default_rng(seed)
    worth = np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n))
    return Known(rng.integers(0, 12, n), worth, rng.random(n))


def some(one: Known, chosen) -> Known:
    return Known(one.records[chosen], one.worth[chosen], one.lots[chosen])


@pytest.mark.parametrize("name", INCLUSIONS)
@given(seed=st.integers(0, 1000))
def test_each_contributor_is_looked_at_alone(name, seed):
    """Whatever others there are, and in whatever order; and nothing is changed in place."""
    everybody, rule = known(seed), INCLUSIONS[name]()
    taken = rule(everybody)
    assert (taken.dtype, taken.shape) == (bool, (40,))
    chosen = np.random.default_rng(seed).permutation(40)[:25]
    np.testing.assert_array_equal(rule(some(everybody, chosen)), taken[chosen])
    np.testing.assert_array_equal(everybody.records, known(seed).records)


@pytest.mark.parametrize("name", INCLUSIONS)
def test_nobody_known_of_is_nobody_taken(name):
    assert INCLUSIONS[name]()(known(0, 0)).shape == (0,)


@pytest.mark.parametrize(
    ("rule", "taken"),
    [
        (AllData(), [True, True, True, True]),
        (LeastRecords(3), [False, True, True, True]),
        (MinimumValue(), [False, True, True, True]),  # who has not been valued is trained on
        (MinimumValue(0.2), [False, False, True, True]),
        (RandomShare(0.5), [True, False, True, False]),
        (RandomShare(0.0), [False] * 4),
        (RandomShare(1.0), [True] * 4),
    ],
)
def test_by_hand(rule, taken):
    four = Known(np.array([2, 3, 4, 5]), np.array([-0.1, 0.1, 0.2, np.nan]), np.array([0.0, 0.5, 0.49, 0.99]))
    assert rule(four).tolist() == taken


def test_what_a_ballot_paper_says():
    assert [told(rule) for rule in (AllData(), LeastRecords(3), MinimumValue(0.25), RandomShare())] == [
        "all_data", "least_records 3", "minimum_value 0.25", "random_share 0.5",
    ]  # fmt: skip


@pytest.mark.parametrize("made", [lambda: LeastRecords(0), lambda: RandomShare(1.5), lambda: RandomShare(-0.1)])
def test_impossible_settings(made):
    with pytest.raises(InputError):
        made()
