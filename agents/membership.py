"""Membership: who joins, stays in and leaves a coalition."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.admission import Applicants, Open
from .coalition import Flow
from .communities import moved_together
from .discovery import hear
from .founding import found_and_dissolve
from .joining import Prospects
from .population import NOBODY
from .production import produced
from .sanctions import expected_effort
from .satisfaction import with_target

if TYPE_CHECKING:
    from .model import CoalitionModel

Places = NDArray[np.int_]
Mask = NDArray[np.bool_]


def join_or_leave(model: "CoalitionModel") -> None:
    """People look around and join, stay in, or leave a coalition; founders stay."""
    if not model.coalitions:
        return
    people, before = model.population, model.population.coalition.copy()
    found_and_dissolve(model)
    seen, started = prospects(model), people.coalition
    wish = model.world.users.joining(seen)
    best = _best(wish if seen.open.all() else np.where(seen.open, wish, np.nan))
    out = _put_out(model)
    wanted = moved_together(model, np.where(people.founder, started, best), seen.open)
    held = _move(model, wanted, out)
    for k, coalition in enumerate(model.coalitions):
        coalition.flow = _flow(people.coalition == k, before == k, held, out, seen.open[:, k])
        people.dues[coalition.members] += coalition.charter.dues


def _put_out(model: "CoalitionModel") -> Mask:
    """Members whose own coalition puts them out, (users,)."""
    people = model.population
    out = np.zeros(people.n, dtype=bool)
    for coalition in model.coalitions:
        if coalition.banned is not None:
            out |= coalition.banned & (people.coalition == coalition.index)
    return out


def _move(model: "CoalitionModel", wanted: Places, out: Mask) -> Mask:
    """Put people where they want to be, (users,), as far as the charters of where they are let them go; nothing keeps
    those who are put `out`, (users,).

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
    held &= wants_out & ~out
    people.coalition = np.where(held, now, wanted)
    people.since[people.coalition != now] = model.round
    return held


def _flow(now: Mask, before: Mask, held: Mask, out: Mask, takes: Mask) -> Flow:
    """What changed in one coalition, whose members `now` and `before` are; `takes` as in prospects, of one column."""
    joined, left = now & ~before, before & ~now
    return Flow(
        int(joined.sum()), int(left.sum()), int((now & held).sum()), int((left & out).sum()), int((~takes).sum())
    )


def prospects(model: "CoalitionModel") -> Prospects:
    """What people perceive before they decide on membership: the round before, and who is around them.

    They expect the next round to be like the last. A member gets what members with as many records were paid,
    bears the effort and the loss of service if the lever was pulled, and neither if the firm paid instead.
    """
    people, coalitions = model.population, model.coalitions
    inside = (people.coalition[:, None] == np.arange(len(coalitions))).astype(float)
    size = np.maximum(inside.sum(axis=0), 1)
    public = np.array([coalition.charter.public_share * coalition.won for coalition in coalitions])
    lost = np.array([c.campaign.service_lost if c.campaign.carried_out else 0.0 for c in coalitions])
    dues, hardship = np.array([coalition.charter.dues for coalition in coalitions]), model.world.users.hardship
    peers = model.network.share(inside)
    return Prospects(
        peers=peers,
        alignment=model.alignment,
        threshold=people.threshold,
        open=takes(model, peers) & hear(model, peers),
        excludable=np.stack([coalition.expected_payout(people.records) for coalition in coalitions], axis=1),
        # What a threat wins grows with the members: one more adds the public share per member, spread over all.
        public=np.broadcast_to(public / size / people.n, inside.shape),
        service_lost=np.broadcast_to(hardship.service * lost, inside.shape),
        cost=np.stack([expected_effort(model, coalition) for coalition in coalitions], axis=1),
        dues=np.broadcast_to(dues, inside.shape),
        current=people.coalition,
        own_cost=people.cost,
        resources=people.records / max(people.records.sum(), 1),
        satisfaction=lambda: np.stack([with_target(model, coalition.target) for coalition in coalitions], axis=1),
        network=model.network,
        draw=lambda name: model.streams.uniforms("joining", name, model.round, n=people.n),
        production=lambda grid: produced(model, grid),
    )


def takes(model: "CoalitionModel", peers: NDArray[np.float64]) -> Mask:
    """Which coalitions each person is in, or would be taken by; (users, coalitions), as is `peers`."""
    people = model.population
    admissions = [coalition.charter.admission for coalition in model.coalitions]
    plain = all(c.standing == "active" and c.banned is None for c in model.coalitions)
    if all(isinstance(admission, Open) for admission in admissions) and plain:
        return np.broadcast_to(True, peers.shape)
    taken = np.ones(peers.shape, dtype=bool)
    for coalition, admission in zip(model.coalitions, admissions, strict=True):
        if coalition.standing != "active":
            taken[:, coalition.index] = False
            continue
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
        if coalition.banned is not None:
            taken[:, coalition.index] &= ~coalition.banned | people.founder
    return taken


def _best(wish: NDArray[np.float64]) -> NDArray[np.int_]:
    """Where each person would like best to be, (users,): NOBODY where all is nan, the first of equals."""
    best, most = np.full(len(wish), NOBODY), np.full(len(wish), -np.inf)
    for place, liking in enumerate(wish.T):
        better = liking > most
        best[better], most[better] = place, liking[better]
    return best
