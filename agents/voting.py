"""Voting: a coalition tells its members what each option would do, by real retraining, and they decide.

People in no coalition who consider to act alone (`alone`) rate what they could do in the same way.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.ballots import rate
from ..coalitions.deciders import Question
from ..coalitions.levers import Lever, Separately
from ..coalitions.margins import margin
from ..coalitions.position import Market
from ..coalitions.procedures import Electorate, Votes, voted
from ..coalitions.rules import Outcome, Rule
from ..ml_tasks.streams import keyed_uniforms
from ..valuation.campaign import campaign_effect
from .action import after
from .bargaining import payoffs
from .decision import Decision
from .enforcement import expected, outcomes
from .exposure import added
from .leverage import scores
from .satisfaction import with_target
from .traces import efforts_of
from .unhindered import unhindered

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel
    from .party import Party

Floats = NDArray[np.float64]


def vote(model: "CoalitionModel", coalition: "Coalition") -> None:
    """Members rate the options; those who turn out vote, by the charter's procedure and rule, unless it says that
    something else decides."""
    members, campaign = coalition.members, coalition.campaign
    if len(members) == 0:
        return
    ratings, everyone_lost = weighed(model, coalition)
    decision = model.decisions.get((model.round, coalition.name), Decision())
    inside = model.population.member[:, coalition.index]
    sums = np.array([np.bincount(inside, lost_by, minlength=2) for lost_by in everyone_lost])
    theirs = sums[:, 0] / max(len(inside) - len(members), 1)
    lost = sums[:, 1] / len(members) - theirs
    if coalition.charter.decides is None:
        outcome = _counted(model, coalition, ratings, decision)
    else:
        outcome = _decided(model, coalition, ratings, decision, lost)
    campaign.outcome = outcome = decision.carried(outcome, campaign.ballot)
    campaign.supporters = ratings[:, outcome.winner] > 0
    campaign.service_lost = float(lost[outcome.winner])
    if campaign.choices is not None:
        shares = np.bincount(campaign.choices, minlength=len(theirs)) / len(members)
        campaign.service_lost = float(everyone_lost[campaign.choices, members].mean() - theirs @ shares)


def weighed(model: "CoalitionModel", party: "Party") -> tuple[Floats, Floats]:
    """What each member thinks of each option, (members, options), and the quality of service that each person would
    lose by it, (options, users); keeps account of whose favourite is the one they would have unhindered."""
    law, found = model.law, announced(model, party)
    ratings = opinions(model, party, *found)
    with unhindered(model):
        # Under a law that is without friction anyway, the effect is the same.
        free = opinions(model, party, *(found if model.law == law else announced(model, party)))
    party.campaign.same_favourite = ratings.argmax(axis=1) == free.argmax(axis=1)
    return ratings, found[1]


def opinions(model: "CoalitionModel", party: "Party", effect: Floats, everyone_lost: Floats) -> Floats:
    """What each member thinks of each option, (members, options), given what is announced of them (`announced`)."""
    members, people, ballot = party.members, model.population, party.campaign.ballot
    weights, part = model.world.users.vote_weights, party.part
    believed = model.world.users.awareness.believed(model, party, effect)
    satisfied: Floats | float = 0.0
    if weights.satisfaction:
        satisfied = np.stack([with_target(model, option.target)[members] for option in ballot], axis=1)
    exposure = exposures(model, party)[:, members].T.astype(float) if weights.exposure else 0.0
    efforts = np.stack([efforts_of(model, option, party.each_alone)[members] for option in ballot], axis=1)
    return rate(
        effect=part * people.optimism[members, None] * believed,
        agreement=agreement_with_options(model, party),
        cost=people.cost[members, None] * efforts,
        # Where people are served by their own data, what they take away is theirs to miss, whoever else does.
        service_lost=np.stack(
            [
                (1.0 if _personal(model, option) else part) * lost_by[members]
                for option, lost_by in zip(ballot, everyone_lost, strict=True)
            ],
            axis=1,
        ),
        weights=weights,
        satisfaction=satisfied,
        exposure=exposure,
    )


def _personal(model: "CoalitionModel", option: Lever) -> bool:
    """Whether what people get of the target's task depends on what is known of them."""
    return model.line(option.target or model.firms[0].name).task.personal


def _counted(model: "CoalitionModel", coalition: "Coalition", ratings: Floats, decision: Decision) -> Outcome:
    """What those who turn out vote for, of what was put on the ballot."""
    campaign, rule = coalition.campaign, coalition.charter.rule
    votes = coalition.draws("turnout") < model.population.turnout[coalition.members]
    ballots = decision.rated(np.where(votes[:, None], ratings, np.nan))
    counted = by_procedure(model, coalition, ballots)
    up = np.flatnonzero(_proposed(model, coalition, ratings))
    counted = counted._replace(ballots=counted.ballots[:, up])
    outcome = rule(counted.ballots, counted.weights, model.streams("vote", model.round, coalition.name))
    tally = np.zeros(len(campaign.ballot))
    tally[up] = outcome.tally
    campaign.margin = None if decision.lever else _margin(rule, counted)
    handed_on = voted(ballots) & ~voted(counted.ballots)
    campaign.turnout = float((votes & (counted.weights > 0) & ~handed_on).mean())
    return replace(outcome, winner=int(up[outcome.winner]), tally=tally)


def _proposed(model: "CoalitionModel", coalition: "Coalition", ratings: Floats) -> NDArray[np.bool_]:
    """Which options are on the ballot, (options,): the status quo always, others as the charter's agenda has it."""
    agenda, members = coalition.charter.agenda, coalition.members
    if agenda.proposers == "charter":
        return np.ones(ratings.shape[1], dtype=bool)
    may = np.ones(len(members), dtype=bool)
    if agenda.proposers == "founders":
        may = model.population.founder[members, coalition.index]
    elif agenda.proposers == "council":
        may = np.isin(members, coalition.memory.keys if coalition.memory else [])
    behind = (ratings[may] > 0).sum(axis=0)
    proposed = (behind > 0) & (behind >= agenda.seconded * may.sum() - 1e-9)
    proposed[0] = True
    return np.asarray(proposed)


def _decided(
    model: "CoalitionModel", coalition: "Coalition", ratings: Floats, decision: Decision, lost: Floats
) -> Outcome:
    """What the charter's decider says in place of a vote: nobody casts one. `lost` as in a campaign, (options,)."""
    campaign, members, decides = coalition.campaign, coalition.members, coalition.charter.decides
    assert decides is not None
    ratings = decision.rated(ratings)
    lots = keyed_uniforms(members.astype(np.uint64), model.streams.seed, "dictator", coalition.name)
    founders = model.population.founder[members, coalition.index]
    question = Question(ratings, founders, lots, lambda: payoffs(model, coalition, ratings, lost))
    choices = decides(question, model.streams("vote", model.round, coalition.name))
    if not decides.together and not decision.lever:
        campaign.choices = choices
    winner = int(choices[0]) if decides.together else 0
    return Outcome(winner, np.zeros(len(campaign.ballot)), 0.0, True, float(len(members)))


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


def announced(model: "CoalitionModel", party: "Party") -> tuple[Floats, Floats]:
    """What a coalition tells its members of every option, were all of them to comply; or what would come of it if all
    people in none did it, each alone.

    Returns the effect, shape (options,): the share of the gap between baseline and best by which it brings
    target and rival closer together, on the holdout and for everybody; and the quality of service that each
    person would lose, shape (options, users). Both as expected where the law may find out firms that keep old weights.
    """
    ballot, experience, current = party.campaign.ballot, model.experience, model.population.service
    markets = [after(model, model.seen, _by(party, option), party.members, party.club) for option in ballot]
    cases = outcomes(model, model.seen, *markets)
    experience.retrain(*(market for _, case in cases for market in case))
    effects, lost = [], []
    for chance, (now, *then) in cases:
        served = experience.mean_service(now, current)
        found = [_effect(model, option, now, market) for option, market in zip(ballot, then, strict=True)]
        effects.append((chance, np.array(found)))
        lost.append((chance, np.stack([served - experience.mean_service(market, current) for market in then])))
    return expected(effects), expected(lost)


def _by(party: "Party", option: Lever) -> Lever:
    """The option, pulled together, or by each alone."""
    return Separately(((option, party.members),)) if party.each_alone and option.target else option


def exposures(model: "CoalitionModel", party: "Party") -> NDArray[np.int64]:
    """By how many owners every option would expose each person more, were all members to comply, (options, users)."""
    options = (_by(party, option) for option in party.campaign.ballot)
    markets = (after(model, model.seen, option, party.members) for option in options)
    return np.stack([added(model, market, model.seen) for market in markets])


def agreement_with_options(model: "CoalitionModel", party: "Party") -> Floats:
    """Agreement with each option's rival minus that with its target, shape (members, options).

    A lever without a rival counts 0 for the rival: who disagrees with the target likes to act against it.
    """
    members = party.members
    agreement = np.zeros((len(members), len(party.campaign.ballot)))
    for i, option in enumerate(party.campaign.ballot):
        for name, sign in ((option.rival, 1.0), (option.target, -1.0)):
            if name:
                agreement[:, i] += sign * model.firm_agreement[members, model.place_of(name)]
    return agreement


def _effect(model: "CoalitionModel", option: Lever, now: Market, then: Market) -> float:
    if not option.target:
        return 0.0

    def with_and_without(product: str) -> tuple[Floats, Floats]:
        return scores(model, then, product), scores(model, now, product)

    rival = with_and_without(option.rival) if option.rival else None
    effect = campaign_effect(model.line(option.target).scale(), with_and_without(option.target), rival).gap_closed.mean
    return effect if np.isfinite(effect) else 0.0  # where leverage is undefined there is nothing to announce
