"""Scores: what one retraining says about everybody, and the views that are read from it.

A task keeps for each contributor the sum that its metric adds up (squared errors, hits, correct labels) over
two sets of test records. Any audience and any set of people served is read from these sums, so a view is
never stored and never retrained. **Every score says whose experience it is.**
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
RecordSet = Literal["holdout", "company"]
RECORD_SETS: tuple[RecordSet, ...] = ("holdout", "company")


@dataclass(frozen=True)
class Metric:
    """A measure of performance that adds up over test records, apart from a last square root."""

    name: str
    meaning: str
    greater_is_better: bool
    root: bool = False
    """The score is the root of the mean (RMSE), not the mean."""
    unserved: Literal["zero", "baseline"] = "zero"
    """What a person counts who does not use the service: nothing gained, or what the baseline gives anybody."""

    def finish(self, mean: float) -> float:
        return float(np.sqrt(mean)) if self.root else float(mean)


@dataclass(frozen=True)
class Outcomes:
    """Per metric the sums of one trained model, shape (2, owners): first the holdout, then the company records.

    The last owner stands for test records that belong to nobody.
    """

    sums: Mapping[str, Floats]
    degenerate: str = ""
    """Why this model is no fit but a task's documented prior predictor; empty for a real fit."""

    def to_bytes(self) -> bytes:
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, degenerate=np.array(self.degenerate), **dict(self.sums))
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, blob: bytes) -> "Outcomes":
        with np.load(io.BytesIO(blob), allow_pickle=False) as arrays:
            sums = {name: arrays[name] for name in arrays.files if name != "degenerate"}
            return cls(sums, str(arrays["degenerate"]))


@dataclass(frozen=True)
class Yardstick:
    """What sums are read against: each metric's number of test records, and the baseline's sums."""

    metrics: Mapping[str, Metric]
    """The first is the task's own choice."""
    counts: Mapping[str, Floats]
    baseline: Outcomes

    @property
    def default(self) -> str:
        return next(iter(self.metrics))


@dataclass(frozen=True)
class View:
    """Whose experience a score is: which test records, whose, and who is served.

    `audience` and `served` are masks over the contributors, shape (contributors,). No audience means
    everybody, with the test records that belong to nobody.
    """

    records: RecordSet = "holdout"
    audience: Mask | None = None
    served: Mask | None = None
    metric: str | None = None


@dataclass(frozen=True)
class Score:
    """A score over training seeds. `mean` is nan where nothing can be scored, and `reason` then says why."""

    per_seed: Floats
    n: float
    exact: bool = False
    degenerate: str = ""
    reason: str = ""

    @property
    def mean(self) -> float:
        return float(np.mean(self.per_seed))

    @property
    def stderr(self) -> float:
        """Standard error over seeds; nan with one seed, 0 for a closed form."""
        return seed_stderr(self.per_seed, self.exact)


@dataclass(frozen=True)
class Scores:
    """The outcomes of the same holdings under every training seed."""

    yardstick: Yardstick
    outcomes: tuple[Outcomes, ...]
    exact: bool = field(default=False)
    """A closed form: no training noise."""

    def view(
        self,
        records: RecordSet = "holdout",
        audience: Mask | None = None,
        served: Mask | None = None,
        metric: str | None = None,
    ) -> Score:
        """Read one score. See `View` for the arguments."""
        view = View(records, audience, served, metric)
        readings = [read(outcomes, self.yardstick, view) for outcomes in self.outcomes]
        n = tested(self.yardstick, view)
        return Score(
            np.array(readings),
            n,
            self.exact,
            next((o.degenerate for o in self.outcomes if o.degenerate), ""),
            "" if n > 0 else f"no {records} test record in this audience",
        )


def read(outcomes: Outcomes, yardstick: Yardstick, view: View) -> float:
    """The score that the sums give for a view; nan if no test record is in it."""
    name = view.metric or yardstick.default
    metric, row = yardstick.metrics[name], RECORD_SETS.index(view.records)
    sums = outcomes.sums[name][row]
    if view.served is not None:
        fallback = yardstick.baseline.sums[name][row] if metric.unserved == "baseline" else np.zeros_like(sums)
        # Records that belong to nobody are always asked of the model.
        sums = np.where(np.append(view.served, True), sums, fallback)
    n = tested(yardstick, view)
    if n == 0:
        return float("nan")
    return metric.finish(float(_of(sums, view.audience).sum()) / n)


def tested(yardstick: Yardstick, view: View) -> float:
    """How many test records (for surfaced hits: how many relevant ones) a view scores."""
    counts = yardstick.counts[view.metric or yardstick.default][RECORD_SETS.index(view.records)]
    return float(_of(counts, view.audience).sum())


def seed_stderr(per_seed: Floats, exact: bool) -> float:
    """Standard error of the mean over training seeds: nan for one seed, which says nothing of noise."""
    if exact:
        return 0.0
    if len(per_seed) < 2:
        return float("nan")
    return float(np.std(per_seed, ddof=1) / np.sqrt(len(per_seed)))


def _of(values: Floats, audience: Mask | None) -> Floats:
    return values if audience is None else values[:-1][audience]
