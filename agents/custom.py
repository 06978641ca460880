"""Custom: which service people use after they saw what it became, and what firms earn by it."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .population import NOBODY

if TYPE_CHECKING:
    from .model import CoalitionModel

Floats = NDArray[np.float64]


def choose_services(model: "CoalitionModel") -> Floats:
    """People choose by the market's rule; each firm earns price x quality from everyone it serves.

    Whoever refuses all there is goes without a service this round and remembers the one they had. Returns the quality
    that each product gives each person, shape (users, products), as people saw it.
    """
    people = model.population
    quality = model.experience.mean_quality(model.market)
    choices = model.custom.choices(model.market, quality, people.service)
    draw = model.streams.uniforms("service", model.round, n=people.n)
    edge, place = np.zeros(people.n), np.zeros(people.n, dtype=np.int64)
    for chance in choices.T:
        edge += chance
        place += draw >= edge
    # The last edge is 1 up to rounding; a draw beyond it belongs to the last product.
    chosen, without = np.minimum(place, len(model.firms) - 1), ~(edge > 0)
    before, people.service = people.service, chosen
    if without.any():
        chosen = np.where(without, NOBODY, chosen)
        people.service = np.where(without, before, chosen)
    for i, firm in enumerate(model.firms):
        served = chosen == i
        model.market = {**model.market, firm.name: replace(model.market[firm.name], served=served)}
        firm.revenue = float(quality[served, i].sum() * firm.settings.price)
        firm.revenues.append(firm.revenue)
    return quality
