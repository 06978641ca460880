"""A CSV file of values: user,value and, if known, stderr, records, income, and any attributes of the users."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from ...ml_tasks.csv_files import read_table, refused, rows, shown
from ...ml_tasks.folders import at_home
from ...ml_tasks.settings import InputError
from ...valuation.claims import Claims
from ...valuation.values import FloatArray, Values

WANTED = "a CSV file in UTF-8 with the columns user and value, and if known stderr, records, income, group"
NUMBERS = ("value", "stderr", "records", "income")


@dataclass(frozen=True, eq=False)
class People:
    """Who is to be paid: by what, and what else is known of them."""

    claims: tuple[Claims, ...]
    income: FloatArray | None = None
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Each person's label, by attribute."""
    facts: Sequence[tuple[str, str]] = ()
    """Where the values come from."""


def read(path: str) -> People:
    """The people of a file. Raises InputError naming the file, the line, what was found and what would be right."""
    file = at_home(path, "values")
    header = _header(file)
    table = read_table(file, header, WANTED)
    if len(table) == 0:
        raise InputError(str(file), "no people", "a row for each user under the header")
    twice = table["user"].duplicated()
    if twice.any():
        row = int(np.argmax(twice))
        raise refused(file, row, f"user {shown(table['user'].iloc[row])} a second time", "every user once")
    numbers = {name: _numbers(file, table, name) for name in NUMBERS if name in header}
    stderr = numbers.get("stderr")
    note = "values from a file" + ("" if stderr is not None else ", without standard errors")
    players = tuple(table["user"])
    worth = numbers["value"]
    values = Values(players, worth, np.full(len(worth), np.nan) if stderr is None else stderr, 0, "file", note)
    attributes = {name: tuple(table[name]) for name in header if name not in ("user", *NUMBERS)}
    facts = (("Values", f"of {len(players):,} users, from {file}; {note}"),)
    return People((Claims(players, values, numbers.get("records")),), numbers.get("income"), attributes, facts)


def _header(file: Path) -> tuple[str, ...]:
    if not file.exists():
        raise InputError(str(file), "no such file", WANTED)
    try:
        first = next(rows(file), (0, []))[1]
    except (OSError, UnicodeDecodeError):
        first = []  # what is wrong with it, the reader of the table says better
    names = [name.strip() for name in first]
    for name in names:
        if not name:
            raise InputError(f"{file}, line 1", f"a column without a name in {shown(','.join(first))}", WANTED)
    return tuple(dict.fromkeys(("user", "value", *names)))


def _numbers(file: Path, table: pd.DataFrame, name: str) -> FloatArray:
    found: FloatArray = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64)
    wrong = ~np.isfinite(found) | (found < 0 if name in ("stderr", "records") else False)
    if wrong.any():
        row = int(np.argmax(wrong))
        expected = "a number of 0 or more" if name in ("stderr", "records") else "a number"
        raise refused(file, row, f"{name} {shown(table[name].iloc[row])}", expected)
    return found
