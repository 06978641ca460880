"""Laws that hold for the whole family METHODS, then the closed forms of each member."""

import math
import warnings
from dataclasses import fields
from itertools import combinations, permutations

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.methods import METHODS, LeaveOneOut, Shapley, values
from hypothesis import given, settings
from hypothesis import strategies as st

EXACT, SAMPLED = Shapley(exact_up_to=20), Shapley(exact_up_to=0, permutations=60)
CUT = Shapley(exact_up_to=0, permutations=60, truncation=0.25)
EVERY = {"leave_one_out": LeaveOneOut(), "exact": EXACT, "sampled": SAMPLED, "truncated": CUT}
every = pytest.mark.parametrize("method", EVERY.values(), ids=EVERY)
additive_up = pytest.mark.parametrize("method", [EXACT, SAMPLED, CUT], ids=["exact", "sampled", "truncated"])
numbers = st.floats(-100, 100, allow_nan=False)


def value(method, players, utility, seed=0):
    return method(players, utility, np.random.default_rng(seed))


def groups(players):
    return [frozenset(group) for size in range(len(players) + 1) for group in combinations(players, size)]


def games(n, elements=numbers):
    """Any game of n players: a table of independent numbers."""
    everyone = groups(range(n))
    tables = st.lists(elements, min_size=len(everyone), max_size=len(everyone))
    return tables.map(lambda row: dict(zip(everyone, row, strict=True)))


def by_all_orders(n, table):
    """The definition, word for word: the mean marginal over all n! orders."""
    total = np.zeros(n)
    for order in permutations(range(n)):
        for place, player in enumerate(order):
            before = frozenset(order[:place])
            total[player] += table[before | {player}] - table[before]
    return total / math.factorial(n)


# ---------------------------------------------------------------- the whole family


def test_the_family_is_tested_whole():
    assert {type(method) for method in EVERY.values()} == set(METHODS.values())
    assert all(fields(member) == fields(member()) for member in METHODS.values())


@every
@pytest.mark.parametrize("n", [1, 2, 5])
def test_where_worth_just_adds_up_each_is_worth_their_own_number(method, n):
    own = [0.1, -0.2, 0.3, 5.0, 0.0][:n]
    result = value(method, range(n), lambda group: 7 + sum(own[i] for i in group))
    # A truncated method spreads what is left among the last: exact only where nothing was cut.
    tolerance = 0.25 if method is CUT else 1e-12
    np.testing.assert_allclose(result.worth, own, rtol=0, atol=tolerance)


@every
def test_a_player_who_changes_nothing_is_worth_nothing(method):
    result = value(method, "abcd", lambda group: len(group - {"c"}) ** 2)
    assert result.worth[2] == 0 if method is not CUT else abs(result.worth[2]) < 0.25


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
        value(method, "ab", lambda group: bad if len(group) == 2 else 0.0)


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


@given(games(3), games(3), numbers, numbers)
@settings(max_examples=50)
def test_shapley_of_a_mixture_of_games_is_the_mixture(v, w, a, b):
    mixed = {group: a * v[group] + b * w[group] for group in v}
    parts = [value(EXACT, range(3), game.__getitem__).worth for game in (v, w)]
    whole = value(EXACT, range(3), mixed.__getitem__).worth
    np.testing.assert_allclose(whole, a * parts[0] + b * parts[1], rtol=0, atol=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_players_alike_are_worth_the_same_to_the_last_bit(seed):
    """0 and 5 are interchangeable, the others are not: no order of summing may tell 0 from 5."""
    rng = np.random.default_rng(seed)
    table = {(twins, others): rng.normal() for twins in range(3) for others in groups(range(1, 5))}
    worth = value(EXACT, range(6), lambda group: table[len(group & {0, 5}), group - {0, 5}]).worth
    assert worth[0] == worth[5]


@pytest.mark.parametrize(
    ("players", "utility", "expected"),
    [
        # Unanimity: those who are all needed share equally.
        ("abcd", lambda g: float({"a", "c"} <= g), [1 / 2, 0, 1 / 2, 0]),
        # Glove game: one left glove, two right ones, a pair is worth 1.
        ("lrs", lambda g: float("l" in g and len(g) > 1), [4 / 6, 1 / 6, 1 / 6]),
        # Weighted majority, weights 3 2 1 1, quota 4.
        ((3, 2, "x", "y"), lambda g: float(sum(1 if isinstance(p, str) else p for p in g) >= 4),
         [1 / 2, 1 / 6, 1 / 6, 1 / 6]),
        # Airport: a runway long enough for the largest plane present; each length is shared by its users.
        ((1, 2, 4), lambda g: float(max(g, default=0)), [1 / 3, 1 / 3 + 1 / 2, 1 / 3 + 1 / 2 + 2]),
    ],
    ids=["unanimity", "gloves", "majority", "airport"],
)  # fmt: skip
def test_closed_form_games(players, utility, expected):
    np.testing.assert_allclose(value(EXACT, players, utility).worth, expected, rtol=0, atol=1e-15)
    sampled = value(Shapley(exact_up_to=0, permutations=2000), players, utility)
    off = np.abs(sampled.worth - expected)
    assert (off <= 4 * np.nan_to_num(sampled.stderr)).all()


def test_up_to_the_limit_all_groups_beyond_it_a_sample():
    at, above = (value(Shapley(exact_up_to=4), range(n), lambda g: math.sqrt(len(g))) for n in (4, 5))
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


def test_the_standard_error_of_two_orders_by_hand():
    """The marginals of either player are 1 and 4: sd (ddof=1) 3 / sqrt 2, over sqrt 2."""
    method = Shapley(exact_up_to=0, permutations=2)
    results = [value(method, "ab", lambda group: [0, 1, 5][len(group)], seed) for seed in range(20)]
    differ = [result for result in results if np.isfinite(result.stderr).all()]
    assert 0 < len(differ) < 20
    for result in differ:
        np.testing.assert_allclose(result.stderr, [1.5, 1.5])
        np.testing.assert_allclose(result.worth, [2.5, 2.5])


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
    full = value(Shapley(permutations=300), range(12), saturating)
    cut = value(Shapley(permutations=300, truncation=0.05), range(12), saturating)
    assert cut.evaluations < full.evaluations
    assert np.abs(cut.worth - exact.worth).max() < 0.05
    assert abs(cut.worth.sum() - exact.worth.sum()) < 1e-12
    assert "300 of them truncated" in cut.note
    assert "below 0.05" in cut.note
    assert "truncated" not in full.note


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
        return len(group) ** 2 + 3 * ("a" in group)

    first = values("abcd", utility, exact_up_to=0, permutations=np.int64(5), seed=np.int64(1))
    assert first.note == "5 permutations"
    again = values("abcd", utility, exact_up_to=0, permutations=5, seed=1)
    other = values("abcd", utility, exact_up_to=0, permutations=5, seed=2)
    assert first.worth.tolist() == again.worth.tolist() != other.worth.tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "guess"}, "^method: found 'guess'; expected one of leave_one_out, shapley$"),
        ({"tries": 3}, "^settings of shapley: found 'tries'; expected one of exact_up_to, "),
        (
            {"method": "leave_one_out", "tries": 3},
            "^settings of leave_one_out: found 'tries'; expected no set",
        ),
        ({"permutations": 0}, "^permutations: found 0; expected a number at least 1$"),
        ({"permutations": np.int64(0)}, "^permutations: found 0; expected a number at least 1$"),
        ({"permutations": 2.5}, "^permutations: found 2.5; expected a whole number$"),
        ({"permutations": True}, "^permutations: found True; expected a whole number$"),
        ({"exact_up_to": 21}, "^exact_up_to: found 21; expected .* at most 20$"),
        ({"truncation": -0.1}, "^truncation: found -0.1; expected a number at least 0$"),
        ({"truncation": math.nan}, "^truncation: found nan"),
        ({"truncation": "some"}, "^truncation: found 'some'; expected a number$"),
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
