"""The contract of every dividend under every kind of setting, and the laws that each says it keeps: all of those,
and no others."""

import numpy as np
import pytest
from datacoalition.valuation.dividends import (
    DIVIDENDS,
    LAWS,
    Binning,
    Cap,
    FloorPlusShare,
    Power,
    Progressive,
    Softmax,
    pay,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

VARIANTS = {name: kind() for name, kind in DIVIDENDS.items()} | {
    "binning, four": Binning(weights=(0.0, 1.0, 1.0, 5.0)),
    "binning, falling": Binning(weights=(3.0, 0.0)),
    "binning, far apart": Binning(weights=(1e-300, 1e300)),
    "power 1": Power(exponent=1.0),
    "power 100": Power(exponent=100.0),
    "power near 0": Power(exponent=1e-9),
    "softmax, cold": Softmax(temperature=1e-3),
    "softmax, hot": Softmax(temperature=1e6),
    "progressive, sharp": Progressive(knee=1e-6),
    "progressive, blunt": Progressive(knee=1e6),
    "no floor": FloorPlusShare(floor=0.0),
    "all floor": FloorPlusShare(floor=1.0),
    "floor by shift": FloorPlusShare(floor=0.2, by="shift"),
    "floor by record": FloorPlusShare(floor=0.2, by="per_record"),
    "cap at the mean": Cap(limit=1.0),
    "cap above the mean": Cap(limit=1.001),
    "cap by absolute": Cap(limit=1.5, by="absolute"),
    "cap by rank": Cap(limit=1.2, by="rank"),
}
each = pytest.mark.parametrize("name", VARIANTS)
finite = st.floats(allow_nan=False, allow_infinity=False)
some_values = st.lists(finite | st.sampled_from([0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324]), min_size=1, max_size=12)
huge = 1.7e308


def records_for(x):
    """Records that are equal where the values are equal."""
    return [abs(number) for number in x]


@each
@settings(max_examples=25)
@given(x=some_values, pot=st.floats(1e-280, 1e300))
@example(x=[huge, -huge, huge], pot=1.0)
@example(x=[5e-324, 0.0, 5e-324], pot=1e-280)
@example(x=[1e300, 1e-300], pot=1e300)
@example(x=[-0.0, 0.0, 1.0], pot=1.0)
@example(x=[-3.0, -3.0], pot=1.0)
@example(x=[0.0], pot=1.0)
@example(x=[0.0, 5e-324, 1e-310, huge, huge], pot=7.0)
@example(x=[1.0, 1.0 + 2**-52, 1.0 - 2**-53], pot=1.0)
def test_the_whole_pot_is_paid_nobody_is_charged_and_equals_are_paid_the_same(name, x, pot):
    payouts = VARIANTS[name](x, pot, records_for(x))
    assert payouts.shape == (len(x),)
    assert np.isclose(payouts.sum(), pot, rtol=1e-12, atol=0)
    assert (payouts >= 0).all()
    assert not np.signbit(payouts).any()
    for value in set(x):
        assert len({p for p, other in zip(payouts.tolist(), x, strict=True) if other == value}) == 1


@pytest.mark.parametrize(
    "name", [name for name, dividend in VARIANTS.items() if "order" in dividend.preserves or "record" in name]
)
@settings(max_examples=20)
@given(x=some_values)
def test_a_higher_value_with_more_records_is_never_paid_less_not_even_by_rounding(name, x):
    """Not so for absolute, which pays for harm as for help, nor where the bins' weights fall."""
    assert (np.diff(VARIANTS[name](sorted(x), 1.0, range(len(x)))) >= 0).all()


@pytest.mark.parametrize("name", DIVIDENDS)
@settings(max_examples=30)
@given(x=some_values, seed=st.integers(0, 100))
def test_pay_follows_the_person_not_the_seat(name, x, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    records = np.array(records_for(x))
    straight = VARIANTS[name](x, 1.0, records)
    np.testing.assert_allclose(VARIANTS[name](np.array(x)[order], 1.0, records[order]), straight[order], atol=1e-14)


@each
def test_the_unit_of_the_values_does_not_matter(name):
    x = np.array([-1.0, 0.5, 0.5, 3.0])
    plain = VARIANTS[name](x, 10.0, [1, 2, 3, 4])
    for unit in (1e-300, 1e-9, 1e300):
        np.testing.assert_allclose(VARIANTS[name](unit * x, 10.0, [1, 2, 3, 4]), plain, rtol=1e-11)


# The laws. Values are quarters and factors whole or halves, so that the values themselves are never rounded.


def order(dividend, x, records, factor, constant):
    payouts = dividend(x, 1.0, records)
    higher = x[:, None] > x[None, :]
    return (payouts[:, None] >= payouts[None, :])[higher].all()


def zero(dividend, x, records, factor, constant):
    payout = pay(dividend, x, 1.0, records)
    return payout.fallback or not payout.payouts[x == 0].any()


def the_sum(dividend, x, records, factor, constant):
    return (x < 0).any() or same(dividend(x, x.sum(), records), x)


def equal_treatment(dividend, x, records, factor, constant):
    payouts = dividend(x, 1.0, records)
    return all(np.ptp(payouts[x == value]) == 0 for value in x)


def scale_invariance(dividend, x, records, factor, constant):
    return same(dividend(factor * x, 1.0, records), dividend(x, 1.0, records))


def shift_invariance(dividend, x, records, factor, constant):
    return same(dividend(x + constant, 1.0, records), dividend(x, 1.0, records))


def same(one, other):
    return np.allclose(one, other, rtol=1e-9, atol=1e-12)


HOLDS = {
    "order": order, "zero": zero, "sum": the_sum, "equal_treatment": equal_treatment,
    "scale_invariance": scale_invariance, "shift_invariance": shift_invariance,
}  # fmt: skip


def test_every_law_is_tested():
    assert list(HOLDS) == list(LAWS)


quarters = st.integers(-20, 20).map(lambda n: n / 4)


@each
@settings(max_examples=60)
@given(
    people=st.lists(st.tuples(quarters, st.integers(0, 3)), min_size=1, max_size=8),
    factor=st.sampled_from([0.5, 1.5, 2.0, 7.0, 1024.0]),
    constant=quarters,
)
def test_a_dividend_keeps_the_laws_that_it_says_it_keeps(name, people, factor, constant):
    x, records = np.array(people, dtype=float).T
    for law in VARIANTS[name].preserves:
        for values in (x, np.abs(x)):  # half of the laws are hard only where no value is negative
            assert HOLDS[law](VARIANTS[name], values, records, factor, constant), law


# For every law that a dividend does not claim: values (and records) for which it fails, so that nothing is left out.
# Factor 2, constant 1.
BROKEN = {
    "order": {
        ((1, 2), (2, 1)): ("per_record", "floor by record"),
        ((-2, 1), (1, 1)): ("absolute", "cap by absolute"),
        ((1, 2), (1, 1)): ("binning, falling",),
    },
    "zero": {
        ((0, 1, 2), (1, 1, 1)): (
            "equal", "per_record", "binning", "rank", "softmax", "softmax, hot", "floor_plus_share", "all floor",
            "floor by record", "floor by shift", "cap at the mean", "cap by rank", "binning, falling",
        ),
        ((-1, 0, 1), (1, 1, 1)): ("shift", "shift_if_negative", "binning, four", "binning, far apart"),
        ((-1, 0), (1, 1)): ("softmax, cold",),
        ((0, 0, 0, 1), (1, 1, 1, 1)): ("cap", "cap above the mean", "cap by absolute"),
    },
    "sum": {
        ((1, 2, 4, 9), (1, 1, 1, 1)): (
            "equal", "per_record", "shift", "binning", "binarize", "rank", "power", "softmax", "progressive",
            "floor_plus_share", "binning, four", "binning, falling", "binning, far apart", "power 100", "power near 0",
            "softmax, cold", "softmax, hot", "progressive, sharp", "progressive, blunt", "all floor", "floor by shift",
            "floor by record", "cap at the mean", "cap above the mean", "cap by absolute", "cap by rank", "cap",
        ),
    },
    "equal_treatment": {((1, 1), (1, 2)): ("per_record", "floor by record")},
    "scale_invariance": {},
    "shift_invariance": {
        ((1, 2), (1, 1)): (
            "shift_if_negative", "absolute", "clip", "proportional", "power", "power 1", "progressive",
            "progressive, blunt", "floor_plus_share", "no floor", "cap by absolute",
        ),
        ((4, 5), (1, 1)): ("power 100",),
        ((1000, 1001), (1, 1)): ("cap above the mean",),
        ((0, 2), (1, 1)): ("binarize", "power near 0", "progressive, sharp"),
        ((1, 2, 3, 4), (1, 1, 1, 1)): ("cap",),
    },
}  # fmt: skip


@each
def test_the_laws_that_a_dividend_does_not_claim_do_fail(name):
    for law in LAWS.keys() - VARIANTS[name].preserves:
        ((x, records),) = (case for case, names in BROKEN[law].items() if name in names)
        assert not HOLDS[law](VARIANTS[name], np.array(x, float), np.array(records, float), 2.0, 1.0), law


def test_no_law_is_both_claimed_and_broken():
    for law, cases in BROKEN.items():
        for name in (name for names in cases.values() for name in names):
            assert law not in VARIANTS[name].preserves, (law, name)


def test_the_laws_are_words_of_the_list():
    for dividend in VARIANTS.values():
        assert dividend.preserves <= set(LAWS)
