"""Critical mass: how many committed people it takes before the others join [G78, OMT85].

A share c of the people is committed and acts whatever others do. Each other person joins once what the campaign moves
is worth more to them than what it costs them: at a total share r that is the share F(P(r)) of them, so the total goes

    r -> T(r) = c + (1 - c) F(P(r)),    from r = c,

until it rests. Wherever r rests, c = g(r) = (r - F) / (1 - F): g(r) is the committed share that it takes to stand at r.
Where g falls, no commitment holds r in place: it is an unstable fixed point, and a total that got there runs on. The
critical mass is the smallest c from which the total runs past every such place, to the upper fixed point: the highest g
that is followed by a lower one. Nothing is said beyond the largest measured share.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ..ml_tasks.settings import Checked, InputError, NonNegative, Positive
from .production import Interval, ProductionFunction, rising

Floats = NDArray[np.float64]
GRID = 1000
"""Steps of the range in which the total is looked for."""
_DRAWS = 1000


@dataclass(frozen=True)
class Willingness(Checked):
    """Who joins at a gain: those whose cost is below what it is worth to them, costs being normal, cut at 0."""

    effort: NonNegative
    """How hard the lever is to pull, in multiples of a person's own cost."""
    worth: Positive = 1.0
    """What a gain of 1 is worth to a person, in the unit of cost."""
    cost_mean: float = 1.0
    cost_sd: NonNegative = 0.3

    def __call__(self, gain: Floats) -> Floats:
        """Share of people who would join at a gain, 0 where nothing is gained and the lever costs something."""
        if self.effort == 0:
            return np.ones_like(gain)
        afford = self.worth * gain / self.effort
        if self.cost_sd == 0:
            return (afford >= max(self.cost_mean, 0.0)).astype(float)
        return np.where(afford > 0, ndtr((afford - self.cost_mean) / self.cost_sd), 0.0)


@dataclass(frozen=True)
class CriticalMass:
    """Where the total tips. Shares of the people."""

    committed: float
    """The critical mass; 0 if people join with nobody committed; inf if, within what was measured, nothing tips and
    nobody joins unless others keep coming."""
    tipping: float
    """The unstable fixed point at that commitment: the total at which it runs on; nan where nothing tips."""
    rest: float
    """Where the total then comes to rest (the upper fixed point), or, if nothing tips, with nobody committed."""
    beyond: bool
    """Whether it runs on to the end of what was measured, and rests no earlier."""


def critical_mass(total: Floats, joining: Floats) -> CriticalMass:
    """From the share of the others who would join (k,) at each total share (k,), which increases from 0.

    Raises InputError if the shapes differ or total does not increase from 0.
    """
    r, f = np.asarray(total, dtype=np.float64), np.asarray(joining, dtype=np.float64)
    if r.shape != f.shape or r.ndim != 1 or r.size < 2 or r[0] != 0 or np.any(np.diff(r) <= 0):
        raise InputError("total", f"shape {r.shape}", "shares that increase from 0, as many as joining")
    g = held(r, f)
    committed = float(_committed(g[None])[0])
    if committed == math.inf:
        return CriticalMass(math.inf, math.nan, 0.0, False)
    if committed == 0:
        # With nobody committed nobody need act; the first person sets it off.
        return CriticalMass(0.0, math.nan, *_rest(r, g, 0.0, 1))
    place = int(np.flatnonzero(_barred(g[None])[0] & (g == committed))[-1])
    return CriticalMass(committed, float(r[place]), *_rest(r, g, committed, place + 1))


def _barred(g: Floats) -> NDArray[np.bool_]:
    """Places that a total cannot rest at, and that it takes committed people to pass; g is of shape (curves, k)."""
    later = np.minimum.accumulate(g[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((g > later + 1e-9) & (g > 0))


def _committed(g: Floats) -> Floats:
    """The critical mass for each row of g, shape (curves,): 0 where one person sets it off, inf where nothing tips."""
    barred = _barred(g)
    highest = np.where(barred, g, -np.inf).max(axis=1)
    return np.where(barred.any(axis=1), highest, np.where(g[:, 1] < 0, 0.0, np.inf))


def held(total: Floats, joining: Floats) -> Floats:
    """g: the committed share at which the total would rest at each place; -inf where all others join."""
    short = 1 - joining
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(short > 1e-12, (total - joining) / np.maximum(short, 1e-12), -np.inf)


def _rest(r: Floats, g: Floats, committed: float, start: int) -> tuple[float, bool]:
    """The first place from `start` on where the commitment is no longer enough to go on; whether there is none."""
    stops = np.flatnonzero(g[start:] >= committed)
    return (float(r[start + stops[0]]), False) if stops.size else (float(r[-1]), True)


def tipping_point(function: ProductionFunction, willing: Willingness) -> tuple[CriticalMass, Interval]:
    """The critical mass of a lever, and the committed share with its interval over resampled groups."""
    total = np.linspace(0.0, function.reach, GRID + 1)
    x = np.append(0.0, function.shares)
    # Curves are straight between the shares measured: each is a weighted sum of lines that are 1 at one of these.
    lines = np.stack([np.interp(total, x, corner) for corner in np.eye(x.size)[1:]])
    found = critical_mass(total, willing(rising(function.mean[None])[0] @ lines))
    draws = function.resampled[:_DRAWS]
    if not len(draws):
        return found, Interval(found.committed)
    committed = _committed(held(total, willing(rising(draws) @ lines)))
    low, high = np.quantile(committed, (0.025, 0.975), method="inverted_cdf")
    return found, Interval(found.committed, float(low), float(high))
