"""Noise is not inequality: intervals for the inequality of the true values, given noisy estimates of them.

Estimated values are more spread out than true ones, so every measure of inequality of estimates is too high, and
adding more noise to them (a parametric bootstrap) counts noise twice. Here the unobserved true values are drawn
given the estimates, then paid out, then measured:

    estimate_i = true_i + error_i, errors normal with the covariance that `Values` knows
    true_i from a mixture of narrow normals, its weights unknown (`mixture`)

so draws are shrunk by reliability, and how the true values are spread is uncertain too. That matters most. With normal
true values, 95 % intervals of the Gini after shift covered exponential and lognormal (sigma 1) truths 0 to 3 times in
100 (n = 40); averaged over eleven shapes, they covered all that were among the shapes, but a lognormal of sigma .5 one
time in four or less (n = 200, noise .3). Now the shapes are where a few people start from, and many people decide.
A quarter of the draws is still by the shapes alone, as the mixture misjudges the lowest values under much noise.
Correlated errors are no other model, but need other chains (`joint_mixture`). Cover: see `draws`. Sizes: n people, D
draws.
"""

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..ml_tasks.settings import InputError
from .covariance import covariance
from .inequality import gini
from .joint_mixture import correlated_draws
from .mixture import independent_draws
from .values import FloatArray, Values, finite_array

Payouts = Callable[[FloatArray], FloatArray]
"""From values (n,) to payouts (n,): a dividend with its pot, `lambda x: dividend(x, pot)`."""
Measure = Callable[[FloatArray], float]
LEVEL = 0.95
"""The share of the draws that an interval holds."""
SAME = 1e-12
"""Measures that differ by no more differ by rounding."""


@dataclass(frozen=True)
class Interval:
    """Equal-tailed: `low` to `high` hold `level` of the draws; `median` is the middle one."""

    low: float
    median: float
    high: float
    level: float = LEVEL


@dataclass(frozen=True)
class Difference:
    """Design A minus design B on the same draws. Only where the interval excludes 0 are the two ranked."""

    interval: Interval

    @property
    def ranked(self) -> bool:
        return self.interval.low > SAME or self.interval.high < -SAME


@dataclass(frozen=True)
class Corrected:
    """The inequality of payouts from the estimates (`raw`) beside that of the true values (`corrected`)."""

    raw: float
    corrected: float
    """The median of the measure over draws of the true values."""
    interval: Interval
    reliability: float


def reliability(values: Values) -> float:
    """The share of the variance of the estimates that is not noise, 1 - mean(stderr^2) / variance (ddof 1).

    0 where noise alone would spread them as far or further, 1 where nothing was drawn. nan for fewer than two people,
    who have no spread. Raises InputError where no standard error is known.
    """
    y, se = _estimates(values)
    if y.size < 2:
        return math.nan
    unit = max(float(np.abs(y).max()), float(se.max())) or 1.0
    noise, variance = float(((se / unit) ** 2).mean()), float((y / unit).var(ddof=1))
    return 1.0 if noise == 0 else max(0.0, 1 - noise / variance) if variance > 0 else 0.0


def draws(values: Values, rng: np.random.Generator, n_draws: int = 1000) -> FloatArray:
    """True values given the estimates, (n_draws, n), by the model of this module; where nothing was drawn, the values.

    Errors: independent if `values.errors` is left out; else their covariance is errors.T @ errors. If that was itself
    estimated (finite `df`), its correlations are shrunk towards 0 [Schaefer & Strimmer 2005], since a few draws make
    rank too low and so claim directions without any error. A person whose stderr is nan gets the root mean square of
    the others'. Three quarters of the draws are from Gibbs chains with no shape assumed, the rest by one of the shapes
    each: `mixture` for independent errors, `joint_mixture` and `joint` for correlated ones, whose chains take many
    sweeps to a draw. Memory and time grow with n x n_draws.

    Cover in simulations (benchmarks/noise_cover.py: eight truths, noise .3, 1 and 2 times their spread, independent
    errors, Gini after shift, absolute and clip; 16 to 20 trials a cell): 95 % of the draws held the truth in .97 of
    cases on average for n = 12 and 40 and .98 for n = 200, and in .80 or more in every cell, which so few trials cannot
    tell from .95; lowest for n = 200 were skewed truths after shift where noise is twice the spread.
    Four of these truths with correlated errors, half of whose variance three factors explain, 20 trials a cell: .97 on
    average for n = 12 and 40, and .80 or more in every cell; so too in the 7 of 12 cases of n = 200 that were run
    (.97 on average).
    Where a few factors are all the error there is, chains hardly leave what the shapes find, and cover is lower (.75 in
    one cell).
    If all true values are the same, shift has no Gini near 0 to find: it pays by rank whatever the spread.
    """
    if n_draws < 1:
        raise InputError("n_draws", n_draws, "at least 1")
    y, se = _estimates(values)
    n = y.size
    if n == 0 or not se.any():
        return np.tile(y, (n_draws, 1))
    size = max(float(np.abs(y).max()), float(se.max()))  # squares of huge and tiny numbers would be lost
    centre = float(np.median(y / size)) * size
    unit = max(float((y / size).std(ddof=1)) if n > 1 else 0.0, float(se.max()) / size) * size
    y, se = (y - centre) / unit, se / unit
    top = 4 * float(y.std(ddof=1)) + 1e-6 if n > 1 else 4.0
    joint = covariance(values, se, unit)
    if joint is None:
        return centre + unit * independent_draws(y, se**2, top, n_draws, rng)
    return centre + unit * correlated_draws(y, joint, top, n_draws, rng)


_drawn_last: OrderedDict[str, FloatArray] = OrderedDict()
_KEPT = 16


def same_draws(values: Values, n_draws: int) -> FloatArray:
    """As `draws`, by a generator that the values themselves seed: the same values are drawn the same, whenever they
    are. Read-only; what this process drew last is kept."""
    parts = (values.worth, values.stderr, values.df, values.errors)
    digest = hashlib.blake2b(repr((n_draws, values.players)).encode(), digest_size=16)
    for part in parts:
        digest.update(b"none" if part is None else np.ascontiguousarray(part).tobytes())
    name = digest.hexdigest()
    if name not in _drawn_last:
        found = draws(values, np.random.default_rng(int(name, 16)), n_draws)
        found.setflags(write=False)
        _drawn_last[name] = found
    _drawn_last.move_to_end(name)
    while len(_drawn_last) > _KEPT:
        _drawn_last.popitem(last=False)
    return _drawn_last[name]


def over_draws(theta: FloatArray, payouts: Payouts, measure: Measure = gini) -> FloatArray:
    """The measure of what each draw is paid, (D,). theta: (D, n), from `draws`."""
    found = np.array([measure(payouts(row)) for row in _drawn(theta)])
    if not np.isfinite(found).all():
        raise InputError("measure", f"{found[~np.isfinite(found)][0]} for a draw", "a finite number for every draw")
    return found


def interval(theta: FloatArray, payouts: Payouts, measure: Measure = gini, level: float = LEVEL) -> Interval:
    """The equal-tailed interval of the measure of payouts over the draws."""
    return _interval(over_draws(theta, payouts, measure), level)


def paired_difference(
    theta: FloatArray, design_a: Payouts, design_b: Payouts, measure: Measure = gini, level: float = LEVEL
) -> Difference:
    """Measure of design A less that of design B, draw by draw, so that what both share cancels."""
    return Difference(_interval(over_draws(theta, design_a, measure) - over_draws(theta, design_b, measure), level))


def noise_corrected(
    values: Values, theta: FloatArray, payouts: Payouts, measure: Measure = gini, level: float = LEVEL
) -> Corrected:
    """Raw and noise-corrected inequality side by side. theta: draws of these values.

    The corrected one is the posterior median. Its error is in the interval: with everybody's true value the same and
    n people, it is about .5 to .75 (2/n)^(1/4) of the raw Gini rather than 0, as no data
    can tell a spread of that size from none.
    """
    found = interval(theta, payouts, measure, level)
    return Corrected(float(measure(payouts(finite_array(values)))), found.median, found, reliability(values))


def _interval(sample: FloatArray, level: float) -> Interval:
    if not 0 < level < 1:
        raise InputError("level", level, "a number between 0 and 1")
    low, median, high = np.quantile(sample, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return Interval(float(low), float(median), float(high), level)


def _drawn(theta: FloatArray) -> FloatArray:
    rows = np.asarray(theta, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[0] == 0:
        raise InputError("theta", f"shape {rows.shape}", "draws of shape (draws, people), at least one draw")
    return rows


def _estimates(values: Values) -> tuple[FloatArray, FloatArray]:
    """Estimates and standard errors, the unknown ones filled in by the root mean square of the known."""
    if not isinstance(values, Values):
        raise InputError("values", f"a {type(values).__name__}", "a Values, which has standard errors")
    y, se = finite_array(values), np.array(values.stderr)
    known = ~np.isnan(se)
    if se.size and not known.any():
        raise InputError(
            "stderr", "nan for everybody, so the noise is not known", "two training seeds or draws at least"
        )
    if (se[known] < 0).any() or np.isinf(se[known]).any():
        raise InputError("stderr", f"{se[known].min():g} to {se[known].max():g}", "finite numbers of 0 or more")
    largest = float(se[known].max(initial=0.0)) or 1.0
    usual = largest * math.sqrt(float(((se[known] / largest) ** 2).mean())) if se.size else 0.0
    return y, np.where(known, se, usual)
