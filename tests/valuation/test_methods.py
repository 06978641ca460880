"""Laws that hold for the whole family METHODS, then what is particular to leave-one-out and Shapley."""

import math
import warnings
from dataclasses import fields

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.examples import Examples
from datacoalition.valuation.methods import (
    METHODS,
    Banzhaf,
    BetaShapley,
    LeaveOneOut,
    Shapley,
    StandAlone,
    values,
)
from datacoalition.valuation.methods.owen import Owen
from datacoalition.valuation.utility import UtilityTable
from hypothesis import given, settings
from hypothesis import strategies as st

from .games import by_all_orders, groups

EXACT, SAMPLED = Shapley(exact_up_to=20), Shapley(exact_up_to=0, permutations=60)
CUT = Shapley(exact_up_to=0, permutations=60, truncation=0.25)
PAIRS = Shapley(sampler="kernel", permutations=60)
EVERY = {
    "leave_one_out": LeaveOneOut(), "stand_alone": StandAlone(),
    "exact": EXACT, "sampled": SAMPLED, "truncated": CUT, "pairs": PAIRS,
    "banzhaf": Banzhaf(), "beta": BetaShapley(), "beta for large groups": BetaShapley(alpha=0.5, beta=2.5),
    "banzhaf sampled": Banzhaf(exact_up_to=0), "beta sampled": BetaShapley(exact_up_to=0, alpha=4),
    "banzhaf by pairs": Banzhaf(sampler="kernel"), "beta by pairs": BetaShapley(sampler="kernel", alpha=4),
    "owen": Owen(unions={1: "u", 2: "u"}), "owen sampled": Owen(unions={1: "u", 2: "u"}, exact_up_to=0),
}  # fmt: skip
OF_RECORDS = {"knn_shapley", "influence"}
"""They read records and not the utility, so that laws about games say nothing of them; of what they do to records,
their own suites say."""
EXACTLY = [
    name for name, method in EVERY.items()
    if getattr(method, "exact_up_to", 1) and getattr(method, "sampler", "auto") != "kernel"
]  # fmt: skip
every = pytest.mark.parametrize("method", EVERY.values(), ids=EVERY)
exactly = pytest.mark.parametrize("method", [EVERY[name] for name in EXACTLY], ids=EXACTLY)
UP = [name for name, method in EVERY.items() if isinstance(method, Shapley | Owen)]
additive_up = pytest.mark.parametrize("method", [EVERY[name] for name in UP], ids=UP)
numbers = st.floats(-100, 100, allow_nan=False)


def value(method, players, utility, seed=0):
    return method(players, utility, np.random.default_rng(seed))


def games(n, elements=numbers):
    """Any game of n players: a table of independent numbers."""
    everyone = groups(range(n))
    tables = st.lists(elements, min_size=len(everyone), max_size=len(everyone))
    return tables.map(lambda row: dict(zip(everyone, row, strict=True)))


# ---------------------------------------------------------------- the whole family


def test_the_family_is_tested_whole():
    assert {type(method) for method in EVERY.values()} == {METHODS[name] for name in METHODS.keys() - OF_RECORDS}
    assert all(fields(member) == fields(member()) for member in METHODS.values())


@pytest.mark.parametrize("name", sorted(OF_RECORDS))
def test_methods_of_records_ask_for_no_group_and_keep_to_what_else_holds_for_the_family(name):
    class Records:
        def __call__(self, group):
            raise AssertionError("a group was asked for")

        def examples(self):
            rng = np.random.default_rng(0)
            x, y, owner = rng.normal(size=(40, 2)), rng.integers(0, 2, 40), rng.integers(0, 3, 40)
            return Examples(("z", 7, "nothing", "a"), x, y, owner * (owner < 2) + 3 * (owner == 2), x[:9] + 0.1, y[:9])

    method, players = METHODS[name](), ("a", "nothing", "z", 7)
    result = value(method, players, UtilityTable(Records()))
    assert (result.players, result.evaluations, result.method) == (players, 0, name)
    assert result.worth[1] == 0  # holds no record
    assert (result.worth[[0, 2, 3]] != 0).all()
    assert value(method, players, Records()).worth.tolist() == result.worth.tolist()
    assert value(method, [], lambda group: 1 / 0).players == ()
    for bad in (["a", "z", "a"], [["a"]], 3):
        with pytest.raises(InputError, match=r"^players: found"):
            value(method, bad, Records())


@every
@pytest.mark.parametrize("n", [1, 2, 5])
def test_where_worth_just_adds_up_each_is_worth_their_own_number(method, n):
    own = [0.1, -0.2, 0.3, 5.0, 0.0][:n]
    result = value(method, range(n), lambda group: 7 + sum(own[i] for i in group))
    # A truncated method spreads what is left among the last: exact only where nothing was cut.
    tolerance = 0.25 if method is CUT else 1e-12
    np.testing.assert_allclose(result.worth, own, rtol=0, atol=tolerance)


@exactly
@given(table=games(3))
@settings(max_examples=20)
def test_a_player_who_changes_nothing_is_worth_nothing(method, table):
    assert value(method, range(4), lambda group: table[group - {3}]).worth[3] == 0


@every
def test_a_sample_may_say_so_up_to_its_standard_error(method):
    result = value(method, "abcd", lambda group: 3 + len(group - {"c"}) ** 3)
    assert abs(result.worth[2]) <= 4 * np.nan_to_num(result.stderr[2]) + (0.25 if method is CUT else 1e-12)


@exactly
@given(table=games(4))
@settings(max_examples=20)
def test_players_alike_are_worth_the_same(method, table):
    """0 and 4 replace each other: groups of others with one of them are worth the same whichever it is."""
    result = value(method, range(5), lambda group: table[group & {1, 2, 3}] * len(group & {0, 4}))
    assert result.worth[0] == result.worth[4]


@every
@given(v=games(4), w=games(4), a=numbers, b=numbers)
@settings(max_examples=10, deadline=None)
def test_the_worth_in_a_mixture_of_games_is_the_mixture_of_worths(method, v, w, a, b):
    """Samples too: the same generator draws the same groups. Truncation looks at the game, so it is not linear."""
    if method is CUT:
        method = SAMPLED
    mixed = {group: a * v[group] + b * w[group] for group in v}
    parts = [value(method, range(4), game.__getitem__).worth for game in (v, w)]
    whole = value(method, range(4), mixed.__getitem__).worth
    np.testing.assert_allclose(whole, a * parts[0] + b * parts[1], rtol=0, atol=1e-8)


@every
def test_the_value_of_nobody_moves_only_what_it_is_part_of(method):
    """A constant added to every group changes no marginal, so no worth."""
    table = dict(zip(groups(range(5)), np.random.default_rng(2).normal(size=32), strict=True))
    plain, raised = (value(method, range(5), lambda group, by=by: by + table[group]) for by in (0.0, 9.0))
    np.testing.assert_allclose(raised.worth, plain.worth, rtol=0, atol=1e-12)


@every
def test_who_does_not_claim_to_add_up_says_so(method):
    result = value(method, range(5), lambda group: len(group) ** 2)
    assert result.adds_up == isinstance(method, Shapley | Owen)
    assert result.adds_up != ("ranks mean something" in result.note)


@every
def test_every_training_seed_is_valued_with_the_same_draws(method):
    """Two seeds at once give the worths of each alone; their difference is training noise, and only that."""
    rng = np.random.default_rng(8)
    tables = [dict(zip(groups(range(5)), rng.random(32), strict=True)) for _ in range(2)]
    if method is CUT:
        method = Shapley(exact_up_to=0, permutations=60, truncation=1e-9)
    both = value(method, range(5), lambda group: np.array([table[group] for table in tables]))
    alone = [value(method, range(5), table.__getitem__) for table in tables]
    np.testing.assert_allclose(both.worth, (alone[0].worth + alone[1].worth) / 2, rtol=0, atol=1e-12)
    np.testing.assert_allclose(both.training_stderr, abs(alone[0].worth - alone[1].worth) / 2, rtol=1e-9)
    mean = value(method, range(5), lambda group: (tables[0][group] + tables[1][group]) / 2)
    np.testing.assert_allclose(both.sampling_stderr, mean.sampling_stderr, rtol=1e-9)
    assert both.evaluations == alone[0].evaluations
    np.testing.assert_allclose(np.sqrt((both.errors**2).sum(axis=0)), both.stderr, rtol=1e-9)
    one = value(method, range(5), lambda group: np.array([tables[0][group]]))
    assert np.isnan(one.training_stderr).all()


@every
def test_neither_workers_nor_what_is_remembered_change_anything(method):
    noise = dict(zip(groups(range(7)), np.random.default_rng(5).random(128), strict=True))
    cold = value(method, range(7), noise.__getitem__)
    warm = UtilityTable(noise.__getitem__)
    warm.many(groups([6, 5, 4, 3]))
    for utility in (UtilityTable(noise.__getitem__, workers=4), warm, warm, UtilityTable(warm)):
        again = value(method, range(7), utility)
        assert again.worth.tolist() == cold.worth.tolist()
        np.testing.assert_array_equal(again.stderr, cold.stderr)
        assert (again.evaluations, again.note) == (cold.evaluations, cold.note)


@every
def test_players_keep_their_order_and_the_caller_their_names(method):
    own = {"z": 3.0, ("a", 1): 1.0, 7: 2.0}
    result = value(method, own, lambda group: sum(sorted(own[name] for name in group)))
    assert result.players == tuple(own)
    np.testing.assert_allclose(result.worth, [3, 1, 2])


@every
def test_without_players_there_is_nothing_to_ask(method):
    result = value(method, [], lambda group: 1 / 0)
    assert result.players == ()
    assert result.worth.shape == result.stderr.shape == (0,)
    assert result.evaluations == 0


@every
def test_the_same_generator_gives_the_same_answer_and_names_its_method(method):
    table = dict(zip(groups(range(5)), np.random.default_rng(1).random(32), strict=True))
    one, two = (value(method, range(5), table.__getitem__, seed=3) for _ in range(2))
    assert one.worth.tolist() == two.worth.tolist()
    assert METHODS[one.method] is type(method)


@every
def test_groups_are_asked_for_once_and_counted(method):
    asked = []
    result = value(method, range(5), lambda group: asked.append(group) or math.sqrt(len(group)))
    assert len(asked) == len(set(asked)) == result.evaluations


@every
@pytest.mark.parametrize("players", [["a", "b", "a"], [1, 1.0], [["a"], ["b"]], 3])
def test_players_are_distinct_and_hashable(method, players):
    with pytest.raises(InputError, match=r"^players: found"):
        value(method, players, len)


@every
@pytest.mark.parametrize("bad", [math.nan, math.inf, None, "much"])
def test_a_utility_that_is_no_finite_number_is_refused(method, bad):
    with pytest.raises(InputError, match=r"utility of a group of .*finite number"):
        value(method, "ab", lambda group: bad if group else 0.0)


# ---------------------------------------------------------------- leave-one-out


def test_leave_one_out_is_what_everyone_would_lose():
    result = value(LeaveOneOut(), "abc", lambda group: 10.0 * ("a" in group and "b" in group) + len(group))
    assert result.worth.tolist() == [11, 11, 1]
    assert result.stderr.tolist() == [0, 0, 0]
    assert result.evaluations == 4


# ---------------------------------------------------------------- Shapley


@given(games(4))
def test_exact_shapley_is_the_mean_over_all_orders(table):
    result = value(EXACT, range(4), table.__getitem__)
    np.testing.assert_allclose(result.worth, by_all_orders(4, table), rtol=0, atol=1e-10)
    assert result.evaluations == 16
    assert result.stderr.tolist() == [0] * 4


@additive_up
@given(table=games(4, st.floats(-1, 1)))
@settings(max_examples=30)
def test_shapley_adds_up_to_the_worth_of_everyone(method, table):
    total = table[frozenset(range(4))] - table[frozenset()]
    assert abs(value(method, range(4), table.__getitem__).worth.sum() - total) < 1e-12


@pytest.mark.parametrize("seed", range(10))
def test_players_alike_are_worth_the_same_to_the_last_bit(seed):
    """0 and 5 are interchangeable, the others are not: no order of summing may tell 0 from 5."""
    rng = np.random.default_rng(seed)
    table = {(twins, others): rng.normal() for twins in range(3) for others in groups(range(1, 5))}
    worth = value(EXACT, range(6), lambda group: table[len(group & {0, 5}), group - {0, 5}]).worth
    assert worth[0] == worth[5]


def test_up_to_the_limit_all_groups_beyond_it_a_sample():
    at, above = (value(Shapley(exact_up_to=4), range(n), lambda g: max(g, default=0) ** 2) for n in (4, 5))
    assert (at.note, at.evaluations) == ("exact", 16)
    assert (at.stderr == 0).all()
    assert above.note == "200 permutations"
    assert (above.stderr > 0).all()


def test_sampled_shapley_lies_within_four_standard_errors_and_they_are_the_right_size():
    table = dict(zip(groups(range(6)), np.random.default_rng(5).random(64), strict=True))
    exact = value(EXACT, range(6), table.__getitem__).worth
    method = Shapley(exact_up_to=0, permutations=100)
    sampled = [value(method, range(6), table.__getitem__, seed) for seed in range(60)]
    z = np.array([(one.worth - exact) / one.stderr for one in sampled])
    assert np.abs(z).max() < 4.5
    assert 0.85 < z.std() < 1.15
    assert abs(z.mean()) < 0.2


def test_a_standard_error_that_cannot_be_known_is_nan():
    own = [0.1, 0.2, 0.7, 0.3]  # marginals that agree but for rounding
    result = value(SAMPLED, range(4), lambda group: sum(own[i] for i in group))
    assert np.isnan(result.stderr).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = value(Shapley(exact_up_to=0, permutations=1), range(4), lambda group: len(group) ** 2)
    assert np.isnan(one.stderr).all()
    assert np.isfinite(one.worth).all()


def test_the_standard_error_of_two_draws_by_hand():
    """Half their difference, with one degree of freedom: Student's t reaches 12.7 of them."""
    table = dict(zip(groups(range(4)), np.random.default_rng(5).random(16), strict=True))
    result = value(Shapley(exact_up_to=0, permutations=4), range(4), table.__getitem__)
    orders = np.random.default_rng(0)
    draws = np.zeros((2, 4))
    for draw in draws:
        order = orders.permutation(4).tolist()
        for way in (order, order[::-1]):
            for place, i in enumerate(way):
                draw[i] += (table[frozenset(way[: place + 1])] - table[frozenset(way[:place])]) / 2
    # What the other draw says of a place is taken out of each; of a player it cancels. So the sums are as they were.
    assert result.worth.sum() == pytest.approx(draws.mean(axis=0).sum(), rel=1e-12)
    mine = result.worth + result.errors * math.sqrt(2)
    assert mine.shape == (2, 4)
    differ = np.isfinite(result.stderr)  # the two draws agree about the last player
    assert differ.tolist() == [True, True, True, False]
    np.testing.assert_allclose(result.stderr[differ], np.abs(mine[0] - mine[1])[differ] / 2, rtol=1e-12)
    low, high = result.interval()
    np.testing.assert_allclose((high - low) / 2, 12.7062 * result.stderr, rtol=1e-5)


@pytest.mark.parametrize("scale", [1e-200, 1e149])
def test_the_size_of_the_unit_does_not_matter(scale):
    table = dict(zip(groups(range(4)), np.random.default_rng(5).random(16), strict=True))
    plain = value(SAMPLED, range(4), table.__getitem__)
    tiny = value(SAMPLED, range(4), lambda group: scale * table[group])
    np.testing.assert_allclose(tiny.worth, scale * plain.worth, rtol=1e-12)
    np.testing.assert_allclose(tiny.stderr, scale * plain.stderr, rtol=1e-9)


def test_truncation_saves_evaluations_and_keeps_its_bound_in_a_monotone_game():
    def saturating(group):
        return 1 - 0.5 ** len(group) + 0.01 * (0 in group)

    exact = value(EXACT, range(12), saturating)
    full = value(Shapley(sampler="permutations", permutations=300), range(12), saturating)
    cut = value(Shapley(sampler="permutations", permutations=300, truncation=0.05), range(12), saturating)
    assert cut.evaluations < full.evaluations
    assert np.abs(cut.worth - exact.worth).max() < 0.05
    assert abs(cut.worth.sum() - exact.worth.sum()) < 1e-12
    assert "300 of them truncated" in cut.note
    assert "below 0.05" in cut.note
    assert "truncated" not in full.note
    beta = value(BetaShapley(exact_up_to=0, alpha=1, beta=4, truncation=0.05), range(12), saturating)
    assert "below 0.16 " in beta.note  # the largest size weighs 12 x 4 / (11 + 4) times what it does for Shapley


def test_the_last_players_own_marginal_is_known_and_never_cut():
    result = value(CUT, "ab", lambda group: min(len(group), 1))
    assert ", 0 of them truncated" in result.note


def test_without_a_tolerance_a_detour_through_the_final_worth_cuts_nothing():
    """v(S) = v(N) halfway is no reason to stop unless a tolerance was asked for."""
    worth_of_size = [0, 1, 5, 1, 2, 1]
    sampled = value(SAMPLED, range(5), lambda group: worth_of_size[len(group)])
    assert sampled.evaluations > 2 + 5
    assert sampled.worth.sum() == pytest.approx(1)
    assert (sampled.worth != 0.2).any()


# ---------------------------------------------------------------- the public function


def test_shapley_of_the_group_size_by_default():
    result = values(["a", "b"], lambda group: len(group))
    assert result.worth.tolist() == [1, 1]
    assert result.method == "shapley"


def test_settings_and_seed_reach_the_method():
    def utility(group):
        return len(group) ** 3 + 3 * ("a" in group) * len(group) ** 2

    first = values("abcd", utility, exact_up_to=0, permutations=np.int64(5), seed=np.int64(1))
    assert first.note == "6 permutations"  # an order and its reverse are one draw
    again = values("abcd", utility, exact_up_to=0, permutations=6, seed=1)
    other = values("abcd", utility, exact_up_to=0, permutations=6, seed=2)
    assert first.worth.tolist() == again.worth.tolist() != other.worth.tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "guess"}, "^method: found 'guess'; expected one of leave_one_out, shapley, "),
        ({"tries": 3}, "^settings of shapley: found 'tries'; expected one of exact_up_to, "),
        (
            {"method": "leave_one_out", "tries": 3},
            "^settings of leave_one_out: found 'tries'; expected no set",
        ),
        ({"permutations": 0}, "^permutations: found 0; expected a number at least 1$"),
        ({"permutations": np.int64(0)}, "^permutations: found 0; expected a number at least 1$"),
        ({"permutations": 2.5}, "^permutations: found 2.5; expected a whole number or None$"),
        ({"permutations": True}, "^permutations: found True; expected a whole number or None$"),
        ({"exact_up_to": 21}, "^exact_up_to: found 21; expected .* at most 20$"),
        ({"truncation": -0.1}, "^truncation: found -0.1; expected a number at least 0$"),
        ({"truncation": math.nan}, "^truncation: found nan"),
        ({"truncation": "some"}, "^truncation: found 'some'; expected a number$"),
        ({"permutations": "all"}, "^permutations: found 'all'; expected a whole number or None$"),
        ({"exact_up_to": None}, "^exact_up_to: found None; expected a whole number$"),
        ({"budget": 0}, "^budget: found 0; expected a number at least 1$"),
        (
            {"budget": 39, "players": range(20)},
            "^budget: found 39; expected at least 40, for one draw with 20 players$",
        ),
        ({"budget": 39, "players": range(20), "method": "banzhaf"}, "^budget: found 39; expected at least 40"),
        ({"budget": 121, "players": range(20), "sampler": "kernel"}, "^budget: found 121; expected at least 122"),
        ({"budget": 7, "players": range(3), "sampler": "kernel"}, "^budget: found 7; expected at least 8"),
        (
            {"permutations": 6, "players": range(20), "sampler": "kernel"},
            "^permutations: found 6; expected at least 8 ",
        ),
        ({"target_stderr": 0}, "^target_stderr: found 0.0; expected a number above 0$"),
        ({"target_stderr": math.nan}, "^target_stderr: found nan"),
        ({"sampler": "guess"}, "^sampler: found 'guess'; expected one of auto, exact, permutations, kernel$"),
        ({"sampler": 3}, "^sampler: found 3; expected one of auto"),
        ({"sampler": "exact", "players": range(21)}, "^sampler: found 'exact' for 21 players; expected at most 20"),
        ({"sampler": "exact", "budget": 3}, "^budget: found 3; expected at least 4 for exact values of 2 players$"),
        ({"sampler": "kernel", "truncation": 0.1}, "^truncation: found 0.1; expected 0 with the sampler kernel"),
        ({"method": "banzhaf", "sampler": "guess"}, "^sampler: found 'guess'; expected one of auto, exact, perm"),
        ({"method": "beta_shapley", "alpha": 0}, "^alpha: found 0.0; expected a number above 0$"),
        ({"method": "beta_shapley", "beta": -1}, "^beta: found -1.0; expected a number above 0$"),
        ({"method": "beta_shapley", "alpha": math.inf}, "^alpha: found inf; expected a finite number above 0$"),
        ({"method": "beta_shapley", "beta": math.nan}, "^beta: found nan"),
        ({"seed": -1}, "^seed: found -1; expected a whole number of at least 0$"),
        ({"seed": None}, r"^seed: found None"),
        ({"seed": 1.5}, "^seed: found 1.5"),
        ({"utility": 3}, "^utility: found int; expected a callable"),
        ({"players": "aa"}, "^players: found 'a' more than once; expected each player once$"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(InputError, match=message):
        values(**{"players": "ab", "utility": len, **arguments})
