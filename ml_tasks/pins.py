"""Pins: who put what on a board, or any list of people and things without ratings.

Neither of the two Pinterest sets states a licence; both come from Geng et al., Learning Image and User Features for
Recommendation in Social Networks, ICCV 2015. pinterest-20 is the version of He et al. 2017 (people with at least 20
pins), whose test item and 99 negatives for each person are part of it.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .folders import data_folder
from .rating_files import shown
from .ratings import _indexed
from .settings import InputError

NEGATIVES = 99
OFFICIAL = "pinterest-20"
OFFICIAL_PEOPLE, OFFICIAL_PINS = 55_187, 1_500_809
LISTS = "pinterest-subset-lightgcn"


@dataclass(frozen=True, eq=False)
class Pins:
    """One pin a row, every pair of person and item once, sorted by person and then item."""

    name: str
    user: NDArray[np.int32]
    item: NDArray[np.int32]
    users: NDArray[np.str_]
    items: NDArray[np.str_]
    test: NDArray[np.int32] | None = None
    """Each person's official test item, shape (users,); None where there is none and it is drawn."""
    negatives: NDArray[np.int32] | None = None
    """Their official negatives, shape (users, 99)."""

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the content (all but the name), in hexadecimal."""
        digest = hashlib.blake2b(digest_size=16)
        for labels in (self.users, self.items):
            digest.update(repr(labels.tolist()).encode())
        for column in (self.user, self.item, self.test, self.negatives):
            digest.update(b"none" if column is None else column.astype("<i4").tobytes())
        return digest.hexdigest()


def load(data: str, path: str | None = None) -> Pins:
    """Pins of `data`: "pinterest-20", "pinterest-subset-lightgcn", or "csv", a file of your own (user, item)."""
    if data != "csv" and path is not None:
        raise InputError("path", shown(str(path)), "no path, unless data is csv")
    if data == "csv":
        return _own(path)
    return _official() if data == OFFICIAL else _lists()


def arranged(name: str, table: pd.DataFrame) -> Pins:
    """Pins from columns user and item; the same pair twice is one pin."""
    users, user = _indexed(table["user"])
    items, item = _indexed(table["item"])
    pair = np.unique(user.astype(np.int64) * len(items) + item)
    return Pins(name, (pair // len(items)).astype(np.int32), (pair % len(items)).astype(np.int32), users, items)


def _own(path: str | None) -> Pins:
    if path is None:
        raise InputError("path", "nothing", "the path of your pins.csv, because data is csv")
    file = Path(path).expanduser()
    _there(file, "a CSV file there with the columns user and item")
    wanted = "a CSV file in UTF-8 with the columns user and item"
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(str(file), "bytes that are not text in UTF-8", wanted) from None
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(str(file), shown(" ".join(str(error).split())), wanted) from None
    missing = [name for name in ("user", "item") if name not in table.columns]
    if missing:
        raise InputError(f"{file}, line 1", f"no column {missing[0]} in {shown(','.join(table.columns))}", wanted)
    for name in ("user", "item"):
        blank = np.flatnonzero(table[name].str.strip() == "")
        if len(blank):
            raise InputError(f"{file}, row {blank[0] + 1}", f"an empty {name}", f"a {name} in every row")
    if len(table) == 0:
        raise InputError(str(file), "no pins", "pins under its header")
    return arranged(file.stem, table)


def _lists() -> Pins:
    """LightGCN's layout, `user item item ...` a line, both files together: their split repeats pins."""
    rows = []
    for name in ("train.txt", "test.txt"):
        file = data_folder() / LISTS / name
        _there(file, "the set in LightGCN's layout there (or DATACOALITION_DATA naming the folder it is in)")
        for number, line in enumerate(_lines(file), start=1):
            ids = _numbers(file, number, line.split())
            rows.append(np.column_stack([np.full(len(ids) - 1, ids[0]), ids[1:]]) if len(ids) > 1 else _NO_PAIR)
    return arranged(LISTS, pd.DataFrame(np.concatenate(rows), columns=["user", "item"]))


_NO_PAIR = np.empty((0, 2), dtype=np.int64)


def _official() -> Pins:
    """He et al.'s layout: pins to train on, one test pin a person, and 99 negatives for each of them."""
    folder = data_folder() / OFFICIAL
    files = [folder / f"{OFFICIAL}.{end}" for end in ("train.rating", "test.rating", "test.negative")]
    for file in files:
        _there(file, f"`datacoalition data fetch {OFFICIAL}`, or its three files there")
    train, test = (
        np.array([_numbers(file, n, line.split("\t")[:2], 2) for n, line in enumerate(_lines(file), start=1)])
        for file in files[:2]
    )
    if len(train) + len(test) != OFFICIAL_PINS or len(test) != OFFICIAL_PEOPLE:
        expected = f"{OFFICIAL_PINS:,} pins of {OFFICIAL_PEOPLE:,} people (this one is cut off or changed)"
        raise InputError(str(folder), f"{len(train) + len(test):,} pins of {len(test):,} people", expected)
    pins = arranged(OFFICIAL, pd.DataFrame(np.concatenate([train, test]), columns=["user", "item"]))
    user_of, item_of = ({label: k for k, label in enumerate(labels.tolist())} for labels in (pins.users, pins.items))
    target = np.empty(len(pins.users), dtype=np.int32)
    target[[user_of[str(user)] for user in test[:, 0]]] = [item_of[str(item)] for item in test[:, 1]]
    negatives = np.empty((len(pins.users), NEGATIVES), dtype=np.int32)
    for number, line in enumerate(_lines(files[2]), start=1):
        pair, *others = line.split("\t")
        person = _numbers(files[2], number, pair.strip("()").split(","), 2)[0]
        ids = _numbers(files[2], number, others, NEGATIVES)
        negatives[user_of[str(person)]] = [item_of[str(item)] for item in ids]
    return Pins(OFFICIAL, pins.user, pins.item, pins.users, pins.items, target, negatives)


def _there(file: Path, wanted: str) -> None:
    if not file.is_file():
        raise InputError(str(file), "no file", wanted)


def _lines(file: Path) -> list[str]:
    try:
        return [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
    except UnicodeDecodeError:
        raise InputError(str(file), "bytes that are not text in UTF-8", "a text file of whole numbers") from None
    except OSError as error:
        raise InputError(str(file), error.strerror or error, "a file that can be read") from None


def _numbers(file: Path, line: int, fields: list[str], count: int | None = None) -> NDArray[np.int64]:
    wrong = next((field for field in fields if not field.strip().isdecimal()), None)
    if wrong is not None:
        raise InputError(f"{file}, line {line}", shown(wrong), "whole numbers: a person, then items")
    if count is not None and len(fields) != count:
        raise InputError(f"{file}, line {line}", f"{len(fields)} numbers", f"{count} numbers")
    return np.array(fields, dtype=np.int64)
