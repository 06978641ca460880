"""Scores: what one retraining says about everybody, and the views that are read from it.

A task keeps for each contributor the sum that its metric adds up (squared errors, hits, correct labels) over
two sets of test records; for a metric that does not add up (the area under the ROC curve) it keeps what the
model said of each record. Any audience and any set of people served is read from these, so a view is never
stored and never retrained. **Every score says whose experience it is.**
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
    """A measure of performance."""

    name: str
    meaning: str
    greater_is_better: bool
    reading: Literal["mean", "root_mean", "auc"] = "mean"
    """How a score comes of what is kept: a mean of sums, its square root (RMSE), or the area under the ROC curve."""
    unserved: Literal["zero", "baseline"] = "zero"
    """What a person counts who does not use the service: nothing gained, or what the baseline gives anybody."""

    def finish(self, mean: float) -> float:
        return float(np.sqrt(mean)) if self.reading == "root_mean" else float(mean)


@dataclass(frozen=True)
class Outcomes:
    """Per metric what is kept of one trained model.

    Sums of shape (2, owners), first over the holdout, then over the company records; the last owner stands for
    test records that belong to nobody. For a metric read as "auc": the model's score of each test record, in the
    order of `Yardstick.ranked`.
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
class Ranked:
    """The test records of a metric read as "auc", whose scores are ranked. Shapes (records,), `sets` (2, records)."""

    owner: NDArray[np.integer]
    """The contributor; their number for a record that belongs to nobody."""
    positive: Mask
    """Records of the class that should have the higher scores."""
    sets: Mask
    """In the holdout; in the company test."""

    def counts(self, contributors: int) -> Floats:
        """Number of test records by owner, shape (2, contributors + 1): the yardstick's counts."""
        return np.stack([np.bincount(self.owner[s], minlength=contributors + 1) for s in self.sets]).astype(float)


@dataclass(frozen=True)
class Yardstick:
    """What outcomes are read against: each metric's number of test records, and the baseline's outcomes."""

    metrics: Mapping[str, Metric]
    """The first is the task's own choice."""
    counts: Mapping[str, Floats]
    baseline: Outcomes
    ranked: Mapping[str, Ranked] = field(default_factory=dict)
    """The records of each metric read as "auc"."""

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
        """Standard error over seeds; nan with one seed, 0 without training noise."""
        return seed_stderr(self.per_seed, self.exact)


@dataclass(frozen=True)
class Scores:
    """The outcomes of the same holdings under every training seed."""

    yardstick: Yardstick
    outcomes: tuple[Outcomes, ...]
    exact: bool = field(default=False)
    """A closed form, or a model that draws nothing: no training noise."""

    def view(
        self,
        records: RecordSet = "holdout",
        audience: Mask | None = None,
        served: Mask | None = None,
        metric: str | None = None,
    ) -> Score:
        """Read one score. See `View` for the arguments."""
        view = View(records, audience, served, metric)
        n = tested(self.yardstick, view)
        readings = [read(outcomes, self.yardstick, view, n) for outcomes in self.outcomes]
        return Score(
            np.array(readings),
            n,
            self.exact,
            next((o.degenerate for o in self.outcomes if o.degenerate), ""),
            _reason(readings, n, records),
        )


def read(outcomes: Outcomes, yardstick: Yardstick, view: View, n: float | None = None) -> float:
    """The score that the outcomes give for a view; nan without test records, or with one class where two are needed.

    `n` is what `tested` says of the view, if it is known.
    """
    name = view.metric or yardstick.default
    metric, row = yardstick.metrics[name], RECORD_SETS.index(view.records)
    if metric.reading == "auc":
        return _read_ranked(outcomes.sums[name], yardstick, view)
    sums = outcomes.sums[name][row]
    if view.served is not None:
        fallback = yardstick.baseline.sums[name][row] if metric.unserved == "baseline" else np.zeros_like(sums)
        # Records that belong to nobody are always asked of the model.
        sums = np.where(np.append(view.served, True), sums, fallback)
    n = tested(yardstick, view) if n is None else n
    if n == 0:
        return float("nan")
    return metric.finish(float(_of(sums, view.audience).sum()) / n)


def classes(yardstick: Yardstick, view: View) -> tuple[int, int]:
    """How many negative and positive test records a metric read as "auc" compares in a view."""
    ranked = yardstick.ranked[view.metric or yardstick.default]
    positive = ranked.positive[_in_view(ranked, view)]
    return int((~positive).sum()), int(positive.sum())


def _read_ranked(scored: Floats, yardstick: Yardstick, view: View) -> float:
    """Area under the ROC curve over the pooled records of a view; tied scores count half [Mann & Whitney 1947]."""
    name = view.metric or yardstick.default
    ranked = yardstick.ranked[name]
    if view.served is not None:
        # What the metric says of the unserved: the baseline tells nobody's records apart.
        scored = np.where(np.append(view.served, True)[ranked.owner], scored, yardstick.baseline.sums[name])
    rows = _in_view(ranked, view)
    positive = ranked.positive[rows]
    n_pos = int(positive.sum())
    n_neg = len(positive) - n_pos
    if n_pos == 0 or n_neg == 0:
        return float("nan")
    from scipy.stats import rankdata

    places = rankdata(scored[rows])
    return float((places[positive].sum() - n_pos * (n_pos + 1) / 2) / (n_pos * n_neg))


def _in_view(ranked: Ranked, view: View) -> Mask:
    rows: Mask = ranked.sets[RECORD_SETS.index(view.records)]
    return rows if view.audience is None else rows & np.append(view.audience, False)[ranked.owner]


def _reason(readings: list[float], n: float, records: RecordSet) -> str:
    if n == 0:
        return f"no {records} test record in this audience"
    return "only one class among the test records in this audience" if np.isnan(readings).any() else ""


def tested(yardstick: Yardstick, view: View) -> float:
    """How many test records (for surfaced hits: how many relevant ones) a view scores."""
    counts = yardstick.counts[view.metric or yardstick.default][RECORD_SETS.index(view.records)]
    # Whole numbers add up to the same in any order, so that the fastest will do.
    return float(counts.sum() if view.audience is None else counts[:-1] @ view.audience)


def seed_stderr(per_seed: Floats, exact: bool) -> float:
    """Standard error of the mean over training seeds: nan for one seed, which says nothing of noise."""
    if exact:
        return 0.0
    if len(per_seed) < 2:
        return float("nan")
    return float(np.std(per_seed, ddof=1) / np.sqrt(len(per_seed)))


def _of(values: Floats, audience: Mask | None) -> Floats:
    if audience is None:
        return values
    return values[:-1] if audience.all() else values[:-1][audience]
