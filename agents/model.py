"""CoalitionModel: people, coalitions and firms in a market, round by round."""

from dataclasses import dataclass
from typing import Protocol

import mesa
import numpy as np
from numpy.typing import NDArray

from ..coalitions.ballots import rate
from ..coalitions.levers import Lever
from ..coalitions.margins import margin
from ..coalitions.position import Market, Position
from ..ml_tasks.holdings import Holdings
from ..ml_tasks.retrainer import Retrainer
from ..ml_tasks.store import ScoreStore
from ..ml_tasks.streams import Streams
from ..valuation.campaign import campaign_effect
from ..valuation.leverage import mean_stderr
from .coalition import Coalition
from .experience import Demand, Experience, service_of
from .firm import Firm
from .fit import check_fit
from .joining import Prospects
from .leverage import Leverage, measure
from .payouts import PaidDividend, share_out
from .population import NOBODY, Population, initial_data, initial_services
from .responses import Threat
from .settings import World
from .user import User

Floats = NDArray[np.float64]


class Buildable(Protocol):
    """A world, or a scenario that describes one."""

    def build(self) -> World: ...


@dataclass(frozen=True)
class Campaigned:
    """A market after some coalitions acted."""

    market: Market
    given: dict[tuple[int, str], NDArray[np.bool_]]
    """Contributors newly given to a product, by (coalition, product)."""


class CoalitionModel(mesa.Model):  # type: ignore[misc]
    """An ordinary Mesa model; `step()` plays one round.

    `world` is a scenario or a World. Raises InputError for settings that do not fit the data.
    """

    def __init__(self, world: Buildable, store: ScoreStore | None = None) -> None:
        settings = world.build()
        super().__init__(rng=settings.seed)
        self.world, self.round = settings, 0
        self.streams = Streams(settings.seed)
        self.task = task = settings.task()
        check_fit(settings, task)
        self.retrainer = Retrainer(task, settings.task.train_seeds, store)
        self.population = Population(settings.users, task.contributors, task.records, settings.issues, self.streams)
        self.network = settings.users.network(self.population.n, self.streams("network"))
        self.firms = [Firm(self, firm) for firm in settings.firms]
        self.coalitions = [Coalition(self, c, i) for i, c in enumerate(settings.coalitions)]
        self.users = [User(self, i) for i in range(self.population.n)]
        self._settle()
        self.leverage: list[Leverage] = []
        self.dividends: list[PaidDividend] = []

    def step(self) -> None:
        """Play one round."""
        self.round += 1
        self.people_join_or_leave()
        self.start = self.market_before_levers()
        for coalition in self.coalitions:
            coalition.begin_round()
            self.members_vote(coalition)
            self.coalition_threatens(coalition)
        for coalition in self.coalitions:
            self.firm_answers(coalition)
        self.levers_are_pulled()
        self.people_choose_services()
        self.leverage = measure(self)
        self.dividends = share_out(self)

    # The phases of a round, in order.

    def people_join_or_leave(self) -> None:
        """People look around and join, stay in, or leave a coalition; founders stay."""
        if not self.coalitions:
            return
        wish = self.world.users.joining(self._prospects())
        wanted = ~np.isnan(wish).all(axis=1)
        best = np.where(wanted, np.argmax(np.nan_to_num(wish, nan=-np.inf), axis=1), NOBODY)
        people = self.population
        people.coalition = np.where(people.founder, people.coalition, best)

    def market_before_levers(self, without: Coalition | None = None) -> Market:
        """The market at the start of a round: whoever struck is back, and copies that were given stay.

        `without` a coalition: as if it had never given any.
        """
        market: dict[str, Position] = {}
        for i, firm in enumerate(self.firms):
            holdings = self._initial[firm.name]
            for coalition in self.coalitions:
                if coalition is not without and firm.name in coalition.copies:
                    holdings = holdings.with_(coalition.copies[firm.name])
            served = self.population.service == i
            market[firm.name] = Position(holdings, holdings, served, np.zeros_like(served))
        return market

    def members_vote(self, coalition: Coalition) -> None:
        """Members who turn out rate the options; the charter's rule decides."""
        members, people = coalition.members, self.population
        if len(members) == 0:
            return
        draw = self.streams.uniforms("turnout", self.round, coalition.name, n=people.n)[members]
        votes = draw < people.turnout[members]
        effect, lost = self._announced(coalition, members)
        ballots = rate(
            effect=people.optimism[members, None] * effect,
            agreement=self._option_agreement(coalition, members),
            cost=people.cost[members, None] * np.array([option.effort for option in coalition.campaign.ballot]),
            service_lost=lost,
            weights=self.world.users.vote_weights,
        )
        ballots[~votes] = np.nan
        campaign, rule = coalition.campaign, coalition.charter.rule
        campaign.outcome = rule(ballots, None, self.streams("vote", self.round, coalition.name))
        campaign.margin, campaign.turnout = margin(rule, ballots), float(votes.mean())
        campaign.service_lost = float(lost[:, campaign.outcome.winner].mean())

    def coalition_threatens(self, coalition: Coalition) -> None:
        """Work out what the proposal would really do to its target, pulled by those who would comply."""
        campaign, members, people = coalition.campaign, coalition.members, self.population
        if not campaign.passed:
            return
        draw = self.streams.uniforms("compliance", self.round, coalition.name, n=people.n)[members]
        campaign.compliers = members[draw < people.compliance[members]]
        before = self._revenues(self.start)
        after = self._revenues(self._after(self.start, campaign.proposal, campaign.compliers))
        target = self._firm_index(coalition.target)
        harm = before[:, target] - after[:, target]
        mean, stderr = mean_stderr(harm, self.task.formula)
        campaign.threat = Threat(mean, stderr, float(before[:, target].mean()))

    def firm_answers(self, coalition: Coalition) -> None:
        """The target pays, and the lever is not pulled; or it refuses."""
        threat = coalition.campaign.threat
        if threat is None:
            return
        coalition.campaign.payment = self.firms[self._firm_index(coalition.target)].answer(threat)
        if coalition.campaign.payment > 0:
            coalition.pot = coalition.campaign.payment
        else:
            coalition.campaign.pulled = coalition.campaign.proposal

    def levers_are_pulled(self) -> None:
        """All refused coalitions act at once; firms retrain on what is left."""
        campaigned = self._pull(self.start)
        self.market = campaigned.market
        if self.world.law.copies == "kept":
            for (i, product), given in campaigned.given.items():
                copies = self.coalitions[i].copies
                copies[product] = copies.get(product, np.zeros_like(given)) | given

    def people_choose_services(self) -> None:
        """People see the quality that results and choose; firms earn."""
        qualities = self.experience.qualities(self.market)
        quality = qualities.mean(axis=0)
        chosen = self.demand.choices(self.market, quality, self.population.service)
        draw = self.streams.uniforms("service", self.round, n=self.population.n)
        edges = np.cumsum(chosen, axis=1)
        service = (draw[:, None] >= edges).sum(axis=1)
        none = (edges[:, -1] == 0) | (self.population.service == NOBODY) & (edges[:, -1] == 0)
        service = np.minimum(service, len(self.firms) - 1)
        served = np.where(none, NOBODY, service)
        # Who boycotts the only product there is goes without it this round and comes back to it afterwards.
        self.population.service = np.where(none, self.population.service, served)
        for i, firm in enumerate(self.firms):
            position = self.market[firm.name]
            now = Position(position.holdings, position.deployed, served == i, position.boycotted)
            self.market = {**self.market, firm.name: now}
            firm.revenue = float(quality[served == i, i].sum() * firm.settings.price)
            firm.paid = sum(
                coalition.campaign.payment
                for coalition in self.coalitions
                if coalition.campaign.passed and coalition.target == firm.name
            )

    def market_without(self, coalition: Coalition) -> Market:
        """This round as it would have been had this coalition never acted; the same people are served."""
        market = self._pull(self.market_before_levers(without=coalition), without=coalition).market
        return {
            name: Position(position.holdings, position.deployed, self.market[name].served, position.boycotted)
            for name, position in market.items()
        }

    # What the phases are made of.

    def _settle(self) -> None:
        """Give out data, services and founders as they are before anybody acts."""
        world, people = self.world, self.population
        people.service = initial_services(world.firms, people.n, world.task.data_seed)
        nobody = Holdings.nobody(people.contributors)
        data = initial_data(world.firms, people.service, people.contributors, world.task.data_seed)
        self._initial = {firm.name: nobody.with_(held) for firm, held in zip(world.firms, data, strict=True)}
        self.experience = Experience.of(self.retrainer)
        prices = np.array([firm.price for firm in world.firms])
        self.firm_agreement = people.agreement([firm.positions for firm in world.firms], world.issues)
        self.demand = Demand(world.market, self.firm_agreement, prices)
        self.alignment = people.agreement([c.positions for c in world.coalitions], world.issues)
        for coalition in self.coalitions:
            tie_break = self.streams.uniforms("founders", coalition.name, n=people.n)
            rank = np.lexsort((tie_break, -self.alignment[:, coalition.index], people.founder))
            free = int((~people.founder).sum())
            chosen = rank[: min(free, round(coalition.settings.founders * people.n))]
            people.founder[chosen], people.coalition[chosen] = True, coalition.index
        self.start = self.market = self.market_before_levers()

    def _prospects(self) -> Prospects:
        people, shape = self.population, (self.population.n, len(self.coalitions))
        inside = (people.coalition[:, None] == np.arange(shape[1])).astype(float)
        size = inside.sum(axis=0)
        others = size - inside  # members besides this person
        pots = np.array([coalition.last_pot for coalition in self.coalitions])
        public = np.array([coalition.charter.public_share for coalition in self.coalitions])
        # A pot is expected to grow with the members who threaten: pot per member stays what it was.
        each = np.divide(pots, size, out=np.zeros(shape[1]), where=size > 0)
        campaigns = [coalition.campaign for coalition in self.coalitions]
        effort = np.array([campaign.proposal.effort for campaign in campaigns])
        lost = np.array([campaign.service_lost for campaign in campaigns])
        return Prospects(
            peers=np.asarray(self.network.share(inside)),
            alignment=self.alignment,
            threshold=people.threshold,
            excludable=np.broadcast_to((1 - public) * each, shape) * (others >= 0),
            public=np.broadcast_to(public * each / people.n, shape),
            service_lost=np.broadcast_to(lost, shape),
            cost=(people.cost * people.compliance)[:, None] * effort,
            dues=np.broadcast_to(np.array([c.charter.dues for c in self.coalitions]), shape),
        )

    def _announced(self, coalition: Coalition, members: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """What the coalition tells its members of every option if all comply, by real retraining.

        Returns the effect, shape (options,): the share of the gap between target and rival that it closes, on
        the holdout; and the quality of service lost, shape (members, options).
        """
        now = self.experience.qualities(self.start).mean(axis=0)
        service = service_of(now, self.start, self.population.service)[members]
        effects, lost = [], []
        for option in coalition.campaign.ballot:
            market = self._after(self.start, option, members)
            effects.append(self._effect(option, market))
            then = self.experience.qualities(market).mean(axis=0)
            lost.append(service - service_of(then, market, self.population.service)[members])
        return np.array(effects), np.stack(lost, axis=1)

    def _effect(self, option: Lever, market: Market) -> float:
        if not option.target:
            return 0.0
        target = self._holdout(market, option.target), self._holdout(self.start, option.target)
        rival = (self._holdout(market, option.rival), self._holdout(self.start, option.rival)) if option.rival else None
        effect = campaign_effect(self.experience.scale(), target, rival).gap_closed.mean
        return effect if np.isfinite(effect) else 0.0

    def _option_agreement(self, coalition: Coalition, members: NDArray[np.intp]) -> Floats:
        """Agreement with each option's rival against its target, shape (members, options)."""
        agreement = np.zeros((len(members), len(coalition.campaign.ballot)))
        for i, option in enumerate(coalition.campaign.ballot):
            for name, sign in ((option.rival, 1.0), (option.target, -1.0)):
                if name:
                    agreement[:, i] += sign * self.firm_agreement[members, self._firm_index(name)]
        return agreement

    def _pull(self, market: Market, without: Coalition | None = None) -> Campaigned:
        """Pull the levers of this round on a market. Members are distinct, so the order does not matter."""
        given: dict[tuple[int, str], NDArray[np.bool_]] = {}
        for coalition in self.coalitions:
            if coalition is without:
                continue
            before = market
            rng = self.streams("lever", self.round, coalition.name)
            market = coalition.campaign.pulled(before, coalition.campaign.compliers, rng)
            for name in market:
                new = market[name].holdings.present & ~before[name].holdings.present
                if new.any():
                    given[coalition.index, name] = new
        return Campaigned(self._redeployed(market), given)

    def _after(self, market: Market, lever: Lever, members: NDArray[np.intp]) -> Market:
        return self._redeployed(lever(market, members, self.streams("lever", self.round)))

    def _redeployed(self, market: Market) -> Market:
        return {name: position.redeployed(self.world.law.old_weights) for name, position in market.items()}

    def _revenues(self, market: Market) -> Floats:
        qualities = self.experience.qualities(market)
        return self.demand.revenues(market, np.nan_to_num(qualities), self.population.service)

    def _holdout(self, market: Market, product: str) -> Floats:
        return self.retrainer.scores(market[product].deployed).view("holdout").per_seed

    def _firm_index(self, name: str) -> int:
        return next(i for i, firm in enumerate(self.firms) if firm.name == name)
