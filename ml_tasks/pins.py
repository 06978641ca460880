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

from .csv_files import check_text, read_table, shown
from .folders import at_home, data_folder, plain_file
from .ratings import _indexed
from .settings import InputError

NEGATIVES = 99
OFFICIAL = "pinterest-20"
OFFICIAL_PEOPLE, OFFICIAL_PINS = 55_187, 1_500_809
LISTS = "pinterest-subset-lightgcn"
LISTS_PEOPLE, LISTS_PINS = 37_501, 1_025_709
"""Of both files, with their repeats."""


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
    file = at_home(path, "path")
    table = read_table(file, ("user", "item"), "a CSV file in UTF-8 with the columns user and item")
    if len(table) == 0:
        raise InputError(str(file), "no pins", "pins under its header")
    return arranged(file.stem, table)


def _lists() -> Pins:
    """LightGCN's layout, `user item item ...` a line, both files together: their split repeats pins."""
    rows = [_NO_PAIR]
    for name in ("train.txt", "test.txt"):
        file = data_folder() / LISTS / name
        plain_file(file, "the set in LightGCN's layout there (or DATACOALITION_DATA naming the folder it is in)")
        for number, line in enumerate(_lines(file), start=1):
            ids = _numbers(file, number, line.split())
            rows.append(np.column_stack([np.full(len(ids) - 1, ids[0]), ids[1:]]) if len(ids) > 1 else _NO_PAIR)
    table = pd.DataFrame(np.concatenate(rows), columns=["user", "item"])
    _complete(data_folder() / LISTS, len(table), table["user"].nunique(), LISTS_PINS, LISTS_PEOPLE)
    return arranged(LISTS, table)


_NO_PAIR = np.empty((0, 2), dtype=np.int64)


def _official() -> Pins:
    """He et al.'s layout: pins to train on, one test pin a person, and 99 negatives for each of them."""
    folder = data_folder() / OFFICIAL
    files = [folder / f"{OFFICIAL}.{end}" for end in ("train.rating", "test.rating", "test.negative")]
    for file in files:
        plain_file(file, f"`datacoalition data fetch {OFFICIAL}`, or its three files there")
    train, test = (
        np.array([_numbers(file, n, line.split("\t")[:2], 2) for n, line in enumerate(_lines(file), start=1)])
        for file in files[:2]
    )
    _complete(folder, len(train) + len(test), len(test), OFFICIAL_PINS, OFFICIAL_PEOPLE)
    pins = arranged(OFFICIAL, pd.DataFrame(np.concatenate([train, test]), columns=["user", "item"]))
    if not len(np.unique(test[:, 0])) == len(test) == len(pins.users):
        raise InputError(str(files[1]), "people with no test pin, or with two", "one for everybody in train.rating")
    user_of, item_of = ({label: k for k, label in enumerate(labels.tolist())} for labels in (pins.users, pins.items))
    target = np.empty(len(pins.users), dtype=np.int32)
    target[[user_of[str(user)] for user in test[:, 0]]] = [item_of[str(item)] for item in test[:, 1]]
    return Pins(OFFICIAL, pins.user, pins.item, pins.users, pins.items, target, _negatives(files[2], test, item_of))


def _negatives(file: Path, test: NDArray[np.int64], item_of: dict[str, int]) -> NDArray[np.int32]:
    """Everybody's 99 items, shape (people, 99), people in numeric order; each line starts with their test pin."""
    expected = {int(user): (row, int(item)) for row, (user, item) in enumerate(test[np.argsort(test[:, 0])])}
    found = np.full((len(test), NEGATIVES), -1, dtype=np.int32)
    for number, line in enumerate(_lines(file), start=1):
        pair, *others = line.split("\t")
        user, item = _numbers(file, number, pair.strip("()").split(","), 2).tolist()
        if user not in expected or expected[user][1] != item:
            raise InputError(f"{file}, line {number}", shown(pair), "a test pin of the file test.rating")
        ids = [item_of.get(str(other), -1) for other in _numbers(file, number, others, NEGATIVES).tolist()]
        if -1 in ids:
            raise InputError(f"{file}, line {number}", f"item {others[ids.index(-1)]}", "items that somebody pinned")
        found[expected[user][0]] = ids
    if lacking := int((found[:, 0] < 0).sum()):
        raise InputError(str(file), f"no line for {lacking:,} people", "one for each (this file is cut off or changed)")
    return found


def _complete(folder: Path, pins: int, people: int, all_pins: int, all_people: int) -> None:
    if (pins, people) != (all_pins, all_people):
        expected = f"{all_pins:,} pins of {all_people:,} people (this one is cut off or changed)"
        raise InputError(str(folder), f"{pins:,} pins of {people:,} people", expected)


def _lines(file: Path) -> list[str]:
    check_text(file, "a text file of whole numbers")
    try:
        return [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
    except OSError as error:
        raise InputError(str(file), error.strerror or error, "a file that can be read") from None


def _numbers(file: Path, line: int, fields: list[str], count: int | None = None) -> NDArray[np.int64]:
    wrong = next((field for field in fields if not _whole(field.strip())), None)
    if wrong is not None:
        raise InputError(f"{file}, line {line}", shown(wrong), "whole numbers: a person, then items")
    if count is not None and len(fields) != count:
        raise InputError(f"{file}, line {line}", f"{len(fields)} numbers", f"{count} numbers")
    return np.array(fields, dtype=np.int64)


def _whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
