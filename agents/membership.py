"""Membership: who founds, joins, stays in and leaves a coalition."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.admission import Applicants, Open
from .coalition import Flow
from .joining import Prospects
from .population import NOBODY
from .production import first_lever, produced
from .propensity import willing_to

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel

Places = NDArray[np.int_]
Mask = NDArray[np.bool_]


def found(model: "CoalitionModel", coalition: "Coalition") -> None:
    """The people most aligned with the purpose, of those who would act, found the coalition; nobody founds two."""
    people = model.population
    by_chance = model.streams.uniforms("founders", coalition.name, n=people.n)
    may = willing_to(model, first_lever(coalition.charter.ballot), np.arange(people.n)) & ~people.founder
    rank = np.lexsort((by_chance, -model.alignment[:, coalition.index], ~may))
    wanted = round(coalition.settings.founders * people.n)
    founders = rank[: min(wanted, int(may.sum()))]
    people.founder[founders], people.coalition[founders] = True, coalition.index


def join_or_leave(model: "CoalitionModel") -> None:
    """People look around and join, stay in, or leave a coalition; founders stay."""
    if not model.coalitions:
        return
    people, seen, before = model.population, prospects(model), model.population.coalition
    wish = model.world.users.joining(seen)
    best = _best(wish if seen.open.all() else np.where(seen.open, wish, np.nan))
    held = _move(model, np.where(people.founder, before, best))
    for k, coalition in enumerate(model.coalitions):
        coalition.flow = _flow(people.coalition == k, before == k, held, seen.open[:, k])
        people.dues[coalition.members] += coalition.charter.dues


def _move(model: "CoalitionModel", wanted: Places) -> Mask:
    """Put people where they want to be, (users,), as far as the charters of where they are let them go.

    Returns whom notice or a lock-in kept, (users,).
    """
    people, now = model.population, model.population.coalition
    wants_out = (now != NOBODY) & (wanted != now)
    people.notice = np.where(wants_out, people.notice + 1, 0)
    held = np.zeros(people.n, dtype=bool)
    for coalition in model.coalitions:
        charter = coalition.charter
        if charter.notice or charter.lock_in:
            early = (people.notice <= charter.notice) | (model.round - people.since < charter.lock_in)
            held |= (now == coalition.index) & early
    held &= wants_out
    people.coalition = np.where(held, now, wanted)
    people.since[people.coalition != now] = model.round
    return held


def _flow(now: Mask, before: Mask, held: Mask, takes: Mask) -> Flow:
    """What changed in one coalition, whose members `now` and `before` are; `takes` as in prospects, of one column."""
    joined, left = now & ~before, before & ~now
    return Flow(int(joined.sum()), int(left.sum()), int((now & held).sum()), int((~takes).sum()))


def prospects(model: "CoalitionModel") -> Prospects:
    """What people perceive before they decide on membership: the round before, and who is around them.

    They expect the next round to be like the last. A member gets what members with as many records were paid,
    bears the effort and the loss of service if the lever was pulled, and neither if the firm paid instead.
    """
    people, coalitions = model.population, model.coalitions
    inside = (people.coalition[:, None] == np.arange(len(coalitions))).astype(float)
    size = np.maximum(inside.sum(axis=0), 1)
    public = np.array([coalition.charter.public_share * coalition.won for coalition in coalitions])
    effort = np.array([model.world.law.effort(coalition.campaign.pulled) for coalition in coalitions])
    lost = np.array([c.campaign.service_lost if c.campaign.carried_out else 0.0 for c in coalitions])
    dues, hardship = np.array([coalition.charter.dues for coalition in coalitions]), model.world.users.hardship
    peers = model.network.share(inside)
    return Prospects(
        peers=peers,
        alignment=model.alignment,
        threshold=people.threshold,
        open=takes(model, peers),
        excludable=np.stack([_expected(coalition, people.records) for coalition in coalitions], axis=1),
        # What a threat wins grows with the members: one more adds the public share per member, spread over all.
        public=np.broadcast_to(public / size / people.n, inside.shape),
        service_lost=np.broadcast_to(hardship.service * lost, inside.shape),
        cost=hardship.effort * (people.cost * people.compliance)[:, None] * effort * _willing(model),
        dues=np.broadcast_to(dues, inside.shape),
        current=people.coalition,
        own_cost=people.cost,
        resources=people.records / max(people.records.sum(), 1),
        network=model.network,
        draw=lambda name: model.streams.uniforms("joining", name, model.round, n=people.n),
        production=lambda grid: produced(model, grid),
    )


def _willing(model: "CoalitionModel") -> Mask:
    """Who would carry out what each coalition did last, (users, coalitions)."""
    everybody = np.arange(model.population.n)
    return np.stack([willing_to(model, c.campaign.pulled, everybody) for c in model.coalitions], axis=1)


def takes(model: "CoalitionModel", peers: NDArray[np.float64]) -> Mask:
    """Which coalitions each person is in, or would be taken by; (users, coalitions), as is `peers`."""
    people = model.population
    admissions = [coalition.charter.admission for coalition in model.coalitions]
    if all(isinstance(admission, Open) for admission in admissions):
        return np.broadcast_to(True, peers.shape)
    taken = np.ones(peers.shape, dtype=bool)
    for coalition, admission in zip(model.coalitions, admissions, strict=True):
        outside = np.flatnonzero(people.coalition != coalition.index)
        around = np.rint(peers[outside, coalition.index] * model.network.seen[outside])
        purpose = np.array([coalition.settings.positions.get(issue, 0.0) for issue in people.issues])
        taken[outside, coalition.index] = admission(
            Applicants(
                records=people.records[outside],
                stances=people.stances[outside],
                sponsors=around.astype(np.int64),
                purpose=purpose,
                members=people.stances[coalition.members],
            )
        )
    return taken


def _best(wish: NDArray[np.float64]) -> NDArray[np.int_]:
    """Where each person would like best to be, (users,): NOBODY where all is nan, the first of equals."""
    best, most = np.full(len(wish), NOBODY), np.full(len(wish), -np.inf)
    for place, liking in enumerate(wish.T):
        better = liking > most
        best[better], most[better] = place, liking[better]
    return best


def _expected(coalition: "Coalition", records: NDArray[np.int64]) -> NDArray[np.float64]:
    """The members' payout as a function of records, read off last round's: whatever the dividend, it is one,
    since a coalition's value is split by records."""
    held, paid = coalition.campaign.payouts
    return np.interp(records, held, paid) if len(held) else np.zeros(len(records))
