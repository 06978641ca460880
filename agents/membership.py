"""Membership: who founds, joins, stays in and leaves a coalition."""

from typing import TYPE_CHECKING

import numpy as np

from .joining import Prospects
from .population import NOBODY

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel


def found(model: "CoalitionModel", coalition: "Coalition") -> None:
    """The people most aligned with the purpose found the coalition; nobody founds two."""
    people = model.population
    by_chance = model.streams.uniforms("founders", coalition.name, n=people.n)
    rank = np.lexsort((by_chance, -model.alignment[:, coalition.index], people.founder))
    wanted = round(coalition.settings.founders * people.n)
    founders = rank[: min(wanted, int((~people.founder).sum()))]
    people.founder[founders], people.coalition[founders] = True, coalition.index


def join_or_leave(model: "CoalitionModel") -> None:
    """People look around and join, stay in, or leave a coalition; founders stay."""
    if not model.coalitions:
        return
    people = model.population
    wish = np.nan_to_num(model.world.users.joining(prospects(model)), nan=-np.inf)
    best = np.where((wish > -np.inf).any(axis=1), wish.argmax(axis=1), NOBODY)
    people.coalition = np.where(people.founder, people.coalition, best)


def prospects(model: "CoalitionModel") -> Prospects:
    """What people perceive before they decide on membership: the round before, and who is around them."""
    people, coalitions = model.population, model.coalitions
    inside = (people.coalition[:, None] == np.arange(len(coalitions))).astype(float)
    pots = np.array([coalition.pot for coalition in coalitions])
    size = inside.sum(axis=0)
    # A pot grows with the members who threaten, so one member more is expected to add the pot per member.
    each = np.divide(pots, size, out=np.zeros(len(coalitions)), where=size > 0)
    public = np.array([coalition.charter.public_share for coalition in coalitions])
    effort = np.array([coalition.campaign.proposal.effort for coalition in coalitions])
    lost = np.array([coalition.campaign.service_lost for coalition in coalitions])
    dues = np.array([coalition.charter.dues for coalition in coalitions])
    return Prospects(
        peers=model.network.share(inside),
        alignment=model.alignment,
        threshold=people.threshold,
        excludable=np.broadcast_to((1 - public) * each, inside.shape),
        public=np.broadcast_to(public * each / people.n, inside.shape),
        service_lost=np.broadcast_to(lost, inside.shape),
        cost=(people.cost * people.compliance)[:, None] * effort,
        dues=np.broadcast_to(dues, inside.shape),
    )
