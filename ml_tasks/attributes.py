"""Attributes: who the people of an official MovieLens set are, as they said, and the genres of its films."""

from pathlib import Path

import pandas as pd

from .folders import data_folder
from .rating_files import shown
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
    wanted = "a CSV file in UTF-8 with the columns user and group"
    try:
        table = pd.read_csv(Path(path).expanduser(), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("--groups", f"{path}, where there is no file", wanted) from None
    except (ValueError, OSError, pd.errors.ParserError) as error:
        raise InputError(path, shown(" ".join(str(error).split())), wanted) from None
    missing = [name for name in ("user", "group") if name not in table.columns]
    if missing:
        raise InputError(f"{path}, line 1", f"no column {missing[0]} in {shown(','.join(table.columns))}", wanted)
    for number, user in enumerate(table["user"], start=2):
        if user not in known:
            raise InputError(f"{path}, line {number}", f"user {shown(user)}", "a user who is in the ratings")
    return table[["user", "group"]]


def _lines(file: Path) -> list[str]:
    if not file.is_file():
        raise InputError(str(file), "no file", "the file of the official download")
    try:
        return file.read_text(encoding="latin-1").splitlines()  # as GroupLens wrote titles
    except OSError as error:
        raise InputError(str(file), error.strerror or error, "a file that can be read") from None
