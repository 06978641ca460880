"""docs/odd.md: the model by the ODD+D protocol, whole and of this version."""

import dataclasses
import re
from pathlib import Path

import datacoalition as dc
import pytest
from datacoalition.agents.settings import Trait, UserSettings
from datacoalition.agents.world import World
from datacoalition.coalitions.agenda import Agenda
from datacoalition.scenarios.catalogue import families, settings_of
from datacoalition.scenarios.cli import app
from datacoalition.scenarios.odd import odd_text, sections
from datacoalition.scenarios.tables import TABLES
from typer.testing import CliRunner

PAGE = Path(dc.__file__).parent / "docs" / "odd.md"
LETTERS = {
    "I.i": "ab", "I.ii": "abcde", "I.iii": "a", "II.i": "abcd", "II.ii": "abcdefgh", "II.iii": "", "II.iv": "a",
    "II.v": "", "II.vi": "", "II.vii": "", "II.viii": "", "II.ix": "", "II.x": "ab", "III.i": "ab", "III.ii": "abc",
    "III.iii": "", "III.iv": "abc",
}  # fmt: skip
ELEMENTS = [name + end for name, letters in LETTERS.items() for end in [f".{x}" for x in letters] or [""]]
"""Several letters that are answered together are found by their first."""


@pytest.mark.skipif(not PAGE.exists(), reason="installed from a wheel: there are no docs")
def test_the_page_is_of_this_version():
    assert PAGE.read_text(encoding="utf-8") == odd_text(), "write it anew: datacoalition show --odd > docs/odd.md"


def test_every_element_of_the_protocol_is_there_once_and_in_order():
    found = re.findall(r"(?:\*\*|#+ )(I{1,3}\.[ivx]+(?:\.[a-h])?)\b", odd_text())
    listed = [element for element in found if element in ELEMENTS]
    assert listed == ELEMENTS


def test_every_setting_member_and_table_is_in_it():
    text = odd_text()
    assert {World, UserSettings, Trait, Agenda} <= set(sections())
    for cls in sections():
        assert f"\n*{cls.__name__}*: " in text
        for field in dataclasses.fields(cls):
            assert f"\n| {field.name} | " in text
        assert all(setting.meaning for setting in settings_of(cls))
    for name, members in families().items():
        block = text.split(f"\n*{name}*\n")[1].split("\n*")[0]
        assert [line.split(" | ")[0] for line in block.strip().splitlines()[2:]] == [f"| {key}" for key in members]
    assert all(f"\n| {table} | " in text for table in TABLES)
    assert "{" not in text.replace("v({i})", "")


def test_the_command_line_prints_it():
    assert CliRunner().invoke(app, ["show", "--odd"]).stdout == odd_text()
