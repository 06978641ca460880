"""The family of rating models, and each of the new ones against a formula written out in numpy."""

import numpy as np
import pytest
from datacoalition.ml_tasks.als import Als
from datacoalition.ml_tasks.als_kernel import grouped, half_sweep
from datacoalition.ml_tasks.bayesian import Bayesian
from datacoalition.ml_tasks.rating_models import RATING_MODELS
from datacoalition.ml_tasks.unpersonalised import MovieMean, RandomOrder

RNG = np.random.default_rng(0)
N_USERS, N_ITEMS, SCALE = 60, 40, (1.0, 5.0)
TASTE = RNG.normal(size=(N_USERS, 2)), RNG.normal(size=(N_ITEMS, 2))
USER, ITEM = (ids.astype(np.int32) for ids in np.nonzero(RNG.random((N_USERS, N_ITEMS)) < 0.5))
RATING = np.clip(np.round(3 + (TASTE[0][USER] * TASTE[1][ITEM]).sum(axis=1) + RNG.normal(0, 0.3, len(USER))), 1, 5)
TEST = RNG.random(len(USER)) < 0.2


def fitted(model, rows=None, seed=0):
    rows = ~TEST if rows is None else rows
    return model.fit(USER[rows], ITEM[rows], RATING[rows], N_USERS, N_ITEMS, seed)


def rmse(fit) -> float:
    return float(np.sqrt(np.mean((fit.predict(USER[TEST], ITEM[TEST], SCALE) - RATING[TEST]) ** 2)))


@pytest.fixture(params=RATING_MODELS)
def model(request):
    return RATING_MODELS[request.param]()


def test_predictions_stay_on_the_scale_and_repeat(model):
    one, again = (fitted(model, seed=1).predict(USER, ITEM, SCALE) for _ in range(2))
    np.testing.assert_array_equal(one, again)
    assert one.min() >= 1
    assert one.max() <= 5


def test_people_and_films_without_a_rating_get_finite_predictions(model):
    rows = (USER > 2) & (ITEM > 2)
    fit = fitted(model, rows)
    asked = np.zeros(N_ITEMS, dtype=np.int32), np.arange(N_ITEMS, dtype=np.int32)
    first = fit.predict(*asked, SCALE)
    assert np.isfinite(first).all()
    if not isinstance(model, RandomOrder):  # the model cannot tell two people apart of whom it knows nothing
        np.testing.assert_allclose(first, fit.predict(asked[0] + 1, asked[1], SCALE), rtol=0, atol=1e-6)


def test_a_single_rating_is_enough(model):
    rows = np.arange(len(USER)) == 0
    assert np.isfinite(fitted(model, rows).predict(USER, ITEM, SCALE)).all()


@pytest.mark.parametrize("model", [Als(factors=2), Bayesian(factors=2)], ids=["als", "bayesian"])
def test_personal_models_beat_the_film_means(model):
    assert rmse(fitted(model)) < 0.85 * rmse(fitted(MovieMean()))


def test_the_film_mean_is_the_mean():
    fit = fitted(MovieMean(), np.ones(len(USER), dtype=bool))
    for item in range(5):
        assert fit.predict(USER[:1], np.array([item]), SCALE)[0] == pytest.approx(RATING[item == ITEM].mean())


def test_a_random_order_differs_by_pair_and_seed():
    one = fitted(RandomOrder(), seed=0).predict(USER, ITEM, SCALE)
    assert len(np.unique(one)) == len(one)
    assert abs(np.corrcoef(one, fitted(RandomOrder(), seed=1).predict(USER, ITEM, SCALE))[0, 1]) < 0.15


def half(noise=None, weight=1.0, each=0.0, width=3):
    """One half sweep on known features, with the same by numpy's solver."""
    rng = np.random.default_rng(1)
    theirs = np.zeros((N_ITEMS, 8), dtype=np.float32)
    theirs[:, :width] = rng.normal(size=(N_ITEMS, width))
    theirs[:, width] = 1
    their_bias = rng.normal(size=N_ITEMS).astype(np.float32)
    value = RATING.astype(np.float32)
    ridge, pull = np.array([1, 2, 3, 4], np.float32), np.array([0.5, 0, -1, 2], np.float32)
    factors, bias = np.zeros((N_USERS, 8), dtype=np.float32), np.zeros(N_USERS, dtype=np.float32)
    drawn = np.zeros((0, 0), np.float32) if noise is None else noise
    sums = half_sweep(width)(
        *grouped(USER, ITEM, value, N_USERS), np.float32(0.25), their_bias, theirs, bias, factors, ridge, pull,
        np.float32(each), drawn, np.float32(weight),
    )  # fmt: skip
    found = np.column_stack([factors[:, :width], bias])
    expected = np.empty_like(found, dtype=float)
    error = np.empty(len(USER))
    for user in range(N_USERS):
        rows = user == USER
        x = theirs[ITEM[rows], : width + 1].astype(float)
        y = RATING[rows] - 0.25 - their_bias[ITEM[rows]]
        matrix = weight * x.T @ x + np.diag(ridge + each * rows.sum())
        expected[user] = np.linalg.solve(matrix, weight * x.T @ y + pull)
        if noise is not None:
            expected[user] += np.linalg.solve(np.linalg.cholesky(matrix).T, noise[user])
        error[rows] = y - x @ expected[user]
    return found, expected, sums, error


@pytest.mark.parametrize("noise", [None, np.random.default_rng(2).normal(size=(N_USERS, 4)).astype(np.float32)])
def test_a_half_sweep_solves_the_normal_equations(noise):
    found, expected, sums, error = half(noise, weight=1.7, each=0.3)
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-4)
    assert sums[0] == pytest.approx(error.sum(), rel=1e-3, abs=0.05)
    assert sums[1] == pytest.approx((error**2).sum(), rel=1e-3)


def test_common_draws_leave_other_people_nearly_alone():
    """With one person gone, the others' predictions move less than from seed to seed."""
    rows = ~TEST & (USER != 5)
    others = USER != 5
    model = Bayesian(factors=2, iterations=20)
    full = fitted(model).predict(USER[others], ITEM[others], SCALE)
    struck = fitted(model, rows).predict(USER[others], ITEM[others], SCALE)
    again = fitted(model, seed=1).predict(USER[others], ITEM[others], SCALE)
    assert np.abs(struck - full).mean() < 0.7 * np.abs(again - full).mean()
