"""What the documents show works as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import datacoalition as dc
import pytest
from datacoalition.scenarios.files import library
from datacoalition.scenarios.schema import FAMILIES

DOCS = Path(dc.__file__).parent / "docs"
pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="installed from a wheel: there are no docs")


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / document).read_text(encoding="utf-8"), re.S)


def test_the_script_that_extends_runs_from_anywhere(tmp_path):
    (script,), (scenario,) = blocks("extending.md", "python"), blocks("extending.md", "yaml")
    (tmp_path / "mine.py").write_text(script)
    (tmp_path / "my-own.yaml").write_text(scenario)
    done = subprocess.run(
        [sys.executable, "mine.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "partial_strike against incumbent" in done.stdout
    assert "above_mean" in done.stdout


def test_every_scenario_of_the_library_has_its_picture_and_words():
    text = (DOCS / "scenarios.md").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", text, re.M | re.S))
    assert set(parts) == set(library()), (
        "docs/scenarios.md: draw a picture with docs/draw_scenarios.py, say what it shows"
    )
    for name, part in parts.items():
        asked, shown = part.split(f"![{name}: leverage and members by round](scenarios/{name}.png)")
        assert " ".join(asked.split()) == library()[name]
        assert len(shown.split()) > 8
        assert (DOCS / "scenarios" / f"{name}.png").stat().st_size < 100_000
    assert {path.stem for path in (DOCS / "scenarios").iterdir()} == set(parts)


def test_the_families_it_names_are_there():
    text = (DOCS / "extending.md").read_text(encoding="utf-8")
    members = {cls.__name__ for family in FAMILIES.values() for cls in family.values()}
    named = re.findall(r"^\| an? .*?\| `(\w+)` \| `([\w/.]+)` \| `([A-Z]+)` \|$|", text, re.M)
    rows = [row for row in named if row[0]]
    assert len(rows) >= 10
    for name, place, _ in rows:
        assert name in members
        assert (DOCS.parent / place).exists()
