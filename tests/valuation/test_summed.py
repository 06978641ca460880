"""Values added up over tasks."""

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.methods import values
from datacoalition.valuation.summed import summed
from datacoalition.valuation.values import Values


def task(players, worth, stderr, df, **more):
    return Values(players, worth, stderr, 8, "shapley", "sampled", df=np.full(len(worth), float(df)), **more)


FILMS = task(("ann", "bo"), [1.0, -2.0], [0.3, 0.0], 4, adds_up=True)
PINS = task(("bo", "cy"), [5.0, 1.0], [0.4, 0.4], 9, adds_up=True)


def test_worths_add_up_and_errors_are_independent():
    both = summed([FILMS, PINS])
    assert both.players == ("ann", "bo", "cy")
    assert both.worth.tolist() == [1.0, 3.0, 1.0]
    np.testing.assert_allclose(both.stderr, [0.3, 0.4, 0.4])
    assert both.evaluations == 16
    assert both.adds_up
    assert both.note == "summed over 2 tasks; sampled"
    np.testing.assert_allclose(both.df, [4, 9, 9])
    twice = summed([task(("a",), [1.0], [0.3], 4), task(("a",), [1.0], [0.4], 9)])
    assert twice.stderr[0] == pytest.approx(0.5)
    assert twice.df[0] == pytest.approx(0.5**4 / (0.3**4 / 4 + 0.4**4 / 9))  # Welch's formula


def test_the_sum_of_shapley_values_is_the_shapley_value_of_the_sum():
    players = ("a", "b", "c", "d")

    def one(group):
        return len(group) ** 2 + ("a" in group)

    def other(group):
        return float({"b", "c"} <= group)

    both = summed([values(players, one), values(players, other)])
    np.testing.assert_allclose(both.worth, values(players, lambda group: one(group) + other(group)).worth)


def test_the_covariance_of_the_sum_is_the_sum_of_covariances():
    parts = [
        task(("a", "b"), [0.0, 0.0], [1.0, 1.0], 5, errors=np.array(rows)) for rows in ([[1.0, 1.0]], [[1.0, -1.0]])
    ]
    both = summed(parts)
    np.testing.assert_allclose(both.errors.T @ both.errors, 2 * np.eye(2))
    known = task(("a", "b"), [1.0, 1.0], [0.0, 0.0], np.inf)
    assert summed([parts[0], known]).errors is not None  # an exact part has no error to be joint with
    assert summed([parts[0], PINS]).errors is None


def test_an_order_may_be_given_and_strangers_are_refused():
    assert summed([FILMS], ("cy", "bo", "ann")).worth.tolist() == [0.0, -2.0, 1.0]
    with pytest.raises(InputError, match="values of 'ann'"):
        summed([FILMS], ("bo",))
    with pytest.raises(InputError, match="no values to add up"):
        summed([])


def test_an_unknown_error_stays_unknown():
    assert np.isnan(summed([FILMS, task(("ann",), [1.0], [np.nan], np.nan)]).stderr[0])
