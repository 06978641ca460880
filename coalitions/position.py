"""Position: what one product of a firm has, and who uses it. A market maps product names to positions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.holdings import Holdings
from ..ml_tasks.portions import NOTHING, WHOLE, Portion

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Position:
    """One product's data and people. Masks are over all users; contributors are the first of them."""

    holdings: Holdings
    """The data its firm has now."""
    deployed: Holdings
    """The data that its running weights were fitted on."""
    served: Mask
    """Who uses it."""
    boycotted: Mask
    """Who refuses to use it."""
    arrived: Portion = WHOLE
    """Which of people's records exist by now, this round's included."""
    fresh: Portion = NOTHING
    """Which of them arrive in this round."""
    asked: "tuple[tuple[Portion, Mask], ...]" = ()
    """Who has asked in this round that records they own be taken out: portions that do not overlap, and the people who
    asked for each, (users,). Kept where records have several owners."""

    def left_by(self, members: NDArray[np.integer]) -> "Position":
        """This position after the members stopped using the product."""
        served, boycotted = self.served.copy(), self.boycotted.copy()
        served[members], boycotted[members] = False, True
        return replace(self, served=served, boycotted=boycotted)

    def emptied(self) -> "Position":
        """This position without anybody's data."""
        return self.holding(Holdings.nobody(len(self.holdings.codes)))

    def holding(self, holdings: Holdings) -> "Position":
        """This position with other data; the weights that run are still the old ones."""
        return replace(self, holdings=holdings)

    def redeployed(self, old_weights: Literal["retrained", "kept"], used: Holdings | None = None) -> "Position":
        """This position after its firm retrained, or kept the old weights where the law lets it.

        A firm that may keep old weights does so as long as they were fitted on all the data it has now: a
        withdrawal then changes nothing that people see. New data, or data that changed, make it retrain. `used` are
        those of the holdings that it trains on; None: all.
        """
        used = self.holdings if used is None else used
        if old_weights == "kept" and not used.unlike(self.deployed).any():
            return self
        return replace(self, deployed=used)


Market = Mapping[str, Position]
