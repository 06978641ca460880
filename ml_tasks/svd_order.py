"""In what order `svd` visits the ratings.

Surprise visits one rating after another, and each visit changes one user's row and one item's row. Two
visits that share neither user nor item can swap places without changing a bit of the result. `in_packs`
finds an order in packs of such visits that keeps the order of each user's and of each item's visits. So the
processor works on a whole pack at once where it would otherwise wait for one long sum after another.
"""

import numpy as np
from numba import types

from .compiled import compiled

PACK = 8
"""Ratings in a full pack: as many as fit one vector of double precision."""

IDS = types.Array(types.int32, 1, "C", readonly=True)
SIZES = types.Array(types.uint8, 1, "C", readonly=True)


@compiled(types.int32[::1](types.int32[::1], types.uint8[::1]))
def _by_pack(pack, size):  # type: ignore[no-untyped-def]
    """Indices sorted by pack, in their old order within each."""
    place = np.zeros(size.size, np.int32)
    for t in range(1, size.size):
        place[t] = place[t - 1] + size[t - 1]
    order = np.empty(pack.size, np.int32)
    for k in range(pack.size):
        order[place[pack[k]]] = k
        place[pack[k]] += 1
    return order


@compiled(types.Tuple((types.int32[::1], types.uint8[::1]))(IDS, IDS, types.int64, types.int64))
def in_packs(user, item, n_users, n_items):  # type: ignore[no-untyped-def]
    """The ratings in their new order, and how many of them each pack holds.

    Each rating goes to the first pack with room after the packs of its user's and its item's last rating.
    """
    n = user.size
    after_user = np.zeros(n_users, np.int32)
    after_item = np.zeros(n_items, np.int32)
    free = np.arange(n + 1).astype(np.int32)  # leads to the first pack from t on that has room
    size = np.zeros(n, np.uint8)
    pack = np.empty(n, np.int32)
    for k in range(n):
        t = max(after_user[user[k]], after_item[item[k]])
        found = t
        while free[found] != found:
            found = free[found]
        while free[t] != found:
            free[t], t = found, free[t]
        pack[k] = found
        size[found] += 1
        if size[found] == PACK:
            free[found] = found + 1
        after_user[user[k]] = after_item[item[k]] = found + 1
    packs = 0
    while packs < n and size[packs] > 0:
        packs += 1
    if 2 * packs > n:
        # Too few ratings can change places, as when each user's come in an order of their own: not worth it.
        return np.arange(n).astype(np.int32), np.ones(n, np.uint8)
    return _by_pack(pack, size[:packs]), size[:packs]
