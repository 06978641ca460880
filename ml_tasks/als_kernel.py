"""Kernel of `als` and `bayesian`: everybody's ridge regression on the features of what they rated."""

from functools import cache

import numpy as np
from numba import types

from .compiled import Kernel, compiled

_IDS = types.Array(types.int32, 1, "C")
_PLACES = types.Array(types.int64, 1, "C")
_VECTOR = types.Array(types.float32, 1, "C")
_MATRIX = types.Array(types.float32, 2, "C")
_SINGLE = types.float32
LANES = 8
"""Rows are padded with zeros to a multiple of this, so that a processor takes whole vectors."""


@compiled(types.Tuple((_PLACES, _IDS, _VECTOR))(_IDS, _IDS, _VECTOR, types.int64))
def grouped(owner, other, value, n):  # type: ignore[no-untyped-def]
    """Ratings by owner, in row order within each: where each owner's begin, (n + 1,), their others and values."""
    start = np.zeros(n + 1, dtype=np.int64)
    for k in range(owner.size):
        start[owner[k] + 1] += 1
    for o in range(n):
        start[o + 1] += start[o]
    place = start[:-1].copy()
    others, values = np.empty_like(other), np.empty_like(value)
    for k in range(owner.size):
        at = place[owner[k]]
        place[owner[k]] += 1
        others[at], values[at] = other[k], value[k]
    return start, others, values


@cache
def half_sweep(width: int) -> Kernel:
    """The kernel for `width` factors: with the width a constant, a processor takes whole vectors.

    kernel(start, others, values, offset, their_bias, theirs, bias, factors, ridge, pull, each, noise, weight)
    sets each owner's factors and bias to the solution x of (weight G + D) x = weight g + pull, where G and g are
    the Gram matrix of `theirs` over the owner's ratings and its product with values - offset - their_bias, and D
    is diagonal: ridge + each x number of ratings. With `noise`, standard normal draws (owners, width + 1), x is
    drawn from the normal distribution with that mean and the inverse of that matrix as covariance; without,
    `noise` has no row. In both matrices the column after the factors is 1 and stands for the bias, the rest is
    padding with zeros. Owners without ratings get the prior's mean, pull / ridge. Returns the sums of the errors
    and of their squares, in double precision.
    """
    size = width + 1
    padded = -(-size // LANES) * LANES

    @compiled(
        types.UniTuple(types.float64, 2)(
            _PLACES, _IDS, _VECTOR, _SINGLE, _VECTOR, _MATRIX, _VECTOR, _MATRIX, _VECTOR, _VECTOR, _SINGLE, _MATRIX,
            _SINGLE,
        ),
        fastmath=True,
    )  # fmt: skip
    def kernel(  # type: ignore[no-untyped-def]
        start, others, values, offset, their_bias, theirs, bias, factors, ridge, pull, each, noise, weight
    ):
        gram = np.empty((size, padded), dtype=np.float32)
        full = np.empty((size, padded), dtype=np.float32)
        right = np.empty(padded, dtype=np.float32)
        x = np.empty(padded, dtype=np.float32)
        error = squares = 0.0
        for o in range(start.size - 1):
            first, last = start[o], start[o + 1]
            if first == last:
                for f in range(width):
                    factors[o, f] = pull[f] / ridge[f] if ridge[f] > 0 else np.float32(0)
                bias[o] = pull[width] / ridge[width] if ridge[width] > 0 else np.float32(0)
                continue
            gram[:, :] = 0
            right[:] = 0
            total = 0.0
            k = first
            while k + 4 <= last:  # four ratings at a time: the Gram matrix is read and written a quarter as often
                j0, j1, j2, j3 = others[k], others[k + 1], others[k + 2], others[k + 3]
                r0, r1, r2, r3 = theirs[j0], theirs[j1], theirs[j2], theirs[j3]
                e0, e1 = values[k] - offset - their_bias[j0], values[k + 1] - offset - their_bias[j1]
                e2, e3 = values[k + 2] - offset - their_bias[j2], values[k + 3] - offset - their_bias[j3]
                total += (e0 * e0 + e1 * e1) + (e2 * e2 + e3 * e3)
                for a in range(size):
                    x0, x1, x2, x3 = r0[a], r1[a], r2[a], r3[a]
                    for b in range(padded):
                        gram[a, b] += (x0 * r0[b] + x1 * r1[b]) + (x2 * r2[b] + x3 * r3[b])
                for b in range(padded):
                    right[b] += (e0 * r0[b] + e1 * r1[b]) + (e2 * r2[b] + e3 * r3[b])
                k += 4
            while k < last:
                row, left = theirs[others[k]], values[k] - offset - their_bias[others[k]]
                total += left * left
                for a in range(size):
                    for b in range(padded):
                        gram[a, b] += row[a] * row[b]
                for b in range(padded):
                    right[b] += left * row[b]
                k += 1
            full[:, :] = gram
            more = each * np.float32(last - first)
            for a in range(size):
                for b in range(padded):
                    gram[a, b] *= weight
                gram[a, a] += ridge[a] + more
                x[a] = weight * right[a] + pull[a]
            # Cholesky on the upper triangle, gram = U' U; then U' y = x, and U x = y + noise.
            for a in range(size):
                pivot = np.float32(1) / np.sqrt(gram[a, a])
                for b in range(a, size):
                    gram[a, b] *= pivot
                for c in range(a + 1, size):
                    factor = gram[a, c]
                    for b in range(c, size):
                        gram[c, b] -= factor * gram[a, b]
                x[a] *= pivot
                for b in range(a + 1, size):
                    x[b] -= x[a] * gram[a, b]
            if noise.shape[0] > 0:
                for a in range(size):
                    x[a] += noise[o, a]
            for a in range(size - 1, -1, -1):
                part = x[a]
                for c in range(a + 1, size):
                    part -= gram[a, c] * x[c]
                x[a] = part / gram[a, a]
            # Errors from the sums: e = left - <x, row>.
            error += right[width]
            squares += total
            for a in range(size):
                product = np.float32(0)
                for b in range(size):
                    product += full[a, b] * x[b]
                error -= x[a] * full[a, width]
                squares += x[a] * (product - 2 * right[a])
            for f in range(width):
                factors[o, f] = x[f]
            bias[o] = x[width]
        return error, squares

    return kernel
