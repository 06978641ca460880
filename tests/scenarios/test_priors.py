"""agents/priors.yaml says where defaults come from: it has all of them, as they are in the code, and nothing else."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from datacoalition.agents.world import World
from datacoalition.coalitions.inclusions import Inclusion
from datacoalition.coalitions.levers import Lever
from datacoalition.coalitions.rules import Rule
from datacoalition.scenarios.cli import app
from datacoalition.scenarios.priors import GRADES, figures, priors, told
from datacoalition.scenarios.schema import FAMILIES
from datacoalition.valuation.dividends import Dividend
from datacoalition.valuation.methods import Method
from typer.testing import CliRunner

README = Path(__file__).parents[2] / "README.md"


LEFT_OUT = {"task", "other_tasks.task", "rounds", "seed"}
"""What is learnt and how long is played is of the question, not of the world."""
HOMES = {
    Lever: "levers",
    Inclusion: "firms.includes",
    Rule: "coalitions.charter.rule",
    Dividend: "coalitions.charter.dividend",
    Method: "valuation.method",
}
"""Where the members of a family are told, once, that several settings choose from."""
NOT_SET = object()


def in_the_code() -> dict[str, Any]:
    """Path and value of every default that the file is to tell of: numbers, choices and plug-ins, also of what is not
    there until a scenario asks for it. Found by walking from the world through everything that a file may set."""
    return dict(_fields(World, NOT_SET, "", set()))


def _fields(cls: Any, value: Any, path: str, met: set[Any]) -> Iterator[tuple[str, Any]]:
    """Those of a settings class and below, as they are in `value`, or by the class itself."""
    hints = get_type_hints(cls)
    for field in dataclasses.fields(cls):
        where = f"{path}.{field.name}".lstrip(".")
        if where not in LEFT_OUT:
            own = _set(field) if value is NOT_SET else getattr(value, field.name)
            yield from _of(hints[field.name], own, where, met)


def _set(field: "dataclasses.Field[Any]") -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return NOT_SET if field.default is dataclasses.MISSING else field.default


def _of(hint: Any, value: Any, path: str, met: set[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, int | float | str | tuple) and value not in ("", ()):
        yield path, list(value) if isinstance(value, tuple) else value
    elif members := next((m for family, m in FAMILIES.items() if family is hint), None):
        yield from ((path, kind) for kind, cls in members.items() if type(value) is cls)
        if hint not in met:
            met |= {hint} & HOMES.keys()
            for kind, cls in members.items():
                yield from _fields(cls, NOT_SET, f"{HOMES.get(hint, path)}.{kind}", met)
    elif isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield from _fields(hint, value if dataclasses.is_dataclass(value) else NOT_SET, path, met)
    else:  # what may be empty, or is a list, or has names of its own: what it is made of
        for part in get_args(hint):
            yield from _of(part, NOT_SET, path, met)


def test_every_default_is_told_and_nothing_that_is_gone():
    told_of, code = {prior.path for prior in priors()}, in_the_code()
    assert told_of - set(code) == set()
    assert set(code) - told_of == set()


@pytest.mark.parametrize("prior", priors(), ids=lambda prior: prior.path)
def test_its_value_is_that_of_the_code(prior):
    assert in_the_code()[prior.path] == prior.value
    assert prior.unit
    assert prior.source


def test_every_key_that_is_cited_is_in_the_readme():
    if not README.exists():
        pytest.skip("installed from a wheel: there is no README")
    text = README.read_text(encoding="utf-8")
    cited = {key for one in (*priors(), *figures()) for key in re.findall(r"\[\w+\]", one.source)}
    assert cited
    assert [key for key in cited if key not in text] == []


def test_figures_bear_on_settings_that_are_there():
    paths = {prior.path for prior in priors()}
    for figure in figures():
        assert figure.grade == "survey"
        assert all(any(p == one or p.startswith(f"{one}.") for p in paths) for one in figure.bears_on)


def test_the_command_lists_them():
    done = CliRunner().invoke(app, ["list", "priors"])
    assert done.exit_code == 0
    assert all(prior.path in done.output for prior in priors())
    assert any(grade in done.output for grade in GRADES)
    some = CliRunner().invoke(app, ["list", "priors", "law"]).output
    assert "law.opt_out" in some
    assert "users.threshold" not in some
    assert told(priors()[0]) == "small_world"
