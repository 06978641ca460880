"""Among: a task whose contributors are some of more people, the others having no records in it.

Where a world has several tasks, its people are the contributors of all of them, and each task speaks of all people.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .holdings import Holdings
from .scores import Metric, Outcomes, Ranked, Yardstick
from .task import Features, Task


class AmongOthers:
    """The task as one of all these people: what it says of a contributor, it says of them in their place.

    places: where each of its own contributors is among all people, every place once. contributors: names of all these
    people. The same data are trained on, and what a score says of the task's own contributors stays the same.
    """

    def __init__(self, task: Task, places: NDArray[np.int64], contributors: tuple[str, ...]) -> None:
        self.task, self.places, self.contributors = task, places, contributors
        self.label, self.formula, self.threads, self.noise = task.label, task.formula, task.threads, task.noise
        self.divisible, self.personal, self.synthesises = task.divisible, task.personal, task.synthesises
        self.kinds, self.recipes = task.kinds, task.recipes
        self.whose = np.zeros(len(contributors), dtype=bool)
        """Who of all these people contributes to it, (contributors,)."""
        self.whose[places] = True
        self.records = self._spread(task.records)
        self.yardstick = self._yardstick()
        if hasattr(task, "features"):
            self.features = self._features(task.features)

    @cached_property
    def key(self) -> str:
        where = hashlib.blake2b(self.places.astype("<i8").tobytes(), digest_size=16).hexdigest()
        return repr((self.task.key, "among", len(self.contributors), where))

    def _yardstick(self) -> Yardstick:
        own = self.task.yardstick
        ranked = {name: self._ranked(ranked) for name, ranked in own.ranked.items()}
        counts = {name: self._by_owner(count) for name, count in own.counts.items()}
        return Yardstick(own.metrics, counts, self._outcomes(own.baseline), ranked)

    def train(self, holdings: Holdings, seed: int) -> Any:
        return self.task.train(self._own(holdings), seed)

    def held(self, holdings: Holdings) -> NDArray[np.int64]:
        return self._spread(self.task.held(self._own(holdings)))

    def outcomes(self, model: Any) -> Outcomes:
        return self._outcomes(self.task.outcomes(model))

    def _own(self, holdings: Holdings) -> Holdings:
        return Holdings(holdings.codes[self.places], holdings.recipes, holdings.synthetic)

    def _spread(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Numbers of the task's contributors, for all people: 0 for others."""
        spread = np.zeros(len(self.contributors), dtype=np.int64)
        spread[self.places] = numbers
        return spread

    def _by_owner(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums by owner, (2, owners + 1), the last being nobody, for all people."""
        spread = np.zeros((len(sums), len(self.contributors) + 1))
        spread[:, self.places], spread[:, -1] = sums[:, :-1], sums[:, -1]
        return spread

    def _outcomes(self, own: Outcomes) -> Outcomes:
        ranked = {name for name, metric in self._metrics.items() if metric.reading == "auc"}
        # What is kept by record, not by owner, stays as it is.
        sums = {name: found if name in ranked else self._by_owner(found) for name, found in own.sums.items()}
        return replace(own, sums=sums)

    @property
    def _metrics(self) -> dict[str, Metric]:
        return dict(self.task.yardstick.metrics)

    def _ranked(self, own: Ranked) -> Ranked:
        return replace(own, owner=np.append(self.places, len(self.contributors))[own.owner])

    def _features(self, features: Callable[[Holdings], Features]) -> Callable[[Holdings], Features]:
        def of_all(holdings: Holdings) -> Features:
            own = features(self._own(holdings))
            return replace(own, owner=self.places[own.owner])

        return of_all
