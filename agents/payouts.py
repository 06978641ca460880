"""Payouts: what a firm owes its coalitions in a round, and how each shares out its pot."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.pots import Takings
from ..valuation.dividends import DIVIDENDS, Dividend, pay
from ..valuation.inequality import gini, hoover, top_share
from ..valuation.noise import Interval, interval
from .dividend_vote import LastPot, elect_dividend
from .pricing import Prices, over_period, price

if TYPE_CHECKING:
    from .coalition import Coalition
    from .firm import Firm
    from .model import CoalitionModel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PaidDividend:
    """What one dividend does with a coalition's pot; of all of them, one was chosen and really paid."""

    coalition: str
    method: str
    transform: str
    chosen: bool
    pot: float
    """All that the coalition was paid this round."""
    public: float
    """The part of it that goes to all people alike."""
    people: int
    """How many all people are."""
    payouts: Floats
    """To each member, in the order of the members, without the public share."""
    fallback: bool
    """All weights were zero, so that the members' share was split equally."""
    under_minimum: int
    """Members whose payout was under the charter's minimum, so that it was shared again among the rest."""
    corrected: Interval | None = None
    """The Gini of the payouts without what noise of the values adds to it; None where it was not worked out."""

    @property
    def gini(self) -> float:
        return gini(self.payouts)

    @property
    def gini_with_public(self) -> float:
        """Of what all people get by this pot: a payout for members, nothing for others, and their public part."""
        members, paid = len(self.payouts), float(self.payouts.sum())
        among_all = (members * self.gini + self.people - members) / self.people if paid else 0.0
        # The same amount for everybody changes no difference between two people, only the mean.
        return among_all * paid / (paid + self.public) if paid + self.public else self.gini

    @property
    def hoover(self) -> float:
        return hoover(self.payouts)

    @property
    def top_tenth(self) -> float:
        return top_share(self.payouts, 0.1)


def share_out(model: "CoalitionModel") -> list[PaidDividend]:
    """Fill the pots, value the paying firms' data and pay out; return every dividend's result for comparison."""
    for coalition in model.coalitions:
        _fill(model, coalition)
    rows: list[PaidDividend] = []
    for firm in model.firms:
        claimants = [c for c in model.coalitions if c.target == firm.name]
        bought = sum(c.campaign.sold for c in model.coalitions if c.campaign.buyer == firm.name)
        firm.paid = bought + sum(c.pot - c.campaign.sold - c.earned for c in claimants)
        firm.paid += sum(_earned_by(firm) for c in model.coalitions if firm.settings.founded_by == c.name and c.earned)
        earners = [c for c in claimants if c.pot > 0]
        if earners or any(c.charter.period != 1 for c in claimants):
            price(model, firm.name)
        for coalition in earners:
            rows += _dividends(model, coalition)
    return rows


def _fill(model: "CoalitionModel", coalition: "Coalition") -> None:
    """Put into a coalition's pot what its target owes it for this round; nobody is owed anything without members."""
    if len(coalition.members) == 0:
        return
    pot, firm, threat = coalition.charter.pot, model.firm(coalition.target), coalition.campaign.threat
    reference = math.nan if pot.reference is None else firm.revenue_in(pot.reference)
    contract = coalition.contract
    by_contract = contract.revenue_share * model.firm(coalition.granted_by).revenue if contract else 0.0
    conceded, sold = coalition.campaign.payment + by_contract, coalition.campaign.sold
    coalition.earned = sum(_earned_by(own) for own in model.firms if own.settings.founded_by == coalition.name)
    taken = sold + pot(Takings(firm.revenue, reference, conceded, threat.harm if threat else 0.0))
    coalition.pot, coalition.won = taken + coalition.earned, taken if pot.won else conceded + sold


def _earned_by(firm: "Firm") -> float:
    """What a firm earned in this round; nothing where that is undefined."""
    return 0.0 if math.isnan(firm.revenue) else firm.revenue


def _dividends(model: "CoalitionModel", coalition: "Coalition") -> list[PaidDividend]:
    people, members, charter = model.population, coalition.members, coalition.charter
    elect_dividend(model, coalition)
    methods = (model.world.valuation.method, *charter.agenda.methods)
    by_method = {method: over_period(model, coalition, method) for method in methods}
    prices = by_method[coalition.method]
    worth, records = prices.worth[members], prices.records[members]
    public = coalition.public_share * coalition.pot
    worths = {method: found.worth for method, found in by_method.items()}
    coalition.last_pot = LastPot(coalition.pot, worths, prices.records)
    rows = []
    for name, kind in DIVIDENDS.items():
        chosen = type(coalition.dividend) is kind
        dividend: Dividend = coalition.dividend if chosen else kind()
        payout = pay(dividend, worth, coalition.pot - public, records, charter.minimum_payout)
        rows.append(
            PaidDividend(
                coalition.name,
                prices.values.method,
                name,
                chosen,
                coalition.pot,
                public,
                people.n,
                payout.payouts,
                payout.fallback,
                payout.under,
                _corrected(coalition, dividend, prices, members) if chosen else None,
            )
        )
        if chosen:
            people.dividend[members] += payout.payouts
            coalition.campaign.valued = coalition.target
            coalition.campaign.payouts = _by_records(model.records(coalition.target)[members], payout.payouts)
            people.dividend += public / people.n
            people.public += public / people.n
    return rows


def _corrected(
    coalition: "Coalition", dividend: Dividend, prices: Prices, members: NDArray[np.intp]
) -> Interval | None:
    """The Gini of what this dividend would pay for values that may be the true ones."""
    if prices.likely is None or not len(members):
        return None
    charter, records = coalition.charter, prices.records[members]
    money = (1 - coalition.public_share) * coalition.pot
    return interval(
        prices.likely[:, members], lambda worth: pay(dividend, worth, money, records, charter.minimum_payout).payouts
    )


def _by_records(records: NDArray[np.int64], payouts: Floats) -> tuple[Floats, Floats]:
    """Mean payout of the members with each number of records, ascending in records."""
    numbers, place, count = np.unique(records, return_inverse=True, return_counts=True)
    return numbers.astype(float), np.bincount(place, payouts) / count
