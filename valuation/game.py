"""The game that is played for a pot: what a firm's model is worth on the data of each group of players.

v(S) is the share of the gap between baseline and full data that the firm's model reaches when, of the data it
holds now and with no lever pulled, only those of the players in S are kept (and of contributors outside the players,
if the family keeps them). v of nobody is the score of what is then left, which without any data is the task's prior
predictor and not the baseline.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.holdings import Holdings
from ..ml_tasks.retrainer import Retrainer
from .campaign import Scale
from .examples import Examples, owners
from .methods import Method
from .players import Family
from .utility import Group, UtilityTable
from .values import FloatArray, Values

Mask = NDArray[np.bool_]
_GAMES_AT_HAND = 16
_at_hand: OrderedDict[str, dict[int, FloatArray | float]] = OrderedDict()
"""Numbers of the games that this process played last, by their fingerprint: firms' data are priced round after round
and run after run, and to read hundreds of outcomes out of the store each time takes longer than the rest of a round."""


@dataclass(frozen=True)
class RetrainingUtility:
    """A utility by real retraining: one number for each training seed, or one number if training draws nothing."""

    retrainer: Retrainer
    holdings: Holdings
    family: Family
    scale: Scale

    def __call__(self, group: Group, /) -> FloatArray | float:
        if not self.scale.measures:
            return 0.0  # nothing to share: the model is no better than what needs nobody's data
        key = self.family.key(group)
        if key in self._known:
            self.retrainer.recall()
        else:
            scores = self.retrainer.scores(self._kept(group)).view("holdout").per_seed
            shares: FloatArray = (scores - self.scale.baseline) / self.scale.gap
            shares.setflags(write=False)  # others of this process will read it
            self._known[key] = shares if self.retrainer.task.noise else float(shares[0])
        return self._known[key]

    def ahead(self, groups: Sequence[Group]) -> None:
        """Train on all of these groups together, where that may be faster."""
        if self.scale.measures:
            new = (group for group in groups if self.family.key(group) not in self._known)
            self.retrainer.ahead(self._kept(group) for group in new)

    def examples(self) -> Examples | None:
        """The records as features, for methods that retrain nothing; None where the task has no features.

        Raises InputError for jointly held contributors, whose records are not one player's.
        """
        offer = getattr(self.retrainer.task, "features", None)
        if offer is None:
            return None
        family = self.family
        kept = family.present(family.names)
        found = offer(self.holdings.only(kept))
        owner = owners(found.owner, [family.members(name) for name in family.names])
        return Examples(family.names, found.train_x, found.train_y, owner, found.test_x, found.test_y)

    @property
    def fingerprint(self) -> str:
        """Names everything that a value depends on but the group."""
        scale = (self.scale.baseline, self.scale.best.tolist())
        return repr((self.retrainer.task.key, self.holdings.fingerprint, self.family.fingerprint, scale))

    @cached_property
    def _known(self) -> dict[int, FloatArray | float]:
        """The numbers of this game that are at hand, by the key of the group."""
        name = repr((self.fingerprint, self.retrainer.seeds))
        found = _at_hand.setdefault(name, {})
        _at_hand.move_to_end(name)
        if len(_at_hand) > _GAMES_AT_HAND:
            _at_hand.popitem(last=False)
        return found

    def _kept(self, group: Group) -> Holdings:
        return self.holdings.only(self.family.present(group))


def value_groups(
    retrainer: Retrainer, holdings: Holdings, family: Family, scale: Scale, method: Method, key: int
) -> Values:
    """What each player of the family is worth; the draws of the method are those of the generator `key`.

    Standard errors hold both kinds of noise, of training (nan with one seed, if training draws anything) and of
    sampling groups. Raises InputError for a player without any training record.
    """
    family.check_records(np.where(holdings.present, retrainer.task.records, 0))
    table = UtilityTable(RetrainingUtility(retrainer, holdings, family, scale), family.names)
    values = method(family.names, table, np.random.default_rng(key))
    return replace(values, note="; ".join(filter(None, (values.note, family.note))))


def split(
    values: Values,
    groups: Mapping[str, Mask],
    records: NDArray[np.int64],
    inside: Literal["records", "equal"] = "records",
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each contributor's value and standard error: the group's, in proportion to training records, or equally.

    Shapes (contributors,); contributors in no group get nan. A group without any record shares equally.
    """
    worth, stderr = split_rows(np.stack([values.worth, values.stderr]), values.players, groups, records, inside)
    return worth, stderr


def split_rows(
    rows: FloatArray,
    players: Sequence[str],
    groups: Mapping[str, Mask],
    records: NDArray[np.int64],
    inside: Literal["records", "equal"] = "records",
) -> FloatArray:
    """The same for any numbers of each player, (any, players) -> (any, contributors)."""
    found = np.full((len(rows), len(records)), np.nan)
    for player, column in zip(players, rows.T, strict=True):
        mask = groups[player]
        held = records[mask].astype(float)
        by_records = inside == "records" and held.sum() > 0
        share = held / held.sum() if by_records else np.full(len(held), 1.0 / max(len(held), 1))
        found[:, mask] = column[:, None] * share
    return found
