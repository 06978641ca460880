"""Retrainer: the only place that trains."""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from .holdings import Holdings
from .scores import Outcomes, Scores
from .settings import check_seeds
from .store import ScoreStore
from .task import Task, TrainingError

OUTCOME_FORMAT = 1
_IN_MEMORY = 256 * 2**20
"""Bytes of outcomes that a retrainer keeps at hand."""


@dataclass
class Counts:
    """How many trainings were asked for, done, and remembered from earlier."""

    asked: int = 0
    done: int = 0
    remembered: int = 0


class Retrainer:
    """Scores any holdings of one task: trains under every seed, or remembers having done so.

    Threats, retraining and valuation all ask here, so nothing is ever trained twice. A formula task is cheap
    and leaves no trace in the store.
    """

    def __init__(self, task: Task, seeds: Sequence[int], store: ScoreStore | None = None) -> None:
        check_seeds(seeds)
        self.task, self.seeds = task, tuple(seeds)
        self.counts = Counts()
        self.watch: Callable[[Counts], None] | None = None
        self.store = None if task.formula else store
        self._memory: OrderedDict[str, Outcomes] = OrderedDict()
        self._task_key = task.key

    def scores(self, holdings: Holdings) -> Scores:
        """Train from scratch on these holdings under every seed (or remember it) and return the scores.

        Raises TrainingError if a training breaks or diverges.
        """
        if len(holdings.codes) != len(self.task.contributors):
            raise ValueError(f"holdings of {len(holdings.codes)} contributors, task of {len(self.task.contributors)}")
        keys = [self._key(holdings, seed) for seed in self.seeds]
        # Without training noise all seeds have one key, and one training serves them all.
        missing = [keys.index(key) for key in dict.fromkeys(keys) if not self._remember(key)]
        self.counts.asked += len(keys)
        self.counts.remembered += len(keys) - len(missing)
        for i, outcomes in zip(missing, self._train(holdings, [self.seeds[i] for i in missing]), strict=True):
            self._keep(keys[i], outcomes)
        scores = Scores(self.task.yardstick, tuple(self._memory[key] for key in keys), exact=not self.task.noise)
        self._forget_oldest()
        return scores

    def _train(self, holdings: Holdings, seeds: list[int]) -> list[Outcomes]:
        if self.task.threads and len(seeds) > 1:
            with ThreadPoolExecutor(min(len(seeds), os.cpu_count() or 1)) as pool:
                return list(pool.map(lambda seed: self._train_one(holdings, seed), seeds))
        return [self._train_one(holdings, seed) for seed in seeds]

    def _train_one(self, holdings: Holdings, seed: int) -> Outcomes:
        outcomes = self.task.outcomes(self.task.train(holdings, seed))
        for name, sums in outcomes.sums.items():
            if not np.isfinite(sums).all():
                raise TrainingError(f"{self.task.label}: training with seed {seed} diverged ({name} is not finite)")
        return outcomes

    def _remember(self, key: str) -> bool:
        if key in self._memory:
            self._memory.move_to_end(key)
            return True
        outcomes = self.store.get(key) if self.store is not None else None
        if outcomes is not None:
            self._memory[key] = outcomes
        return outcomes is not None

    def _forget_oldest(self) -> None:
        size = sum(sums.nbytes for sums in self.task.yardstick.baseline.sums.values())
        while len(self._memory) > max(_IN_MEMORY // size, len(self.seeds)):
            self._memory.popitem(last=False)

    def _keep(self, key: str, outcomes: Outcomes) -> None:
        self._memory[key] = outcomes
        if self.store is not None:
            self.store.put(key, outcomes)
        self.counts.done += 1
        if self.watch:
            self.watch(self.counts)

    def _key(self, holdings: Holdings, seed: int) -> str:
        # From scratch is the rule: no warm-start parent. The word is in the key for the day there is one.
        seed = seed if self.task.noise else 0
        parts = (self._task_key, holdings.fingerprint, str(seed), "from scratch", f"outcomes {OUTCOME_FORMAT}")
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=20).hexdigest()
