"""Networks drawn at random: whoever people are, after those who have ties already, or after their own kind."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.settings import Checked, InputError, NonNegative, Positive, PositiveCount, Share
from .network import Neighbours, People, tied

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Random(Checked):
    """Ties between people drawn at random, whoever they are [ER59]."""

    mean_degree: NonNegative = 10.0
    """People around each person on average; a little fewer in small populations, where some draws give no new tie."""

    def __call__(self, people: People, rng: np.random.Generator) -> Neighbours:
        n, ties = people.n, round(self.mean_degree * people.n / 2)
        return tied(n, rng.integers(0, n, ties), rng.integers(0, n, ties))


@dataclass(frozen=True)
class ScaleFree(Checked):
    """A few people know very many: newcomers tie themselves to people in proportion to the ties these have [BA99].

    The first are a star. Drawn in one go, each end as a copy of an earlier end [BB05]; a newcomer who draws the same
    person twice has one tie less, which is rare beyond the first few hundred people.
    """

    ties: PositiveCount = 5
    """How many each newcomer brings: half of the mean number of neighbours."""

    def __call__(self, people: People, rng: np.random.Generator) -> Neighbours:
        n, m = people.n, min(self.ties, people.n - 1)
        if m == 0:
            return tied(n, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
        tie = np.arange(m * (n - m))
        newcomer = np.where(tie < m, tie + 1, tie // m + m)
        # Place 2t in the list of ends is the newcomer of tie t, 2t + 1 the other end: person 0 in the star, else a
        # copy of what stands at an earlier place, drawn among all ends there were before the newcomer came.
        before = 2 * m * (newcomer[m:] - m)
        copied = (rng.random(len(before)) * before).astype(np.int64)
        place = copied.copy()
        open_ = np.arange(len(place))
        while len(open_ := open_[(place[open_] % 2 == 1) & (place[open_] >= 2 * m)]):
            place[open_] = copied[place[open_] // 2 - m]
        found = np.where(place % 2 == 0, newcomer[place // 2], 0)
        return tied(n, newcomer, np.concatenate([np.zeros(m, dtype=np.int64), found]))


@dataclass(frozen=True)
class StochasticBlock(Checked):
    """Birds of a feather: people in blocks, most of whose ties stay inside [HLL83]; homophily as in [MSC01].

    The blocks are people with like stances on an issue, or groups drawn at random. Any two people of a block are as
    likely to be tied as any other two inside blocks, and any two of different blocks as any other such two.
    """

    sizes: tuple[Positive, ...] = (0.5, 0.5)
    """Share of the people in each block; they add up to 1."""
    inside: Share = 0.8
    """Share of ties inside blocks."""
    mean_degree: NonNegative = 10.0
    """People around each person on average; a little fewer in small populations, where some draws give no new tie."""
    issue: str = ""
    """The first block holds those most against on this issue, the last those most for. Empty: blocks at random."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.sizes or min(self.sizes) <= 0 or abs(sum(self.sizes) - 1) > 1e-9:
            raise InputError("sizes", list(self.sizes), "shares of people above 0 that add up to 1")

    def __call__(self, people: People, rng: np.random.Generator) -> Neighbours:
        edges = np.rint(np.cumsum([0.0, *self.sizes]) * people.n).astype(np.int64)
        first, size = edges[:-1], np.diff(edges)
        ties = round(self.mean_degree * people.n / 2)
        within = round(self.inside * ties)
        one, other = np.triu_indices(len(size), 1)
        block = _chosen(size * (size - 1.0), within, rng)
        pair = _chosen(size[one] * size[other].astype(float), ties - within, rng)
        near = _at(size[block], rng)
        next_ = (near + 1 + _at(size[block] - 1, rng)) % size[block]  # never oneself
        start = np.concatenate([first[block] + near, first[one[pair]] + _at(size[one[pair]], rng)])
        end = np.concatenate([first[block] + next_, first[other[pair]] + _at(size[other[pair]], rng)])
        order = self._order(people, rng)
        return tied(people.n, order[start], order[end])

    def _order(self, people: People, rng: np.random.Generator) -> Ints:
        """The people, block by block."""
        by_chance = rng.permutation(people.n)
        if not self.issue:
            return by_chance
        if self.issue not in people.issues:
            raise InputError("users.network.issue", repr(self.issue), f"one of the issues {sorted(people.issues)}")
        stance = people.stances[:, people.issues.index(self.issue)]
        return by_chance[np.argsort(stance[by_chance], kind="stable")]


def _chosen(weights: NDArray[np.float64], draws: int, rng: np.random.Generator) -> Ints:
    """Indices drawn in proportion to weights, shape (draws,); none where all weights are 0."""
    total = weights.sum()
    if total == 0:
        return np.empty(0, dtype=np.int64)
    return rng.choice(len(weights), size=draws, p=weights / total).astype(np.int64)


def _at(size: Ints, rng: np.random.Generator) -> Ints:
    """A place below each size."""
    return (rng.random(len(size)) * size).astype(np.int64)
