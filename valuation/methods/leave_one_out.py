"""Leave-one-out: what is lost without a player."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np

from ...ml_tasks.settings import Checked
from ..utility import Utility, UtilityTable, distinct
from ..values import Values


@dataclass(frozen=True)
class LeaveOneOut(Checked):
    """What everyone together would lose without this one player: v(N) - v(N without i).

    Exact, n + 1 evaluations. The worths do not add up to v(N). Source: textbook deletion value; as a baseline
    for data values [GZ19].
    """

    def __call__(self, players: Iterable[Hashable], utility: Utility, rng: np.random.Generator) -> Values:
        names, table = distinct(players), UtilityTable(utility)
        everyone = frozenset(names)
        worth = np.array([table(everyone) - table(everyone - {name}) for name in names], dtype=np.float64)
        return Values(names, worth, np.zeros(len(names)), table.evaluations, "leave_one_out", "exact")
