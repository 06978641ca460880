"""Read files of ratings, and say in one sentence what is wrong with one that cannot be used."""

import csv
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from os import SEEK_END
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd

from .csv_files import LONGEST, check_text, open_quote, rows, shown
from .settings import InputError

Scale = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """How a file of ratings is written."""

    scale: Scale
    separator: str = ","
    columns: tuple[str, str, str] | None = ("user", "item", "rating")
    """Names of the three columns in the header; None: no header, they are the first three of four."""
    count: int | None = None
    """Ratings in the complete file, where that is known."""

    @property
    def words(self) -> str:
        """What the columns should be, in words."""
        separator = {",": "commas", "\t": "tabs", "::": "double colons"}[self.separator]
        names = ", ".join(self.columns or ("user", "item", "rating", "time"))
        more = " (any others are ignored)" if self.columns else ""
        return f"columns {names} separated by {separator}{more}"


def read_ratings(path: Path, layout: Layout) -> pd.DataFrame:
    """Columns user, item and rating in file order, every value usable.

    Users and items are numbers in official files, text in others: pandas' categories would take 01 for 1.
    """
    try:
        check_text(path, f"a text file in UTF-8 with {layout.words}")
        header = _header(path, layout)
        table = _parse(path, layout, header)
        if not _usable(table, layout) or _uneven(path, layout, len(header)):
            raise ValueError("a line that cannot be used")
    except InputError:
        raise
    except OSError as error:
        raise InputError(str(path), error.strerror or error, "a file that can be read") from None
    except (ValueError, csv.Error, pd.errors.ParserWarning) as error:
        raise _fault(path, layout, str(error)) from None
    if len(table) == 0:
        raise InputError(str(path), "no ratings", f"ratings under its header, in {layout.words}")
    if layout.count is not None and len(table) != layout.count:
        expected = f"{layout.count:,}, as in the official file (this one is cut off or changed)"
        raise InputError(str(path), f"{len(table):,} ratings", expected)
    return table


def second_rating(path: Path, layout: Layout, user: str, item: str) -> InputError:
    """The error of a user who rates the same item twice."""
    hits = [number for number, fields in _lines(path, layout) if fields[:2] == [user, item]]
    found = f"a second rating of item {shown(item)} by user {shown(user)}"
    where = f"{path}, line {hits[1]}" if len(hits) > 1 else str(path)  # 01 and 1 are one number, but not one text
    return InputError(where, found, "one rating for each user and item")


def _header(path: Path, layout: Layout) -> list[str]:
    """Names of the columns; empty for a file without a header."""
    with _open(path) as file:
        first = file.readline(10_000)
        if not first.strip() and not file.read(10_000).strip():
            raise InputError(str(path), "an empty file", f"ratings in {layout.words}")
    if layout.columns is None:
        return []
    header = [name.strip() for name in next(csv.reader([first]), [])]
    if any(header.count(name) != 1 for name in layout.columns):
        raise InputError(f"{path}, line 1", f"the header {shown(first.strip())}", layout.words)
    return header


def _parse(path: Path, layout: Layout, header: list[str]) -> pd.DataFrame:
    """By pandas' fast reader, which knows only single separators: `::` is an empty column between two."""
    stride = len(layout.separator) if layout.separator == "::" else 1
    width = len(header) or 3 * stride + 1
    columns = [stride * column for column in _positions(layout, header)]
    label = "str" if layout.count is None else "int64"
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        table = pd.read_csv(
            path,
            sep=layout.separator[0],
            header=None,
            names=range(width),
            skiprows=1 if header else 0,
            usecols=columns,
            index_col=False,
            dtype=dict(zip(columns, (label, label, "float64"), strict=True)),
            na_filter=False,
            skipinitialspace=True,
            quoting=csv.QUOTE_MINIMAL if header else csv.QUOTE_NONE,
            encoding="utf-8-sig",
        )
    table = table[columns]
    table.columns = pd.Index(["user", "item", "rating"])
    return table


def _positions(layout: Layout, header: list[str]) -> list[int]:
    return [header.index(name) for name in layout.columns] if layout.columns else [0, 1, 2]


def _usable(table: pd.DataFrame, layout: Layout) -> bool:
    rating = table["rating"].to_numpy()
    if not np.all((rating >= layout.scale[0]) & (rating <= layout.scale[1])):
        return False
    return layout.count is not None or all(_named(table[name]) for name in ("user", "item"))


def _named(column: "pd.Series[str]") -> bool:
    """Whether every label is something, short and on one line."""
    length = column.str.len()
    return bool(length.between(1, LONGEST).all()) and not column.str.contains("[\r\n]", regex=True).any()


def _uneven(path: Path, layout: Layout, width: int) -> bool:
    """Whether a line has too many columns, as from a comma in a title: the rating may have moved. Of an official
    file, whose ratings are counted: whether its last line has too few, so that it is cut off."""
    if layout.count is not None:
        return _last(path).count(layout.separator) != 3
    doubtful = False
    with path.open("rb") as file:
        for line in file if width else ():
            if line.count(b",") >= width:
                if b'"' not in line and b"\r" not in line.rstrip():
                    return True
                doubtful = True  # commas in quotes, or lines that end as on an old Macintosh
    return doubtful and any(len(fields) != 3 for _, fields in _lines(path, layout))


def _last(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(-min(1000, path.stat().st_size), SEEK_END)
        return file.read().decode("latin-1").rstrip("\r\n").rsplit("\n", 1)[-1]


def _fault(path: Path, layout: Layout, otherwise: str) -> InputError:
    """What is wrong with the first line that cannot be used."""
    if "EOF inside string" in otherwise:
        return open_quote(path, layout.words)
    number = 0
    try:
        for number, fields in _lines(path, layout):
            wrong = _wrong(fields, layout)
            if wrong:
                return InputError(f"{path}, line {number}", *wrong)
    except csv.Error as error:
        return InputError(f"{path}, after line {number}", str(error), f"a text file with {layout.words}")
    return InputError(str(path), shown(otherwise), layout.words)


def _wrong(fields: list[str], layout: Layout) -> tuple[str, str] | None:
    """What was found in a line and what was expected; None for a good line."""
    if len(fields) != 3:
        return f"{fields[-1]} columns", f"as many as in other lines, {layout.words}"
    user, item, text = fields
    for name, label in zip(layout.columns or ("user", "item"), (user, item), strict=False):
        if not label:
            return f"no {name}", "a name or number"
        if layout.count is not None and not label.isdecimal():
            return f"{name} {shown(label)}", "a whole number"
        if len(label) > LONGEST or "\n" in label or "\r" in label:
            expected = f"at most {LONGEST:,} characters on one line (is a quote never closed?)"
            return f"the {name} {shown(label)}, which goes on", expected
    low, high = layout.scale
    try:
        rating = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        rating = math.nan
    if not low <= rating <= high:
        return f"rating {shown(text)}", f"a number from {low:g} to {high:g}"
    return None


def _lines(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Line numbers with user, item and rating, or with the number of columns where that is wrong."""
    header = _header(path, layout)
    width, positions = len(header) or 4, _positions(layout, header)
    for number, row in islice(rows(path), 1, None) if header else _split(path, layout.separator):
        good = len(row) == width if layout.count is not None else max(positions) < len(row) <= width
        yield number, [row[column] for column in positions] if good else [str(len(row))]


def _split(path: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of a file without a header that are not blank."""
    with _open(path) as file:
        for number, line in enumerate(file, start=1):
            if line := line.rstrip("\r\n"):
                yield number, line.split(separator)


def _open(path: Path) -> TextIO:
    return path.open(encoding="utf-8-sig", newline="")
