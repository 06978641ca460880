"""Noise is not inequality: intervals for the inequality of the true values, given noisy estimates of them.

Estimated values are more spread out than true ones, so every measure of inequality of estimates is too high, and
adding more noise to them (a parametric bootstrap) counts noise twice. Here the unobserved true values are drawn
given the estimates, then paid out, then measured:

    estimate_i = true_i + error_i, errors normal with the covariance that `Values` knows
    true_i = mu + tau z_i, z from one of eleven shapes of mean 0 and sd 1; mu and tau flat, tau from 0 to 4 sd

so draws are shrunk by reliability, and centre, spread and shape of the true values are uncertain too. The shape
matters most. With normal true values alone, 95 % intervals of the Gini after shift covered exponential and lognormal
(sigma 1) truths 0 to 3 times in 100 (n = 40); averaged over shapes (normal, uniform, Laplace, exponential and two
lognormals to either side, two clumps of .3 and .7), intervals are wide where noise hides the shape, as they should be.
Cover and the corners where it falls below 90 %: see `draws`. Sizes: n people, D draws.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import InputError
from .inequality import gini
from .values import FloatArray, Values, finite_array

Payouts = Callable[[FloatArray], FloatArray]
"""From values (n,) to payouts (n,): a dividend with its pot, `lambda x: dividend(x, pot)`."""
Measure = Callable[[FloatArray], float]
Shapes = NDArray[np.int64]
"""The number of each draw's shape, (D,)."""
SAME = 1e-12
"""Measures that differ by no more differ by rounding."""
TAILS = (0.0, 0.03, 0.1, 0.25, 0.45, 0.65, 0.82, 0.94, 0.985, 1.0)
"""Parts of a long-tailed distribution, the tail last, each of which one normal component stands for."""
EDGES = (0.0, 0.03, 0.12, 0.3, 0.45, 0.55, 0.7, 0.88, 0.97, 1.0)
"""The same for one that ends abruptly on both sides: narrow there, as shift looks at the lowest person."""
PARTS, GRID, ROUNDS, SWEEPS = len(TAILS) - 1, 14, 25, 30
DROP, ENOUGH = 9.0, 0.3
"""A cell matters if its log probability is within DROP of the best one's; the share of cells that must."""
FEW, HOPELESS = 500, 40.0
"""People who do for a first, rough look at mu and tau; how far in log probability a shape may then be behind."""
LARGEST_DENSE = 2000
"""People up to whom a shrunken covariance is decomposed; beyond, errors estimated from draws count as independent."""
CHUNK, CACHED = 4_000_000, 40_000
"""Numbers in a temporary array: of all draws, and where a whole grid is worked through."""


@dataclass(frozen=True)
class Interval:
    """Equal-tailed: `low` to `high` hold `level` of the draws; `median` is the middle one."""

    low: float
    median: float
    high: float
    level: float = 0.95


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

    Cover of 95 % intervals of the Gini after shift, clip and absolute in simulations, with noise .3, 1 and 2 times the
    spread of the truth and normal, uniform, lognormal (sigma 1) and exponential (less .3) truths, 300 each for n = 12
    and 40, 100 for n = 200: .90 to 1, but for exponential truths with noise 1 or 2 after absolute (.84, .88, .82 at the
    three n) and after clip (.88 at n = 40 and noise 1, .87 at n = 200 and noise 2), and .89 for lognormal ones after
    absolute (n = 12, noise 1). With noise 1 and errors of rank 3, half in common or adding up to 0: .90 to 1 of 150.
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
    spread = float((y / size).std(ddof=1)) if n > 1 else 0.0
    unit = max(spread, float(se.max()) / size) * size
    y, se = (y - centre) / unit, se / unit
    top = 4 * float(y.std(ddof=1)) + 1e-6 if n > 1 else 4.0
    eigen = _covariance(values, se, unit)
    chunk = max(1, CHUNK // (n * PARTS))
    own, noise = (y, se**2) if eigen is None else eigen.apart(y)
    state = _spread(own, noise, top, n_draws, rng)
    found = []
    for start in range(0, n_draws, chunk):
        at = slice(start, start + chunk)
        shape, mu, tau = state[0][at], state[1][at], state[2][at]
        theta = _given_spread(own, noise, shape, mu, tau, rng)
        found.append(theta if eigen is None else _correlated(y, eigen, shape, mu, tau, theta, top, rng))
    return centre + unit * np.concatenate(found)


def over_draws(theta: FloatArray, payouts: Payouts, measure: Measure = gini) -> FloatArray:
    """The measure of what each draw is paid, (D,). theta: (D, n), from `draws`."""
    found = np.array([measure(payouts(row)) for row in _drawn(theta)])
    if not np.isfinite(found).all():
        raise InputError("measure", f"{found[~np.isfinite(found)][0]} for a draw", "a finite number for every draw")
    return found


def interval(theta: FloatArray, payouts: Payouts, measure: Measure = gini, level: float = 0.95) -> Interval:
    """The equal-tailed interval of the measure of payouts over the draws."""
    return _interval(over_draws(theta, payouts, measure), level)


def paired_difference(
    theta: FloatArray, design_a: Payouts, design_b: Payouts, measure: Measure = gini, level: float = 0.95
) -> Difference:
    """Measure of design A less that of design B, draw by draw, so that what both share cancels."""
    return Difference(_interval(over_draws(theta, design_a, measure) - over_draws(theta, design_b, measure), level))


def noise_corrected(
    values: Values, theta: FloatArray, payouts: Payouts, measure: Measure = gini, level: float = 0.95
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


@lru_cache(maxsize=1)
def _shapes() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weights, means and variances of the normal components of each shape, (shapes, PARTS), mean 0 and variance 1.

    A component stands for a part of the distribution, with its mean and three times its variance: wide enough to leave
    no gap between neighbours.
    """
    from scipy.special import ndtri  # here, so that the command line need not load it

    u = (np.arange(8000) + 0.5) / 8000
    waiting, ends = -np.log1p(-u), np.array(TAILS)
    found = [
        (np.full(PARTS, 1 / PARTS), np.zeros(PARTS), np.ones(PARTS)),  # normal
        _parts(u, np.array(EDGES)),  # uniform
        _scales(waiting, ends),  # Laplace: normals whose variances are exponential
    ]
    for x in (waiting, np.exp(ndtri(u)), np.exp(1.6 * ndtri(u))):
        weight, mean, variance = _parts(x, ends)
        found += [(weight, mean, variance), (weight, -mean, variance)]
    few = 3  # of the components stand for the smaller clump, .3 of people
    share = np.repeat([0.3 / few, 0.7 / (PARTS - few)], [few, PARTS - few])
    place = math.sqrt(0.9) * np.repeat([-math.sqrt(0.7 / 0.3), math.sqrt(0.3 / 0.7)], [few, PARTS - few])
    found += [(share, place, np.full(PARTS, 0.1)), (share, -place, np.full(PARTS, 0.1))]
    weights, means, variances = (np.array(part) for part in zip(*found, strict=True))
    return weights, means, variances


def _parts(x: FloatArray, ends: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Components for the parts of a distribution of ascending quantiles x, cut at the probabilities `ends`."""
    parts = np.split(x, np.round(ends[1:-1] * x.size).astype(int))
    weight = np.diff(ends)
    mean, variance = np.array([part.mean() for part in parts]), 3 * np.array([part.var() for part in parts])
    mean -= weight @ mean
    size = float(weight @ (variance + mean**2))
    return weight, mean / math.sqrt(size), variance / size


def _scales(x: FloatArray, ends: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Components of mean 0 whose variances are the means of the parts of x."""
    variance = np.array([part.mean() for part in np.split(x, np.round(ends[1:-1] * x.size).astype(int))])
    weight = np.diff(ends)
    return weight, np.zeros(weight.size), variance / (weight @ variance)


Spread = tuple[Shapes, FloatArray, FloatArray]
"""Of each draw: number of the shape, mu, tau."""


@dataclass(frozen=True, eq=False)
class _Cells:
    """mu, tau and log probability of GRID x GRID cells; their size in mu - slant x tau and in tau."""

    mu: FloatArray
    tau: FloatArray
    density: FloatArray
    step: FloatArray
    slant: float


def _spread(y: FloatArray, noise: FloatArray, top: float, n_draws: int, rng: np.random.Generator) -> Spread:
    """Draws of shape, mu and tau given estimates with independent errors of variance `noise`.

    Of many people, a few say roughly where, and which shapes are out of the question; all of them say the rest.
    """
    few = slice(None, None, max(1, y.size // FEW))
    cells = {shape: _zoom(y[few], noise[few], top, shape) for shape in range(len(_shapes()[0]))}
    if y.size >= 2 * FEW:
        best = max(cell.density.max() for cell in cells.values())
        likely = [shape for shape, cell in cells.items() if cell.density.max() > best - HOPELESS]
        cells = {shape: _zoom(y, noise, top, shape, cells[shape]) for shape in likely}
    return _picked(cells, n_draws, rng)


def _picked(cells: dict[int, _Cells], n_draws: int, rng: np.random.Generator) -> Spread:
    """Draws from the cells of each shape, anywhere within a cell."""
    found = list(cells.values())
    density = np.concatenate([cell.density for cell in found])
    share = np.exp(density - density.max())
    pick = rng.choice(share.size, n_draws, p=share / share.sum())
    which = pick // GRID**2
    jitter = rng.uniform(-0.5, 0.5, (n_draws, 2)) * np.array([cell.step for cell in found])[which]
    mu, tau = (np.concatenate([getattr(cell, name) for cell in found])[pick] for name in ("mu", "tau"))
    slant = np.array([cell.slant for cell in found])[which]
    return np.array(list(cells))[which], mu + jitter[:, 0] + slant * jitter[:, 1], tau + jitter[:, 1]


def _zoom(y: FloatArray, noise: FloatArray, top: float, shape: int, wide: _Cells | None = None) -> _Cells:
    """The grid that holds the posterior of mu and tau for one shape, found by looking closer round by round.

    Cells that are coarse beside the posterior say little about what lies between their middles, so at least the best
    ENOUGH of them stay in view: only once that many are within DROP of the best is the grid as fine as it must be.
    """
    if wide is None:
        low, high, slant = np.array([y.mean() - top, 0.0]), np.array([y.mean() + top, top]), 0.0
    else:  # where some of these people say that it is
        half, slant = wide.step / 2, wide.slant
        place = wide.mu - slant * wide.tau
        low = np.array([place.min(), wide.tau.min()]) - half
        high = np.array([place.max(), wide.tau.max()]) + half
    for _ in range(ROUNDS):
        step, used = (high - low) / GRID, slant
        place, tau = (low[i] + (np.arange(GRID) + 0.5) * step[i] for i in (0, 1))
        place, tau = np.repeat(place, GRID), np.tile(tau, GRID)
        mu = place + used * tau
        density = _log_likelihood(y, noise, mu, tau, shape)
        below = density.max() - density
        drop = max(DROP, float(np.sort(below)[int(ENOUGH * below.size)]))
        if drop == DROP:
            break
        kept = below <= drop
        slant = _slope(mu, tau, np.exp(-below * (DROP / drop)))
        place = (mu - slant * tau)[kept]
        margin = np.array([step[0] + abs(slant - used) * step[1], step[1]])
        low = np.maximum(np.array([place.min(), tau[kept].min()]) - margin, [-np.inf, 0.0])
        high = np.minimum(np.array([place.max(), tau[kept].max()]) + margin, [np.inf, top])
    return _Cells(mu, tau, density + math.log(step.prod()), step, used)


def _slope(mu: FloatArray, tau: FloatArray, share: FloatArray) -> float:
    """Of mu on tau: of a skewed shape, the higher tau, the further mu is from the bulk of people."""
    share = share / share.sum()
    away = tau - share @ tau
    return float(share @ (away * mu) / (share @ away**2))


def _log_likelihood(y: FloatArray, noise: FloatArray, mu: FloatArray, tau: FloatArray, shape: int) -> FloatArray:
    """Of each pair of mu and tau, but for a constant."""
    weight, mean, variance = (part[shape] for part in _shapes())
    found = np.empty(mu.size)
    chunk = max(1, CACHED // (y.size * PARTS))
    noise, y = noise[:, None], y[:, None]
    for start in range(0, mu.size, chunk):
        at = slice(start, start + chunk)
        scale = tau[at, None, None]
        total = scale**2 * variance + noise
        away = y - (mu[at, None, None] + scale * mean)
        away *= away
        away /= total
        away *= -0.5
        np.exp(away, out=away)
        away /= np.sqrt(total, out=total)
        found[at] = np.log(np.maximum(away @ weight, 1e-300)).sum(axis=1)
    return found


def _labels(
    x: FloatArray,
    noise: FloatArray,
    shape: NDArray[np.int64],
    mu: FloatArray,
    tau: FloatArray,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """For x, (n,) or (D, n), drawn components of each: their means and variances in units of tau, (D, n)."""
    weight, mean, variance = (part[shape][:, None, :] for part in _shapes())
    total = tau[:, None, None] ** 2 * variance + noise[:, None]
    away = np.atleast_2d(x)[:, :, None] - mu[:, None, None] - tau[:, None, None] * mean
    chance = np.log(weight) - 0.5 * (np.log(total) + away**2 / total)
    running = np.cumsum(np.exp(chance - chance.max(axis=2, keepdims=True)), axis=2)
    chosen = (running < running[:, :, -1:] * rng.random((*running.shape[:2], 1))).sum(axis=2)
    rows = np.arange(shape.size)[:, None]
    return mean[rows, 0, chosen], variance[rows, 0, chosen]


def _given_spread(
    y: FloatArray,
    noise: FloatArray,
    shape: NDArray[np.int64],
    mu: FloatArray,
    tau: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    """True values, (D, n), given estimates with independent errors and each draw's shape, mu and tau."""
    mean, variance = _labels(y, noise, shape, mu, tau, rng)
    mean, variance = mu[:, None] + tau[:, None] * mean, tau[:, None] ** 2 * variance
    gain = variance / (variance + noise)
    return mean + gain * (y - mean) + np.sqrt(gain * noise) * rng.standard_normal(mean.shape)


@dataclass(frozen=True, eq=False)
class _Eigen:
    """The covariance of errors: directions (n, r) with variances (r,), and a floor for all other directions.

    The floor is a thousandth of the mean variance: errors of 3 % of the usual size where none are known.
    """

    directions: FloatArray
    variances: FloatArray
    floor: float

    def scaled(self, x: FloatArray, rest: FloatArray, within: FloatArray) -> FloatArray:
        """Rows of x, (D, n), times `within` (D, r) along the directions and `rest` (D, 1) along all others."""
        return rest * x + ((x @ self.directions) * (within - rest)) @ self.directions.T

    def apart(self, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """About where the chains start: estimates less what errors have in common, and the variance of what is left.

        All directions share a tenth-smallest variance, so that much is everybody's own; the rest is estimated as if
        true values were normal.
        """
        n, found = self.directions.shape
        own = float(np.quantile(np.concatenate([self.variances, np.full(n - found, self.floor)]), 0.1))
        rest = np.maximum(self.variances - own, 0.0)
        along = self.directions.sum(axis=0)
        noise = (self.variances.sum() + (n - found) * self.floor - self.variances @ along**2 / n) / max(n - 1, 1)
        variance = float(y.var(ddof=1)) if n > 1 else 0.0
        total = self.variances + max(variance - float(noise), 0.1 * variance, self.floor)
        common = self.directions @ (rest / total * ((y - y.mean()) @ self.directions))
        return y - common, own + self.directions**2 @ (rest - rest**2 / total)

    def over(self, a: FloatArray, b: FloatArray) -> FloatArray:
        """a' covariance^-1 b of rows."""
        within = (a @ self.directions) * (b @ self.directions)
        found: FloatArray = within @ (1 / self.variances - 1 / self.floor) + (a * b).sum(axis=1) / self.floor
        return found


def _covariance(values: Values, se: FloatArray, unit: float) -> _Eigen | None:
    """The joint covariance of errors in units of `unit`, or None where they count as independent."""
    if values.errors is None:
        return None
    factor = finite_factor(values.errors, se.size) / unit
    size = np.sqrt((factor**2).sum(axis=0))
    unitless = factor / np.where(size > 0, size, 1.0)
    gram = unitless @ unitless.T if factor.shape[0] < se.size else unitless.T @ unitless
    related = float((gram**2).sum()) - float((size > 0).sum())
    pairs = se.size * (se.size - 1)
    if related <= 1e-9 * pairs:
        return None
    finite = np.asarray(values.df)[np.isfinite(np.asarray(values.df))]
    kept = 1.0 if finite.size == 0 else max(0.0, 1 - pairs / max(float(finite.min()), 1.0) / related)
    if kept == 1.0:
        _, root, directions = np.linalg.svd(factor, full_matrices=False)
        variances, directions = root**2, directions.T
    elif kept < 0.05 or se.size > LARGEST_DENSE:
        return None
    else:
        variances, directions = np.linalg.eigh(np.diag(se**2 - kept * size**2) + kept * factor.T @ factor)
    floor = 1e-3 * float((se**2).mean())
    return _Eigen(directions, np.maximum(variances, floor), floor)


def finite_factor(errors: FloatArray, n: int) -> FloatArray:
    """An error factor, (k, n), or InputError."""
    factor = np.asarray(errors, dtype=np.float64)
    if factor.ndim != 2 or factor.shape[1] != n or not np.isfinite(factor).all():
        raise InputError("errors", f"shape {factor.shape}", f"finite numbers of shape (any, {n})")
    return factor


def _correlated(
    y: FloatArray, eigen: _Eigen, shape: Shapes, mu: FloatArray, tau: FloatArray, theta: FloatArray,
    top: float, rng: np.random.Generator,
) -> FloatArray:  # fmt: skip
    """True values given estimates with correlated errors: Gibbs chains that start from independent ones."""
    none = np.zeros(y.size)
    smallest = _shapes()[2].min(axis=1)
    for sweep in range(SWEEPS):
        if sweep % 4 == 0:
            shape = _reshaped(theta, mu, tau, rng)
        theta = _moved(y, eigen, theta, shape, mu, tau, rng)
        mean, variance = _labels(theta, none, shape, mu, tau, rng)
        mu, tau = _centred(theta, mean, variance, mu, top, rng)
        mu, tau, theta = _uncentred(y, eigen, theta, mu, tau, top, rng)
        # theta = a + b, b of the same variance for all, so that one decomposition serves every chain
        own = (tau**2 * smallest[shape])[:, None]
        spare = tau[:, None] ** 2 * variance - own
        gain = np.maximum(spare, 0.0) / (spare + own)
        mean = mu[:, None] + tau[:, None] * mean
        a = mean + gain * (theta - mean) + np.sqrt(gain * own) * rng.standard_normal(theta.shape)
        rest, within = own / (own + eigen.floor), own / (own + eigen.variances)
        fitted = eigen.scaled(y - a, rest, within)
        free = eigen.scaled(
            rng.standard_normal(theta.shape), np.sqrt(rest * eigen.floor), np.sqrt(within * eigen.variances)
        )
        theta = a + fitted + free
    return theta


def _moved(
    y: FloatArray, eigen: _Eigen, theta: FloatArray, shape: Shapes, mu: FloatArray, tau: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:  # fmt: skip
    """One Metropolis step along up to three directions of error each, components left open.

    Given components, some of which are narrow, what errors have in common could hardly move.
    """
    few = min(3, eigen.variances.size)
    along = rng.integers(eigen.variances.size, size=(mu.size, few))
    size = 1 / np.sqrt(1 / eigen.variances[along] + 1 / tau[:, None] ** 2) * 10 ** rng.uniform(-1.5, 0.3, (mu.size, 1))
    step = size * rng.standard_normal(size.shape)
    new = theta + np.einsum("nck,ck->cn", eigen.directions[:, along], step)
    gain = _log_density(new, shape, mu, tau) - _log_density(theta, shape, mu, tau)
    gain -= 0.5 * (eigen.over(y - new, y - new) - eigen.over(y - theta, y - theta))
    return np.where((np.log(rng.random(mu.size)) < gain)[:, None], new, theta)


def _log_density(theta: FloatArray, shape: Shapes, mu: FloatArray, tau: FloatArray) -> FloatArray:
    """Of each row of true values, (D,), but for a constant and for a function of tau."""
    weight, mean, variance = (part[shape][:, None, :] for part in _shapes())
    away = ((theta - mu[:, None]) / tau[:, None])[:, :, None] - mean
    density = (weight / np.sqrt(variance) * np.exp(-0.5 * away**2 / variance)).sum(axis=2)
    found: FloatArray = np.log(np.maximum(density, 1e-300)).sum(axis=1)
    return found


def _reshaped(theta: FloatArray, mu: FloatArray, tau: FloatArray, rng: np.random.Generator) -> Shapes:
    """A shape for each chain given its true values, mu and tau."""
    every = range(len(_shapes()[0]))
    fit = np.array([_log_density(theta, np.full(mu.size, shape), mu, tau) for shape in every])
    chosen: Shapes = (fit + rng.gumbel(size=fit.shape)).argmax(axis=0)
    return chosen


def _centred(
    theta: FloatArray, mean: FloatArray, variance: FloatArray, mu: FloatArray, top: float, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """tau, then mu, given the true values and their components; tau from a grid around its mode."""
    n = theta.shape[1]
    away = theta - mu[:, None]
    square, cross = (away**2 / variance).sum(axis=1), (away * mean / variance).sum(axis=1)
    mode = np.minimum((np.sqrt(cross**2 + 4 * n * square) - cross) / (2 * n), top)
    offset = np.linspace(-6, 6, 61) / math.sqrt(n)
    grid = mode[:, None] * np.exp(offset)
    log = (1 - n) * np.log(grid) - 0.5 * square[:, None] / grid**2 + cross[:, None] / grid
    log = np.where(grid <= top, log, -np.inf) + rng.gumbel(size=grid.shape)
    tau = grid[np.arange(mu.size), log.argmax(axis=1)] * np.exp(
        rng.uniform(-0.5, 0.5, mu.size) * (offset[1] - offset[0])
    )
    tau = np.minimum(tau, top)
    precision = (1 / variance).sum(axis=1)
    middle = ((theta - tau[:, None] * mean) / variance).sum(axis=1) / precision
    return middle + tau / np.sqrt(precision) * rng.standard_normal(mu.size), tau


def _uncentred(
    y: FloatArray,
    eigen: _Eigen,
    theta: FloatArray,
    mu: FloatArray,
    tau: FloatArray,
    top: float,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """mu and tau given the standardised true values, which move with them: mixes where noise is larger than tau."""
    z = (theta - mu[:, None]) / tau[:, None]
    one, rows = np.ones((1, y.size)), y[None, :]
    p11, p12, p22 = eigen.over(one, one), eigen.over(one, z), eigen.over(z, z)
    b1, b2 = eigen.over(one, rows), eigen.over(z, rows)
    det = np.maximum(p11 * p22 - p12**2, 1e-300)
    best = (p11 * b2 - p12 * b1) / det
    new = best + np.sqrt(p11 / det) * rng.standard_normal(mu.size)
    tau = np.where((new > 1e-9) & (new <= top), new, tau)  # a draw out of bounds is refused
    mu = (b1 - p12 * tau) / p11 + rng.standard_normal(mu.size) / np.sqrt(p11)
    return mu, tau, mu[:, None] + tau[:, None] * z
