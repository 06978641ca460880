"""Paired differences: against scipy where there is one seed, against mean squares by hand where seeds are crossed."""

import math

import numpy as np
import pytest
from datacoalition.scenarios.sweeps.analysis.paired import holm, paired
from scipy import stats

FIRST = np.random.default_rng(1).normal(2, 1, (7, 1))
SECOND = np.random.default_rng(2).normal(1, 2, (7, 1))


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def mean_squares(change):
    """By loops, as a textbook has them: units, seeds, and what is left."""
    s, r = change.shape
    grand = sum(change.ravel()) / (s * r)
    rows = [sum(change[i]) / r for i in range(s)]
    columns = [sum(change[:, j]) / s for j in range(r)]
    a = r * sum((x - grand) ** 2 for x in rows) / (s - 1)
    b = s * sum((x - grand) ** 2 for x in columns) / (r - 1)
    rest = sum((change[i, j] - rows[i] - columns[j] + grand) ** 2 for i in range(s) for j in range(r))
    return grand, a, b, rest / ((s - 1) * (r - 1))


def test_one_seed_is_student_s_paired_test():
    found, known = paired(FIRST, SECOND), stats.ttest_rel(FIRST[:, 0], SECOND[:, 0])
    low, high = known.confidence_interval(0.95)
    assert (found.low, found.high, found.p) == pytest.approx((low, high, known.pvalue))
    assert found.freedom == 6
    assert found.difference / found.stderr == pytest.approx(known.statistic)
    assert found.remark == ""


def test_effects_by_hand():
    found, change = paired(FIRST, SECOND), (FIRST - SECOND)[:, 0]
    assert found.d_z == pytest.approx(change.mean() / change.std(ddof=1))
    assert found.d_av == pytest.approx(change.mean() / ((FIRST.std(ddof=1) + SECOND.std(ddof=1)) / 2))


def test_seeds_that_move_all_units_together_widen_the_interval(rng):
    change = rng.normal(0, 0.2, (5, 1)) + rng.normal(0, 1, (1, 4)) + rng.normal(0, 0.1, (5, 4))
    grand, a, b, i = mean_squares(change)
    assert b > i
    variance = (a + b - i) / 20
    freedom = (a + b - i) ** 2 / (a**2 / 4 + b**2 / 3 + i**2 / 12)
    assert freedom > 3
    found = paired(change, np.zeros_like(change))
    assert (found.difference, found.stderr, found.freedom) == pytest.approx((grand, math.sqrt(variance), freedom))
    alone = stats.ttest_1samp(change.mean(axis=1), 0).confidence_interval(0.95)
    assert found.high - found.low > 2 * (alone.high - alone.low)


def test_where_seeds_do_nothing_together_units_alone_count():
    change = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 3.5], [3.0, 1.0]])
    _, a, b, i = mean_squares(change)
    assert b < i
    found = paired(change, np.zeros_like(change))
    assert (found.stderr, found.freedom) == pytest.approx((math.sqrt(a / 8), 3))


@pytest.mark.parametrize("parts", [(1, 0, 1), (0, 1, 0.1), (1, 1, 1)])
def test_intervals_cover_the_truth_as_often_as_they_say(parts):
    """Of 1000 tables with splits, seeds and noise that vary so much, 93 to 99 per cent of intervals hold 0."""
    rng, held = np.random.default_rng(1), 0
    for _ in range(1000):
        sides = (rng.normal(size=shape) * part for shape, part in zip(((5, 1), (1, 4), (5, 4)), parts, strict=True))
        found = paired(sum(sides), np.zeros((5, 4)))
        held += found.low <= 0 <= found.high
    assert 930 <= held <= 990


def test_a_missing_pair_takes_nothing_else_with_it(rng):
    change = rng.normal(0, 1, (1, 5)) + rng.normal(0, 0.1, (6, 5))
    change[2, 3] = math.nan
    found = paired(change, np.zeros_like(change))
    rows = np.array([row[np.isfinite(row)].mean() for row in change])
    _, _, b, i = mean_squares(np.delete(change, 3, axis=1))
    added = (b - i) / 6 / 5  # what seeds vary by, over the five of them
    assert found.difference == pytest.approx(rows.mean())
    assert found.stderr == pytest.approx(math.sqrt(rows.var(ddof=1) / 6 + added))


def test_too_many_missing_is_said(rng):
    change = rng.normal(size=(3, 2))
    change[0, 0] = change[1, 1] = math.nan
    assert "too many pairs are missing" in paired(change, np.zeros_like(change)).remark


def test_equal_differences_have_no_width_and_say_so():
    none, same = paired(FIRST, FIRST), paired(FIRST + 0.3, FIRST)
    assert (none.low, none.difference, none.high, none.p) == (0, 0, 0, 1)
    assert same.low == same.high == pytest.approx(0.3)
    assert math.isnan(same.p)
    for found, words in ((none, "all differences are 0"), (same, "all differences are equal")):
        assert found.remark.startswith(words)
        assert math.isnan(found.stderr)
        assert math.isnan(found.d_z)


def test_nothing_and_one_have_no_interval():
    nothing, one = paired(np.full((3, 1), math.nan), np.zeros((3, 1))), paired(FIRST[:1], SECOND[:1])
    assert (nothing.units, nothing.remark) == (0, "no pair in which both are defined")
    assert one.difference == FIRST[0, 0] - SECOND[0, 0]
    assert math.isnan(one.low)
    assert math.isnan(one.p)
    assert "no interval" in one.remark


def test_two_groups_of_differences_are_told():
    change = np.array([[0.0, 0.01, 1.0, 1.01, 0.0, 1.0, 0.02, 0.99]]).T
    assert "two groups of differences, near 0.0075 and 1" in paired(change, np.zeros_like(change)).remark


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.5]) == pytest.approx([1.0, 1.0])


def test_a_test_without_a_p_value_still_counts():
    found = holm([math.nan, 0.02, 0.01])
    assert math.isnan(found[0])
    assert found[1:] == pytest.approx([0.04, 0.03])
