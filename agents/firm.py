"""A firm: one product, a price, positions, and a way to answer threats."""

import math
from typing import TYPE_CHECKING

import numpy as np

from ..coalitions.inclusions import AllData, Inclusion, Known
from ..ml_tasks.holdings import Holdings
from ..ml_tasks.portions import Portion
from .agent import Agent
from .pricing import last_worth
from .responses import Threat
from .settings import FirmSettings
from .synthesis import filled
from .traces import found_by_filter

if TYPE_CHECKING:
    from .model import CoalitionModel


class Firm(Agent):
    """Earns by the quality that the people it serves get; pays coalitions or lets them act."""

    def __init__(self, model: "CoalitionModel", settings: FirmSettings) -> None:
        super().__init__(model)
        self.settings, self.name = settings, settings.name
        self.positions = dict(settings.positions)
        """Where it stands on issues in this round: its own positions, but for what an agreement asks of it."""
        self.includes = settings.includes
        """Whose data, of those that it has, it trains on in this round."""
        self.leaning: dict[str, float] = {}
        """Positions of its own that it has moved to, by issue."""
        self.revenue = self.paid = self.fined = self.bought = self.made = 0.0
        """What it earned this round, what it owed to coalitions, to the state, and to others for data, and what it
        spent on made-up data, in money."""
        self.terms = self.rewarded = 0.0
        """What it pays people for a record that they leave with it in this round, and what it paid all, in money."""
        self.revenues: list[float] = []
        """What it earned in each round so far."""

    def answer(self, threat: Threat) -> float:
        """The most it pays a coalition for not carrying out a threat, in money; 0 refuses."""
        return self.settings.response(threat)

    def trains_on(self, holdings: Holdings, arrived: Portion, includes: Inclusion | None = None) -> Holdings:
        """Those of the data held that it trains on: of those that it includes, or would under another rule, without
        what its filter catches; and what it makes up in place of what it lost of those that have `arrived`."""
        filter_, people = self.settings.filter, self.model.population
        left_out = np.zeros(people.contributors, dtype=bool)
        if filter_ is not None:
            draws = self.model.streams.uniforms("filter", self.name, self.model.round, n=people.contributors)
            part = people.trace[self.model.line(self.name).index, : people.contributors]
            hit = found_by_filter(filter_.hit, part, self.model.world.users.traces.hit, holdings.spoiled)
            left_out |= draws < np.where(holdings.poisoned, hit, filter_.false_alarm)
        rule = includes or self.includes
        if rule != AllData():
            left_out |= ~rule(self._known(holdings))
        used = holdings.without(left_out) if left_out.any() else holdings
        return filled(self, holdings, used, arrived)

    def revenue_in(self, round: int) -> float:
        """What it earned in a round, in money; round 0 is before anybody acts. nan for a round still to come."""
        if round > 0:
            return self.revenues[round - 1] if round <= len(self.revenues) else math.nan
        there = self.model.opening[self.name]
        quality = self.model.experience.mean_quality({self.name: there})[:, 0]
        return float(quality[there.served].sum() * self.settings.price)

    def _known(self, holdings: Holdings) -> Known:
        model, n = self.model, self.model.population.contributors
        lots = model.streams.uniforms("inclusion", self.name, n=n)
        return Known(model.held(self.name, holdings), last_worth(model, self.name), lots)
