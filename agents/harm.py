"""Harm: what carrying out a threat would cost the firm, and the members who do it, in money over the rounds ahead.

What an owner of several products would lose is counted over all of them: whom a campaign drives from one of them to
another still pays the same owner.

Two paired futures with the same people, trainings and seeds: the market as it is, and as the campaign makes it for as
many rounds as an agreement would last; after the campaign withdrawn data are back, but not whom it drove away, nor
copies from rivals. People go where the market's rule sends them, and the law finds old weights (`enforcement`), both as
probabilities. All else stands still: nobody joins or leaves, no other campaign begins or ends, no data arrive, the law
stays as it is. Who complies, whose withdrawal goes through and what a filter catches are those of this round, drawn
and known to both sides, in all of the rounds. The standard error is that of training alone. What a lever really led to
over the rounds, all of that moving, is the paired run with another decision: `datacoalition.branch`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever
from ..coalitions.position import Club, Market
from ..coalitions.training import TrainingBallot
from ..valuation.leverage import mean_stderr
from .action import after, afterwards, at_first
from .agreements import ballots, custom_of
from .enforcement import Course
from .experience import Custom, Stretch
from .exposure import exposed
from .replacement import bill, replaced
from .responses import Threat
from .synthesis import made_up
from .terms import forgone, saved
from .traces import efforts_of
from .training import elected, training_by

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ahead:
    """A stretch of rounds to come in which a market stays as it is, but for whom the law finds out."""

    market: Market
    weights: Floats
    """What money of each of these rounds is worth now, (rounds,)."""
    acting: bool = False
    """Whether members pull a lever in it."""


def threat_of(model: "CoalitionModel", coalition: "Coalition", lever: Lever, members: NDArray[np.intp]) -> Threat:
    """What the coalition's target and these members would lose if they pulled the lever."""
    lasts, weights = coalition.charter.agreement, _discounted(model, coalition)
    past, future = [Ahead(model.seen, weights)], _ahead(model, lever, members, lasts, weights, coalition.club)
    model.experience.retrain(*_worlds(model, past), *_worlds(model, future))
    owned = model.owned_with(coalition.target)
    without, with_ = _revenue(model, owned, past), _revenue(model, owned, future)
    spent = _spent(model, coalition.target, lever, members, future)
    spent += sum(_made(model, model.firms[i].name, future) - _saved(model, model.firms[i].name, future) for i in owned)
    fined = sum(_fines(model, model.firms[i].name, future) - _fines(model, model.firms[i].name, past) for i in owned)
    harm, stderr = mean_stderr(without - with_ + spent + fined, model.formula)
    cost = cost_of(model, lever, members, [stretch for stretch in future if stretch.acting])
    return Threat(harm, stderr, float(without.mean()), cost, coalition.acted)


def _discounted(model: "CoalitionModel", coalition: "Coalition") -> Floats:
    """What money is worth in the rounds that an agreement lasts, and in those that the firm looks at beyond."""
    rounds = coalition.charter.agreement + model.firm(coalition.target).settings.foresight
    return np.asarray(np.float64(model.world.discount) ** np.arange(rounds))


def _ahead(
    model: "CoalitionModel",
    lever: Lever,
    members: NDArray[np.intp],
    lasts: int,
    weights: Floats,
    club: Club | None,
) -> list[Ahead]:
    """The stretches of a campaign of so many rounds: withdrawals are carried out, and end, after the law's delay."""
    delay = min(model.law.deletion_delay, len(weights))
    stretches = []
    if delay:
        early = min(delay, lasts)
        stretches.append(Ahead(at_first(model, model.seen, lever, members, club), weights[:early], acting=True))
        # Where the delay is longer than the campaign, there are rounds in which it is over and nothing is gone yet.
        between = afterwards(model, model.seen, lever, members, gone=False, club=club)
        stretches.append(Ahead(between, weights[early:delay]))
    in_force = weights[delay : delay + lasts]
    acting = max(lasts - delay, 0)
    full = after(model, model.seen, lever, members, club)
    stretches += [Ahead(full, in_force[:acting], acting=True), Ahead(full, in_force[acting:])]
    if len(weights) > delay + lasts:
        stretches.append(Ahead(afterwards(model, model.seen, lever, members, club=club), weights[delay + lasts :]))
    return [stretch for stretch in stretches if len(stretch.weights)]


def _spent(
    model: "CoalitionModel", product: str, lever: Lever, members: NDArray[np.intp], future: Sequence[Ahead]
) -> float:
    """What the firm would spend on data in place of those it loses, in the rounds in which they are gone."""
    if model.firm(product).settings.response.buys_at is None:
        return 0.0
    bills = (bill(model, product, replaced(model, product, members, model.seen, s.market)).sum() for s in future)
    return float(sum(s.weights.sum() * paid for s, paid in zip(future, bills, strict=True)))


def _made(model: "CoalitionModel", product: str, future: Sequence[Ahead]) -> float:
    """What its firm would spend on made-up records beyond what it spends on them anyway."""
    makes, usual = model.firm(product).settings.response.makes, made_up(model.seen[product].deployed)
    if makes is None:
        return 0.0
    return makes.price * _expected(model, future, lambda market: float(made_up(market[product].deployed) - usual))


def _saved(model: "CoalitionModel", product: str, future: Sequence[Ahead]) -> float:
    """What the firm need not pay those whose records it then has no longer, on the terms of this round."""
    return float(sum(stretch.weights.sum() * saved(model, product, stretch.market) for stretch in future))


def cost_of(model: "CoalitionModel", lever: Lever, members: NDArray[np.intp], acting: Sequence[Ahead]) -> float:
    """What these rounds of it cost these members together: effort, what a firm pays who does not act, the service they
    lose, and what they are more exposed, in money."""
    people, hardship = model.population, model.world.users.hardship
    weights = np.concatenate([np.zeros(0), *(stretch.weights for stretch in acting)])

    def served(market: Market) -> float:
        return float(model.experience.mean_service(market, people.service)[members].sum())

    def exposure(market: Market) -> float:
        return float(exposed(model, market)[members].sum())

    before = [Ahead(model.seen, weights)]
    lost = _expected(model, before, served) - _expected(model, acting, served)
    more = _expected(model, acting, exposure) - _expected(model, before, exposure) if hardship.exposure else 0.0
    effort = hardship.effort * (efforts_of(model, lever)[members] * people.cost[members]).sum()
    unpaid = forgone(model, lever)[members].sum()
    return float((effort + unpaid) * weights.sum() + hardship.service * lost + hardship.exposure * more)


def lost_by_practice(model: "CoalitionModel", coalition: "Coalition", positions: Mapping[str, float]) -> float:
    """What the target's owner would earn less over an agreement if the product that the demand is about took these
    positions, in money.

    People who then agree less with it go elsewhere, and the change itself costs it a share of its revenue.
    """
    firm, future = model.firm(coalition.about), [Ahead(model.seen, _discounted(model, coalition))]
    owned = model.owned_with(firm.name)
    now = float(_revenue(model, owned, future).mean())
    then = float(_revenue(model, owned, future, custom_of(model, firm.name, positions)).mean())
    moved = sum(abs(position - firm.positions.get(issue, 0.0)) for issue, position in positions.items())
    return now - then + firm.settings.practice_cost * moved * revenue_of(model, coalition, firm.name)


def lost_by_ballot(model: "CoalitionModel", coalition: "Coalition", ballot: TrainingBallot) -> float:
    """What the target's owner would earn less over an agreement if the product that the demand is about were trained,
    in all of its rounds, on what its contributors vote for now, in money: as people go elsewhere, as it makes up more
    records or fewer, and as the law finds old weights."""
    firm, weights = model.firm(coalition.about), _discounted(model, coalition)
    voted = elected(model, firm, [*ballots(model, firm), ballot])
    now, then = [Ahead(model.seen, weights)], [Ahead(training_by(model, model.seen, firm, voted), weights)]
    model.experience.retrain(*_worlds(model, now), *_worlds(model, then))
    owned = model.owned_with(firm.name)
    less = float((_revenue(model, owned, now) - _revenue(model, owned, then)).mean())
    fined = _fines(model, firm.name, then) - _fines(model, firm.name, now)
    return less + _made(model, firm.name, then) + fined


def revenue_of(model: "CoalitionModel", coalition: "Coalition", product: str) -> float:
    """What one product earns over an agreement if nothing happens, in money as of now."""
    future = [Ahead(model.seen, _discounted(model, coalition))]
    return float(_revenue(model, [model.place_of(product)], future).mean())


def _revenue(
    model: "CoalitionModel", products: Sequence[int], future: Sequence[Ahead], custom: Custom | None = None
) -> Floats:
    """What these products earn over these rounds under each training seed, (seeds,), in money as of now."""
    current, custom, course = model.population.service, custom or model.custom, _course(model, future)
    cases = [course.markets(stretch.market) for stretch in future]
    qualities = [[model.experience.qualities(market) for market in markets] for markets in cases]
    turns = [course.turns(stretch.market) for stretch in future]
    if sum(len(stretch.weights) for stretch in future) == 1:  # this round alone, which is remembered
        found = zip(course.first @ turns[0], cases[0], qualities[0], strict=True)
        return np.asarray(
            sum(p * custom.revenues(m, quality, current)[:, products].sum(axis=1) for p, m, quality in found if p)
        )
    total = np.empty(len(model.world.task.train_seeds))
    for seed in range(len(total)):
        of_seed = [
            Stretch(markets, [quality[seed] for quality in read], stretch.weights, turn)
            for stretch, markets, read, turn in zip(future, cases, qualities, turns, strict=True)
        ]
        total[seed] = custom.ahead(of_seed, current)[products].sum()
    return total


def _expected(model: "CoalitionModel", future: Sequence[Ahead], read: Callable[[Market], float]) -> float:
    """What is read off the market of each of these rounds, summed, as expected and in money as of now."""
    course = _course(model, future)
    chances, total = course.first, 0.0
    for stretch in future:
        worth = np.array([read(market) for market in course.markets(stretch.market)])
        turns = course.turns(stretch.market)
        for weight in stretch.weights:
            chances = chances @ turns
            total += float(weight * (chances @ worth))
    return total


def _fines(model: "CoalitionModel", product: str, future: Sequence[Ahead]) -> float:
    return _course(model, future).fines(product, [(stretch.market, stretch.weights) for stretch in future])


def _worlds(model: "CoalitionModel", future: Sequence[Ahead]) -> list[Market]:
    """Every market that may come to be in these rounds."""
    course = _course(model, future)
    return [market for stretch in future for market in course.markets(stretch.market)]


def _course(model: "CoalitionModel", future: Sequence[Ahead]) -> Course:
    return Course.of(model, [stretch.market for stretch in future])
