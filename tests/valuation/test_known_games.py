"""Every way to a value against games with closed forms: exact to 1e-12, sampled within their standard errors."""

import numpy as np
import pytest
from datacoalition.valuation.methods import values
from datacoalition.valuation.utility import UtilityTable

from .games import GAMES, airport, majority, quadratic, unanimity, union

known = pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
WAYS = {
    "shapley by permutations": {"method": "shapley", "sampler": "permutations"},
    "shapley by pairs": {"method": "shapley", "sampler": "kernel"},
    "banzhaf": {"method": "banzhaf", "exact_up_to": 0},
    "banzhaf by pairs": {"method": "banzhaf", "sampler": "kernel"},
}


@known
def test_exact_values_are_the_closed_forms(game):
    shapley = values(game.players, game.utility)
    banzhaf = values(game.players, game.utility, "banzhaf")
    np.testing.assert_allclose(shapley.worth, game.shapley, rtol=0, atol=1e-12)
    np.testing.assert_allclose(banzhaf.worth, game.banzhaf, rtol=0, atol=1e-12)
    assert shapley.evaluations == 2 ** len(game.players)
    assert (shapley.stderr == 0).all()


@known
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_sampled_values_lie_within_their_errors(game, way):
    """Worths whose draws all agree have no standard error: they must be right."""
    found = values(game.players, game.utility, permutations=1000, **way)
    expected = np.asarray(game.banzhaf if way["method"] == "banzhaf" else game.shapley)
    off = np.abs(found.worth - expected)
    assert (off <= np.where(np.isnan(found.stderr), 1e-9, 4.5 * found.stderr)).all()


LARGE = {
    "airport for 100": airport(np.linspace(1, 3, 100) ** 2),
    "majority of 101": majority(101),
    "quadratic of 90": quadratic(np.linspace(0, 1, 90), empty=-1.0),
    "union for 80": union([{i, i // 2 + 1000, i // 7 + 2000} for i in range(80)]),
    "airport for 40": airport(np.linspace(1, 3, 40) ** 2),
    "union for 30": union([{i, i // 2 + 1000, i // 7 + 2000} for i in range(30)]),
}


@pytest.mark.parametrize("game", LARGE.values(), ids=LARGE)
def test_many_players(game):
    table, pairs = UtilityTable(game.utility), len(game.players) <= 60
    # By permutations a Banzhaf value rests on a few draws, which may have missed what a plane is needed for.
    for method in ("shapley", "banzhaf") if pairs else ("shapley",):
        found, expected = values(game.players, table, method, seed=1), np.asarray(getattr(game, method))
        assert ("regression" in found.note) == pairs
        off = np.abs(found.worth - expected)
        assert (off <= np.where(np.isnan(found.stderr), 1e-9, 4.5 * found.stderr)).all()
        if method == "shapley":
            assert found.worth.sum() == pytest.approx(expected.sum(), rel=1e-12)


@pytest.mark.parametrize(("n", "budgets"), [(14, (150, 600, 2400)), (24, (250, 1000, 4000))])
def test_the_error_of_the_regression_falls_as_the_budget_grows(n, budgets):
    """Four times the evaluations: about half the error. The game is one of unequal records with overlaps."""
    rng = np.random.default_rng(n)
    game = union([set(rng.integers(0, 60, rng.integers(2, 20)).tolist()) for _ in range(n)])
    table = UtilityTable(game.utility)
    errors = []
    for budget in budgets:
        runs = [values(game.players, table, sampler="kernel", budget=budget, seed=s) for s in range(8)]
        assert all(run.evaluations <= budget for run in runs)
        errors.append(np.sqrt(np.mean([(run.worth - game.shapley) ** 2 for run in runs])))
    assert errors[1] < 0.65 * errors[0]
    assert errors[2] < 0.65 * errors[1]


def test_symmetric_games_are_exact_by_regression_and_say_so():
    """An effect of size is fitted: nothing is left to chance, so no standard error can be known."""
    game = majority(21)
    found = values(game.players, game.utility, permutations=20)
    assert "regression" in found.note
    np.testing.assert_allclose(found.worth, game.shapley, rtol=0, atol=1e-12)
    assert np.isnan(found.stderr).all()


def test_rounding_errors_are_no_standard_errors():
    """60 players whose own numbers merely add up: residuals of the regression are rounding, and stderr is nan."""
    rng = np.random.default_rng(0)
    own = rng.normal(size=60) * 10.0 ** rng.integers(-3, 3, 60)
    found = values(range(60), lambda group: 50 + sum(own[i] for i in sorted(group)), budget=840)
    np.testing.assert_allclose(found.worth, own, rtol=0, atol=1e-10)
    assert np.isnan(found.stderr).all()


def test_one_draw_of_a_permutation_and_its_reverse_is_exact_for_synergies_of_two():
    found = values(range(70), quadratic(np.linspace(0, 1, 70)).utility, permutations=2)
    np.testing.assert_allclose(found.worth, quadratic(np.linspace(0, 1, 70)).shapley, rtol=1e-10)


def test_beta_of_unanimity_by_hand():
    """Needed with one other: E[t] under Beta(beta, alpha), which is beta / (alpha + beta)."""
    game = unanimity(6, 2)
    for alpha, beta in ((16, 1), (1, 16), (0.5, 2.5)):
        found = values(game.players, game.utility, "beta_shapley", alpha=alpha, beta=beta)
        np.testing.assert_allclose(found.worth[:2], beta / (alpha + beta), rtol=1e-12)
        np.testing.assert_allclose(found.worth[2:], 0, atol=1e-15)
