"""KNN-Shapley against the Shapley value of its game, over all subsets; and the records it reads."""

import math
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.examples import Examples, owners
from datacoalition.valuation.methods import knn_kernels
from datacoalition.valuation.methods.knn_shapley import KnnShapley, knn_shapley
from datacoalition.valuation.utility import UtilityTable


def game(x, y, asked, wanted, k, regression, group):
    """v(S), word for word from the docstring; of records equally far the first is the nearer."""
    total = 0.0
    for point, answer in zip(asked, wanted, strict=True):
        near = sorted(group, key=lambda i: (((x[i] - point) ** 2).sum(), i))[:k]
        if regression:
            total -= (sum(y[i] for i in near) / k - answer) ** 2
        else:
            total += sum(y[i] == answer for i in near) / k
    return total / len(asked)


def brute_force(x, y, asked, wanted, k, regression):
    n = len(x)
    worth = np.zeros(n)
    values = {
        group: game(x, y, asked, wanted, k, regression, group)
        for size in range(n + 1)
        for group in combinations(range(n), size)
    }
    for group, found in values.items():
        for i in set(range(n)) - set(group):
            weight = 1 / (n * math.comb(n - 1, len(group)))
            worth[i] += weight * (values[tuple(sorted((*group, i)))] - found)
    return worth


def random_case(seed):
    """Up to 7 records on a coarse grid, so that ties and duplicates are common; k from 1 to more than there are."""
    rng = np.random.default_rng(seed)
    n, m, d = rng.integers(1, 8), rng.integers(1, 4), rng.integers(1, 3)
    x, asked = rng.integers(0, 3, (n, d)).astype(float), rng.integers(0, 3, (m, d)).astype(float)
    return x, asked, int(rng.integers(1, n + 4)), rng


@pytest.mark.parametrize("seed", range(60))
def test_classification_is_shapley_over_all_subsets(seed):
    x, asked, k, rng = random_case(seed)
    y, wanted = rng.choice(["cat", "dog", "elk"], len(x)), rng.choice(["cat", "dog", "owl"], len(asked))
    found = knn_shapley(x, y, asked, wanted, k)
    np.testing.assert_allclose(found, brute_force(x, y, asked, wanted, k, False), rtol=0, atol=1e-13)


@pytest.mark.parametrize("seed", range(60))
def test_regression_is_shapley_over_all_subsets(seed):
    x, asked, k, rng = random_case(1000 + seed)
    y, wanted = rng.normal(size=len(x)), rng.normal(size=len(asked))
    found = knn_shapley(x, y, asked, wanted, k, regression=True)
    np.testing.assert_allclose(found, brute_force(x, y, asked, wanted, k, True), rtol=0, atol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 5, 8, 9, 30])
@pytest.mark.parametrize("regression", [False, True])
def test_eight_records_and_any_number_of_neighbours(k, regression):
    rng = np.random.default_rng(k)
    x, asked = rng.normal(size=(8, 3)), rng.normal(size=(2, 3))
    y, wanted = rng.integers(0, 2, 8), rng.integers(0, 2, 2)
    found = knn_shapley(x, y, asked, wanted, k, regression)
    np.testing.assert_allclose(found, brute_force(x, y, asked, wanted, k, regression), rtol=0, atol=1e-12)


def test_of_two_records_in_one_place_the_first_is_the_nearer():
    """k = 1, both right: the second counts only where the first is not there."""
    assert knn_shapley([[0.0], [0.0]], [1, 1], [[5.0]], [1], 1).tolist() == [0.5, 0.5]
    assert knn_shapley([[0.0], [0.0]], [0, 1], [[5.0]], [1], 1).tolist() == [-0.5, 0.5]
    # The wrong one second: it never keeps the first from being asked, and adds nothing.
    assert knn_shapley([[0.0], [0.0]], [1, 0], [[5.0]], [1], 1).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("regression", [False, True])
def test_adds_up_to_the_worth_of_all_records_less_that_of_none(regression):
    rng = np.random.default_rng(2)
    x, asked, y, wanted = rng.normal(size=(300, 7)), rng.normal(size=(40, 7)), rng.normal(size=300), rng.normal(size=40)
    if not regression:
        y, wanted = y > 0, wanted > 0
    total = game(x, y, asked, wanted, 5, regression, range(300)) - game(x, y, asked, wanted, 5, regression, ())
    assert knn_shapley(x, y, asked, wanted, 5, regression).sum() == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize("block", [1, 3, 7, 1000])
@pytest.mark.parametrize("features", [1, 4, 6])
def test_the_same_to_the_bit_however_many_test_records_at_a_time(monkeypatch, block, features):
    rng = np.random.default_rng(4)
    x, asked = rng.normal(size=(500, features)), rng.normal(size=(23, features))
    y, wanted = rng.integers(0, 3, 500), rng.integers(0, 3, 23)
    usual = knn_shapley(x, y, asked, wanted)
    monkeypatch.setattr("datacoalition.valuation.methods.knn_shapley._BLOCK", block)
    assert knn_shapley(x, y, asked, wanted).tolist() == usual.tolist()


@pytest.mark.parametrize(
    "distance",
    [
        np.random.default_rng(1).random(3000),
        np.random.default_rng(1).integers(0, 5, 3000).astype(float),
        np.append(np.random.default_rng(1).random(3000), 1e12),  # one far away: all others share a step
        np.append(np.tile(np.random.default_rng(1).random(30), 100), 1e12),
        1.0 + 1e-15 * np.random.default_rng(1).integers(0, 50, 3000),
        np.array([3e-320, 1e-320, 0.0, 2e-320, 1e-320]),
        np.zeros(100),
        np.array([7.0]),
        np.linspace(1, 0, 2000),
        np.random.default_rng(1).random(3000) * 1e300,
    ],
    ids=["plain", "ties", "outlier", "outlier and ties", "close", "tiny", "zeros", "one", "reversed", "huge"],
)
def test_nearest_first_is_a_stable_sort(distance):
    n = len(distance)
    order = np.empty(n, dtype=np.int32)
    knn_kernels.nearest_first(distance, order, np.empty(n, dtype=np.uint64), np.empty(n, dtype=np.uint64))
    assert order.tolist() == np.argsort(distance, kind="stable").tolist()


@pytest.mark.parametrize("features", [0, 1, 3, 4, 9])
def test_distances_are_summed_over_features_in_order(features):
    rng = np.random.default_rng(features)
    x, asked, out = rng.normal(size=(600, features)), rng.normal(size=(3, features)), np.empty((3, 600))
    knn_kernels.distances(np.ascontiguousarray(x.T), asked, out)
    expected = np.zeros((3, 600))
    for f in range(features):
        expected += (x[:, f] - asked[:, f : f + 1]) ** 2
    assert (out == expected).all()


def test_without_training_records_there_is_nothing_to_value():
    assert knn_shapley(np.empty((0, 2)), [], [[1.0, 2.0]], ["a"]).shape == (0,)


GOOD = {"train_x": [[0.0], [1.0]], "train_y": [0, 1], "test_x": [[0.5]], "test_y": [1], "k": 1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"k": 0}, "^k: found 0; expected a whole number of neighbours of at least 1$"),
        ({"k": True}, "^k: found True"),
        ({"k": 1.5}, "^k: found 1.5"),
        ({"train_y": [0]}, r"^train_y: found shape \(1,\); expected one answer for each of 2 records$"),
        ({"test_y": [[1]]}, r"^test_y: found shape \(1, 1\); expected one answer for each of 1 records$"),
        ({"train_x": [[0.0], [math.nan]]}, "^train_x: found nan; expected finite numbers of size at most 1e.150"),
        ({"train_x": [[0.0], [1e200]]}, r"^train_x: found 1e\+200; expected finite"),
        ({"test_x": [[math.inf]]}, "^test_x: found inf"),
        ({"train_x": [0.0, 1.0]}, r"^train_x: found shape \(2,\); expected finite numbers .* in 2 dimensions$"),
        ({"train_x": [["a"], ["b"]]}, "^train_x: found a list that is not all numbers"),
        ({"train_x": [[1.0], [1.0, 2.0]]}, "^train_x: found a list that is not all numbers"),
        ({"test_x": [[1.0, 2.0]]}, "^test_x: found 2 features; expected 1, as many as train_x has$"),
        ({"test_x": np.empty((0, 1)), "test_y": []}, "^test_x: found no test record; expected at least one"),
        ({"train_y": [0.0, math.nan]}, "^train_y: found nan"),
        ({"train_y": ["a", "b"]}, "^test_y: found labels of type int64; expected labels like those of train_y, <U1$"),
        ({"train_y": np.array([None, 1j]), "test_y": np.array(["a"])}, "^train_y: found labels that cannot be comp"),
        ({"train_y": ["a", "b"], "regression": True}, "^train_y: found a list that is not all numbers"),
    ],
)
def test_bad_input_is_one_sentence(change, message):
    with pytest.raises(InputError, match=message):
        knn_shapley(**{**GOOD, **change})


def test_importing_the_methods_loads_no_numba():
    code = "import sys, datacoalition.valuation.methods.knn_shapley; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# ---------------------------------------------------------------- the method, and the records it reads


class WithExamples:
    """A utility of the records of three people, c's and one of nobody's among them."""

    def __init__(self, **change):
        rng = np.random.default_rng(7)
        self.fields = {
            "players": "abc", "train_x": rng.normal(size=(9, 2)), "train_y": rng.integers(0, 2, 9),
            "owner": [0, 1, 2, 0, 1, 2, 0, 0, 0], "test_x": rng.normal(size=(5, 2)), "test_y": rng.integers(0, 2, 5),
        } | change  # fmt: skip

    def __call__(self, group):
        raise AssertionError("nobody asks for a group")

    def examples(self):
        return Examples(**self.fields)


def value(method, players, utility):
    return method(players, utility, np.random.default_rng(0))


def test_a_player_is_worth_the_sum_of_their_records():
    utility = WithExamples()
    fields = utility.fields
    single = knn_shapley(fields["train_x"], fields["train_y"], fields["test_x"], fields["test_y"], 3)
    result = value(KnnShapley(k=3), "abc", UtilityTable(UtilityTable(utility)))
    expected = [single[[0, 3, 6, 7, 8]].sum(), single[[1, 4]].sum(), single[[2, 5]].sum()]
    np.testing.assert_allclose(result.worth, expected, rtol=0, atol=1e-15)
    assert (result.evaluations, result.method, result.adds_up) == (0, "knn_shapley", True)
    assert "3 nearest neighbours (accuracy), not under the firm's; they add up" in result.note
    turned = value(KnnShapley(k=3), "cab", utility)
    assert turned.worth.tolist() == result.worth[[2, 0, 1]].tolist()


def test_records_of_no_player_stay_in_the_game_and_are_named():
    utility = WithExamples(owner=[0, 1, 2, 0, 1, 2, -1, -1, 0])
    result = value(KnnShapley(k=3), "ab", utility)
    whole = value(KnnShapley(k=3), "abc", WithExamples())
    assert result.worth[1] == whole.worth[1]
    assert not result.adds_up
    rest = whole.worth.sum() - result.worth.sum()
    assert f"4 records of no player have {rest:.6g} of that model's" in result.note


def test_a_regression_is_valued_as_one():
    y, wanted = np.arange(9.0), np.arange(5.0)
    utility = WithExamples(train_y=y, test_y=wanted, regression=True)
    single = knn_shapley(utility.fields["train_x"], y, utility.fields["test_x"], wanted, 5, regression=True)
    result = value(KnnShapley(), "abc", utility)
    assert result.worth[1] == pytest.approx(single[[1, 4]].sum(), abs=1e-14)
    assert "negative squared error" in result.note


def test_no_players_and_players_without_records():
    assert value(KnnShapley(), "", len).players == ()
    assert value(KnnShapley(), "abcd", WithExamples(players="abcd")).worth[3] == 0


@pytest.mark.parametrize(
    ("utility", "message"),
    [
        (len, r"^utility of knn_shapley: found a utility without examples\(\); expected a utility whose examples\(\)"),
        (WithExamples(players="ab"), "^owner: found 2; expected positions below 2, or -1 for nobody's records$"),
        (WithExamples(owner=[-2] * 9), "^owner: found -2; expected positions below 3"),
        (
            WithExamples(owner=[0] * 8),
            r"^owner: found int64 of shape \(8,\); expected a player's position for each of 9",
        ),
        (WithExamples(owner=[0.5] * 9), "^owner: found float64"),
        (
            WithExamples(players="abx"),
            "^players: found 'c'; expected players whose records the utility's examples know$",
        ),
        (WithExamples(test_y=[0, 1]), r"^test_y: found shape \(2,\)"),
    ],
)
def test_bad_examples_are_one_sentence(utility, message):
    with pytest.raises(InputError, match=message):
        value(KnnShapley(), "abc", utility)


def test_examples_are_copies_that_nobody_can_change():
    x = np.zeros((9, 2))
    found = WithExamples(train_x=x).examples()
    x[0] = 5
    assert found.train_x.max() == 0
    with pytest.raises(ValueError, match="read-only"):
        found.owner[0] = 1


def test_owners_from_masks_of_contributors():
    groups = {"a": np.array([True, False, False, True]), "b": np.array([False, True, False, False])}
    assert owners([0, 1, 2, 3, 3], groups).tolist() == [0, 1, -1, 0, 0]
    assert owners([0, 1], groups.values()).tolist() == [0, 1]
    assert owners([0, 1], []).tolist() == [-1, -1]
    with pytest.raises(
        InputError, match=r"^groups: found group 2 of another length or with people of an earlier group; "
    ):
        owners([0], [groups["a"], groups["a"]])
    with pytest.raises(InputError, match=r"^contributor: found 0 to 4; expected places in a list of 4 people$"):
        owners([0, 4], groups)


def test_the_players_of_examples_are_distinct():
    with pytest.raises(InputError, match=r"^players: found 'a' more than once; expected each player once$"):
        WithExamples(players="aab").examples()
