"""Traces: data that people leave behind, such as clicks and plays, and what that changes for whoever acts with them.

Where the task's data have both kinds, it tells of each record which it is, and a person acts with as much of either as
the lever touches of theirs; where they do not, they are a trait of people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.acts import acts_of
from ..coalitions.levers import Lever, Partly, Separately
from ..ml_tasks.holdings import Holdings
from ..ml_tasks.portions import Portion
from ..ml_tasks.settings import Checked, NonNegative, Share
from ..ml_tasks.streams import Streams
from ..ml_tasks.task import Task
from .law import effort_of

if TYPE_CHECKING:
    from .model import CoalitionModel

EXPLICIT = "explicit"
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Traces(Checked):
    """How acting with traces differs from acting with explicit data (ratings, comments).

    The barrier, the risk of being found and the legal concern of a lever are known by order [VLTCH21], for traces and
    explicit data they are not told apart: the multiples are for scenarios to set. Of somebody whose data are in part
    traces they hold for that part.
    """

    share: Share = 0.0
    """Share of people whose data are traces, for good; those of the others are explicit. 0 where the task itself tells
    of each record which kind it is."""
    effort: NonNegative = 1.0
    """What a lever of effort 1 costs, in multiples of what it would cost with explicit data."""
    hit: NonNegative = 1.0
    """Probability that a firm's filter finds misleading traces, in multiples of the filter's `hit`; at most 1."""
    risk: NonNegative = 1.0
    """What the legal risk of misleading a firm weighs with traces, in multiples of `law.poisoning_risk`."""

    def part(self, task: Task, streams: Streams, n: int) -> Floats:
        """Share of each person's data for a task that is traces, (n,): of their records, or all or none of them."""
        if task.kinds == (EXPLICIT,):
            return np.asarray(streams.uniforms("traces", n=n) < self.share, dtype=float)
        found = np.zeros(n)
        traces = Holdings.everyone(len(task.contributors)).limited(Portion.of(records="trace"))
        found[: len(task.contributors)] = task.held(traces) / np.maximum(task.records, 1)
        return found


def efforts_of(model: "CoalitionModel", lever: Lever, alone: bool = False) -> Floats:
    """How hard a lever is to pull for each person, with others or `alone`, in multiples of their own cost: its
    effort and what the law adds, for as much of what it touches of theirs as is traces in multiples of that; (users,).
    """
    if isinstance(lever, Separately):
        efforts = [efforts_of(model, part, alone=True) for part, _ in lever.parts]
        return np.asarray(np.average(efforts, axis=0, weights=lever.sizes))
    effort, traces = effort_of(model, lever, alone), model.world.users.traces
    if not model.population.any_traces:
        return np.broadcast_to(effort, model.population.n)
    part = _part(model, lever)
    # What the law adds with traces beyond what it adds with explicit data.
    risk = model.law.poisoning_risk * (traces.risk - 1)
    added = risk * acts_of(lever).misleads if risk else 0.0
    return np.asarray((1 + part * (traces.effort - 1)) * (effort + part * added))


def _part(model: "CoalitionModel", lever: Lever) -> Floats:
    """Share of what a lever touches of each person's data that is traces, (users,)."""
    kind = lever.records if isinstance(lever, Partly) else "all"
    if kind != "all":
        return np.broadcast_to(np.float64(kind != EXPLICIT), model.population.n)
    own: Floats = model.population.trace[model.line(lever.target).index if lever.target else 0]
    return own


def found_by_filter(hit: float, part: Floats, multiple: float, spoiled: Sequence[Mask]) -> Floats:
    """Probability that a filter with this `hit` finds each contributor's misleading data, (contributors,).

    part: share of their data that is traces; multiple: of the hit, for traces; spoiled: of whose explicit data and of
    whose traces some mislead.
    """
    explicit, traces = spoiled
    of_spoiled = np.where(explicit & traces, part, traces.astype(float))
    return np.asarray(hit * (1 + of_spoiled * (multiple - 1)))
