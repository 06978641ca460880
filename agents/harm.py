"""Harm: what carrying out a threat would cost the firm, and the members who do it, in money over the rounds ahead.

Two paired futures with the same people, trainings and seeds: the market as it is, and as the campaign makes it for as
many rounds as an agreement would last. People go where the market's rule sends them, as probabilities; after the
campaign withdrawn data are back, but not whom it drove away, nor copies from rivals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever
from ..coalitions.position import Market
from ..valuation.leverage import mean_stderr
from .action import after, afterwards
from .experience import service_of
from .responses import Threat

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ahead:
    """A stretch of rounds to come in which a market stays as it is."""

    market: Market
    weights: Floats
    """What money of each of these rounds is worth now, (rounds,)."""


def threat_of(model: "CoalitionModel", coalition: "Coalition", lever: Lever, members: NDArray[np.intp]) -> Threat:
    """What the coalition's target and these members would lose if they pulled the lever."""
    campaign_market = after(model, model.seen, lever, members)
    during, beyond = _discounted(model, coalition)
    left = afterwards(model, model.seen, lever, members) if len(beyond) else campaign_market
    model.experience.retrain(model.seen, campaign_market, left)
    target = model.place_of(coalition.target)
    without = _revenue(model, target, [Ahead(model.seen, np.concatenate([during, beyond]))])
    with_ = _revenue(model, target, [Ahead(campaign_market, during), Ahead(left, beyond)])
    harm, stderr = mean_stderr(without - with_, model.task.formula)
    cost = float(during.sum()) * _cost(model, lever, members, campaign_market)
    return Threat(harm, stderr, float(without.mean()), cost)


def _discounted(model: "CoalitionModel", coalition: "Coalition") -> tuple[Floats, Floats]:
    """What money is worth in the rounds that an agreement lasts, and in those that the firm looks at beyond."""
    lasts, foresight = coalition.charter.agreement, model.firm(coalition.target).settings.foresight
    weights: Floats = np.float64(model.world.discount) ** np.arange(lasts + foresight)
    return weights[:lasts], weights[lasts:]


def _cost(model: "CoalitionModel", lever: Lever, members: NDArray[np.intp], market: Market) -> float:
    """What a round of it costs these members together: effort, and the service they lose, in money."""
    people, hardship = model.population, model.world.users.hardship
    now, then = (
        service_of(model.experience.qualities(some).mean(axis=0), some, people.service)[members]
        for some in (model.seen, market)
    )
    effort = hardship.effort * lever.effort * people.cost[members].sum()
    return float(effort + hardship.service * (now - then).sum())


def _revenue(model: "CoalitionModel", product: int, future: Sequence[Ahead]) -> Floats:
    """What a product earns over these rounds under each training seed, (seeds,), in money as of now."""
    current = model.population.service
    qualities = [model.experience.qualities(stretch.market) for stretch in future]
    if sum(len(stretch.weights) for stretch in future) == 1:  # this round alone, which is remembered
        return model.demand.revenues(future[0].market, qualities[0], current)[:, product]
    total = np.empty(len(qualities[0]))
    for seed in range(len(total)):
        of_seed = [(s.market, quality[seed], s.weights) for s, quality in zip(future, qualities, strict=True)]
        total[seed] = model.demand.ahead(of_seed, current)[product]
    return total
