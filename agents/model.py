"""CoalitionModel: people, coalitions and firms in a market, round by round."""

import itertools
from collections.abc import Callable
from functools import cached_property
from typing import Any, Protocol

import mesa
import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.holdings import Holdings
from ..ml_tasks.portions import WHOLE
from ..ml_tasks.retrainer import Counts
from ..ml_tasks.store import ScoreStore
from ..ml_tasks.streams import Streams
from ..valuation.methods import Method
from .action import before_levers, earlier, in_turn, pull, remember, seen_by
from .agency import Agency, agency
from .agenda import act_alone, decide
from .agreements import custom_of, practise
from .alone import Scattered
from .campaigns import Campaigns
from .coalition import Coalition
from .custom import choose_services
from .decision import Decision
from .enforcement import enforce
from .experience import Experience
from .exposure import note
from .firm import Firm
from .fit import check_fit
from .founding import found
from .leverage import Leverage, measure
from .lines import Line, lines_of
from .membership import join_or_leave
from .party import Party
from .payouts import PaidDividend, share_out
from .population import Population, initial_data, initial_services
from .pricing import Prices
from .production import Grid, Production
from .provenance import passed_on, received
from .replacement import settle_purchases
from .sanctions import put_out, sanction
from .satisfaction import experience_round
from .signals import Signal, lean, signals
from .society import Society, society
from .terms import improve, settle_terms
from .user import User
from .welfare import OnTheirOwn, Welfare, of_those_alone, welfare
from .world import World


class Buildable(Protocol):
    """A world, or a scenario that describes one."""

    def build(self) -> World: ...


class CoalitionModel(mesa.Model):  # type: ignore[misc]
    """An ordinary Mesa model; `step()` plays one round.

    `world` is a scenario or a World; `store` remembers trainings beyond this model;
    `counts` are those that its trainings add to. Raises InputError for
    settings that do not fit the data. After a step, `market` has every product's position, `leverage` and
    `dividends` the round's rows, and each coalition its `campaign`.
    """

    def __init__(self, world: Buildable, store: ScoreStore | None = None, counts: Counts | None = None) -> None:
        settings = world.build()
        super().__init__(rng=settings.seed)
        self.numbers = itertools.count(1)
        """Those that its agents are given."""
        self.world, self.round, self.streams = settings, 0, Streams(settings.seed)
        self.law = settings.law.in_force(0)
        """The law of the round."""
        self.store = store
        self.lines = lines_of(settings, store, Counts() if counts is None else counts)
        """The world's tasks, each with the products trained on it."""
        check_fit(settings, [line.task for line in self.lines])
        self.experience = Experience(self.lines)
        self.coalition_names = [coalition.name for coalition in settings.coalitions]
        self.exclusive = np.array([coalition.charter.exclusive for coalition in settings.coalitions], dtype=bool)
        """Which coalitions do not allow their members to be in others, (coalitions,)."""
        tasks = [line.task for line in self.lines]
        people = Population(settings.users, tasks, settings.issues, len(self.coalition_names), self.streams)
        self.population = people
        drawn = settings.users.communities
        self.communities = None if drawn is None else drawn(people, self.streams)
        self.network = settings.users.network(people, self.streams("network"))
        self.co_owners = settings.users.co_owners(self.network, self.streams)
        """Who else owns each person's shared records, (users, others), -1 for nobody."""
        self.firms = [Firm(self, firm) for firm in settings.firms]
        self.coalitions = [Coalition(self, c, i) for i, c in enumerate(settings.coalitions)]
        self.scattered = [Scattered(self, settings.users.alone)] if settings.users.alone else []
        """People in no coalition, where they consider to act alone; nobody else."""
        self.alignment = people.agreement([c.positions for c in settings.coalitions], settings.issues)
        self.willing = settings.users.propensity([firm.name for firm in settings.firms], self.streams, people.n)
        """Which people would act against which firm, (users, firms)."""
        self.known: NDArray[np.bool_] | None = None
        """Which coalitions each person has heard of, (users, coalitions); None where all know all."""
        self.custom = custom_of(self)
        self._settle()
        self.passed_on = passed_on(self, earlier(self))
        """What each firm has from another that passes data on to it, by the names of both; see `provenance`."""
        self.prices: dict[str, dict[Method, list[Prices]]] = {}
        """What each product's data were worth, by the method that valued them, round by round."""
        self.opening = self.start = self.seen = self.market = before_levers(self)
        """Markets before the first round, at the start of the round, as a coalition sees it when its turn has come, and
        in the end."""
        self.bought: dict[str, Holdings] = {}
        """What firms bought in this round in place of data that they lost."""
        self.produced: dict[Grid, tuple[Production, ...]] = {}
        self.produced_unhindered: dict[Grid, tuple[Production, ...]] = {}
        self.same_place = np.ones(people.n, dtype=bool)
        """Who wants to be in the coalitions in which they would be unhindered, (users,)."""
        self.leverage: list[Leverage] = []
        self.dividends: list[PaidDividend] = []
        self.society: Society | None = None
        self.agency: dict[str, Agency] = {}
        self.welfare: dict[str, Welfare] = {}
        self.on_their_own = OnTheirOwn()
        self.signals: dict[str, Signal] = {}
        self.decisions: dict[tuple[int, str], Decision] = {}
        """Votes that go otherwise than they would, by round and coalition."""

    def step(self) -> None:
        """Play one round. Coalitions act at once, on the market as it is at its start, or in turn: `world.turns`."""
        self.round += 1
        self.law = self.world.law.in_force(self.round)
        improve(self)
        join_or_leave(self)
        for party in self.parties:
            party.begin_round()
        practise(self)
        self.passed_on = passed_on(self, earlier(self))
        self.start = before_levers(self)
        turns = in_turn(self)
        for place, coalition in enumerate(turns):
            self.seen = seen_by(self, turns[:place])
            decide(self, coalition)
        for people in self.scattered:
            self.seen = seen_by(self, turns)
            act_alone(self, people)
        practise(self)
        self.market = enforce(self, pull(self))
        settle_purchases(self)
        settle_terms(self)
        quality = choose_services(self)
        experience_round(self)
        campaigns = Campaigns.of(self)
        self.leverage = measure(self, campaigns)
        note(self, campaigns)
        self.dividends = share_out(self)
        sanction(self)
        put_out(self)
        self.society, self.agency, self.welfare = society(self, quality), agency(self), welfare(self, campaigns)
        self.on_their_own = of_those_alone(self, campaigns)
        self.signals = signals(self)
        lean(self)
        remember(self)

    @cached_property
    def users(self) -> list[User]:
        """Everybody as a Mesa agent, made when first asked for: a round reads columns, and a million take long."""
        return [User(self, i) for i in range(self.population.n)]

    @property
    def parties(self) -> list[Party]:
        """Whoever may act: the coalitions, and people in none."""
        return [*self.coalitions, *self.scattered]

    @property
    def agents(self) -> Any:
        """All firms, coalitions and users, as Mesa has them."""
        self._introduce_users()
        return super().agents

    @property
    def agents_by_type(self) -> Any:
        """The same, by class."""
        self._introduce_users()
        return super().agents_by_type

    @property
    def agent_types(self) -> Any:
        """The classes of agents."""
        self._introduce_users()
        return super().agent_types

    @property
    def firm_agreement(self) -> NDArray[np.float64]:
        """Agreement of each person with each firm's positions of this round, -1 to 1, shape (users, firms)."""
        return self.custom.agreement

    @property
    def counts(self) -> Counts:
        """How many trainings were asked for, done and remembered."""
        return self.lines[0].retrainer.counts

    @property
    def label(self) -> str:
        """The tasks, data sets and models, for people."""
        return "; ".join(line.task.label for line in self.lines)

    def watch(self, callback: Callable[[Counts], None]) -> None:
        """Have something called after every training."""
        for line in self.lines:
            line.retrainer.watch = callback

    @property
    def formula(self) -> bool:
        """True where no model is trained: every output then says "formula, not retraining"."""
        return self.lines[0].task.formula

    def line(self, product: str) -> Line:
        """The line of a product."""
        return self.experience.line(product)

    def records(self, product: str) -> NDArray[np.int64]:
        """How many training records each person has that this product could be trained on, (users,)."""
        found: NDArray[np.int64] = self.population.by_line[self.line(product).index]
        return found

    def uses(self, product: str) -> NDArray[np.bool_]:
        """Who uses a product, (users,)."""
        return np.asarray(self.population.service[self.line(product).index] == self.place_of(product))

    def held(self, product: str, holdings: Holdings) -> NDArray[np.int64]:
        """How many training records of each contributor a product's firm has with these holdings, (contributors,)."""
        return self.line(product).task.held(holdings)

    def firm(self, name: str) -> Firm:
        return self.firms[self.place_of(name)]

    def place_of(self, firm: str) -> int:
        """Place of a firm among the firms, and of its product among the columns of products."""
        return next(i for i, candidate in enumerate(self.firms) if candidate.name == firm)

    @property
    def owners(self) -> list[list[int]]:
        """Places of the products of each owner."""
        found = {tuple(self.owned_with(firm.name)): None for firm in self.firms}
        return [list(places) for places in found]

    def owned_with(self, firm: str) -> list[int]:
        """Places of the products that have the same owner as a firm's, its own included."""
        return [self.place_of(name) for name in self.world.owned_with(firm)]

    def _introduce_users(self) -> None:
        if "population" in vars(self):  # Mesa may look at its agents before there is anybody
            _ = self.users

    def _settle(self) -> None:
        """Give out data, services and founders as they are before anybody acts."""
        people = self.population
        people.service = initial_services(self.world, self.lines, people.n)
        self.own = initial_data(self.world, self.lines, people.service)
        got = received(self, WHOLE, ())
        self.initial = {name: own.joined(got[name]) if name in got else own for name, own in self.own.items()}
        for coalition in self.coalitions:
            if coalition.settings.founding is None:
                found(self, coalition)
