"""Campaigns of one round together: what they do jointly is shared among them by Shapley's value.

With and without one campaign, the others going on, says what it adds to the rest: where two do the same thing, both may
add little. Shapley's value averages that over all orders, so that the shares add up to what all do together. People who
act alone have no campaign: they do in every one of these worlds what they did.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.position import Market
from ..valuation.methods.exact import mean_marginals
from .action import with_only, without_campaign

if TYPE_CHECKING:
    from .model import CoalitionModel
    from .party import Party

Floats = NDArray[np.float64]
MOST = 5
"""Campaigns up to which all 2^k worlds are trained; beyond, the shares are left open."""


@dataclass(frozen=True, eq=False)
class Campaigns:
    """The coalitions that act, or whose earlier acts last, and the round had only some of them ever acted."""

    active: tuple[int, ...]
    """Places of these coalitions among all."""
    worlds: tuple[Market, ...]
    """2^k markets: world m has the campaign of the i-th where bit i of m is set. None if they are too many."""

    @classmethod
    def of(cls, model: "CoalitionModel") -> "Campaigns":
        """The campaigns of the round just played."""
        active = tuple(c.index for c in model.coalitions if c.leaves_traces)
        if len(active) > MOST:
            return cls(active, ())
        groups = [[i for place, i in enumerate(active) if m >> place & 1] for m in range(2 ** len(active) - 1)]
        some = [with_only(model, [*(model.coalitions[i] for i in group), *model.scattered]) for group in groups]
        return cls(active, (*some, model.market))

    def without(self, model: "CoalitionModel", party: "Party") -> Market:
        """This round as it would have been had one coalition, or people in none, never acted; the same people are
        served."""
        if not party.leaves_traces:
            return model.market
        if party.index is None or not self.worlds:
            return without_campaign(model, party)
        return self.worlds[-1 - (1 << self.active.index(party.index))]

    def shares(self, worth: Callable[[Market], Floats]) -> dict[int, Floats]:
        """The Shapley share, (seeds,), of each active coalition in what all of them do to `worth`, (seeds,), of a
        market; nan if they are too many, or worth is undefined."""
        if len(self.active) == 0:
            return {}
        by_group = np.stack([worth(market) for market in self.worlds]) if self.worlds else np.full((1, 1), np.nan)
        if np.isnan(by_group).any():
            return dict.fromkeys(self.active, np.full(by_group.shape[1], np.nan))
        return dict(zip(self.active, mean_marginals(by_group).mean(axis=1), strict=True))
