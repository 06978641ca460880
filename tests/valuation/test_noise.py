import math

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation import joint, posterior
from datacoalition.valuation.dividends import DIVIDENDS
from datacoalition.valuation.inequality import gini, hoover
from datacoalition.valuation.noise import (
    draws,
    interval,
    noise_corrected,
    over_draws,
    paired_difference,
    reliability,
    same_draws,
)
from datacoalition.valuation.shapes import Spread
from datacoalition.valuation.values import Values
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

TRUTHS = {
    "normal": lambda rng, n: rng.standard_normal(n),
    "uniform": lambda rng, n: math.sqrt(12) * rng.uniform(-0.5, 0.5, n),
    "exponential": lambda rng, n: rng.standard_exponential(n) - 1,
    "negative exponential": lambda rng, n: 1 - rng.standard_exponential(n),
    "lognormal": lambda rng, n: (np.exp(rng.standard_normal(n)) - math.exp(0.5)) / 2.16,
}
"""Of mean 0 and standard deviation 1."""


def payouts(name):
    dividend = DIVIDENDS[name]()
    return lambda x: dividend(x, 100.0)


def values_of(worth, stderr, **more):
    return Values(tuple(range(len(worth))), worth, stderr, 1, **more)


def estimated(truth, noise, rng, errors="independent"):
    """Estimates of `truth` with errors of about `noise`; common: half of the variance from three common factors."""
    n = truth.size
    if errors == "independent":
        stderr = noise * rng.uniform(0.7, 1.3, n)
        return values_of(truth + stderr * rng.standard_normal(n), stderr)
    common = rng.standard_normal((3, n)) * noise / math.sqrt(3)
    factor = common if errors == "low rank" else math.sqrt(0.5) * np.concatenate([common, noise * np.eye(n)])
    return values_of(truth + rng.standard_normal(len(factor)) @ factor, np.sqrt((factor**2).sum(axis=0)), errors=factor)


def covered(theta, truth, names):
    """Whether each dividend's interval of the Gini holds the Gini of payouts from the true values."""
    found = []
    for name in names:
        reach, true = interval(theta, payouts(name)), gini(payouts(name)(truth))
        found.append(reach.low - 1e-9 <= true <= reach.high + 1e-9)
    return found


def fewest(trials):
    """Hits that a cover of .9 exceeds in 999 of 1,000 samples of as many independent trials."""
    return binom.ppf(0.001, trials, 0.9)


@pytest.mark.parametrize("noise", [0.3, 1.0, 2.0])
def test_intervals_cover_the_inequality_of_the_true_values(noise):
    """A part of benchmarks/noise_cover.py that was fixed before it was run: its twelve people, five of its truths.

    Each dividend must hold 9 in 10 on average over the truths. So it finds a model that is wrong throughout (noise
    counted twice, no shrinkage), but neither a cover of .85 nor one truth that is covered badly: for these there is
    the benchmark.
    """
    trials, hits = 12, []
    for truth, drawn_from in enumerate(TRUTHS.values()):
        for trial in range(trials):
            rng = np.random.default_rng([8, truth, trial])
            true = drawn_from(rng, 12) + 1
            hits.append(covered(draws(estimated(true, noise, rng), rng, 100), true, ("shift", "absolute", "clip")))
    assert (np.sum(hits, axis=0) >= fewest(len(hits))).all(), np.mean(hits, axis=0)


def test_intervals_cover_a_truth_that_is_none_of_the_shapes():
    """Where noise hides little. By the shapes alone, none of these eight was held after shift."""
    hits = []
    for trial in range(8):
        rng = np.random.default_rng([11, trial])
        true = np.exp(0.5 * rng.standard_normal(200)) / 0.604
        values = estimated(true, 0.3, rng)
        theta = draws(values, np.random.default_rng(trial), 150)
        hits += covered(theta, true, ["shift"])
    assert sum(hits) >= fewest(8)
    np.testing.assert_array_equal(theta, draws(values, np.random.default_rng(trial), 150))


def test_intervals_cover_under_correlated_errors():
    """Normal truths only, both kinds of errors; finds what the test for independent errors finds, no more."""
    trials, hits = 20, []
    for trial in range(trials):
        rng = np.random.default_rng([9, trial])
        true = TRUTHS["normal"](rng, 12)
        values = estimated(true, 1.0, rng, ("low rank", "common")[trial % 2])
        hits.append(covered(draws(values, rng, 60), true, ("shift", "clip")))
    assert (np.sum(hits, axis=0) >= fewest(trials)).all(), np.mean(hits, axis=0)


def test_adding_noise_to_noisy_estimates_does_not_cover():
    """The bootstrap that the model replaces: it counts noise twice."""
    trials, hits = 12, []
    for trial in range(trials):
        rng = np.random.default_rng([10, trial])
        true = 3 + rng.standard_normal(60)
        values = estimated(true, 1.0, rng)
        again = values.worth + values.stderr * rng.standard_normal((100, 60))
        hits.append([*covered(again, true, ["clip"]), *covered(draws(values, rng, 100), true, ["clip"])])
    naive, ours = np.sum(hits, axis=0)
    assert naive == 0
    assert ours >= fewest(trials)


def test_people_of_the_same_true_value_are_unequal_by_noise_alone():
    n, noise, rng = 600, 0.1, np.random.default_rng(0)
    values = values_of(1 + noise * rng.standard_normal(n), np.full(n, noise))
    found = noise_corrected(values, draws(values, rng, 400), payouts("clip"))
    assert found.raw == pytest.approx(noise / math.sqrt(math.pi), rel=0.05)
    assert found.corrected < 0.25 * found.raw
    assert found.interval.low < 0.05 * found.raw
    assert found.interval.high < 0.5 * found.raw
    assert found.reliability < 0.1


def test_draws_are_shrunk_by_reliability():
    rng = np.random.default_rng(1)
    truth = rng.standard_normal(400)
    values = values_of(truth + rng.standard_normal(400), np.ones(400))
    theta = draws(values, rng, 500)
    assert reliability(values) == pytest.approx(0.5, abs=0.1)
    assert theta.std(axis=1).mean() == pytest.approx(1, abs=0.15), "as spread out as the true values"
    slope = np.polyfit(values.worth, theta.mean(axis=0), 1)[0]
    assert slope == pytest.approx(0.5, abs=0.1)


def test_the_same_values_are_drawn_the_same_whenever_they_are():
    values = values_of([1.0, 2.0, 3.0], [0.5, 0.5, 0.5])
    first = same_draws(values, 20)
    for k in range(20):  # more than are kept
        same_draws(values_of([1.0, 2.0, 3.0 + k], [0.5, 0.5, 0.4]), 20)
    again = same_draws(values_of([1.0, 2.0, 3.0], [0.5, 0.5, 0.5]), 20)
    assert again is not first
    np.testing.assert_array_equal(again, first)
    assert (same_draws(values_of([1.0, 2.0, 3.0], [0.5, 0.5, 0.4]), 20) != first).any()
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 1.0


def test_what_is_common_to_all_errors_moves_all_draws_together():
    """One error for everybody: differences between people are known exactly, the level is not."""
    rng = np.random.default_rng(2)
    values = values_of(2 * rng.standard_normal(30), np.ones(30), errors=np.ones((1, 30)))
    theta = draws(values, rng, 300)
    between = theta - theta.mean(axis=1, keepdims=True)
    assert np.abs(between - (values.worth - values.worth.mean())).max() < 0.2
    assert theta.mean(axis=1).std() > 0.5
    alone = draws(values_of(values.worth, np.ones(30)), rng, 300)
    assert (alone - alone.mean(axis=1, keepdims=True)).std(axis=0).mean() > 0.4


@pytest.mark.parametrize("noise", [0.3, 1.0])
def test_the_grid_of_centre_and_spread_is_fine_enough(noise):
    """Against a grid laid by hand: log evidence, mean and standard deviation of mu and tau for each skewed shape."""
    rng = np.random.default_rng([4, 0])
    y = 0.76 + TRUTHS["lognormal"](rng, 150) + noise * rng.standard_normal(150)
    variance, top = np.full(150, noise**2), 4 * y.std(ddof=1)
    place, scale = np.linspace(0.3, 1.7, 71), np.linspace(0.02, top, 150)
    mu, tau = np.repeat(place, 150), np.tile(scale, 71)
    for shape in (0, 3, 5, 7):
        cells = posterior.zoom(y, variance, top, shape)
        density = posterior.log_likelihood(y, variance, place, scale, 0.0, shape).ravel()
        density += math.log(0.02 * (scale[1] - scale[0]))
        found = [summary(cells.mu, cells.tau, cells.density), summary(mu, tau, density)]
        np.testing.assert_allclose(found[0], found[1], atol=0.05)
    drawn = posterior.spread_given(y, variance, top, 6000, rng)
    shape = int(np.bincount(drawn.shape).argmax())
    density = posterior.log_likelihood(y, variance, place, scale, 0.0, shape).ravel()
    share = np.exp(density - density.max())
    slope = posterior.slope(mu, tau, share)
    assert slope > 0.2, "mu rises with tau"
    across = summary(mu - slope * tau, tau, density)[3], (drawn.mu - slope * drawn.tau)[drawn.shape == shape].std()
    assert across[1] == pytest.approx(across[0], rel=0.1)


def test_a_shape_is_told_from_true_values():
    rng = np.random.default_rng(0)
    normal = rng.standard_normal(500)
    right = np.exp(rng.standard_normal(500))
    for x, shape in ((normal, 0), ((right - math.exp(0.5)) / 2.16, 5), (-(right - math.exp(0.5)) / 2.16, 6)):
        spread = Spread(np.zeros(4, dtype=int), np.full(4, 2.0), np.full(4, 3.0))
        assert joint.reshaped(np.tile(2 + 3 * x, (4, 1)), spread, rng).tolist() == [shape] * 4


def summary(mu, tau, density):
    share = np.exp(density - density.max())
    evidence, share = density.max() + math.log(share.sum()), share / share.sum()
    means = [share @ x for x in (mu, tau)]
    return [evidence, *means, *(math.sqrt(share @ (x - m) ** 2) for x, m in zip((mu, tau), means, strict=True))]


def test_chains_for_correlated_errors_agree_with_the_grid_where_there_is_hardly_any_correlation():
    apart = []
    for trial in range(4):
        rng, n = np.random.default_rng([3, trial]), 30
        worth = 1.5 * rng.standard_normal(n)
        errors = np.eye(n) + 0.05 * rng.standard_normal((1, n)) * rng.standard_normal((n, 1)) / math.sqrt(n)
        stderr = np.sqrt((errors**2).sum(axis=0))
        exact, chains = (draws(values_of(worth, stderr, errors=factor), rng, 500) for factor in (None, errors))
        apart.append(chains.std(axis=1).mean() - exact.std(axis=1).mean())
    assert abs(np.mean(apart)) < 0.03


def test_what_errors_have_in_common_is_found_for_skewed_truths_too():
    """The one error that all share lies where its draws say, also where a shape has narrow components."""
    away = []
    for trial in range(12):
        rng = np.random.default_rng([1, trial])
        truth, factor, size = TRUTHS["lognormal"](rng, 40), rng.standard_normal((1, 40)), rng.standard_normal()
        values = values_of(truth + size * factor[0], np.abs(factor[0]), errors=factor)
        found = (values.worth - draws(values, rng, 80)) @ factor[0] / (factor[0] @ factor[0])
        away.append((size - found.mean()) / found.std())
    assert np.mean(np.square(away)) < 2.5, "1 if the draws are as uncertain as they should be"


def test_correlations_estimated_from_a_few_draws_are_not_taken_at_their_word():
    """Ten draws of 60 people span nine directions; there is noise in the others too."""
    rng = np.random.default_rng(3)
    truth, n, k = np.zeros(60), 60, 10
    sample = truth + math.sqrt(k) * rng.standard_normal((k, n))
    factor = (sample - sample.mean(axis=0)) / math.sqrt(k * (k - 1))
    stderr = np.sqrt((factor**2).sum(axis=0))
    estimated_ones = values_of(sample.mean(axis=0), stderr, errors=factor, df=np.full(n, k - 1.0))
    taken = values_of(sample.mean(axis=0), stderr, errors=factor)
    assert draws(estimated_ones, rng, 200).std(axis=1).mean() < 0.7
    assert draws(taken, rng, 200).std(axis=1).mean() > 0.8


def test_exact_values_are_their_own_draws_and_a_person_without_error_stays():
    rng = np.random.default_rng(0)
    exact = values_of([1.0, 2.0, 4.0], np.zeros(3))
    np.testing.assert_array_equal(draws(exact, rng, 5), np.tile([1.0, 2.0, 4.0], (5, 1)))
    assert reliability(exact) == 1
    found = noise_corrected(exact, draws(exact, rng, 5), payouts("clip"), hoover)
    assert found.raw == found.corrected == found.interval.low == found.interval.high
    mixed = draws(values_of([1.0, 2.0, 4.0, 3.0], [0.0, 1.0, 0.0, np.nan]), rng, 50)
    np.testing.assert_allclose(mixed[:, [0, 2]], np.tile([1.0, 4.0], (50, 1)), rtol=1e-12)
    assert mixed[:, 1].std() > 0.1
    assert mixed[:, 3].std() > 0.1, "an unknown error is not none"


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=6), st.integers(-250, 250), st.booleans())
def test_draws_are_finite_in_any_unit(worth, exponent, common):
    unit, n = 10.0**exponent, len(worth)
    values = values_of(np.array(worth) * unit, np.full(n, unit), errors=unit * (np.eye(n) + common) if common else None)
    theta = draws(values, np.random.default_rng(0), 20)
    assert theta.shape == (20, n)
    assert np.isfinite(theta).all()
    plain = draws(
        values_of(worth, np.ones(n), errors=np.eye(n) + 1.0 if common else None), np.random.default_rng(0), 20
    )
    np.testing.assert_allclose(theta / unit, plain, rtol=1e-5, atol=1e-5)


def test_two_designs_are_ranked_only_where_their_difference_excludes_0():
    rng = np.random.default_rng(5)
    values = estimated(rng.standard_normal(40), 0.5, rng)
    theta = draws(values, rng, 200)
    apart = paired_difference(theta, payouts("clip"), payouts("binning"))
    assert apart.ranked
    assert apart.interval.low > 0
    assert paired_difference(theta, payouts("binning"), payouts("clip")).interval.high < 0
    same = paired_difference(theta, payouts("shift"), payouts("shift_if_negative"))
    assert not same.ranked
    assert same.interval.median == pytest.approx(0, abs=1e-12)
    each = over_draws(theta, payouts("clip")) - over_draws(theta, payouts("binning"))
    assert apart.interval.median == np.median(each)
    assert interval(theta, payouts("clip"), level=0.5).high < interval(theta, payouts("clip")).high


def test_reliability():
    assert reliability(values_of([0.0, 2.0], [1.0, 0.0])) == pytest.approx(1 - 0.5 / 2)
    assert reliability(values_of([0.0, 2.0], [5.0, 5.0])) == 0
    assert reliability(values_of([1.0, 1.0], [0.1, 0.1])) == 0
    assert math.isnan(reliability(values_of([1.0], [0.1])))
    assert draws(values_of([], []), np.random.default_rng(0), 3).shape == (3, 0)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda rng: draws(values_of([1, 2], [np.nan] * 2), rng), "^stderr: found nan for everybody, so the noise is"),
        (lambda rng: draws([1, 2], rng), "^values: found a list; expected a Values"),
        (lambda rng: draws(values_of([1, 2], [1, -1]), rng), "^stderr: found -1 to 1; expected finite numbers"),
        (lambda rng: draws(values_of([1, 2], [1, 1]), rng, 0), "^n_draws: found 0; expected at least 1"),
        (lambda rng: draws(values_of([1, 2], [1, 1], errors=np.ones((1, 3))), rng), r"^errors: found shape \(1, 3\)"),
        (lambda rng: interval(np.ones(3), payouts("clip")), r"^theta: found shape \(3,\); expected draws of shape"),
        (lambda rng: interval(np.ones((2, 3)), payouts("clip"), lambda x: math.nan), "^measure: found nan for a draw"),
        (lambda rng: interval(np.ones((2, 3)), payouts("clip"), level=1.0), "^level: found 1.0; expected a number"),
    ],
)
def test_bad_input_gets_a_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call(np.random.default_rng(0))
