"""Valuation methods: from a utility over groups to the worth of each player.

Every method takes the players (a sequence of distinct hashable things), a utility (frozenset -> finite float)
and a random generator, and returns `Values` in the order and unit given. A player who never changes the
utility is worth 0; in a game that merely adds up the players' own numbers, each is worth their own number. No
players is not an error: the answer is empty and the utility is never asked. All raise InputError for repeated
or unhashable players and for a utility that is not a finite number.
"""

import math
import operator
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, fields
from numbers import Real
from typing import Annotated, Any, Protocol

import numpy as np

from ..ml_tasks.settings import Checked, InputError, Interval, NonNegative, PositiveCount
from .utility import Utility, UtilityTable
from .values import FloatArray, Values

Players = tuple[Hashable, ...]
# Differences of values up to size x are wrong by a few units in the last place of x.
ROUNDING = 16 * float(np.finfo(np.float64).eps)


class Method(Protocol):
    """Players, a utility over groups of them and a random generator -> what each is worth."""

    def __call__(self, players: Iterable[Hashable], utility: Utility, rng: np.random.Generator) -> Values: ...


@dataclass(frozen=True)
class LeaveOneOut(Checked):
    """What everyone together would lose without this one player: v(N) - v(N without i).

    Exact, n + 1 evaluations. The worths do not add up to v(N). Source: textbook deletion value; as a baseline
    for data values [GZ19].
    """

    def __call__(self, players: Iterable[Hashable], utility: Utility, rng: np.random.Generator) -> Values:
        names, table = _distinct(players), UtilityTable(utility)
        everyone = frozenset(names)
        worth = np.array([table(everyone) - table(everyone - {name}) for name in names], dtype=np.float64)
        return Values(names, worth, np.zeros(len(names)), table.evaluations, "leave_one_out", "exact")


@dataclass(frozen=True)
class Shapley(Checked):
    """What a player adds on average when everyone arrives in random order; adds up to v(N) - v(empty) [GZ19].

    exact_up_to: with so many players or fewer, the exact value from all 2^n groups, each evaluated once
    (stderr 0; players alike in the game are worth exactly the same). With more, the mean over `permutations`
    random orders, about permutations x n evaluations, with the standard error of that mean (ddof=1; nan for
    one order or if all orders agree to rounding).

    truncation: of the random orders only, in the unit of the utility, 0 = off. Once |v(N) - v(S)| is under
    it, the players still to come share v(N) - v(S) equally and are not evaluated. This biases each worth by
    less than the tolerance provided that no group is worth less than a part of it (a monotone game); the
    note says so.
    """

    exact_up_to: Annotated[int, Interval(ge=0, le=20)] = 8
    permutations: PositiveCount = 200
    truncation: NonNegative = 0.0

    def __call__(self, players: Iterable[Hashable], utility: Utility, rng: np.random.Generator) -> Values:
        names, table = _distinct(players), UtilityTable(utility)
        if not names:
            return Values(names, np.empty(0), np.empty(0), 0, "shapley", "exact")
        if len(names) <= self.exact_up_to:
            worth = _exact_shapley(names, table)
            return Values(names, worth, np.zeros(len(names)), table.evaluations, "shapley", "exact")
        return self._sampled(names, table, rng)

    def _sampled(self, players: Players, table: UtilityTable, rng: np.random.Generator) -> Values:
        draws = np.empty((self.permutations, len(players)))
        cut = [self._draw(row, rng.permutation(len(players)), players, table) for row in draws]
        note = f"{self.permutations} permutations"
        if self.truncation > 0:
            note += (
                f", {sum(cut)} of them truncated: bias of each worth below {self.truncation:g}"
                " if no group is worth less than a part of it"
            )
        stderr = _stderr_of_draws(draws, table.largest)
        return Values(players, draws.mean(axis=0), stderr, table.evaluations, "shapley", note)

    def _draw(self, row: FloatArray, order: Any, players: Players, table: UtilityTable) -> bool:
        """Fill `row` with each player's marginal along one order; True if its tail was truncated."""
        group: frozenset[Hashable] = frozenset()
        everyone, before = table(frozenset(players)), table(group)
        for place, i in enumerate(order):
            left = len(order) - place
            # The last player's marginal needs no evaluation, so there is nothing to gain by truncating it.
            if left > 1 and abs(everyone - before) < self.truncation:
                row[order[place:]] = (everyone - before) / left
                return True
            group |= {players[i]}
            after = table(group)
            row[i], before = after - before, after
        return False


METHODS: dict[str, type[Any]] = {
    "leave_one_out": LeaveOneOut,
    "shapley": Shapley,
}


def values(
    players: Iterable[Hashable],
    utility: Utility,
    method: str = "shapley",
    seed: int = 0,
    **settings: float,
) -> Values:
    """What each of `players` is worth in the game `utility`.

    utility: any Python callable from a frozenset of players to a finite number. method: a key of METHODS;
    **settings: fields of that method (`values(p, v, permutations=1000)`). The same seed gives the same
    answer. Raises InputError, one sentence, for an unknown method or setting, a setting out of bounds, a
    repeated player, or a utility that is not a finite number.
    """
    if not callable(utility):
        raise InputError("utility", type(utility).__name__, "a callable from a frozenset of players to a number")
    return _built(method, settings)(players, utility, _generator(seed))


def _exact_shapley(players: Players, table: UtilityTable) -> FloatArray:
    n = len(players)
    worth_of = np.array([table(_group(players, mask)) for mask in range(1 << n)])
    masks = np.arange(1 << n)
    weight = np.array([1 / (n * math.comb(n - 1, size)) for size in range(n)])
    worth = np.empty(n)
    for i in range(n):
        without = masks[masks >> i & 1 == 0]
        marginals = worth_of[without | 1 << i] - worth_of[without]
        # fsum does not depend on the order of its terms, so players alike in the game get the very same
        # worth: a last bit of difference would decide the whole pot under a dividend such as shift.
        worth[i] = math.fsum(weight[np.bitwise_count(without)] * marginals)
    return worth


def _group(players: Players, mask: int) -> frozenset[Hashable]:
    return frozenset(player for i, player in enumerate(players) if mask >> i & 1)


def _stderr_of_draws(draws: FloatArray, largest: float) -> FloatArray:
    """Standard error of each column's mean; nan where its draws agree to the rounding of values so large."""
    count, n = draws.shape
    if count < 2:
        return np.full(n, np.nan)
    unit = largest or 1.0  # squares of tiny numbers would vanish
    stderr = unit * (draws / unit).std(axis=0, ddof=1) / math.sqrt(count)
    return np.where(np.ptp(draws, axis=0) <= ROUNDING * largest, np.nan, stderr)


def _distinct(players: Iterable[Hashable]) -> Players:
    try:
        names = tuple(players)
        seen: set[Hashable] = set()
        for name in names:
            if name in seen:
                raise InputError("players", f"{name!r} more than once", "each player once")
            seen.add(name)
    except TypeError as error:
        raise InputError("players", str(error), "a sequence of hashable names") from None
    return names


def _built(method: str, settings: dict[str, Any]) -> Method:
    if method not in METHODS:
        raise InputError("method", repr(method), f"one of {', '.join(METHODS)}")
    defaults = {field.name: field.default for field in fields(METHODS[method])}
    for name, value in settings.items():
        if name not in defaults:
            known = f"one of {', '.join(defaults)}" if defaults else "no settings"
            raise InputError(f"settings of {method}", repr(name), known)
        whole = isinstance(defaults[name], int)
        if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer if whole else Real):
            raise InputError(name, repr(value), "a whole number" if whole else "a number")
        # numpy's own scalars would slip past the bounds, which hold for Python numbers.
        settings[name] = int(value) if whole else float(value)  # type: ignore[arg-type]
    built: Method = METHODS[method](**settings)
    return built


def _generator(seed: int) -> np.random.Generator:
    try:
        return np.random.default_rng(operator.index(seed))
    except (TypeError, ValueError):
        raise InputError("seed", repr(seed), "a whole number of at least 0") from None
