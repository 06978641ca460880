"""Identity: what else a number depends on, for the keys of the score store and for manifests."""

import ast
import hashlib
import json
import platform
from dataclasses import asdict, is_dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any


@cache
def source_digest(*modules: str) -> str:
    """A hash of the code of these modules of this folder, so that a changed kernel forgets its results.

    Comments, docstrings and layout change no number, so they change no hash either.
    """
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(modules):
        source = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
        digest.update(code_of(source).encode())
    return digest.hexdigest()


def code_of(source: str) -> str:
    """Python source without its words: the syntax tree without text that stands alone."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not is_text(each)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def is_text(node: ast.AST) -> bool:
    """Whether a statement is a text that stands alone, such as a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@cache
def versions(*packages: str) -> dict[str, str]:
    """Installed versions; "absent" for a package that is not installed."""
    return {name: _version(name) for name in packages}


@cache
def cpu() -> str:
    """The kind of processor: compiled kernels may round differently on another."""
    from llvmlite import binding

    features = hashlib.blake2b(binding.get_host_cpu_features().flatten().encode(), digest_size=4).hexdigest()
    return f"{platform.machine()} {binding.get_host_cpu_name()} {features}"


def settings_key(settings: Any) -> str:
    """A dataclass and everything in it as canonical JSON, with the class names that tell plug-ins apart."""
    return json.dumps(_plain(settings), sort_keys=True)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        fields = {name: _plain(getattr(value, name)) for name in asdict(value)}
        return {"class": type(value).__name__, **fields}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
