"""Holdings: which contributors' data a firm has, and in what state."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .portions import KINDS, NOTHING, WHOLE, Portion
from .records import PLANTED, Records
from .settings import InputError
from .states import Recipe, State, state_of
from .synthesis import Synthetic

ABSENT, GENUINE = 0, 1
Members = NDArray[np.bool_] | NDArray[np.integer]
"""Contributors, as a mask over all of them or as their indices."""


@dataclass(frozen=True, eq=False)
class Holdings:
    """For each contributor a code: 0 absent, 1 genuine, 2 + k the k-th recipe. Immutable.

    Holdings speak of contributors and never of records, so a counterfactual costs as little as the real thing.
    Two holdings that say the same are equal and have the same fingerprint, by whatever route they were made.
    """

    codes: NDArray[np.int16]
    recipes: tuple[Recipe, ...] = ()
    synthetic: Synthetic | None = None
    """Records beside these that are made up from them, whenever they are trained on; nobody's. Whatever changes what is
    held drops them, since they would have to be made anew."""
    whose: NDArray[np.bool_] | None = None
    """Who has any records that these could be, (contributors,), where people contribute to several tasks: of nobody
    else can anything be held. None: everybody. No part of what is held."""

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
    def everyone(cls, n: int, whose: NDArray[np.bool_] | None = None) -> "Holdings":
        """All n contributors, genuine; of those alone who have any such records."""
        return cls.nobody(n, whose).with_(np.arange(n))

    @classmethod
    def nobody(cls, n: int, whose: NDArray[np.bool_] | None = None) -> "Holdings":
        """None of n contributors."""
        return cls(np.zeros(n, dtype=np.int16), whose=whose)

    @property
    def emptied(self) -> "Holdings":
        """These holdings with everybody deleted."""
        return Holdings.nobody(len(self.codes), self.whose)

    def without(self, members: Members, portion: Portion = WHOLE) -> "Holdings":
        """These holdings after that portion of the members' data is deleted."""
        if portion == WHOLE:
            return self._with_code(members, ABSENT)
        return self._remade(members, lambda state: replace(state, held=state.held - portion))

    def with_(self, members: Members, portion: Portion = WHOLE) -> "Holdings":
        """These holdings with that portion of the members' genuine data, whatever was there of theirs before."""
        if portion == WHOLE:
            return self._with_code(members, GENUINE)
        return self._remade(members, lambda state: replace(state, held=state.held | portion))

    def limited(self, portion: Portion) -> "Holdings":
        """These holdings without what is outside the portion, whosever it is."""
        everybody = slice(None)
        return self if portion == WHOLE else self._remade(
            everybody, lambda state: replace(state, held=state.held & portion)
        )  # fmt: skip

    def joined(self, other: "Holdings") -> "Holdings":
        """These holdings with what the other ones have beyond them, genuine."""
        if not self.recipes and not other.recipes:  # by far the most common, and twenty times as fast
            return Holdings(np.maximum(self.codes, other.codes), whose=self._shared(other))
        return self._paired(other, lambda mine, theirs: replace(mine, held=mine.held | theirs.held))

    def lacking(self, other: "Holdings") -> "Holdings":
        """These holdings without what the other ones have."""
        if not self.recipes and not other.recipes:
            return Holdings(self.codes * (other.codes == ABSENT), whose=self._shared(other))
        return self._paired(other, lambda mine, theirs: replace(mine, held=mine.held - theirs.held))

    def only(self, members: Members) -> "Holdings":
        """These holdings with everybody but the members deleted."""
        others = np.ones(len(self.codes), dtype=bool)
        others[members] = False
        return self._with_code(others, ABSENT)

    def recoded(self, members: Members, recipe: Recipe, changed: Portion = WHOLE) -> "Holdings":
        """These holdings after those members who are in them replace that portion of their records by the recipe's."""
        return self._remade(
            members, lambda state: replace(state, change=recipe, changed=changed) if state.held and changed else state
        )

    def filled(self, synthetic: Synthetic) -> "Holdings":
        """These holdings with records made up from them."""
        return replace(self, synthetic=synthetic)

    def unlinked_from(self, members: Members) -> "Holdings":
        """These holdings after those members who are in them left their records under throw-away accounts."""
        return self._remade(members, lambda state: replace(state, unlinked=True) if state.held else state)

    @property
    def present(self) -> NDArray[np.bool_]:
        """Mask of the contributors whose data are held, in whatever state."""
        return np.asarray(self.codes != ABSENT)

    @property
    def poisoned(self) -> NDArray[np.bool_]:
        """Mask of the contributors some of whose records a recipe has changed."""
        return self._where(lambda state: state.change is not None)

    @property
    def spoiled(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Masks of the contributors some of whose explicit records, and some of whose traces, a recipe has changed."""
        explicit, traces = (Portion.of(records=kind) for kind in KINDS)
        return self._spoiled(explicit), self._spoiled(traces)

    def _spoiled(self, kind: Portion) -> NDArray[np.bool_]:
        return self._where(lambda state: state.change is not None and bool(state.changed & kind))

    @property
    def unlinked(self) -> NDArray[np.bool_]:
        """Mask of the contributors whose records are held but not known to be theirs."""
        return self._where(lambda state: state.unlinked)

    @property
    def partial(self) -> NDArray[np.bool_]:
        """Mask of the contributors of whose records a portion only is held."""
        return self._where(lambda state: state.held != WHOLE) & self.present

    def held_of(self, contributor: int) -> Portion:
        """Which of a contributor's records are held."""
        return self._states[int(self.codes[contributor])].held

    def unlike(self, other: "Holdings") -> NDArray[np.bool_]:
        """Mask of the contributors of whom something is held here that `other` has not, or has in another state."""
        if not self.recipes and not other.recipes:
            return np.asarray(self.present & ~other.present)
        mine, theirs = self._states, other._states
        new = np.array([[not (one.within(two) and two.held) for two in theirs] for one in mine])
        return np.asarray(self.present & new[self.codes, other.codes])

    @cached_property
    def fingerprint(self) -> str:
        """A hash that names these holdings."""
        digest = hashlib.blake2b(self.codes.tobytes(), digest_size=16)
        digest.update(repr(self.recipes).encode())
        if self.synthetic is not None:
            digest.update(repr(self.synthetic).encode())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Holdings) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def _with_code(self, members: Members, code: int) -> "Holdings":
        codes = self.codes.copy()
        codes[members] = code
        if self.whose is not None:
            codes[~self.whose] = ABSENT
        return Holdings(codes, self.recipes, whose=self.whose)

    @property
    def _states(self) -> tuple[State, ...]:
        """What each code says."""
        return (_NONE, _ALL, *(state_of(recipe) for recipe in self.recipes))

    def _where(self, true: Callable[[State], bool]) -> NDArray[np.bool_]:
        if not self.recipes and not true(_ALL):
            return np.zeros(len(self.codes), dtype=bool)
        return np.asarray(np.array([true(state) for state in self._states])[self.codes])

    def _remade(self, members: Members | slice, change: Callable[[State], State]) -> "Holdings":
        """These holdings with the members' states changed: worked out once for each code."""
        chosen = np.zeros(len(self.codes), dtype=bool)
        chosen[members] = True
        if self.whose is not None:
            chosen &= self.whose
        pairs = self.codes.astype(np.int64), chosen.astype(np.int64)
        made = _coded(*pairs, lambda code, is_chosen: change(self._states[code]) if is_chosen else self._states[code])
        return made if self.whose is None else replace(made, whose=self.whose)

    def _paired(self, other: "Holdings", merge: Callable[[State, State], State]) -> "Holdings":
        mine, theirs = self._states, other._states
        pairs = self.codes.astype(np.int64), other.codes.astype(np.int64)
        made, whose = _coded(*pairs, lambda one, two: merge(mine[one], theirs[two])), self._shared(other)
        return made if whose is None else replace(made, whose=whose)

    def _shared(self, other: "Holdings") -> NDArray[np.bool_] | None:
        """Whose records either could be. Raises ValueError for those of two tasks, which nothing can have both."""
        if self.whose is None or other.whose is None or self.whose is other.whose:
            return other.whose if self.whose is None else self.whose
        raise ValueError("holdings of two tasks")


_NONE, _ALL = State(held=NOTHING), State()


def _coded(first: NDArray[np.int64], second: NDArray[np.int64], state: Callable[[int, int], State]) -> Holdings:
    """Holdings in which each contributor's state follows from their pair of numbers."""
    size = int(second.max(initial=0)) + 1
    found = np.bincount(first * size + second) > 0
    pairs, place = np.flatnonzero(found), np.cumsum(found)[first * size + second] - 1
    recipes: list[Recipe] = []
    codes = []
    for pair in pairs.tolist():
        made = state(*divmod(pair, size))
        plain = made.plain
        if not made.held:
            codes.append(ABSENT)
        elif plain is None:
            codes.append(GENUINE)
        else:
            recipes += [] if plain in recipes else [plain]
            codes.append(recipes.index(plain) + 2)
    if len(recipes) > _MOST:
        raise InputError("holdings", f"{len(recipes)} different states of people's records", f"at most {_MOST}")
    return Holdings(np.array(codes, dtype=np.int16)[place], tuple(recipes))


_MOST = 2**15 - 3


def apply_recipes(holdings: Holdings, owner: NDArray[np.integer], records: Records) -> Records:
    """Apply to each record its owner's recipe; records of absent owners are not kept.

    `owner` gives each record's contributor, shape (records,).
    """
    codes = holdings.codes[owner]
    kept = records.kept & (codes != ABSENT)
    target = records.target
    for k, recipe in enumerate(holdings.recipes):
        rows = np.flatnonzero(codes == k + 2)
        own = records.of(rows, kept)
        changed = recipe(own)
        target, kept = target.copy(), kept.copy()
        # Nobody can bring back what they withheld; what is planted was never there.
        target[rows], kept[rows] = changed.target, changed.kept & (own.kept | (own.part == PLANTED))
    return replace(records, target=target, kept=kept)


def held_records(
    holdings: Holdings, owner: NDArray[np.integer], records: Records, totals: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How many of each contributor's training records are held, planted ones left out, shape (contributors,).

    `owner` gives each record's contributor; `totals` how many records each contributor has.
    """
    held = np.where(holdings.present, totals, 0)
    for contributor_code in np.unique(holdings.codes[holdings.partial]):
        own = holdings.codes == contributor_code
        rows = np.flatnonzero(own[owner] & (records.part != PLANTED))
        portion = state_of(holdings.recipes[contributor_code - 2]).held
        counted = owner[rows][portion.mask(records.key[rows], records.kind[rows])]
        held[own] = np.bincount(counted, minlength=len(held))[own]
    return held
