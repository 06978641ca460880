"""Signals: what a firm can learn of why people act against it.

A coalition says what it stands for and what it asks, so the firm knows what those who act with it want, as far as they
want what it says. Who acts on their own says nothing: to the firm it looks like people who come and go.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .doing import against, doings

if TYPE_CHECKING:
    from .model import CoalitionModel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Signal:
    """What one firm learned in a round; nan where nobody acted against it."""

    heard: float
    """Share of the people who acted against it who did so in a coalition that says why."""
    misread: float
    """How far what it takes them to want is from what they want: mean over issues of the distance between the two means
    over people, 0 to 2. Of whom it hears nothing it takes them to want what it does now. nan without issues."""


def signals(model: "CoalitionModel") -> dict[str, Signal]:
    """By firm, of the round just played."""
    return {firm.name: _signal(model, firm.name) for firm in model.firms}


def wanted(model: "CoalitionModel", firm: str) -> tuple[Floats, float]:
    """What those who acted against a firm in this round are taken to want, (issues,), and the share of them heard."""
    acting = _acting(model, firm)
    now = _by_issue(model, model.firm(firm).positions)
    if not acting:
        return now, float("nan")
    people, total, heard = len(_once(model, acting)), np.zeros(len(now)), 0.0
    for group, many in zip(acting, _speaks_for(model, acting), strict=True):
        total += many * (now if group.says is None else _by_issue(model, group.says, now))
        heard += many * (group.says is not None)
    return total / people, heard / people


@dataclass(frozen=True, eq=False)
class _Acting:
    """People who acted against a firm, and what they say that they want."""

    people: NDArray[np.intp]
    """Indices of users, ascending."""
    says: Mapping[str, float] | None
    """Positions; None where each acted alone, and nobody says anything."""


def _speaks_for(model: "CoalitionModel", acting: list[_Acting]) -> list[float]:
    """How many people act in each of these groups, every person once: who acts in several that say why is shared
    among them in equal parts, and of who is heard, what they do beside it in silence is not taken for silence."""
    heard, silent = np.zeros((2, model.population.n))
    for group in acting:
        said = silent if group.says is None else heard
        said[group.people] += 1
    silent[heard > 0] = np.inf
    return [float((1 / (silent if group.says is None else heard)[group.people]).sum()) for group in acting]


def _once(model: "CoalitionModel", acting: list[_Acting]) -> NDArray[np.intp]:
    """Everybody who acts in one of these groups or more, once, as indices of users."""
    new, found = np.ones(model.population.n, dtype=bool), []
    for group in acting:
        found.append(group.people[new[group.people]])
        new[group.people] = False
    return np.concatenate(found)


def lean(model: "CoalitionModel") -> None:
    """Firms that adapt move towards what those who acted against them are taken to want."""
    for firm in model.firms:
        step = firm.settings.response.adapts
        if not step or not _acting(model, firm.name):
            continue
        now = _by_issue(model, firm.positions)
        moved = now + step * (wanted(model, firm.name)[0] - now)
        firm.leaning |= {
            issue: float(to) for issue, to, was in zip(model.world.issues, moved, now, strict=True) if to != was
        }


def _signal(model: "CoalitionModel", firm: str) -> Signal:
    taken, heard = wanted(model, firm)
    if np.isnan(heard) or not len(taken):
        return Signal(heard, float("nan"))
    want = model.population.stances[_once(model, _acting(model, firm))].mean(axis=0)
    return Signal(heard, float(np.abs(taken - want).mean()))


def _acting(model: "CoalitionModel", firm: str) -> list[_Acting]:
    """Who acted against a firm, by coalition, and by themselves."""
    found = []
    for party in model.parties:
        people = against(doings(party.campaign)).get(firm)
        if people is not None and len(people):
            says = None if party.campaign.choices is not None else party.wants
            found.append(_Acting(np.sort(people), says))
    return found


def _by_issue(model: "CoalitionModel", positions: Mapping[str, float], otherwise: Floats | None = None) -> Floats:
    """Positions on all issues, (issues,); where there is none, `otherwise`, or 0."""
    issues = model.world.issues
    base = np.zeros(len(issues)) if otherwise is None else otherwise
    return np.array([positions.get(issue, own) for issue, own in zip(issues, base, strict=True)])
