"""Texts with a yes-or-no label: the Jigsaw comments, or a user's own file.

The annotations of the Jigsaw set are under CC0, the comments under Wikipedia's CC BY-SA 3.0. Its official
train.csv comes from Kaggle, which asks for an account.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .csv_files import read_table, refused, shown
from .folders import at_home, data_folder, plain_file
from .settings import InputError

KINDS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
"""A comment is toxic here if it is any of these [VH21]."""
OFFICIAL = "jigsaw-toxic-comment-classification-challenge/train.csv"
OFFICIAL_ROWS = 159_571
SAMPLE = ("jigsaw-toxic-sample/train_random5000.csv", "jigsaw-toxic-sample/train_head3000.csv")
"""Rows of the official file drawn at random, and its first 3,000, whose order is that of hashed ids."""
SOURCE = "kaggle.com/c/jigsaw-toxic-comment-classification-challenge"


@dataclass(frozen=True, eq=False)
class Texts:
    """One text a row, sorted by user and text, so that the order of a file makes no difference."""

    name: str
    text: tuple[str, ...]
    label: NDArray[np.bool_]
    user: tuple[str, ...] | None = None
    """Who wrote each text; None where nobody knows."""

    @cached_property
    def key(self) -> NDArray[np.uint64]:
        """A hash of each record: of user and text, and of how many equal ones came before."""
        seen: dict[tuple[str, str], int] = {}
        digests = []
        for user, text in zip(self.user or ("",) * len(self.text), self.text, strict=True):
            number = seen[user, text] = seen.get((user, text), -1) + 1
            record = repr((user, text, number)).encode("utf-8", "surrogatepass")
            digests.append(hashlib.blake2b(record, digest_size=8).digest())
        return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the content (all but the name), in hexadecimal."""
        digest = hashlib.blake2b(self.key.astype("<u8").tobytes(), digest_size=16)
        digest.update(self.label.tobytes())
        digest.update(repr(self.user).encode())
        return digest.hexdigest()


def load(data: str, path: str | None = None) -> Texts:
    """Texts of `data`: "jigsaw" (the official train.csv), "jigsaw-sample", or "csv", a file of your own."""
    if data != "csv" and path is not None:
        raise InputError("path", shown(str(path)), "no path, unless data is csv")
    if data == "csv":
        return _own(path)
    names = (OFFICIAL,) if data == "jigsaw" else SAMPLE
    files = [data_folder() / name for name in names]
    for file in files:
        wanted = f"train.csv from {SOURCE} there" if data == "jigsaw" else "the sample's files there"
        plain_file(file, f"{wanted} (or DATACOALITION_DATA naming the folder it is in)")
    tables = [_read(file, ("comment_text", *KINDS), KINDS, "comment_text") for file in files]
    if data == "jigsaw" and len(tables[0]) != OFFICIAL_ROWS:
        expected = f"{OFFICIAL_ROWS:,}, as in the official file (this one is cut off or changed)"
        raise InputError(str(files[0]), f"{len(tables[0]):,} comments", expected)
    table = pd.concat(tables).drop_duplicates("comment_text") if data == "jigsaw-sample" else tables[0]
    return _arranged(data, table["comment_text"], table[list(KINDS)].any(axis=1), None)


def _own(path: str | None) -> Texts:
    if path is None:
        raise InputError("path", "nothing", "the path of your texts.csv, because data is csv")
    file = at_home(path, "path")
    table = _read(file, ("user", "text", "label"), ("label",), "text")
    texts = _arranged(file.stem, table["text"], table["label"] == 1, table["user"])
    if len(set(texts.label)) < 2:
        raise InputError(
            f"{file}, label", f"only {int(texts.label[0])}", "both labels, 0 and 1: there is nothing to tell"
        )
    return texts


def _read(file: Path, columns: tuple[str, ...], labels: tuple[str, ...], text: str) -> pd.DataFrame:
    """The columns of a file, every value usable: text that is not blank, labels 0 or 1."""
    table = read_table(file, columns, f"a CSV file in UTF-8 with the columns {', '.join(columns)}", (text, *labels))
    if len(table) == 0:
        raise InputError(str(file), "no text", "texts under its header")
    for name in labels:
        wrong = ~table[name].isin(("0", "1"))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise refused(file, row, f"{name} {shown(table[name].iloc[row])}", "0 or 1 (are columns swapped?)")
    return table.astype(dict.fromkeys(labels, int))


def _arranged(name: str, text: "pd.Series[str]", label: "pd.Series[bool]", user: "pd.Series[str] | None") -> Texts:
    users = user.tolist() if user is not None else [""] * len(text)
    rows = sorted(zip(users, text.tolist(), label.astype(bool).tolist(), strict=True))
    found = tuple(row[0] for row in rows) if user is not None else None
    return Texts(name, tuple(row[1] for row in rows), np.array([row[2] for row in rows], dtype=bool), found)
