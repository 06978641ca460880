import math

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.inequality import (
    atkinson,
    gini,
    hoover,
    lorenz,
    mean_absolute_difference,
    rsv,
    sd,
    share_paid_nothing,
    spread_of_values,
    theil,
    top_share,
)
from datacoalition.valuation.values import Values
from hypothesis import example, given
from hypothesis import strategies as st


def atkinson_1(x, **options):
    return atkinson(x, 1.0, **options)


def atkinson_2(x, **options):
    return atkinson(x, 2.0, **options)


ALL = [gini, hoover, theil, atkinson, atkinson_1, atkinson_2, top_share, share_paid_nothing]
RAW = [sd, mean_absolute_difference, rsv]
every = pytest.mark.parametrize("measure", [*ALL, lorenz])
indices = pytest.mark.parametrize("index", [gini, hoover, theil, atkinson, atkinson_1, atkinson_2])
amounts = st.lists(st.floats(0, 1e308), min_size=1, max_size=30)
moderate = st.lists(st.floats(1e-3, 1e3) | st.just(0.0), min_size=1, max_size=30).filter(any)


def pairs(x):
    x = np.asarray(x, dtype=np.float64)
    return np.abs(x[:, None] - x[None, :]).sum()


@given(moderate)
def test_gini_and_hoover_are_their_definitions(x):
    n, mean = len(x), np.mean(x)
    assert gini(x) == pytest.approx(pairs(x) / (2 * n**2 * mean), abs=1e-12)
    assert hoover(x) == pytest.approx(np.abs(np.array(x) / np.sum(x) - 1 / n).sum() / 2, abs=1e-12)


@given(moderate)
def test_both_are_read_off_the_lorenz_curve(x):
    population, cumulative = lorenz(x)
    assert population.shape == cumulative.shape == (len(x) + 1,)
    area = np.trapezoid(cumulative, population)
    assert gini(x) == pytest.approx(1 - 2 * area, abs=1e-12)
    assert hoover(x) == pytest.approx((population - cumulative).max(), abs=1e-12)
    for share in (0.0, 0.1, 0.5, 1.0):
        expected = 1 - np.interp(1 - share, population, cumulative)
        assert top_share(x, share) == pytest.approx(expected, abs=1e-12)


@given(amounts)
@example([5e-324, 0.0])
@example([1e308] * 30)
@example([1e308] * 29 + [0.0])
def test_bounds_hold_for_any_size_of_amounts(x):
    n = len(x)
    for index in (gini, hoover):
        assert 0 <= index(x) <= 1 - 1 / n + 1e-12
    assert 0.1 - 1e-12 <= top_share(x) <= 1
    population, cumulative = lorenz(x)
    assert (cumulative[0], population[0], cumulative[-1], population[-1]) == (0, 0, 1, 1)
    assert (np.diff(cumulative) >= 0).all()
    assert (cumulative <= population + 1e-12).all()


@indices
@given(moderate, st.integers(-200, 200), st.integers(0, 99))
def test_neither_unit_nor_order_nor_copies_of_the_population_matter(index, x, exponent, seed):
    shuffled = np.random.default_rng(seed).permutation(x)
    assert index(shuffled) == pytest.approx(index(x), abs=1e-12)
    assert index(np.array(x) * 10.0**exponent) == pytest.approx(index(x), abs=1e-12)
    assert index(x * 3) == pytest.approx(index(x), abs=1e-12)


@indices
@given(st.floats(0, 1e308), st.integers(1, 40))
def test_all_equal_is_zero_exactly_also_for_one_person_and_for_nothing_at_all(index, amount, n):
    assert index([amount] * n) == 0
    assert index([0.0] * n) == 0
    assert top_share([amount] * n) == pytest.approx(0.1, abs=1e-15)


@pytest.mark.parametrize("index", [gini, hoover, atkinson])  # at .5, Atkinson's ends there too
@pytest.mark.parametrize("n", [2, 10, 1000])
def test_one_person_with_everything(index, n):
    assert index([0] * (n - 1) + [5]) == pytest.approx(1 - 1 / n, abs=1e-12)


@indices
def test_a_gift_from_rich_to_poor_never_raises_inequality(index):
    assert index([1, 5, 9]) > index([2, 5, 8])


def test_known_ginis():
    assert gini([1, 2, 3, 4]) == pytest.approx(0.25)
    assert hoover([1, 2, 3, 4]) == pytest.approx(0.2)
    assert gini(np.random.default_rng(0).exponential(size=400_000)) == pytest.approx(0.5, abs=0.002)


def test_the_top_tenth_may_hold_part_of_a_person():
    assert top_share(range(1, 11)) == pytest.approx(10 / 55)
    fifteen = np.arange(1, 16)
    assert top_share(fifteen) == pytest.approx((15 + 14 / 2) / 120)
    assert top_share([0, 0, 0, 0, 8]) == pytest.approx(0.5)
    assert top_share(fifteen, share=0) == 0
    assert top_share(fifteen, share=1) == 1


def test_the_order_of_a_lorenz_curve_is_from_the_poorest():
    population, cumulative = lorenz([3, 0, 1])
    np.testing.assert_allclose(population, [0, 1 / 3, 2 / 3, 1])
    np.testing.assert_allclose(cumulative, [0, 0, 1 / 4, 1])
    np.testing.assert_allclose(lorenz([0, 0])[1], [0, 0.5, 1])


def test_of_nobody_there_is_no_inequality():
    for measure in (*ALL, *RAW):
        assert math.isnan(measure([]))
    assert math.isnan(gini([], negatives="rsv"))
    assert [curve.shape for curve in lorenz([])] == [(0,), (0,)]


@every
def test_negative_amounts_are_refused_unless_asked_for(measure):
    with pytest.raises(InputError, match=r"^x: found -1, a negative amount; expected amounts of 0 or more"):
        measure([1, -1, 3])
    with pytest.raises(InputError, match=r"^negatives: found 'ignore'; expected 'raise'"):
        measure([1, 2], negatives="ignore")


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30).filter(lambda x: np.abs(x).sum() > 1e-3))
def test_the_gini_of_rsv_is_its_definition(x):
    expected = pairs(x) / (2 * (len(x) - 1) * np.abs(x).sum())
    assert gini(x, negatives="rsv") == pytest.approx(expected, abs=1e-12)


def test_the_gini_of_rsv_at_its_ends():
    assert gini([-1, 0, 1], negatives="rsv") == pytest.approx(1)
    assert gini([0, 0, 1], negatives="rsv") == pytest.approx(1)
    assert gini([-2, -2], negatives="rsv") == gini([0, 0], negatives="rsv") == 0
    assert gini([-2], negatives="rsv") == 0
    assert gini([1e308, -1e308], negatives="rsv") == pytest.approx(1)


@given(moderate)
def test_the_gini_of_rsv_is_another_normalisation(x):
    n = len(x)
    if n > 1:
        assert gini(x, negatives="rsv") == pytest.approx(min(n / (n - 1) * gini(x), 1), abs=1e-12)


@every
@pytest.mark.parametrize("bad", [[1, math.nan], [math.inf], [[1.0]], "abc", None])
def test_amounts_are_finite_numbers(measure, bad):
    with pytest.raises(InputError, match=r"^x: found"):
        measure(bad)


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_share_lies_between_0_and_1(share):
    with pytest.raises(InputError, match=r"^share: found"):
        top_share([1, 2], share)


def test_values_are_read_as_their_worths():
    values = Values(("a", "b"), np.array([1.0, 3.0]), np.zeros(2), 4)
    assert gini(values) == gini([1, 3]) == pytest.approx(0.25)


@given(moderate, st.floats(0.05, 8))
def test_theil_and_atkinson_are_their_definitions(x, epsilon):
    r = np.array(x) / np.mean(x)
    some = r[r > 0]
    assert theil(x) == pytest.approx((some * np.log(some)).sum() / r.size, abs=1e-12)
    power = 1 - epsilon
    if abs(power) > 1e-3:
        expected = 1 - np.mean(r**power) ** (1 / power) if some.size == r.size or power > 0 else 1
        assert atkinson(x, epsilon) == pytest.approx(expected, abs=1e-9)
    assert atkinson(x, 1) == pytest.approx(1 - np.exp(np.log(r).mean()) if some.size == r.size else 1, abs=1e-12)


def test_atkinson_by_hand_and_at_its_ends():
    assert atkinson([1, 3], 2) == pytest.approx(1 - 1.5 / 2), "1 - harmonic mean / mean"
    assert atkinson([1, 4], 1) == pytest.approx(1 - 2 / 2.5)
    assert atkinson([0, 1], 0.5) == pytest.approx(0.5)
    assert atkinson([0, 1], 1) == atkinson([0, 1], 3) == 1
    assert atkinson([1, 2, 4], 1 + 1e-9) == pytest.approx(atkinson([1, 2, 4], 1), abs=1e-9)
    assert atkinson([1, 2, 4], 1e300) == pytest.approx(1 - 1 / (7 / 3))
    assert atkinson([0, 1], 0.5, weights=[1, 1e-20]) == pytest.approx(1), "no log of 0 on the way"
    assert atkinson([1, 2, 4], 1e-300) == pytest.approx(0, abs=1e-15)
    assert atkinson([1e200] * 999 + [1e-100], 1) == pytest.approx(1 - 10 ** (-300 / 1000) * 1000 / 999)
    assert theil([0, 0, 0, 7]) == pytest.approx(math.log(4))


@given(moderate, st.integers(0, 99))
def test_weights_are_people_repeated(x, seed):
    weights = np.random.default_rng(seed).integers(0, 4, len(x))
    weights[seed % len(x)] += 1
    repeated = np.repeat(x, weights)
    for measure in (*ALL, *RAW):
        assert measure(x, weights=weights) == pytest.approx(measure(repeated), rel=1e-12, abs=1e-12), measure
        assert measure(x, weights=np.ones(len(x))) == pytest.approx(measure(x), rel=1e-12, abs=1e-12)
    ours, expected = lorenz(x, weights=weights), lorenz(repeated)
    np.testing.assert_allclose(np.interp(ours[0], *expected), ours[1], atol=1e-12)
    assert gini(x, weights=weights * 0.25) == pytest.approx(gini(repeated), abs=1e-12)
    assert gini(x, weights=weights * 1e306) == pytest.approx(gini(repeated), abs=1e-12)


@indices
@given(moderate, st.integers(0, 99), st.floats(0, 0.5))
def test_a_transfer_from_rich_to_poor_never_raises_inequality(index, x, seed, part):
    """The transfer principle [Pigou 1912; Dalton 1920]."""
    after = np.sort(np.array(x, dtype=np.float64))
    rich, poor = max(seed % after.size, seed // 10 % after.size), min(seed % after.size, seed // 10 % after.size)
    gift = part * (after[rich] - after[poor])
    before = index(after)
    after[rich] -= gift
    after[poor] += gift
    assert index(after) <= before + 1e-9


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.integers(-290, 300))
def test_raw_values_of_any_sign_have_a_spread(x, exponent):
    unit = 10.0**exponent
    assert sd(np.array(x) * unit) / unit == pytest.approx(np.std(x), rel=1e-9, abs=1e-9)
    expected = pairs(x) / len(x) ** 2
    assert mean_absolute_difference(np.array(x) * unit) / unit == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert rsv(x) == gini(x, negatives="rsv")


def test_what_has_no_value_has_a_reason():
    found = spread_of_values([-1, 0, 4])
    assert found["rsv"].value == rsv([-1, 0, 4])
    assert found["sd"].value == pytest.approx(np.std([-1, 0, 4]))
    assert found["rsv"].reason == ""
    for name in ("gini", "hoover", "theil", "atkinson"):
        assert math.isnan(found[name].value)
        assert found[name].reason == "some values are negative, so shares mean nothing"
    positive = spread_of_values([1, 3], epsilon=2)
    assert positive["theil"].value == theil([1, 3])
    assert positive["atkinson"].value == atkinson([1, 3], 2)
    assert all(one.reason == "there is nobody" and math.isnan(one.value) for one in spread_of_values([]).values())


def test_clip_counts_negatives_as_nothing():
    for measure in ALL:
        assert measure([-5, 1, 3], negatives="clip") == measure([0, 1, 3])
    assert share_paid_nothing([-1, 0, 0, 2], negatives="clip") == 0.75
    assert share_paid_nothing([1, 0, 0, 2]) == 0.5
    assert share_paid_nothing([3, 0], weights=[1, 3]) == 0.75
    assert gini([-1, -2], negatives="clip") == 0


@pytest.mark.parametrize("measure", [*ALL[1:], lorenz])
def test_only_gini_has_the_index_for_any_sign(measure):
    with pytest.raises(InputError, match=r"^negatives: found 'rsv'; expected 'raise' or 'clip'; only gini has 'rsv'"):
        measure([1, 2], negatives="rsv")


@every
@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ([1], "^weights: found 1 numbers; expected one for each of 2 in x"),
        ([1, -1], "^weights: found -1; expected numbers of people of 0 or more"),
        ([0, 0], "^weights: found nothing but zeros; expected at least one person"),
        ([1, math.inf], "^weights: found inf"),
    ],
)
def test_bad_weights_get_a_sentence(measure, weights, sentence):
    with pytest.raises(InputError, match=sentence):
        measure([1, 2], weights=weights)


@pytest.mark.parametrize("epsilon", [0, -1, math.inf, math.nan, "1"])
def test_epsilon_is_above_0(epsilon):
    with pytest.raises(InputError, match=r"^epsilon: found"):
        atkinson([1, 2], epsilon)


def test_the_index_for_any_sign_needs_more_than_one_person():
    with pytest.raises(InputError, match=r"^weights: found 1 people in all; expected more than 1"):
        rsv([1, 2], weights=[0.5, 0.5])
    assert rsv([1, 2], weights=[1, 0]) == 0


def test_somebody_who_stands_for_nobody_is_not_looked_at():
    for measure in ALL:
        assert measure([-7, 1, 3], weights=[0, 1, 1]) == measure([1, 3])
