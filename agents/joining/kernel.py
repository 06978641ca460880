"""Kernel of the critical mass: a million people decide one after the other."""

from numba import types

from ...ml_tasks.compiled import compiled

_FLOATS = types.Array(types.float64, 1, "C")
_MATRIX = types.Array(types.float64, 2, "C")
_CUBE = types.Array(types.float64, 3, "C")
_INTS = types.Array(types.int64, 1, "C")


@compiled(types.float64(_FLOATS, _MATRIX, types.float64))
def power_at(knots, pieces, given):  # type: ignore[no-untyped-def]
    """P at a share of the resources: cubic pieces (4, knots), highest power first, from each knot on."""
    piece = 0
    while piece + 1 < len(knots) and given >= knots[piece + 1]:
        piece += 1
    beyond = given - knots[piece]
    return ((pieces[0, piece] * beyond + pieces[1, piece]) * beyond + pieces[2, piece]) * beyond + pieces[3, piece]


@compiled(types.void(_INTS, _FLOATS, _MATRIX, _MATRIX, _FLOATS, _MATRIX, _CUBE, _FLOATS, _INTS))
def one_after_the_other(order, resources, value, cost, dues, knots, pieces, given, chosen):  # type: ignore[no-untyped-def]
    """Let the people in none decide in this order: v (P(R + r) - P(R)) > c r + d. Changes `given`, R, and `chosen`.

    order (users,); resources (users,); value, cost (users, coalitions); dues (coalitions,); knots (coalitions, most);
    pieces (coalitions, 4, most); given (coalitions,); chosen (users,), -1 for none.
    """
    for person in order:
        own, most, best = resources[person], 0.0, -1
        if chosen[person] >= 0 or own <= 0:
            continue
        for k in range(len(given)):
            now = power_at(knots[k], pieces[k], given[k])
            gain = (
                value[person, k] * (power_at(knots[k], pieces[k], given[k] + own) - now)
                - cost[person, k] * own
                - dues[k]
            )
            if gain > most:
                most, best = gain, k
        if best >= 0:
            chosen[person] = best
            given[best] += own
