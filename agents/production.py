"""Production: how far a lever reaches if so many people pull it, found by real retraining [OMT85]."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.optimize import isotonic_regression

from ..coalitions.levers import Lever, Nothing
from ..coalitions.position import Market
from ..valuation.campaign import campaign_effect
from .action import after
from .awareness import in_print
from .enforcement import expected, outcomes
from .leverage import scores
from .traces import efforts_of

if TYPE_CHECKING:
    from .model import CoalitionModel

Floats = NDArray[np.float64]
Grid = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Production:
    """A production function P, from (0, 0) upward: monotone, piecewise cubic between what was found [FC80]."""

    given: Floats
    """R, shares of all training records, increasing from 0."""
    power: Floats
    """P(R), the share of the gap between baseline and best that is closed, never falling."""
    effort: float | Floats
    """How hard the lever is to pull: for everybody, or for each person, (users,)."""

    @classmethod
    def fitted(cls, given: Floats, power: Floats, effort: float | Floats) -> "Production":
        """Through (0, 0) and, where noise of training makes power fall, the nearest that does not fall."""
        known = np.isfinite(power) & (np.diff(given, prepend=0.0) > 0)
        if not known.any():  # leverage is undefined: nothing is produced
            return cls(np.array([0.0, 1.0]), np.zeros(2), effort)
        rising = np.maximum(isotonic_regression(power[known]).x, 0.0)
        return cls(np.append(0.0, given[known]), np.append(0.0, rising), effort)

    @cached_property
    def pieces(self) -> Floats:
        """Coefficients of the cubic from each point of `given` to the next, highest power first, (4, points - 1)."""
        return np.ascontiguousarray(PchipInterpolator(self.given, self.power).c)

    def __call__(self, given: Floats) -> Floats:
        """P at shares of all records; beyond the last point that was found, as much as there."""
        return np.asarray(PchipInterpolator(self.given, self.power)(np.clip(given, 0.0, self.given[-1])))


def produced(model: "CoalitionModel", grid: Grid) -> tuple[Production, ...]:
    """Each coalition's production function: of the first lever on its ballot, by people in one order drawn once.

    Found when it is first asked for, in the first round on the market before anybody acts; then remembered.
    """
    if grid not in model.produced:
        levers = [first_lever(coalition.charter.ballot) for coalition in model.coalitions]
        model.produced[grid] = tuple(_of_lever(model, lever, grid) for lever in levers)
    return model.produced[grid]


def in_press(model: "CoalitionModel", grid: Grid) -> tuple[Production, ...]:
    """What people who go by what was published take these functions to be: its curve at the same shares of people."""
    study, found = model.world.users.awareness.study, []
    for coalition, function in zip(model.coalitions, produced(model, grid), strict=True):
        lever = first_lever(coalition.charter.ballot)
        power = np.array([in_print(lever, share, study) for share in grid])
        found.append(Production.fitted(_given(model, grid, lever), power, function.effort))
    return tuple(found)


def first_lever(ballot: tuple[Lever, ...]) -> Lever:
    """The first option that is not doing nothing, if there is one."""
    return next((option for option in ballot if not isinstance(option, Nothing)), ballot[0])


def _of_lever(model: "CoalitionModel", lever: Lever, grid: Grid) -> Production:
    markets = [after(model, model.start, lever, np.sort(group)) for group in _groups(model, grid)]
    cases = outcomes(model, model.start, *markets)
    model.experience.retrain(*(market for _, case in cases for market in case))
    closed = [(p, np.array([_gap_closed(model, lever, now, then) for then in case])) for p, (now, *case) in cases]
    power = expected(closed)
    return Production.fitted(_given(model, grid, lever), power, efforts_of(model, lever))


def _groups(model: "CoalitionModel", grid: Grid) -> list[NDArray[np.intp]]:
    """The people of each share of those with data, in one order drawn once."""
    contributors = model.population.contributors
    order = np.argsort(model.streams.uniforms("production", n=contributors), kind="stable")
    return [order[: round(share * contributors)] for share in grid]


def _given(model: "CoalitionModel", grid: Grid, lever: Lever) -> Floats:
    """Their shares of all training records of the target's task, (grid,)."""
    records = model.records(lever.target)[: model.population.contributors] if lever.target else model.population.records
    return np.asarray([records[group].sum() / max(records.sum(), 1) for group in _groups(model, grid)], dtype=float)


def _gap_closed(model: "CoalitionModel", lever: Lever, now: Market, then: Market) -> float:
    if not lever.target:
        return 0.0
    target, rival = (
        (scores(model, then, name), scores(model, now, name)) if name else None for name in (lever.target, lever.rival)
    )
    assert target is not None
    return campaign_effect(model.line(lever.target).scale(), target, rival).gap_closed.mean
