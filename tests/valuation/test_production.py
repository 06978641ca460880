"""Production functions: closed forms, shapes, and intervals that hold what they say."""

import math

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.critical_mass import Willingness, critical_mass, held, tipping_point
from datacoalition.valuation.leverage import curvature
from datacoalition.valuation.production import Interval, ProductionFunction, rising
from hypothesis import given
from hypothesis import strategies as st

SHARES = np.array([0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95])
TRUTHS = {
    "accelerating": lambda x: x**2,
    "decelerating": lambda x: 1 - (1 - x) ** 3,
    "linear": lambda x: 0.6 * x,
    "S-shaped": lambda x: x**2 * (3 - 2 * x),
    "inverse S-shaped": lambda x: 0.5 + 0.5 * np.sign(2 * x - 1) * np.abs(2 * x - 1) ** 3,
}


def noise(rng, groups, seeds=1, size=0.02, shares=SHARES):
    """What groups differ by: each on the whole, and from share to share, less where few people act."""
    whole = rng.normal(size=(groups, 1, 1)) * np.sqrt(shares * (1.02 - shares)) * 1.5
    return size * (whole + rng.normal(size=(groups, seeds, len(shares))) * np.minimum(1, 20 * shares))


def function(truth, groups=5, seeds=1, size=0.005, seed=0) -> ProductionFunction:
    gains = truth(SHARES) + noise(np.random.default_rng(seed), groups, seeds, size)
    return ProductionFunction(SHARES, gains)


def exact(truth, shares=SHARES) -> ProductionFunction:
    return ProductionFunction(shares, truth(shares)[None, None], exact=True)


def power_law(a=0.095, span=1000.0):
    r = span**a
    return lambda s: 1 - (s**-a - 1) / (r - 1)


@pytest.mark.parametrize("shape", TRUTHS)
@pytest.mark.parametrize("make", [function, exact])
def test_shapes_are_told_apart(shape, make):
    assert make(TRUTHS[shape]).shape == shape


def test_a_strike_and_a_contribution_under_a_power_law_bend_as_published():
    """P_strike(s) = 1 - P_CDC(1 - s): one decelerates, the other accelerates [PUBLISHED theory of the learner]."""
    given_ = exact(power_law())
    strike = exact(lambda s: 1 - power_law()(1 - s))
    assert (given_.shape, strike.shape) == ("decelerating", "accelerating")


def test_the_curvature_of_the_power_law_is_its_closed_form():
    a, span, end = 0.095, 1000.0, 0.5
    shares = np.geomspace(1 / span, end, 4000)
    found = exact(power_law(a, span), shares).curvature
    r = span**a
    area = (end - 1 / span) * (1 + 1 / (r - 1)) - (end ** (1 - a) - span ** (a - 1)) / (1 - a) / (r - 1)
    expected = 2 * area / (end * power_law(a, span)(end)) - 1
    assert found.value == pytest.approx(expected, abs=1e-5)
    assert found.low == found.high == found.value


def test_curvature_is_the_published_formula_and_depends_on_the_range():
    found = function(TRUTHS["S-shaped"])
    assert found.curvature.value == pytest.approx(curvature(SHARES, found.mean))
    assert found.upto(0.5).curvature.value == pytest.approx(curvature(SHARES[:7], found.mean[:7]))
    assert found.upto(0.5).curvature.value < -0.2 < found.curvature.value


def test_nothing_can_be_told_of_one_group_and_little_of_noise():
    one = function(TRUTHS["accelerating"], groups=1)
    assert one.shape == "cannot tell"
    assert not one.curvature.known
    assert not one.needed(0.3).known
    assert math.isfinite(one.needed(0.3).value)
    assert function(lambda x: 0 * x, groups=5, size=0.02).shape == "cannot tell"
    agreed = ProductionFunction(SHARES, np.tile(SHARES**2, (3, 1, 1)))
    assert not agreed.needed(0.3).known  # draws that all agree know nothing of their spread
    assert agreed.shape == "cannot tell"


def test_noise_is_not_taken_for_a_shape():
    rng = np.random.default_rng(4)
    shares = np.array([0.05, 0.1, 0.2, 0.3, 0.5])
    named = [ProductionFunction(shares, shares + noise(rng, 5, size=0.1, shares=shares)).shape for _ in range(100)]
    assert sum(name not in ("linear", "cannot tell") for name in named) <= 12


def test_the_share_needed_is_the_inverse_and_is_never_extrapolated():
    found = exact(TRUTHS["linear"])
    assert found.needed(0.3).value == pytest.approx(0.5)
    assert found.needed(0.003).value == pytest.approx(0.005)
    assert found.needed(0.57).value == pytest.approx(0.95)
    assert found.needed(0.571).value == math.inf
    assert math.isnan(found.at(0.951).value)
    assert math.isnan(found.marginal(0.945).value)


@given(st.floats(0.001, 0.56))
def test_what_is_needed_moves_the_target(target):
    found = exact(TRUTHS["linear"])
    assert found.at(found.needed(target).value).value == pytest.approx(target)


def test_the_next_percent_is_a_difference():
    found = exact(TRUTHS["accelerating"])
    assert found.marginal(0.1).value == pytest.approx(0.01 * (0.04 - 0.01) / 0.1)
    assert found.marginal(0.0).value == pytest.approx(0.0001)


def test_a_lucky_small_group_does_not_reach_the_target():
    gains = np.array([0.4, 0.0, 0.1, 0.2, 0.5])
    shares = np.array([0.01, 0.1, 0.3, 0.5, 1.0])
    found = ProductionFunction(shares, gains[None, None], exact=True)
    assert found.needed(0.3).value > 0.5
    np.testing.assert_allclose(rising(gains[None])[0], [1 / 6, 1 / 6, 1 / 6, 0.2, 0.5])


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=8))
def test_the_rising_curve_is_isotonic_regression_above_zero(values):
    from scipy.optimize import isotonic_regression

    expected = np.maximum(isotonic_regression(values).x, 0)
    np.testing.assert_allclose(rising(np.array([values]))[0], expected, atol=1e-12)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Of 60 trials at .95 fewer than 50 succeed once in two thousand times."""
    rng = np.random.default_rng(1)
    for groups, seeds in ((3, 1), (5, 3)):
        for truth, target in ((TRUTHS["accelerating"], 0.5), (TRUTHS["decelerating"], 0.5)):
            line = ProductionFunction(SHARES, truth(SHARES)[None, None], exact=True)
            held_ = np.zeros(3)
            for _ in range(60):
                luck = 0.01 * rng.normal(size=(1, seeds, 1)) if seeds > 1 else 0
                found = ProductionFunction(SHARES, truth(SHARES) + noise(rng, groups, seeds) + luck)
                for k, (ours, true) in enumerate((
                    (found.curvature, line.curvature), (found.needed(target), line.needed(target)),
                    (found.marginal(0.3), line.marginal(0.3)),
                )):  # fmt: skip
                    held_[k] += ours.low <= true.value <= ours.high
            assert (held_ >= 50).all(), (groups, seeds, held_)


def test_training_luck_that_all_groups_share_is_in_the_interval():
    rng = np.random.default_rng(2)
    luck = 0.05 * rng.normal(size=(1, 3, 1))
    quiet = TRUTHS["linear"](SHARES) + noise(rng, 5, 3, 0.005)
    with_luck, without = (ProductionFunction(SHARES, quiet + part).at(0.5) for part in (luck, 0 * luck))
    assert with_luck.high - with_luck.low > 3 * (without.high - without.low)


def test_bad_arrays_are_refused():
    with pytest.raises(InputError, match="shares"):
        ProductionFunction(np.array([0.1, 0.1]), np.ones((2, 1, 2)))
    with pytest.raises(InputError, match="shares"):
        ProductionFunction(np.array([0.0, 0.1]), np.ones((2, 1, 2)))
    with pytest.raises(InputError, match="gains"):
        ProductionFunction(np.array([0.1, 0.2]), np.ones((2, 2)))
    with pytest.raises(InputError, match="finite"):
        ProductionFunction(np.array([0.1, 0.2]), np.full((2, 1, 2), np.nan))


TOTAL = np.linspace(0, 1, 10_001)


def test_one_threshold_for_all_is_the_critical_mass():
    found = critical_mass(TOTAL, (TOTAL >= 0.3).astype(float))
    assert found.committed == pytest.approx(0.3, abs=2e-4)
    assert found.tipping == pytest.approx(0.3, abs=2e-4)
    assert (found.rest, found.beyond) == (1.0, True)


def test_uniform_thresholds_tip_at_the_lowest():
    found = critical_mass(TOTAL, np.clip((TOTAL - 0.2) / 0.5, 0, 1))
    assert found.committed == pytest.approx(0.2, abs=2e-4)


def test_a_square_law_tips_at_one_half():
    """c + (1 - c) r^2 = r has the roots r = 1 and r = c / (1 - c), which meet at c = 1/2."""
    found = critical_mass(TOTAL, TOTAL**2)
    assert found.committed == pytest.approx(0.5, abs=2e-4)
    np.testing.assert_allclose(held(TOTAL, TOTAL**2)[:-1], TOTAL[:-1] / (1 + TOTAL[:-1]), atol=1e-12)


def test_two_fixed_points_are_the_roots_of_the_logistic_step():
    """F = 3 r^2 - 2 r^3 rests at 0 and 1 and is unstable at 1/2 if nobody is committed; fewer committed tip it."""
    found = critical_mass(TOTAL, 3 * TOTAL**2 - 2 * TOTAL**3)
    # g(r) = (r - F) / (1 - F) = r (1 - 2 r) / (1 + r - 2 r^2) = r (1 - 2 r) / ((1 - r)(1 + 2 r)), highest where g' = 0.
    r = TOTAL[1:5000]
    g = r * (1 - 2 * r) / ((1 - r) * (1 + 2 * r))
    assert found.committed == pytest.approx(g.max(), abs=1e-6)
    assert found.tipping == pytest.approx(r[g.argmax()], abs=2e-4)
    assert found.committed < 0.5


def test_granovetters_crowd():
    """Thresholds 0..99 among 100 people: all join; with 2 in place of 1, one joins, and one more committed sets all
    off [G78]."""
    thresholds = np.arange(100) / 100
    total = np.concatenate([[0.0], np.arange(1, 10_001) / 10_000 + 1e-9])

    def joining(given):
        return (given[None] <= total[:, None] + 1e-6).mean(axis=1)

    assert critical_mass(total, joining(thresholds)).committed == 0
    changed = thresholds.copy()
    changed[1] = 0.02
    found = critical_mass(total, joining(changed))
    assert found.committed == pytest.approx((0.02 - 0.01) / 0.99, abs=2e-4)
    assert found.rest == pytest.approx(1.0)


def test_where_nothing_tips_there_is_no_critical_mass():
    found = critical_mass(TOTAL, 0.5 * TOTAL)
    assert (found.committed, found.rest) == (math.inf, 0.0)
    some = critical_mass(TOTAL, np.minimum(2 * TOTAL, 0.3))
    assert some.committed == 0
    assert some.rest == pytest.approx(0.3, abs=2e-4)
    assert not some.beyond


def test_levers_tip_where_their_gain_meets_the_cost():
    """With one cost for all, they join at P(r) = effort x cost / worth, so the critical mass is the share needed."""
    strike = exact(TRUTHS["accelerating"])
    willing = Willingness(effort=0.5, worth=2.0, cost_sd=0.0)
    found, interval = tipping_point(strike, willing)
    assert found.committed == pytest.approx(strike.needed(0.25).value, abs=1e-3)
    assert interval == Interval(found.committed, found.committed, found.committed)
    late, _ = tipping_point(strike, Willingness(effort=0.5, worth=0.5, cost_sd=0.0))
    assert late.committed == math.inf  # that much is moved only beyond what was measured


def test_decelerating_levers_need_fewer_committed_people():
    willing = Willingness(effort=0.5)
    early, late = (tipping_point(function(TRUTHS[name]), willing) for name in ("decelerating", "accelerating"))
    assert early[0].committed < 0.15 < 0.4 < late[0].committed
    for found, interval in (early, late):
        assert interval.low < found.committed < interval.high
        assert interval.high - interval.low < 0.1


def test_willingness_is_a_distribution():
    gains = np.linspace(-1, 5, 200)
    shares = Willingness(effort=0.5)(gains)
    assert np.all(np.diff(shares) >= 0)
    assert np.all(shares[gains <= 0] == 0)
    assert shares[-1] == pytest.approx(1)
    assert np.all(Willingness(effort=0)(gains) == 1)
    with pytest.raises(InputError, match="worth"):
        Willingness(effort=1, worth=0)
