"""agents/priors.yaml says where defaults come from: it has all of them, as they are in the code, and nothing else."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from datacoalition.agents.alone import ActingAlone
from datacoalition.agents.awareness import Information
from datacoalition.agents.communities import Communities
from datacoalition.agents.discovery import Discovery
from datacoalition.agents.law import Law
from datacoalition.agents.markets import MarketRule
from datacoalition.agents.partnership import Partner
from datacoalition.agents.settings import (
    CoalitionSettings,
    Filter,
    FirmSettings,
    OtherTask,
    UserSettings,
    ValuationSettings,
    World,
)
from datacoalition.coalitions.charter import Charter
from datacoalition.coalitions.levers import LEVERS
from datacoalition.scenarios.cli import app
from datacoalition.scenarios.priors import GRADES, figures, priors, told
from datacoalition.scenarios.schema import FAMILIES
from typer.testing import CliRunner

README = Path(__file__).parents[2] / "README.md"


def defaults(cls: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Path and value of every default that a number, a choice or a plug-in is, in a settings class and below."""
    hints = get_type_hints(cls, include_extras=True)
    for field in dataclasses.fields(cls):
        value = field.default
        if field.default_factory is not dataclasses.MISSING:
            value = field.default_factory()
        yield from _of(hints[field.name], value, f"{path}.{field.name}".lstrip("."))


def _of(hint: Any, value: Any, path: str) -> Iterator[tuple[str, Any]]:
    members = next((m for family, m in FAMILIES.items() if family is hint), None)
    if members is not None:
        yield path, next(kind for kind, cls in members.items() if type(value) is cls)
        for kind, cls in members.items():
            yield from defaults(cls, f"{path}.{kind}")
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _of(None, getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, int | float | tuple) and value != ():
        yield path, list(value) if isinstance(value, tuple) else value
    elif isinstance(value, str) and value:
        yield path, value


def in_the_code() -> dict[str, Any]:
    """Every default that the file is to tell of. Names of firms and a ready list of people are not of that kind."""
    found = dict(defaults(UserSettings, "users"))
    found |= dict(defaults(FirmSettings, "firms")) | dict(defaults(Filter, "firms.filter"))
    found |= dict(defaults(Communities, "users.communities"))
    found |= dict(defaults(Information, "users.awareness.information"))
    found |= dict(defaults(Discovery, "users.discovery"))
    found |= dict(defaults(ActingAlone, "users.alone"))
    found |= dict(defaults(Partner, "firms.partner"))
    found |= dict(defaults(Law, "law"))
    found |= {k: v for k, v in defaults(CoalitionSettings, "coalitions") if k == "coalitions.founders"}
    # The rules of a vote on training are those of a charter: told once.
    charter = dict(defaults(Charter, "coalitions.charter")) | dict(defaults(ValuationSettings, "valuation"))
    found |= {path: value for path, value in charter.items() if "training_vote.rule." not in path}
    world = {field.name: field for field in dataclasses.fields(World)}
    found |= {name: world[name].default for name in ("turns", "discount")}
    found["other_tasks.shared"] = next(f.default for f in dataclasses.fields(OtherTask) if f.name == "shared")
    found |= dict(_of(MarketRule, world["market"].default_factory(), "market"))
    for kind, cls in LEVERS.items():
        found |= dict(defaults(cls, f"levers.{kind}"))
    return found


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
