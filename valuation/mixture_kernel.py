"""Where each person may have come from, drawn by compiled code: see `mixture`."""

import numpy as np
from numba import boolean, float32, float64, int32, int64, void

from ..ml_tasks.compiled import compiled

BLOCK = 8
"""Kernels are summed in blocks, so that most are passed over unread."""


@compiled(void(float32[:, ::1], float32[:, ::1], int64[:, ::1], float32[:, ::1], int64[:, ::1], int64[:, ::1]), True)
def assign(w, near, blocks, u, label, counts):  # type: ignore[no-untyped-def]
    """A kernel for each person of each chain, kernel k with probability proportional to w[chain, k] near[person, k].

    w: (C, K), K a multiple of BLOCK; near: (n, K); blocks: first and end of those that are near a person, (n, 2);
    u: uniform numbers, (C, n). Fills label, (C, n), and counts of people, (C, K).
    """
    upto = np.zeros(w.shape[1] // BLOCK, dtype=np.float32)
    counts[:] = 0
    for c in range(u.shape[0]):
        for i in range(u.shape[1]):
            first, end = blocks[i, 0], blocks[i, 1]
            total = np.float32(0)
            for b in range(first, end):
                block = np.float32(0)
                for k in range(BLOCK * b, BLOCK * b + BLOCK):
                    block += w[c, k] * near[i, k]
                total += block
                upto[b] = total
            goal = u[c, i] * total
            b = first
            while b < end - 1 and upto[b] < goal:
                b += 1
            if b > first:
                goal -= upto[b - 1]
            k = BLOCK * b
            so_far = w[c, k] * near[i, k]
            while so_far < goal and k < BLOCK * b + BLOCK - 1:
                k += 1
                so_far += w[c, k] * near[i, k]
            label[c, i] = k
            counts[c, k] += 1


@compiled(
    float64[:](
        float32[:, ::1], float32, float32[:, :, ::1], int64[::1], int32[:, ::1], int64[::1], float32[:, ::1],
        int64[:, ::1], boolean,
    ),
    True,
)  # fmt: skip
def assign_in_turn(w, each, table, level, place, order, u, label, known):  # type: ignore[no-untyped-def]
    """A kernel for each person of each chain, one after the other; each adds `each` to the wx of their kernel.

    Returns the sum of logs of the weighed likelihoods of all kernels when a person's turn comes, (C,): with the prior
    as wxs and each = 1, the log of how probable places and kernels are over how probable these draws of kernels
    were, but for a constant. With each = 0 wxs stay, and the draws are independent.

    w: (C, K), K a multiple of BLOCK. place: of each person, (C, n), in FINE parts of the distance of kernels; 0 is PAD
    kernels below the first. level: each person's row of table, (n,). table[level, place % FINE, K + 2 PAD - 1
    - place // FINE + k]: the likelihood of kernel k. order: of people's turns, (n,). u: uniform numbers, (C, n). Fills
    label, (C, n), or takes it as it is if it is known.
    """
    kernels, fine = w.shape[1], table.shape[1]
    zero = table.shape[2] - kernels
    out, now = np.zeros(place.shape[0]), np.zeros(kernels, dtype=np.float32)
    weighed = np.zeros(kernels, dtype=np.float32)
    upto = np.zeros(kernels // BLOCK, dtype=np.float32)
    for c in range(place.shape[0]):
        now[:] = w[c]
        product = 1.0
        for i in order:
            at = place[c, i]
            row = table[level[i], at % fine]
            row = row[zero - at // fine :]  # contiguous only if sliced by itself
            for k in range(kernels):
                weighed[k] = now[k] * row[k]
            total = np.float32(0)
            for b in range(upto.size):
                x = weighed[BLOCK * b : BLOCK * b + BLOCK]
                total += ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]))
                upto[b] = total
            product *= np.float64(total)
            if product < 1e-200 or product > 1e200:
                out[c] += np.log(max(product, 1e-300))
                product = 1.0
            if not known:
                goal = u[c, i] * total
                b = 0
                while b < upto.size - 1 and upto[b] < goal:
                    b += 1
                if b > 0:
                    goal -= upto[b - 1]
                k = BLOCK * b
                so_far = weighed[k]
                while so_far < goal and k < BLOCK * b + BLOCK - 1:
                    k += 1
                    so_far += weighed[k]
                label[c, i] = k
            now[label[c, i]] += each
        out[c] += np.log(max(product, 1e-300))
    return out
