"""True values given estimates whose errors are correlated: Gibbs chains by the mixture of `mixture`.

    estimate_i = place_i + common_i, place_i = true_i + own_i, own errors independent
    common errors: normal, of any covariance; true_i = shift + a draw of the mixture

Each person's own error is about as large as the covariance of all errors allows. It is left out by summing, as in
`mixture`, so that kernels are found from places, which is where common errors leave people. A sweep of each chain:
places move along a few directions of common errors, with weights left open; kernels given places; weights given how
many people each kernel has; the shift and then places given kernels. The shift, of which nothing is assumed, moves all
kernels: else what all errors have in common would have to wait until the weights follow. Given kernels it hardly
changes, so it also changes by whole kernels under people who stay. Sizes: n people, D draws, C chains, K kernels, r
directions.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .covariance import Covariance
from .joint import shaped_draws
from .mixture import AT_ONCE, BASE, BY_SHAPES, CHAINS, KERNELS, START, STRENGTH, THIN, Kernels, base, laid
from .posterior import spread_given, values_given
from .shapes import Shapes
from .values import FloatArray

SWEEPS = 40
"""Before the first draw of a chain."""
MOVES, FEW, TURNS = 2, 3, (-2.0, 0.2)
"""Moves of places a sweep, directions that each is along, and the logs of the least and the most that they turn."""
SLIDE = 8
"""The most kernels by which the shift changes at once."""
FINE, PAD = 8, KERNELS
"""Places between two kernels, which is all that is told apart; kernels' distances beyond the outermost ones."""
EVEN = 0.02
"""Variances of people's places are equal if their logs in such units are, rounded."""
Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Places:
    """The model of where people are given the kernels that they are from, each in units of their own `size`."""

    kernels: Kernels
    size: FloatArray
    """The standard deviation of each person's place about the mean of their kernel, (n,)."""
    directions: FloatArray
    """Of common errors, (n, r), orthonormal, with variances (r,)."""
    variances: FloatArray
    level: Shapes
    """The row of `table` for each person, (n,)."""
    table: Singles
    """The likelihood of a kernel at a distance: see `mixture_kernel.assign_in_turn`."""

    def at(self, places: FloatArray, shift: FloatArray) -> NDArray[np.int32]:
        """Where places, (C, n), are among the kernels, in FINE parts of their distance."""
        found = (places - shift[:, None] - self.kernels.mean[0]) * (FINE / (2 * self.kernels.sd))
        at: NDArray[np.int32] = np.clip(found + (FINE * PAD + 0.5), 0, FINE * (KERNELS + 2 * PAD) - 1).astype(np.int32)
        return at


@dataclass(frozen=True, eq=False)
class State:
    """Of each chain: places (C, n), the shift (C,) and weights (C, K) of kernels, and each person's kernel (C, n)."""

    places: FloatArray
    shift: FloatArray
    weight: FloatArray
    label: Shapes

    def counts(self) -> Shapes:
        """People of each kernel, (C, K)."""
        each = np.arange(self.shift.size)[:, None] * KERNELS + self.label
        return np.bincount(each.ravel(), minlength=self.weight.size).reshape(self.weight.shape)


def correlated_draws(
    y: FloatArray, errors: Covariance, top: float, n_draws: int, rng: np.random.Generator
) -> FloatArray:
    """True values, (n_draws, n), in any order: by the mixture, but for BY_SHAPES of them, by the shapes alone."""
    by_shapes, found = int(BY_SHAPES * n_draws), []
    if by_shapes:
        found.append(shaped_draws(y, errors, top, by_shapes, rng))
    found.append(mixture_draws(y, errors, top, n_draws - by_shapes, rng))
    return rng.permutation(np.concatenate(found))


def mixture_draws(y: FloatArray, errors: Covariance, top: float, n_draws: int, rng: np.random.Generator) -> FloatArray:
    """True values, (n_draws, n); the spread of the base up to `top`."""
    chains = min(n_draws, max(CHAINS, AT_ONCE // y.size))
    own, noise = errors.apart(y)
    spread = spread_given(own, noise, top, chains, rng, BASE)
    start = values_given(own, noise, spread, rng)
    kernels = laid(start[:START])
    prior, model = STRENGTH * base(spread, kernels), placed(errors, kernels)
    state = begun(model, start, prior, rng)
    found: list[FloatArray] = []
    for sweep in range(SWEEPS + THIN * (math.ceil(n_draws / chains) - 1)):
        state = swept(y, model, prior, state, rng)
        if sweep >= SWEEPS - 1 and (sweep - SWEEPS + 1) % THIN == 0:
            found.append(true_values(model, state, rng))
    return np.concatenate(found)[:n_draws]


def placed(errors: Covariance, kernels: Kernels) -> Places:
    """Own and common errors in units of each person's size."""
    kinds, level = np.unique(np.round(np.log(kernels.sd**2 + errors.own) / EVEN), return_inverse=True)
    sizes = np.exp(EVEN / 2 * kinds)
    size = sizes[level]
    _, root, directions = np.linalg.svd(errors.common / size, full_matrices=False)
    kept = root > 1e-4
    distance = np.arange(-KERNELS - 2 * PAD + 1, KERNELS) + PAD - np.arange(FINE)[:, None] / FINE
    table = np.exp(-0.5 * (2 * kernels.sd * distance / sizes[:, None, None]) ** 2)
    return Places(kernels, size, directions[kept].T, root[kept] ** 2, level, table.astype(np.float32))


def begun(model: Places, places: FloatArray, prior: FloatArray, rng: np.random.Generator) -> State:
    """The first state of chains whose people are at `places`, (C, n)."""
    weight, label = prior / prior.sum(axis=1, keepdims=True), np.zeros(places.shape, dtype=np.int64)
    return assigned(model, State(places, np.zeros(places.shape[0]), weight, label), rng)


def swept(y: FloatArray, model: Places, prior: FloatArray, state: State, rng: np.random.Generator) -> State:
    """One sweep of every chain; prior: of the weights, (C, K)."""
    for _ in range(MOVES if model.variances.size else 0):
        state = moved(y, model, prior, state, rng)
    state = slid(model, prior, assigned(model, state, rng), rng)
    weight = rng.standard_gamma(prior + state.counts())
    weight /= weight.sum(axis=1, keepdims=True)
    mean = model.kernels.mean[state.label]
    shift = shifted(y - mean, model, rng)
    return State(redrawn(y, mean + shift[:, None], model, rng), shift, weight, state.label)


def moved(y: FloatArray, model: Places, prior: FloatArray, state: State, rng: np.random.Generator) -> State:
    """A Metropolis step of places along a few directions of common errors, and of kernels, weights left open.

    What is proposed is as probable under common errors as what was [N99]; kernels are proposed one person after
    the other, each given those before [KLW94]. With weights given, people could hardly leave where they are.
    """
    few = min(FEW, model.variances.size)
    some = rng.choice(model.variances.size, few, replace=False, p=model.variances / model.variances.sum())
    along = model.directions[:, some]
    now = ((y - state.places) / model.size) @ along
    turn = 10 ** rng.uniform(*TURNS, (now.shape[0], 1))
    other = np.sqrt(model.variances[some]) * rng.standard_normal(now.shape)
    places = state.places - (now * (np.cos(turn) - 1) + other * np.sin(turn)) @ (along.T * model.size)
    order, label, weight = rng.permutation(along.shape[0]), np.empty_like(state.label), _single(prior)
    gain = _in_turn(weight, 1, model, replace(state, places=places), order, label, rng, known=False)
    gain -= _in_turn(weight, 1, model, state, order, state.label, rng, known=True)
    good = (-rng.standard_exponential(gain.size) < gain)[:, None]
    return replace(state, places=np.where(good, places, state.places), label=np.where(good, label, state.label))


def assigned(model: Places, state: State, rng: np.random.Generator) -> State:
    """People's kernels given their places."""
    label = np.empty_like(state.label)
    _in_turn(_single(state.weight), 0, model, state, np.arange(label.shape[1]), label, rng, known=False)
    return replace(state, label=label)


def _in_turn(
    weight: Singles, each: int, model: Places, state: State, order: Shapes, label: Shapes, rng: np.random.Generator, *,
    known: bool,
) -> FloatArray:  # fmt: skip
    from .mixture_kernel import assign_in_turn  # here, so that the command line need not load numba

    u = rng.random(label.shape, dtype=np.float32)
    at = model.at(state.places, state.shift)
    found: FloatArray = assign_in_turn(weight, np.float32(each), model.table, model.level, at, order, u, label, known)
    return found


def _single(weight: FloatArray) -> Singles:
    """Weights that no rounding makes 0."""
    return weight.astype(np.float32) + np.float32(1e-30)


def slid(model: Places, prior: FloatArray, state: State, rng: np.random.Generator) -> State:
    """A Metropolis step of the shift by whole kernels, weights left open; people stay where they are."""
    by = rng.integers(1, SLIDE + 1) * rng.choice([-1, 1], state.shift.size)
    label = state.label - by[:, None]
    within = (label.min(axis=1) >= 0) & (label.max(axis=1) < KERNELS)
    slid_too = replace(state, label=np.clip(label, 0, KERNELS - 1), shift=state.shift + by * (2 * model.kernels.sd))
    gain = _log_probability(prior, slid_too.counts()) - _log_probability(prior, state.counts())
    good = within & (-rng.standard_exponential(by.size) < gain)
    return replace(
        state, label=np.where(good[:, None], label, state.label), shift=np.where(good, slid_too.shift, state.shift)
    )


def _log_probability(prior: FloatArray, counts: Shapes) -> FloatArray:
    """Of people's kernels, (C,), weights left open, but for a constant."""
    from scipy.special import gammaln  # here, so that the command line need not load it

    chain, kernel = np.nonzero(counts)
    weighs, people = prior[chain, kernel], counts[chain, kernel]
    each: FloatArray = gammaln(weighs + people) - gammaln(weighs)
    found: FloatArray = np.bincount(chain, each, prior.shape[0]).astype(np.float64)
    return found


def shifted(away: FloatArray, model: Places, rng: np.random.Generator) -> FloatArray:
    """The shift of all kernels given how far estimates are from the unshifted means of people's kernels, (C, n)."""
    one = 1 / model.size
    seen = one - model.directions @ (model.variances / (1 + model.variances) * (one @ model.directions))
    precision = float(one @ seen)
    found: FloatArray = (away / model.size) @ seen / precision
    return found + rng.standard_normal(found.size) / math.sqrt(precision)


def redrawn(y: FloatArray, mean: FloatArray, model: Places, rng: np.random.Generator) -> FloatArray:
    """Places given the means of the kernels that people are from, (C, n)."""
    gain = model.variances / (1 + model.variances)
    common = gain * (((y - mean) / model.size) @ model.directions)
    common += np.sqrt(gain) * rng.standard_normal(common.shape)
    found: FloatArray = y - model.size * (common @ model.directions.T)
    return found


def true_values(model: Places, state: State, rng: np.random.Generator) -> FloatArray:
    """True values, (C, n), given people's places and kernels."""
    mean = model.kernels.mean[state.label] + state.shift[:, None]
    gain = np.minimum((model.kernels.sd / model.size) ** 2, 1.0)
    spread = model.kernels.sd * np.sqrt(1 - gain)
    found: FloatArray = mean + gain * (state.places - mean) + spread * rng.standard_normal(mean.shape)
    return found
