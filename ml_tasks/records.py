"""Records: the training records of a task as recipes see them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .portions import EXPLICIT, KINDS, TRACE
from .streams import keyed_uniforms

PLAIN, REPLACED, PLANTED = 0, 1, 2
"""Parts that records play when their contributor alters them as a task's `alteration` says: a plain record stays
either way, a replaced one leaves, and a planted one is there only then."""


def kinds_of(traces: float) -> tuple[str, ...]:
    """The kinds of records there are where a share of them are traces."""
    return tuple(kind for kind, part in zip(KINDS, (1 - traces, traces), strict=True) if part > 0)


def drawn_kinds(key: NDArray[np.uint64], traces: float, seed: int) -> NDArray[np.int8]:
    """EXPLICIT or TRACE for each record, (records,), by its key: whatever other records there are, and with a larger
    share those that were traces still are."""
    return np.where(keyed_uniforms(key, "kind", seed) < traces, TRACE, EXPLICIT).astype(np.int8)


@dataclass(frozen=True)
class Records:
    """Training records as a recipe sees them: one row each."""

    key: NDArray[np.uint64]
    """A hash of each record, so that what a recipe draws follows the record."""
    target: NDArray[np.float64]
    """What the model learns to predict: a rating, or a label's number."""
    levels: NDArray[np.float64]
    """Every value a target can take, ascending."""
    kept: NDArray[np.bool_]
    """False for a record that its contributor withholds, and at first for a planted one."""
    part: NDArray[np.int8]
    """PLAIN, REPLACED or PLANTED."""
    kind: NDArray[np.int8]
    """EXPLICIT or TRACE."""

    @classmethod
    def plain(
        cls, key: NDArray[np.uint64], target: NDArray[np.floating | np.integer], levels: NDArray[np.float64],
        kind: NDArray[np.int8] | None = None,
    ) -> "Records":  # fmt: skip
        """Records as their contributors made them, all kept; explicit ones unless it is said."""
        ones, parts = np.ones(len(key), dtype=bool), np.zeros(len(key), dtype=np.int8)
        kind = np.full(len(key), EXPLICIT, dtype=np.int8) if kind is None else kind
        return cls(key, np.asarray(target, dtype=np.float64), levels, ones, parts, kind)

    def altered(self, replaced: NDArray[np.bool_], key: NDArray[np.uint64], target: NDArray[np.float64]) -> "Records":
        """With the planted records of an alteration at the end, and those that they replace marked."""
        return Records(
            np.concatenate([self.key, key]),
            np.concatenate([self.target, target]),
            self.levels,
            np.concatenate([self.kept, np.zeros(len(key), dtype=bool)]),
            np.concatenate([np.where(replaced, REPLACED, self.part), np.full(len(key), PLANTED)]).astype(np.int8),
            np.concatenate([self.kind, np.full(len(key), EXPLICIT, dtype=np.int8)]),
        )

    def of(self, rows: NDArray[np.integer], kept: NDArray[np.bool_]) -> "Records":
        """These rows alone, of which those are kept that `kept` (records,) says."""
        return Records(self.key[rows], self.target[rows], self.levels, kept[rows], self.part[rows], self.kind[rows])
