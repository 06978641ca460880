"""The behaviour of a round as one writes it in Mesa: a class for a person, and `shuffle_do` for everybody.

It joins, votes, threatens, complies and chooses services by the same rules, settings and draws as the package does in
the scenario of `population_scale.py`, so that both end up with the same members, winners and customers. It measures no
leverage, since its people see and do the same without.
"""

import math
from collections.abc import Iterable

import mesa
import numpy as np
from datacoalition.agents.markets import Logit
from datacoalition.agents.model import CoalitionModel
from datacoalition.coalitions.levers import Lever, Redirect, Strike
from datacoalition.ml_tasks.power_law import PowerLaw

Announced = tuple[Lever, float, list[float]]
"""An option, its effect if all members pulled it, and everybody's quality then."""


class Person(mesa.Agent):  # type: ignore[misc]
    """Somebody with a record, traits, neighbours, a service and perhaps a coalition."""

    model: "MesaModel"
    around: list["Person"]
    agreement: list[float]

    def __init__(self, model: "MesaModel", ours: CoalitionModel, i: int) -> None:
        super().__init__(model)
        people = ours.population
        self.i, self.around = i, []
        self.threshold, self.cost, self.optimism = (
            float(column[i]) for column in (people.threshold, people.cost, people.optimism)
        )
        self.turnout, self.compliance = float(people.turnout[i]), float(people.compliance[i])
        self.founder, self.service = bool(people.founder[i].any()), int(people.service[0][i])
        self.coalition = int(people.member[i].argmax()) if people.member[i].any() else -1
        self.alignment, self.agreement = ours.alignment[i].tolist(), ours.firm_agreement[i].tolist()
        self.known = [bool(ours.initial[firm.name].present[i]) for firm in ours.firms]
        self.next, self.complies = self.coalition, False

    def look(self) -> None:
        """Find the coalition I would like best, by how many around me are in it."""
        best, self.next = -math.inf, -1
        for coalition, alignment in enumerate(self.alignment):
            inside = sum(other.coalition == coalition for other in self.around) / max(len(self.around), 1)
            if inside >= self.threshold - 1e-9 and alignment >= 0 and inside + alignment > best:
                best, self.next = inside + alignment, coalition

    def move(self) -> None:
        if not self.founder:
            self.coalition = self.next

    def vote(self) -> None:
        ballot = [math.nan] * len(self.model.ballot)
        if self.model.draws["turnout"][self.i] < self.turnout:
            weights = self.model.weights
            ballot = [
                weights.effect * self.optimism * effect
                + weights.agreement * self.opinion(option)
                - weights.cost * self.cost * option.effort
                - weights.service * (self.model.quality[self.service] - then[self.service])
                for option, effect, then in self.model.ballot
            ]
            ballot = [rating - ballot[0] for rating in ballot]
        self.model.ballots.append(ballot)

    def opinion(self, option: Lever) -> float:
        signs = ((option.rival, 1), (option.target, -1))
        return sum(sign * self.agreement[self.model.place[name]] for name, sign in signs if name)

    def decide(self) -> None:
        self.complies = self.model.draws["compliance"][self.i] < self.compliance

    def chances(self, quality: list[float]) -> list[float]:
        market = self.model.market
        appeal = [
            (market.quality * q + market.positions * a + market.switching_cost * (self.service == firm)) / market.noise
            for firm, (q, a) in enumerate(zip(quality, self.agreement, strict=True))
        ]
        top = max(appeal)
        weight = [math.exp(one - top) for one in appeal]
        return [one / sum(weight) for one in weight]

    def expect(self) -> None:
        for quality, revenue in self.model.expected:
            for firm, chance in enumerate(self.chances(quality)):
                revenue[firm] += chance * quality[firm]

    def choose(self) -> None:
        edge, draw, place = 0.0, self.model.draws["service"][self.i], 0
        for chance in self.chances(self.model.quality):
            edge += chance
            place += draw >= edge
        self.service = min(place, len(self.agreement) - 1)


class MesaModel(mesa.Model):  # type: ignore[misc]
    """Takes people, ties and draws from a model of ours that has not been played yet."""

    quality: list[float]
    draws: dict[str, list[float]]
    ballot: list[Announced]
    ballots: list[list[float]]
    expected: list[tuple[list[float], list[float]]]

    def __init__(self, ours: CoalitionModel) -> None:
        super().__init__(rng=0)
        self.ours, self.round = ours, 0
        self.weights, market = ours.world.users.vote_weights, ours.world.market
        self.place = {firm.name: i for i, firm in enumerate(ours.firms)}
        self.people = [Person(self, ours, i) for i in range(ours.population.n)]
        ties, task = ours.network.adjacency, ours.world.task
        assert ties is not None
        assert isinstance(task, PowerLaw)
        assert isinstance(market, Logit)
        self.task, self.market = task, market
        for person, start, end in zip(self.people, ties.indptr, ties.indptr[1:], strict=False):
            person.around = [self.people[j] for j in ties.indices[start:end]]
        self.winners: list[int] = []

    def step(self) -> None:
        self.round += 1
        self.agents.shuffle_do("look")
        self.agents.shuffle_do("move")
        self.draws = {"service": self.drawn("service")}
        records = [sum(person.known[firm] for person in self.people) for firm in range(len(self.place))]
        self.quality, acts, self.winners = self.qualities(records), [], []
        for coalition in self.ours.coalitions:
            members = self.agents.select(lambda person, index=coalition.index: person.coalition == index)
            self.draws |= {name: self.drawn(name, coalition.name) for name in ("turnout", "compliance")}
            self.ballots, self.ballot = [], [self.announced(o, records, members) for o in coalition.charter.ballot]
            members.shuffle_do("vote")
            winner = coalition.charter.rule(np.array(self.ballots)).winner
            self.winners.append(winner)
            members.shuffle_do("decide")
            option, compliers = self.ballot[winner][0], [person for person in members if person.complies]
            if winner:
                then = self.qualities(self.after(option, records, compliers))
                self.expected = [(self.quality, [0.0] * len(records)), (then, [0.0] * len(records))]
                self.agents.shuffle_do("expect")
                acts.append((option, compliers))
        for option, compliers in acts:
            records = self.after(option, records, compliers)
        self.quality = self.qualities(records)
        self.agents.shuffle_do("choose")

    def drawn(self, name: str, *whose: str) -> list[float]:
        uniforms: list[float] = self.ours.streams.uniforms(name, self.round, *whose, n=len(self.people)).tolist()
        return uniforms

    def announced(self, option: Lever, records: list[int], members: Iterable[Person]) -> Announced:
        after = self.after(option, records, members)
        losses, now = [self.loss(n) for n in after], [self.loss(n) for n in records]
        gap = self.loss(0) - self.loss(len(self.people))
        effect = (losses[self.place[option.target]] - now[self.place[option.target]]) / gap if option.target else 0.0
        if option.rival:
            effect += (now[self.place[option.rival]] - losses[self.place[option.rival]]) / gap
        return option, effect, self.qualities(after)

    def after(self, option: Lever, records: list[int], members: Iterable[Person]) -> list[int]:
        records = list(records)
        if isinstance(option, Strike):
            target = self.place[option.target]
            records[target] -= sum(person.known[target] for person in members)
        if isinstance(option, Redirect):
            rival = self.place[option.rival]
            records[rival] += sum(not person.known[rival] for person in members)
        return records

    def loss(self, records: int) -> float:
        return float(max(records, self.task.records / self.task.span) ** -self.task.exponent)

    def qualities(self, records: list[int]) -> list[float]:
        best, worst = self.loss(len(self.people)), self.loss(0)
        return [min(max(1 + (best - self.loss(n)) / (worst - best), 0.0), 1.0) for n in records]
