"""Bargaining: what a threat would really do, what the firm answers, and who pays whom."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.bargains import Stakes, settled
from ..coalitions.demands import Prospect
from ..coalitions.levers import Lever, Redirect
from ..coalitions.rules import Outcome
from .harm import lost_by_ballot, lost_by_practice, revenue_of, threat_of
from .partnership import voted
from .propensity import willing_to
from .responses import Threat
from .sanctions import deterred

if TYPE_CHECKING:
    from .coalition import Coalition
    from .firm import Firm
    from .model import CoalitionModel
    from .party import Party


def threaten(model: "CoalitionModel", coalition: "Coalition") -> None:
    """Work out the harm if those members who would carry it out did what was voted for."""
    campaign = coalition.campaign
    if not campaign.passed:
        return
    campaign.compliers = compliers(model, coalition, campaign.proposal)
    campaign.threat = threat_of(model, coalition, campaign.proposal, campaign.compliers)


def compliers(model: "CoalitionModel", coalition: "Coalition", lever: Lever) -> NDArray[np.intp]:
    """Those members who pull the lever that was decided on, as indices of users, ascending; no sanction makes those act
    who never would."""
    members, would = coalition.members, keeping_to_it(model, coalition)
    would |= deterred(model, coalition, lever)
    would &= willing_to(model, lever, members)
    if coalition.charter.carried_out_by == "supporters":
        would &= coalition.campaign.supporters
    return members[would]


def keeping_to_it(model: "CoalitionModel", party: "Party") -> NDArray[np.bool_]:
    """Which members do what was decided, by them all or by each, in this round, (members,); sanctions left aside."""
    return np.asarray(party.draws("compliance") < model.population.compliance[party.members])


def answer(model: "CoalitionModel", coalition: "Coalition") -> None:
    """They bargain: the target pays, or a rival does for the members' data, or the lever is pulled."""
    campaign = coalition.campaign
    if campaign.threat is None:
        return
    if coalition.charter.agenda.threat == "never":
        campaign.pulled, campaign.asked = campaign.proposal, False
        return
    terms = _terms(model, coalition, campaign.threat)
    campaign.outside, campaign.payment, campaign.sold = terms.outside, terms.payment, terms.sold
    campaign.granted = terms.granted
    if campaign.payment > 0 or campaign.granted:
        coalition.bound_until = model.round + coalition.charter.agreement - 1
        coalition.granted, coalition.granted_by = coalition.charter.demand, coalition.about
        coalition.bound_to = coalition.target
    elif terms.buyer is not None:
        campaign.buyer = terms.buyer.name
        # A copy takes nothing from the service that its givers get.
        campaign.pulled, campaign.service_lost = Redirect(target=coalition.target, rival=terms.buyer.name), 0.0
    else:
        campaign.pulled = campaign.proposal


@dataclass(frozen=True)
class Terms:
    """What comes of a threat; the lever is pulled if nobody pays, grants or buys anything."""

    outside: float
    """The best standing offer of a rival."""
    payment: float = 0.0
    """By the target."""
    granted: bool = False
    """The target grants what was demanded in place of money."""
    sold: float = 0.0
    """By a rival whose offer is taken; all in money."""
    buyer: "Firm | None" = None


def _terms(model: "CoalitionModel", coalition: "Coalition", threat: Threat) -> Terms:
    buyer, outside = best_offer(model, coalition)
    stakes = Stakes(_willing(model, coalition, threat, buyer, outside), threat.cost, outside)
    price = coalition.charter.demand(_prospect(model, coalition, threat))
    if price is None:
        payment, sold = settled(coalition.charter.bargain, stakes)
        return Terms(outside, payment, sold=sold, buyer=buyer if sold > 0 and payment <= 0 else None)
    # Whoever would lose all gives all, rounded or not.
    if stakes.willing > 0 and price <= stakes.willing * (1 + 1e-9):
        return Terms(outside, granted=True)
    if stakes.outside > stakes.willing:
        return Terms(outside, sold=stakes.outside, buyer=buyer if stakes.outside > 0 else None)
    return Terms(outside)


def _willing(
    model: "CoalitionModel", coalition: "Coalition", threat: Threat, buyer: "Firm | None", outside: float
) -> float:
    """The most that the target pays: for the threat, or for the members' data not to go to a rival who offers more."""
    firm = model.firm(coalition.target)
    pays = firm.answer(threat)
    if buyer is None or outside <= pays or not firm.settings.response.matches:
        return pays
    gift = Redirect(target=coalition.target, rival=buyer.name)
    sale = threat_of(model, coalition, gift, coalition.campaign.compliers)
    return outside if sale.noticeable and sale.harm >= outside else pays


def _prospect(model: "CoalitionModel", coalition: "Coalition", threat: Threat) -> Prospect:
    about = coalition.about
    # What a product that is not the target earns is worked out only where a demand is about it.
    revenue = threat.revenue if len(model.owned_with(about)) == 1 else revenue_of(model, coalition, about)
    return Prospect(
        revenue,
        lambda positions: lost_by_practice(model, coalition, positions),
        lambda: voted(model, about),
        lambda ballot: lost_by_ballot(model, coalition, ballot),
    )


def payoffs(
    model: "CoalitionModel", coalition: "Coalition", ratings: NDArray[np.float64], service_lost: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What members together would really get by each option of the ballot, in money, (options,): their part of what
    would be paid for its not being carried out, or less what carrying it out would cost them.

    ratings (members, options); service_lost as in a campaign, (options,).
    """
    now, found = coalition.campaign, np.zeros(len(coalition.campaign.ballot))
    try:
        for option in range(1, len(found)):
            outcome = Outcome(option, np.zeros(len(found)), 0.0, True, 0.0)
            coalition.campaign = replace(
                now, outcome=outcome, supporters=ratings[:, option] > 0, service_lost=float(service_lost[option])
            )
            found[option] = _payoff(model, coalition)
    finally:
        coalition.campaign = now
    return found


def _payoff(model: "CoalitionModel", coalition: "Coalition") -> float:
    threaten(model, coalition)
    campaign, charter = coalition.campaign, coalition.charter
    assert campaign.threat is not None
    if charter.agenda.threat == "never":
        return -campaign.threat.cost
    terms = _terms(model, coalition, campaign.threat)
    theirs = 1 - coalition.public_share * (1 - len(coalition.members) / model.population.n)
    if terms.payment > 0:
        return terms.payment * theirs
    if terms.granted:
        return charter.demand.revenue_share * _prospect(model, coalition, campaign.threat).revenue * theirs
    if terms.buyer is not None:
        gift = Redirect(target=coalition.target, rival=terms.buyer.name)
        return terms.sold * theirs - threat_of(model, coalition, gift, campaign.compliers).cost
    return -campaign.threat.cost


def best_offer(model: "CoalitionModel", coalition: "Coalition") -> "tuple[Firm | None, float]":
    """The rival whose standing offer for the compliers' data is worth most, and what it would pay now.

    A firm pays for records that it does not have, of the task of the data that are at stake; no owner bids against
    itself.
    """
    best: tuple[Firm | None, float] = (None, 0.0)
    owned = model.owned_with(coalition.target)
    for place in model.line(coalition.target).places:
        firm = model.firms[place]
        if place not in owned and firm.settings.offer > 0:
            worth = firm.settings.offer * float(_new_records(model, firm.name, coalition.campaign.compliers))
            best = max(best, (firm, worth), key=lambda offer: offer[1])
    return best


def _new_records(model: "CoalitionModel", product: str, members: NDArray[np.intp]) -> np.int64:
    position = model.seen[product]
    contributors = members[members < model.population.contributors]
    given = position.holdings.with_(contributors, position.arrived)
    more = model.held(product, given) - model.held(product, position.holdings)
    return np.int64(more[contributors].sum())
