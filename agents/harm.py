"""Harm: what carrying out a threat would cost the firm, and the members who do it, in money over the rounds ahead.

Two paired futures with the same people, trainings and seeds: the market as it is, and as the campaign makes it for as
many rounds as an agreement would last. People go where the market's rule sends them, as probabilities; after the
campaign withdrawn data are back, but not whom it drove away, nor copies from rivals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever
from ..coalitions.position import Market
from ..valuation.leverage import mean_stderr
from .action import after, afterwards, at_first
from .agreements import custom_of
from .experience import Custom
from .replacement import bill, replaced
from .responses import Threat
from .traces import efforts_of

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
    acting: bool = False
    """Whether members pull a lever in it."""


def threat_of(model: "CoalitionModel", coalition: "Coalition", lever: Lever, members: NDArray[np.intp]) -> Threat:
    """What the coalition's target and these members would lose if they pulled the lever."""
    lasts, weights = coalition.charter.agreement, _discounted(model, coalition)
    future = _ahead(model, lever, members, lasts, weights)
    model.experience.retrain(model.seen, *(stretch.market for stretch in future))
    target = model.place_of(coalition.target)
    without = _revenue(model, target, [Ahead(model.seen, weights)])
    spent = _spent(model, coalition.target, lever, members, future)
    harm, stderr = mean_stderr(without - _revenue(model, target, future) + spent, model.task.formula)
    cost = sum(cost_of_round(model, lever, members, s.market) * s.weights.sum() for s in future if s.acting)
    return Threat(harm, stderr, float(without.mean()), float(cost), coalition.acted)


def _discounted(model: "CoalitionModel", coalition: "Coalition") -> Floats:
    """What money is worth in the rounds that an agreement lasts, and in those that the firm looks at beyond."""
    rounds = coalition.charter.agreement + model.firm(coalition.target).settings.foresight
    return np.asarray(np.float64(model.world.discount) ** np.arange(rounds))


def _ahead(
    model: "CoalitionModel", lever: Lever, members: NDArray[np.intp], lasts: int, weights: Floats
) -> list[Ahead]:
    """The stretches of a campaign of so many rounds: withdrawals are carried out, and end, after the law's delay."""
    delay = min(model.world.law.deletion_delay, len(weights))
    stretches = []
    if delay:
        early = min(delay, lasts)
        stretches.append(Ahead(at_first(model, model.seen, lever, members), weights[:early], acting=True))
        # Where the delay is longer than the campaign, there are rounds in which it is over and nothing is gone yet.
        between = afterwards(model, model.seen, lever, members)
        stretches.append(Ahead(between, weights[early:delay]))
    in_force = weights[delay : delay + lasts]
    acting = max(lasts - delay, 0)
    full = after(model, model.seen, lever, members)
    stretches += [Ahead(full, in_force[:acting], acting=True), Ahead(full, in_force[acting:])]
    if len(weights) > delay + lasts:
        stretches.append(Ahead(afterwards(model, model.seen, lever, members), weights[delay + lasts :]))
    return [stretch for stretch in stretches if len(stretch.weights)]


def _spent(
    model: "CoalitionModel", product: str, lever: Lever, members: NDArray[np.intp], future: Sequence[Ahead]
) -> float:
    """What the firm would spend on data in place of those it loses, in the rounds in which they are gone."""
    if model.firm(product).settings.response.price is None:
        return 0.0
    bills = (bill(model, product, replaced(model, product, members, model.seen, s.market)).sum() for s in future)
    return float(sum(s.weights.sum() * paid for s, paid in zip(future, bills, strict=True)))


def cost_of_round(model: "CoalitionModel", lever: Lever, members: NDArray[np.intp], market: Market) -> float:
    """What a round of it costs these members together: effort, and the service they lose, in money."""
    people, hardship = model.population, model.world.users.hardship
    now, then = (model.experience.mean_service(some, people.service)[members] for some in (model.seen, market))
    effort = hardship.effort * (efforts_of(model, lever)[members] * people.cost[members]).sum()
    return float(effort + hardship.service * (now - then).sum())


def lost_by_practice(model: "CoalitionModel", coalition: "Coalition", positions: Mapping[str, float]) -> float:
    """What the target would earn less over an agreement if it took these positions, in money.

    People who then agree less with it go elsewhere, and the change itself costs it a share of its revenue.
    """
    firm, weights = model.firm(coalition.target), _discounted(model, coalition)
    place, future = model.place_of(firm.name), [Ahead(model.seen, weights)]
    now = float(_revenue(model, place, future).mean())
    then = float(_revenue(model, place, future, custom_of(model, firm.name, positions)).mean())
    moved = sum(abs(position - firm.positions.get(issue, 0.0)) for issue, position in positions.items())
    return now - then + firm.settings.practice_cost * moved * now


def _revenue(model: "CoalitionModel", product: int, future: Sequence[Ahead], custom: Custom | None = None) -> Floats:
    """What a product earns over these rounds under each training seed, (seeds,), in money as of now."""
    current, custom = model.population.service, custom or model.custom
    qualities = [model.experience.qualities(stretch.market) for stretch in future]
    if sum(len(stretch.weights) for stretch in future) == 1:  # this round alone, which is remembered
        return custom.revenues(future[0].market, qualities[0], current)[:, product]
    total = np.empty(len(qualities[0]))
    for seed in range(len(total)):
        of_seed = [(s.market, quality[seed], s.weights) for s, quality in zip(future, qualities, strict=True)]
        total[seed] = custom.ahead(of_seed, current)[product]
    return total
