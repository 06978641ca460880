"""Text files of somebody's own: every fault is one sentence that names the file and the line.

`check_text` is for any text file. `read_table` reads a CSV file by pandas' fast reader; only where that finds a fault
is the file read again, line by line, to say where it is.
"""

import codecs
import csv
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from .folders import plain_file
from .settings import InputError

LONGEST = 1000
"""Characters of a name of a person, thing or group: a longer one is a quote that was never closed."""
_PART = 2**20
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
csv.field_size_limit(2**31 - 1)  # a text may be long; that its file can be read is for pandas to say


def shown(text: str) -> str:
    """A piece of somebody's file, quoted, short enough for a sentence."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def check_text(file: Path, wanted: str) -> None:
    """Raise InputError, naming the line, unless a file is text in UTF-8 without NUL bytes."""
    decoder, before = codecs.getincrementaldecoder("utf-8")(), 0
    try:
        with file.open("rb") as content:
            while part := content.read(_PART):
                if before == 0 and part.startswith(_MARKS):
                    raise InputError(str(file), "text in UTF-16", wanted)
                if (nul := part.find(b"\0")) >= 0:
                    raise InputError(f"{file}, line {_line(file, before + nul)}", "a NUL byte", wanted)
                decoder.decode(part)
                before += len(part)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        # What is decoded is the part with up to three bytes of the last one before it.
        end = min(before + _PART, file.stat().st_size)
        place = end - len(error.object) + error.start
        found = "bytes that are not text in UTF-8"
        raise InputError(f"{file}, line {_line(file, place)}", found, wanted) from None
    except OSError as error:
        raise InputError(str(file), error.strerror or error, "a file that can be read") from None


def read_table(file: Path, columns: tuple[str, ...], wanted: str, texts: tuple[str, ...] = ()) -> pd.DataFrame:
    """These columns of a CSV file, all text and none blank; others are ignored.

    All but `texts` are names of something, at most 1,000 characters on one line, with no space before or after.
    Raises InputError saying what is `wanted`.
    """
    plain_file(file, wanted)
    check_text(file, wanted)
    header = _header(file, columns, wanted)
    try:
        table = _parsed(file, len(header), spaces=bool(texts))
    except (ValueError, pd.errors.ParserWarning) as error:
        raise _fault(file, len(header), " ".join(str(error).split()), wanted, bool(texts)) from None
    except OSError as error:
        raise InputError(str(file), error.strerror or error, "a file that can be read") from None
    found = {name: table[header.index(name)] for name in columns}
    table = pd.DataFrame({name: cell if name in texts else cell.str.strip() for name, cell in found.items()})
    for name in columns:
        _check_column(file, table, name, name in texts, len(header))
    return table


def refused(file: Path, row: int, found: str, expected: str, width: int = 0) -> InputError:
    """The error of a row, counted from 0 without the header; a row with fewer than `width` columns is found so."""
    for number, (line, fields) in enumerate(rows(file), start=-1):
        if number == row:
            if len(fields) < width:
                return InputError(f"{file}, line {line}", f"{len(fields)} columns", f"{width}, as in its header")
            return InputError(f"{file}, line {line}", found, expected)
    return InputError(f"{file}, row {row + 1}", found, expected)


def open_quote(file: Path, wanted: str, spaces: bool = False) -> InputError:
    """The error of a quote that is never closed: it is in the last row, which goes on to the end."""
    line = max((line for line, _ in rows(file, spaces)), default=1)
    return InputError(f"{file}, line {line}", "a quote that is never closed", wanted)


def _parsed(file: Path, width: int, spaces: bool) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            file, header=0, names=range(width), index_col=False, dtype=str, na_filter=False,
            skipinitialspace=not spaces, encoding="utf-8-sig",
        )  # fmt: skip


def _header(file: Path, columns: tuple[str, ...], wanted: str) -> list[str]:
    line, first = next(rows(file), (0, []))
    if not first:
        raise InputError(str(file), "an empty file", wanted)
    header = [name.strip() for name in first]
    for name in columns:
        if header.count(name) != 1:
            times = f"no column {name}" if name not in header else f"column {name} twice"
            raise InputError(f"{file}, line {line}", f"{times} in {shown(','.join(first))}", wanted)
    return header


def _check_column(file: Path, table: pd.DataFrame, name: str, text: bool, width: int) -> None:
    blank = table[name].str.strip() == ""
    if blank.any():
        raise refused(file, int(np.argmax(blank)), f"an empty {name}", "one in every row", width)
    if text:
        return
    long = (table[name].str.len() > LONGEST) | table[name].str.contains("[\r\n]", regex=True)
    if long.any():
        expected = f"at most {LONGEST:,} characters on one line (is a quote never closed?)"
        found = f"the {name} {shown(table[name].iloc[int(np.argmax(long))])}, which goes on"
        raise refused(file, int(np.argmax(long)), found, expected)


def _fault(file: Path, width: int, otherwise: str, wanted: str, spaces: bool) -> InputError:
    """What the reader could not read."""
    if "EOF inside string" in otherwise:
        return open_quote(file, wanted, spaces)
    for line, row in rows(file, spaces):
        if len(row) > width:
            expected = f"{width}, as in its header (a comma inside a field needs quotes around it)"
            return InputError(f"{file}, line {line}", f"{len(row)} columns", expected)
    return InputError(str(file), shown(otherwise), wanted)


def rows(file: Path, spaces: bool = False) -> Iterator[tuple[int, list[str]]]:
    """The line on which each row starts, and its fields; blank lines are no rows. A field may start with `spaces`."""
    with file.open(encoding="utf-8-sig", newline="") as content:
        reader, before = csv.reader(content, skipinitialspace=not spaces), 0
        for row in reader:
            if len(row) > 1 or (row and row[0].strip()):
                yield before + 1, row
            before = reader.line_num


def _line(file: Path, place: int) -> int:
    """The number of the line that a byte is on."""
    line = 1
    with file.open("rb") as content:
        while place > 0 and (part := content.read(min(_PART, place))):
            line += part.count(b"\n")
            place -= len(part)
    return line
