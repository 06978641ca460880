"""Terms: every document's n-grams counted once, and for any documents the matrices that scikit-learn would make.

`TfidfVectorizer` reads all texts anew for every fit, which is nearly all of its time. Here the counts of the whole
data set are kept, and a fit on some documents selects terms and rows from them. The result is the same to the bit:
the same terms (scikit-learn cuts at `max_features` with an unstable sort, so the same vector is sorted in the same
way), in the same columns, and in the same order of storage, on which the last bit of a row's norm depends.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import types
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from .compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLACES = types.Array(types.int64, 1, "C")
_IDS = types.Array(types.int32, 1, "C")

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Terms:
    """Counts of every term in every document, by document and there in order of first occurrence."""

    start: Rows
    """Where each document's terms begin, shape (documents + 1,)."""
    term: NDArray[np.int32]
    """Number of the term in the alphabetical list of all terms."""
    count: NDArray[np.int32]
    terms: int
    settings: dict[str, Any]
    """Settings of the TfidfVectorizer whose terms these are; analyzer, ngram_range and the like."""
    limit: int
    """max_features."""

    @classmethod
    def counted(cls, texts: "Sequence[str]", limit: int, **settings: Any) -> "Terms":
        """Count the terms that `TfidfVectorizer(**settings)` finds in each text."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        analyse = TfidfVectorizer(**settings).build_analyzer()
        number: dict[str, int] = {}
        start, found, counts = [0], [], []
        for text in texts:
            own: dict[int, int] = {}
            for term in analyse(text):
                place = number.setdefault(term, len(number))
                own[place] = own.get(place, 0) + 1
            found.append(np.fromiter(own, dtype=np.int32, count=len(own)))
            counts.append(np.fromiter(own.values(), dtype=np.int32, count=len(own)))
            start.append(start[-1] + len(own))
        alphabetical = np.empty(len(number), dtype=np.int32)
        alphabetical[[number[term] for term in sorted(number)]] = np.arange(len(number), dtype=np.int32)
        term, count = (np.concatenate(x) if x else np.empty(0, dtype=np.int32) for x in (found, counts))
        return cls(np.array(start, dtype=np.int64), alphabetical[term], count, len(number), settings, limit)

    def matrices(self, fit: Rows, others: Rows) -> tuple[csr_matrix, csr_matrix]:
        """TF-IDF of the documents `fit`, as `fit_transform` gives it, and of `others`, as `transform` gives it."""
        from sklearn.feature_extraction.text import TfidfTransformer

        column = self._columns(fit)
        width = int(column.max(initial=-1)) + 1
        names = ("norm", "use_idf", "smooth_idf", "sublinear_tf")
        weigh = TfidfTransformer(**{name: self.settings[name] for name in names if name in self.settings})
        fitted = weigh.fit_transform(self._counts(fit, column, width, seen=True))
        return fitted, weigh.transform(self._counts(others, column, width, seen=False))

    def _columns(self, fit: Rows) -> NDArray[np.int32]:
        """The column of each term in a fit on these documents, -1 for one that is left out, shape (terms,)."""
        total = frequencies(self.start, self.term, self.count, np.ascontiguousarray(fit), self.terms)
        occurring = np.flatnonzero(total)
        if len(occurring) > self.limit:
            first = (-total[occurring]).argsort()[: self.limit]
            occurring = np.sort(occurring[first])
        column = np.full(self.terms, -1, dtype=np.int32)
        column[occurring] = np.arange(len(occurring), dtype=np.int32)
        return column

    def _counts(self, rows: Rows, column: NDArray[np.int32], width: int, seen: bool) -> csr_matrix:
        """Counts of the kept terms in these documents; stored by first appearance (`seen`) or by column."""
        parts = selected(self.start, self.term, self.count, np.ascontiguousarray(rows), column, width, seen)
        start, index, count = parts
        return csr_matrix((count.astype(np.float64), index, start), shape=(len(rows), width))


@compiled(_PLACES(_PLACES, _IDS, _IDS, _PLACES, types.int64))
def frequencies(start, term, count, rows, terms):  # type: ignore[no-untyped-def]
    """How often each term occurs in these documents, shape (terms,)."""
    total = np.zeros(terms, dtype=np.int64)
    for r in rows:
        for k in range(start[r], start[r + 1]):
            total[term[k]] += count[k]
    return total


@compiled(types.Tuple((_PLACES, _IDS, _IDS))(_PLACES, _IDS, _IDS, _PLACES, _IDS, types.int64, types.boolean))
def selected(start, term, count, rows, column, width, seen):  # type: ignore[no-untyped-def]
    """The kept terms of these documents as rows, each sorted by when a column was first seen, or by column."""
    rank = np.full(width, -1, dtype=np.int64)
    size = np.zeros(width + 1, dtype=np.int64)
    out = np.zeros(rows.size + 1, dtype=np.int64)
    ranks = 0
    if not seen:
        for c in range(width):
            rank[c] = c
    for i in range(rows.size):
        for k in range(start[rows[i]], start[rows[i] + 1]):
            c = column[term[k]]
            if c >= 0:
                if rank[c] < 0:
                    rank[c] = ranks
                    ranks += 1
                size[rank[c] + 1] += 1
                out[i + 1] += 1
    for c in range(width):
        size[c + 1] += size[c]
    for i in range(rows.size):
        out[i + 1] += out[i]
    # Two passes sort every row by rank in linear time: into columns by rank, and from there back into rows.
    owner, what = np.empty(out[-1], dtype=np.int32), np.empty(out[-1], dtype=np.int32)
    times = np.empty(out[-1], dtype=np.int32)
    for i in range(rows.size):
        for k in range(start[rows[i]], start[rows[i] + 1]):
            c = column[term[k]]
            if c >= 0:
                place = size[rank[c]]
                size[rank[c]] += 1
                owner[place], what[place], times[place] = i, c, count[k]
    place = out[:-1].copy()
    index, value = np.empty(out[-1], dtype=np.int32), np.empty(out[-1], dtype=np.int32)
    for k in range(out[-1]):
        at = place[owner[k]]
        place[owner[k]] += 1
        index[at], value[at] = what[k], times[k]
    return out, index, value
