"""Action: markets before, after and without the levers of a round."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever
from ..coalitions.position import Market, Position

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel


def before_levers(model: "CoalitionModel", only: "Iterable[Coalition] | None" = None) -> Market:
    """The market at the start of a round: the data of whoever struck are back, copies that were given stay.

    A lever works for one round and is pulled anew if it is voted for anew: people who strike go on using the
    service. With `only` some coalitions: as if no other had ever given a copy.
    """
    market: dict[str, Position] = {}
    for i, firm in enumerate(model.firms):
        holdings = model.initial[firm.name]
        for coalition in model.coalitions if only is None else only:
            if firm.name in coalition.copies:
                given = coalition.copies[firm.name] & ~holdings.present
                holdings = holdings.with_(given)
        served = model.population.service == i
        market[firm.name] = Position(holdings, holdings, served, np.zeros_like(served))
    return market


def after(model: "CoalitionModel", market: Market, lever: Lever, members: NDArray[np.integer]) -> Market:
    """The market after these members pulled a lever and the firms retrained; nothing is changed in place."""
    return _retrained(model, lever(market, members, model.streams("lever", model.round)))


def in_turn(model: "CoalitionModel") -> "list[Coalition]":
    """The coalitions in the order in which they decide in this round."""
    coalitions = list(model.coalitions)
    if model.world.turns == "drawn":
        order = model.streams("turns", model.round).permutation(len(coalitions))
        return [coalitions[place] for place in order]
    return coalitions


def seen_by(model: "CoalitionModel", earlier: "Iterable[Coalition]") -> Market:
    """The market that a coalition decides on: that of the start of the round, or what those whose turn came before
    left of it."""
    if model.world.turns == "at_once":
        return model.start
    market = model.start
    for coalition in earlier:
        market = _pulled_by(model, coalition, market)
    return _retrained(model, market)


def afterwards(model: "CoalitionModel", market: Market, lever: Lever, members: NDArray[np.integer]) -> Market:
    """The market once such a campaign is over: data that were withdrawn are back, copies stay where the law lets them.

    Whom it drove to another firm is not in it: that is up to the people.
    """
    if model.world.law.copies != "kept":
        return market
    given = _given(model, lever, members)
    return _retrained(
        model, {name: p.holding(p.holdings.with_(given[name] & ~p.holdings.present)) for name, p in market.items()}
    )


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
        for name, given in _given(model, coalition.campaign.pulled, coalition.campaign.compliers).items():
            if given.any():
                coalition.copies[name] = coalition.copies.get(name, np.zeros_like(given)) | given


def without_campaign(model: "CoalitionModel", coalition: "Coalition") -> Market:
    """This round as it would have been had the coalition never acted; the same people are served."""
    return with_only(model, [other for other in model.coalitions if other is not coalition])


def with_only(model: "CoalitionModel", coalitions: "Sequence[Coalition]") -> Market:
    """This round as it would have been had no other coalition ever acted; the same people are served."""
    market = before_levers(model, coalitions)
    for coalition in coalitions:
        market = _pulled_by(model, coalition, market)
    retrained = _retrained(model, market)
    return {name: replace(position, served=model.market[name].served) for name, position in retrained.items()}


def _given(model: "CoalitionModel", lever: Lever, members: NDArray[np.integer]) -> dict[str, NDArray[np.bool_]]:
    """Whose data a lever gives to each product: who is there after it was pulled on firms that had nothing."""
    nothing = {name: position.emptied() for name, position in model.start.items()}
    market = lever(nothing, members, model.streams("lever", model.round))
    return {name: position.holdings.present for name, position in market.items()}


def _pulled_by(model: "CoalitionModel", coalition: "Coalition", market: Market) -> Market:
    # Nobody is in two coalitions, so the order of the coalitions makes no difference.
    campaign = coalition.campaign
    return campaign.pulled(market, campaign.compliers, model.streams("lever", model.round))


def _retrained(model: "CoalitionModel", market: Market) -> Market:
    """From scratch on what is held; where the law lets a firm keep old weights, or a firm does so anyway, on those."""
    lenient = model.world.law.old_weights == "kept"
    keeping = {firm.name for firm in model.world.firms if lenient or firm.retains_weights}
    return {name: position.redeployed("kept" if name in keeping else "retrained") for name, position in market.items()}
