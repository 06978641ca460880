"""Influences against derivatives, closed forms, really fitting again, and scikit-learn's optimum."""

import math
import re

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.examples import Examples
from datacoalition.valuation.methods.influence import Influence, agreement, influence, left_out
from datacoalition.valuation.methods.linear_models import fitted
from sklearn.linear_model import LogisticRegression, Ridge


def numbers(n, seed=0, features=4):
    """A linear relation with noise: training and test data."""
    rng = np.random.default_rng(seed)
    x, slope = rng.normal(size=(n + 200, features)), rng.normal(size=features)
    y = x @ slope + 3 + rng.normal(size=len(x))
    return x[:n], y[:n], x[n:], y[n:]


def labelled(n, labels, seed=0, features=4):
    """Overlapping clouds, one a label."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, labels, n + 200)
    x = rng.normal(size=(n + 200, features)) + 1.5 * rng.normal(size=(labels, features))[y]
    return x[:n], y[:n], x[n:], y[n:]


CASES = {"ridge": (numbers(60), "ridge"), "two": (labelled(80, 2), "logistic"), "three": (labelled(90, 3), "logistic")}
cases = pytest.mark.parametrize(("data", "model"), CASES.values(), ids=CASES)


@cases
def test_influence_is_the_derivative_by_the_records_weight(data, model):
    fit = fitted(*data, 0.7, model == "ridge")
    found, step = influence(*data, ridge=0.7, model=model), 1e-4
    for i in range(0, 60, 7):
        ends = []
        for change in (step, -step):
            weight = np.ones(len(fit.x))
            weight[i] += change
            ends.append(-fit.test_loss(fit.again(weight)))
        assert found[i] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-11)


@pytest.mark.parametrize("ridge", [0.3, 30.0])
def test_ridge_against_leave_one_out_in_closed_form(ridge):
    """The first-order error shrinks with the number of records as 1 / n^2, the influence as 1 / n."""
    off = []
    for n in (50, 150, 450):
        x, y, asked, wanted = numbers(n)
        found = influence(x, y, asked, wanted, ridge=ridge, model="ridge")
        one, penalty = np.column_stack([x, np.ones(n)]), ridge * np.diag([1.0] * x.shape[1] + [0.0])
        real = np.empty(n)
        before = np.mean((np.column_stack([asked, np.ones(len(asked))]) @ _solved(one, y, penalty) - wanted) ** 2)
        for i in range(n):
            theta = _solved(np.delete(one, i, 0), np.delete(y, i), penalty)
            real[i] = np.mean((np.column_stack([asked, np.ones(len(asked))]) @ theta - wanted) ** 2) - before
        np.testing.assert_allclose(left_out(x, y, asked, wanted, range(n), ridge, "ridge"), real, rtol=0, atol=1e-12)
        off.append(np.sqrt(np.mean((found - real) ** 2) / np.mean(real**2)))
    assert off[0] > 1.5 * off[1] > 2.25 * off[2]
    assert off[2] < 0.06


def _solved(x, y, penalty):
    return np.linalg.solve(x.T @ x + penalty, x.T @ y)


@pytest.mark.parametrize("labels", [2, 3])
def test_logistic_against_really_leaving_records_out(labels):
    data = labelled(400, labels, seed=3)
    some = np.random.default_rng(0).permutation(400)[:100]
    pearson, spearman = agreement(influence(*data)[some], left_out(*data, some))
    assert pearson > 0.95
    assert spearman > 0.95


@pytest.mark.parametrize("labels", [2, 3, 5])
@pytest.mark.parametrize("ridge", [0.05, 2.0])
def test_weights_are_scikit_learns_at_its_optimum(labels, ridge):
    data = labelled(150, labels)
    fit = fitted(*data, ridge, False)
    peer = LogisticRegression(C=1 / ridge, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(data[0], data[1])
    np.testing.assert_allclose(fit.weights[:-1].T, peer.coef_, rtol=0, atol=1e-6)
    level = peer.intercept_.mean() if labels > 2 else 0.0  # the same for every label means nothing
    np.testing.assert_allclose(fit.weights[-1], peer.intercept_ - level, rtol=0, atol=1e-6)
    loss = -peer.predict_log_proba(data[2])[np.arange(200), data[3]].mean()
    assert fit.test_loss(fit.weights) == pytest.approx(loss, abs=1e-8)


def test_ridge_weights_are_scikit_learns():
    data = numbers(50)
    fit, peer = fitted(*data, 3.0, True), Ridge(alpha=3.0).fit(data[0], data[1])
    np.testing.assert_allclose(fit.weights[:, 0], [*peer.coef_, peer.intercept_], rtol=0, atol=1e-10)


@pytest.mark.parametrize("labels", [2, 3])
def test_fitting_again_is_the_optimum_of_what_is_left(labels):
    data = labelled(150, labels)
    for out in ([3], range(60), np.flatnonzero(data[1] == 0)[3:]):
        rest = np.delete(np.arange(150), out)
        anew = fitted(data[0][rest], data[1][rest], data[2], data[3], 1.0, False)
        usual = fitted(*data, 1.0, False)
        real = anew.test_loss(anew.weights) - usual.test_loss(usual.weights)
        assert left_out(*data, [out])[0] == pytest.approx(real, abs=1e-10)


def test_a_mislabelled_record_harms_and_a_right_one_in_its_place_helps():
    x, y, asked, wanted = labelled(200, 2, features=2)
    middle = x[y == 1].mean(axis=0)
    for label, sign in ((1, 1), (0, -1)):
        changed = influence(np.vstack([x, middle]), np.append(y, label), asked, wanted)
        assert sign * changed[-1] > 0
    harmful = influence(np.vstack([x, middle]), np.append(y, 0), asked, wanted)
    assert harmful[-1] == harmful.min()


def test_names_of_labels_and_their_order_do_not_matter():
    x, y, asked, wanted = labelled(90, 3)
    names = np.array(["pear", "apple", "fig"])
    np.testing.assert_allclose(influence(x, names[y], asked, names[wanted]), influence(x, y, asked, wanted), atol=1e-12)
    two = labelled(80, 2)
    np.testing.assert_allclose(influence(two[0], 1 - two[1], two[2], 1 - two[3]), influence(*two), atol=1e-12)


def test_where_a_label_is_gone_the_loss_is_without_bound():
    data = labelled(90, 3)
    found = left_out(*data, [np.flatnonzero(data[1] == 2), [0], []])
    assert found[0] == math.inf
    assert np.isfinite(found[1:]).all()
    assert found[2] == 0
    assert left_out(*numbers(5), [range(5)], model="ridge")[0] == math.inf
    for label in (0, 1):
        two = labelled(50, 2)
        assert left_out(*two, [np.flatnonzero(two[1] == label)])[0] == math.inf


def test_agreement():
    assert agreement([1, 2, 3, 5], [1, 4, 9, 25]) == pytest.approx((0.98149, 1.0), abs=1e-5)
    assert np.isnan(agreement([1, 1, 1], [1, 2, 3])).all()
    assert np.isnan(agreement([1], [2])).all()
    with pytest.raises(InputError, match=r"^agreement: found shapes \(2,\) and \(2,\)"):
        agreement([1, math.inf], [1, 2])


X, Y, ASKED, WANTED = labelled(30, 2)
GOOD = {"train_x": X, "train_y": Y, "test_x": ASKED, "test_y": WANTED}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ridge": 0}, "^ridge: found 0; expected a number above 0$"),
        ({"ridge": math.nan}, "^ridge: found nan"),
        ({"ridge": math.inf}, "^ridge: found inf"),
        ({"ridge": "1"}, "^ridge: found '1'"),
        ({"model": "svm"}, "^model: found 'svm'; expected one of logistic, ridge$"),
        ({"train_x": X[:0], "train_y": Y[:0]}, "^train_x: found no training record; expected at least one$"),
        ({"train_y": np.zeros(30)}, "^train_y: found records of one label only; expected at least two labels$"),
        ({"test_y": np.full(200, 7)}, "^test_y: found the label 7; expected labels that occur in train_y$"),
        ({"train_y": Y[:5]}, r"^train_y: found shape \(5,\)"),
        ({"train_x": np.full((30, 4), math.nan)}, "^train_x: found nan"),
        ({"train_x": np.full((30, 4), 1e150)}, "^ridge: found 1, with which the fit does not converge; expected a str"),
        ({"train_x": np.zeros((30, 5000)), "test_x": np.zeros((200, 5000))},
         "^train_x: found 5000 features and 1 columns of weights; expected at most 5,000 coefficients"),
        ({"train_y": ["a"] * 30, "model": "ridge"}, "^train_y: found a list that is not all numbers"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(change, message):
    with pytest.raises(InputError, match=message):
        influence(**{**GOOD, **change})


def test_records_to_leave_out_exist():
    with pytest.raises(InputError, match=r"^records: found 30 to 30; expected positions below 30$"):
        left_out(X, Y, ASKED, WANTED, [30])


# ---------------------------------------------------------------- the method


class Firm:
    def __init__(self, data, players, regression=False, owner=None):
        self.data, self.players, self.regression = data, players, regression
        self.owner = np.arange(len(data[0])) % len(players) if owner is None else owner

    def __call__(self, group):
        raise AssertionError("nobody asks for a group")

    def examples(self):
        return Examples(self.players, *self.data[:2], self.owner, *self.data[2:], self.regression)


def value(method, players, utility, seed=0):
    return method(players, utility, np.random.default_rng(seed))


@pytest.mark.parametrize("regression", [False, True])
def test_a_player_is_worth_the_sum_of_their_records_and_the_note_says_how_well_that_agrees(regression):
    data = numbers(200) if regression else labelled(200, 3)
    kind = "ridge" if regression else "logistic"
    firm = Firm(data, tuple(range(20)), regression)
    result = value(Influence(ridge=0.5), range(20), firm)
    single = influence(*data, ridge=0.5, model=kind)
    np.testing.assert_allclose(result.worth, [single[firm.owner == i].sum() for i in range(20)], rtol=0, atol=1e-14)
    real = left_out(*data, [np.flatnonzero(firm.owner == i) for i in range(20)], 0.5, kind)
    pearson, spearman = agreement(result.worth, real)
    assert f"a {kind} regression, not of the firm's model; they do not add up; against really fitting" in result.note
    assert f"without each of 20 of 20 players: Pearson {pearson:.3f}, Spearman {spearman:.3f}" in result.note
    assert pearson > 0.9
    assert (result.adds_up, result.evaluations, result.method) == (False, 0, "influence")


def test_at_most_so_many_players_are_checked_drawn_by_the_generator():
    firm = Firm(labelled(200, 2), tuple(range(50)))
    notes = [value(Influence(checked=5), range(50), firm, seed).note for seed in (0, 0, 1)]
    assert notes[0] == notes[1] != notes[2]
    assert re.search(r"each of 5 of 50 players: Pearson -?[01]\.\d{3}, Spearman -?[01]\.\d{3}$", notes[0])
    assert value(Influence(checked=0), range(50), firm).note.endswith(
        "not checked against really fitting without a player"
    )


def test_players_without_whom_a_label_is_gone_are_left_out_of_the_check():
    data = labelled(60, 2)
    firm = Firm(data, "abc", owner=np.where(data[1] == 0, 0, 1 + np.arange(60) % 2))
    note = value(Influence(), "abc", firm).note
    assert "each of 2 of 3 players: Pearson" in note
    assert note.endswith("(without 1 more no record of some label is left)")
    alone = Firm(data, "a", owner=np.zeros(60, dtype=int))
    assert "0 of 1 players: correlation unknown" in value(Influence(), "a", alone).note


def test_no_players_and_no_examples():
    assert value(Influence(), "", len).players == ()
    with pytest.raises(InputError, match=r"^utility of influence: found a utility without examples\(\)"):
        value(Influence(), "abc", len)
