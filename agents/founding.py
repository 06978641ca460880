"""Founding: coalitions that come to be, split off, merge and are dissolved at the start of a round."""

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..coalitions.foundings import Public
from .population import NOBODY
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
    may = _would_act(model, coalition) & ~people.founder
    rank = np.lexsort((by_chance, -model.alignment[:, coalition.index], ~may))
    wanted = round(coalition.settings.founders * people.n)
    founders = rank[: min(wanted, int(may.sum()))]
    people.founder[founders], people.coalition[founders] = True, coalition.index


def _would_act(model: "CoalitionModel", coalition: "Coalition") -> Mask:
    """Who would at all pull the first lever of the charter, (users,)."""
    return willing_to(model, first_lever(coalition.charter.ballot), np.arange(model.population.n))


def found_and_dissolve(model: "CoalitionModel") -> None:
    """Dissolve what was too small for too long; then found, in the order of the scenario, what can be founded."""
    for coalition in model.coalitions:
        if coalition.standing == "active" and _too_small(coalition):
            _end(model, coalition, "dissolved")
    for coalition in model.coalitions:
        founding = coalition.settings.founding
        if founding is None or coalition.standing != "to be founded":
            continue
        together = founding(_public(model, coalition))
        if together.any():
            _begin(model, coalition, together)


def _too_small(coalition: "Coalition") -> bool:
    """Whether it has had too few members for too long; called once a round."""
    dissolution = coalition.charter.dissolution
    if dissolution is None:
        return False
    small = len(coalition.members) < dissolution.members
    coalition.small_for = coalition.small_for + 1 if small else 0
    return coalition.small_for > dissolution.rounds


def _begin(model: "CoalitionModel", coalition: "Coalition", together: Mask) -> None:
    people, founding = model.population, coalition.settings.founding
    assert founding is not None
    if len(founding.of) > 1:
        for other in model.coalitions:
            if other.name in founding.of:
                _end(model, other, "merged")
    people.coalition[together], people.since[together] = coalition.index, model.round
    people.notice[together] = 0
    people.founder[together] |= founding.founders
    coalition.standing = "active"


def _end(model: "CoalitionModel", coalition: "Coalition", standing: Standing) -> None:
    """Nobody is in it any more. Who founded it is no founder, unless what it merges into makes them one."""
    people, members = model.population, coalition.members
    people.coalition[members], people.since[members], people.notice[members] = NOBODY, model.round, 0
    people.founder[members] = False
    coalition.standing = standing


def _public(model: "CoalitionModel", coalition: "Coalition") -> Public:
    people, network = model.population, model.network
    names = [other.name for other in model.coalitions]
    return Public(
        round=model.round,
        alignment=model.alignment[:, coalition.index],
        alignment_with=dict(zip(names, model.alignment.T, strict=True)),
        members={name: people.coalition == k for k, name in enumerate(names)},
        # Who would not act says nothing, ever.
        lots=np.where(_would_act(model, coalition), model.streams.uniforms("concern", coalition.name, n=people.n), 1.0),
        around=network.count,
        neighbours=network.around,
    )
