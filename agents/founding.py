"""Founding: coalitions that come to be, split off, merge and are dissolved at the start of a round."""

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..coalitions.foundings import Public
from .production import first_lever
from .propensity import willing_to

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel

Mask = NDArray[np.bool_]
Standing = Literal["to be founded", "active", "dissolved", "merged"]


def found(model: "CoalitionModel", coalition: "Coalition") -> None:
    """The people most aligned with the purpose, of those who would act, found the coalition; nobody founds two."""
    people = model.population
    by_chance = model.streams.uniforms("founders", coalition.name, n=people.n)
    may = _would_act(model, coalition) & ~people.founder.any(axis=1)
    rank = np.lexsort((by_chance, -model.alignment[:, coalition.index], ~may))
    wanted = round(coalition.settings.founders * people.n)
    founders = rank[: min(wanted, int(may.sum()))]
    people.founder[founders, coalition.index] = people.member[founders, coalition.index] = True


def _would_act(model: "CoalitionModel", coalition: "Coalition") -> Mask:
    """Who would at all pull the first lever of the charter, (users,)."""
    return willing_to(model, first_lever(coalition.charter.ballot), np.arange(model.population.n))


def found_and_dissolve(model: "CoalitionModel") -> None:
    """Dissolve what has come to its end; then found, in the order of the scenario, what can be founded."""
    for coalition in model.coalitions:
        if coalition.standing == "active" and _over(model, coalition):
            _end(model, coalition, "dissolved")
    for coalition in model.coalitions:
        founding = coalition.settings.founding
        if founding is None or coalition.standing != "to be founded":
            continue
        together = founding(_public(model, coalition))
        if together.any():
            _begin(model, coalition, together)


def _over(model: "CoalitionModel", coalition: "Coalition") -> bool:
    """Whether it has been too small or idle for too long, or has reached its goal; called once a round."""
    dissolution = coalition.charter.dissolution
    if dissolution is None:
        return False
    small = len(coalition.members) < dissolution.members
    coalition.small_for = coalition.small_for + 1 if small else 0
    busy = coalition.campaign.carried_out or coalition.bound_until >= model.round - 1 or model.round == 1
    coalition.idle_for = 0 if busy else coalition.idle_for + 1
    granted = dissolution.once_granted and coalition.granted is not None
    idle = dissolution.idle is not None and coalition.idle_for >= dissolution.idle
    return granted or idle or coalition.small_for > dissolution.rounds


def _begin(model: "CoalitionModel", coalition: "Coalition", together: Mask) -> None:
    """Who comes together leaves what the coalition comes out of, and what it does not go with: founders of such a one
    stay behind. Who founded what splits is as bound to the part they go to."""
    people, founding, k = model.population, coalition.settings.founding, coalition.index
    assert founding is not None
    sources = [other for other in model.coalitions if other.name in founding.of]
    clashing = _clashing(model, coalition)
    clashing[[other.index for other in sources]] = False
    go = np.flatnonzero(together & ~people.founder[:, clashing].any(axis=1))
    people.founder[go, k] = founding.founders
    for other in sources:
        if len(sources) > 1:
            _end(model, other, "merged")
        people.founder[go, k] |= people.founder[go, other.index]
        people.member[go, other.index] = people.founder[go, other.index] = False
    people.member[np.ix_(go, np.flatnonzero(clashing))] = False
    people.member[go, k], people.since[go, k], people.notice[go, k] = True, model.round, 0
    coalition.standing = "active"


def _clashing(model: "CoalitionModel", coalition: "Coalition") -> Mask:
    """The other coalitions in which nobody can be who is in this one, (coalitions,)."""
    clashing = model.exclusive | model.exclusive[coalition.index]
    clashing[coalition.index] = False
    return np.asarray(clashing)


def _end(model: "CoalitionModel", coalition: "Coalition", standing: Standing) -> None:
    """Nobody is in it any more. Who founded it is no founder, unless what it merges into makes them one."""
    people, k = model.population, coalition.index
    people.member[:, k] = people.founder[:, k] = False
    people.notice[:, k] = 0
    coalition.standing = standing


def _public(model: "CoalitionModel", coalition: "Coalition") -> Public:
    people, network = model.population, model.network
    names = [other.name for other in model.coalitions]
    return Public(
        round=model.round,
        alignment=model.alignment[:, coalition.index],
        alignment_with=dict(zip(names, model.alignment.T, strict=True)),
        members={name: people.member[:, k] for k, name in enumerate(names)},
        free=np.asarray(~people.member[:, _clashing(model, coalition)].any(axis=1)),
        # Who would not act says nothing, ever.
        lots=np.where(_would_act(model, coalition), model.streams.uniforms("concern", coalition.name, n=people.n), 1.0),
        around=network.count,
        neighbours=network.around,
    )
