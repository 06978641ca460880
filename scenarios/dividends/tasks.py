"""Several tasks to which the same people contribute: by each task's values alone, and by their sum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.settings import InputError
from ...valuation.claims import Claims
from ...valuation.summed import summed
from ...valuation.values import FloatArray
from .values_file import People

ALL = "all"
"""What stands for the task in the name of a method whose values are summed."""


def together(sources: Mapping[str, People], same_groups: bool = False) -> People:
    """The people of all sources, known by name; each kind of values by each source alone, and summed over all.

    same_groups: a name stands for the same group in all of them, as in the tasks of one world. Whoever is missing from
    a source, person or group, is worth 0 there and has no records. Raises InputError for sources that disagree on an
    income, and for values of groups where they are not the same.
    """
    names = tuple(dict.fromkeys(name for people in sources.values() for name in people.claims[0].people))
    kinds = [[(own.values.method, own.level) for own in people.claims] for people in sources.values()]
    for kind in kinds:
        if kind != kinds[0] or not (same_groups or all(level in ("user", "owen") for _, level in kind)):
            raise InputError("--levels", "values of groups", "user or owen with several sources: people are their own")
    claims = []
    for k in range(len(kinds[0])):
        each = {source: people.claims[k] for source, people in sources.items()}
        groups = _Groups.of(list(each.values()), names)
        claims += [_claim(source, [own], names, groups) for source, own in each.items()]
        claims.append(_claim(ALL, list(each.values()), names, groups))
    return People(
        tuple(claims),
        _income(sources, names),
        _attributes(sources, names),
        [(f"{label} ({source})", words) for source, people in sources.items() for label, words in people.facts]
        + [
            ("Together", f"{len(names):,} people; who is missing from a source is worth 0 there"),
            ("Unit", "that of the sources: of retrained tasks, the whole gap of one counts as much as that of another"),
        ],
    )


@dataclass(frozen=True, eq=False)
class _Groups:
    """The groups of all sources, where groups are valued."""

    players: tuple[Any, ...]
    place: NDArray[np.int64]
    """Of each person, among them."""

    @classmethod
    def of(cls, parts: Sequence[Claims], names: tuple[str, ...]) -> "_Groups | None":
        if parts[0].group is None:
            return None
        players = tuple(dict.fromkeys(player for part in parts for player in part.values.players))
        label: dict[Any, Any] = {}
        for part in parts:
            assert part.group is not None
            label |= {name: part.values.players[g] for name, g in zip(part.people, part.group, strict=True)}
        place = {player: k for k, player in enumerate(players)}
        return cls(players, np.array([place[label[name]] for name in names], dtype=np.int64))


def _claim(source: str, parts: Sequence[Claims], names: tuple[str, ...], groups: _Groups | None) -> Claims:
    values = summed([part.values for part in parts], groups.players if groups else names)
    values, records = replace(values, method=f"{parts[0].values.method}:{source}"), _records(parts, names)
    if groups is None:
        return Claims(names, values, records)
    own = [part.own for part in parts if part.own is not None]
    return Claims(names, values, records, groups.place, parts[0].inside, summed(own, names) if own else None)


def _records(parts: Sequence[Claims], names: tuple[str, ...]) -> FloatArray | None:
    if any(part.records is None for part in parts):
        return None
    records = dict.fromkeys(names, 0.0)
    for part in parts:
        assert part.records is not None
        for name, held in zip(part.people, part.records, strict=True):
            records[name] += float(held)
    return np.array([records[name] for name in names])


def _income(sources: Mapping[str, People], names: tuple[str, ...]) -> FloatArray | None:
    """Everybody's income, if any source tells it; InputError where sources disagree or somebody has none."""
    found: dict[Any, float] = {}
    for source, people in sources.items():
        if people.income is None:
            continue
        for name, income in zip(people.claims[0].people, people.income.tolist(), strict=True):
            if found.setdefault(name, income) != income:
                where = f"{source}, income of {name!r}"
                raise InputError(where, f"{income:g}", f"{found[name]:g}, as in another source")
    for name in names if found else ():
        if name not in found:
            raise InputError("income", f"none for {name!r}", "an income for everybody, or no column income")
    return np.array([found[name] for name in names]) if found else None


def _attributes(sources: Mapping[str, People], names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Each attribute once where all sources say the same of everybody they know; otherwise one for each source."""
    told: dict[str, dict[str, dict[Any, str]]] = {}
    for source, people in sources.items():
        for attribute, labels in people.attributes.items():
            told.setdefault(attribute, {})[source] = dict(zip(people.claims[0].people, labels, strict=True))
    found = {}
    for attribute, by_source in told.items():
        merged = {name: label for known in by_source.values() for name, label in known.items()}
        agree = all(merged[name] == label for known in by_source.values() for name, label in known.items())
        for source, known in {"": merged}.items() if agree else by_source.items():
            found[f"{attribute} ({source})" if source else attribute] = tuple(known.get(n, "unknown") for n in names)
    return found
