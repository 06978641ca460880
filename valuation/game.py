"""The game that is played for a pot: what a firm's model is worth on the data of each group of players.

v(S) is the share of the gap between baseline and full data that the firm's model reaches when, of the data it
holds now and with no lever pulled, only those of the players in S are kept. v of nobody is the score of the
task's prior predictor, not the baseline.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.holdings import Holdings
from ..ml_tasks.retrainer import Retrainer
from ..ml_tasks.scores import seed_stderr
from .campaign import Scale
from .methods import Method
from .utility import UtilityTable
from .values import Values

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class RetrainingUtility:
    """A utility by real retraining, under one training seed. Players are names of groups of contributors."""

    retrainer: Retrainer
    holdings: Holdings
    groups: Mapping[str, Mask]
    """Each player's contributors, masks of shape (contributors,) that do not overlap."""
    scale: Scale
    seed: int
    """Which of the retrainer's seeds, by place."""

    def __call__(self, group: frozenset[str], /) -> float:
        kept = np.zeros(len(self.holdings.codes), dtype=bool)
        for player in group:
            kept |= self.groups[player]
        score = self.retrainer.scores(self.holdings.only(kept)).view("holdout").per_seed[self.seed]
        if not self.scale.measures:
            return 0.0  # nothing to share: the model is no better than what needs nobody's data
        return float((score - self.scale.baseline) / self.scale.gap)


def value_groups(
    retrainer: Retrainer,
    holdings: Holdings,
    groups: Mapping[str, Mask],
    scale: Scale,
    method: Method,
    key: int,
) -> Values:
    """Value the groups under every training seed with the same draws, and average.

    The standard error holds both kinds of noise, of training (over seeds) and of sampling (of the method);
    it is nan with one seed unless the task is a closed form.
    """
    players = tuple(groups)
    per_seed = []
    for seed in range(len(retrainer.seeds)):
        table = UtilityTable(RetrainingUtility(retrainer, holdings, groups, scale, seed))
        per_seed.append(method(players, table, np.random.default_rng(key)))
    worth = np.stack([values.worth for values in per_seed])
    training = np.array([seed_stderr(column, retrainer.task.formula) for column in worth.T])
    sampling = np.mean([values.stderr for values in per_seed], axis=0)
    return replace(per_seed[0], worth=worth.mean(axis=0), stderr=np.hypot(training, sampling))


def split_by_records(
    values: Values, groups: Mapping[str, Mask], records: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each contributor's value and standard error: the group's, in proportion to training records.

    Shapes (contributors,); contributors in no group get nan. A group without any record shares equally.
    """
    worth = np.full(len(records), np.nan)
    stderr = np.full(len(records), np.nan)
    for player, value, error in zip(values.players, values.worth, values.stderr, strict=True):
        mask = groups[player]
        held = records[mask].astype(float)
        share = held / held.sum() if held.sum() > 0 else np.full(len(held), 1.0 / max(len(held), 1))
        worth[mask], stderr[mask] = value * share, error * share
    return worth, stderr
