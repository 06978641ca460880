"""Attributes: who the people of an official MovieLens set are, as they said, and the genres of its films."""

from pathlib import Path

import numpy as np
import pandas as pd

from .csv_files import read_table, refused, shown
from .folders import at_home, data_folder, plain_file
from .settings import InputError

PEOPLE = {
    "ml-1m": ("ml-1m/users.dat", "::", ("user", "gender", "age", "occupation", "zip")),
    "ml-100k": ("ml-100k/u.user", "|", ("user", "age", "gender", "occupation", "zip")),
}
"""File, separator and columns. In ml-1m ages are classes (1: under 18) and occupations are coded."""
FILMS = {
    "ml-1m": ("ml-1m/movies.dat", "::"),
    "ml-10m": ("ml-10M100K/movies.dat", "::"),
}
"""File and separator of films: number, title, genres with bars between."""


def people(data: str) -> pd.DataFrame:
    """Columns user, gender, age and occupation, all text. Raises InputError where a set has none."""
    if data not in PEOPLE:
        raise InputError(
            "--groups", f"attributes of people, of {data}", f"a data set that has them: {', '.join(PEOPLE)}"
        )
    name, separator, columns = PEOPLE[data]
    rows = [line.split(separator) for line in _lines(data_folder() / name)]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise InputError(f"{data_folder() / name}, line {number}", f"{len(row)} columns", f"{len(columns)}")
    return pd.DataFrame(rows, columns=list(columns))[["user", "gender", "age", "occupation"]]


def genres(data: str) -> pd.DataFrame:
    """One row for each genre of each film: columns item and genre, both text."""
    if data not in FILMS:
        raise InputError("--groups", f"genres, of {data}", f"a data set that has them: {', '.join(FILMS)}")
    name, separator = FILMS[data]
    rows = []
    for number, line in enumerate(_lines(data_folder() / name), start=1):
        fields = line.split(separator)
        if len(fields) != 3:
            raise InputError(
                f"{data_folder() / name}, line {number}", f"{len(fields)} columns", "3: number, title, genres"
            )
        rows += [(fields[0], genre) for genre in fields[2].split("|")]
    return pd.DataFrame(rows, columns=["item", "genre"])


def groups(path: str, known: set[str]) -> pd.DataFrame:
    """A file of your own groups: columns user and group. Raises InputError for a user who is not in the data."""
    file = at_home(path, "--groups")
    table = read_table(file, ("user", "group"), "a CSV file in UTF-8 with the columns user and group")
    if len(table) == 0:
        raise InputError(str(file), "no people", "people and their groups under its header")
    stranger = ~table["user"].isin(known)
    if stranger.any():
        row = int(np.argmax(stranger))
        raise refused(file, row, f"user {shown(table['user'].iloc[row])}", "a user who is in the ratings")
    return table


def _lines(file: Path) -> list[str]:
    plain_file(file, "the file of the official download")
    try:
        content = file.read_text(encoding="latin-1")  # as GroupLens wrote titles
    except OSError as error:
        raise InputError(str(file), error.strerror or error, "a file that can be read") from None
    if "\0" in content:
        line = content[: content.index("\0")].count("\n") + 1
        raise InputError(f"{file}, line {line}", "a NUL byte", "the file of the official download")
    if not content.endswith("\n"):
        raise InputError(
            f"{file}, line {content.count(chr(10)) + 1}", "a line that ends early", "the whole official file"
        )
    return content.removesuffix("\n").split("\n")
