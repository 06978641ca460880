import math
import warnings

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.leverage import (
    dlp_contribution,
    dlp_strike,
    dlp_transfer,
    mean_stderr,
    ratio_stderr,
)
from hypothesis import given
from hypothesis import strategies as st

scores = st.floats(-10, 10)
draws = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20)


def test_the_ends_of_the_scale():
    assert dlp_contribution(small=0.5, baseline=0.5, best=1) == 0
    assert dlp_contribution(small=1, baseline=0.5, best=1) == 1
    assert dlp_transfer(small=0.5, large=0.9, baseline=0.5) == 0
    assert dlp_transfer(small=0.9, large=0.9, baseline=0.5) == 1
    assert dlp_strike(large=1, baseline=0.5, best=1) == 0
    assert dlp_strike(large=0.5, baseline=0.5, best=1) == 1


@given(scores, scores, scores, scores)
def test_the_same_formulas_serve_metrics_where_lower_is_better(small, large, baseline, best):
    one = [
        dlp_contribution(small, baseline, best),
        dlp_transfer(small, large, baseline),
        dlp_strike(large, baseline, best),
    ]
    turned = [
        dlp_contribution(-small, -baseline, -best),
        dlp_transfer(-small, -large, -baseline),
        dlp_strike(-large, -baseline, -best),
    ]
    np.testing.assert_array_equal(one, turned)


@given(scores, scores, scores)
def test_the_same_score_lost_or_gained_sums_to_one(score, baseline, best):
    if abs(best - baseline) > 1e-3:
        total = dlp_contribution(score, baseline, best) + dlp_strike(score, baseline, best)
        assert total == pytest.approx(1, abs=1e-9)


def test_values_beyond_the_scale_are_returned_as_they_are():
    assert dlp_contribution(0.4, 0.5, 1) == pytest.approx(-0.2)
    assert dlp_contribution(1.1, 0.5, 1) == pytest.approx(1.2)
    assert dlp_strike(1.1, 0.5, 1) == pytest.approx(-0.2)


def test_scalars_give_a_float_arrays_their_broadcast_shape():
    assert type(dlp_contribution(np.float32(0.75), 0.5, 1)) is float
    assert type(dlp_strike(np.array(0.75), 0.5, 1)) is float
    row = dlp_contribution([0.5, 0.75, 1.0], 0.5, 1)
    np.testing.assert_allclose(row, [0, 0.5, 1])
    table = dlp_transfer(np.zeros((2, 1)) + 0.75, np.array([1.0, 0.75, 0.5]), 0.5)
    np.testing.assert_allclose(table, [[0.5, 1, math.nan]] * 2)


def test_a_zero_denominator_is_nan_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isnan(dlp_contribution(0.7, 1, 1))
        assert math.isnan(dlp_transfer(0.7, 0.5, 0.5))
        assert math.isnan(dlp_strike(1, 1, 1))
        assert math.isnan(dlp_strike(math.nan, 0, 1))
        assert math.isnan(dlp_strike(math.inf, math.inf, 1))
        np.testing.assert_array_equal(dlp_strike([0.5, 1], [0, 1], 1), [0.5, math.nan])


@given(draws)
def test_the_standard_error_of_a_mean_over_seeds(per_seed):
    mean, stderr = mean_stderr(per_seed)
    k = len(per_seed)
    assert mean == pytest.approx(sum(per_seed) / k, abs=1e-9)
    variance = sum((x - mean) ** 2 for x in per_seed) / (k - 1)
    assert stderr == pytest.approx(math.sqrt(variance / k), abs=1e-9)


def test_one_seed_tells_nothing_of_its_error_but_a_closed_form_has_none():
    mean, stderr = mean_stderr([0.7])
    assert mean == 0.7
    assert math.isnan(stderr)
    assert mean_stderr([0.7], exact=True) == (0.7, 0.0)
    assert all(map(math.isnan, mean_stderr([])))
    assert all(map(math.isnan, mean_stderr([0.1, math.nan])))
    assert mean_stderr([0.1, 0.1]) == (0.1, 0.0)


@given(draws, st.floats(0.5, 100))
def test_over_a_known_denominator_only_the_numerator_errs(numerators, denominator):
    expected = mean_stderr(np.array(numerators) / denominator)[1]
    assert ratio_stderr(numerators, denominator) == pytest.approx(expected, abs=1e-9)
    constant = [denominator] * len(numerators)
    assert ratio_stderr(numerators, constant) == pytest.approx(expected, abs=1e-9)


def test_pairing_cancels_what_the_seeds_share():
    denominators = np.array([1.0, 1.3, 0.8, 1.1])
    assert ratio_stderr(0.4 * denominators, denominators) == pytest.approx(0, abs=1e-16)
    assert ratio_stderr(0.4 * denominators, np.roll(denominators, 1)) > 0.01


def test_the_delta_method_predicts_the_scatter_of_the_ratio():
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(4000, 20))
    top = 2 + 0.2 * shared + 0.1 * rng.normal(size=shared.shape)
    bottom = 5 + 0.3 * shared + 0.1 * rng.normal(size=shared.shape)
    scatter = (top.mean(axis=1) / bottom.mean(axis=1)).std(ddof=1)
    squares = [ratio_stderr(t, b) ** 2 for t, b in zip(top, bottom, strict=True)]
    assert math.sqrt(np.mean(squares)) == pytest.approx(scatter, rel=0.05)


def test_where_the_error_of_a_ratio_cannot_be_known_it_is_nan():
    assert math.isnan(ratio_stderr([0.4], [1.0]))
    assert math.isnan(ratio_stderr([], []))
    assert math.isnan(ratio_stderr([0.4, 0.5], [-1.0, 1.0]))
    assert math.isnan(ratio_stderr([0.4], [0.0], exact=True))
    assert ratio_stderr([0.4], [1.0], exact=True) == 0
    assert math.isnan(ratio_stderr([0.4, math.nan], [1.0, 2.0]))


def test_seeds_are_paired_one_to_one():
    with pytest.raises(InputError, match=r"^denominators: found shape \(3,\); expected one number for each of 2"):
        ratio_stderr([1, 2], [1, 2, 3])
    with pytest.raises(InputError, match=r"^per_seed: found shape"):
        mean_stderr([[1, 2]])
