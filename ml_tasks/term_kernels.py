"""The passes over counted terms that make a matrix of some documents, compiled. See terms.py."""

import math

import numpy as np
from numba import types

from .compiled import compiled

_LONGS = types.Array(types.int64, 1, "C")
_INTS = types.Array(types.int32, 1, "C")
_FLOATS = types.Array(types.float64, 1, "C")


@compiled(_LONGS(_LONGS, _INTS, _INTS, _LONGS, types.int64))
def frequencies(start, term, count, rows, terms):  # type: ignore[no-untyped-def]
    """How often each term occurs in these documents, shape (terms,)."""
    total = np.zeros(terms, dtype=np.int64)
    for r in rows:
        for k in range(start[r], start[r + 1]):
            total[term[k]] += count[k]
    return total


@compiled(types.Tuple((_INTS, _LONGS, _LONGS))(_LONGS, _INTS, _LONGS, _INTS, types.int64))
def first_seen(start, term, rows, column, width):  # type: ignore[no-untyped-def]
    """Which place each column takes in the order in which these documents bring it up, -1 if none does; how many
    documents have it, both (width,); and how many kept terms each document has. Column -1: a term left out."""
    rank = np.full(width, -1, dtype=np.int32)
    documents = np.zeros(width, dtype=np.int64)
    size = np.zeros(rows.size, dtype=np.int64)
    found = 0
    for i in range(rows.size):
        for k in range(start[rows[i]], start[rows[i] + 1]):
            c = column[term[k]]
            if c >= 0:
                if documents[c] == 0:
                    rank[c] = found
                    found += 1
                documents[c] += 1
                size[i] += 1
    return rank, documents, size


@compiled(_LONGS(_LONGS, _INTS, _LONGS, _INTS))
def sizes(start, term, rows, column):  # type: ignore[no-untyped-def]
    """How many kept terms each of these documents has."""
    size = np.zeros(rows.size, dtype=np.int64)
    for i in range(rows.size):
        for k in range(start[rows[i]], start[rows[i] + 1]):
            size[i] += column[term[k]] >= 0
    return size


@compiled(types.void(_LONGS, _LONGS, types.int64, types.int64, _LONGS))
def placed(source, target, shift, mask, place):  # type: ignore[no-untyped-def]
    """Copy numbers in the order of one digit of theirs; equal digits keep their order. `place` has the count of each
    digit, one place up, and is used up."""
    for d in range(mask + 1):
        place[d + 1] += place[d]
    for number in source:
        d = (number >> shift) & mask
        target[place[d]] = number
        place[d] += 1


@compiled(types.void(_LONGS, _INTS, _INTS, _LONGS, _INTS, _INTS, types.int64, _FLOATS, _FLOATS, _LONGS, _INTS, _FLOATS))
def weighed(start, term, count, rows, column, rank, shift, weight, idf, begin, index, value):  # type: ignore[no-untyped-def]
    """Write each document's kept terms, sorted by rank, from its place `begin` on: column plus `shift`, and the
    weight of the count times the column's inverse document frequency, brought to length 1."""
    by_rank = np.empty(rank.size, dtype=np.int32)
    for c in range(rank.size):
        by_rank[rank[c]] = c
    most = 0
    for r in rows:
        most = max(most, start[r + 1] - start[r])
    here, there = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    # Sorting by the lower half of a rank's bits and then by the upper half takes linear time.
    bits = 1
    while rank.size >> (2 * bits) > 0:
        bits += 1
    mask = (1 << bits) - 1
    lower, upper = np.empty(mask + 2, dtype=np.int64), np.empty(mask + 2, dtype=np.int64)
    for i in range(rows.size):
        lower[:], upper[:], size = 0, 0, 0
        for k in range(start[rows[i]], start[rows[i] + 1]):
            c = column[term[k]]
            if c >= 0:
                lower[(rank[c] & mask) + 1] += 1
                upper[(rank[c] >> bits) + 1] += 1
                here[size] = (np.int64(rank[c]) << 32) | np.int64(count[k])
                size += 1
        placed(here[:size], there, 32, mask, lower)
        placed(there[:size], here, 32 + bits, mask, upper)
        square = 0.0
        for k in range(size):
            c = by_rank[here[k] >> 32]
            worth = weight[here[k] & 0xFFFFFFFF] * idf[c]
            index[begin[i] + k], value[begin[i] + k] = c + shift, worth
            square += worth * worth
        length = math.sqrt(square)
        for k in range(size):
            value[begin[i] + k] /= length
