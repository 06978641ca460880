"""Retrainer: the only place that trains."""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
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

    def __init__(
        self, task: Task, seeds: Sequence[int], store: ScoreStore | None = None, counts: Counts | None = None
    ) -> None:
        """`counts`: those that it adds to, where several retrainers count together."""
        check_seeds(seeds)
        self.task, self.seeds = task, tuple(seeds)
        self.counts = Counts() if counts is None else counts
        self.watch: Callable[[Counts], None] | None = None
        self.store = None if task.formula else store
        self._memory: OrderedDict[str, Outcomes] = OrderedDict()
        self._ahead: set[str] = set()
        """Keys of trainings done, and counted, ahead of the `scores` that will ask for them."""
        self._task_key = task.key

    def scores(self, holdings: Holdings) -> Scores:
        """Train from scratch on these holdings under every seed (or remember it) and return the scores.

        Raises TrainingError if a training breaks or diverges.
        """
        keys = self._keys(holdings)
        missing = self._missing(holdings, keys)
        early = self._ahead.intersection(keys) - missing.keys()  # counted when they were trained
        self._ahead.difference_update(keys)
        self.counts.asked += len(keys) - len(early)
        self.counts.remembered += len(keys) - len(early) - len(missing)
        self._train(missing)
        scores = Scores(self.task.yardstick, tuple(self._memory[key] for key in keys), exact=not self.task.noise)
        self._forget_oldest()
        return scores

    def recall(self) -> None:
        """Count scores that the caller asked for, and had remembered itself."""
        self.counts.asked += len(self.seeds)
        self.counts.remembered += len(self.seeds)

    def ahead(self, several: Iterable[Holdings]) -> None:
        """Train on several holdings at once, where that may be faster, for the calls of `scores` that follow.

        Results and final counts are those of asking for one after the other. Nothing is trained beyond what is
        kept at hand. Raises TrainingError as `scores` does.
        """
        if not self.task.threads:
            return
        missing: dict[str, tuple[Holdings, int]] = {}
        room = self._room
        for holdings in several:
            keys = self._keys(holdings)
            room -= len(set(keys) - missing.keys())
            if room < 0:
                break
            missing |= self._missing(holdings, keys)
        self.counts.asked += len(missing)
        self._ahead |= missing.keys()
        self._train(missing)
        self._forget_oldest()

    def _missing(self, holdings: Holdings, keys: list[str]) -> dict[str, tuple[Holdings, int]]:
        """What to train, by key. Without training noise all seeds have one key, and one training serves them all."""
        places = [keys.index(key) for key in dict.fromkeys(keys) if not self._remember(key)]
        return {keys[i]: (holdings, self.seeds[i]) for i in places}

    def _train(self, missing: Mapping[str, tuple[Holdings, int]]) -> None:
        """Train on each holdings under its seed, in threads where the task allows it, and keep the outcomes."""
        workers = min(len(missing), os.cpu_count() or 1) if self.task.threads else 1
        with ThreadPoolExecutor(workers) if workers > 1 else nullcontext() as pool:
            found = (pool.map if pool else map)(lambda pair: self._train_one(*pair), missing.values())
            for key, outcomes in zip(missing, found, strict=True):
                self._keep(key, outcomes)

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

    @property
    def _room(self) -> int:
        """How many outcomes are kept at hand."""
        size = sum(sums.nbytes for sums in self.task.yardstick.baseline.sums.values())
        return max(_IN_MEMORY // size, len(self.seeds))

    def _forget_oldest(self) -> None:
        room = self._room
        while len(self._memory) > room:
            self._memory.popitem(last=False)

    def _keep(self, key: str, outcomes: Outcomes) -> None:
        self._memory[key] = outcomes
        if self.store is not None:
            self.store.put(key, outcomes)
        self.counts.done += 1
        if self.watch:
            self.watch(self.counts)

    def _keys(self, holdings: Holdings) -> list[str]:
        if len(holdings.codes) != len(self.task.contributors):
            raise ValueError(f"holdings of {len(holdings.codes)} contributors, task of {len(self.task.contributors)}")
        return [self._key(holdings, seed) for seed in self.seeds]

    def _key(self, holdings: Holdings, seed: int) -> str:
        # From scratch is the rule: no warm-start parent. The word is in the key for the day there is one.
        seed = seed if self.task.noise else 0
        parts = (self._task_key, holdings.fingerprint, str(seed), "from scratch", f"outcomes {OUTCOME_FORMAT}")
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=20).hexdigest()
