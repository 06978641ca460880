"""Catalogue: the families of plug-ins that a scenario can choose from, their members and settings, in words."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..ml_tasks.settings import InputError
from .field_docs import field_docs, sentence
from .schema import FAMILIES, described, section

REQUIRED = "must be given"


@dataclasses.dataclass(frozen=True)
class Setting:
    """A setting in words."""

    name: str
    range: str
    default: str
    meaning: str


def families() -> dict[str, Mapping[str, Any]]:
    """Every family by its name, such as rules or levers."""
    return {_plural(kind.__name__): members for kind, members in FAMILIES.items()}


def members_of(family: str) -> Mapping[str, Any]:
    """A family's members by key. Raises InputError for a family that is not there."""
    known = families()
    if family not in known:
        raise InputError("list", repr(family), f"one of {', '.join(sorted(known))}, or priors")
    return known[family]


def family_lines() -> Iterator[str]:
    """A line for each family: its name and the keys of its members."""
    for name, members in sorted(families().items()):
        yield f"{name:<18} {', '.join(members)}"


def member_lines(family: str) -> Iterator[str]:
    """A line for each member: its key and what it does."""
    members = members_of(family)
    width = max(map(len, members)) + 2
    for key, cls in members.items():
        yield f"{key:<{width}}{sentence(cls)}"


def setting_lines(family: str, key: str) -> Iterator[str]:
    """What one member does, and a line for each of its settings: name, range, default, meaning."""
    members = members_of(family)
    if key not in members:
        raise InputError(f"list {family}", repr(key), f"one of {', '.join(members)}")
    cls = members[key]
    yield f"{key}: {sentence(cls)}"
    for setting in settings_of(cls, key):
        default = setting.default if setting.default == REQUIRED else f"default {setting.default}"
        yield f"  {setting.name}: {setting.range}; {default}. {setting.meaning}".rstrip()


def settings_of(cls: Any, key: str | None = None) -> Iterator[Setting]:
    """Each setting of a class; `key` is its kind if it is a member of a family."""
    properties = section(cls, key).model_json_schema()["properties"]
    for field in dataclasses.fields(cls):
        meaning = field_docs(cls).get(field.name, "")
        yield Setting(field.name, _range(properties[field.name]), _default(field), meaning)


def _plural(name: str) -> str:
    """TaskSettings -> tasks, RatingModel -> rating-models."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name.removesuffix("Settings").removesuffix("Rule") or name).lower()
    return words if words.endswith("s") else f"{words}s"


def _range(schema: Mapping[str, Any]) -> str:
    """The type and bounds of a setting in words, from its JSON Schema."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_range(choice) for choice in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return "one of " + ", ".join(map(str, schema.get("enum", [schema.get("const")])))
    words = {"number": "a number", "integer": "a whole number", "null": "empty", "string": "text", "array": "a list"}
    bounds = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
    told = [f"{word} {schema[key]:g}" for key, word in bounds.items() if key in schema]
    return " ".join([words.get(schema.get("type", ""), "a section"), *told])


def _default(field: "dataclasses.Field[Any]") -> str:
    if field.default is not dataclasses.MISSING:
        return "empty" if field.default in (None, "", ()) else str(field.default)
    if field.default_factory is dataclasses.MISSING:
        return REQUIRED
    value = described(field.default_factory())
    return getattr(value, "kind", None) or "its own defaults"
