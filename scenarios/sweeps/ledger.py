"""Ledger: the rows of a sweep on disk. A run is written down at once, and a crash at any moment loses or doubles none.

A row is first a small file in `runs/`, written aside, synced and renamed. About a hundred of them are then made one
Parquet file in `parts/`, and only when that is whole are the small files taken away. Between the two steps a run is in
both places; whoever reads next finds it in the part and takes the small file away.
"""

import hashlib
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .. import folder as folders

COMPACTED = 100
"""Small files that become one part."""


class Ledger:
    """The rows in a sweep's folder; one process at a time writes."""

    def __init__(self, folder: Path, settings: Mapping[str, Sequence[Any]], outputs: Iterable[str]) -> None:
        """settings: every value that a varied setting has, by its path, from which comes the column's type."""
        self.runs, self.parts, self.tables = folder / "runs", folder / "parts", folder / "tables"
        self.settings, self.outputs = tuple(settings), tuple(outputs)
        kinds = {path: _kind(values) for path, values in settings.items()}
        self.schema = _schema(kinds, self.outputs)
        self.states: dict[int, str] = {}
        """Status of every run that is written down."""
        self._loose: set[int] = set()

    def open(self) -> None:
        """Make the folders, or find what is there, and clear away what a crash left."""
        for place in (self.runs, self.parts):
            place.mkdir(parents=True, exist_ok=True)
        for place in (self.runs, self.parts, *self.tables.glob("*")):
            for half in place.glob(".*.part"):
                half.unlink()
        for part in self._part_files():
            known = pq.read_table(part, columns=["run", "status"])
            self.states.update(zip(known["run"].to_pylist(), known["status"].to_pylist(), strict=True))
        for file in self.runs.glob("*.json"):
            number = int(file.stem)
            if number in self.states:
                self._discard(number)
            else:
                self.states[number] = json.loads(file.read_text(encoding="utf-8"))["status"]
                self._loose.add(number)

    def add(self, row: Mapping[str, Any], tables: Mapping[str, bytes]) -> None:
        """Write a run down; its row comes last, so that a run with a row is whole."""
        number = int(row["run"])
        for name, content in tables.items():
            folders.write(self.runs / f"{number:07d}.{name}.parquet", content)
        text = json.dumps({key: _plain(value) for key, value in row.items()}, indent=0)
        folders.write(self.runs / f"{number:07d}.json", text.encode())
        self.states[number] = str(row["status"])
        self._loose.add(number)
        if len(self._loose) >= COMPACTED:
            self.compact()

    def compact(self) -> None:
        """Make one part of the small files."""
        if not self._loose:
            return
        numbers = sorted(self._loose)
        files = self._part_files()
        name = f"part-{int(files[-1].stem.split('-')[1]) + 1 if files else 0:05d}.parquet"
        self._compact_tables(numbers, name)
        rows = [json.loads((self.runs / f"{n:07d}.json").read_text(encoding="utf-8")) for n in numbers]
        folders.write(self.parts / name, _parquet(pa.Table.from_pylist(rows, self.schema)))
        for number in numbers:
            self._discard(number)
        self._loose.clear()

    def failed(self) -> set[int]:
        """Runs that did not finish."""
        return {number for number, status in self.states.items() if status != "done"}

    def forget(self, numbers: set[int]) -> None:
        """Take the rows of these runs out, with the tables that were kept of them."""
        for number in numbers & self._loose:
            self._discard(number)
        self._loose -= numbers
        for part in (*self._part_files(), *self.tables.glob("*/part-*.parquet")):
            table = pq.read_table(part)
            kept = table.filter(pc.invert(pc.is_in(table["run"], pa.array(sorted(numbers), pa.int64()))))
            if len(kept) == 0:
                part.unlink()
            elif len(kept) < len(table):
                folders.write(part, _parquet(kept))
        for number in numbers:
            self.states.pop(number, None)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every row, part by part."""
        for part in self._part_files():
            yield from pq.read_table(part).to_pylist()
        for number in sorted(self._loose):
            yield json.loads((self.runs / f"{number:07d}.json").read_text(encoding="utf-8"))

    def digest(self) -> str:
        """SHA-256 of all settings, seeds and outputs, in an order of their own: no times, hosts or words of errors."""
        names = ("arm", "data_seed", "replicate", "seed", "status", *self.settings, *self.outputs)
        lines = sorted(
            hashlib.sha256(json.dumps({name: _plain(row[name]) for name in names}, sort_keys=True).encode()).digest()
            for row in self.rows()
        )
        return hashlib.sha256(b"".join(lines)).hexdigest()

    def _compact_tables(self, numbers: Sequence[int], name: str) -> None:
        found: dict[str, list[pa.Table]] = {}
        for number in numbers:
            for file in sorted(self.runs.glob(f"{number:07d}.*.parquet")):
                rows = pq.read_table(file)
                run = pa.array([number] * len(rows), pa.int64())
                found.setdefault(file.name.split(".")[1], []).append(rows.add_column(0, "run", run))
        for table, parts in found.items():
            (self.tables / table).mkdir(parents=True, exist_ok=True)
            whole = pa.concat_tables(parts, promote_options="permissive").replace_schema_metadata(None)
            folders.write(self.tables / table / name, _parquet(whole))

    def _discard(self, number: int) -> None:
        # The row goes last: a small table without its row would never be found again.
        for file in self.runs.glob(f"{number:07d}.*.parquet"):
            file.unlink()
        (self.runs / f"{number:07d}.json").unlink(missing_ok=True)

    def _part_files(self) -> list[Path]:
        return sorted(self.parts.glob("part-*.parquet"))


def _schema(settings: Mapping[str, pa.DataType], outputs: Sequence[str]) -> pa.Schema:
    whole, words = pa.int64(), pa.string()
    return pa.schema([
        ("run", whole), ("point", whole), ("arm", words), ("data_seed", whole), ("replicate", whole), ("seed", whole),
        ("status", words), *settings.items(), *((name, pa.float64()) for name in outputs), ("error", words),
        ("traceback", words), ("seconds", pa.float64()), ("trainings_asked", whole), ("trainings_done", whole),
        ("trainings_remembered", whole), ("host", words),
    ])  # fmt: skip


def _kind(values: Sequence[Any]) -> pa.DataType:
    """The type of a column that holds all these values; None stands for a point that leaves the setting alone."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {int}:
        return pa.int64()
    return pa.float64() if kinds and kinds <= {int, float} else pa.string()


def as_column(value: Any, kind: pa.DataType) -> Any:
    """A setting's value as its column has it."""
    if value is None:
        return None
    if pa.types.is_floating(kind):
        return float(value)
    return str(value) if pa.types.is_string(kind) else value


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
