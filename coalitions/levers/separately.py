"""What people do who are not organised: each their own lever."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..position import Market
from .lever import Lever, Members


@dataclass(frozen=True, eq=False)
class Separately:
    """Several levers at once, each pulled by people of its own. No option of a ballot."""

    parts: tuple[tuple[Lever, Members], ...]
    """Levers other than doing nothing, and who pulls each; no person pulls two."""

    @property
    def target(self) -> str:
        """The target of most of them."""
        return self._most.target

    @property
    def rival(self) -> str:
        return self._most.rival

    @property
    def effort(self) -> float:
        """The mean over all of them."""
        return float(np.average([lever.effort for lever, _ in self.parts], weights=self.sizes))

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many people pull each lever, (parts,)."""
        return np.array([len(own) for _, own in self.parts])

    @property
    def _most(self) -> Lever:
        return self.parts[int(self.sizes.argmax())][0]

    def __call__(self, market: Market, members: Members, rng: np.random.Generator) -> Market:
        for lever, own in self.parts:
            market = lever(market, np.intersect1d(own, members), rng)
        return market
