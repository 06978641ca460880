"""Replacement: a firm buys other people's data in place of those that were taken from it, or makes records up."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.position import Market
from ..ml_tasks.holdings import Holdings
from .doing import doings
from .synthesis import made_this_round

if TYPE_CHECKING:
    from .model import CoalitionModel


def replaced(
    model: "CoalitionModel", product: str, members: NDArray[np.integer], before: Market, after: Market
) -> Holdings:
    """What the firm buys after a lever turned one market into the other: all records of as many people as it lost data
    of, whose data it had not and who took no part, in an order drawn once; fewer if there are no more.

    Nor do people sell who act against it in this round for another coalition, or had data there at its start.
    """
    contributors = model.population.contributors
    lost = before[product].holdings.lacking(after[product].holdings).present.sum()
    selling = ~(before[product].holdings.present | model.start[product].holdings.present)
    if (whose := before[product].holdings.whose) is not None:
        selling &= whose
    against = [own for c in model.parties for lever, own in doings(c.campaign) if lever.target == product]
    for people in (members, *against):
        selling[people[people < contributors]] = False
    order = np.argsort(model.streams.uniforms("replacement", product, n=contributors), kind="stable")
    chosen = order[selling[order]][: int(lost)]
    return before[product].holdings.emptied.with_(chosen).limited(before[product].arrived)


def bill(model: "CoalitionModel", product: str, bought: Holdings) -> NDArray[np.float64]:
    """What a firm pays each contributor for what it buys of theirs, in money, (contributors,)."""
    return (model.firm(product).settings.response.buys_at or 0.0) * model.held(product, bought).astype(float)


def settle_purchases(model: "CoalitionModel") -> None:
    """Firms pay those whose data they bought in this round, and for what they made up."""
    n = model.population.contributors
    for firm in model.firms:
        bought = model.bought.get(firm.name)
        firm.bought = 0.0
        if bought is not None:
            paid = bill(model, firm.name, bought)
            model.population.sales[:n] += paid
            firm.bought = float(paid.sum())
        making = firm.settings.response.makes
        firm.made = 0.0 if making is None else making.price * made_this_round(model, firm)
