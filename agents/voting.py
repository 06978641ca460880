"""Voting: a coalition tells its members what each option would do, by real retraining, and they decide."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.ballots import rate
from ..coalitions.levers import Lever
from ..coalitions.margins import margin
from ..coalitions.position import Market
from ..coalitions.procedures import Electorate, Votes, voted
from ..coalitions.rules import Rule
from ..valuation.campaign import campaign_effect
from .action import after
from .decision import Decision
from .experience import service_of
from .leverage import scores

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel

Floats = NDArray[np.float64]


def vote(model: "CoalitionModel", coalition: "Coalition") -> None:
    """Members who turn out rate the options; the charter's procedure and rule decide."""
    members, people, campaign = coalition.members, model.population, coalition.campaign
    if len(members) == 0:
        return
    votes = coalition.draws("turnout") < people.turnout[members]
    effect, everyone_lost = announced(model, coalition)
    lost = everyone_lost[members]
    ballots = rate(
        effect=people.optimism[members, None] * effect,
        agreement=agreement_with_options(model, coalition),
        cost=people.cost[members, None] * np.array([model.world.law.effort(o) for o in campaign.ballot]),
        service_lost=lost,
        weights=model.world.users.vote_weights,
    )
    rated = ballots.copy()
    ballots[~votes] = np.nan
    decision = model.decisions.get((model.round, coalition.name), Decision())
    ballots = decision.rated(ballots)
    counted = by_procedure(model, coalition, ballots)
    rule = coalition.charter.rule
    outcome = rule(counted.ballots, counted.weights, model.streams("vote", model.round, coalition.name))
    campaign.margin = None if decision.lever else _margin(rule, counted)
    campaign.outcome = outcome = decision.carried(outcome, campaign.ballot)
    campaign.supporters = rated[:, outcome.winner] > 0
    handed_on = voted(ballots) & ~voted(counted.ballots)
    campaign.turnout = float((votes & (counted.weights > 0) & ~handed_on).mean())
    outside = np.delete(everyone_lost[:, outcome.winner], members)
    campaign.service_lost = float(lost[:, outcome.winner].mean() - (outside.mean() if len(outside) else 0.0))


def by_procedure(model: "CoalitionModel", coalition: "Coalition", ballots: Floats) -> Votes:
    """What the charter makes of the members' ballots before its rule counts them; the coalition remembers its part."""
    charter, everyone = coalition.charter, electorate(model, coalition)
    everyone = replace(everyone, power=charter.voting_power(everyone))
    draws = model.streams("procedure", model.round, coalition.name)
    votes = charter.procedure(ballots, everyone, coalition.memory, draws)
    coalition.memory = votes.memory
    return votes


def electorate(model: "CoalitionModel", coalition: "Coalition") -> Electorate:
    """The coalition's members, each with one vote, and what their charter may weigh it by."""
    members, people = coalition.members, model.population
    return Electorate(
        keys=members.astype(np.int64),
        round=model.round,
        power=np.ones(len(members)),
        records=people.records[members].astype(float),
        value=people.value[members],
        dues=people.dues[members],
        dividends=people.dividend[members],
        stances=people.stances[members],
        network=model.network.adjacency,
    )


def _margin(rule: Rule, votes: Votes) -> int | None:
    try:
        return margin(rule, votes.ballots, votes.weights)
    except RuntimeError:  # it could not be proved in time: no number is better than an unproved one
        return None


def announced(model: "CoalitionModel", coalition: "Coalition") -> tuple[Floats, Floats]:
    """What the coalition tells its members of every option, were all of them to comply.

    Returns the effect, shape (options,): the share of the gap between baseline and best by which it brings
    target and rival closer together, on the holdout and for everybody; and the quality of service that each
    person would lose, shape (users, options).
    """
    current, members = model.population.service, coalition.members
    markets = [after(model, model.seen, option, members) for option in coalition.campaign.ballot]
    model.experience.retrain(model.seen, *markets)
    now = service_of(model.experience.qualities(model.seen).mean(axis=0), model.seen, current)
    effects, lost = [], []
    for option, market in zip(coalition.campaign.ballot, markets, strict=True):
        then = service_of(model.experience.qualities(market).mean(axis=0), market, current)
        effects.append(_effect(model, option, market))
        lost.append(now - then)
    return np.array(effects), np.stack(lost, axis=1)


def agreement_with_options(model: "CoalitionModel", coalition: "Coalition") -> Floats:
    """Agreement with each option's rival minus that with its target, shape (members, options).

    A lever without a rival counts 0 for the rival: who disagrees with the target likes to act against it.
    """
    members = coalition.members
    agreement = np.zeros((len(members), len(coalition.campaign.ballot)))
    for i, option in enumerate(coalition.campaign.ballot):
        for name, sign in ((option.rival, 1.0), (option.target, -1.0)):
            if name:
                agreement[:, i] += sign * model.firm_agreement[members, model.place_of(name)]
    return agreement


def _effect(model: "CoalitionModel", option: Lever, market: Market) -> float:
    if not option.target:
        return 0.0

    def with_and_without(product: str) -> tuple[Floats, Floats]:
        return scores(model, market[product]), scores(model, model.seen[product])

    rival = with_and_without(option.rival) if option.rival else None
    effect = campaign_effect(model.experience.scale(), with_and_without(option.target), rival).gap_closed.mean
    return effect if np.isfinite(effect) else 0.0  # where leverage is undefined there is nothing to announce
