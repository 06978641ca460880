"""[VLZH19] Vincent, Li, Zha & Hecht, Mapping the Potential and Pitfalls of "Data Dividends",
arXiv:1912.00757, and the author's 2023 talk: the transforms of the values (-1, 0, 1)."""

import math

import numpy as np
import pytest
from datacoalition.valuation.dividends import DIVIDENDS
from datacoalition.valuation.inequality import gini, hoover

TABLE = {
    "shift": ([0, 1 / 3, 2 / 3], 0.444, 0.333),
    "shift_if_negative": ([0, 1 / 3, 2 / 3], 0.444, 0.333),
    "absolute": ([1 / 2, 0, 1 / 2], 0.333, 0.333),
    "clip": ([0, 0, 1], 0.667, 0.667),
    "binning": ([0.2, 0.4, 0.4], 0.133, 0.133),
    "binarize": ([0, 0, 1], 0.667, 0.667),
}


@pytest.mark.parametrize("name", TABLE)
def test_shares_gini_and_hoover_of_minus_one_zero_one(name):
    shares, expected_gini, expected_hoover = TABLE[name]
    payouts = DIVIDENDS[name]()((-1, 0, 1), 900.0)
    np.testing.assert_allclose(payouts / 900, shares, rtol=0, atol=1e-15)
    assert gini(payouts) == pytest.approx(expected_gini, abs=5e-4)
    assert hoover(payouts) == pytest.approx(expected_hoover, abs=5e-4)


def test_the_two_conventions_of_shift_part_where_no_value_is_negative():
    np.testing.assert_allclose(DIVIDENDS["shift"]()((1, 2, 3), 1), [0, 1 / 3, 2 / 3])
    np.testing.assert_allclose(DIVIDENDS["shift_if_negative"]()((1, 2, 3), 1), [1 / 6, 2 / 6, 3 / 6])


def test_shift_with_two_coalitions_is_one_half_by_construction():
    assert gini(DIVIDENDS["shift"]()((0.2, 0.7), 1)) == pytest.approx(0.5, abs=1e-15)


def test_noise_alone_inflates_inequality():
    """People of identical true value and relative noise s show a Gini of about s / sqrt(pi)."""
    noise = 0.1
    measured = 1 + noise * np.random.default_rng(0).standard_normal(200_000)
    assert gini(measured) == pytest.approx(noise / math.sqrt(math.pi), rel=0.01)
