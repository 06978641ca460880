from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.values import Values, finite_array, scaled
from hypothesis import given
from hypothesis import strategies as st


def some_values(worth=(1.0, -2.0)):
    return Values(("ann", ("bo", 2))[: len(worth)], np.array(worth), np.zeros(len(worth)), 4, "shapley", "exact")


def test_the_frame_has_one_row_a_player_in_order():
    frame = some_values().to_frame()
    assert list(frame.columns) == [
        "player", "worth", "stderr", "sampling_stderr", "training_stderr", "low", "high", "evaluations",
        "method", "note",
    ]  # fmt: skip
    assert frame["player"].tolist() == ["ann", ("bo", 2)]
    assert frame["worth"].tolist() == [1.0, -2.0]
    assert frame["method"].tolist() == ["shapley", "shapley"]
    assert list(some_values(()).to_frame().columns) == list(frame.columns)
    assert len(some_values(()).to_frame()) == len(some_values(())) == 0


def test_values_cannot_be_changed_and_share_no_memory_with_what_they_were_made_from():
    worth = np.array([1.0, 2.0])
    values = Values(("a", "b"), worth, np.zeros(2), 1)
    worth[0] = 9
    assert values.worth.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        values.worth[0] = 3


@pytest.mark.parametrize("name", ["worth", "stderr"])
def test_every_player_has_one_number(name):
    arrays = {"worth": np.zeros(2), "stderr": np.zeros(2), name: np.zeros(3)}
    with pytest.raises(InputError, match=f"{name}: found shape"):
        Values(("a", "b"), **arrays, evaluations=0)


@pytest.mark.parametrize(
    "given_as",
    [some_values(), [1, -2], (1.0, -2.0), np.array([1, -2]), pd.Series([1, -2]), [Decimal(1), Decimal(-2)]],
)
def test_values_or_any_flat_sequence_of_numbers(given_as):
    array = finite_array(given_as)
    assert array.dtype == np.float64
    assert array.tolist() == [1, -2]


def test_nobody_is_no_error():
    assert finite_array([]).shape == (0,)


@pytest.mark.parametrize(
    "bad",
    [3.0, "12", ["1", "2"], [[1, 2]], [1, [2]], [1, None], {1: 2}, [np.nan], [1, np.inf], [10**400], [1j]],
)
def test_anything_else_is_refused_in_one_sentence(bad):
    with pytest.raises(InputError, match=r"^pay: found .*; expected a flat sequence of finite numbers$"):
        finite_array(bad, "pay")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_scaling_keeps_signs_and_order_and_ends_at_one(numbers):
    x = np.array(numbers)
    y = scaled(x)
    order = np.argsort(x)
    assert (np.diff(y[order]) >= 0).all()
    assert np.abs(y).max() == (1 if x.any() else 0)
    assert (y * x >= 0).all() or np.isinf(y * x).any()


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e149])
def test_degrees_of_freedom_do_not_depend_on_the_unit(scale):
    """Two equal variances of 4 and 1 degrees of freedom: 4 / (1 / 4 + 1) [Welch 1947], the first as given."""
    draws = scale * np.sqrt(8 * 7 / 8) * np.array([[1.0], [-1.0]] * 4)
    by_seed = scale * np.array([[-1.0, 1.0]])
    found = Values.of_seeds(("a",), by_seed, draws, 1, "m", "", noisy=True, adds_up=False, largest=scale, df=4)
    np.testing.assert_allclose(found.sampling_stderr / scale, 1)
    np.testing.assert_allclose(found.training_stderr / scale, 1)
    np.testing.assert_allclose(found.df, 4 / (1 / 4 + 1))
