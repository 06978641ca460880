"""Estimate: what a sweep will take, from a first run and one like those that follow it."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from ...ml_tasks.settings import InputError
from .playing import Common, Row, play
from .runs import Planned


@dataclass(frozen=True)
class Estimate:
    """What was measured, and what follows from it if the other runs are like the second."""

    points: int
    arms: int
    runs: int
    """The most: all that points may call for."""
    least: int
    first: Row
    second: Row
    """A run from the middle, which finds in the store what the first trained."""

    @property
    def trainings(self) -> int:
        """To be done in all."""
        return self.first.trainings[1] + (self.runs - 1) * self.second.trainings[1]

    @property
    def most_trainings(self) -> int:
        """If nothing were ever remembered from another run."""
        return max(self.first.trainings[1] * self.runs, self.trainings)

    @property
    def seconds(self) -> float:
        """Of one worker."""
        return self.first.seconds + (self.runs - 1) * self.second.seconds


def estimate(plan: Planned) -> Estimate:
    """Check every point, then play two runs with a store of their own. Raises InputError if one of them fails."""
    plan.check()
    limit, sweep = plan.sweep.time_limit, plan.sweep
    with tempfile.TemporaryDirectory() as place:
        common = Common(plan.scenario, sweep.outputs, (), str(Path(place) / "scores.sqlite"), None, "estimate")
        first, second = (_tried(plan, common, number) for number in (0, len(plan) // 2))
    longest = max(first.seconds, second.seconds)
    if limit is not None and longest > limit:
        raise InputError(f"{plan.where}: time_limit", f"{limit:g} s", f"more: a run took {longest:.1f} s here")
    return Estimate(len(plan.points), len(plan.arms), len(plan), plan.least, first, second)


def _tried(plan: Planned, common: Common, number: int) -> Row:
    row = play(common, number, plan.changes(plan[number]))
    if row.status != "done":
        raise InputError(f"{plan.where}: run {number}", f"the error {row.error}", "a run that finishes")
    return row
