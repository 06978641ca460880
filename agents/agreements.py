"""Agreements: what firms do while they keep one, beside having paid."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..coalitions.demands import Demand
from ..coalitions.position import Market
from ..coalitions.training import TrainingBallot
from .experience import Custom
from .partnership import voted
from .training import elected

if TYPE_CHECKING:
    from .firm import Firm
    from .model import CoalitionModel


def in_force(model: "CoalitionModel", firm: str) -> list[Demand]:
    """What coalitions were granted by a firm for this round, in the order of the coalitions."""
    return [c.contract for c in model.coalitions if c.contract and c.granted_by == firm]


def ballots(model: "CoalitionModel", firm: "Firm") -> list[TrainingBallot]:
    """Votes on what a firm trains on that it has to hold in this round: first what it promised, then what coalitions
    were granted."""
    promised = [firm.settings.partner.training_vote] if firm.settings.partner else []
    asked = [*promised, *(demand.ballot for demand in in_force(model, firm.name))]
    return [ballot for ballot in asked if ballot]


def practise(model: "CoalitionModel") -> None:
    """Firms take the positions that agreements in force ask of them, or that their contributors voted for where they
    may, and train on what these voted for; on their own and by themselves again once none does."""
    before = [firm.positions for firm in model.firms]
    for firm in model.firms:
        firm.positions = {**firm.settings.positions, **firm.leaning}
        demands, partner = in_force(model, firm.name), firm.settings.partner
        if (partner and partner.position_vote) or any(demand.position_vote for demand in demands):
            firm.positions |= voted(model, firm.name)
        for demand in demands:
            firm.positions |= demand.positions
        firm.includes = elected(model, firm, ballots(model, firm))
    if before != [firm.positions for firm in model.firms]:
        model.custom = custom_of(model)


def custom_of(model: "CoalitionModel", firm: str = "", positions: Mapping[str, float] | None = None) -> Custom:
    """Where people go given the positions that firms have now, one firm's changed to these if so asked."""
    held = [other.positions | dict((positions or {}) if other.name == firm else {}) for other in model.firms]
    prices = np.array([other.settings.price for other in model.firms])
    to_found = np.array([bool(other.settings.founded_by) for other in model.firms])
    agreement, lines = model.population.agreement(held, model.world.issues), tuple(line.places for line in model.lines)
    return Custom(model.world.market, agreement, prices, to_found, lines)


def closed(model: "CoalitionModel", market: Market) -> Market:
    """The market with nobody using a product that an agreement has shut down."""
    everybody = np.arange(model.population.n)
    shut = [f.name for f in model.firms if any(demand.closes for demand in in_force(model, f.name))]
    return {**market, **{name: market[name].left_by(everybody) for name in shut}}
