"""Kernels of KNN-Shapley: order the training records by distance, hand the value on from the farthest to the nearest.

Distances are squared Euclidean, summed over the features in order, in double precision: the same to the bit however
many test records are worked on at a time. Equal distances are ordered by index.
"""

import numpy as np
from numba import types

from ...ml_tasks.compiled import compiled

_MATRIX = types.Array(types.float64, 2, "C")
_VECTOR = types.Array(types.float64, 1, "C")
_CODES = types.Array(types.int32, 1, "C")
_WORDS = types.Array(types.uint64, 1, "C")
_INT, _FLOAT = types.int64, types.float64

_TILE = 256
"""Training records at a time: their features stay in the fast cache for all test records of a block."""
_DIGIT = 11
"""Bits sorted by at a time, twice: distances are first told apart to 1 in 4 million of their range."""


@compiled(types.void(_MATRIX, _MATRIX, _MATRIX))
def distances(by_feature, asked, out):  # type: ignore[no-untyped-def]
    """Fill out (tests, n) with squared distances. by_feature: training features (d, n). asked: (tests, d)."""
    d, n = by_feature.shape
    fours = d - d % 4
    for start in range(0, n, _TILE):
        stop = min(start + _TILE, n)
        for t in range(len(asked)):
            row = out[t, start:stop]
            row[:] = 0.0
            for f in range(0, fours, 4):  # four at a time, in order: a sum is read and written a quarter as often
                a, b, c, e = asked[t, f], asked[t, f + 1], asked[t, f + 2], asked[t, f + 3]
                xa, xb = by_feature[f, start:stop], by_feature[f + 1, start:stop]
                xc, xe = by_feature[f + 2, start:stop], by_feature[f + 3, start:stop]
                for j in range(len(row)):
                    u, v, w, z = xa[j] - a, xb[j] - b, xc[j] - c, xe[j] - e
                    row[j] = (((row[j] + u * u) + v * v) + w * w) + z * z
            for f in range(fours, d):
                a, xa = asked[t, f], by_feature[f, start:stop]
                for j in range(len(row)):
                    u = xa[j] - a
                    row[j] += u * u


@compiled(types.void(_VECTOR, _CODES, _WORDS, _WORDS))
def nearest_first(distance, order, words, spare):  # type: ignore[no-untyped-def]
    """Fill order (n,) with indices by distance, equal ones by index. words, spare: (n,) to work in.

    A radix sort of the distances in coarse steps, then an insertion sort of the few that share a step; where many do
    (one record far away stretches the steps), a merge sort.
    """
    n = len(distance)
    low, high = distance.min(), distance.max()
    scale = float(2 ** (2 * _DIGIT) - 1) / (high - low) if high > low else 0.0
    if scale == np.inf:
        order[:] = np.argsort(distance, kind="mergesort")
        return
    top = np.uint64(2 ** (2 * _DIGIT) - 1)
    mask, shift = np.uint64(2**_DIGIT - 1), np.uint64(_DIGIT)
    ends = np.zeros((2, 2**_DIGIT + 1), dtype=np.int64)
    for i in range(n):
        step = min(np.uint64((distance[i] - low) * scale), top)
        words[i] = step << np.uint64(32) | np.uint64(i)
        ends[0, (step & mask) + np.uint64(1)] += 1
        ends[1, (step >> shift) + np.uint64(1)] += 1
    for part in range(2):
        for k in range(1, 2**_DIGIT):
            ends[part, k] += ends[part, k - 1]
    for word in words:
        digit = word >> np.uint64(32) & mask
        spare[ends[0, digit]] = word
        ends[0, digit] += 1
    for word in spare:
        digit = word >> np.uint64(32 + _DIGIT)
        order[ends[1, digit]] = np.int32(word & np.uint64(0xFFFFFFFF))
        ends[1, digit] += 1
    moves = 0
    for place in range(1, n):
        index, at = order[place], place
        while at > 0 and distance[order[at - 1]] > distance[index]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = index
        moves += place - at
        if moves > 4 * n + 64:
            order[:] = np.argsort(distance, kind="mergesort")
            return


@compiled(types.void(_CODES, _CODES, types.int32, _VECTOR, _FLOAT, _VECTOR))
def add_classification(order, label, wanted, share, last, worth):  # type: ignore[no-untyped-def]
    """Add to worth (n,) each record's value for one test record; share (n,) and last: see `knn_shapley`."""
    n = len(order)
    index = order[n - 1]
    farther = 1.0 if label[index] == wanted else 0.0
    value = farther * last
    worth[index] += value
    for i in range(n - 2, -1, -1):
        index = order[i]
        match = 1.0 if label[index] == wanted else 0.0
        value += (match - farther) * share[i]
        worth[index] += value
        farther = match


@compiled(types.void(_CODES, _VECTOR, _FLOAT, _INT, _VECTOR, _VECTOR))
def add_regression(order, y, wanted, k, behind, worth):  # type: ignore[no-untyped-def]
    """The same for the negative squared error of the neighbours' mean; behind: (n + 1,) to work in.

    With records 1 ... n by distance and g(j) = m (m - 1) / (2 j (j - 1)), m = min(k, j), the sum of the other
    neighbours that i and i + 1 meet is, on average, g(i) (y_1 + ... + y_{i-1}) + sum over l > i + 1 of g(l - 1) y_l.
    """
    n = len(order)
    behind[n] = 0.0
    before = 0.0
    for i in range(n, 0, -1):  # behind[i - 1]: the sum from record i on, each with its g
        j = i - 1
        m = min(k, j)
        g = m * (m - 1.0) / (2.0 * j * (j - 1.0)) if j > 1 else 0.0
        behind[i - 1] = behind[i] + g * y[order[i - 1]]
    for i in range(n):
        before += y[order[i]]
    last = y[order[n - 1]]
    before -= last
    m, mean = min(k, n), before / (n - 1) if n > 1 else 0.0
    value = -last / (n * k) * (m * (m - 1) * mean / k + m * (last / k - 2.0 * wanted))
    worth[order[n - 1]] += value
    for i in range(n - 1, 0, -1):
        near, far = y[order[i - 1]], y[order[i]]
        before -= near
        m = min(k, i)
        g = m * (m - 1.0) / (2.0 * i * (i - 1.0)) if i > 1 else 0.0
        others = g * before + behind[i + 1]
        value -= (near - far) / k * (m / i * ((near + far) / k - 2.0 * wanted) + 2.0 / k * others)
        worth[order[i - 1]] += value
