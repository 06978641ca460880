"""What every benchmark task offers, and the dict of tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from .holdings import Holdings
from .scores import Metric, Outcomes, View, Yardstick, read
from .states import Recipe


class Task(Protocol):
    """A benchmark task with its data loaded: trains on holdings and scores what it trained.

    Empty data, a single class, or too few records give the task's documented prior predictor and a flagged
    score; a training that breaks raises TrainingError. A task whose records have features of fixed length also has
    `features(holdings) -> Features`.
    """

    label: str
    """Name, data set and model, for people."""
    formula: bool
    """True where no model is trained: every output then says "formula, not retraining"."""
    threads: bool
    """True where several trainings may run at once in threads with the same results."""
    noise: bool
    """False where training draws nothing by the training seed: every seed then gives the same model."""
    divisible: bool
    """True where a firm may hold a portion of somebody's records, and not all or none of them."""
    personal: bool
    """True where what people get depends on what the firm knows of them, so that it matters to be a stranger."""
    synthesises: bool
    """True where a firm can make up records from those that it holds (`Holdings.synthetic`), and train on them too."""
    kinds: tuple[str, ...]
    """Which kinds of records there are: explicit ones, traces, or both."""
    contributors: tuple[str, ...]
    """Names of the people whose data these are."""
    records: NDArray[np.int64]
    """Number of training records of each contributor."""
    recipes: Mapping[str, Recipe]
    """What people can do to their records in this task."""
    yardstick: Yardstick

    @property
    def key(self) -> str:
        """Everything that an outcome depends on apart from the holdings and the training seed."""
        ...

    def train(self, holdings: Holdings, seed: int) -> Any:
        """Train from scratch on what is held and return the model."""
        ...

    def held(self, holdings: Holdings) -> NDArray[np.int64]:
        """How many training records of each contributor are held, planted ones left out, shape (contributors,)."""
        ...

    def outcomes(self, model: Any) -> Outcomes:
        """Score a model on every test record."""
        ...


@dataclass(frozen=True, eq=False)
class Features:
    """Records as features and answers, for methods that read records and retrain nothing."""

    train_x: NDArray[np.float64]
    """Shape (training records, features)."""
    train_y: NDArray[np.int64]
    """Labels as the firm has them, shape (training records,)."""
    owner: NDArray[np.int64]
    """Each training record's contributor."""
    test_x: NDArray[np.float64]
    """Of the holdout."""
    test_y: NDArray[np.int64]


class TaskSettings(Protocol):
    """The settings of a task, a frozen dataclass: calling it loads the data."""

    libraries: ClassVar[tuple[str, ...]]
    """What its trainings import that takes long, for workers to have ready."""

    @property
    def data_seed(self) -> int: ...

    @property
    def train_seeds(self) -> tuple[int, ...]: ...

    def __call__(self) -> Task: ...


class TrainingError(RuntimeError):
    """A training broke or diverged. Never turned into a score."""


def baseline(task: Task, view: View) -> float:
    """What nobody's data are needed for (movie means, chance), read in the same view."""
    return read(task.yardstick.baseline, task.yardstick, view)


def metrics_with_default(metrics: tuple[Metric, ...], default: str) -> dict[str, Metric]:
    """Metrics by name, the task's own choice first."""
    return {m.name: m for m in sorted(metrics, key=lambda m: m.name != default)}
