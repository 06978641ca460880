"""Kernels of item kNN: count pairs of items, find where nearest neighbours end, score candidates."""

import numpy as np
from numba import types

from .compiled import compiled

_IDS = types.Array(types.int32, 1, "C")
_PLACES = types.Array(types.int64, 1, "C")
_TABLE = types.Array(types.int32, 2, "C")
_VECTOR = types.Array(types.float64, 1, "C")
_MATRIX = types.Array(types.float32, 2, "C")


@compiled(types.void(_TABLE, _PLACES, _IDS, _IDS, _PLACES, types.int64))
def counted(table, start, item, weight, people, sign):  # type: ignore[no-untyped-def]
    """Add (or subtract) the pairs of items of these people, each with the person's weight."""
    for u in people:
        step = np.int32(sign * weight[u])
        for a in range(start[u], start[u + 1]):
            row = item[a]
            for b in range(start[u], start[u + 1]):
                table[row, item[b]] += step


@compiled(types.Tuple((_PLACES, _IDS))(_TABLE))
def partners(table):  # type: ignore[no-untyped-def]
    """The other items in each item's row that are not 0: where each item's begin, (items + 1,), and which."""
    n = table.shape[0]
    start = np.zeros(n + 1, dtype=np.int64)
    for i in range(n):
        count = 0
        for j in range(n):
            count += table[i, j] != 0
        start[i + 1] = start[i] + count - (table[i, i] != 0)
    item = np.empty(start[n], dtype=np.int32)
    place = 0
    for i in range(n):
        for j in range(n):
            if table[i, j] != 0 and j != i:
                item[place] = j
                place += 1
    return start, item


@compiled(_VECTOR(_TABLE, _PLACES, _IDS, types.float64, _VECTOR, _VECTOR, types.float64, types.int64))
def thresholds(table, start, item, unit, factor, norm, shrink, top):  # type: ignore[no-untyped-def]
    """The top-th highest similarity of each item, its own left out; 0 where fewer items are similar at all.

    `start` and `item` are the partners of each item, perhaps with some that are 0 in this table. No similarity is
    negative, and such numbers are in the order of their bits: they are counted by their first 11 bits, and only
    those that share them with the one looked for are sorted.
    """
    n = table.shape[0]
    least = np.zeros(n)
    found = np.empty(n, dtype=np.float32)
    bits = found.view(np.uint32)
    count = np.empty(2048, dtype=np.int64)
    for i in range(n):
        if start[i + 1] - start[i] <= top:
            continue
        row, size = table[i], 0
        for k in range(start[i], start[i + 1]):
            j = item[k]
            if row[j] != 0:
                product = factor[i] * factor[j] * (row[j] * unit)
                found[size] = product / (norm[i] * norm[j] + shrink + 1e-6)
                size += 1
        if size <= top:
            continue
        count[:] = 0
        for k in range(size):
            count[bits[k] >> 21] += 1
        rank, first = size - top, 0
        while rank >= count[first]:
            rank -= count[first]
            first += 1
        same = 0
        for k in range(size):
            if bits[k] >> 21 == first:
                bits[same] = bits[k]
                same += 1
        least[i] = np.partition(found[:same], rank)[rank]
    return least


@compiled(
    _MATRIX(
        _TABLE, types.float64, _VECTOR, _VECTOR, types.float64, _VECTOR, _PLACES, _IDS, _PLACES,
        types.Array(types.int32, 2, "C"),
    )
)  # fmt: skip
def scored(table, unit, factor, norm, shrink, least, start, item, people, candidates):  # type: ignore[no-untyped-def]
    """Sums of similarities of the candidates with the person's items among the candidates' nearest neighbours."""
    out = np.zeros(candidates.shape, dtype=np.float32)
    for p in range(people.size):
        u = people[p]
        for c in range(candidates.shape[1]):
            i = candidates[p, c]
            total = 0.0
            for k in range(start[u], start[u + 1]):
                j = item[k]
                if table[i, j] != 0 and j != i:
                    product = factor[i] * factor[j] * (table[i, j] * unit)
                    similarity = np.float32(product / (norm[i] * norm[j] + shrink + 1e-6))
                    if similarity >= least[i]:
                        total += factor[j] * similarity
            out[p, c] = total
    return out
