"""Exposure: how many owners hold a person's records, or run weights that saw them, and what people make of that."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.position import Market

if TYPE_CHECKING:
    from .campaigns import Campaigns
    from .coalition import Coalition
    from .model import CoalitionModel


def exposed(model: "CoalitionModel", market: Market) -> NDArray[np.int64]:
    """How many owners have each person's records, or weights fitted on them, (users,). The products of one owner count
    once; people without records are exposed to nobody."""
    count = np.zeros(model.population.n, dtype=np.int64)
    for owned in model.owners:
        positions = [market[model.firms[place].name] for place in owned]
        held = np.any([p.holdings.present | p.deployed.present for p in positions], axis=0)
        count[: len(held)] += held
    return count


def added(model: "CoalitionModel", market: Market, before: Market) -> NDArray[np.int64]:
    """By how many owners each person is more exposed in one market than in another, (users,)."""
    return exposed(model, market) - exposed(model, before)


def note(model: "CoalitionModel", campaigns: "Campaigns") -> None:
    """Keep account of how much more exposed the acts of each coalition, and of people in none, leave people in this
    round, where that is worth money to anybody."""
    for party in model.parties:
        if model.world.users.hardship.exposure and party.leaves_traces:
            party.campaign.exposed = added(model, model.market, campaigns.without(model, party))


def of_members(coalition: "Coalition") -> float:
    """By how much the coalition's acts leave its members more exposed, on average and beyond what others are."""
    more, inside = coalition.campaign.exposed, coalition.model.population.member[:, coalition.index]
    return 0.0 if more is None else _mean(more[inside]) - _mean(more[~inside])


def _mean(more: NDArray[np.int64]) -> float:
    return float(more.mean()) if len(more) else 0.0
