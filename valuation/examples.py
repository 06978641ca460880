"""Examples: the records behind a utility as features and answers, for methods that read records and retrain nothing.

A utility whose players own records with features has a method `examples() -> Examples`. Methods that need it
(`knn_shapley`, `influence`) value every record under a simple model of their own and add up each player's records.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..ml_tasks.settings import InputError
from .utility import LARGEST, UtilityTable, distinct
from .values import FloatArray

NOBODY = -1
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Examples:
    """Training records, whose each is, and the test records that tell what they are good for.

    train_x: (n, d) numbers. train_y: (n,) labels of any kind that can be sorted, or numbers for a regression.
    owner: (n,) position in `players` of the player whose record it is, or -1: nobody's, always in the training data.
    test_x: (m, d), test_y: (m,). Arrays are kept read-only; features and a regression's numbers as float64.
    Raises InputError, one sentence, for lengths that differ and for features that are not finite.

    From a task's features x, labels, owner of each record (a place among its contributors) and rows that train and
    that test, with the game's masks of contributors: rows = those of training whose `owners(owner, groups)` is not
    -1, then Examples(tuple(groups), x[rows], label[rows], owners(owner[rows], groups), x[tests], label[tests]).
    """

    players: tuple[Hashable, ...]
    train_x: FloatArray
    train_y: NDArray[Any]
    owner: NDArray[np.int64]
    test_x: FloatArray
    test_y: NDArray[Any]
    regression: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "players", distinct(self.players))
        checked = records(self.train_x, self.train_y, self.test_x, self.test_y, self.regression)
        owner = np.array(self.owner)
        if owner.shape != (len(checked[0]),) or (owner.size and owner.dtype.kind not in "iu"):
            found = f"{owner.dtype} of shape {owner.shape}"
            raise InputError("owner", found, f"a player's position for each of {len(checked[0])} training records")
        if owner.size and not (owner.min() >= NOBODY and owner.max() < len(self.players)):
            wrong = owner.max() if owner.max() >= len(self.players) else owner.min()
            raise InputError("owner", wrong, f"positions below {len(self.players)}, or -1 for nobody's records")
        names = ("train_x", "train_y", "test_x", "test_y", "owner")
        for name, array in zip(names, (*checked, owner.astype(np.int64)), strict=True):
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def places(self, players: tuple[Hashable, ...]) -> NDArray[np.int64]:
        """The owner of each record as a position in `players`, which may be fewer or in another order; -1 if in none.

        Raises InputError for a player of whom the examples know nothing.
        """
        at, known = {player: place for place, player in enumerate(players)}, set(self.players)
        for player in players:
            if player not in known:
                raise InputError("players", repr(player), "players whose records the utility's examples know")
        return np.array([*(at.get(player, NOBODY) for player in self.players), NOBODY], dtype=np.int64)[self.owner]

    @classmethod
    def of(cls, utility: object, method: str) -> "Examples":
        """What the utility's `examples()` gives, seen through any tables that remember it.

        Raises InputError, naming the method, where there is no such thing.
        """
        offer = offered(utility, "examples")
        found = offer() if callable(offer) else None
        if not isinstance(found, Examples):
            what = "a utility without examples()" if found is None else f"examples() that gives {type(found).__name__}"
            expected = "a utility whose examples() gives the records' features (Examples)"
            raise InputError(f"utility of {method}", what, expected)
        return found


def owners(contributor: ArrayLike, groups: Mapping[Any, Mask] | Iterable[Mask]) -> NDArray[np.int64]:
    """The position of the group that holds each record's contributor, shape (n,); -1 in none.

    contributor: (n,) whose each record is, by place in a list of people. groups: each player's people, masks over
    that list (`RetrainingUtility.groups`). Raises InputError if a person is in two groups.
    """
    masks = list(groups.values() if isinstance(groups, Mapping) else groups)
    who = np.asarray(contributor, dtype=np.int64)
    place = np.full(max([len(mask) for mask in masks], default=int(who.max(initial=-1)) + 1), NOBODY, dtype=np.int64)
    for i, mask in enumerate(masks):
        if len(mask) != len(place) or (place[mask] != NOBODY).any():
            found = f"group {i + 1} of another length or with people of an earlier group"
            raise InputError("groups", found, "masks over the same people, each in one group at most")
        place[mask] = i
    if who.size and not (who.min() >= 0 and who.max() < len(place)):
        raise InputError("contributor", f"{who.min()} to {who.max()}", f"places in a list of {len(place)} people")
    return place[who]


def summed(worth: FloatArray, place: NDArray[np.int64], count: int) -> FloatArray:
    """Each player's sum over their records, in the order of the records, shape (count,). place: (n,), -1 nobody's."""
    mine = place >= 0
    return np.bincount(place[mine], worth[mine], minlength=count).astype(np.float64)


def offered(utility: object, name: str) -> Any:
    """An attribute of a utility, or of what a table of tables remembers; None if none has it."""
    while not hasattr(utility, name) and isinstance(utility, UtilityTable):
        utility = utility.remembered
    return getattr(utility, name, None)


def records(
    train_x: ArrayLike, train_y: ArrayLike, test_x: ArrayLike, test_y: ArrayLike, regression: bool
) -> tuple[FloatArray, NDArray[Any], FloatArray, NDArray[Any]]:
    """The four arrays as features (n, d) and (m, d) of float64 and answers (n,) and (m,): copies, checked.

    Raises InputError, one sentence, for another shape, no test record, and numbers that are not finite or too large.
    """
    x, tested = _numbers("train_x", train_x, 2), _numbers("test_x", test_x, 2)
    if x.shape[1] != tested.shape[1]:
        raise InputError("test_x", f"{tested.shape[1]} features", f"{x.shape[1]}, as many as train_x has")
    if len(tested) == 0:
        raise InputError("test_x", "no test record", "at least one: nothing else tells what a record is good for")
    y, wanted = _answers("train_y", train_y, len(x), regression), _answers("test_y", test_y, len(tested), regression)
    return x, y, tested, wanted


def label_codes(y: NDArray[Any], wanted: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Labels as small whole numbers in their order, the same in both arrays."""
    if (y.dtype.kind in "biuf") != (wanted.dtype.kind in "biuf"):
        raise InputError("test_y", f"labels of type {wanted.dtype}", f"labels like those of train_y, {y.dtype}")
    try:
        _, codes = np.unique(np.concatenate([y, wanted]), return_inverse=True)
    except TypeError:
        raise InputError("train_y", "labels that cannot be compared", "labels of one kind") from None
    return codes[: len(y)].astype(np.int32), codes[len(y) :].astype(np.int32)


def _answers(where: str, given: ArrayLike, count: int, regression: bool) -> NDArray[Any]:
    found = _numbers(where, given, 1) if regression or np.asarray(given).dtype.kind == "f" else np.array(given)
    if found.shape != (count,):
        raise InputError(where, f"shape {found.shape}", f"one answer for each of {count} records")
    return found


def _numbers(where: str, given: ArrayLike, dimensions: int) -> FloatArray:
    expected = f"finite numbers of size at most {LARGEST:g} in {dimensions} dimension{'s' * (dimensions > 1)}"
    try:
        raw = np.asarray(given)
        if raw.dtype.kind not in "biufO":
            raise TypeError
        found = np.array(raw, dtype=np.float64, order="C")
    except (TypeError, ValueError, OverflowError):
        raise InputError(where, f"a {type(given).__name__} that is not all numbers", expected) from None
    if found.ndim != dimensions:
        raise InputError(where, f"shape {found.shape}", expected)
    bad = found[~(np.abs(found) <= LARGEST)]
    if bad.size:
        raise InputError(where, bad[0], expected)
    return found
