"""Item kNN: recommend what resembles what a person has, by who else has both [VH21].

The published recommender: BM25 with items as documents and people as terms (k1 1.2, b .75), cosine similarity with a
shrink term, for each item the `top` most similar ones. With g the BM25 length factor of an item and idf that of a
person, who has n of the N items: idf = ln(N / (1 + n)), and

    similarity(i, j) = g_i g_j C_ij / (g_i g_j sqrt(C_ii C_jj) + shrink),   C_ij = sum of idf^2 over those with both.

A person's idf depends on that person alone, so C is a sum over people. It is kept as integers (idf^2 in fixed point):
taking people out is an exact subtraction, equal to the bit to counting the others. A score is the sum of g_j times the
similarity over the person's items j.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .settings import Checked, NonNegative, PositiveCount

K1, B = 1.2, 0.75

Ids = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Baskets:
    """The items of each person, as rows."""

    start: NDArray[np.int64]
    """Where each person's items begin, shape (people + 1,)."""
    item: Ids
    items: int
    """Number of items there are."""

    @property
    def people(self) -> int:
        return len(self.start) - 1

    def altered(self, item: int) -> "Baskets":
        """With everybody's basket a second time, behind the others, now with this item in it."""
        own = [np.union1d(self.item[a:b], item) for a, b in pairwise(self.start)]
        start = np.append(self.start, self.start[-1] + np.cumsum([len(items) for items in own]))
        return Baskets(start, np.concatenate([self.item, *own]).astype(np.int32), self.items)


@dataclass(frozen=True)
class ItemKnn(Checked):
    """Nearest neighbours among items by cosine similarity after BM25."""

    top: PositiveCount = 800
    """Most similar items kept for each item."""
    shrink: NonNegative = 1000.0
    """Added to the denominator of a similarity: items that few people have count as less alike. 1000 as published
    [VH21]."""


class Cooccurrence:
    """How often items are held together by people, weighted: integers, for everybody (the first `people` baskets) and
    for any part of them."""

    def __init__(self, baskets: Baskets, people: int | None = None) -> None:
        from .item_knn_kernels import counted, partners

        self.baskets = baskets
        self._everybody = np.arange(baskets.people) < (baskets.people if people is None else people)
        n = np.diff(baskets.start)
        squared = np.log(baskets.items / (1.0 + n)) ** 2
        held = np.repeat(squared, n)
        most = np.bincount(baskets.item, held, baskets.items).max(initial=1.0)
        # As fine as 32-bit sums allow: no sum is larger than that of the most popular item with itself.
        self.unit = 2.0 ** np.floor(np.log2((2**31 - 1 - len(n)) / max(most, 1.0)))
        self.weight = np.rint(squared * self.unit).astype(np.int32)
        self._all = np.zeros((baskets.items, baskets.items), dtype=np.int32)
        counted(self._all, baskets.start, baskets.item, self.weight, np.flatnonzero(self._everybody), 1)
        whole = self._all
        if not self._everybody.all():
            whole = self._all.copy()
            counted(whole, baskets.start, baskets.item, self.weight, np.flatnonzero(~self._everybody), 1)
        self.partners: tuple[NDArray[np.int64], Ids] = partners(whole)
        """The other items that somebody has with each item: where each item's begin, shape (items + 1,), and which."""

    def of(self, present: NDArray[np.bool_]) -> NDArray[np.int32]:
        """The table of those present, shape (items, items): subtracted or counted, whichever touches fewer pairs."""
        from .item_knn_kernels import counted

        pairs = np.diff(self.baskets.start) ** 2
        gone, come = self._everybody & ~present, present & ~self._everybody
        if pairs[gone].sum() + pairs[come].sum() < pairs[present].sum():
            table, changes = self._all.copy(), [(gone, -1), (come, 1)]
        else:
            table, changes = np.zeros_like(self._all), [(present, 1)]
        for who, sign in changes:
            counted(table, self.baskets.start, self.baskets.item, self.weight, np.flatnonzero(who), sign)
        return table


@dataclass(frozen=True, eq=False)
class KnnFit:
    """A fitted recommender."""

    table: NDArray[np.int32]
    unit: float
    factor: Floats
    """g of each item."""
    norm: Floats
    shrink: float
    least: Floats
    """For each item the similarity of the last of its nearest neighbours: what is below counts nothing."""

    def scores(self, baskets: Baskets, people: NDArray[np.int64], candidates: Ids) -> NDArray[np.float32]:
        """How much each person would like each candidate, both (people, candidates)."""
        from .item_knn_kernels import scored

        terms = self.table, 1 / self.unit, self.factor, self.norm, self.shrink, self.least
        scores: NDArray[np.float32] = scored(*terms, baskets.start, baskets.item, people, candidates)
        return scores


def fit(model: ItemKnn, cooccurrence: Cooccurrence, present: NDArray[np.bool_]) -> KnnFit:
    """Similarities from those present, and where each item's nearest neighbours end."""
    from .item_knn_kernels import thresholds

    table = cooccurrence.of(present)
    baskets = cooccurrence.baskets
    popularity = np.bincount(baskets.item[np.repeat(present, np.diff(baskets.start))], minlength=baskets.items)
    length = (1 - B) + B * popularity / max(popularity.mean(), 1e-12)
    factor = (K1 + 1) / (K1 * length + 1)
    norm = factor * np.sqrt(np.diagonal(table) / cooccurrence.unit)
    least = thresholds(table, *cooccurrence.partners, 1 / cooccurrence.unit, factor, norm, model.shrink, model.top)
    return KnnFit(table, cooccurrence.unit, factor, norm, model.shrink, least)
