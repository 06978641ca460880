"""Choice: where people want to be, given how much they would like to be in each coalition.

A person is in several coalitions only where every one of them allows it; one that does not is `exclusive`.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def chosen(wish: Floats, exclusive: Mask) -> Mask:
    """Where each person wants to be, (people, coalitions), of the same shape as `wish`, which is nan where not at all.

    All that allow others, weighed together by the sum of the wishes; or one that does not, if it is wished for more.
    The first of equals. exclusive: (coalitions,).
    """
    wanted = np.zeros(wish.shape, dtype=bool, order="F")
    most, alone = np.full(len(wish), -np.inf), np.full(len(wish), -1)
    if not exclusive.all():
        several = ~exclusive
        wanted[:, several] = ~np.isnan(wish[:, several])
        some = wanted.any(axis=1)
        most[some] = np.nansum(wish[some][:, several], axis=1)
    for place in np.flatnonzero(exclusive).tolist():
        better = wish[:, place] > most
        alone[better], most[better] = place, wish[better, place]
    for place in range(wish.shape[1]):
        wanted[:, place] = alone == place if exclusive[place] else wanted[:, place] & (alone < 0)
    return wanted


def beside(some: Mask, exclusive: Mask) -> Mask:
    """Where else people may be who are in `some` coalitions, these included, (people, coalitions); exclusive:
    (coalitions,)."""
    nowhere = np.asarray(~some.any(axis=1))
    unbound = np.asarray(~(some & exclusive).any(axis=1))
    return np.asarray(some | nowhere[:, None] | (unbound[:, None] & ~exclusive))
