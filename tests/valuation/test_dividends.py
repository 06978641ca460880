"""What every dividend does with odd input, over the whole family DIVIDENDS; then what sets its members apart.

Their contract and their laws are in test_dividend_laws.py.
"""

import math
from dataclasses import fields
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.dividends import DIVIDENDS, pay, with_minimum
from datacoalition.valuation.dividends.limits import BOUNDED, By, capped
from datacoalition.valuation.inequality import lorenz
from datacoalition.valuation.methods import values
from datacoalition.valuation.values import Values
from hypothesis import example, given, settings
from hypothesis import strategies as st

every = pytest.mark.parametrize("name", DIVIDENDS)
huge = 1.7e308


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
    "power": (-1.0, 0.0),
    "progressive": (0.0, -1.0),
    "floor_plus_share": (-1.0, -2.0),
    "cap": (-1.0, -2.0),
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
        ("rank", [1.2, 2.4, 3.6, 4.8]),
        ("power", [1.95241, 2.76112, 3.38166, 3.90481]),  # 12 sqrt(x) / 6.14626
        ("softmax", [0.49872, 1.21984, 2.98364, 7.29780]),  # each exp(1 / sqrt(1.25)) = 2.4459 times the one before
        ("progressive", [1.51324, 2.64349, 3.54598, 4.29729]),  # log(1 + x / 2.5)
        ("floor_plus_share", [2.1, 2.7, 3.3, 3.9]),
        ("cap", [1.2, 2.4, 3.6, 4.8]),
    ],
)
def test_one_to_four_by_hand(name, expected):
    np.testing.assert_allclose(DIVIDENDS[name]()((1, 2, 3, 4), 12, records=(10, 20, 30, 40)), expected, atol=1e-5)


def test_binning_of_an_even_group_and_of_other_weights():
    np.testing.assert_allclose(DIVIDENDS["binning"](weights=(1.0, 3.0))((5, 1, 1, 9), 8), [3, 1, 1, 3])
    # The median of (1, 1, 1, 9) is 1: all are at or above it.
    np.testing.assert_allclose(DIVIDENDS["binning"]()((1, 1, 1, 9), 8), [2, 2, 2, 2])
    np.testing.assert_allclose(DIVIDENDS["binning"]()((huge, huge, -huge), 5), [2, 2, 1])


@given(st.integers(1, 7), st.integers(1, 40))
@settings(max_examples=40)
def test_where_no_values_are_equal_the_bins_differ_by_one_person_at_most(k, n):
    x = np.random.default_rng(n).permutation(n) - 3.0
    bins = DIVIDENDS["binning"](weights=tuple(range(1, k + 1))).weigh(x, None)
    assert (np.diff(bins[x.argsort()]) >= 0).all()
    sizes = [(bins == j).sum() for j in range(1, k + 1)]
    assert max(sizes) - min(sizes) <= 1
    assert [(bins <= j).sum() for j in range(1, k)] == [n * j // k for j in range(1, k)]


def test_three_bins_by_hand_and_a_bin_that_gets_nothing():
    three = DIVIDENDS["binning"](weights=(0.0, 1.0, 4.0))
    np.testing.assert_allclose(three((6, 5, 4, 3, 2, 1), 10), [4, 4, 1, 1, 0, 0])
    # 2 is at both quantiles, so it lies in the uppermost bin.
    np.testing.assert_allclose(three((1, 2, 2, 2, 2, 3), 10), [0, 2, 2, 2, 2, 2])
    nobody = pay(DIVIDENDS["binning"](weights=(1.0, 0.0)), (2.0, 2.0), 8.0)
    assert (nobody.payouts.tolist(), nobody.fallback) == ([4, 4], True)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9))
def test_binning_splits_where_the_median_does(x):
    high = np.asarray(x) >= np.median(x)
    weights = DIVIDENDS["binning"]().weigh(np.asarray(x), None)
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


@pytest.mark.parametrize(
    ("name", "setting", "bad"),
    [("binning", "weights", bad) for bad in ((), (1.0, -1.0), (1.0, math.nan), (math.inf, 1.0), (0.0, 0.0))]
    + [("power", "exponent", bad) for bad in (0.0, -1.0, math.nan, math.inf)]
    + [("softmax", "temperature", bad) for bad in (0.0, -1.0, math.nan, math.inf)]
    + [("progressive", "knee", bad) for bad in (0.0, -1.0, math.nan, math.inf)]
    + [("floor_plus_share", "floor", bad) for bad in (-0.1, 1.1, math.nan)]
    + [("floor_plus_share", "by", bad) for bad in ("equal", "cap", "nonsense")]
    + [("cap", "limit", bad) for bad in (0.999, -1.0, math.nan, math.inf)]
    + [("cap", "by", "nonsense")],
)
def test_a_setting_out_of_bounds_is_refused_with_a_sentence(name, setting, bad):
    with pytest.raises(InputError, match=f"^{setting}: found .*; expected "):
        DIVIDENDS[name](**{setting: bad})


def test_a_cap_below_an_equal_share_is_refused_and_the_sentence_says_why():
    with pytest.raises(InputError, match="under a cap below pot / n the pot cannot be paid out whole"):
        DIVIDENDS["cap"](limit=0.5)


def test_equal_values_share_the_mean_of_their_ranks():
    np.testing.assert_allclose(DIVIDENDS["rank"]()((7, 2, 7, 9), 10), [2.5, 1, 2.5, 4])


def test_a_power_between_binarize_and_the_winner_takes_all():
    x = (-1.0, 1.0, 3.0)
    np.testing.assert_allclose(DIVIDENDS["power"](exponent=1.0)(x, 4), [0, 1, 3])
    np.testing.assert_allclose(DIVIDENDS["power"](exponent=2.0)(x, 10), [0, 1, 9])
    np.testing.assert_allclose(DIVIDENDS["power"](exponent=1e-9)(x, 4), [0, 2, 2], atol=1e-8)


def test_softmax_pays_by_standard_deviations_and_temperature():
    payouts = DIVIDENDS["softmax"](temperature=2.0)((-1, 1), 1)  # their standard deviation is 1
    assert payouts[1] / payouts[0] == pytest.approx(math.exp(2 / 2.0))
    np.testing.assert_allclose(DIVIDENDS["softmax"](temperature=1e6)((-1, 1), 1), [0.5, 0.5], atol=1e-6)
    np.testing.assert_allclose(DIVIDENDS["softmax"](temperature=1e-3)((-1, 1), 1), [0, 1], atol=1e-12)
    assert pay(DIVIDENDS["softmax"](), (3, 3), 4).fallback is False


@pytest.mark.parametrize("flat", [DIVIDENDS["progressive"](), DIVIDENDS["power"](exponent=0.5)])
@given(st.lists(st.integers(-5, 1000), min_size=1, max_size=9).filter(lambda x: max(x) > 0))
@settings(max_examples=40)
def test_progressive_pay_is_nowhere_less_equal_than_the_values(flat, x):
    """Lorenz dominance over clip [J76, F76]."""
    bent, straight = (lorenz(d(x, 1.0))[1] for d in (flat, DIVIDENDS["clip"]()))
    assert (bent >= straight - 1e-12).all()


def test_the_knee_is_where_a_further_unit_is_paid_half():
    # The median of the positive values is 1, so the knee is at 2.
    first, *_, at_the_knee, above = DIVIDENDS["progressive"](knee=2.0).weigh(
        np.array([1e-6, 0.0, 1.0, 1.0, 1.0, 2.0, 2.000001]), None
    )
    assert (above - at_the_knee) / first == pytest.approx(0.5, rel=1e-3)
    np.testing.assert_allclose(DIVIDENDS["progressive"](knee=1e6)((1, 3), 4), [1, 3], rtol=1e-5)


def test_a_floor_pays_a_part_to_all_alike():
    x = (-1.0, 0.0, 3.0)
    np.testing.assert_allclose(DIVIDENDS["floor_plus_share"](floor=0.3)(x, 10), [1, 1, 8])
    np.testing.assert_allclose(DIVIDENDS["floor_plus_share"](floor=0.3, by="shift")(x, 10), [1, 2.4, 6.6])
    np.testing.assert_allclose(DIVIDENDS["floor_plus_share"](floor=0.5, by="per_record")(x, 12, [1, 2, 3]), [3, 4, 5])


def test_a_cap_by_hand():
    two = DIVIDENDS["cap"](limit=2.0)
    np.testing.assert_allclose(two((1, 1, 2, 16), 40), [5, 5, 10, 20])  # the cap is 20; 20 is shared 1 : 1 : 2
    # The second is lifted over the cap by what the first gives up, and gives up the rest.
    np.testing.assert_allclose(two((1, 0, 0, 0, 7, 12), 30), [10, 0, 0, 0, 10, 10])
    np.testing.assert_allclose(two((0, 0, 0, 12), 40), [20 / 3, 20 / 3, 20 / 3, 20])  # nobody else has any weight
    np.testing.assert_allclose(two((-5, 0, 0, 12), 40), [20 / 3, 20 / 3, 20 / 3, 20])
    np.testing.assert_allclose(DIVIDENDS["cap"](limit=1.0)((1, 2, 9), 6), [2, 2, 2])
    np.testing.assert_allclose(DIVIDENDS["cap"](limit=1.5, by="per_record")((0, 0, 0), 6, [1, 1, 8]), [1.5, 1.5, 3])


@given(
    st.lists(st.integers(0, 9) | st.sampled_from([1e-300, 1e6]), min_size=1, max_size=9).filter(any),
    st.floats(1, 10),
)
@settings(max_examples=100)
@example([0, 0, 1], 3.0)
@example([0, 0, 1], 1.0)
@example([1, 1, 1], 1.0)
def test_a_cap_is_water_filling_step_by_step(weights, limit):
    cap = limit / len(weights)
    shares = capped(np.array(weights, dtype=float), cap)
    np.testing.assert_allclose(shares, filled(weights, cap), rtol=1e-9, atol=1e-12)
    assert (shares <= cap).all()


def filled(weights, cap):
    """As one would by hand: pour in proportion, hold those who run over at the cap, pour what is left again."""
    full, shares = set(), np.zeros(len(weights))
    while len(full) < len(weights):
        others = [i for i in range(len(weights)) if i not in full]
        left, weight = 1 - cap * len(full), sum(weights[i] for i in others)
        for i in others:
            shares[i] = left * weights[i] / weight if weight else left / len(others)
        over = {i for i in others if shares[i] > cap * (1 + 1e-12)}
        if not over:
            break
        full |= over
        shares[list(full)] = cap
    return shares


def test_a_floor_and_a_cap_bound_every_dividend_without_settings_but_equal():
    assert set(get_args(By)) == set(BOUNDED)
    assert all(DIVIDENDS[name] is kind for name, kind in BOUNDED.items())
    plain = {name for name, kind in DIVIDENDS.items() if not fields(kind)}
    assert plain == {"equal", *BOUNDED}


def test_a_minimum_by_hand():
    for payouts, minimum, expected, under in (
        ([1, 3, 6], 0, [1, 3, 6], 0),
        ([1, 3, 6], 1, [1, 3, 6], 0),
        ([1, 3, 6], 2, [0, 10 / 3, 20 / 3], 1),
        ([1, 3, 6], 3.2, [0, 10 / 3, 20 / 3], 1),  # with the 1 shared again, the second is no longer under it
        ([1, 3, 6], 3.5, [0, 0, 10], 2),
        ([0, 1, 9], 2, [0, 0, 10], 1),  # who was paid nothing was not under it
        ([1, 1, 1, 7, 0], 2, [0, 0, 0, 10, 0], 3),
        ([2, 2, 3, 3], 2.5, [0, 0, 5, 5], 2),
        ([0.1, 0.1, 0.1], 0.3 / 3, [0.1, 0.1, 0.1], 0),
        ([1, 3, 3, 3], 10 / 3, [0, 10 / 3, 10 / 3, 10 / 3], 1),  # a third of 10 is a rounding under 10 / 3
    ):
        raised, count, unmet = with_minimum(np.array(payouts, float), minimum)
        np.testing.assert_allclose(raised, expected)
        assert (count, unmet) == (under, False)


@pytest.mark.parametrize(("payouts", "minimum"), [([1, 3, 6], 10.5), ([2, 5, 5, 5], 9.0), ([4, 4], 5)])
def test_where_nobody_can_reach_the_minimum_the_payouts_stay_and_are_flagged(payouts, minimum):
    raised, under, unmet = with_minimum(np.array(payouts, float), minimum)
    assert (raised.tolist(), under, unmet) == (payouts, 0, True)


@every
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=7), st.floats(0, 2))
@settings(max_examples=30)
def test_with_a_minimum_the_pot_is_paid_whole_nobody_is_under_it_and_as_many_as_can_be_are_paid(name, x, minimum):
    before = pay(DIVIDENDS[name](), x, 3.0, range(len(x)))
    after = pay(DIVIDENDS[name](), x, 3.0, range(len(x)), minimum=minimum)
    assert after.payouts.sum() == pytest.approx(3.0, rel=1e-12)
    assert after.fallback == before.fallback
    paid = after.payouts[after.payouts > 0]
    assert after.unmet or (paid >= minimum * (1 - 1e-9)).all()
    assert (before.payouts > 0).sum() - paid.size == after.under
    best = [before.payouts[before.payouts >= level] for level in set(before.payouts) - {0.0}]
    can = [group.size for group in best if 3.0 * group.min() / group.sum() >= minimum * (1 + 1e-9)]
    assert paid.size >= max(can, default=0)
    for better, worse in ((i, j) for i in range(len(x)) for j in range(len(x))):
        assert before.payouts[better] < before.payouts[worse] or after.payouts[better] >= after.payouts[worse]


def test_a_minimum_for_nobody_and_of_nothing():
    assert pay(DIVIDENDS["clip"](), [], 5.0, minimum=1.0).unmet is False
    assert pay(DIVIDENDS["clip"](), [1, 2], 0.0, minimum=1.0).unmet is False
    assert pay(DIVIDENDS["clip"](), [5.0], 5.0, minimum=5.0).payouts.tolist() == [5.0]


@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf, None, "much", [1, 2], 10**400])
def test_a_minimum_is_an_amount_of_money(bad):
    for people in ((1, 2), ()):
        with pytest.raises(InputError, match=r"^minimum: found .*; expected an amount of money, 0 or more"):
            pay(DIVIDENDS["clip"](), people, 5.0, minimum=bad)


def test_a_minimum_is_for_payouts_that_charge_nobody():
    with pytest.raises(InputError, match=r"^payouts: found -1.0"):
        with_minimum(np.array([-1.0, 2.0]), 1.0)
