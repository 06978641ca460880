"""Groups of people who are alike, for strikes by half of them [VHS19]."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...ml_tasks import attributes
from ...ml_tasks.settings import InputError
from ...ml_tasks.task import Task

Members = NDArray[np.bool_]
FANS_RATINGS, FANS_MEAN = 10, 4.0
"""A genre's fan has more ratings in it than that, and a mean of at least that [VHS19]."""
TENTH = 0.1
_SMALLEST = 20
"""A group with fewer people says nothing."""


def named(groups: str, task: Task) -> dict[str, Members]:
    """Groups by name, each a mask over the contributors: a key of GROUPS, or a file with columns user and group."""
    if groups in GROUPS:
        found = GROUPS[groups](task)
    elif groups.endswith(".csv"):
        table = attributes.groups(groups, set(task.contributors))
        found = _by(table, "user", "group", task)
    else:
        raise InputError("--groups", repr(groups), f"random, {', '.join(GROUPS)}, or a CSV file (user, group)")
    large = {name: mask for name, mask in found.items() if mask.sum() >= _SMALLEST}
    if not large:
        raise InputError("--groups", f"{groups}: no group of {_SMALLEST} people", "larger groups")
    return large


def _by(table: pd.DataFrame, user: str, column: str, task: Task) -> dict[str, Members]:
    place = {name: k for k, name in enumerate(task.contributors)}
    masks: dict[str, Members] = {}
    for name, rows in table[table[user].isin(place)].groupby(column):
        mask = np.zeros(len(place), dtype=bool)
        mask[[place[label] for label in rows[user]]] = True
        masks[f"{column} {name}" if column != "group" else str(name)] = mask
    return masks


def _attribute(column: str) -> Callable[[Task], dict[str, Members]]:
    def by(task: Task) -> dict[str, Members]:
        table = attributes.people(_data(task))
        if missing := sorted(set(task.contributors) - set(table["user"])):
            found = f"{column}, of a file without {len(missing):,} of the people who rate ({missing[0]}, ...)"
            raise InputError("--groups", found, "the whole official file of people")
        return _by(table, "user", column, task)

    return by


def _genres(task: Task) -> dict[str, Members]:
    """Fans of each genre, by their training ratings."""
    ratings = getattr(task, "ratings")  # noqa: B009 - only the rating task has them, and only it gets here
    rows = getattr(task, "training_rows")  # noqa: B009
    table = attributes.genres(_data(task))
    place = {name: k for k, name in enumerate(ratings.items.tolist())}
    masks = {}
    for genre, part in table[table["item"].isin(place)].groupby("genre"):
        of_genre = np.isin(ratings.item[rows], [place[item] for item in part["item"]])
        user, rating = ratings.user[rows][of_genre], ratings.rating[rows][of_genre]
        count = np.bincount(user, minlength=len(task.contributors))
        total = np.bincount(user, rating, minlength=len(task.contributors))
        masks[f"fans of {genre}"] = (count > FANS_RATINGS) & (total >= FANS_MEAN * np.maximum(count, 1))
    return masks


def _power(task: Task) -> dict[str, Members]:
    return {"power users": _tenth(task, -task.records)}


def _low(task: Task) -> dict[str, Members]:
    return {"people with fewest ratings": _tenth(task, task.records)}


def _tenth(task: Task, rank: NDArray[np.int64]) -> Members:
    mask = np.zeros(len(task.contributors), dtype=bool)
    mask[np.argsort(rank, kind="stable")[: round(TENTH * len(mask))]] = True
    return mask


def _data(task: Task) -> str:
    settings = getattr(task, "settings", None)
    return str(getattr(settings, "data", ""))


GROUPS: Mapping[str, Callable[[Task], dict[str, Members]]] = {
    "gender": _attribute("gender"),
    "age": _attribute("age"),
    "occupation": _attribute("occupation"),
    "genre": _genres,
    "power": _power,
    "low": _low,
}
"""What makes people alike; each gives groups by name."""
