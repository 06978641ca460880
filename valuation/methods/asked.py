"""What a method that samples has asked for: groups by bit mask, each once, in batches."""

from collections.abc import Iterable, Sequence
from itertools import compress

import numpy as np

from ..utility import Group, Utility, UtilityTable
from ..values import FloatArray
from .method import Players


class Asked:
    """The distinct groups that one method asked for, wherever their values come from.

    A group is a whole number: bit i is set if it has player i. Because a method counts what it asked for and not
    what was new to the table, a warm table and a cold one give the same draws, stops and counts.
    """

    def __init__(self, players: Players, utility: Utility) -> None:
        self.players = players
        self.everyone = (1 << len(players)) - 1
        self._table = utility if isinstance(utility, UtilityTable) else UtilityTable(utility, players)
        self._known: dict[int, FloatArray] = {}
        self.largest = 0.0
        """The largest size of any value asked for: the scale of rounding errors."""

    def __contains__(self, mask: int) -> bool:
        return mask in self._known

    @property
    def evaluations(self) -> int:
        return len(self._known)

    @property
    def noisy(self) -> bool:
        return self._table.noisy

    def values(self, masks: Sequence[int]) -> FloatArray:
        """The values of these groups under every seed, (groups, seeds); those not asked for yet in one batch."""
        missing = [mask for mask in dict.fromkeys(masks) if mask not in self._known]
        if missing:
            found = self._table.many([self._group(mask) for mask in missing])
            self._known.update(zip(missing, found, strict=True))
            self.largest = max(self.largest, float(np.abs(found).max()))
        if not masks:
            return np.empty((0, 1))
        # Ten times as fast as np.stack, for many little arrays.
        return np.frombuffer(b"".join([self._known[mask] for mask in masks])).reshape(len(masks), -1)  # type: ignore[misc]

    def affordable(self, draws: Iterable[Iterable[int]], budget: int) -> int:
        """How many of these draws, each the groups it needs, can be had in turn without asking for more than budget."""
        new: set[int] = set()
        count = 0
        for masks in draws:
            new.update(mask for mask in masks if mask not in self._known)
            if self.evaluations + len(new) > budget:
                break
            count += 1
        return count

    def _group(self, mask: int) -> Group:
        return frozenset(compress(self.players, map("1".__eq__, format(mask, "b")[::-1])))
