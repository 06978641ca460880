"""The Owen value against its definition: the mean over all orders in which no union is interrupted [O77]."""

import math
from itertools import combinations, pairwise, permutations

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.methods import Shapley
from datacoalition.valuation.methods.owen import Owen
from datacoalition.valuation.utility import UtilityTable
from hypothesis import given, settings
from hypothesis import strategies as st


def value(method, players, utility, seed=0):
    return method(players, utility, np.random.default_rng(seed))


def groups(players):
    return [frozenset(group) for size in range(len(players) + 1) for group in combinations(players, size)]


def random_game(n, seed):
    return dict(zip(groups(range(n)), np.random.default_rng(seed).normal(size=2**n), strict=True))


def by_all_orders(n, unions, table):
    """Word for word: the mean marginal over the orders of all players in which each union's members stand together."""
    total, count = np.zeros(n), 0
    for order in permutations(range(n)):
        blocks = [unions[player] for player in order]
        if sum(a != b for a, b in pairwise(blocks)) != len(set(blocks)) - 1:
            continue
        count += 1
        for place, player in enumerate(order):
            before = frozenset(order[:place])
            total[player] += table[before | {player}] - table[before]
    return total / count


def quotient(blocks, table):
    """Shapley of the game of the unions; blocks: lists of players."""
    found = value(
        Shapley(exact_up_to=10), range(len(blocks)), lambda g: table[frozenset().union(*(blocks[k] for k in g))]
    )
    return found.worth


PARTITIONS = [
    {0: "a", 1: "a", 2: "a", 3: "a", 4: "a", 5: "a"},
    {0: "a", 1: "b", 2: "a", 3: "c", 4: "b", 5: "a"},
    {0: "a", 1: "a", 2: "b", 3: "b", 4: "c", 5: "c"},
    {i: str(i) for i in range(6)},
    {0: "a", 1: "a", 2: "a", 3: "a", 4: "a", 5: "b"},
]


def test_in_the_unanimity_game_joining_costs_the_members():
    result = value(Owen(unions={"a": "ab", "b": "ab", "c": "c"}), "abc", lambda group: float(len(group) == 3))
    assert result.worth.tolist() == [0.25, 0.25, 0.5]
    assert (result.note, result.method) == ("exact, 2 unions, 1 of them a player alone", "owen")
    assert result.adds_up


@pytest.mark.parametrize("unions", PARTITIONS)
@pytest.mark.parametrize("n", [2, 4, 6])
def test_exact_is_the_mean_over_all_orders_that_keep_unions_together(n, unions):
    table = random_game(n, n)
    result = value(Owen(unions=unions), range(n), table.__getitem__)
    np.testing.assert_allclose(result.worth, by_all_orders(n, unions, table), rtol=0, atol=1e-12)
    assert result.stderr.tolist() == [0] * n


@given(st.lists(st.integers(0, 3), min_size=5, max_size=5), st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_any_partition_of_five(unions, seed):
    of, table = dict(enumerate(unions)), random_game(5, seed)
    result = value(Owen(unions={i: f"u{k}" for i, k in of.items()}), range(5), table.__getitem__)
    np.testing.assert_allclose(result.worth, by_all_orders(5, of, table), rtol=0, atol=1e-12)


@pytest.mark.parametrize("unions", [dict.fromkeys(range(6), "all"), {i: f"{i}" for i in range(6)}, {}])
def test_one_union_of_all_or_only_players_alone_is_shapley(unions):
    table = random_game(6, 3)
    shapley = value(Shapley(exact_up_to=6), range(6), table.__getitem__).worth
    np.testing.assert_allclose(value(Owen(unions=unions), range(6), table.__getitem__).worth, shapley, atol=1e-13)


@pytest.mark.parametrize("unions", PARTITIONS)
@pytest.mark.parametrize("sample", [False, True])
def test_adds_up_and_members_together_get_their_unions_shapley_value(unions, sample):
    table = random_game(6, 8)
    method = Owen(unions=unions, exact_up_to=0 if sample else 256, permutations=8000)
    result = value(method, range(6), table.__getitem__)
    assert result.worth.sum() == pytest.approx(table[frozenset(range(6))] - table[frozenset()], abs=1e-12)
    blocks = [[i for i in unions if unions[i] == name] for name in dict.fromkeys(unions.values())]
    together = [result.worth[block].sum() for block in blocks]
    np.testing.assert_allclose(together, quotient(blocks, table), atol=0.1 if sample else 1e-12)


def test_a_player_who_changes_nothing_is_worth_nothing():
    table = random_game(6, 1)
    for method in (Owen(unions=PARTITIONS[1]), Owen(unions=PARTITIONS[1], exact_up_to=0, permutations=10)):
        result = value(method, range(6), lambda group: table[group - {4}])
        assert result.worth[4] == 0


def test_players_alike_in_a_union_and_unions_alike_are_worth_the_same_to_the_last_bit():
    """0 and 1 share a union and are alike; unions {0, 1} and {2, 3} are alike."""
    rng = np.random.default_rng(2)
    table = {
        (sizes, alone): rng.normal() for sizes in [(a, b) for a in range(3) for b in range(a + 1)] for alone in (0, 1)
    }

    def utility(group):
        a, b = len(group & {0, 1}), len(group & {2, 3})
        return table[(max(a, b), min(a, b)), 4 in group]

    worth = value(Owen(unions={0: "a", 1: "a", 2: "b", 3: "b"}), range(5), utility).worth
    assert worth[0] == worth[1] == worth[2] == worth[3] != worth[4]


def test_every_group_of_the_two_levels_once_and_none_that_shapley_asked_for_again():
    asked = []
    table = UtilityTable(lambda group: asked.append(group) or math.sqrt(len(group)))
    result = value(Owen(unions=PARTITIONS[2]), range(6), table)
    assert len(asked) == len(set(asked)) == result.evaluations == 8 + 3 * 2 * 4
    value(Shapley(exact_up_to=6), range(6), table)
    value(Owen(unions=PARTITIONS[1]), range(6), table)
    assert len(asked) == len(set(asked)) == 64
    before = len(asked)
    value(Owen(unions=PARTITIONS[1], exact_up_to=0), range(6), table)
    assert len(asked) == before


def test_the_sampled_value_is_unbiased_and_its_intervals_hold():
    table = random_game(6, 5)
    exact = value(Owen(unions=PARTITIONS[1]), range(6), table.__getitem__).worth
    method, remembered = Owen(unions=PARTITIONS[1], exact_up_to=0, permutations=80), UtilityTable(table.__getitem__)
    runs = [value(method, range(6), remembered, seed) for seed in range(300)]
    worth = np.array([run.worth for run in runs])
    z = (worth.mean(axis=0) - exact) / (worth.std(axis=0, ddof=1) / math.sqrt(len(runs)))
    assert np.abs(z).max() < 4
    low, high = np.transpose([run.interval() for run in runs], (1, 0, 2))
    assert 0.93 < np.mean((low <= exact) & (exact <= high)) < 0.97
    np.testing.assert_allclose(runs[0].df, 39)


def test_an_order_and_its_reverse_are_one_draw():
    """In a game of pairs every order with its reverse gives the exact value: one draw is enough."""
    rng = np.random.default_rng(4)
    pair = rng.normal(size=(6, 6))
    method = Owen(unions=PARTITIONS[1], exact_up_to=0, permutations=1)

    def utility(group):
        return float(sum(pair[i, j] for i in sorted(group) for j in sorted(group)))

    exact = value(Owen(unions=PARTITIONS[1]), range(6), utility).worth
    result = value(method, range(6), utility)
    np.testing.assert_allclose(result.worth, exact, atol=1e-12)
    assert result.evaluations == 12
    assert np.isnan(result.stderr).all()


def test_a_budget_is_never_exceeded_and_ends_on_a_whole_draw():
    table = random_game(6, 6)
    for budget in range(12, 40):
        asked = []
        method = Owen(unions=PARTITIONS[1], exact_up_to=0, permutations=10_000, budget=budget)
        result = value(method, range(6), lambda group, asked=asked: asked.append(group) or table[group])
        assert len(asked) == result.evaluations <= budget
        assert result.evaluations > budget - 10  # another draw might have needed ten
        assert result.worth.sum() == pytest.approx(table[frozenset(range(6))] - table[frozenset()])
        assert f" permutations, all that a budget of {budget} evaluations allows, 3 unions" in result.note
    message = "^budget: found 11; expected at least 12, for a permutation of 6 players and its reverse$"
    with pytest.raises(InputError, match=message):
        value(Owen(unions=PARTITIONS[1], budget=11), range(6), table.__getitem__)


def test_a_budget_for_every_group_is_exact_one_group_less_is_not():
    table = random_game(6, 6)
    at, below = (value(Owen(unions=PARTITIONS[1], budget=budget), range(6), table.__getitem__) for budget in (40, 39))
    assert (at.evaluations, at.note[:6]) == (8 + 4 * 6 + 4 * 2, "exact,")
    assert "all that a budget of 39" in below.note
    enough = value(Owen(unions=PARTITIONS[1], budget=40, exact_up_to=39, permutations=500), range(6), table.__getitem__)
    assert enough.note.startswith("500 permutations, 3 unions")


def test_a_target_stops_the_draws_and_its_intervals_still_hold():
    table = random_game(6, 5)
    exact = value(Owen(unions=PARTITIONS[1]), range(6), table.__getitem__).worth
    remembered = UtilityTable(table.__getitem__)
    method = Owen(unions=PARTITIONS[1], exact_up_to=0, target_stderr=0.08)
    runs = [value(method, range(6), remembered, seed) for seed in range(150)]
    assert all(run.stderr.max() <= 0.08 for run in runs)
    assert " permutations, enough for the standard error asked for, 3 unions" in runs[0].note
    low, high = np.transpose([run.interval() for run in runs], (1, 0, 2))
    assert 0.92 < np.mean((low <= exact) & (exact <= high)) < 0.98
    short = value(Owen(unions=PARTITIONS[1], exact_up_to=0, permutations=60, target_stderr=1e-9), range(6), remembered)
    assert short.note.startswith("60 permutations, 3 unions")


def test_training_seeds_and_draws_are_kept_apart():
    table = random_game(6, 7)
    noise = {group: np.random.default_rng(i).normal(size=4) for i, group in enumerate(table)}
    exact = value(Owen(unions=PARTITIONS[1]), range(6), lambda group: table[group] + noise[group])
    by_seed = np.transpose(
        [by_all_orders(6, PARTITIONS[1], {g: table[g] + noise[g][s] for g in table}) for s in range(4)]
    )
    np.testing.assert_allclose(exact.worth, by_seed.mean(axis=1), atol=1e-12)
    np.testing.assert_allclose(exact.stderr, by_seed.std(axis=1, ddof=1) / 2, atol=1e-12)
    assert exact.sampling_stderr.tolist() == [0] * 6
    sampled = value(Owen(unions=PARTITIONS[1], exact_up_to=0), range(6), lambda group: table[group] + noise[group])
    assert (sampled.sampling_stderr > 0).all()
    assert (sampled.training_stderr > 0).all()
    mean = value(Owen(unions=PARTITIONS[1], exact_up_to=0), range(6), lambda group: table[group] + noise[group].mean())
    np.testing.assert_allclose(sampled.sampling_stderr, mean.stderr, atol=1e-12)


def test_unions_come_from_the_method_or_from_the_utility_behind_its_tables():
    class Game:
        unions = {"a": "ab", "b": "ab", "c": None}  # noqa: RUF012

        def __call__(self, group):
            return float(len(group) == 3)

    assert value(Owen(), "abc", UtilityTable(UtilityTable(Game()))).worth.tolist() == [0.25, 0.25, 0.5]
    own = Owen(unions=(("b", "x"), ("c", "x"), ("nobody", "y")))
    assert value(own, "abc", Game()).worth.tolist() == [0.5, 0.25, 0.25]
    assert hash(own) == hash(Owen(unions={"b": "x", "c": "x", "nobody": "y"}))


@pytest.mark.parametrize(
    ("unions", "message"),
    [
        (None, "^unions: found none; expected the union of each player, in the method or as the utility's `unions`$"),
        ({"a": ["x", "y"]}, r"^unions: found 'a' in \['x', 'y'\]; expected each player in one union"),
        (
            (("a", "x"), ("b", "x"), ("a", "y")),
            r"^unions: found 'a' in \['x', 'y'\]; expected each player in one union",
        ),
        (("a", "b"), r"^unions: found \('a', 'b'\); expected a mapping from players to the name"),
        (3, "^unions: found 3; expected a mapping"),
        ({"a": {}}, "^unions: found {'a': {}}; expected a mapping"),
    ],
)
def test_bad_unions_are_one_sentence(unions, message):
    with pytest.raises(InputError, match=message):
        value(Owen(unions=unions), "abc", len)


def test_the_same_generator_gives_the_same_answer_and_no_players_ask_for_nothing():
    table = random_game(6, 1)
    one, two = (value(Owen(unions=PARTITIONS[1], exact_up_to=0), range(6), table.__getitem__, 3) for _ in range(2))
    assert one.worth.tolist() == two.worth.tolist()
    assert value(Owen(), [], lambda group: 1 / 0).evaluations == 0
    alone = Owen(unions={}, exact_up_to=0, budget=2)
    assert value(alone, "a", lambda group: 3.0 * len(group)).worth.tolist() == [3]


def test_players_in_no_union_are_each_a_union_of_their_own():
    result = value(Owen(unions={"a": "x", "b": "x", "c": None}), "abcd", lambda group: float(len(group) == 4))
    np.testing.assert_allclose(result.worth, [1 / 6, 1 / 6, 1 / 3, 1 / 3], atol=1e-15)
    assert result.note == "exact, 3 unions, 2 of them a player alone"


@pytest.mark.parametrize("seed", range(10))
def test_no_order_of_summing_tells_players_alike_apart(seed):
    """0 and 4 are interchangeable, the others of their union and of the other one are not."""
    rng = np.random.default_rng(seed)
    table = {(twins, others): rng.normal() for twins in range(3) for others in groups([1, 2, 3, 5, 6])}
    unions = {i: "a" if i < 5 else "b" for i in range(7)}
    worth = value(Owen(unions=unions), range(7), lambda group: table[len(group & {0, 4}), group - {0, 4}]).worth
    assert worth[0] == worth[4]


def test_a_target_is_not_looked_at_before_the_24th_draw():
    method = Owen(unions=PARTITIONS[1], exact_up_to=0, target_stderr=1e9)
    assert value(method, range(6), random_game(6, 5).__getitem__).note.startswith("48 permutations, enough for the st")
