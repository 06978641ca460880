"""Noise is not inequality: intervals for the inequality of the true values, given noisy estimates of them.

Estimated values are more spread out than true ones, so every measure of inequality of estimates is too high, and
adding more noise to them (a parametric bootstrap) counts noise twice. Here the unobserved true values are drawn
given the estimates, then paid out, then measured:

    estimate_i = true_i + error_i, errors normal with the covariance that `Values` knows
    true_i = mu + tau z_i, z from one of eleven shapes of mean 0 and sd 1; mu and tau flat, tau from 0 to 4 sd

so draws are shrunk by reliability, and centre, spread and shape of the true values are uncertain too. The shape
matters most. With normal true values alone, 95 % intervals of the Gini after shift covered exponential and lognormal
(sigma 1) truths 0 to 3 times in 100 (n = 40); averaged over shapes (`shapes`), intervals are wide where noise hides
the shape, as they should be. Cover and the corners where it falls below 90 %: see `draws`. Sizes: n people, D draws.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..ml_tasks.settings import InputError
from .inequality import gini
from .joint import chains, covariance
from .posterior import spread_given, values_given
from .shapes import PARTS
from .values import FloatArray, Values, finite_array

Payouts = Callable[[FloatArray], FloatArray]
"""From values (n,) to payouts (n,): a dividend with its pot, `lambda x: dividend(x, pot)`."""
Measure = Callable[[FloatArray], float]
LEVEL = 0.98
"""The share of the draws that an interval holds: with .95, more cases were covered less than 9 times in 10."""
SAME = 1e-12
"""Measures that differ by no more differ by rounding."""
CHUNK = 4_000_000
"""Numbers in a temporary array of draws."""


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
    the others'. Independent errors: exact, on a grid of mu and tau for each shape. Correlated: SWEEPS sweeps of
    n_draws Gibbs chains that start near there. Memory and time grow with n x n_draws.

    Cover in simulations (benchmarks/noise_cover.py: eight truths, noise .3, 1 and 2 times their spread, Gini after
    shift, absolute and clip): 98 % of the draws held the truth in .93 to 1 of cases for n = 12, and in .91 to 1 for
    n = 40 but for two equal clumps after absolute (.79, noise .3). 95 % held it in as few as .84 where the truth was
    one of the shapes (exponential, noise 1, absolute). The shapes are few, and a truth between them is covered the
    worse the more people and the less noise show that it is none of them. With n = 200 six truths were held in .88 to
    1 of cases. Lognormal ones of sigma .5 with noise .3 were in .25 after shift and .75 to .88 after absolute, two
    equal clumps in .25 to .95 with noise .3 and .80 to .93 with noise 1.
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
    own, noise = (y, se**2) if joint is None else joint.apart(y)
    spread = spread_given(own, noise, top, n_draws, rng)
    found, chunk = [], max(1, CHUNK // (n * PARTS))
    for start in range(0, n_draws, chunk):
        some = spread.rows(slice(start, start + chunk))
        theta = values_given(own, noise, some, rng)
        found.append(theta if joint is None else chains(y, joint, some, theta, top, rng))
    return centre + unit * np.concatenate(found)


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
    n people, it is about .4 (2/n)^(1/4) of the raw Gini rather than 0, as no data can tell a spread of that size from
    none.
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
