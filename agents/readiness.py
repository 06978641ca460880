"""Readiness: what a lever is worth pulled by a ready community, and by scattered people with as many records."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever
from ..coalitions.position import Market
from .action import after
from .communities import NOBODY
from .enforcement import expected, outcomes
from .harm import Ahead, cost_of
from .leverage import scores

if TYPE_CHECKING:
    from .model import CoalitionModel

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Group:
    """People who pull a lever together on the market before anybody acts, everybody complying."""

    people: int
    records: int
    gap_closed: Floats
    """Share of the gap between baseline and best, on the holdout, everybody's experience; (seeds,)."""
    cost: float
    """Effort of the lever and what they lose of the service, all of them together, in money a round."""

    @property
    def per_cost(self) -> Floats:
        """Leverage for a unit of money that it costs them, (seeds,); nan where it costs them nothing."""
        return self.gap_closed / self.cost if self.cost > 0 else np.full_like(self.gap_closed, np.nan)


@dataclass(frozen=True, eq=False)
class Pair:
    """One community, and people of none who have as many records, as nearly as whole people can."""

    community: int
    ready: Group
    scattered: Group


def pairs(model: "CoalitionModel", lever: Lever) -> list[Pair]:
    """Every community of a model that has not been played yet, by itself; trainings with the same seeds."""
    assert model.communities is not None
    found = []
    for community in range(model.communities.count):
        ready = model.communities.ready(community)
        others = scattered(model, community, lever)
        found.append(Pair(community, _group(model, lever, ready), _group(model, lever, others)))
    return found


def scattered(model: "CoalitionModel", community: int, lever: Lever) -> Places:
    """People of no community, as they come, until they have as many records of the target's task as those who are
    ready; ascending.

    In an order drawn for each community. With whole people, the number of records closest to it; at least one person.
    """
    assert model.communities is not None
    people, records = model.population, model.records(lever.target)
    wanted = records[model.communities.ready(community)].sum()
    chance = model.streams.uniforms("scattered", community, n=people.n)
    outside = np.flatnonzero((model.communities.community == NOBODY) & (records > 0))
    order = outside[np.argsort(chance[outside], kind="stable")]
    off = np.abs(records[order].cumsum() - wanted)
    return np.sort(order[: int(off.argmin()) + 1]) if len(order) else order


def _group(model: "CoalitionModel", lever: Lever, members: Places) -> Group:
    market = after(model, model.start, lever, members)
    cases = outcomes(model, model.start, market)
    model.experience.retrain(*(world for _, case in cases for world in case))
    records = int(model.records(lever.target)[members].sum())
    closed = expected([(p, _gap_closed(model, lever, *case)) for p, case in cases])
    return Group(len(members), records, closed, cost_of(model, lever, members, [Ahead(market, np.ones(1))]))


def _gap_closed(model: "CoalitionModel", lever: Lever, now: Market, then: Market) -> Floats:
    scale = model.line(lever.target).scale()
    change = np.zeros(len(model.world.task.train_seeds))
    for name, sign in ((lever.target, -1.0), (lever.rival, 1.0)):
        if name:
            change = change + sign * (scores(model, then, name) - scores(model, now, name))
    return change / scale.gap if scale.measures else np.full_like(change, np.nan)
