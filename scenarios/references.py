"""References: what to cite for a scenario's plug-ins and data, as BibTeX.

Plug-ins name their sources by keys, such as [G78], in their docstrings; `references.bib` has an entry for each. Names
and titles are as the README gives them; what is not known for sure is left out of an entry.
"""

import dataclasses
import inspect
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ..ml_tasks.tasks import TASKS
from .field_docs import field_docs
from .schema import FAMILIES

_BRACKETS, _KEY = re.compile(r"\[([^\[\]]+)\]"), re.compile(r"[A-Z][A-Za-z+]*\d{2,4}")
DATA: Mapping[str, str] = {
    "movielens": "HK15",
    "pinterest": "GZBC15",
    "toxic": "JIGSAW",
    "cifar10": "K09",
    "digits": "AK98",
}
"""Key of what to cite for the data of a task; a formula has none."""


def references(settings: Iterable[Any]) -> str:
    """BibTeX of what all these settings, such as worlds and sweeps, are to be cited for; empty if for nothing."""
    keys = set().union(*map(keys_in, settings))
    return "\n".join(entries()[key] for key in sorted(keys))


def keys_in(value: Any) -> set[str]:
    """Keys of all plug-ins and data in settings, at any depth."""
    if isinstance(value, tuple):
        return set().union(*map(keys_in, value))
    if isinstance(value, Mapping):
        return set().union(*map(keys_in, value.values()))
    if not dataclasses.is_dataclass(value):
        return set()
    inside = set().union(*(keys_in(getattr(value, field.name)) for field in dataclasses.fields(value)))
    kind: Any = type(value)
    own = keys_of(kind) if kind in _plugins() else set()
    return inside | own | (data_keys(value) if kind in TASKS.values() else set())


@cache
def keys_of(plugin: Any) -> set[str]:
    """Keys in what is written of a plug-in and of its settings."""
    text = " ".join([inspect.getdoc(plugin) or "", *field_docs(plugin).values()])
    words = (word for cited in _BRACKETS.findall(text) for word in re.split(r"[,;\s]+", cited))
    return {word for word in words if _KEY.fullmatch(word)}


def data_keys(task: Any) -> set[str]:
    """The key of a task's data, unless they are a person's own."""
    kind = next(kind for kind, cls in TASKS.items() if cls is type(task))
    return {DATA[kind]} if kind in DATA and getattr(task, "data", "") != "csv" else set()


@cache
def entries() -> Mapping[str, str]:
    """Every entry of `references.bib` by its key."""
    text = (Path(__file__).parent / "references.bib").read_text(encoding="utf-8")
    found = re.findall(r"^@\w+\{(\w+),\n.*?^\}\n", text, re.DOTALL | re.MULTILINE)
    whole = re.findall(r"^@\w+\{\w+,\n.*?^\}\n", text, re.DOTALL | re.MULTILINE)
    return dict(zip(found, whole, strict=True))


@cache
def _plugins() -> frozenset[Any]:
    return frozenset(cls for members in FAMILIES.values() for cls in members.values())
