"""Synthesis: a firm fills the hole that withdrawals leave with records that it makes up from those it still holds."""

from typing import TYPE_CHECKING

from ..ml_tasks.holdings import Holdings
from ..ml_tasks.portions import Portion
from ..ml_tasks.synthesis import Synthetic
from .enforcement import retaining

if TYPE_CHECKING:
    from .firm import Firm
    from .model import CoalitionModel


def filled(firm: "Firm", holdings: Holdings, used: Holdings, arrived: Portion) -> Holdings:
    """What it trains on of the data held, with as many made-up records as it has fewer than it would have, had nobody
    withdrawn any; at most one from each record that it trains on."""
    response = firm.settings.response.makes
    if response is None:
        return used
    task = firm.model.line(firm.name).task
    lost = firm.model.initial[firm.name].limited(arrived).lacking(holdings)
    records = int(min(task.held(lost).sum(), task.held(used).sum()))
    return used.filled(Synthetic(records, response.noise)) if records else used


def made_up(holdings: Holdings) -> int:
    """How many made-up records there are beside these data."""
    return holdings.synthetic.records if holdings.synthetic else 0


def made_this_round(model: "CoalitionModel", firm: "Firm") -> int:
    """How many records a firm made up in this round; they are made anew whenever it retrains."""
    before, now = model.start[firm.name].deployed, model.market[firm.name].deployed
    old = firm.name in retaining(model) and before == now
    return 0 if old else made_up(now)
