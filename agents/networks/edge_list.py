"""A network of somebody's own, from a file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...ml_tasks.csv_files import read_table, refused, shown
from ...ml_tasks.settings import Checked, InputError
from .network import Neighbours, People, tied

COLUMNS = ("user", "neighbour")
WANTED = "a CSV file of ties with columns user, neighbour (any others are ignored)"


@dataclass(frozen=True)
class EdgeList(Checked):
    """Ties as a CSV file has them, such as those of a survey's network [M34]: a row for each, in either direction.

    Whoever is in no row is alone. Users are named as in the users table. Raises InputError, naming the file and the
    line, for a name that no user has, for a tie to oneself, and for a file that cannot be read.
    """

    path: str
    """A CSV file (user, neighbour) of your own."""

    def __call__(self, people: People, rng: np.random.Generator) -> Neighbours:
        file = Path(self.path)
        table = read_table(file, COLUMNS, WANTED)
        names = pd.Index(people.names)
        start, end = (_places(file, table[column], names) for column in COLUMNS)
        alone = start == end
        if alone.any():
            row = int(np.argmax(alone))
            raise refused(file, row, f"a tie of {shown(table[COLUMNS[0]].iloc[row])} to themselves", "two users")
        return tied(people.n, start, end)


def _places(file: Path, column: "pd.Series[str]", names: "pd.Index[str]") -> NDArray[np.intp]:
    places = names.get_indexer(pd.Index(column))
    unknown = places < 0
    if unknown.any():
        row = int(np.argmax(unknown))
        error: InputError = refused(file, row, f"{shown(column.iloc[row])}, whom the task does not know", _some(names))
        raise error
    return places


def _some(names: "pd.Index[str]") -> str:
    return f"the name of a user, such as {shown(names[0])}"
