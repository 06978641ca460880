"""Social networks: who is around whom. `NETWORKS` lists them.

Every network is drawn whole, as arrays, for n people; being around somebody is mutual.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..ml_tasks.settings import Checked, NonNegative, PositiveCount, Share


@dataclass(frozen=True)
class Neighbours:
    """A drawn network. No adjacency means that everybody is around everybody."""

    n: int
    adjacency: "sparse.csr_array | None" = None
    """Symmetric 0/1 matrix, shape (n, n)."""

    def share(self, groups: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of the people around each person who are in each group.

        `groups` is 0/1, shape (n, groups), and so is the result's shape. Alone, a person's share is 0.
        Everybody counts themselves where everybody is around everybody, as in [G78].
        """
        if self.adjacency is None:
            return np.broadcast_to(groups.mean(axis=0), groups.shape)
        around: NDArray[np.float64] = self.adjacency @ groups
        degree = np.maximum(self.adjacency.sum(axis=1), 1)
        return around / degree[:, None]


class Network(Protocol):
    """(people, rng) -> Neighbours."""

    def __call__(self, n: int, rng: np.random.Generator) -> Neighbours: ...


@dataclass(frozen=True)
class Everyone:
    """Everybody is around everybody: thresholds read the share of the whole population [G78]."""

    def __call__(self, n: int, rng: np.random.Generator) -> Neighbours:
        return Neighbours(n)


@dataclass(frozen=True)
class SmallWorld(Checked):
    """A ring of close neighbours, some of whose ties lead anywhere (Watts & Strogatz 1998)."""

    neighbours: PositiveCount = 10
    rewired: Share = 0.1
    """Share of ties whose far end is drawn anew from all people."""

    def __call__(self, n: int, rng: np.random.Generator) -> Neighbours:
        half = min((self.neighbours + 1) // 2, (n - 1) // 2)
        start = np.repeat(np.arange(n), half)
        end = (start + np.tile(np.arange(1, half + 1), n)) % n
        moved = rng.random(len(start)) < self.rewired
        end[moved] = rng.integers(0, n, moved.sum())
        return Neighbours(n, _mutual(n, start, end))


@dataclass(frozen=True)
class Random(Checked):
    """Ties between people drawn at random, whoever they are (Erdos & Renyi 1959)."""

    mean_degree: NonNegative = 10.0

    def __call__(self, n: int, rng: np.random.Generator) -> Neighbours:
        ties = round(self.mean_degree * n / 2)
        return Neighbours(n, _mutual(n, rng.integers(0, n, ties), rng.integers(0, n, ties)))


NETWORKS: Mapping[str, type[Network]] = {"everyone": Everyone, "small_world": SmallWorld, "random": Random}


def _mutual(n: int, start: NDArray[np.integer], end: NDArray[np.integer]) -> "sparse.csr_array":
    other = start != end
    start, end = start[other], end[other]
    ones = np.ones(2 * len(start))
    rows, columns = np.concatenate([start, end]), np.concatenate([end, start])
    adjacency = sparse.csr_array((ones, (rows, columns)), shape=(n, n))
    adjacency.data[:] = 1.0  # a tie drawn twice is one tie
    return adjacency
