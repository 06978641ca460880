"""Players: families of contributor sets that are valued against each other.

A player is a name and the contributors it holds: a user, a coalition, a demographic group, a random group, a source
(everything that came from one site). A contributor held by several players is a jointly held record: it is there if
any of its holders is, or all, or most, as the family says. A contributor held by nobody is outside the family, and
always absent or always present.
"""

import hashlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array

from ..ml_tasks.settings import Checked, InputError
from .utility import distinct

Mask = NDArray[np.bool_]
Joint = Literal["any", "all", "most"]
Outside = Literal["absent", "present"]


@dataclass(frozen=True, eq=False)
class Family(Checked):
    """Players with the contributors each of them holds."""

    names: tuple[str, ...]
    holds: csr_array
    """Shape (players, contributors), 1 where the player holds the contributor."""
    joint: Joint = "any"
    """A contributor of several holders is there if any, all, or most (more than half) of them are."""
    outside: Outside = "absent"
    """What becomes of contributors whom no player holds."""

    def __post_init__(self) -> None:
        super().__post_init__()
        distinct(self.names)
        if self.holds.shape[0] != len(self.names):
            raise InputError("players", f"{self.holds.shape[0]} sets of contributors", f"{len(self.names)}, one a name")
        empty = np.flatnonzero(np.diff(self.holds.indptr) == 0)
        if empty.size:
            raise InputError("players", f"{self.names[empty[0]]!r}, who holds nothing", "players with contributors")

    @classmethod
    def of(cls, groups: Mapping[str, Mask]) -> "Family":
        """Players by name, each with a mask over the contributors; masks may overlap."""
        if not groups:
            raise InputError("players", "none", "at least one player")
        return cls(tuple(groups), csr_array(np.stack([np.asarray(mask) for mask in groups.values()]).astype(np.int32)))

    @classmethod
    def users(cls, contributors: Sequence[str]) -> "Family":
        """Every contributor a player."""
        return cls(tuple(contributors), eye_array(len(contributors), dtype=np.int32, format="csr"))

    @classmethod
    def by_label(cls, labels: Sequence[str | None]) -> "Family":
        """One player for each label (a coalition, an age, a site), in alphabetical order; None is outside."""
        names = sorted({label for label in labels if label is not None})
        place = {name: i for i, name in enumerate(names)}
        held = [(place[label], k) for k, label in enumerate(labels) if label is not None]
        return cls._held(names, held, len(labels))

    @classmethod
    def random(cls, contributors: int, size: int, rng: np.random.Generator) -> "Family":
        """Random groups of `size` contributors; what is left over at the end is a smaller group."""
        if not 1 <= size <= contributors:
            raise InputError("players", f"groups of {size}", f"groups of 1 to {contributors} contributors")
        order = rng.permutation(contributors)
        names = [f"random group {g + 1}" for g in range(-(-contributors // size))]
        return cls._held(names, [(place // size, int(k)) for place, k in enumerate(order)], contributors)

    @classmethod
    def holders(cls, holders: Sequence[Iterable[str]], joint: Joint = "any") -> "Family":
        """From the names of each contributor's holders: several for a jointly held record, none for one outside."""
        names = sorted({name for names in holders for name in names})
        place = {name: i for i, name in enumerate(names)}
        held = [(place[name], k) for k, own in enumerate(holders) for name in set(own)]
        return replace(cls._held(names, held, len(holders)), joint=joint)

    @classmethod
    def _held(cls, names: Sequence[str], held: Sequence[tuple[int, int]], contributors: int) -> "Family":
        if not names:
            raise InputError("players", "none", "at least one player")
        rows, columns = np.array(held).T
        ones = np.ones(len(held), dtype=np.int32)
        return cls(tuple(names), csr_array((ones, (rows, columns)), shape=(len(names), contributors)))

    @cached_property
    def _place(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    @cached_property
    def _holders(self) -> NDArray[np.int64]:
        return np.bincount(self.holds.indices, minlength=self.holds.shape[1])

    @cached_property
    def _bits(self) -> dict[str, int]:
        return {name: 1 << i for i, name in enumerate(self.names)}

    def key(self, group: Iterable[Hashable]) -> int:
        """A group of players as a whole number: bit i is set if it has player i."""
        return sum(map(self._bits.__getitem__, group))  # type: ignore[arg-type]

    def present(self, group: Iterable[Hashable]) -> Mask:
        """The contributors who are there when these players are, a mask of shape (contributors,)."""
        indptr, indices, held = self.holds.indptr, self.holds.indices, self._holders
        rows = [self._place[name] for name in group]  # type: ignore[index]
        parts = [indices[indptr[row] : indptr[row + 1]] for row in rows]
        count = np.bincount(np.concatenate(parts), minlength=len(held)) if parts else np.zeros(len(held), dtype=int)
        needed = {"any": np.ones_like(held), "all": held, "most": held // 2 + 1}[self.joint]
        return np.where(held > 0, count >= needed, self.outside == "present")

    def members(self, name: str) -> Mask:
        """The contributors that a player holds, a mask of shape (contributors,)."""
        row = self._place[name]
        mask = np.zeros(self.holds.shape[1], dtype=bool)
        mask[self.holds.indices[self.holds.indptr[row] : self.holds.indptr[row + 1]]] = True
        return mask

    def check_records(self, records: NDArray[np.integer]) -> None:
        """Raise InputError if a player holds no training record; `records`: of each contributor."""
        for name, held in zip(self.names, self.holds @ records, strict=True):
            if held == 0:
                raise InputError("players", f"{name!r}, who has no training record", "players with at least one")

    @property
    def note(self) -> str:
        """What a reader must know of contributors who are shared, or outside."""
        shared, left = int((self._holders > 1).sum()), int((self._holders == 0).sum())
        words = [f"{shared:,} jointly held contributors count if {self.joint} of their holders do"] if shared else []
        words += [f"{left:,} contributors outside the players are always {self.outside}"] if left else []
        return "; ".join(words)

    @cached_property
    def fingerprint(self) -> str:
        """A hash that names this family."""
        digest = hashlib.blake2b(
            repr((self.names, self.joint, self.outside, self.holds.shape)).encode(), digest_size=16
        )
        digest.update(np.asarray(self.holds.indptr, dtype=np.int64).tobytes())
        digest.update(np.asarray(self.holds.indices, dtype=np.int64).tobytes())
        return digest.hexdigest()
