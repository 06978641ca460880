"""Dealing: whose record is whose, for data without owners. `DEALS` lists the ways.

Every deal gives each record exactly one owner and draws from `rng` alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .settings import Checked, InputError, Positive, PositiveCount


class Deal(Protocol):
    """(records' labels or None, number of records, rng) -> owner of each record, int64 (records,)."""

    @property
    def contributors(self) -> int:
        """How many people; 0 for as many as there are records."""
        ...

    def __call__(
        self, labels: NDArray[np.integer] | None, records: int, rng: np.random.Generator
    ) -> NDArray[np.int64]: ...


@dataclass(frozen=True)
class OneEach(Checked):
    """Every record is a person of its own; the number of contributors is that of the records."""

    contributors: int = 0
    """How many people: as many as there are records, or 0 for that."""

    def __call__(self, labels: NDArray[np.integer] | None, records: int, rng: np.random.Generator) -> NDArray[np.int64]:
        if self.contributors not in (0, records):
            raise InputError("contributors", self.contributors, f"{records}, the number of records, or 0 for that")
        return np.arange(records)


@dataclass(frozen=True)
class Equal(Checked):
    """Everybody gets the same number of records, give or take one."""

    contributors: PositiveCount = 100
    """How many people the records are dealt to."""

    def __call__(self, labels: NDArray[np.integer] | None, records: int, rng: np.random.Generator) -> NDArray[np.int64]:
        return rng.permutation(np.arange(records) % self.contributors)


@dataclass(frozen=True)
class LogNormal(Checked):
    """Few people have many records: each record goes to a person with a log-normal weight."""

    contributors: PositiveCount = 100
    """How many people the records are dealt to."""
    sigma: Positive = 1.0
    """Standard deviation of the logarithm of people's weights: the larger, the more unequal."""

    def __call__(self, labels: NDArray[np.integer] | None, records: int, rng: np.random.Generator) -> NDArray[np.int64]:
        weight = rng.lognormal(0.0, self.sigma, self.contributors)
        return rng.choice(self.contributors, size=records, p=weight / weight.sum()).astype(np.int64)


@dataclass(frozen=True)
class Dirichlet(Checked):
    """Label skew: each label's records are spread over people by Dirichlet(alpha); small alpha, strong skew."""

    contributors: PositiveCount = 100
    """How many people the records are dealt to."""
    alpha: Positive = 0.5
    """Concentration of the draw: small, each label is with few people; large, it is spread evenly."""

    def __call__(self, labels: NDArray[np.integer] | None, records: int, rng: np.random.Generator) -> NDArray[np.int64]:
        if labels is None:
            raise InputError("deal", "dirichlet", "a deal that needs no labels: this task has none")
        owner = np.empty(records, dtype=np.int64)
        for label in np.unique(labels):
            rows = np.flatnonzero(labels == label)
            share = rng.dirichlet(np.full(self.contributors, self.alpha))
            owner[rows] = rng.choice(self.contributors, size=len(rows), p=share)
        return owner


DEALS: Mapping[str, type[Deal]] = {
    "one_each": OneEach,
    "equal": Equal,
    "lognormal": LogNormal,
    "dirichlet": Dirichlet,
}
