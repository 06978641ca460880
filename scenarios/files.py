"""Scenario files: found in the library or on disk, read with care, checked, changed and written."""

import io
import re
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import AliasToken, AnchorToken, ScalarToken, TagToken

from ..ml_tasks.settings import InputError

if TYPE_CHECKING:
    from pydantic import ValidationError

    from .schema import Scenario

LARGEST = 200_000
"""Bytes: a scenario is a page or two, and a parser takes long over megabytes of nesting."""
DEEPEST = 40


def library(shelf: str = "library") -> dict[str, str]:
    """The scenarios that come with the package: name -> description, in alphabetical order; or another shelf."""
    found = {}
    for entry in sorted(resources.files(__package__).joinpath(shelf).iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".yaml"):
            data = parsed(entry.read_text(encoding="utf-8"), entry.name)
            found[str(data["name"])] = " ".join(str(data["description"]).split())
    return found


def load(scenario: str | Path, changes: Iterable[str] = ()) -> "Scenario":
    """Read a scenario by its name in the library or from a YAML file, and check it.

    `changes` are texts like "users.threshold.mean=0.2", applied to the resolved scenario. Raises InputError.
    """
    where, text = source(scenario)
    result = validated(parsed(text, where), where)
    changes = list(changes)
    if changes:
        data = result.resolved()
        for change in changes:
            set_change(data, change)
        result = validated(data, f"{where} with --set")
    return result


def validated(data: Any, where: str) -> "Scenario":
    """Check plain data against the schema. Raises InputError naming the field, what was found and expected."""
    from pydantic import ValidationError

    from .schema import Scenario

    try:
        result = Scenario.model_validate(data)
    except ValidationError as error:
        raise explained(error, data).within(where) from None
    try:
        result.build()
    except InputError as error:
        raise error.within(where) from None
    return result


def changed(scenario: "Scenario", **fields: Any) -> "Scenario":
    """The scenario with other top-level fields, e.g. `changed(scenario, rounds=5, seed=1)`; checked again."""
    return validated({**scenario.resolved(), **fields}, scenario.resolved()["name"])


def parsed(text: str, where: str) -> dict[str, Any]:
    """YAML 1.2 text as plain data. Refuses tags, anchors, duplicate keys, deep nesting, and what is no mapping."""
    if _depth(text) > DEEPEST:
        raise InputError(where, f"nesting deeper than {DEEPEST} levels", "a scenario of a few levels")
    try:
        _refuse_shorthand(text, where)
        data = YAML(typ="safe", pure=True).load(text)
    except InputError:
        raise
    except DuplicateKeyError as error:
        raise InputError(_line(where, error), "the same key twice", "every key once") from None
    except MarkedYAMLError as error:
        problem = " ".join(str(error.problem or "text that is no YAML").split())
        raise InputError(_line(where, error), problem, "YAML: `key: value` lines with equal indentation") from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise InputError(where, f"text that is no YAML ({type(error).__name__})", "a scenario in YAML") from None
    if data is None:
        raise InputError(where, "an empty file", "a scenario")
    if not isinstance(data, dict):
        raise InputError(where, f"a {_kind(data)}", "`key: value` lines at the top level")
    _plain(data, where, "")
    return data


def text_of(data: Any) -> str:
    """Plain data as YAML text."""
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 110
    yaml.representer.add_representer(type(None), lambda to, _: to.represent_scalar("tag:yaml.org,2002:null", "null"))
    stream = io.StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def source(named: str | Path, what: str = "scenario") -> tuple[str, str]:
    """What to call a scenario (or sweep) in messages, and its text: from the library by name, or from a file."""
    shelf = "library" if what == "scenario" else f"library/{what}s"
    entry = resources.files(__package__).joinpath(shelf, f"{named}.yaml")
    if isinstance(named, str) and re.fullmatch(r"[\w-]+", named) and entry.is_file():
        return named, entry.read_text(encoding="utf-8")
    path = Path(named)
    if not path.is_file():
        names = ", ".join(library(shelf))
        raise InputError(str(named), "no such file", f"a YAML file, or a {what} of the library: {names}")
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(str(path), f"{path.stat().st_size:,} bytes", f"a {what} of at most {LARGEST:,} bytes")
        return str(path), path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(str(path), "bytes that are no text", "a YAML file in UTF-8") from None
    except OSError as error:
        raise InputError(str(path), f"a file that cannot be read ({error.strerror})", "a readable file") from None


def _depth(text: str) -> int:
    """An upper bound of the nesting, from brackets, dashes and indentation alone, before any parser sees it."""
    brackets = deepest = 0
    for mark in re.findall(r"[\[\]{}]", text):
        brackets += 1 if mark in "[{" else -1
        deepest = max(deepest, brackets)
    starts = re.findall(r"(?m)^( *)((?:[-?:] +)*)", text)
    indents = len({len(spaces) for spaces, _ in starts})
    return deepest + indents + max((len(dashes.split()) for _, dashes in starts), default=0)


def _refuse_shorthand(text: str, where: str) -> None:
    """Anchors and aliases can explode, tags can name objects, and merge keys hide what is set."""
    for token in YAML(typ="safe", pure=True).scan(text):
        merge = isinstance(token, ScalarToken) and token.plain and token.value == "<<"
        if merge or isinstance(token, AnchorToken | AliasToken | TagToken):
            line, column = token.start_mark.line, token.start_mark.column
            found = text.splitlines()[line][column : column + 40].split()[0]
            raise InputError(f"{where}: line {line + 1}", found, "plain YAML without anchors, aliases or tags")


def _line(where: str, error: MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f"{where}: line {mark.line + 1}" if mark else where


def _plain(data: Any, where: str, path: str) -> None:
    if isinstance(data, dict):
        for key, value in data.items():
            if not isinstance(key, str):
                raise InputError(f"{where}: {path or 'the top level'}", f"the key {key!r}", "words as keys")
            _plain(value, where, f"{path}.{key}".lstrip("."))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            _plain(value, where, f"{path}.{i}".lstrip("."))
    elif not (data is None or isinstance(data, str | int | float | bool)):
        raise InputError(f"{where}: {path}", f"a {_kind(data)}", "a number, a word, a list or a mapping")


def _kind(data: Any) -> str:
    names = {dict: "mapping", list: "list", str: "word", bool: "yes-or-no value", int: "number", float: "number"}
    return names.get(type(data), type(data).__name__)


def set_change(data: dict[str, Any], change: str) -> None:
    """Apply "path=value" to resolved data; the value is read as YAML."""
    path, equals, value = change.partition("=")
    if not equals or not all(path.strip().split(".")):
        raise InputError("--set", repr(change), "path=value, such as rounds=5 or users.threshold.mean=0.2")
    try:
        new = YAML(typ="safe", pure=True).load(value)
    except (YAMLError, RecursionError, ValueError):
        raise InputError(f"--set {path}", repr(value), "a value in YAML") from None
    set_path(data, path.strip(), new, "--set")


def set_path(data: dict[str, Any], path: str, value: Any, where: str, new_ok: bool = False) -> None:
    """Put a value at a dotted path of resolved data, e.g. coalitions.0.charter.rule.kind, in place.

    A new `kind` takes away the settings of the old one. Raises InputError, beginning with `where`, for a path that is
    not there; with `new_ok` its last key may be new, as a setting of a kind that was just chosen.
    """
    keys = path.split(".")
    place: Any = data
    for i, key in enumerate(keys[:-1]):
        place = _child(place, key, keys[: i + 1], where)
    _child(place, keys[-1], keys, where, new_ok or keys[-2:-1] in (["positions"], ["stances"]))
    if keys[-1] == "kind" and place.get("kind") != value:
        place.clear()  # the settings of one kind are not those of another
    place[int(keys[-1]) if isinstance(place, list) else keys[-1]] = value


def _child(place: Any, key: str, path: list[str], outer: str, new_ok: bool = False) -> Any:
    where = f"{outer} {'.'.join(path)}"
    if isinstance(place, list):
        if not key.isdigit() or int(key) >= len(place):
            raise InputError(where, repr(key), f"a place in the list, from 0 to {len(place) - 1}")
        return place[int(key)]
    if not isinstance(place, dict):
        raise InputError(where, repr(key), "a path to a setting that exists (see `datacoalition show NAME`)")
    if key not in place and not new_ok:
        raise InputError(where, repr(key), f"one of the keys {', '.join(place)}")
    return place.get(key)


def explained(error: "ValidationError", data: Any) -> InputError:
    """The first error of a validation as a sentence for people."""
    first = error.errors()[0]
    path, place = _path(first["loc"], data)
    kind, context = first["type"], first.get("ctx", {})
    if kind == "unknown_key":
        return InputError(path, f"the unknown key {context['key']!r}", context["known"])
    if kind == "missing":
        return InputError(path, "nothing", "a value: this key is required")
    if kind == "union_tag_not_found":
        return InputError(path, _shown(place), "a mapping with a `kind`")
    if kind == "union_tag_invalid":
        return InputError(f"{path}.kind", repr(context["tag"]), f"one of {context['expected_tags']}")
    expected = re.sub(r"^Input should be (a |an )?(valid )?", "", first["msg"])
    words = {"tuple": "a list", "dictionary": "a mapping", "object": "a mapping", "array": "a list"}
    return InputError(path, _shown(first.get("input")), words.get(expected, expected))


def _path(location: tuple[int | str, ...], data: Any) -> tuple[str, Any]:
    """The dotted path in the file, without the tags of unions that pydantic puts in, and what stands there."""
    keys: list[str] = []
    for key in location:
        if isinstance(data, dict) and key in data:
            data = data[key]
        elif isinstance(data, list) and isinstance(key, int):
            data = data[key] if key < len(data) else None
        elif data == key or (isinstance(data, dict) and data.get("kind") == key):
            continue
        else:
            data = None
        keys.append(str(key))
    return ".".join(keys) or "the top level", data


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"a {_kind(value)}"
