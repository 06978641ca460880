"""Custom: which service people use after they saw what it became, and what firms earn by it."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .lines import Line
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
    chosen = np.stack([_drawn(model, line, choices.T[line.places]) for line in model.lines])
    without = chosen == NOBODY
    people.service = np.where(without, people.service, chosen) if without.any() else chosen
    for i, firm in enumerate(model.firms):
        served = chosen[model.line(firm.name).index] == i
        model.market = {**model.market, firm.name: replace(model.market[firm.name], served=served)}
        firm.revenue = float(quality[served, i].sum() * firm.settings.price)
        firm.revenues.append(firm.revenue)
    return quality


def _drawn(model: "CoalitionModel", line: Line, choices: Floats) -> NDArray[np.int64]:
    """The product of a line that each person then uses, (users,), given the probability of each, (products, users)."""
    people, salt = model.population, (line.name,) if line.name else ()
    draw = model.streams.uniforms("service", model.round, *salt, n=people.n)
    edge, place = np.zeros(people.n), np.zeros(people.n, dtype=np.int64)
    for chance in choices:
        edge += chance
        place += draw >= edge
    # The last edge is 1 up to rounding; a draw beyond it belongs to the last product.
    chosen = line.places[np.minimum(place, len(line.places) - 1)]
    return chosen if (edge > 0).all() else np.where(edge > 0, chosen, NOBODY)
