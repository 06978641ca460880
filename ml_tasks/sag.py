"""Logistic regression by stochastic average gradient, for sparse rows [Schmidt, Le Roux & Bach 2017].

It takes the steps of scikit-learn's solver "sag": the same step size, the same draws of rows (which depend on the
seed and the number of rows alone), the same test for the end, and so gives the same coefficients. It is faster
because what a step needs of a column lies together in memory, next to the columns that come with it.
"""

import math

import numpy as np
from numba import types
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from .compiled import compiled

Floats = NDArray[np.float64]

PASSES = 100
TOLERANCE = 1e-4
"""The end comes after PASSES, or when no coefficient changes in a pass by more than TOLERANCE of the largest."""
INTERCEPT_PACE = 0.01
"""The intercept takes smaller steps, because the rows are sparse."""
_LEAST_SCALE = 1e-9
_BITS = np.uint64(0xFFFFFFFF)
_COEFFICIENT, _GRADIENT = range(2)

_LONGS = types.Array(types.int64, 1, "C")
_INTS = types.Array(types.int32, 1, "C")
_PLACES = types.Array(types.uint32, 1, "C")
_FLOATS = types.Array(types.float64, 1, "C")
_TABLE = types.Array(types.float64, 2, "C")


def fit(rows: csr_matrix, labels: NDArray[np.integer], c: float, seed: int) -> tuple[Floats, float]:
    """Coefficients, shape (columns,), and intercept of the ridge-penalised fit to labels 0 and 1, started at zero.

    `c` is the inverse strength of the penalty, as in scikit-learn; the intercept is not penalised.
    """
    start = rows.indptr.astype(np.int64)
    index, place, columns = np.empty(rows.nnz, dtype=np.uint32), np.full(rows.shape[1], -1, np.int32), rows.shape[1]
    used = renumbered(rows.indices.astype(np.int32, copy=False), place, index)
    alpha = 1.0 / c / rows.shape[0]
    step = 1.0 / (0.25 * (longest(start, rows.data) + 1.0) + alpha)
    draw = np.random.RandomState(seed).randint(1, np.iinfo(np.int32).max)
    table = np.zeros((used, 2))
    intercept = descended(start, index, rows.data, labels.astype(np.float64), step, alpha, draw, table)
    coefficients = np.zeros(columns)
    coefficients[place >= 0] = table[place[place >= 0], _COEFFICIENT]
    return coefficients, intercept


@compiled(types.int64(_INTS, _INTS, _PLACES))
def renumbered(column, place, index):  # type: ignore[no-untyped-def]
    """Number the columns by first appearance, so that common ones lie together; `place` starts as -1 everywhere."""
    used = 0
    for k in range(column.size):
        if place[column[k]] < 0:
            place[column[k]] = used
            used += 1
        index[k] = place[column[k]]
    return used


@compiled(types.float64(_LONGS, _FLOATS))
def longest(start, value):  # type: ignore[no-untyped-def]
    """The largest squared length of a row."""
    largest = 0.0
    for row in range(start.size - 1):
        square = 0.0
        for k in range(start[row], start[row + 1]):
            square += value[k] * value[k]
        largest = max(largest, square)
    return largest


@compiled(types.void(_TABLE, types.float64, types.float64))
def caught_up(table, total, scale):  # type: ignore[no-untyped-def]
    """Give every column the steps taken so far, and multiply out the common scale."""
    for f in range(table.shape[0]):
        table[f, _COEFFICIENT] = (table[f, _COEFFICIENT] - total * table[f, _GRADIENT]) * scale


@compiled(types.boolean(_TABLE, _FLOATS))
def settled(table, before):  # type: ignore[no-untyped-def]
    """Whether no coefficient changed much in the last pass; remembers them for the next."""
    change, largest = 0.0, 0.0
    for f in range(table.shape[0]):
        change = max(change, abs(table[f, _COEFFICIENT] - before[f]))
        largest = max(largest, abs(table[f, _COEFFICIENT]))
        before[f] = table[f, _COEFFICIENT]
    return change == 0.0 if largest == 0.0 else change / largest <= TOLERANCE


@compiled(types.uint64(types.uint64))
def drawn(state):  # type: ignore[no-untyped-def]
    """The next of 32 random bits [Marsaglia 2003, xorshift]."""
    state ^= (state << np.uint64(13)) & _BITS
    state ^= state >> np.uint64(17)
    return state ^ ((state << np.uint64(5)) & _BITS)


@compiled(types.float64(types.float64, types.float64))
def slope(score, label):  # type: ignore[no-untyped-def]
    """Derivative of the logistic loss of label 0 or 1 by the score."""
    if score <= -37.0:  # where 1 + exp(score) is 1
        return math.exp(score) - label
    small = math.exp(-score)
    return ((1.0 - label) - label * small) / (1.0 + small)


@compiled(types.float64(_LONGS, _PLACES, _FLOATS, _FLOATS, types.float64, types.float64, types.uint64, _TABLE))
def descended(start, index, value, labels, step, alpha, state, table):  # type: ignore[no-untyped-def]
    """Fit the table, shape (columns, 2): the sum of the rows' gradients by each column, and its coefficient without
    the common scale and as if that sum had always been what it is now. Returns the intercept.

    All columns take steps along their sums, which change only where a row has the column. So the steps are put off:
    a coefficient is the one in the table less `total` times the sum, and a change of the sum is made up for.
    """
    n = labels.size
    gradients, seen, before = np.zeros(n), np.zeros(n, dtype=np.bool_), np.zeros(table.shape[0])
    intercept, intercept_gradient, known, scale = 0.0, 0.0, 0, 1.0
    for _ in range(PASSES):
        total = 0.0  # of the steps since all columns were last brought up to date
        for _ in range(n):
            state = drawn(state)
            row = np.int64(state & np.uint64(0x7FFFFFFF)) % n
            if not seen[row]:
                seen[row] = True
                known += 1
            which, values = index[start[row] : start[row + 1]], value[start[row] : start[row + 1]]
            product = 0.0
            for k in range(which.size):
                f = which[k]
                product += (table[f, _COEFFICIENT] - total * table[f, _GRADIENT]) * values[k]
            gradient = slope(scale * product + intercept, labels[row])
            change = gradient - gradients[row]
            gradients[row] = gradient
            scale *= 1.0 - step * alpha
            for k in range(which.size):
                f, grown = which[k], values[k] * change
                table[f, _GRADIENT] += grown
                table[f, _COEFFICIENT] += total * grown
            intercept_gradient += change
            intercept -= step * intercept_gradient / known * INTERCEPT_PACE
            total += step / (scale * known)
            if scale < _LEAST_SCALE:
                caught_up(table, total, scale)
                total, scale = 0.0, 1.0
        caught_up(table, total, scale)
        scale = 1.0
        if settled(table, before):
            break
    return intercept
