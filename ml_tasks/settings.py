"""Settings: what the fields of every plug-in have in common.

A plug-in is a frozen dataclass whose fields are its settings. A bound is written once, in the type of the
field (`Share`, `Positive`, ...). The scenario schema reads it from there, and `check` holds it for people
who build the plug-in in Python.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Interval, Le

Share = Annotated[float, Interval(ge=0, le=1)]
"""A number from 0 to 1."""
Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Count = Annotated[int, Ge(0)]
PositiveCount = Annotated[int, Ge(1)]
Stance = Annotated[float, Interval(ge=-1, le=1)]
"""A position on an issue, from -1 (against) to 1 (for)."""


class InputError(ValueError):
    """Something a person wrote cannot be used; the message is one sentence for that person.

    It names where the error is (a file, a field), what was found there and what would be right.
    """

    def __init__(self, where: str, found: object, expected: str) -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(f"{where}: found {found}; expected {expected}")

    def __reduce__(self) -> tuple[type["InputError"], tuple[str, object, str]]:
        """By its three parts: a worker process could not hand it back by its message alone."""
        return InputError, (self.where, f"{self.found}", self.expected)

    def within(self, outer: str) -> "InputError":
        """The same error seen from a file or section that holds this one."""
        return InputError(f"{outer}: {self.where}" if self.where else outer, self.found, self.expected)


Seeds = tuple[Annotated[int, Interval(ge=0, le=2**32 - 1)], ...]


def check_seeds(seeds: Sequence[int]) -> None:
    """Raise InputError unless these are distinct training seeds, at least one.

    The same seed twice is one training counted twice: its standard error would be too small.
    """
    if not seeds or len(set(seeds)) < len(seeds):
        raise InputError("train_seeds", list(seeds), "at least one seed, and every seed once")
    for seed in seeds:
        if not 0 <= seed < 2**32:
            raise InputError("train_seeds", seed, "seeds from 0 to 4294967295")


def check(settings: Any) -> None:
    """Raise InputError if a field of the dataclass `settings` breaks the bound or is none of the words in its type."""
    kind: Any = type(settings)
    for name, hint in _hints(kind).items():
        value = getattr(settings, name)
        if get_origin(hint) is Literal and value not in get_args(hint):
            raise InputError(name, repr(value), f"one of {', '.join(map(str, get_args(hint)))}")
        for bound in getattr(hint, "__metadata__", ()):
            if isinstance(value, int | float) and not _holds(bound, value):
                raise InputError(name, value, f"a number {_words(bound)}")


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    """Names and types of a dataclass's fields, looked up once: that was a tenth of a short run."""
    return get_type_hints(kind, include_extras=True)


class Checked:
    """A mixin for frozen dataclasses: `check` runs whenever one is made."""

    def __post_init__(self) -> None:
        check(self)


def settings_of(plugin: Any) -> dict[str, Any]:
    """Field names and values of a dataclass instance, in order, not recursive."""
    return {field.name: getattr(plugin, field.name) for field in fields(plugin)}


def _limits(bound: object) -> dict[str, float | None]:
    names = ("ge", "gt", "le", "lt")
    return {name: getattr(bound, name, None) for name in names}


def _holds(bound: object, value: float) -> bool:
    limits = _limits(bound)
    return (
        (limits["ge"] is None or value >= limits["ge"])
        and (limits["gt"] is None or value > limits["gt"])
        and (limits["le"] is None or value <= limits["le"])
        and (limits["lt"] is None or value < limits["lt"])
    )


def _words(bound: object) -> str:
    signs = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    return " and ".join(f"{signs[name]} {limit}" for name, limit in _limits(bound).items() if limit is not None)


__all__ = [
    "Checked",
    "Count",
    "Ge",
    "Gt",
    "InputError",
    "Interval",
    "Le",
    "NonNegative",
    "Positive",
    "PositiveCount",
    "Seeds",
    "Share",
    "Stance",
    "check",
    "check_seeds",
    "settings_of",
]
