"""Where each person may have come from, drawn by compiled code: see `mixture`."""

import numpy as np
from numba import float32, int64, void

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
