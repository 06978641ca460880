"""The Owen value: the Shapley value where players belong to unions that bargain as one [O77].

[O77] Owen, Values of Games with a Priori Unions, 1977.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.settings import Checked, InputError, Interval
from ..examples import offered
from ..utility import BATCH, Utility, distinct
from ..values import FloatArray, Values
from .asked import Asked
from .method import Players
from .sampling import WAVE, Sample, Stops

FEWEST = 24
"""Draws before their standard error is trusted to stop at."""
Union = list[int]
"""Its members, as positions in the players."""
Order = NDArray[np.int64]


@dataclass(frozen=True)
class Owen(Checked):
    """What a player adds on average where unions arrive in random order, each as a block in random order [O77].

    Shapley among the unions; inside union k, Shapley of the game w(T) = the Shapley value of k in the quotient game
    in which k is replaced by its part T. Adds up to v(N) - v(empty); a union's members together get the union's
    Shapley value in the quotient game. All in one union, or all alone, it is the Shapley value.
    """

    name: ClassVar[str] = "owen"

    exact_up_to: Annotated[int, Interval(ge=0, le=2**20)] = 2**16
    """Where so many groups or fewer decide it: exact, each evaluated once, unless the budget forbids it. Of m unions
    there are 2^m, and (2^u - 2) 2^(m-1) more for each union of u."""
    permutations: Annotated[int | None, Interval(ge=1)] = None
    """Random permutations at most; a permutation and its reverse are one draw. None: 200, or without limit (20,000)
    if one of the next two is given."""
    budget: Annotated[int | None, Interval(ge=1)] = None
    """Evaluations at most: distinct groups asked for. No draw is begun that might not be paid for to its end: what it
    would find has no say in whether it counts."""
    target_stderr: Annotated[float | None, Interval(gt=0)] = None
    """Stop once the largest standard error (from sampling alone) is no larger. Looked at after every eight draws, from
    the 24th."""
    unions: Mapping[str, str] | tuple[tuple[str, str], ...] | None = None
    """The union of each player, as a mapping or as pairs; None: the utility's attribute `unions`, such a mapping. A
    player in none, or in None, is a union of their own; a player in two is refused; other names are passed over."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.unions is not None:
            object.__setattr__(self, "unions", tuple(_pairs(self.unions).items()))  # hashable, as a setting should be

    def __call__(self, players: Iterable[Hashable], utility: Utility, rng: np.random.Generator) -> Values:
        names = distinct(players)
        if not names:
            return Values(names, np.empty(0), np.empty(0), 0, self.name, "exact", adds_up=True)
        unions, asked = self._unions(names, utility), Asked(names, utility)
        needed = groups_needed(unions)
        if len(names) == 1 or (needed <= self.exact_up_to and (self.budget is None or needed <= self.budget)):
            by_seed, draws, note = _exact(unions, asked), None, "exact"
        else:
            stops = Stops(self.permutations, self.budget, self.target_stderr)
            sample = _sampled(unions, asked, stops, rng)
            by_seed, draws, note = sample.by_seed, sample.draws, sample.note
        note += f", {len(unions)} unions, {sum(len(union) == 1 for union in unions)} of them a player alone"
        return Values.of_seeds(
            names, by_seed, draws, asked.evaluations, self.name, note,
            noisy=asked.noisy, adds_up=True, largest=asked.largest,
        )  # fmt: skip

    def _unions(self, players: Players, utility: Utility) -> list[Union]:
        """The members of each union, unions in the order of their first members."""
        given = self.unions if self.unions is not None else offered(utility, "unions")
        if given is None:
            raise InputError("unions", "none", "the union of each player, in the method or as the utility's `unions`")
        of, members = _pairs(given), dict[Hashable, Union]()
        for place, player in enumerate(players):
            name = of.get(player)
            members.setdefault((name, None) if name is not None else (None, player), []).append(place)
        return list(members.values())


def _pairs(given: Any) -> dict[Hashable, Hashable]:
    """The union of each player. Raises InputError for a player in two, and for anything that is not such a list."""
    expected = "a mapping from players to the name of the union of each, or pairs of both"
    found: dict[Hashable, Hashable] = {}
    try:
        for player, union in given.items() if isinstance(given, Mapping) else [(a, b) for a, b in given]:
            several = isinstance(union, list | tuple | set | frozenset)
            if several or found.get(player, union) != union:
                both = union if several else [found[player], union]
                raise InputError("unions", f"{player!r} in {both!r}", "each player in one union: they are a partition")
            hash(union)
            found[player] = union
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("unions", repr(given)[:60], expected) from None
    return found


def groups_needed(unions: list[Union]) -> int:
    """How many groups decide the value: whole unions, with a part of one of them."""
    whole = 1 << len(unions)
    return whole + sum(((1 << len(union)) - 2) * whole // 2 for union in unions)


def _exact(unions: list[Union], asked: Asked) -> FloatArray:
    """The worths under every seed, shape (n, seeds), from all whole unions with every part of one."""
    worth: dict[int, list[float]] = {}
    outer = _weights(len(unions))
    for k, union in enumerate(unions):
        sides = _sums([_mask(other) for other in unions[:k] + unions[k + 1 :]])
        parts = _sums([1 << member for member in union])
        found = _values([side | part for side in sides for part in parts], asked)
        found = found.reshape(len(sides), len(parts), -1)
        inner, place = _weights(len(union)), np.arange(len(parts))
        for j, member in enumerate(union):
            without = place[place >> j & 1 == 0]
            weight = np.outer(outer[np.bitwise_count(np.arange(len(sides)))], inner[np.bitwise_count(without)])
            terms = weight[:, :, None] * (found[:, without | 1 << j] - found[:, without])
            # fsum does not depend on the order of its terms: players alike get the very same worth.
            worth[member] = [math.fsum(column) for column in terms.reshape(-1, found.shape[2]).T.tolist()]
    return np.array([worth[i] for i in range(len(worth))])


def _sampled(unions: list[Union], asked: Asked, stops: Stops, rng: np.random.Generator) -> Sample:
    """Worths from permutations that keep unions together, each with its reverse."""
    n, needed = len(asked.players), groups_needed(unions)
    least = min(2 * n, needed)
    if stops.budget is not None and stops.budget < least:
        raise InputError("budget", stops.budget, f"at least {least}, for a permutation of {n} players and its reverse")
    asked.values([0, asked.everyone])
    waves: list[FloatArray] = []
    drawn, why = 0, ""
    while drawn < stops.draws:
        count = min(WAVE, stops.draws - drawn)
        if stops.budget is not None and stops.budget < needed:
            count = min(count, (stops.budget - asked.evaluations) // (2 * n - 2))
        if not count:
            why = f", all that a budget of {stops.budget} evaluations allows"
            break
        waves.append(_drawn([_order(unions, rng) for _ in range(count)], asked))
        drawn += count
        if drawn >= FEWEST and stops.reached(np.concatenate(waves).mean(axis=2)):
            why = ", enough for the standard error asked for"
            break
    draws = np.concatenate(waves)
    return Sample(draws.mean(axis=0), draws.mean(axis=2), f"{2 * drawn} permutations{why}")


def _order(unions: list[Union], rng: np.random.Generator) -> Order:
    """Unions in random order, each one's members in random order."""
    return np.concatenate([rng.permutation(unions[k]) for k in rng.permutation(len(unions))])


def _drawn(orders: list[Order], asked: Asked) -> FloatArray:
    """Each order's marginals (orders, n, seeds), averaged with those of the reverse order."""
    ways = np.array([way for order in orders for way in (order, order[::-1])])
    masks: list[int] = []
    for way in ways.tolist():
        masks.append(0)
        for player in way:
            masks.append(masks[-1] | 1 << player)
    steps = np.diff(asked.values(masks).reshape(len(ways), ways.shape[1] + 1, -1), axis=1)
    marginals = np.empty_like(steps)
    np.put_along_axis(marginals, ways[:, :, None], steps, axis=1)
    return (marginals[::2] + marginals[1::2]) / 2


def _mask(members: Union) -> int:
    return sum(1 << member for member in members)


def _sums(masks: Sequence[int]) -> list[int]:
    """All that can be put together of these masks: place p has those whose bits p has."""
    found = [0]
    for mask in masks:
        found += [part | mask for part in found]
    return found


def _values(masks: list[int], asked: Asked) -> FloatArray:
    return np.concatenate([asked.values(masks[start : start + BATCH]) for start in range(0, len(masks), BATCH)])


def _weights(n: int) -> FloatArray:
    """Shapley's weight of a group of each size, 0 to n - 1, that one of n joins."""
    return np.array([1 / (n * math.comb(n - 1, size)) for size in range(n)])
