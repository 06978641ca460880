"""What every network is: a rule that draws who is around whom, and the ties that come of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]


class People(Protocol):
    """Whom a network is drawn for, and what of them ties may depend on. The model's population is one."""

    @property
    def n(self) -> int: ...

    @property
    def names(self) -> Sequence[str]: ...

    @property
    def issues(self) -> tuple[str, ...]: ...

    @property
    def stances(self) -> Floats:
        """Position of each person on each issue, -1 to 1, shape (n, issues)."""
        ...


@dataclass(frozen=True)
class Neighbours:
    """A drawn network. No adjacency means that everybody is around everybody."""

    n: int
    adjacency: "sparse.csr_array | None" = None
    """Symmetric 0/1 matrix, shape (n, n), with nobody tied to themselves; of the smallest unsigned type that holds the
    largest degree."""

    @cached_property
    def degree(self) -> NDArray[np.int64]:
        """How many others are around each person, shape (n,)."""
        if self.adjacency is None:
            return np.full(self.n, self.n - 1)
        return np.diff(self.adjacency.indptr).astype(np.int64)

    @property
    def seen(self) -> NDArray[np.int64]:
        """How many people each person's shares are of, shape (n,)."""
        return np.full(self.n, self.n) if self.adjacency is None else self.degree

    def count(self, some: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Of some people, (n,), how many are around each person, who is not around themselves, (n,)."""
        if self.adjacency is None:
            return np.asarray(some.sum() - some, dtype=np.int64)
        # In the matrix's own small type, which holds everybody's degree: five times as fast as with floats.
        return np.asarray(self.adjacency @ some.astype(self.adjacency.dtype), dtype=np.int64)

    def around(self, person: int) -> NDArray[np.intp]:
        """The others around one person, ascending."""
        if self.adjacency is None:
            return np.delete(np.arange(self.n), person)
        found = self.adjacency.indices[self.adjacency.indptr[person] : self.adjacency.indptr[person + 1]]
        return np.asarray(np.sort(found), dtype=np.intp)

    def share(self, groups: NDArray[np.bool_]) -> Floats:
        """Share of the people around each person who are in each group.

        `groups` are masks, shape (n, groups), and so is the result's shape. Alone, a person's share is 0.
        Everybody counts themselves where everybody is around everybody, as in [G78].
        """
        if self.adjacency is None:
            return np.broadcast_to(groups.mean(axis=0), groups.shape)
        most = np.maximum(self.degree, 1)
        return np.stack([self.count(some) / most for some in groups.T]).T

    def one_each(self, draws: Floats) -> NDArray[np.int64]:
        """One of the others around each person, -1 for people who are alone; `draws`: uniform, shape (n,)."""
        return self.several_each(draws[None])[:, 0]

    def several_each(self, draws: Floats) -> NDArray[np.int64]:
        """Several of the others around each person, none twice, shape (n, several); -1 where there are no more.

        `draws`: uniform, shape (several, n).
        """
        places = np.empty((self.n, 0), dtype=np.int64)
        found = []
        for drawn in draws:
            left = np.maximum(self.degree - places.shape[1], 0)
            place = (drawn * left).astype(np.int64)
            for earlier in np.sort(places, axis=1).T:  # places that are taken are passed over
                place += place >= earlier
            places = np.column_stack([places, np.where(left > 0, place, self.n)])
            found.append(np.where(left > 0, self._at(place), -1))
        return np.column_stack(found)

    def _at(self, place: NDArray[np.int64]) -> NDArray[np.int64]:
        """Who stands at this place among the people around each person, (n,); of no meaning beyond their number."""
        if self.adjacency is None:
            return place + (place >= np.arange(self.n))
        start = np.minimum(self.adjacency.indptr[:-1] + place, max(len(self.adjacency.indices) - 1, 0))
        around = self.adjacency.indices if len(self.adjacency.indices) else np.zeros(1)
        return np.asarray(around[start], dtype=np.int64)


class Network(Protocol):
    """(people, rng) -> Neighbours. Raises InputError where it asks of people what they have not."""

    def __call__(self, people: People, rng: np.random.Generator) -> Neighbours: ...


def tied(n: int, start: NDArray[np.integer], end: NDArray[np.integer]) -> Neighbours:
    """The network of these ties among n people, both of shape (ties,).

    Ties are mutual; a tie drawn twice is one tie, and one to oneself is none.
    """
    other = start != end
    start, end = start[other].astype(np.int32), end[other].astype(np.int32)
    rows, columns = np.concatenate([start, end]), np.concatenate([end, start])
    adjacency = sparse.csr_array((np.ones(len(rows), dtype=bool), (rows, columns)), shape=(n, n))
    most = int(np.diff(adjacency.indptr).max(initial=0))
    return Neighbours(n, adjacency.astype(np.min_scalar_type(most)))
