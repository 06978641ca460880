"""Study: what one study found, and how it is printed and left in a folder.

A study is a function of a `Bench` that returns a `Study`: tables, pictures, and findings, each of which says
what was claimed and what was found here. `write` leaves CSV and Parquet named after the tables, PNG and SVG
named after the pictures, a codebook, a manifest and `report.html`.
"""

import io
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ...ml_tasks.settings import InputError
from .. import folder as folders


@dataclass(frozen=True)
class Table:
    """A table of a study; every column is explained in the study's `columns`."""

    title: str
    frame: pd.DataFrame
    shown: Sequence[str] = ()
    """Columns that are printed and shown in the report; none: all of them."""
    where: Mapping[str, Any] = field(default_factory=dict)
    """Only rows with these values are printed and shown; the files hold all."""
    note: str = ""
    printed: bool = True
    """Whether a terminal and the report show it; the files hold it in any case."""
    decimals: int | None = None
    """Of every number that is no whole one by its type; None: as many as it takes, up to four."""

    @property
    def view(self) -> pd.DataFrame:
        """The part that people are shown."""
        frame = self.frame
        for column, value in self.where.items():
            frame = frame[frame[column] == value]
        return frame[list(self.shown)] if self.shown else frame


@dataclass(frozen=True)
class Picture:
    """A figure and the sentence under it."""

    title: str
    caption: str
    figure: Figure


@dataclass(frozen=True)
class Finding:
    """A claim in print and what was found here."""

    claim: str
    source: str
    found: str
    holds: bool | None = None
    """None where it could not be compared."""

    @property
    def verdict(self) -> str:
        return "not comparable" if self.holds is None else "holds" if self.holds else "does not hold"


@dataclass(frozen=True)
class Study:
    """What a study found. The first table is the main one and bears the study's name."""

    name: str
    title: str
    lead: str
    facts: Sequence[tuple[str, str]]
    tables: Mapping[str, Table]
    columns: Mapping[str, str]
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    notes: Sequence[str] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Further files by name."""

    def __post_init__(self) -> None:
        for name, table in self.tables.items():
            unexplained = set(table.frame.columns) - set(self.columns)
            if unexplained:
                raise ValueError(f"table {name}: no meaning is given for {sorted(unexplained)}")


def write(study: Study, out: str | Path) -> Path:
    """Leave a study in a new or empty folder; the manifest comes last, so a folder with one is whole."""
    from .page import page

    folders.refuse_used(out)
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in _files(study).items():
            folders.write(folder / name, content)
        folders.write(folder / "report.html", page(study).encode())
        folders.write_manifest(folder, {"study": study.name, **study.manifest, "files": sorted(_files(study))})
    except OSError as error:
        raise InputError("--out", f"{folder} ({error.strerror})", "a folder that can be written") from None
    return folder


def _files(study: Study) -> dict[str, bytes]:
    files = dict(study.files)
    for name, table in study.tables.items():
        buffer = io.BytesIO()
        table.frame.to_parquet(buffer, index=False)
        files[f"{name}.parquet"] = buffer.getvalue()
        files[f"{name}.csv"] = table.frame.to_csv(index=False, lineterminator="\n").encode()
    for name, picture in study.pictures.items():
        for form in ("png", "svg"):
            files[f"{name}.{form}"] = drawn(picture.figure, form)
    meanings = pd.DataFrame([{"column": column, "meaning": words} for column, words in study.columns.items()])
    files["codebook.csv"] = meanings.to_csv(index=False, lineterminator="\n").encode()
    return files


def drawn(figure: Figure, form: str) -> bytes:
    """A figure as PNG or SVG, the same bytes for the same figure."""
    import matplotlib

    from ..reports.charts import SETTINGS

    buffer = io.BytesIO()
    blank = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
    with matplotlib.rc_context(SETTINGS):
        figure.savefig(buffer, format=form, dpi=150, metadata=blank, facecolor="white")
    return buffer.getvalue()


def summary(study: Study, folder: Path | None) -> str:
    """A study in words for a terminal: the facts, the tables, the claims with what was found."""
    lines = [*textwrap.wrap(study.title, 110), *textwrap.wrap(study.lead, 110), ""]
    for term, words in study.facts:
        lines += textwrap.wrap(f"{term}: {words}", 110, subsequent_indent="    ")
    for table in study.tables.values():
        if not table.printed:
            continue
        lines += ["", *textwrap.wrap(table.title, 110), *plain(table.view, table.decimals).splitlines()]
        lines += textwrap.wrap(table.note, 110)
    if study.findings:
        lines += ["", "Claims in print, and what was found here:"]
        for finding in study.findings:
            words = f"{finding.claim} [{finding.source}] {finding.verdict}: {finding.found}"
            lines += textwrap.wrap(words, 110, initial_indent="  - ", subsequent_indent="    ")
    for note in study.notes:
        lines += ["", *textwrap.wrap(f"Note: {note}", 110)]
    if folder is not None:
        lines += ["", f"Tables, codebook, pictures and report: {folder} (open {folder / 'report.html'})"]
    return "\n".join(lines)


def plain(frame: pd.DataFrame, decimals: int | None = None) -> str:
    """A table for a terminal: undefined numbers as a dash, headings on as many lines as they have words."""
    heads = [str(column).replace("published_", "pub. ").replace("_", " ") for column in frame]
    cells = [[cell(value, decimals) for value in row] for row in frame.itertuples(index=False)]
    columns = []
    for i, head in enumerate(heads):
        body = [row[i] for row in cells]
        width = max([*map(len, head.split()), *map(len, body)])
        lines = textwrap.wrap(head, max(width, 8))
        columns.append((max(width, *map(len, lines)), lines, body))
    tall = max(len(lines) for _, lines, _ in columns)
    rows = [
        [([""] * (tall - len(lines)) + lines + body)[k] for _, lines, body in columns] for k in range(tall + len(cells))
    ]
    widths = [width for width, _, _ in columns]
    return "\n".join("  ".join(word.rjust(width) for word, width in zip(row, widths, strict=True)) for row in rows)


def cell(value: object, decimals: int | None = None) -> str:
    """One value for people; with so many decimals, or as it looks best."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float):
        if not math.isfinite(value):
            return "-" if value != value else f"{value:g}"
        if decimals is not None:
            return f"{value if round(value, decimals) else 0.0:.{decimals}f}"
        if value == round(value):
            return f"{value + 0.0:.0f}"
        if abs(value) < 5e-5:
            return f"{value:.1e}"
        return f"{value:g}" if value == round(value, 2) and abs(value) < 1000 else f"{value:.4f}"
    return str(value)
