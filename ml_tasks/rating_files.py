"""Read files of ratings, and say in one sentence what is wrong with one that cannot be used."""

import csv
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd

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
        header = _header(path, layout)
        table = _parse(path, layout, header)
        if not _usable(table, layout.scale) or (header and layout.count is None and _overlong(path, len(header))):
            raise ValueError("a line that cannot be used")
    except InputError:
        raise
    except OSError as error:
        raise InputError(str(path), error.strerror or error, "a file that can be read") from None
    except (ValueError, csv.Error) as error:
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
    return InputError(f"{path}, line {hits[1]}", found, "one rating for each user and item")


def shown(text: str) -> str:
    """A piece of somebody's file, quoted, short enough for a sentence."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _header(path: Path, layout: Layout) -> list[str]:
    """Names of the columns; empty for a file without a header."""
    with _open(path) as file:
        first = file.readline(10_000)
        if not first.strip() and not file.read(10_000).strip():
            raise InputError(str(path), "an empty file", f"ratings in {layout.words}")
    if "\0" in first:
        raise InputError(str(path), "bytes that are not text", f"a text file with {layout.words}")
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


def _usable(table: pd.DataFrame, scale: Scale) -> bool:
    labelled = all(not (table[name].isna() | (table[name] == "")).any() for name in ("user", "item"))
    rating = table["rating"].to_numpy()
    return labelled and bool(np.all((rating >= scale[0]) & (rating <= scale[1])))


def _overlong(path: Path, width: int) -> bool:
    """Whether a line has too many columns, as from a comma in a title: the rating may have moved."""
    with path.open("rb") as file:
        return any(line.count(b",") >= width and b'"' not in line for line in file)


def _fault(path: Path, layout: Layout, otherwise: str) -> InputError:
    """What is wrong with the first line that cannot be used."""
    number = 0
    try:
        for number, fields in _lines(path, layout):
            wrong = _wrong(fields, layout)
            if wrong:
                return InputError(f"{path}, line {number}", *wrong)
    except (UnicodeDecodeError, csv.Error) as error:
        found = "bytes that are not text in UTF-8" if isinstance(error, UnicodeDecodeError) else error
        return InputError(f"{path}, after line {number}", found, f"a text file with {layout.words}")
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
    low, high = layout.scale
    try:
        rating = float(text)
    except ValueError:
        rating = math.nan
    if not low <= rating <= high:
        return f"rating {shown(text)}", f"a number from {low:g} to {high:g}"
    return None


def _lines(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Line numbers with user, item and rating, or with the number of columns where that is wrong."""
    header = _header(path, layout)
    width, positions = len(header) or 4, _positions(layout, header)
    with _open(path) as file:
        if header:
            reader = csv.reader(file, skipinitialspace=True)
            rows = ((reader.line_num, row) for row in reader)
            next(rows)
        else:
            rows = ((n, line.rstrip("\r\n").split(layout.separator)) for n, line in enumerate(file, start=1))
        for number, row in rows:
            if row in ([], [""]):
                continue
            good = max(positions) < len(row) <= width
            yield number, [row[column] for column in positions] if good else [str(len(row))]


def _open(path: Path) -> TextIO:
    return path.open(encoding="utf-8-sig", newline="")
