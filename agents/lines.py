"""Lines: the products of each task, which compete with each other and with no other, and what is read off their scores.

A world has one task, or several. Its people are the contributors of all of them, some of several; each line has its own
data, baseline and metrics, and people use one product of each line.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..coalitions.position import Market, Position
from ..ml_tasks.among import AmongOthers
from ..ml_tasks.holdings import Holdings
from ..ml_tasks.retrainer import Counts, Retrainer
from ..ml_tasks.scores import RecordSet, Scores, View
from ..ml_tasks.store import ScoreStore
from ..ml_tasks.streams import keyed_uniforms
from ..ml_tasks.task import Task, baseline
from ..valuation.campaign import Scale
from .world import World

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Line:
    """One task and the products trained on it. Reference levels are fixed before anybody acts."""

    name: str
    """As in `other_tasks`; empty for the world's `task`."""
    retrainer: Retrainer
    index: int = 0
    """Which of the lines it is."""
    products: tuple[str, ...] = ()
    """Their names."""
    places: NDArray[np.intp] = field(default_factory=lambda: np.arange(0))
    """Where they are among all products."""
    scales: dict[tuple[str, str], Scale] = field(default_factory=dict, repr=False)
    views: dict[tuple[str | None, ...], Floats] = field(default_factory=dict, repr=False)
    read: dict[str, Floats] = field(default_factory=dict, repr=False)
    """Qualities read so far: fingerprint of holdings -> see `_by_code`."""

    @property
    def task(self) -> Task:
        return self.retrainer.task

    @property
    def whose(self) -> Mask | None:
        """Who contributes to it, (contributors,); None: all."""
        return self.task.whose if isinstance(self.task, AmongOthers) else None

    @property
    def contributors(self) -> int:
        """How many contribute to it."""
        return len(self.task.contributors) if self.whose is None else int(self.whose.sum())

    @cached_property
    def nobody(self) -> Holdings:
        return Holdings.nobody(len(self.task.contributors), self.whose)

    @cached_property
    def full(self) -> Scores:
        """Of the model trained on everybody's genuine data."""
        return self.retrainer.scores(Holdings.everyone(len(self.task.contributors), self.whose))

    def part(self, market: Market) -> Market:
        """What this line is of a market."""
        return {name: market[name] for name in self.products if name in market}

    def scale(self, records: RecordSet = "holdout", metric: str | None = None) -> Scale:
        """Baseline and best in a view, for everybody who contributed to the full data."""
        metric = metric or self.full.yardstick.default
        if (records, metric) not in self.scales:
            best = self.full.view(records, metric=metric)
            lowest = baseline(self.task, View(records, metric=metric))
            greater = self.full.yardstick.metrics[metric].greater_is_better
            self.scales[records, metric] = Scale(lowest, best.per_seed, greater, best.exact)
        return self.scales[records, metric]

    def once(self, position: Position, view: View) -> Floats:
        """A product's scores in a view, shape (seeds,); a view that was read before is not read again."""
        scores = self.retrainer.scores(position.deployed)
        masks = [
            None if mask is None else hashlib.blake2b(np.packbits(mask).tobytes(), digest_size=16).hexdigest()
            for mask in (view.audience, view.served)
        ]
        key = (position.deployed.fingerprint, view.records, view.metric, *masks)
        if key not in self.views:
            self.views[key] = scores.view(view.records, view.audience, view.served, view.metric).per_seed
        return self.views[key]

    def table(self, used: Holdings) -> Floats:
        """What a model fitted on these gives the people of each code of them, and last those of unknown code, shape
        (seeds, codes + 1); as quality, see `experience`."""
        scores, fingerprint = self.retrainer.scores(used), used.fingerprint
        if fingerprint not in self.read:
            self.read[fingerprint] = self._by_code(scores, used.codes)
        return self.read[fingerprint]

    def _by_code(self, scores: Scores, codes: NDArray[np.int16]) -> Floats:
        shape, scale = (len(self.retrainer.seeds), int(codes.max(initial=0)) + 2), self.scale()
        if not scale.measures:
            return np.full(shape, np.nan)
        # Where nobody of a code is tested, or one class only, everybody's stands for them.
        score, best = (np.repeat(some[:, None], shape[1], axis=1) for some in (scores.view().per_seed, scale.best))
        own, own_best = _scores_by_code((scores, self.full), codes)
        known = np.isfinite(own).all(axis=0) & np.isfinite(own_best).all(axis=0)
        score[:, :-1][:, known], best[:, :-1][:, known] = own[:, known], own_best[:, known]
        return np.clip(1 + (score - best) / scale.gap, 0.0, 1.0)


def lines_of(world: World, store: ScoreStore | None, counts: Counts) -> tuple[Line, ...]:
    """The lines of a world, that of its `task` first, with the data loaded; their retrainers count together."""
    names = ["", *(other.name for other in world.other_tasks)]
    tasks = _among_all(world, [settings() for settings in world.tasks])
    found = []
    for index, (name, task) in enumerate(zip(names, tasks, strict=True)):
        places = np.array([i for i, firm in enumerate(world.firms) if firm.task == name], dtype=np.intp)
        products = tuple(world.firms[i].name for i in places)
        found.append(Line(name, Retrainer(task, world.task.train_seeds, store, counts), index, products, places))
    return tuple(found)


def _among_all(world: World, tasks: Sequence[Task]) -> list[Task]:
    """Every task as one of all people: the contributors of the first come first, then those of each other task who
    contribute to none before it."""
    if len(tasks) == 1:
        return list(tasks)
    first = len(tasks[0].contributors)
    names, places = list(tasks[0].contributors), [np.arange(first)]
    for other, task in zip(world.other_tasks, tasks[1:], strict=True):
        n = len(task.contributors)
        both = min(round(other.shared * n), first)
        mine, theirs = (_drawn(world, size, both, other.name, who) for size, who in ((n, "here"), (first, "there")))
        place = np.empty(n, dtype=np.int64)
        own = np.setdiff1d(np.arange(n), mine)
        place[mine], place[own] = theirs, len(names) + np.arange(len(own))
        names += [f"{other.name}: {task.contributors[i]}" for i in own]
        places.append(place)
    return [AmongOthers(task, place, tuple(names)) for task, place in zip(tasks, places, strict=True)]


def _drawn(world: World, size: int, count: int, *words: str) -> NDArray[np.int64]:
    """So many of so many people, drawn once, in the order in which they are drawn."""
    chances = keyed_uniforms(np.arange(size, dtype=np.uint64), "shared", world.task.data_seed, *words)
    return np.argsort(chances, kind="stable")[:count]


def in_all(line: Line, holdings: Holdings) -> NDArray[np.int16]:
    """The code of each contributor, with one beyond all others for who has no records in the line."""
    codes = holdings.codes
    return codes if line.whose is None else np.where(line.whose, codes, np.int16(codes.max(initial=0) + 1))


def _scores_by_code(several: tuple[Scores, ...], codes: NDArray[np.int16]) -> list[Floats]:
    """The holdout's score of the people of each code, (seeds, codes) each; nan where it has none."""
    yardstick = several[0].yardstick
    metric = yardstick.metrics[yardstick.default]
    if metric.reading == "auc":
        masks = [codes == code for code in range(int(codes.max(initial=0)) + 1)]
        return [np.stack([scores.view(audience=mask).per_seed for mask in masks], axis=1) for scores in several]
    # As `Scores.view` reads them, but of all codes in one pass.
    place = codes.astype(np.intp)
    tested = np.bincount(place, yardstick.counts[yardstick.default][0, :-1])
    found = [np.full((len(scores.outcomes), len(tested)), np.nan) for scores in several]
    for scores, of_all in zip(several, found, strict=True):
        for row, outcomes in zip(of_all, scores.outcomes, strict=True):
            sums = np.bincount(place, outcomes.sums[yardstick.default][0, :-1])
            for code in np.flatnonzero(tested):
                row[code] = metric.finish(sums[code] / tested[code])
    return found
