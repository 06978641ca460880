import math

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.inequality import gini, hoover, lorenz, top_share
from datacoalition.valuation.values import Values
from hypothesis import example, given
from hypothesis import strategies as st

MEASURES = {"gini": gini, "hoover": hoover, "top_share": top_share}
every = pytest.mark.parametrize("measure", [*MEASURES.values(), lorenz])
indices = pytest.mark.parametrize("index", [gini, hoover])
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


@indices
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
    for measure in MEASURES.values():
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
