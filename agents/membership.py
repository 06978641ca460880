"""Membership: who joins, stays in and leaves a coalition."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.admission import Applicants, Open
from .clubs import standing
from .coalition import Flow
from .communities import moved_together
from .discovery import hear
from .exposure import of_members
from .founding import found_and_dissolve
from .joining import Prospects
from .joining.choice import beside, chosen
from .production import first_lever, in_press, produced
from .sanctions import expected_effort
from .satisfaction import with_target
from .unhindered import unhindered

if TYPE_CHECKING:
    from .model import CoalitionModel

Mask = NDArray[np.bool_]


def join_or_leave(model: "CoalitionModel") -> None:
    """People look around and join, stay in, or leave coalitions; founders stay in what they founded."""
    if not model.coalitions:
        return
    people, before = model.population, model.population.member.copy(order="K")
    found_and_dissolve(model)
    seen, out = prospects(model), _put_out(model)
    wanted = _wanted(model, seen)
    model.same_place = _as_unhindered(model, wanted)
    held = _move(model, wanted, out)
    for k, coalition in enumerate(model.coalitions):
        coalition.flow = _flow(people.member[:, k], before[:, k], held[:, k], out[:, k], seen.open[:, k])
        people.dues[coalition.members] += coalition.charter.dues


def _wanted(model: "CoalitionModel", seen: Prospects) -> Mask:
    """Where people would go, (users, coalitions): founders to what goes with what they founded, and communities
    together."""
    wish = model.world.users.joining(seen)
    wish = wish if seen.open.all() else np.where(seen.open, wish, np.nan)
    founder, exclusive = model.population.founder, model.exclusive
    wanted = chosen(wish, exclusive)
    some = np.flatnonzero(founder.any(axis=1))
    own = founder[some]
    wanted[some] = own | chosen(np.where(beside(own, exclusive), wish[some], np.nan), exclusive)
    return moved_together(model, wanted, seen.open)


def _as_unhindered(model: "CoalitionModel", wanted: Mask) -> Mask:
    """Who would go there too if nothing hindered them, (users,)."""
    if model.world.users.discovery is None and model.law == model.law.frictionless:
        return np.ones(len(wanted), dtype=bool)  # beliefs do not bear on joining, and there is nothing else
    with unhindered(model):
        return np.asarray((_wanted(model, prospects(model)) == wanted).all(axis=1))


def _put_out(model: "CoalitionModel") -> Mask:
    """Members whom the coalition puts out, (users, coalitions)."""
    out = np.zeros_like(model.population.member)
    for coalition in model.coalitions:
        if coalition.banned is not None:
            out[coalition.members, coalition.index] = coalition.banned[coalition.members]
    return out


def _move(model: "CoalitionModel", wanted: Mask, out: Mask) -> Mask:
    """Put people where they want to be, as far as the charters of where they are let them go; nothing keeps those who
    are put `out`. All (users, coalitions). Whom one coalition keeps joins none that does not go with it.

    Returns whom notice or a lock-in kept, (users, coalitions).
    """
    people, now = model.population, model.population.member
    held = np.zeros_like(now)
    for coalition in model.coalitions:
        k, charter = coalition.index, coalition.charter
        if charter.notice or charter.lock_in:
            wants_out = now[:, k] & ~wanted[:, k]
            people.notice[:, k] = np.where(wants_out, people.notice[:, k] + 1, 0)
            early = (people.notice[:, k] <= charter.notice) | (model.round - people.since[:, k] < charter.lock_in)
            held[:, k] = wants_out & early & ~out[:, k]
    then = held | (wanted & beside(held, model.exclusive)) if held.any() else wanted
    people.since[then & ~now] = model.round
    people.member = then
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
    inside = people.member
    size = np.maximum(inside.sum(axis=0), 1)
    public = np.array([coalition.public_share * coalition.won for coalition in coalitions])
    lost = np.array([c.campaign.service_lost if c.campaign.carried_out else 0.0 for c in coalitions])
    dues, hardship = np.array([coalition.charter.dues for coalition in coalitions]), model.world.users.hardship
    # What a club gave before is what its members have beyond others, whether or not it acted again.
    lost = lost - standing(model) if any(coalition.club for coalition in coalitions) else lost
    exposed = np.array([of_members(coalition) for coalition in coalitions])
    peers = model.network.share(inside)
    return Prospects(
        peers=peers,
        alignment=model.alignment,
        threshold=people.threshold,
        open=takes(model, peers) & hear(model, peers),
        excludable=lambda: np.stack([coalition.expected_payout for coalition in coalitions], axis=1),
        # What a threat wins grows with the members: one more adds the public share per member, spread over all.
        public=np.broadcast_to(public / size / people.n, inside.shape),
        service_lost=np.broadcast_to(hardship.service * lost, inside.shape),
        cost=lambda: np.stack([expected_effort(model, coalition) for coalition in coalitions], axis=1),
        exposure=np.broadcast_to(hardship.exposure * exposed, inside.shape),
        dues=np.broadcast_to(dues, inside.shape),
        member=people.member,
        exclusive=model.exclusive,
        own_cost=people.cost,
        resources=people.records / max(people.records.sum(), 1),
        satisfaction=lambda: np.stack([with_target(model, coalition.target) for coalition in coalitions], axis=1),
        network=model.network,
        draw=lambda name: model.streams.uniforms("joining", name, model.round, n=people.n),
        beliefs=lambda: _beliefs(model),
        in_press=lambda grid: in_press(model, grid),
        production=lambda grid: produced(model, grid),
    )


def _beliefs(model: "CoalitionModel") -> NDArray[np.int64]:
    """What each person goes by where each coalition's first lever is concerned, (users, coalitions)."""
    levers = (first_lever(coalition.charter.ballot) for coalition in model.coalitions)
    return np.stack([model.world.users.awareness.beliefs(model, lever.target) for lever in levers], axis=1)


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
        outside = np.flatnonzero(~people.member[:, coalition.index])
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
            taken[:, coalition.index] &= ~coalition.banned | people.founder[:, coalition.index]
    return taken
