"""The loops of `svd` as machine code: biased matrix factorisation by stochastic gradient descent.

Surprise visits one rating after another, and each visit changes one user's row and one item's row. Two
visits that share neither user nor item can swap places without changing a bit of the result. `in_packs`
finds an order of packs of such visits that keeps the order of each user's and of each item's visits, so that
the processor works on a whole pack at once where it would otherwise wait for one long sum after another.
"""

from functools import cache
import numpy as np
from numba import types

from .compiled import Kernel, compiled
from .svd_order import IDS as _ids, SIZES as _sizes, PACK, in_packs
from .svd_rows import LANES32, LANES64, dot32, dots64, step32, step64


_numbers = types.Array(types.float64, 1, "C", readonly=True)
_biases = types.float64[::1]
_rates = (types.int64, types.float64, types.float64)


_matrix = types.float64[:, ::1]


@compiled(types.void(_sizes, _ids, _ids, _numbers, types.float64, _biases, _biases, _matrix, _matrix, *_rates))
def sgd64(size, user, item, rating, mean, bu, bi, p, q, epochs, lr, reg):  # type: ignore[no-untyped-def]
    """`epochs` passes over the ratings, to the bit as Surprise does it in double precision.

    `user` and `item` are PACK longer than `rating`: the last pack may be short, and reads on.
    """
    blocks = p.shape[1] // LANES64
    dots = np.empty(PACK)
    for _ in range(epochs):
        start = 0
        for pack in range(size.size):
            end = start + size[pack]
            dots64(p, q, user[start : start + PACK], item[start : start + PACK], blocks, dots)
            for k in range(start, end):
                u, i = np.int64(user[k]), np.int64(item[k])
                err = rating[k] - (mean + bu[u] + bi[i] + dots[k - start])
                bu[u] += lr * (err - reg * bu[u])
                bi[i] += lr * (err - reg * bi[i])
                step64(p, q, u, i, blocks, err, lr, reg)
            start = end


_matrix32 = types.float32[:, ::1]


@cache
def sgd32(blocks: int) -> Kernel:
    @compiled(types.void(_ids, _ids, types.Array(types.float32, 1, "C", readonly=True), _matrix32, _matrix32, *_rates))
    def sgd(user, item, rating, p, q, epochs, lr, reg):  # type: ignore[no-untyped-def]
        keep, rate = np.float32(1 - lr * reg), np.float32(lr)
        for _ in range(epochs):
            for k in range(rating.size):
                u, i = np.int64(user[k]), np.int64(item[k])
                err = rating[k] - dot32(p, q, u, i, blocks)
                step32(p, q, u, i, blocks, keep, rate * err)
    return sgd
