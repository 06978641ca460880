"""Holdings: which contributors' data a firm has, and in what state."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

ABSENT, GENUINE = 0, 1
PLAIN, REPLACED, PLANTED = 0, 1, 2
"""Parts that records play when their contributor alters them as a task's `alteration` says: a plain record stays
either way, a replaced one leaves, and a planted one is there only then."""
Members = NDArray[np.bool_] | NDArray[np.integer]
"""Contributors, as a mask over all of them or as their indices."""


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

    @classmethod
    def plain(
        cls, key: NDArray[np.uint64], target: NDArray[np.floating | np.integer], levels: NDArray[np.float64]
    ) -> "Records":
        """Records as their contributors made them, all kept."""
        ones, parts = np.ones(len(key), dtype=bool), np.zeros(len(key), dtype=np.int8)
        return cls(key, np.asarray(target, dtype=np.float64), levels, ones, parts)

    def altered(self, replaced: NDArray[np.bool_], key: NDArray[np.uint64], target: NDArray[np.float64]) -> "Records":
        """With the planted records of an alteration at the end, and those that they replace marked."""
        return Records(
            np.concatenate([self.key, key]),
            np.concatenate([self.target, target]),
            self.levels,
            np.concatenate([self.kept, np.zeros(len(key), dtype=bool)]),
            np.concatenate([np.where(replaced, REPLACED, self.part), np.full(len(key), PLANTED)]).astype(np.int8),
        )


Recipe = Callable[[Records], Records]
"""What a contributor does to their records: a frozen dataclass, pure, with the same result for each record
whoever else follows the recipe."""


@dataclass(frozen=True, eq=False)
class Holdings:
    """For each contributor a code: 0 absent, 1 genuine, 2 + k the k-th recipe. Immutable.

    Holdings speak of contributors and never of records, so a counterfactual costs as little as the real thing.
    Two holdings that say the same are equal and have the same fingerprint, by whatever route they were made.
    """

    codes: NDArray[np.int16]
    recipes: tuple[Recipe, ...] = ()

    def __post_init__(self) -> None:
        codes = np.array(self.codes, dtype=np.int16)
        if self.recipes:
            used = [k for k in range(len(self.recipes)) if (codes == k + 2).any()]
            ordered = sorted(used, key=lambda k: repr(self.recipes[k]))
            canonical = np.zeros(len(self.recipes) + 2, dtype=np.int16)
            canonical[GENUINE] = GENUINE
            canonical[[k + 2 for k in ordered]] = np.arange(len(ordered)) + 2
            codes = canonical[codes]
            object.__setattr__(self, "recipes", tuple(self.recipes[k] for k in ordered))
        codes.flags.writeable = False
        object.__setattr__(self, "codes", codes)

    @classmethod
    def everyone(cls, n: int) -> "Holdings":
        """All n contributors, genuine."""
        return cls(np.full(n, GENUINE, dtype=np.int16))

    @classmethod
    def nobody(cls, n: int) -> "Holdings":
        """None of n contributors."""
        return cls(np.zeros(n, dtype=np.int16))

    def without(self, members: Members) -> "Holdings":
        """These holdings after the members' data are deleted."""
        return self._with_code(members, ABSENT)

    def with_(self, members: Members) -> "Holdings":
        """These holdings with the members' genuine data, whatever was there of theirs before."""
        return self._with_code(members, GENUINE)

    def only(self, members: Members) -> "Holdings":
        """These holdings with everybody but the members deleted."""
        others = np.ones(len(self.codes), dtype=bool)
        others[members] = False
        return self._with_code(others, ABSENT)

    def recoded(self, members: Members, recipe: Recipe) -> "Holdings":
        """These holdings after those members who are in them replace their records by the recipe's."""
        known = list(self.recipes)
        if recipe not in known:
            known.append(recipe)
        codes = self.codes.copy()
        chosen = np.zeros(len(codes), dtype=bool)
        chosen[members] = True
        codes[chosen & self.present] = known.index(recipe) + 2
        return Holdings(codes, tuple(known))

    @property
    def present(self) -> NDArray[np.bool_]:
        """Mask of the contributors whose data are held, in whatever state."""
        return np.asarray(self.codes != ABSENT)

    @property
    def poisoned(self) -> NDArray[np.bool_]:
        """Mask of the contributors whose records a recipe has changed."""
        return np.asarray(self.codes > GENUINE)

    def unlike(self, other: "Holdings") -> NDArray[np.bool_]:
        """Mask of the contributors held here who are absent from `other`, or there in another state."""
        mine, others = (np.array([0, 1, *map(repr, h.recipes)], dtype=object)[h.codes] for h in (self, other))
        return np.asarray(self.present & (mine != others))

    @cached_property
    def fingerprint(self) -> str:
        """A hash that names these holdings."""
        digest = hashlib.blake2b(self.codes.tobytes(), digest_size=16)
        digest.update(repr(self.recipes).encode())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Holdings) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def _with_code(self, members: Members, code: int) -> "Holdings":
        codes = self.codes.copy()
        codes[members] = code
        return Holdings(codes, self.recipes)


def apply_recipes(holdings: Holdings, owner: NDArray[np.integer], records: Records) -> Records:
    """Apply to each record its owner's recipe; records of absent owners are not kept.

    `owner` gives each record's contributor, shape (records,).
    """
    codes = holdings.codes[owner]
    kept = records.kept & (codes != ABSENT)
    target = records.target
    for k, recipe in enumerate(holdings.recipes):
        rows = np.flatnonzero(codes == k + 2)
        own = Records(records.key[rows], records.target[rows], records.levels, kept[rows], records.part[rows])
        changed = recipe(own)
        target, kept = target.copy(), kept.copy()
        # Nobody can bring back what they withheld; what is planted was never there.
        target[rows], kept[rows] = changed.target, changed.kept & (own.kept | (own.part == PLANTED))
    return replace(records, target=target, kept=kept)
