"""Semivalues from random permutations: a player's marginal where they arrive, weighed by who is there already.

In a random order the number of players before player i is uniform on 0 to n - 1, and given it they are a uniform
group of that size. So a semivalue that gives size j the probability q_j is the mean of n q_j times the marginal:
all semivalues read the same permutations.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.settings import InputError
from ..values import FloatArray
from .asked import Asked
from .sampling import WAVE, Sample, Stops

FEW = 16
"""Draws below which what they say of a player is shrunk, unless all sizes count the same."""
Order = NDArray[np.int64]


def from_permutations(
    asked: Asked, weights: FloatArray, stops: Stops, truncation: float, rng: np.random.Generator
) -> Sample:
    """Worths from pairs of a permutation and its reverse, with the effect of size taken out.

    weights: (n,), the probability of each size of the group joined. Raises InputError for a budget below one pair.
    """
    n = len(asked.players)
    if stops.budget is not None and stops.budget < 2 * n:
        raise InputError("budget", stops.budget, f"at least {2 * n}, for one draw with {n} players")
    asked.values([0, asked.everyone])
    waiting: list[Order] = []
    orders: list[Order] = []
    walks: list[FloatArray] = []
    cut, why = 0, ""
    while len(orders) < stops.draws:
        waiting += [rng.permutation(n) for _ in range(min(WAVE, stops.draws - len(orders)) - len(waiting))]
        count = len(waiting)
        if stops.budget is not None:
            needed = (_prefixes(order) + _prefixes(order[::-1]) for order in waiting)
            count = asked.affordable(needed, stops.budget)
        if not count:
            why = f", all that a budget of {stops.budget} evaluations allows"
            break
        wave, waiting = waiting[:count], waiting[count:]
        walk, truncated = _walks(asked, [order for one in wave for order in (one, one[::-1])], truncation)
        walks.append(walk.reshape(count, 2, n + 1, -1))
        orders += wave
        cut += truncated
        if stops.target is None:
            continue  # estimates are not for nothing
        if stops.reached(estimates(np.array(orders), np.concatenate(walks), weights).mean(axis=2)):
            why = ", enough for the standard error asked for"
            break
    draws = estimates(np.array(orders), np.concatenate(walks), weights)
    note = f"{2 * len(orders)} permutations{why}" + _bias(cut, truncation, weights)
    return Sample(draws.mean(axis=0), draws.mean(axis=2), note)


def estimates(orders: Order, walks: FloatArray, weights: FloatArray) -> FloatArray:
    """Each pair's estimate of every worth under every seed, (draws, n, seeds); their mean is the estimate.

    orders: (draws, n), the players of each first permutation. walks: (draws, 2, n + 1, seeds), the values met on
    the way through it and through its reverse. From each marginal we take what the OTHER pairs let expect, a part
    typical of the player and one typical of the place, and add back what that comes to over all places, which is
    known exactly: so nothing is biased. For Shapley every pair's worths add up to v(N) - v(empty).
    """
    steps = np.diff(walks, axis=2)
    steps[:, 1] = steps[:, 1, ::-1]  # both by the place in the first permutation
    player, place = _expected(orders, steps, weights)
    back = player + (place * weights[:, None]).sum(axis=1, keepdims=True)
    own = np.take_along_axis(player, orders[:, :, None], axis=1)
    scale = (len(weights) * weights)[:, None]
    up, down = steps[:, 0] - own - place, steps[:, 1] - own - place[:, ::-1]
    found: FloatArray = _by_player(orders, (up * scale + down * scale[::-1]) / 2) + back
    return found


def _expected(orders: Order, steps: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For each pair what the others say of marginals: by player and by place, both (draws, n, seeds).

    steps: (draws, 2, n, seeds). By player: the mean marginal, weighed by how much a place counts in the variance.
    By place: the mean of what the marginals there exceed that by.
    """
    draws, n = orders.shape
    if draws < 2:
        return np.zeros_like(steps[:, 0]), np.zeros_like(steps[:, 0])
    counts = ((weights / weights.max()) ** 2)[:, None]
    top = _by_player(orders, counts * steps[:, 0] + counts[::-1] * steps[:, 1])
    bottom = _by_player(orders, np.broadcast_to(counts + counts[::-1], (draws, n, 1)))
    # Of few draws, those that met a player where it counts may be none.
    prior = 4 * counts.mean() if draws < FEW and np.ptp(weights) else 0.0
    heard = bottom.sum(axis=0) - bottom + prior
    enough = heard > 1e-6  # what is left of a difference below that may be rounding alone
    player = np.where(enough, (top.sum(axis=0) - top) / np.where(enough, heard, 1.0), 0.0)
    by_place = (steps[:, 0] + steps[:, 1, ::-1]) / 2
    own = np.take_along_axis(player, orders[:, :, None], axis=1)
    own = (own + own[:, ::-1]) / 2
    spots = np.bincount((orders + n * np.arange(n)).ravel(), minlength=n * n).reshape(n, n)  # place, player
    met = np.moveaxis(np.tensordot((spots + spots[::-1]) / 2, player, axes=(1, 1)), 0, 1)
    place = ((by_place.sum(axis=0) - by_place) - (met - own)) / (draws - 1)
    return player, place


def _by_player(orders: Order, by_place: FloatArray) -> FloatArray:
    """(draws, n, seeds) from the places of each draw's first permutation to the players."""
    found = np.empty(by_place.shape)
    np.put_along_axis(found, orders[:, :, None], by_place, axis=1)
    return found


def _prefixes(order: Order) -> list[int]:
    """The groups met on the way, of 1 to n - 1 players."""
    mask, met = 0, []
    for i in order[:-1].tolist():
        mask |= 1 << i
        met.append(mask)
    return met


def _walks(asked: Asked, orders: list[Order], truncation: float) -> tuple[FloatArray, int]:
    """The values on the way through each order, (orders, n + 1, seeds), and how many orders were cut short."""
    n = len(asked.players)
    ways = [[0, *_prefixes(order), asked.everyone] for order in orders]
    if not truncation:
        flat = [mask for way in ways for mask in way]
        return asked.values(flat).reshape(len(orders), n + 1, -1), 0
    ends = asked.values([0, asked.everyone])
    walks = np.empty((len(orders), n + 1, ends.shape[1]))
    walks[:, 0], walks[:, n] = ends
    going = np.arange(len(orders))
    # The last player's marginal needs no evaluation, so there is nothing to gain by cutting it.
    for place in range(n - 1):
        near = np.abs((walks[going, n] - walks[going, place]).mean(axis=1)) < truncation
        walks[going[near], place:] = _straight(walks[going[near], place], ends[1], n - place)
        going = going[~near]
        if not going.size:
            break
        walks[going, place + 1] = asked.values([ways[walk][place + 1] for walk in going])
    return walks, len(orders) - len(going)


def _straight(start: FloatArray, end: FloatArray, steps: int) -> FloatArray:
    """From each start (k, seeds) to the end (seeds,) in equal steps, (k, steps + 1, seeds)."""
    share: Any = np.arange(steps + 1)[:, None] / steps
    way: FloatArray = start[:, None] + share * (end - start)[:, None]
    way[:, -1] = end
    return way


def _bias(cut: int, truncation: float, weights: FloatArray) -> str:
    if not truncation:
        return ""
    bound = truncation * len(weights) * weights.max()
    return (
        f", {cut} of them truncated: bias of each worth below {bound:.6g} if no group is worth less than a part of it"
    )
