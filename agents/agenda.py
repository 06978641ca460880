"""Agenda: whether a coalition decides in this round, and what goes on from an earlier one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.deciders import best_of
from ..coalitions.levers import Lever, Separately
from .bargaining import answer, compliers, keeping_to_it, threaten
from .propensity import willing_to
from .voting import vote, weighed

if TYPE_CHECKING:
    from .alone import Scattered
    from .coalition import Coalition
    from .model import CoalitionModel
    from .party import Party


@dataclass(frozen=True, eq=False)
class Lasting:
    """A campaign that was begun, and what is remembered of the vote on it."""

    lever: Lever
    until: int
    """Last round in which it is pulled."""
    rests_until: int
    """Last round in which nothing new may be decided."""
    supporters: NDArray[np.intp]
    """Who rated it above doing nothing, as indices of users."""
    service_lost: float


def decide(model: "CoalitionModel", coalition: "Coalition") -> None:
    """A coalition's turn: it keeps an agreement, goes on with a campaign, rests after one, waits, or decides anew."""
    if model.round <= coalition.bound_until or coalition.standing != "active":
        return
    lasting, campaign = coalition.lasting, coalition.campaign
    if lasting is not None and model.round <= lasting.until:
        _carry_on(model, coalition, lasting)
        return
    if not coalition.pledged or (lasting is not None and model.round <= lasting.rests_until):
        return
    vote(model, coalition)
    if campaign.choices is not None:
        _pull_own(model, coalition, campaign.choices)
    else:
        threaten(model, coalition)
        answer(model, coalition)
    if campaign.carried_out and not campaign.buyer:
        agenda, supporters = coalition.charter.agenda, coalition.members[campaign.supporters]
        until = model.round + agenda.campaign - 1
        coalition.lasting = Lasting(
            campaign.pulled, until, until + agenda.cooling_off, supporters, campaign.service_lost
        )


def _carry_on(model: "CoalitionModel", coalition: "Coalition", lasting: Lasting) -> None:
    """The lever is pulled without a vote and without anybody's being asked to pay; who complies is drawn anew."""
    campaign, members = coalition.campaign, coalition.members
    campaign.supporters = np.isin(members, lasting.supporters)
    campaign.pulled, campaign.service_lost = lasting.lever, lasting.service_lost
    campaign.compliers = compliers(model, coalition, lasting.lever)


def act_alone(model: "CoalitionModel", people: "Scattered") -> None:
    """The turn of people in no coalition: each does what they rate highest of what they consider, or nothing."""
    if len(people.members):
        ratings, _ = weighed(model, people)
        people.campaign.choices = best_of(ratings)
        _pull_own(model, people, people.campaign.choices)


def _pull_own(model: "CoalitionModel", party: "Party", choices: NDArray[np.intp]) -> None:
    """Each who keeps to what they decided pulls the lever that they rate highest, if they would at all act so."""
    campaign, members = party.campaign, party.members
    campaign.supporters = choices > 0
    parts = [(option, members[choices == k]) for k, option in enumerate(campaign.ballot) if k > 0]
    parts = [(option, own[willing_to(model, option, own)]) for option, own in parts]
    wanted = tuple((option, own) for option, own in parts if len(own))
    acting = np.concatenate([np.empty(0, dtype=np.intp), *(own for _, own in wanted)])
    campaign.compliers = np.intersect1d(members[keeping_to_it(model, party)], acting)
    if wanted:
        campaign.pulled = Separately(wanted)
