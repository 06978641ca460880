"""Terms: every document's n-grams counted once, and for any documents the matrices that scikit-learn would make.

`TfidfVectorizer` reads all texts anew for every fit, which is nearly all of its time. Here the counts of the whole
data set are kept, and a fit on some documents selects terms and rows from them. The result is the same to the bit:
the same terms (scikit-learn cuts at `max_features` with an unstable sort, so the same vector is sorted in the same
way), in the same columns, and in the same order of storage, on which the last bit of a row's norm depends.

Memory: 8 bytes for each different term of each document (Jigsaw comments have about 1,300), and while they are
counted about 150 bytes for each different term of all documents.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from .term_kernels import first_seen, frequencies, sizes, weighed

Rows = NDArray[np.int64]
Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Terms:
    """Counts of every term in every document, by document and there in order of first occurrence."""

    start: Rows
    """Where each document's terms begin, shape (documents + 1,)."""
    term: Ints
    """Number of the term in the alphabetical list of all terms."""
    count: Ints
    terms: int
    limit: int
    """max_features."""

    @classmethod
    def counted(cls, texts: Sequence[str], limit: int, **settings: Any) -> "Terms":
        """Count the terms that `TfidfVectorizer(**settings)` finds in each text."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        analyse = TfidfVectorizer(**settings).build_analyzer()
        number: dict[str, int] = {}
        start, found, counts = [0], array("i"), array("i")
        for text in texts:
            own: dict[int, int] = {}
            for term in analyse(text):
                place = number.setdefault(term, len(number))
                own[place] = own.get(place, 0) + 1
            found.extend(own)
            counts.extend(own.values())
            start.append(len(found))
        alphabetical = np.empty(len(number), dtype=np.int32)
        alphabetical[[number[term] for term in sorted(number)]] = np.arange(len(number), dtype=np.int32)
        term = alphabetical[np.array(found, dtype=np.int32)]
        return cls(np.array(start, dtype=np.int64), term, np.array(counts, dtype=np.int32), len(number), limit)

    def columns(self, fit: Rows) -> tuple[Ints, int]:
        """The column of each term in a fit on these documents, -1 for one left out, (terms,); number of columns."""
        total = self._frequencies(fit)
        kept = np.flatnonzero(total)
        if len(kept) > self.limit:
            # The type matters too: that of scikit-learn's sums, so that its sort takes the same steps.
            first = (-total[kept].astype(np.float64)).argsort()[: self.limit]
            kept = np.sort(kept[first])
        column = np.full(self.terms, -1, dtype=np.int32)
        column[kept] = np.arange(len(kept), dtype=np.int32)
        return column, len(kept)

    def _frequencies(self, rows: Rows) -> Rows:
        """How often each term occurs in these documents: counted there, or in the others and subtracted."""
        counted = self.start, self.term, self.count
        if 2 * len(rows) <= len(self.start) - 1:
            return np.asarray(frequencies(*counted, rows, self.terms))
        others = np.setdiff1d(self._documents, rows)
        return np.asarray(self._everywhere - frequencies(*counted, others, self.terms))

    @cached_property
    def _documents(self) -> Rows:
        return np.arange(len(self.start) - 1)

    @cached_property
    def _everywhere(self) -> Rows:
        return np.asarray(frequencies(self.start, self.term, self.count, self._documents, self.terms))

    @cached_property
    def weight(self) -> Floats:
        """The weight of a count, its logarithm plus one ("sublinear"), for every count there is."""
        weight = np.zeros(int(self.count.max(initial=0)) + 1)
        np.log(np.arange(1, len(weight), dtype=np.float64), out=weight[1:])
        weight[1:] += 1.0
        return weight


class Fitted:
    """The columns and inverse document frequencies of a fit of several vocabularies on some documents.

    `known` is their matrix, as scikit-learn's `fit_transform` gives it: sublinear counts times smoothed inverse
    document frequency, every row of each vocabulary of length 1, vocabularies side by side.
    """

    def __init__(self, vocabularies: Sequence[Terms], fit: Rows) -> None:
        self._vocabularies = vocabularies
        chosen = [terms.columns(fit) for terms in vocabularies]
        self._column = [column for column, _ in chosen]
        self._widths = [width for _, width in chosen]
        parts = zip(vocabularies, self._column, self._widths, strict=True)
        seen = [first_seen(terms.start, terms.term, fit, column, width) for terms, column, width in parts]
        self._idf = [_idf(documents, len(fit)) for _, documents, _ in seen]
        self.known = self._matrix(fit, [rank for rank, _, _ in seen], [size for _, _, size in seen])

    def unknown(self, rows: Rows) -> csr_matrix:
        """The matrix of other documents, as scikit-learn's `transform` gives it."""
        by_column = [np.arange(width, dtype=np.int32) for width in self._widths]
        parts = zip(self._vocabularies, self._column, strict=True)
        return self._matrix(rows, by_column, [sizes(terms.start, terms.term, rows, column) for terms, column in parts])

    def _matrix(self, rows: Rows, ranks: list[Ints], lengths: list[Rows]) -> csr_matrix:
        """The matrix of these documents, each one's terms stored by rank."""
        kinds, shifts = len(self._vocabularies), np.cumsum([0, *self._widths])
        start = np.zeros(len(rows) * kinds + 1, dtype=np.int64)
        np.cumsum(np.stack(lengths, axis=1).ravel(), out=start[1:])
        index, value = np.empty(start[-1], dtype=np.int32), np.empty(start[-1])
        for kind, (terms, column, idf) in enumerate(zip(self._vocabularies, self._column, self._idf, strict=True)):
            begin, counted = start[kind:-1:kinds].copy(), (terms.start, terms.term, terms.count)
            weighed(*counted, rows, column, ranks[kind], shifts[kind], terms.weight, idf, begin, index, value)
        return csr_matrix((value, index, start[::kinds].copy()), shape=(len(rows), int(shifts[-1])))


def _idf(documents: Rows, fitted: int) -> Floats:
    """The smoothed inverse document frequency of each column, in scikit-learn's steps."""
    idf: Floats = np.full(len(documents), fitted + 1.0) / (documents + 1.0)
    np.log(idf, out=idf)
    idf += 1.0
    return idf
