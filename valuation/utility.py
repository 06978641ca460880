"""Utilities: what a group of players achieves, as a set function.

A utility takes a frozenset of players and returns one finite number (a test score, money, a share). It must
give the same number for the same group whenever it is asked: then a group need be evaluated only once, and
every valuation method can read from the same table.
"""

import math
from collections.abc import Hashable
from typing import Any, Protocol

from ..ml_tasks.settings import InputError

LARGEST = 1e150
"""Values above this size are refused: their squares, needed for standard errors, would overflow."""


class Utility(Protocol):
    """The value of a group of players, in any unit, the empty group included."""

    def __call__(self, group: frozenset[Any], /) -> float: ...


class UtilityTable:
    """A utility that remembers: each distinct group is evaluated once, however often it is asked for.

    Give one table to several methods and they share its evaluations. `evaluations` counts the distinct
    groups evaluated so far. Raises InputError when the utility returns anything but a finite number of
    size at most 1e150; whatever the utility itself raises passes through.
    """

    def __init__(self, utility: Utility) -> None:
        self._utility = utility
        self._bits: dict[Hashable, int] = {}
        self._known: dict[int, float] = {}

    @property
    def evaluations(self) -> int:
        return len(self._known)

    @property
    def largest(self) -> float:
        """The largest size of any value so far: the scale of the rounding errors in their differences."""
        return max(map(abs, self._known.values()), default=0.0)

    def __call__(self, group: frozenset[Any], /) -> float:
        key = self._key(group)
        if key not in self._known:
            self._known[key] = _finite(self._utility(group), len(group))
        return self._known[key]

    def _key(self, group: frozenset[Any]) -> int:
        # One bit a player: a remembered frozenset of 500 players weighs 32 kB, this key about 100 bytes.
        key = 0
        for player in group:
            key |= 1 << self._bits.setdefault(player, len(self._bits))
        return key


def _finite(value: object, size: int) -> float:
    where = f"utility of a group of {size}"
    expected = f"a finite number of size at most {LARGEST:g}"
    try:
        number = math.nan if isinstance(value, str | bytes) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise InputError(where, repr(value), expected) from None
    if not abs(number) <= LARGEST:
        raise InputError(where, repr(value), expected)
    return number
