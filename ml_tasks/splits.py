"""Splits: which records train and which test. `SPLITS` lists them.

Every split goes by a keyed hash of the record, so it is drawn once for a data seed, does not depend on the
order of a file, and a record keeps its part when other records come or go. Test records carry two flags:
*holdout* (the hidden test set for everybody) and *company* (the test set a company makes of its own data).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .settings import Checked, Count, InputError, PositiveCount, Share
from .streams import keyed_uniforms


@dataclass(frozen=True)
class Parts:
    """Three masks over the records. Training records are in neither test set."""

    train: NDArray[np.bool_]
    holdout: NDArray[np.bool_]
    company: NDArray[np.bool_]


class Split(Protocol):
    """(record keys, owners, data seed) -> Parts, all of shape (records,)."""

    def __call__(self, key: NDArray[np.uint64], owner: NDArray[np.integer], seed: int) -> Parts: ...


@dataclass(frozen=True)
class Dealt(Checked):
    """A share of all records is the holdout, then a share of the rest the company test [VH21]."""

    holdout: Share = 0.1
    """Share of all records that is the holdout; a tenth as published [VH21]."""
    company: Share = 0.1
    """Share of the other records that is the company test; a tenth as published [VH21]."""

    def __call__(self, key: NDArray[np.uint64], owner: NDArray[np.integer], seed: int) -> Parts:
        holdout = keyed_uniforms(key, "holdout", seed) < self.holdout
        company = ~holdout & (keyed_uniforms(key, "company", seed) < self.company)
        return Parts(~holdout & ~company, holdout, company)


@dataclass(frozen=True)
class Folds(Checked):
    """Fold `fold` of `folds` tests, the others train; both views read the same test records [VHS19]."""

    folds: PositiveCount = 5
    """How many parts of equal size the records are cut into; 5 as published [VHS19]."""
    fold: Count = 0
    """Which part tests, counted from 0."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.folds >= 2 and self.fold < self.folds):
            raise InputError("fold", f"fold {self.fold} of {self.folds}", "at least 2 folds, and a fold below that")

    def __call__(self, key: NDArray[np.uint64], owner: NDArray[np.integer], seed: int) -> Parts:
        # The n records in hashed order are cut into near-equal folds, as k-fold cross-validation does.
        order = np.lexsort((key, keyed_uniforms(key, "fold", seed)))
        fold = np.empty(len(key), dtype=np.int64)
        fold[order] = np.arange(len(key)) * self.folds // max(len(key), 1)
        test = fold == self.fold
        return Parts(~test, test, test)


@dataclass(frozen=True)
class LeaveOneOut:
    """One record of each owner with at least two tests, the others train; both views read the same records."""

    def __call__(self, key: NDArray[np.uint64], owner: NDArray[np.integer], seed: int) -> Parts:
        order = np.lexsort((key, keyed_uniforms(key, "leave one out", seed), owner))
        _, first, count = np.unique(owner[order], return_index=True, return_counts=True)
        test = np.zeros(len(key), dtype=bool)
        test[order[first[count >= 2]]] = True
        return Parts(~test, test, test)


SPLITS: Mapping[str, type] = {"dealt": Dealt, "folds": Folds, "leave_one_out": LeaveOneOut}
