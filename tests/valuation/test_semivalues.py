"""Semivalues by definition, from one table and from the same permutations; when sampling stops; how good errors are."""

import math

import numpy as np
import pytest
from datacoalition.valuation.methods import Banzhaf, BetaShapley, LeaveOneOut, Shapley, StandAlone, values
from datacoalition.valuation.methods.kernel import _Pairs, least_pairs
from datacoalition.valuation.utility import UtilityTable
from hypothesis import given, settings
from hypothesis import strategies as st

from .games import any_game, banzhaf_weight, beta_weight, by_all_groups, shapley_weight

BETAS = [(16.0, 1.0), (4.0, 1.0), (1.0, 1.0), (1.0, 16.0), (0.5, 2.5), (0.01, 0.01), (30.0, 50.0)]
DEFINED = {
    "shapley": (Shapley(), shapley_weight),
    "banzhaf": (Banzhaf(), banzhaf_weight),
    "leave_one_out": (LeaveOneOut(), lambda n: lambda size: float(size == n - 1)),
    "stand_alone": (StandAlone(), lambda n: lambda size: float(size == 0)),
    **{
        f"beta {alpha:g} {beta:g}": (
            BetaShapley(alpha=alpha, beta=beta),
            lambda n, alpha=alpha, beta=beta: beta_weight(n, alpha, beta),
        )
        for alpha, beta in BETAS
    },
}
SAMPLED = {
    "shapley": Shapley(sampler="permutations", permutations=20),
    "banzhaf": Banzhaf(exact_up_to=0, permutations=20),
    "beta 16 1": BetaShapley(exact_up_to=0, permutations=20),
    "beta 1 4": BetaShapley(exact_up_to=0, permutations=20, alpha=1, beta=4),
    "shapley, one draw": Shapley(sampler="permutations", permutations=2),
    "banzhaf, two draws": Banzhaf(exact_up_to=0, permutations=4),
    "beta, eighteen draws": BetaShapley(exact_up_to=0, permutations=36, alpha=0.5, beta=0.5),
    "shapley by as few pairs as may be": Shapley(sampler="kernel", permutations=8),
    "banzhaf by as few pairs as may be": Banzhaf(sampler="kernel", permutations=8),
    "beta 16 1 by as few pairs as may be": BetaShapley(sampler="kernel", permutations=8),
    "beta 1 4 by pairs": BetaShapley(sampler="kernel", permutations=20, alpha=1, beta=4),
}
sampled = pytest.mark.parametrize("method", SAMPLED.values(), ids=SAMPLED)


def value(method, players, utility, seed=0):
    return method(players, utility, np.random.default_rng(seed))


# ---------------------------------------------------------------- exact


@pytest.mark.parametrize(("method", "weight"), DEFINED.values(), ids=DEFINED)
@pytest.mark.parametrize("n", [1, 2, 5, 6])
def test_the_definition_word_for_word(method, weight, n):
    table = any_game(n, seed=n, empty=4.0)
    expected = by_all_groups(n, table, weight(n))
    np.testing.assert_allclose(value(method, range(n), table.__getitem__).worth, expected, rtol=0, atol=1e-12)


@given(n=st.integers(2, 40), alpha=st.floats(0.01, 100), beta=st.floats(0.01, 100))
def test_the_sizes_have_probabilities_and_alpha_favours_small_ones(n, alpha, beta):
    weights = BetaShapley(alpha=alpha, beta=beta).weights(n)
    assert weights.sum() == pytest.approx(1, rel=1e-12)
    assert (weights >= 0).all()
    mean = weights @ np.arange(n)
    assert mean == pytest.approx((n - 1) * beta / (alpha + beta), rel=1e-9)


def test_beta_16_1_weighs_small_groups_most():
    """As in [KZ22], figure 1, and PUBLISHED section 4: of 20 players the first arrival counts most."""
    assert (np.diff(BetaShapley(alpha=16, beta=1).weights(20)) < 0).all()
    assert (np.diff(BetaShapley(alpha=1, beta=16).weights(20)) > 0).all()
    assert BetaShapley() == BetaShapley(alpha=16, beta=1)


@pytest.mark.parametrize("n", [2, 3, 10, 1001])
def test_banzhaf_weighs_sizes_by_how_many_groups_there_are(n):
    weights = Banzhaf().weights(n)
    assert weights.sum() == pytest.approx(1, rel=1e-12)
    np.testing.assert_allclose(weights, weights[::-1], rtol=1e-9)
    if n == 3:
        np.testing.assert_allclose(weights, [1 / 4, 2 / 4, 1 / 4], rtol=1e-14)


def test_beta_1_1_is_shapley_and_adds_up():
    table = any_game(7, seed=1)
    beta, shapley = (values(range(7), table.__getitem__, **kind) for kind in (
        {"method": "beta_shapley", "alpha": 1, "beta": 1}, {"method": "shapley"}))  # fmt: skip
    np.testing.assert_allclose(beta.worth, shapley.worth, rtol=0, atol=1e-14)
    assert beta.adds_up
    assert "ranks" not in beta.note


def test_players_alike_are_worth_the_same_to_the_last_bit_whatever_their_places():
    """14 players of two kinds in a shuffled order; values over many magnitudes, where any order of summing shows."""
    rng = np.random.default_rng(0)
    kind = rng.permutation([0] * 7 + [1] * 7)
    known = rng.normal(size=(8, 8)) * 10.0 ** rng.integers(-8, 8, size=(8, 8))
    table = UtilityTable(lambda group: known[sum(kind[i] == 0 for i in group), sum(kind[i] == 1 for i in group)])
    for method in (Shapley(), Banzhaf(), BetaShapley(alpha=0.3, beta=7)):
        worth = value(method, range(14), table).worth
        assert len(set(worth[kind == 0])) == len(set(worth[kind == 1])) == 1


def test_a_table_of_all_groups_serves_every_method():
    asked = []
    table = UtilityTable(lambda group: asked.append(group) or len(group) ** 0.5)
    for kind in ("shapley", "banzhaf", "beta_shapley", "leave_one_out", "stand_alone"):
        values(range(10), table, kind)
    values(range(10), table, "beta_shapley", alpha=2, beta=3)
    values(range(9, -1, -1), table, "shapley")  # other places, the same groups
    values(range(7), table, "shapley")
    assert len(asked) == len(set(asked)) == 2**10


def test_all_groups_are_announced_in_batches():
    told = []

    class Announced:
        def __call__(self, group):
            assert any(group in groups for groups in told)
            return len(group)

        def ahead(self, groups):
            told.append(list(groups))

    values(range(10), Announced())
    assert [len(groups) for groups in told] == [256] * 4
    told.clear()
    found = values(range(30), Announced(), "banzhaf", permutations=32)
    assert sum(map(len, told)) == found.evaluations
    assert len(told) == 1 + 2  # nobody and everyone; then a wave of 16 permutations and one of 16


def test_a_budget_below_all_groups_is_kept_by_sampling():
    exact = values(range(8), len, budget=256)
    below = values(range(8), lambda group: len(group) ** 3, budget=255)
    assert exact.note == "exact"
    assert "permutations" in below.note
    assert below.evaluations <= 255


# ---------------------------------------------------------------- the same permutations


@pytest.mark.parametrize("settings", [{}, {"budget": 1000}, {"permutations": 30, "truncation": 0.3}])
def test_a_second_semivalue_of_the_same_seed_evaluates_nothing_new(settings):
    asked = []
    table = UtilityTable(lambda group: asked.append(group) or sum(i**0.5 for i in sorted(group)) ** 0.7)
    first = values(range(62), table, "shapley", seed=4, **settings)
    before = len(asked)
    assert before == first.evaluations
    for kind in ({"method": "banzhaf"}, {"method": "beta_shapley", "alpha": 2}):
        again = values(range(62), table, seed=4, **kind, **settings)
        assert again.evaluations == first.evaluations
    assert len(asked) == before
    values(range(62), table, "banzhaf", seed=5, **settings)
    assert len(asked) > before


@sampled
def test_samples_are_unbiased(method):
    """Their mean over seeds is within four of its standard errors, with something from nothing in the game."""
    n, seeds = (7, 200) if method.sampler == "kernel" else (5, 400)
    table = UtilityTable(any_game(n, seed=3, empty=2.0).__getitem__, range(n))
    exact = value(
        BetaShapley(alpha=method.alpha, beta=method.beta) if isinstance(method, BetaShapley) else type(method)(),
        range(n),
        table,
    )
    runs = np.array([value(method, range(n), table, seed).worth for seed in range(seeds)])
    z = (runs.mean(axis=0) - exact.worth) / (runs.std(axis=0, ddof=1) / math.sqrt(seeds))
    assert np.abs(z).max() < 4


@sampled
@given(seed=st.integers(0, 10**6), empty=st.floats(-5, 5))
@settings(max_examples=15, deadline=None)
def test_every_sample_of_shapley_adds_up(method, seed, empty):
    if not isinstance(method, Shapley):
        return
    table = any_game(7, seed=seed % 7, empty=empty)
    worth = value(method, range(7), table.__getitem__, seed).worth
    assert worth.sum() == pytest.approx(table[frozenset(range(7))] - empty, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("n", [24, 70])
@pytest.mark.parametrize("method", ["banzhaf", "beta_shapley"])
def test_where_worth_adds_up_samples_of_any_semivalue_are_exact(method, n):
    own = np.random.default_rng(0).normal(size=n)
    found = values(range(n), lambda group: 1 + sum(own[i] for i in sorted(group)), method, permutations=60)
    np.testing.assert_allclose(found.worth, own, rtol=0, atol=1e-11)
    assert np.isnan(found.stderr).all()


# ---------------------------------------------------------------- the same pairs


@pytest.mark.parametrize("n", [17, 41])
@pytest.mark.parametrize("settings", [{"permutations": 40}, {"budget": 420}])
def test_after_shapley_no_other_method_trains_anything(n, settings):
    """From 17 to 60 players by default: one table of pairs, of each player alone and of each left out."""
    asked = []
    table = UtilityTable(lambda group: asked.append(group) or len(group) ** 0.7 + 0.1 * (3 in group))
    first = values(range(n), table, "shapley", **settings)
    before = len(asked)
    assert "regression" in first.note
    assert before == first.evaluations
    betas = [{"method": "beta_shapley", "alpha": a, "beta": b} for a, b in BETAS]
    for kind in ({"method": "banzhaf"}, *betas):
        assert values(range(n), table, **kind, **settings).evaluations == before
    for kind in ("leave_one_out", "stand_alone"):
        values(range(n), table, kind)
    assert len(asked) == before


@pytest.mark.parametrize("sampler", ["kernel", "exact"])
@pytest.mark.parametrize("n", [2, 3])
def test_so_few_players_leave_nothing_to_draw(n, sampler):
    table = any_game(n, seed=2)
    found = values(range(n), table.__getitem__, "banzhaf", sampler=sampler)
    np.testing.assert_allclose(found.worth, by_all_groups(n, table, banzhaf_weight(n)), rtol=0, atol=1e-12)
    assert (found.stderr == 0).all()


@pytest.mark.parametrize("n", range(4, 90, 5))
def test_every_size_is_drawn_however_few_pairs_there_are(n):
    """A size without a draw would silently count as nothing."""
    draw = _Pairs(n, np.random.default_rng(0))
    sizes = np.concatenate([draw.take(n), draw.take(least_pairs(n) - n)]).sum(axis=1)
    assert set(sizes) == set(range(2, n // 2 + 1))
    assert np.bincount(sizes)[2:].min() >= 2


def test_groups_of_a_size_are_all_as_likely():
    """Of 8 players, 28 pairs and 35 halves (a group and its complement being one); chi squared."""
    members = _Pairs(8, np.random.default_rng(1)).take(6000)
    for size in (2, 3, 4):
        of_size = members[members.sum(axis=1) == size]
        counts = np.unique(of_size, axis=0, return_counts=True)[1]
        expected = len(of_size) / math.comb(8, size)
        chi = ((counts - expected) ** 2 / expected).sum()
        assert len(counts) == math.comb(8, size)
        assert abs(chi - len(counts)) < 4 * (2 * len(counts)) ** 0.5


CHECKED = {
    "shapley by permutations": (4, 2000, {"sampler": "permutations", "permutations": 200}),
    "shapley by pairs": (7, 150, {"sampler": "kernel", "permutations": 100}),
    "banzhaf by pairs": (8, 150, {"method": "banzhaf", "sampler": "kernel", "permutations": 100}),
    "beta 4 1 by pairs": (8, 150, {"method": "beta_shapley", "sampler": "kernel", "alpha": 4.0, "permutations": 60}),
    "banzhaf": (4, 500, {"method": "banzhaf", "exact_up_to": 0, "permutations": 200}),
    "beta 4 1": (4, 500, {"method": "beta_shapley", "exact_up_to": 0, "alpha": 4.0, "permutations": 200}),
}


@pytest.mark.parametrize(("n", "repeats", "kind"), CHECKED.values(), ids=CHECKED)
def test_intervals_cover_what_they_say(n, repeats, kind):
    """A game of diminishing returns with noise, fixed seeds: 93 to 97 per cent of the 95 per cent intervals.

    benchmarks/semivalue_cover.py does 2,000 repeats of each, in games of more players.
    """
    rng = np.random.default_rng(3)
    weight, noise = rng.lognormal(0, 0.5, n), rng.normal(size=1 << n) * 0.05

    def utility(group):
        return 1 + sum(weight[i] for i in sorted(group)) ** 0.6 + noise[sum(1 << i for i in group)]

    table = UtilityTable(utility, range(n))
    exact = values(range(n), table, **{k: v for k, v in kind.items() if k in ("method", "alpha")}).worth
    hits = []
    for seed in range(repeats):
        low, high = values(range(n), table, seed=seed, **kind).interval()
        hits.append((low <= exact) & (exact <= high))
    assert 0.93 < np.mean(hits) < 0.97


# ---------------------------------------------------------------- when to stop


ROUGH = np.random.default_rng(7).normal(size=1 << 12) * 0.1


def rough(group):
    return len(group) ** 0.5 + ROUGH[sum(1 << i for i in group)]


def curved(group):
    return 3 + sum((1 + i) ** 0.5 for i in sorted(group)) ** 1.3


@pytest.mark.parametrize("kind", [{}, {"sampler": "permutations"}, {"method": "banzhaf"}])
@pytest.mark.parametrize("budget", [150, 151, 700])
def test_a_budget_is_not_exceeded_and_used_up_but_for_less_than_a_draw(kind, budget):
    asked = []
    found = values(range(24), lambda group: asked.append(group) or curved(group), budget=budget, **kind)
    assert len(asked) == found.evaluations <= budget
    assert found.evaluations > budget - 2 * 23
    assert f"a budget of {budget} evaluations allows" in found.note
    assert np.isfinite(found.worth).all()


@pytest.mark.parametrize("sampler", ["permutations", "kernel"])
def test_groups_asked_for_before_cost_nothing(sampler):
    """Five players have 32 groups: with those paid for, draws go on to their number."""
    table = any_game(5, seed=0)
    free = values(range(5), table.__getitem__, sampler=sampler, budget=32, permutations=400)
    assert free.note in ("400 permutations", "regression on 795 pairs of groups")
    assert free.evaluations == 32


def test_what_a_budget_cuts_off_is_left_out_not_counted_as_nothing():
    """The draws of a run that the budget ends are those of a run that asks for as many."""
    short = values(range(24), curved, sampler="permutations", budget=400)
    count = int(short.note.split()[0])
    same = values(range(24), curved, sampler="permutations", permutations=count)
    assert 2 < count < 20
    assert short.worth.tolist() == same.worth.tolist()
    assert short.evaluations == same.evaluations


@pytest.mark.parametrize("kind", [{}, {"sampler": "permutations"}, {"method": "banzhaf"}])
def test_a_target_is_reached_and_no_sooner_than_it_must(kind):
    wide, narrow = (values(range(12), rough, target_stderr=target, exact_up_to=0, **kind) for target in (0.1, 0.01))
    assert wide.stderr.max() <= 0.1
    assert narrow.stderr.max() <= 0.01
    assert narrow.evaluations > wide.evaluations
    assert "enough for the standard error asked for" in narrow.note
    limited = values(range(12), rough, target_stderr=1e-9, permutations=40, exact_up_to=0, **kind)
    assert "enough" not in limited.note


def test_the_first_of_several_limits_counts():
    first = values(range(24), curved, sampler="permutations", permutations=10, budget=10_000, target_stderr=1e-9)
    assert first.note == "10 permutations"
    second = values(range(24), curved, sampler="permutations", permutations=1000, budget=100, target_stderr=1e-9)
    assert "a budget of 100" in second.note


def test_too_few_evaluations_for_a_regression_are_spent_on_permutations():
    few, enough = (values(range(24), curved, budget=budget) for budget in (8 * 24 - 1, 8 * 24))
    assert "permutations" in few.note
    assert "regression" in enough.note
    assert "permutations" in values(range(24), curved, truncation=0.1).note
    assert "permutations" in values(range(61), curved, permutations=20).note


def test_truncation_looks_at_the_mean_over_seeds():
    """Two seeds whose ways differ but whose mean is reached at once."""
    found = values(range(70), lambda group: np.array([5.0 + len(group), 5.0 - len(group)]), truncation=0.1)
    assert found.evaluations == 2
    assert "200 of them truncated" in found.note
    np.testing.assert_allclose(found.worth, 0, atol=1e-12)
