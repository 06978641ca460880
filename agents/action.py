"""Action: markets before, after and without the levers of a round."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever
from ..coalitions.position import Market, Position

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel


def before_levers(model: "CoalitionModel", without: "Coalition | None" = None) -> Market:
    """The market at the start of a round: the data of whoever struck are back, copies that were given stay.

    A lever works for one round and is pulled anew if it is voted for anew: people who strike go on using the
    service. `without` a coalition: as if it had never given a copy.
    """
    market: dict[str, Position] = {}
    for i, firm in enumerate(model.firms):
        holdings = model.initial[firm.name]
        for coalition in model.coalitions:
            if coalition is not without and firm.name in coalition.copies:
                given = coalition.copies[firm.name] & ~holdings.present
                holdings = holdings.with_(given)
        served = model.population.service == i
        market[firm.name] = Position(holdings, holdings, served, np.zeros_like(served))
    return market


def after(model: "CoalitionModel", market: Market, lever: Lever, members: NDArray[np.integer]) -> Market:
    """The market after these members pulled a lever and the firms retrained; nothing is changed in place."""
    return _retrained(model, lever(market, members, model.streams("lever", model.round)))


def pull(model: "CoalitionModel") -> Market:
    """All coalitions whose threats were refused act at once, and the firms retrain on what is left."""
    market = model.start
    for coalition in model.coalitions:
        before, market = market, _pulled_by(model, coalition, market)
        if model.world.law.copies == "kept":
            _note_copies(coalition, before, market)
    return _retrained(model, market)


def without_campaign(model: "CoalitionModel", coalition: "Coalition") -> Market:
    """This round as it would have been had the coalition never acted; the same people are served."""
    market = before_levers(model, without=coalition)
    for other in model.coalitions:
        if other is not coalition:
            market = _pulled_by(model, other, market)
    retrained = _retrained(model, market)
    return {name: replace(position, served=model.market[name].served) for name, position in retrained.items()}


def _pulled_by(model: "CoalitionModel", coalition: "Coalition", market: Market) -> Market:
    # Nobody is in two coalitions, so the order of the coalitions makes no difference.
    campaign = coalition.campaign
    return campaign.pulled(market, campaign.compliers, model.streams("lever", model.round))


def _note_copies(coalition: "Coalition", before: Market, market: Market) -> None:
    """Remember whose data a product has from this coalition."""
    for name, position in market.items():
        given = position.holdings.present & ~before[name].holdings.present
        if given.any():
            coalition.copies[name] = coalition.copies.get(name, np.zeros_like(given)) | given


def _retrained(model: "CoalitionModel", market: Market) -> Market:
    return {name: position.redeployed(model.world.law.old_weights) for name, position in market.items()}
