"""Portions: which of a person's records, by what is hashed from each record and by its kind.

A record has three coordinates: a *lot* in [0, 1), a *time* in [0, 1) at which it arrives, and a kind, explicit (a
rating, a comment) or trace (a click, a play). Lot and time are hashes of the record's key: a share of somebody's
records is always the same records, and a larger share has the smaller one in it. A portion is a set of (lot, time,
kind), made of boxes; two portions that say the same are equal, by whatever route they were made.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .streams import keyed_uniforms

Table = tuple[tuple[tuple[bool, ...], ...], ...]
EXPLICIT, TRACE = 0, 1
KINDS = ("explicit", "trace")


@dataclass(frozen=True)
class Portion:
    """A set of records, as a table over kinds, pieces of [0, 1) by lot, and pieces by time."""

    table: Table = (((True,),),) * len(KINDS)
    """(kinds, lots, times): which pieces are in it."""
    lots: tuple[float, ...] = ()
    """Where one piece ends and the next begins, ascending, inside (0, 1); no two neighbours are alike."""
    times: tuple[float, ...] = ()

    @classmethod
    def of(cls, share: float = 1.0, records: str = "all", since: float = 0.0, until: float = 1.0) -> "Portion":
        """The records of a kind (or all) with lot below `share` and time in [since, until)."""
        lots, times = _inside(share), tuple(sorted({*_inside(since), *_inside(until)}))
        kinds = np.array([records in ("all", kind) for kind in KINDS])
        in_lots = np.array([start < share for start in (0.0, *lots)])
        in_times = np.array([since <= start < until for start in (0.0, *times)])
        return _made(kinds[:, None, None] & in_lots[:, None] & in_times, lots, times)

    def mask(self, key: NDArray[np.uint64], kind: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Which records are in it, shape (records,)."""
        lot = np.searchsorted(self.lots, keyed_uniforms(key, "lot"), side="right") if self.lots else 0
        time = np.searchsorted(self.times, keyed_uniforms(key, "arrival"), side="right") if self.times else 0
        return np.broadcast_to(np.array(self.table)[kind, lot, time], key.shape)

    def __or__(self, other: "Portion") -> "Portion":
        return _joined(self, other, np.logical_or)

    def __and__(self, other: "Portion") -> "Portion":
        return _joined(self, other, np.logical_and)

    def __sub__(self, other: "Portion") -> "Portion":
        return _joined(self, other, np.greater)

    def __le__(self, other: "Portion") -> bool:
        """Whether all of it is in the other."""
        return self - other == NOTHING

    def __bool__(self) -> bool:
        return self != NOTHING


@lru_cache(maxsize=4096)
def _joined(one: Portion, other: Portion, how: Callable[..., NDArray[np.bool_]]) -> Portion:
    lots, times = (tuple(sorted({*a, *b})) for a, b in ((one.lots, other.lots), (one.times, other.times)))
    return _made(how(_spread(one, lots, times), _spread(other, lots, times)), lots, times)


def _spread(portion: Portion, lots: tuple[float, ...], times: tuple[float, ...]) -> NDArray[np.bool_]:
    """The portion's table over finer pieces."""
    lot = np.searchsorted(portion.lots, (0.0, *lots), side="right")
    time = np.searchsorted(portion.times, (0.0, *times), side="right")
    return np.array(portion.table)[:, lot][:, :, time]


def _made(table: NDArray[np.bool_], lots: tuple[float, ...], times: tuple[float, ...]) -> Portion:
    """The portion with neighbouring pieces that are alike made one."""
    new_lot = np.append(True, (table[:, 1:] != table[:, :-1]).any(axis=(0, 2)))
    new_time = np.append(True, (table[:, :, 1:] != table[:, :, :-1]).any(axis=(0, 1)))
    kept = table[:, new_lot][:, :, new_time]
    return Portion(
        tuple(tuple(tuple(map(bool, row)) for row in rows) for rows in kept),
        tuple(np.array(lots)[new_lot[1:]].tolist()),
        tuple(np.array(times)[new_time[1:]].tolist()),
    )


def _inside(edge: float) -> tuple[float, ...]:
    return (float(edge),) if 0 < edge < 1 else ()


WHOLE = Portion()
NOTHING = Portion.of(share=0.0)
