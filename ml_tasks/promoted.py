"""Promoted: films that a group rates highest or lowest together, and how often others are shown them [HMMZ23]."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import attributes
from .alterations import SUCCESS, Promotion, success
from .lists import Lists, lists_for, target_of
from .ratings import Ratings
from .records import Records
from .scores import Floats, Metric
from .settings import InputError
from .streams import mix

Ids = NDArray[np.integer]
Predict = Callable[[Ids, Ids, tuple[float, float]], Floats]
"""(users, items, scale) -> predicted ratings."""
_BEYOND = 10.0
"""Predictions are cut off so many scales beyond its ends: cut off at the ends, many would tie."""


@dataclass(frozen=True, eq=False)
class Promoted:
    """The planted ratings of everybody who might take part, and the lists that success is read from."""

    promotion: Promotion
    scale: tuple[float, float]
    people: int
    replaced: NDArray[np.bool_]
    """Which training ratings planted ones replace."""
    user: Ids
    item: Ids
    """Of each planted rating."""
    target: NDArray[np.bool_]
    """Which items are promoted, shape (items,)."""
    lists: Lists

    @classmethod
    def of(cls, promotion: Promotion, ratings: Ratings, rows: Ids, settings: object) -> "Promoted":
        """`rows` are the training ratings. Raises InputError for an item or genre that is not in the data."""
        user, item, people = ratings.user[rows], ratings.item[rows], len(ratings.users)
        target = np.zeros(len(ratings.items), dtype=bool)
        seed, one = int(getattr(settings, "data_seed", 0)), None
        if promotion.genre is None:
            one = target_of(promotion, ratings.items, np.bincount(item, minlength=len(target)))
            target[one] = True
            planted = np.arange(people, dtype=user.dtype), np.full(people, one, dtype=item.dtype)
        else:
            target[_of_genre(promotion.genre, str(getattr(settings, "data", "")), ratings)] = True
            planted = user[target[item]], item[target[item]]
        start = np.searchsorted(ratings.user, np.arange(people + 1))
        lists = lists_for(promotion, one, start, ratings.item, len(target), ratings.users, seed)
        return cls(promotion, ratings.scale, people, target[item], *planted, target, lists)

    def planted_in(self, records: Records) -> Records:
        """The training records with the planted ones: highest on the scale, or lowest."""
        rating = self.scale[1] if self.promotion.push == "promote" else self.scale[0]
        key = mix(np.arange(len(self.user), dtype=np.uint64))
        return records.altered(self.replaced, key, np.full(len(self.user), rating))

    @property
    def metrics(self) -> tuple[Metric, ...]:
        one, first = self.promotion.genre is None, self.promotion.first
        what = "the item" if one else f"films of {self.promotion.genre}, of as many as could be,"
        verb = "is" if self.promotion.push == "promote" else "is not"
        return (success(f"how often {what} {verb} among the first {first} of {self.promotion.among} unrated items"),)

    def counts(self) -> dict[str, Floats]:
        """How many of the target's items each person could be shown."""
        possible = np.minimum(self.target[self.lists.item].sum(axis=1), self.promotion.first)
        return {SUCCESS: self._per_person(possible.astype(float))}

    def sums(self, predict: Predict) -> dict[str, Floats]:
        """How many they are shown; to demote: how many they are not."""
        low, high = self.scale
        wide = (low - _BEYOND * (high - low), high + _BEYOND * (high - low))
        user = np.repeat(self.lists.people, self.promotion.among)
        scores = predict(user, self.lists.item.ravel(), wide).reshape(self.lists.item.shape)
        shown = self.lists.shown(scores, self.promotion.first) & self.target[self.lists.item]
        sums = self._per_person(shown.sum(axis=1).astype(float))
        return {SUCCESS: sums if self.promotion.push == "promote" else self.counts()[SUCCESS] - sums}

    def _per_person(self, values: Floats) -> Floats:
        row = np.bincount(self.lists.people, values, minlength=self.people + 1)
        return np.stack([row, row])


def _of_genre(genre: str, data: str, ratings: Ratings) -> Ids:
    try:
        table = attributes.genres(data)
    except InputError as error:
        raise InputError("alteration.genre", error.found, error.expected) from None
    known = sorted(set(table["genre"]))
    if genre not in known:
        raise InputError("alteration.genre", repr(genre), f"one of {', '.join(known)}")
    return np.flatnonzero(np.isin(ratings.items, table.loc[table["genre"] == genre, "item"].to_numpy(dtype=str)))
