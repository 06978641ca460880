"""The contract of the module, over the whole family DIVIDENDS; then what sets its members apart."""

import math

import numpy as np
import pandas as pd
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.dividends import DIVIDENDS, pay
from datacoalition.valuation.methods import values
from datacoalition.valuation.values import Values
from hypothesis import example, given
from hypothesis import strategies as st

every = pytest.mark.parametrize("name", DIVIDENDS)
finite = st.floats(allow_nan=False, allow_infinity=False)
some_values = st.lists(finite | st.sampled_from([0.0, 1.0, -1.0, 5e-324, -5e-324]), min_size=1, max_size=12)
pots = st.floats(1e-280, 1e300)
huge = 1.7e308


def records_for(x):
    """Records that are equal where the values are equal."""
    return [abs(number) for number in x]


@every
@given(x=some_values, pot=pots)
@example(x=[huge, -huge, huge], pot=1.0)
@example(x=[5e-324, 0.0, 5e-324], pot=1e-280)
@example(x=[1e300, 1e-300], pot=1e300)
@example(x=[-3.0, -3.0], pot=1.0)
@example(x=[0.0], pot=1.0)
def test_the_whole_pot_is_paid_nobody_is_charged_and_equals_are_paid_the_same(name, x, pot):
    payouts = DIVIDENDS[name]()(x, pot, records_for(x))
    assert payouts.shape == (len(x),)
    assert np.isclose(payouts.sum(), pot, rtol=1e-12, atol=0)
    assert (payouts >= 0).all()
    assert not np.signbit(payouts).any()
    for value in set(x):
        assert len({p for p, other in zip(payouts.tolist(), x, strict=True) if other == value}) == 1


@every
@given(x=some_values, seed=st.integers(0, 100))
def test_pay_follows_the_person_not_the_seat(name, x, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    records = np.array(records_for(x))
    straight = DIVIDENDS[name]()(x, 1.0, records)
    np.testing.assert_allclose(DIVIDENDS[name]()(np.array(x)[order], 1.0, records[order]), straight[order], atol=1e-15)


@pytest.mark.parametrize("name", [name for name in DIVIDENDS if name != "absolute"])
@given(x=some_values)
def test_a_higher_value_is_never_paid_less(name, x):
    """Not so for absolute, which pays for harm as for help."""
    ordered = sorted(x)
    payouts = DIVIDENDS[name]()(ordered, 1.0, range(len(x)))
    assert (np.diff(payouts) >= 0).all()


@every
def test_the_unit_of_the_values_does_not_matter(name):
    x = np.array([-1.0, 0.5, 0.5, 3.0])
    plain = DIVIDENDS[name]()(x, 10.0, [1, 2, 3, 4])
    for unit in (1e-300, 1e-9, 1e300):
        np.testing.assert_allclose(DIVIDENDS[name]()(unit * x, 10.0, [1, 2, 3, 4]), plain, rtol=1e-12)


@every
@pytest.mark.parametrize("pot", [0, -0.0])
def test_a_pot_of_zero_pays_zeros(name, pot):
    payouts = DIVIDENDS[name]()((-1, 0, 2), pot, (1, 2, 3))
    assert payouts.tolist() == [0, 0, 0]
    assert not np.signbit(payouts).any()


@every
def test_nobody_is_paid_nothing(name):
    assert DIVIDENDS[name]()([], 5.0).shape == (0,)
    assert pay(DIVIDENDS[name](), [], 5.0).fallback is False


@every
def test_a_single_person_gets_the_pot(name):
    for value in (-2.0, 0.0, 2.0):
        assert DIVIDENDS[name]()([value], 5.0, [3]).tolist() == [5.0]


@every
def test_values_and_sequences_are_read_alike(name):
    result = values("abc", lambda group: len(group) ** 2 - 3 * ("b" in group))
    assert isinstance(result, Values)
    as_values = DIVIDENDS[name]()(result, 6.0, [1, 2, 3])
    for given_as in (list(result.worth), tuple(result.worth), pd.Series(result.worth)):
        assert DIVIDENDS[name]()(given_as, 6.0, pd.Series([1, 2, 3])).tolist() == as_values.tolist()


@every
def test_the_callers_arrays_are_left_alone(name):
    x, records = np.array([-1.0, 0.0, 2.0]), np.array([1.0, 2.0, 3.0])
    DIVIDENDS[name]()(x, 1.0, records)
    assert (x.tolist(), records.tolist()) == ([-1, 0, 2], [1, 2, 3])


ALL_ZERO = {
    "per_record": (1.0, 2.0),
    "shift": (4.0, 4.0),
    "shift_if_negative": (-2.0, -2.0),
    "absolute": (0.0, 0.0),
    "clip": (-1.0, -2.0),
    "binarize": (-1.0, 0.0),
    "proportional": (-1.0, 5.0),
}


@pytest.mark.parametrize("name", ALL_ZERO)
def test_where_all_weights_are_zero_the_split_is_equal_and_flagged(name):
    payout = pay(DIVIDENDS[name](), ALL_ZERO[name], 8.0, records=[0, 0])
    assert payout.fallback is True
    assert payout.payouts.tolist() == [4, 4]


@every
def test_an_ordinary_split_is_not_flagged(name):
    payout = pay(DIVIDENDS[name](), (1.0, 2.0), 8.0, records=[1, 1])
    assert payout.fallback is False
    assert payout.payouts.tolist() == DIVIDENDS[name]()((1.0, 2.0), 8.0, [1, 1]).tolist()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("equal", [3, 3, 3, 3]),
        ("per_record", [1.2, 2.4, 3.6, 4.8]),
        ("shift", [0, 2, 4, 6]),
        ("shift_if_negative", [1.2, 2.4, 3.6, 4.8]),
        ("absolute", [1.2, 2.4, 3.6, 4.8]),
        ("clip", [1.2, 2.4, 3.6, 4.8]),
        ("binning", [2, 2, 4, 4]),
        ("binarize", [3, 3, 3, 3]),
        ("proportional", [1.2, 2.4, 3.6, 4.8]),
    ],
)
def test_one_to_four_by_hand(name, expected):
    np.testing.assert_allclose(DIVIDENDS[name]()((1, 2, 3, 4), 12, records=(10, 20, 30, 40)), expected)


def test_binning_of_an_even_group_and_of_another_ratio():
    np.testing.assert_allclose(DIVIDENDS["binning"](ratio=3.0)((5, 1, 1, 9), 8), [3, 1, 1, 3])
    # The median of (1, 1, 1, 9) is 1: all are at or above it.
    np.testing.assert_allclose(DIVIDENDS["binning"]()((1, 1, 1, 9), 8), [2, 2, 2, 2])
    np.testing.assert_allclose(DIVIDENDS["binning"]()((huge, huge, -huge), 5), [2, 2, 1])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9))
def test_binning_splits_where_the_median_does(x):
    high = np.asarray(x) >= np.median(x)
    weights = DIVIDENDS["binning"]().weights(np.asarray(x), None)
    # The mean of two neighbouring floats may round onto the lower: there numpy's median is the one in error.
    middle = np.sort(x)[(len(x) - 1) // 2 : len(x) // 2 + 1]
    if np.median(x) != middle[0] or middle[0] == middle[-1]:
        assert (weights == 2).tolist() == high.tolist()


def test_binarize_sees_a_positive_value_however_small():
    np.testing.assert_allclose(DIVIDENDS["binarize"]()((1e300, 1e-300, -1), 4), [2, 2, 0])


@every
@pytest.mark.parametrize("bad", [[1, math.nan], [1, math.inf], [[1, 2]], ["a", "b"], 3.0])
def test_values_are_finite_numbers(name, bad):
    with pytest.raises(InputError, match=r"^values: found"):
        DIVIDENDS[name]()(bad, 1.0, [1, 1])


@every
@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf, -math.inf, 1e301, 1e-300, None, "much", [1, 2], 10**400])
def test_a_pot_is_an_amount_of_money(name, bad):
    with pytest.raises(InputError, match=r"^pot: found"):
        DIVIDENDS[name]()((1, 2), bad, [1, 1])


@every
@pytest.mark.parametrize("bad", [[1], [1, 2, 3], [1, -1], [1, math.nan], "ab"])
def test_records_are_counts_one_for_each(name, bad):
    with pytest.raises(InputError, match=r"^records: found"):
        DIVIDENDS[name]()((1, 2), 1.0, bad)


def test_per_record_needs_records():
    with pytest.raises(InputError, match=r"^records: found none; expected the number of records"):
        DIVIDENDS["per_record"]()((1, 2), 1.0)


@pytest.mark.parametrize("ratio", [0, -1, math.nan, math.inf])
def test_a_ratio_is_positive_and_finite(ratio):
    with pytest.raises(InputError, match=r"^ratio: found"):
        DIVIDENDS["binning"](ratio=ratio)
