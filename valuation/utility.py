"""Utilities: what a group of players achieves, as a set function, and the table that remembers it.

A utility takes a frozenset of players and returns a finite number (a test score, money, a share), or an array with
one number for each training seed. It must give the same for the same group whenever it is asked: then a group need
be evaluated only once, and every valuation method can read from the same table.
"""

import json
from collections.abc import Hashable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..ml_tasks.settings import InputError
from .values import FloatArray

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 1e150
"""Values above this size are refused: their squares, needed for standard errors, would overflow."""
BATCH = 256
"""Groups asked for at a time when all of many are wanted: enough to train several at once, few to lose to a crash."""
FORMAT = "datacoalition utility table 1"
Group = frozenset[Any]


class Utility(Protocol):
    """The value of a group of players, in any unit, the empty group included."""

    def __call__(self, group: Group, /) -> Any: ...


class UtilityTable:
    """A utility that remembers: each distinct group is evaluated once, however often it is asked for.

    Give one table to several methods and they share its evaluations; a table made of a table counts for itself what
    it was asked. `evaluations` counts the distinct groups asked for so far. Raises InputError when the utility
    returns anything but finite numbers of size at most 1e150, or differing numbers of seeds; whatever the utility
    itself raises passes through.

    path: a file (JSON lines) that keeps every value as soon as it is known; what is in it already is not evaluated
    again. It is bound to `players`, which must then be given and be texts or numbers, and to the utility's attribute
    `fingerprint` if it has one. workers: how many groups are
    evaluated at a time, in threads; values and their order do not depend on it. If the utility has a method `ahead`,
    it is told of all groups that will be asked for next.
    """

    def __init__(
        self, utility: Utility, players: Sequence[Hashable] = (), path: str | Path | None = None, workers: int = 1
    ) -> None:
        self._utility, self._workers = utility, workers
        self._bits: dict[Hashable, int] = {player: 1 << i for i, player in enumerate(players)}
        self._known: dict[int, FloatArray] = {}
        self._seeds: int | None = None
        self._powerset: tuple[tuple[Hashable, ...], FloatArray] | None = None
        self._path = None if path is None else Path(path)
        if self._path is not None:
            self._open(list(players))

    @property
    def evaluations(self) -> int:
        return len(self._known)

    @property
    def remembered(self) -> Utility:
        """The utility whose values this table keeps; it may be a table itself."""
        return self._utility

    @property
    def largest(self) -> float:
        """The largest size of any value so far: the scale of the rounding errors in their differences."""
        return max((float(np.abs(found).max()) for found in self._known.values()), default=0.0)

    @property
    def noisy(self) -> bool:
        """Whether the values come from training seeds, so that they are known up to training noise only."""
        return self._seeds is not None

    def __call__(self, group: Group, /) -> float:
        """The value of a group, the mean over training seeds."""
        return float(self.many([group])[0].mean())

    def many(self, groups: Sequence[Group]) -> FloatArray:
        """The values of several groups under every training seed, shape (groups, seeds); one column without seeds."""
        keys = [self._key(group) for group in groups]
        missing = {key: group for key, group in zip(keys, groups, strict=True) if key not in self._known}
        if missing:
            self._evaluate(missing)
        return np.stack([self._known[key] for key in keys]) if keys else np.empty((0, self._seeds or 1))

    def powerset(self, players: Sequence[Hashable]) -> FloatArray:
        """The values of all 2^n groups of n players under every seed, shape (2^n, seeds), read-only.

        Row m is the group that has player i where bit i of m is set. Groups not yet known are evaluated, a batch at a
        time; the array of the players asked for last is kept, so that the next method has it at once.
        """
        names = tuple(players)
        if self._powerset is None or self._powerset[0] != names:
            keys = [0]
            for player in names:
                bit = self._key(frozenset([player]))
                keys += [key | bit for key in keys]
            try:
                rows = list(map(self._known.__getitem__, keys))
            except KeyError:
                self._learn(names)
                rows = list(map(self._known.__getitem__, keys))
            found = np.frombuffer(b"".join(rows)).reshape(len(keys), -1)  # type: ignore[arg-type]
            self._powerset = names, found
        return self._powerset[1]

    def _learn(self, players: tuple[Hashable, ...]) -> None:
        groups: list[Group] = [frozenset()]
        for player in players:
            groups += [group | {player} for group in groups]
        for start in range(0, len(groups), BATCH):
            self.many(groups[start : start + BATCH])

    def to_frame(self) -> "pd.DataFrame":
        """One row a group evaluated: its players (joined by "; "), its size, its value, and the value of every seed."""
        import pandas as pd

        names = list(self._bits)
        rows = []
        for key, found in self._known.items():
            members = [str(names[i]) for i in range(len(names)) if key >> i & 1]
            row = {"group": "; ".join(members), "size": len(members), "value": float(found.mean())}
            rows.append(row | ({f"seed_{i}": float(v) for i, v in enumerate(found)} if self.noisy else {}))
        return pd.DataFrame(rows)

    def _evaluate(self, missing: dict[int, Group]) -> None:
        groups = list(missing.values())
        if isinstance(self._utility, UtilityTable):
            found: Iterable[Any] = self._utility.many(groups)
            if not self._utility.noisy:
                found = [float(row[0]) for row in found]
        else:
            if hasattr(self._utility, "ahead"):
                self._utility.ahead(groups)
            if self._workers > 1 and len(groups) > 1:
                with ThreadPoolExecutor(self._workers) as pool:
                    found = list(pool.map(self._utility, groups))
            else:
                found = map(self._utility, groups)
        for key, group, value in zip(missing, groups, found, strict=True):
            self._keep(key, self._finite(value, len(group)))

    def _finite(self, value: object, size: int) -> FloatArray:
        where = f"utility of a group of {size}"
        expected = f"a finite number of size at most {LARGEST:g}"
        seeds = len(value) if isinstance(value, np.ndarray) and value.ndim == 1 else None
        try:
            if isinstance(value, str | bytes):
                raise TypeError
            numbers = np.array(value if seeds is not None else [float(value)], dtype=np.float64)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            raise InputError(where, repr(value), expected) from None
        if numbers.size == 0 or not (np.abs(numbers) <= LARGEST).all():
            raise InputError(where, repr(value), expected)
        if self._known and seeds != self._seeds:
            raise InputError(where, repr(value), f"as many training seeds as before, {self._seeds or 'none'}")
        self._seeds = seeds
        return numbers

    def _keep(self, key: int, numbers: FloatArray) -> None:
        self._known[key] = numbers
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([f"{key:x}", numbers.tolist() if self.noisy else numbers[0]]) + "\n")

    def _open(self, players: list[Hashable]) -> None:
        assert self._path is not None
        where = str(self._path)
        if not players or not all(isinstance(player, str | int | float) for player in players):
            raise InputError(where, f"players {players!r:.60}", "players that are texts or numbers, to keep a table of")
        head = {"format": FORMAT, "players": players, "utility": getattr(self._utility, "fingerprint", "")}
        if not self._path.exists() or not self._path.stat().st_size:
            self._path.write_text(json.dumps(head) + "\n", encoding="utf-8")
            return
        # A process that was killed while it wrote leaves half a line, which is cut off.
        whole, _, torn = self._path.read_text(encoding="utf-8").rpartition("\n")
        try:
            first, *rest = (json.loads(line) for line in whole.splitlines())
            if first != head:
                raise InputError(where, "a table of other players or another utility", "one of this, or no file")
            known = {int(key, 16): np.array(found) if isinstance(found, list) else found for key, found in rest}
        except (ValueError, TypeError, AttributeError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(where, "another kind of file", "a utility table, or no file") from None
        for key, value in known.items():
            self._known[key] = self._finite(value, key.bit_count())
        if torn:
            self._path.write_text(whole + "\n", encoding="utf-8")

    def _key(self, group: Group) -> int:
        # One bit a player: a remembered frozenset of 500 players weighs 32 kB, this key about 100 bytes.
        for player in group:
            if player not in self._bits:
                self._bits[player] = 1 << len(self._bits)
        return sum(map(self._bits.__getitem__, group))


def distinct(players: Iterable[Hashable]) -> tuple[Hashable, ...]:
    """The players as a tuple. Raises InputError unless they are a sequence of distinct hashable names."""
    try:
        names = tuple(players)
        seen: set[Hashable] = set()
        for name in names:
            if name in seen:
                raise InputError("players", f"{name!r} more than once", "each player once")
            seen.add(name)
    except TypeError as error:
        raise InputError("players", str(error), "a sequence of hashable names") from None
    return names
