"""Run folders: what a run leaves on disk. Every file is written whole or not at all."""

import csv
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ..ml_tasks.settings import InputError
from .tables import TABLES, codebook


def refuse_used(out: str | Path) -> None:
    """Raise InputError if a folder already holds something."""
    folder = Path(out)
    if folder.is_dir() and any(folder.iterdir()):
        held = "another run" if (folder / "manifest.json").exists() else "other files"
        raise InputError("--out", f"{folder}, which holds {held}", "a new or empty folder")


def claim(out: str | Path) -> Path:
    """Make the folder of a new run. Raises InputError if it cannot be written or already holds something."""
    folder = Path(out)
    refuse_used(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Made by exactly one of two runs that found the folder empty at the same moment.
        (folder / "scenario.yaml").touch(exist_ok=False)
    except FileExistsError:
        raise InputError("--out", f"{folder}, which another run has just taken", "a new or empty folder") from None
    except OSError as error:
        raise InputError("--out", f"{folder} ({error.strerror})", "a folder that can be written") from None
    return folder


def free_name(name: str, parent: Path = Path("runs")) -> Path:
    """The first of runs/NAME, runs/NAME-2, ... that is not there yet."""
    number = 1
    while (path := parent / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return path


def write(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a crash, never sees half of it."""
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def write_tables(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write every table as Parquet."""
    for name, table in tables.items():
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        write(folder / f"{name}.parquet", buffer.getvalue())


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    write(folder / "manifest.json", (json.dumps(manifest, indent=2) + "\n").encode())


def write_codebook(folder: Path) -> None:
    text = io.StringIO()
    rows = codebook()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write(folder / "codebook.csv", text.getvalue().encode())


def read_manifest(folder: str | Path) -> dict[str, Any]:
    """The manifest of a run folder. Raises InputError if there is none."""
    path = Path(folder) / "manifest.json"
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(str(folder), "no readable manifest.json", "the folder of a run") from None
    return manifest


def read_tables(folder: str | Path) -> dict[str, pd.DataFrame]:
    """The tables of a run folder. Raises InputError if one is missing or damaged."""
    tables = {}
    for name in TABLES:
        path = Path(folder) / f"{name}.parquet"
        try:
            tables[name] = pd.read_parquet(path)
        except Exception as error:  # pyarrow has many kinds of error for a bad file; all mean the same here
            found = "no such file" if not path.exists() else f"a file that cannot be read ({type(error).__name__})"
            raise InputError(str(path), found, "a table that a run wrote") from None
    return tables


def export(folder: str | Path, form: str, out: str | Path | None = None) -> list[Path]:
    """Write a run's tables as csv, xlsx or stata beside the Parquet files (or in `out`), and return the paths."""
    tables, target = read_tables(folder), Path(out) if out else Path(folder)
    if form not in _WRITERS:
        raise InputError("--format", repr(form), f"one of {', '.join(_WRITERS)}")
    try:
        target.mkdir(parents=True, exist_ok=True)
        written = []
        for name, content in _WRITERS[form](tables).items():
            write(target / name, content)
            written.append(target / name)
    except OSError as error:
        raise InputError("--out", f"{target} ({error.strerror})", "a folder that can be written") from None
    return written


def _csv(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    return {f"{name}.csv": table.to_csv(index=False, lineterminator="\n").encode() for name, table in tables.items()}


def _xlsx(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="openpyxl") as writer:
        for name, table in tables.items():
            table.to_excel(writer, sheet_name=name, index=False)
        pd.DataFrame(codebook()).to_excel(writer, sheet_name="codebook", index=False)
    return {"tables.xlsx": buffer.getvalue()}


def _stata(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    files = {}
    for name, table in tables.items():
        plain = table.copy()
        for column in plain.columns:
            if plain[column].dtype == bool:
                plain[column] = plain[column].astype("int8")
            elif str(plain[column].dtype) == "Int64":  # Stata has no missing integers of this kind
                plain[column] = plain[column].astype("float64")
        buffer = io.BytesIO()
        labels = {column.name: column.meaning[:80] for column in TABLES[name]}
        plain.to_stata(buffer, write_index=False, version=118, variable_labels=labels)
        files[f"{name}.dta"] = buffer.getvalue()
    return files


_WRITERS = {"csv": _csv, "xlsx": _xlsx, "stata": _stata}
