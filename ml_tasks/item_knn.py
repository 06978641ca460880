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

import numpy as np
from numba import types
from numpy.typing import NDArray

from .compiled import compiled
from .settings import Checked, NonNegative, PositiveCount

K1, B = 1.2, 0.75
_IDS = types.Array(types.int32, 1, "C")
_PLACES = types.Array(types.int64, 1, "C")
_TABLE = types.Array(types.int32, 2, "C")
_VECTOR = types.Array(types.float64, 1, "C")
_MATRIX = types.Array(types.float32, 2, "C")

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


@dataclass(frozen=True)
class ItemKnn(Checked):
    """Nearest neighbours among items by cosine similarity after BM25."""

    top: PositiveCount = 800
    """Most similar items kept for each item."""
    shrink: NonNegative = 1000.0


class Cooccurrence:
    """How often items are held together by people, weighted: integers, for everybody and for any part of them."""

    def __init__(self, baskets: Baskets) -> None:
        self.baskets = baskets
        n = np.diff(baskets.start)
        squared = np.log(baskets.items / (1.0 + n)) ** 2
        held = np.repeat(squared, n)
        most = np.bincount(baskets.item, held, baskets.items).max(initial=1.0)
        # As fine as 32-bit sums allow: no sum is larger than that of the most popular item with itself.
        self.unit = 2.0 ** np.floor(np.log2((2**31 - 1 - len(n)) / max(most, 1.0)))
        self.weight = np.rint(squared * self.unit).astype(np.int32)
        self._all = np.zeros((baskets.items, baskets.items), dtype=np.int32)
        counted(self._all, baskets.start, baskets.item, self.weight, np.arange(baskets.people), 1)

    def of(self, present: NDArray[np.bool_]) -> NDArray[np.int32]:
        """The table of those present, shape (items, items): subtracted or counted, whichever touches fewer pairs."""
        pairs = np.diff(self.baskets.start) ** 2
        absent = ~present
        if pairs[absent].sum() < pairs[present].sum():
            table, people, sign = self._all.copy(), np.flatnonzero(absent), -1
        else:
            table, people, sign = np.zeros_like(self._all), np.flatnonzero(present), 1
        counted(table, self.baskets.start, self.baskets.item, self.weight, people, sign)
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
        terms = self.table, 1 / self.unit, self.factor, self.norm, self.shrink, self.least
        scores: NDArray[np.float32] = scored(*terms, baskets.start, baskets.item, people, candidates)
        return scores


def fit(model: ItemKnn, cooccurrence: Cooccurrence, present: NDArray[np.bool_]) -> KnnFit:
    """Similarities from those present, and where each item's nearest neighbours end."""
    table = cooccurrence.of(present)
    baskets = cooccurrence.baskets
    popularity = np.bincount(baskets.item[np.repeat(present, np.diff(baskets.start))], minlength=baskets.items)
    length = (1 - B) + B * popularity / max(popularity.mean(), 1e-12)
    factor = (K1 + 1) / (K1 * length + 1)
    norm = factor * np.sqrt(np.diagonal(table) / cooccurrence.unit)
    least = thresholds(table, 1 / cooccurrence.unit, factor, norm, model.shrink, model.top)
    return KnnFit(table, cooccurrence.unit, factor, norm, model.shrink, least)


@compiled(types.void(_TABLE, _PLACES, _IDS, _IDS, _PLACES, types.int64))
def counted(table, start, item, weight, people, sign):  # type: ignore[no-untyped-def]
    """Add (or subtract) the pairs of items of these people, each with the person's weight."""
    for u in people:
        step = np.int32(sign * weight[u])
        for a in range(start[u], start[u + 1]):
            row = item[a]
            for b in range(start[u], start[u + 1]):
                table[row, item[b]] += step


@compiled(_VECTOR(_TABLE, types.float64, _VECTOR, _VECTOR, types.float64, types.int64))
def thresholds(table, unit, factor, norm, shrink, top):  # type: ignore[no-untyped-def]
    """The top-th highest similarity of each item, its own left out; 0 where fewer items are similar at all."""
    n = table.shape[0]
    least = np.zeros(n)
    found = np.empty(n, dtype=np.float32)
    for i in range(n):
        size = 0
        for j in range(n):
            if table[i, j] != 0 and j != i:
                product = factor[i] * factor[j] * (table[i, j] * unit)
                found[size] = product / (norm[i] * norm[j] + shrink + 1e-6)
                size += 1
        if size > top:
            least[i] = np.partition(found[:size], size - top)[size - top]
    return least


@compiled(
    _MATRIX(
        _TABLE, types.float64, _VECTOR, _VECTOR, types.float64, _VECTOR, _PLACES, _IDS, _PLACES,
        types.Array(types.int32, 2, "C"),
    )
)  # fmt: skip
def scored(table, unit, factor, norm, shrink, least, start, item, people, candidates):  # type: ignore[no-untyped-def]
    """Sums of similarities of the candidates with the person's items among the candidates' nearest neighbours."""
    out = np.zeros(candidates.shape, dtype=np.float32)
    for p in range(people.size):
        u = people[p]
        for c in range(candidates.shape[1]):
            i = candidates[p, c]
            total = 0.0
            for k in range(start[u], start[u + 1]):
                j = item[k]
                if table[i, j] != 0 and j != i:
                    product = factor[i] * factor[j] * (table[i, j] * unit)
                    similarity = np.float32(product / (norm[i] * norm[j] + shrink + 1e-6))
                    if similarity >= least[i]:
                        total += factor[j] * similarity
            out[p, c] = total
    return out
