"""Priors: where the defaults of people, levers, firms, law, market, charters and valuation come from, as
`agents/priors.yaml` tells.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from ..agents import settings
from ..ml_tasks.settings import Checked, InputError
from .files import parsed

Grade = Literal["measured", "survey", "theory", "assumed"]
GRADES: Mapping[Grade, str] = {
    "measured": "estimated from what people or firms were seen to do",
    "survey": "from what people said in a survey",
    "theory": "follows from a published model, definition or argument, which may give no more than an order",
    "assumed": "chosen; replace it where you know better, and vary it where you do not",
}


@dataclass(frozen=True)
class Prior(Checked):
    """A default and where it comes from."""

    path: str
    """The setting: where it stands in a scenario file, with the kind of a plug-in as a step of its own."""
    value: Any
    unit: str
    grade: Grade
    source: str
    """A citation key of the README, or a sentence."""


@dataclass(frozen=True)
class Figure(Checked):
    """A published figure that a scenario can set a default by."""

    what: str
    value: float
    unit: str
    bears_on: tuple[str, ...]
    """Paths of settings, or what they begin with."""
    grade: Grade
    source: str


def priors() -> tuple[Prior, ...]:
    """Every default of people, levers, firms, law, market, charters and valuation, in the order of the file."""
    return tuple(Prior(path, **entry) for path, entry in _file()["defaults"].items())


def figures() -> tuple[Figure, ...]:
    """The published figures, in the order of the file."""
    entries = _file()["figures"].items()
    return tuple(Figure(what, **{**entry, "bears_on": tuple(entry["bears_on"])}) for what, entry in entries)


def prior_lines(part: str | None = None) -> Iterator[str]:
    """A table of path, value, grade and source, and the published figures below; `part` such as users or law.

    Raises InputError for a part of which there is no default.
    """
    chosen = [prior for prior in priors() if part is None or _within(prior.path, part)]
    if not chosen:
        parts = ", ".join(dict.fromkeys(prior.path.split(".")[0] for prior in priors()))
        raise InputError("list priors", repr(part), f"one of {parts}; or a setting, such as users.threshold")
    yield from _aligned(("path", "value", "grade", "source"), ((p.path, told(p), p.grade, p.source) for p in chosen))
    bearing = [f for f in figures() if any(_within(p.path, one) for p in chosen for one in f.bears_on)]
    if bearing:
        yield ""
        yield "Published figures to set these by:"
        yield from _aligned(
            ("figure", "value", "grade", "source"), ((f.what, told(f), f.grade, f.source) for f in bearing)
        )


def told(one: Prior | Figure) -> str:
    """Its value in words, as a scenario file has it."""
    if isinstance(one.value, list):
        return ", ".join(f"{value:g}" for value in one.value)
    return str(one.value).lower() if isinstance(one.value, bool) else str(one.value)


def counted() -> str:
    """How many defaults have which grade, in words."""
    counts = Counter(prior.grade for prior in priors())
    return ", ".join(f"{counts[grade]} {grade}" for grade in GRADES)


def _within(path: str, part: str) -> bool:
    return path == part or path.startswith(f"{part}.")


def _aligned(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    table = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


@cache
def _file() -> dict[str, Any]:
    text = resources.files(settings.__package__ or "").joinpath("priors.yaml").read_text(encoding="utf-8")
    return parsed(text, "priors.yaml")
