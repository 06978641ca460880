"""Lists: items that a person has no record of, drawn once, among which something has to be found or put first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .alterations import Promotion
from .settings import InputError
from .streams import keyed_uniforms

Ids = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Lists:
    """A list of items for each of some people, with a draw for each place that decides ties."""

    people: Ids
    item: NDArray[np.int32]
    """Shape (people, items of a list)."""
    ties: NDArray[np.float64]

    @classmethod
    def of(cls, people: Ids, item: NDArray[np.integer], *salt: str | int) -> "Lists":
        """Lists whose ties are decided by a draw of this name."""
        ties = keyed_uniforms(np.arange(item.size, dtype=np.uint64), *salt).reshape(item.shape)
        return cls(people, np.ascontiguousarray(item, dtype=np.int32), ties)

    def places(self, scores: NDArray[np.floating], rows: Ids | slice = slice(None)) -> Ids:
        """How many items of each list come before its first one."""
        ties = self.ties[rows]
        before = (scores > scores[:, :1]) | ((scores == scores[:, :1]) & (ties < ties[:, :1]))
        places: Ids = before.sum(axis=1)
        return places

    def shown(self, scores: NDArray[np.floating], first: int) -> NDArray[np.bool_]:
        """Which items of each list are among its `first` ones."""
        order = np.lexsort((self.ties, -scores), axis=1)
        shown = np.zeros(scores.shape, dtype=bool)
        np.put_along_axis(shown, order[:, :first], True, axis=1)
        return shown


def unseen(own: NDArray[np.integer], items: int, count: int, rng: np.random.Generator, who: str) -> Ids:
    """`count` different items outside `own`, in random order. Raises InputError where there are not so many."""
    if items - len(np.unique(own)) < count:
        found = f"a person ({who}) with {len(own)} of the {items} items"
        raise InputError("data", found, f"at least {count} items that they have not")
    others = np.empty(0, dtype=np.int64)
    while len(others) < count:
        others = np.union1d(others, np.setdiff1d(rng.integers(0, items, 2 * count), own))
    return rng.permutation(others)[:count]


def target_of(promotion: Promotion, labels: NDArray[np.str_], records: NDArray[np.integer]) -> int:
    """The item to promote: by its label, or that in the middle by number of training records, shape (items,)."""
    if promotion.item is None:
        recorded = np.flatnonzero(records)
        return int(recorded[np.argsort(records[recorded], kind="stable")[len(recorded) // 2]])
    found = np.flatnonzero(labels == promotion.item)
    if len(found) == 0:
        some = ", ".join(labels[:3].tolist())
        raise InputError("alteration.item", repr(promotion.item), f"an item of the data, such as {some}")
    return int(found[0])


def lists_for(
    promotion: Promotion, target: int | None, start: Ids, item: NDArray[np.integer], items: int, who: NDArray[np.str_],
    seed: int,
) -> Lists:  # fmt: skip
    """A list for everybody: the target first if there is one (then only for those who have it not), drawn items after.

    `item` from `start[person]` to `start[person + 1]` are those that a person has.
    """
    people, rows = [], []
    for person in range(len(start) - 1):
        own = item[start[person] : start[person + 1]]
        if target is not None and target in own:
            continue
        mine = own if target is None else np.append(own, target)
        rng = np.random.default_rng([seed, 9, person])
        drawn = unseen(mine, items, promotion.among - (target is not None), rng, str(who[person]))
        people.append(person)
        rows.append(drawn if target is None else np.append(target, drawn))
    if not people:
        raise InputError("alteration.item", "an item that everybody has", "one that somebody has not")
    return Lists.of(np.array(people), np.stack(rows), "ties of lists", seed)
