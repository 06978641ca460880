"""Terms: what a firm pays everybody whose records it has for leaving them there, and what people forgo who act.

Nobody negotiates them: the firm raises them by itself when records are taken from it (`responses.Improve`). They are
paid for whatever records it has and knows the owner of, misleading ones among them; records under throw-away accounts
earn nothing. Members weigh what they would forgo where they weigh money: in joining for payoff, in what carrying out a
threat costs them, against sanctions. Ratings on ballots are not in money, and know nothing of it.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.acts import acts_of
from ..coalitions.levers import Lever, Separately
from ..coalitions.position import Market
from ..ml_tasks.holdings import Holdings

if TYPE_CHECKING:
    from .model import CoalitionModel

Floats = NDArray[np.float64]


def rates(model: "CoalitionModel") -> dict[str, float]:
    """What each firm pays for a record in this round, in money, of those that pay anything."""
    return {firm.name: firm.terms for firm in model.firms if firm.terms > 0}


def earned(model: "CoalitionModel", product: str, holdings: Holdings) -> NDArray[np.int64]:
    """How many records in these holdings of a product's firm each contributor is paid for, (contributors,)."""
    return np.where(holdings.unlinked, 0, model.held(product, holdings))


def forgone(model: "CoalitionModel", lever: Lever, alone: bool = False) -> Floats:
    """What each person would go without in a round if they pulled the lever, with others or `alone`, on the market at
    its start, in money as expected, (users,): other owners of their records, and other campaigns, left aside."""
    lost, offered = np.zeros(model.population.n), rates(model)
    if not offered or not (lever.target or isinstance(lever, Separately)):
        return lost
    if isinstance(lever, Separately):
        for part, own in lever.parts:
            lost[own] = forgone(model, part, alone=True)[own]
        return lost
    n, law = model.population.contributors, model.law
    after = lever(model.start, np.arange(n), model.streams("lever", model.round))
    for name, rate in offered.items():
        goes = law.goes_through(alone) if acts_of(lever).withdraws and name not in model.world.open_doors else 1.0
        less = earned(model, name, model.start[name].holdings) - earned(model, name, after[name].holdings)
        lost[:n] += rate * goes * np.maximum(less, 0)
    return lost


def less_earned(model: "CoalitionModel", market: Market) -> Floats:
    """What each person is paid less in this market than in that of the start of the round, in money, (users,)."""
    lost, n = np.zeros(model.population.n), model.population.contributors
    for name, rate in rates(model).items():
        less = earned(model, name, model.start[name].holdings) - earned(model, name, market[name].holdings)
        lost[:n] += rate * np.maximum(less, 0)
    return lost


def saved(model: "CoalitionModel", product: str, market: Market) -> float:
    """What a firm would pay less in a round in this market than in that which the coalition decides on, in money."""
    rate = model.firm(product).terms
    if rate <= 0:
        return 0.0
    there, then = (int(earned(model, product, some[product].holdings).sum()) for some in (model.seen, market))
    return rate * (there - then)


def improve(model: "CoalitionModel") -> None:
    """Firms set their terms for the round that begins, by whether records were taken from them in the last one."""
    for firm in model.firms:
        improves = firm.settings.response.improves
        if improves is not None and model.round > 1:
            taken = model.start[firm.name].holdings.lacking(model.market[firm.name].holdings).present.any()
            firm.terms = improves.next(firm.terms, bool(taken))


def settle_terms(model: "CoalitionModel") -> None:
    """Firms pay those whose records they have after this round's levers."""
    n = model.population.contributors
    for firm in model.firms:
        firm.rewarded = 0.0
        if firm.terms > 0:
            paid = firm.terms * earned(model, firm.name, model.market[firm.name].holdings)
            model.population.terms[:n] += paid
            firm.rewarded = float(paid.sum())
