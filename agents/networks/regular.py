"""Networks without groups or hubs: everybody, nobody, a ring, and a ring with shortcuts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.settings import Checked, PositiveCount, Share
from .network import Neighbours, People, tied

Ends = tuple[NDArray[np.int32], NDArray[np.int32]]


@dataclass(frozen=True)
class Complete:
    """Everybody is around everybody: thresholds read the share of the whole population [G78]."""

    def __call__(self, people: People, rng: np.random.Generator) -> Neighbours:
        return Neighbours(people.n)


@dataclass(frozen=True)
class NoTies:
    """Nobody is around anybody: whoever looks at others sees none, the limit of isolation that [G78] starts from."""

    def __call__(self, people: People, rng: np.random.Generator) -> Neighbours:
        nobody = np.empty(0, dtype=np.int32)
        return tied(people.n, nobody, nobody)


@dataclass(frozen=True)
class Ring(Checked):
    """A circle in which everybody knows the next few on either side: a small world without a shortcut [WS98]."""

    neighbours: PositiveCount = 2
    """How many each person has, half of them on either side; odd numbers are rounded up."""

    def __call__(self, people: People, rng: np.random.Generator) -> Neighbours:
        return tied(people.n, *_ring(people.n, self.neighbours))


@dataclass(frozen=True)
class SmallWorld(Checked):
    """A ring of close neighbours, some of whose ties lead anywhere [WS98]."""

    neighbours: PositiveCount = 10
    """How many each person has before any tie is moved, half of them on either side; odd numbers are rounded up."""
    rewired: Share = 0.1
    """Share of ties whose far end is drawn anew from all people."""

    def __call__(self, people: People, rng: np.random.Generator) -> Neighbours:
        start, end = _ring(people.n, self.neighbours)
        moved = rng.random(len(start)) < self.rewired
        end[moved] = rng.integers(0, people.n, moved.sum())
        return tied(people.n, start, end)


def _ring(n: int, neighbours: int) -> Ends:
    half = min((neighbours + 1) // 2, (n - 1) // 2)
    start = np.repeat(np.arange(n, dtype=np.int32), half)
    return start, (start + np.tile(np.arange(1, half + 1, dtype=np.int32), n)) % np.int32(n)
