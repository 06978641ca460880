"""Sanctions: which members shirk, who of them is found out, and what that makes others do."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever, Separately
from .action import after
from .doing import times_done
from .exposure import added
from .propensity import willing_to
from .terms import forgone
from .traces import efforts_of

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel

Floats = NDArray[np.float64]
FOR_GOOD = 10**9
"""Rounds that no run has."""
Mask = NDArray[np.bool_]


def deterred(model: "CoalitionModel", coalition: "Coalition", lever: Lever) -> Mask:
    """Members who would rather pull the lever than risk the charter's sanction, (members,)."""
    members, campaign = coalition.members, coalition.campaign
    if coalition.charter.monitoring is None or isinstance(lever, Separately):  # nobody is told what to do
        return np.zeros(len(members), dtype=bool)
    cost = complying(model, lever, campaign.service_lost)[members]
    if worth := model.world.users.hardship.exposure:
        cost = cost + worth * added(model, after(model, model.seen, lever, members), model.seen)[members]
    return expected_sanction(model, coalition)[members] > cost


def complying(model: "CoalitionModel", lever: Lever, service_lost: float) -> Floats:
    """What pulling the lever for a round costs each person, in money, (users,): effort, what a firm pays who does not,
    and lost service where people are served by their own data; else one person's complying changes no service.

    service_lost: what members lose beyond what others lose.
    """
    hardship = model.world.users.hardship
    effort = hardship.effort * model.population.cost * efforts_of(model, lever)
    personal = model.line(lever.target or model.firms[0].name).task.personal
    own = max(service_lost, 0.0) if personal else 0.0
    return np.asarray(effort + forgone(model, lever) + hardship.service * own)


def expected_sanction(model: "CoalitionModel", coalition: "Coalition") -> Floats:
    """What each person would have to expect if they shirked as a member, in money, (users,)."""
    people, monitoring = model.population, coalition.charter.monitoring
    if monitoring is None:
        return np.zeros(people.n)
    payout = np.where(people.founder[:, coalition.index], 0.0, coalition.expected_payout)
    return monitoring.expected(payout, model.world.discount)


def expected_effort(model: "CoalitionModel", coalition: "Coalition") -> Floats:
    """What effort and what a firm pays who does not act, or the sanction for not acting, would cost each person as a
    member, if the next round is like the last, in money, (users,)."""
    people, pulled = model.population, coalition.campaign.pulled
    effort = model.world.users.hardship.effort * people.cost * efforts_of(model, pulled) + forgone(model, pulled)
    willing = willing_to(model, pulled, np.arange(people.n))
    if coalition.charter.monitoring is None or not coalition.campaign.carried_out:
        return np.asarray(effort * people.compliance * willing)
    sanction = expected_sanction(model, coalition)
    deters = sanction > complying(model, pulled, coalition.campaign.service_lost)
    complies = np.where(deters, 1.0, people.compliance) * willing
    return np.asarray(complies * effort + (1 - complies) * sanction)


def sanction(model: "CoalitionModel") -> None:
    """Whoever shirked in this round and was found out is fined, and put out from the next round on."""
    for coalition in model.coalitions:
        monitoring, campaign = coalition.charter.monitoring, coalition.campaign
        if monitoring is None or not campaign.carried_out or campaign.choices is not None:
            continue
        shirks = np.isin(coalition.members, shirkers(model, coalition))
        caught = coalition.members[shirks & (coalition.draws("monitoring") < monitoring.detection)]
        campaign.caught = caught
        model.population.fines[caught] += monitoring.fine
        if monitoring.expelled_for:
            out = caught[~model.population.founder[caught, coalition.index]]
            coalition.put_out(out, until=model.round + monitoring.expelled_for)


def put_out(model: "CoalitionModel") -> None:
    """Members put out, from the next round on, whom they want to be rid of for what they stand for; founders stay."""
    for coalition in model.coalitions:
        expulsion, members = coalition.charter.expulsion, coalition.members
        if expulsion is None or not len(members):
            continue
        out = members[expulsion(model.population.stances[members])]
        out = out[~model.population.founder[out, coalition.index]]
        coalition.put_out(out, until=model.round + (expulsion.rounds or FOR_GOOD))


def shirkers(model: "CoalitionModel", coalition: "Coalition") -> NDArray[np.intp]:
    """Members who were to carry out what was decided and did not, neither for this coalition nor for another that
    decided the very same, as indices of users."""
    asked, campaign = called_on(coalition), coalition.campaign
    if campaign.choices is not None:  # nobody is told what to do
        return np.setdiff1d(asked, campaign.compliers)
    return np.asarray(asked[times_done(model, campaign.pulled)[asked] == 0])


def called_on(coalition: "Coalition") -> NDArray[np.intp]:
    """Members who were to carry out what was decided, as indices of users: all, or those who were for it."""
    members, campaign = coalition.members, coalition.campaign
    if coalition.charter.carried_out_by == "supporters" or campaign.choices is not None:
        return members[campaign.supporters]
    return members
