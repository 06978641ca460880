"""Precision: replicates are added at each point until an output's interval is narrow enough, or there are too many.

Looks are few: after the first replicates of a point, and after each doubling. What is decided is a function of the
point's rows alone, whoever played them in whatever order, so that a sweep that was stopped goes on to the same end.
All arms and splits of a point have the same replicates, so that pairs stay.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scipy.special import stdtrit

from ...ml_tasks.settings import Checked, Positive, PositiveCount

if TYPE_CHECKING:
    from .runs import Planned

FEWEST = 5
"""Replicates before the first look: the spread of fewer is too often small by chance."""


@dataclass(frozen=True)
class Precision(Checked):
    """How exactly an output is to be known under every arm at every point."""

    output: str
    """Name of the output."""
    half_width: Positive
    """Half the width that its 95 per cent interval over replicates is to have at most, in the output's own unit."""
    max_replicates: PositiveCount
    """Replicates after which a point is left as it is."""

    def batches(self, least: int) -> Iterator[int]:
        """How many replicates a point has at each look."""
        while least < self.max_replicates:
            yield least
            least *= 2
        yield self.max_replicates

    def narrow(self, arms: Sequence[Sequence[Sequence[float]]]) -> bool:
        """Whether every arm's interval is narrow enough, from values by arm, replicate and split.

        An arm in which the output is never defined is not waited for.
        """
        means = [[math.fsum(splits) / len(splits) for splits in arm] for arm in arms]
        known = [[mean for mean in arm if math.isfinite(mean)] for arm in means]
        return all(half_width(arm) <= self.half_width for arm in known if arm)


def half_width(values: Sequence[float]) -> float:
    """Half the width of the 95 per cent interval (Student's t) of a mean; infinite for a single value.

    Sums are exact, so that no order of adding decides whether there are more runs.
    """
    n = len(values)
    if n < 2:
        return math.inf
    mean = math.fsum(values) / n
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    return float(stdtrit(n - 1, 0.975)) * math.sqrt(variance / n)


class Calls:
    """The runs that a sweep still calls for, in order. Without `precision` these are all that have no row."""

    def __init__(self, plan: "Planned", rows: Iterable[Mapping[str, Any]], states: Mapping[int, str]) -> None:
        self.plan, self._wanted = plan, plan.sweep.precision
        self.total = len(plan)
        """Runs called for so far, the finished ones too."""
        everything = (n for point in range(len(plan.points)) for n in plan.numbers(point, 0, plan.replicates))
        self._pending: Iterator[int] = (number for number in everything if number not in states)
        if self._wanted:
            self._values: list[dict[int, float]] = [{} for _ in plan.points]
            for row in rows:
                self._keep(int(row["run"]), row[self._wanted.output])
            self.replicates = [self._decided(point) for point in range(len(plan.points))]
            self.total = sum(self.replicates) * plan.width
            numbers = (n for point, r in enumerate(self.replicates) for n in plan.numbers(point, 0, r))
            self._queue = deque(number for number in numbers if number not in states)

    def next(self) -> int | None:
        """The next run to play; None if there is none, or none before others are finished."""
        if self._wanted:
            return self._queue.popleft() if self._queue else None
        return next(self._pending, None)

    def written(self, number: int, outputs: Mapping[str, float]) -> None:
        """Take note of a run that was written down; its point may call for more."""
        if not self._wanted:
            return
        self._keep(number, outputs[self._wanted.output])
        point = self.plan[number].point
        before = self.replicates[point]
        self.replicates[point] = self._decided(point, before)
        self._queue.extend(self.plan.numbers(point, before, self.replicates[point]))
        self.total += (self.replicates[point] - before) * self.plan.width

    def _keep(self, number: int, value: float | None) -> None:
        self._values[self.plan[number].point][number] = math.nan if value is None else float(value)

    def _decided(self, point: int, since: int = 0) -> int:
        """How many replicates a point calls for, from its rows; looks before `since` are known to call for more."""
        assert self._wanted
        values, plan = self._values[point], self.plan
        for look in self._wanted.batches(plan.sweep.replicates):
            last = look == plan.replicates
            if look >= since and (last or any(n not in values for n in plan.numbers(point, 0, look))):
                return look
            if look >= since and self._wanted.narrow(self._table(point, look)):
                return look
        raise AssertionError("the last look has the most replicates")

    def _table(self, point: int, replicates: int) -> list[list[list[float]]]:
        plan, values = self.plan, self._values[point]
        arms, splits = range(len(plan.arms)), range(len(plan.data_seeds))
        return [[[values[plan.number(point, a, s, r)] for s in splits] for r in range(replicates)] for a in arms]


def later(plan: "Planned", failed: Iterable[int]) -> set[int]:
    """Runs that were only called for after a look at failed ones: a look at the same runs, played again, may differ."""
    wanted, numbers = plan.sweep.precision, set[int]()
    if wanted is None:
        return numbers
    for run in (plan[number] for number in failed):
        seen = next(look for look in wanted.batches(plan.sweep.replicates) if run.replicate < look)
        numbers.update(plan.numbers(run.point, seen, plan.replicates))
    return numbers
