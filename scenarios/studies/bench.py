"""Bench: a task set up for a study, with its retrainer, its random groups of people and its counts."""

import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ...ml_tasks import identity
from ...ml_tasks.holdings import Holdings
from ...ml_tasks.retrainer import Retrainer
from ...ml_tasks.settings import InputError
from ...ml_tasks.store import ScoreStore, store_path
from ...ml_tasks.streams import Streams
from ...ml_tasks.task import Task, TaskSettings
from ..files import explained, parsed, set_change, text_of
from ..versions import versions

Watch = Callable[[str], None]


@dataclass(frozen=True)
class Bench:
    """A task and what trains it. Groups are drawn by number, so more groups never change the earlier ones."""

    kind: str
    """The task's key in TASKS."""
    settings: TaskSettings
    task: Task
    retrainer: Retrainer
    described: dict[str, Any]
    """Every setting of the task as plain data."""

    @property
    def people(self) -> int:
        return len(self.task.contributors)

    @property
    def everyone(self) -> Holdings:
        return Holdings.everyone(self.people)

    def order(self, group: int) -> NDArray[np.int64]:
        """All contributors in the random order of a group; the first s of them are that group at rate s."""
        return Streams(0)("study group", group).permutation(self.people)

    def drawn(self, group: int, rate: float) -> NDArray[np.int64]:
        """The contributors of a random group at a rate: the first round(rate x people) in its order."""
        return self.order(group)[: round(rate * self.people)]

    def varied(self, **changes: Any) -> "Bench":
        """The same task with other settings; its trainings are kept and counted with this bench's."""
        from ..schema import described

        settings: TaskSettings = replace(self.settings, **changes)  # type: ignore[type-var]
        task = settings()
        retrainer = Retrainer(task, self.retrainer.seeds, self.retrainer.store)
        retrainer.counts, retrainer.watch = self.retrainer.counts, self.retrainer.watch
        return Bench(self.kind, settings, task, retrainer, described(settings).model_dump(mode="json"))

    def facts(self) -> list[tuple[str, str]]:
        """What was run, for the head of a report."""
        seeds = ", ".join(str(seed) for seed in self.retrainer.seeds)
        return [
            ("Task", self.task.label),
            ("Where scores come from", "a formula, not retraining" if self.task.formula else "retraining"),
            ("People", f"{self.people:,} contributors with {self.task.records.sum():,} training records"),
            ("Data seed; training seeds", f"{self.settings.data_seed}; {seeds}"),
        ]

    def manifest(self) -> dict[str, Any]:
        """What the study's folder keeps about how it was made."""
        counts = self.retrainer.counts
        return {
            "task": self.task.label,
            "settings": self.described,
            "trainings": {"asked": counts.asked, "done": counts.done, "remembered": counts.remembered},
            "versions": versions(),
            "hardware": {"processor": identity.cpu(), "system": platform.system()},
        }


@contextmanager
def bench(
    kind: str, settings: TaskSettings, store: str | Path | None = "default", watch: Watch | None = None
) -> Iterator[Bench]:
    """A bench whose trainings are remembered in `store`: a path, "default", or None for this study alone."""
    from ..schema import described

    with threadpool_limits(1), ScoreStore(store_path(store)) as scores:
        task = settings()
        retrainer = Retrainer(task, settings.train_seeds, scores)
        if watch is not None:
            watch(f"{task.label}: training")
            retrainer.watch = lambda counts: watch(f"{counts.done} trained, {counts.remembered} remembered")
        yield Bench(kind, settings, task, retrainer, described(settings).model_dump(mode="json"))


def task_settings(
    kind: str, changes: Sequence[str] = (), data_set: str | None = None, model: str | None = None
) -> TaskSettings:
    """The settings of a task from its name, a data set, a model, and texts like "model.factors=8".

    Raises InputError naming the field.
    """
    from pydantic import ValidationError

    from ...ml_tasks.tasks import TASKS
    from ..schema import described, section

    if kind not in TASKS:
        raise InputError("--task", repr(kind), f"one of {', '.join(TASKS)}")
    data = described(TASKS[kind]()).model_dump(mode="json")
    shortcuts = [f"{path}={value}" for path, value in (("data", data_set), ("model.kind", model)) if value is not None]
    try:
        for step in (shortcuts, changes):
            for change in step:
                set_change(data, change)
            # A new kind of model brings its own settings with their defaults, which may then be changed.
            checked = section(TASKS[kind], kind).model_validate(data := parsed(text_of(data), "--set"))
            data = checked.model_dump(mode="json")
        built: TaskSettings = checked.build()
    except ValidationError as error:
        raise explained(error, data).within(kind) from None
    except InputError as error:
        raise error.within(kind) from None
    return built


def seeded(settings: TaskSettings, seeds: int) -> TaskSettings:
    """The settings with training seeds 0 .. seeds - 1."""
    changed: TaskSettings = replace(settings, train_seeds=tuple(range(seeds)))  # type: ignore[type-var]
    return changed
