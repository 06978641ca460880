"""Inclusion: whose data, of those that it has, a firm trains on. `INCLUSIONS` lists them.

A rule looks at each contributor alone: who else is there changes nothing for them. It changes what is trained, not what
is held: whoever is left out has data with the firm all the same, and may be let in again when it next trains. Records
under throw-away accounts count with whose they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import Checked, PositiveCount, Share

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Known:
    """What a firm knows of everybody with data, each of shape (contributors,)."""

    records: NDArray[np.int64]
    """How many training records it has of each."""
    worth: NDArray[np.float64]
    """What each one's data were worth to it when it last had them valued, as a share of the gap between baseline and
    full data; nan where it never had, or had none of theirs then."""
    lots: NDArray[np.float64]
    """A uniform draw in [0, 1) for each, the same in every round."""


class Inclusion(Protocol):
    """Known -> of whom it trains on what it has, (contributors,)."""

    def __call__(self, known: Known) -> Mask: ...


@dataclass(frozen=True)
class AllData:
    """All that it has."""

    def __call__(self, known: Known) -> Mask:
        return np.ones(len(known.records), dtype=bool)


@dataclass(frozen=True)
class LeastRecords(Checked):
    """Those of whom it has at least so many training records: who brings too few is not worth the bother."""

    records: PositiveCount = 5
    """The fewest training records of a contributor that it trains on."""

    def __call__(self, known: Known) -> Mask:
        return known.records >= self.records


@dataclass(frozen=True)
class MinimumValue(Checked):
    """Those whose data were worth at least so much to it when it last had them valued (`valuation`); who has not been
    valued is trained on."""

    value: float = 0.0
    """The least that a contributor's data must be worth, as a share of the gap between baseline and full data; 0 leaves
    out those whose data do harm."""

    def __call__(self, known: Known) -> Mask:
        return np.isnan(known.worth) | (known.worth >= self.value)


@dataclass(frozen=True)
class RandomShare(Checked):
    """A random sample of contributors, each drawn by themselves and once for all rounds."""

    share: Share = 0.5
    """Probability that a contributor is in the sample."""

    def __call__(self, known: Known) -> Mask:
        return known.lots < self.share


INCLUSIONS: Mapping[str, type[Inclusion]] = {
    "all_data": AllData,
    "least_records": LeastRecords,
    "minimum_value": MinimumValue,
    "random_share": RandomShare,
}


def told(inclusion: Inclusion) -> str:
    """What a table or a ballot paper says of it: its key and its settings."""
    name = next(key for key, cls in INCLUSIONS.items() if cls is type(inclusion))
    settings = fields(inclusion)  # type: ignore[arg-type]
    return " ".join([name, *(f"{getattr(inclusion, field.name):g}" for field in settings)])
