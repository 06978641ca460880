"""ODD: the model by the ODD+D protocol, its tables read from the schema so that they cannot go stale."""

from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from importlib import resources
from typing import Any, get_args, get_type_hints

from ..agents.world import World
from .catalogue import families, settings_of
from .field_docs import sentence
from .priors import GRADES, counted, figures, priors, told
from .schema import FAMILIES
from .tables import TABLES


def odd_text() -> str:
    """The whole page, as Markdown."""
    text = resources.files(__package__).joinpath("odd.md").read_text(encoding="utf-8")
    parts = {"{tables}": _tables(), "{families}": _families(), "{settings}": _settings(), "{priors}": _priors()}
    for place, lines in parts.items():
        text = text.replace(place, "\n".join(lines).strip())
    return text


def sections(cls: Any = World) -> Iterator[Any]:
    """A settings class and, each once, those in it that are no plug-ins."""
    pending, seen = [cls], set()
    while pending:
        one = pending.pop(0)
        if one not in seen:
            seen.add(one)
            yield one
            pending += [part for hint in get_type_hints(one).values() for part in _parts(hint)]


def _parts(hint: Any) -> Iterator[Any]:
    """The settings classes that a type speaks of."""
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    if hint not in FAMILIES:
        for inner in get_args(hint):
            yield from _parts(inner)


def _tables() -> Iterator[str]:
    yield from _table(("table", "columns"), ((name, ", ".join(c.name for c in TABLES[name])) for name in TABLES))


def _families() -> Iterator[str]:
    for name, members in sorted(families().items()):
        yield f"*{name}*\n"
        yield from _table(("kind", "what it does"), ((key, sentence(cls)) for key, cls in members.items()))
        yield ""


def _settings() -> Iterator[str]:
    for cls in sections():
        yield f"*{cls.__name__}*: {sentence(cls)}\n"
        rows = ((s.name, s.range, s.default, s.meaning) for s in settings_of(cls))
        yield from _table(("setting", "range", "default", "meaning"), rows)
        yield ""


def _priors() -> Iterator[str]:
    grades = "; ".join(f"*{grade}*: {meaning}" for grade, meaning in GRADES.items())
    yield f"Grades: {grades}. Of {len(priors())} defaults: {counted()}.\n"
    rows = ((p.path, told(p), p.unit, p.grade, p.source) for p in priors())
    yield from _table(("path", "value", "unit", "grade", "source"), rows)
    yield "\nPublished figures to set defaults by, self-reported by US respondents, and what they bear on:\n"
    found = ((f.what, told(f), f.unit, ", ".join(f.bears_on), f.grade, f.source) for f in figures())
    yield from _table(("figure", "value", "unit", "bears on", "grade", "source"), found)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
