"""What is written under each field of a settings class, for editors, the list of plug-ins and docs/odd.md."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from ..ml_tasks.identity import is_text


@cache
def field_docs(cls: Any) -> Mapping[str, str]:
    """The docstring of each field that has one, on one line; inherited fields included."""
    docs = {}
    for base in reversed(cls.__mro__):
        if "__dataclass_fields__" not in vars(base):
            continue
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        assert isinstance(definition, ast.ClassDef)
        for field, after in pairwise(definition.body):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                text = ast.literal_eval(after.value) if is_text(after) else None  # type: ignore[attr-defined]
                if text:
                    docs[field.target.id] = " ".join(text.split())
    return docs


def sentence(cls: Any) -> str:
    """The first sentence of a class's docstring; empty if it has none of its own."""
    text = " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split())
    if text.startswith(f"{cls.__name__}("):  # what dataclasses write for themselves
        return ""
    first, stop, _ = text.partition(". ")
    return first + stop.strip()
