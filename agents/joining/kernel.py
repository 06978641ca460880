"""Kernel of the critical mass: a million people decide one after the other."""

import numpy as np
from numba import types

from ...ml_tasks.compiled import compiled

_FLOATS = types.Array(types.float64, 1, "C")
_MATRIX = types.Array(types.float64, 2, "C")
_CUBE = types.Array(types.float64, 3, "C")
_HYPERCUBE = types.Array(types.float64, 4, "C")
_INTS = types.Array(types.int64, 1, "C")
_TABLE = types.Array(types.int64, 2, "C")
_MASK = types.Array(types.boolean, 1, "C")
_MASKS = types.Array(types.boolean, 2, "C")


@compiled(types.float64(_FLOATS, _MATRIX, types.float64))
def power_at(knots, pieces, given):  # type: ignore[no-untyped-def]
    """P at a share of the resources: cubic pieces (4, knots), highest power first, from each knot on."""
    piece = 0
    while piece + 1 < len(knots) and given >= knots[piece + 1]:
        piece += 1
    beyond = given - knots[piece]
    return ((pieces[0, piece] * beyond + pieces[1, piece]) * beyond + pieces[2, piece]) * beyond + pieces[3, piece]


@compiled(types.void(_INTS, _FLOATS, _MATRIX, _MATRIX, _FLOATS, _TABLE, _CUBE, _HYPERCUBE, _MASK, _FLOATS, _MASKS))
def one_after_the_other(order, resources, value, cost, dues, beliefs, knots, pieces, exclusive, given, there):  # type: ignore[no-untyped-def]
    """Let people decide in this order: v (P(R + r) - P(R)) > c r + d. Changes `given`, R, and `there`.

    order (users,); resources (users,); value, cost (users, coalitions); dues (coalitions,); beliefs, the place of the P
    that each person goes by, (users, coalitions); knots (beliefs, coalitions, most); pieces (beliefs, coalitions, 4,
    most); exclusive, given (coalitions,); there (users, coalitions), where each person is, and stays. They join all
    that allow others and are worth it, or one that does not, if that is worth more than these.
    """
    gains = np.zeros(len(given))
    for person in order:
        own, together, most, best = resources[person], 0.0, 0.0, -1
        bound, somewhere = False, False
        for k in range(len(given)):
            somewhere |= there[person, k]
            bound |= there[person, k] and exclusive[k]
        if bound or own <= 0:
            continue
        for k in range(len(given)):
            gains[k] = 0.0
            if there[person, k] or (somewhere and exclusive[k]):
                continue
            own_knots, own_pieces = knots[beliefs[person, k], k], pieces[beliefs[person, k], k]
            now = power_at(own_knots, own_pieces, given[k])
            gain = (
                value[person, k] * (power_at(own_knots, own_pieces, given[k] + own) - now)
                - cost[person, k] * own
                - dues[k]
            )
            if exclusive[k]:
                if gain > most:
                    most, best = gain, k
            elif gain > 0:
                gains[k] = gain
                together += gain
        for k in range(len(given)):
            if k == best if most > together else gains[k] > 0:
                there[person, k] = True
                given[k] += own
