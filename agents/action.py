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
        market = _pulled_by(model, coalition, market)
    return _retrained(model, market)


def keep_copies(model: "CoalitionModel") -> None:
    """Where the law lets rivals keep what they were given, remember whose data they have from which coalition.

    Called when the round has been measured: until then the round began without these copies.
    """
    if model.world.law.copies != "kept":
        return
    for coalition in model.coalitions:
        # Whoever is there after the lever was pulled on firms that had nothing was given by it.
        nothing = {name: position.emptied() for name, position in model.start.items()}
        for name, position in _pulled_by(model, coalition, nothing).items():
            given = position.holdings.present
            if given.any():
                coalition.copies[name] = coalition.copies.get(name, np.zeros_like(given)) | given


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


def _retrained(model: "CoalitionModel", market: Market) -> Market:
    """From scratch on what is held; where the law lets a firm keep old weights, or a firm does so anyway, on those."""
    lenient = model.world.law.old_weights == "kept"
    keeping = {firm.name for firm in model.world.firms if lenient or firm.retains_weights}
    return {name: position.redeployed("kept" if name in keeping else "retrained") for name, position in market.items()}
