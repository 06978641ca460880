"""Bargaining: what a threat would really do, what the firm answers, and who pays whom."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.bargains import Stakes, settled
from ..coalitions.demands import Prospect
from ..coalitions.levers import Redirect
from .harm import lost_by_practice, threat_of
from .responses import Threat

if TYPE_CHECKING:
    from .coalition import Coalition
    from .firm import Firm
    from .model import CoalitionModel


def threaten(model: "CoalitionModel", coalition: "Coalition") -> None:
    """Work out the harm if those members who would carry it out did what was voted for."""
    campaign, members, people = coalition.campaign, coalition.members, model.population
    if not campaign.passed:
        return
    would = coalition.draws("compliance") < people.compliance[members]
    if coalition.charter.carried_out_by == "supporters":
        would &= campaign.supporters
    campaign.compliers = members[would]
    campaign.threat = threat_of(model, coalition, campaign.proposal, campaign.compliers)


def answer(model: "CoalitionModel", coalition: "Coalition") -> None:
    """They bargain: the target pays, or a rival does for the members' data, or the lever is pulled."""
    campaign = coalition.campaign
    if campaign.threat is None:
        return
    buyer, campaign.outside = best_offer(model, coalition)
    stakes = Stakes(model.firm(coalition.target).answer(campaign.threat), campaign.threat.cost, campaign.outside)
    price = coalition.charter.demand(_prospect(model, coalition, campaign.threat))
    if price is None:
        campaign.payment, campaign.sold = settled(coalition.charter.bargain, stakes)
    elif stakes.willing > 0 and price <= stakes.willing * (
        1 + 1e-9
    ):  # whoever would lose all gives all, rounded or not
        campaign.granted = True
    elif stakes.outside > stakes.willing:
        campaign.sold = stakes.outside
    if campaign.payment > 0 or campaign.granted:
        coalition.bound_until = model.round + coalition.charter.agreement - 1
        coalition.granted, coalition.granted_by = coalition.charter.demand, coalition.target
    elif campaign.sold > 0 and buyer is not None:
        campaign.buyer = buyer.name
        # A copy takes nothing from the service that its givers get.
        campaign.pulled, campaign.service_lost = Redirect(target=coalition.target, rival=buyer.name), 0.0
    else:
        campaign.pulled = campaign.proposal


def _prospect(model: "CoalitionModel", coalition: "Coalition", threat: Threat) -> Prospect:
    return Prospect(threat.revenue, lambda positions: lost_by_practice(model, coalition, positions))


def best_offer(model: "CoalitionModel", coalition: "Coalition") -> "tuple[Firm | None, float]":
    """The rival whose standing offer for the compliers' data is worth most, and what it would pay now.

    A firm pays for records that it does not have.
    """
    best: tuple[Firm | None, float] = (None, 0.0)
    for firm in model.firms:
        if firm.name != coalition.target and firm.settings.offer > 0:
            worth = firm.settings.offer * float(_new_records(model, firm.name, coalition.campaign.compliers))
            best = max(best, (firm, worth), key=lambda offer: offer[1])
    return best


def _new_records(model: "CoalitionModel", product: str, members: NDArray[np.intp]) -> np.int64:
    position = model.seen[product]
    contributors = members[members < model.population.contributors]
    given = position.holdings.with_(contributors, position.arrived)
    return np.int64((model.task.held(given) - model.task.held(position.holdings))[contributors].sum())
