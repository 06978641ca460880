"""How often 95 % intervals of the Gini hold it: people whose true values are known, estimated with known noise.

    python benchmarks/noise_cover.py
    python benchmarks/noise_cover.py --people 12 40 --trials 400

A cell is a truth, a number of people, a size of noise, a dividend and the place of the mean. Fixed before any run:

- eight truths of sd 1, of which three (t, two equal clumps, lognormal .5) are not shapes of the model; n = 12, 40 and
  200; noise .3, 1 and 2 (each person's own stderr is .7 to 1.3 times that), errors independent
- shift, which does not depend on where 0 is; absolute and clip, which do, with the mean of the truth at 0 and at 1
- binning and rank pay by place alone, so that their Gini is the same for all values and is always held: checked on
  the first trial, and left out of the table and of the means
- correlated errors, half of the variance from three common factors: normal, exponential and lognormal .5 truths and
  two equal clumps, the same people and noise (at first only two of these cells, normal and exponential, n = 40, noise
  1; the others were fixed, before any was run, when the model for correlated errors changed)

Thinned by one rule, of time: 200 trials a cell for 12 and 40 people, 40 for 200 people, 20 with correlated errors. A
trial of a cell has the same random numbers whatever the model under test. Intervals hold 95 and 98 % of 400 draws, so
exact ones would hold 94.5 and 97.5 % of truths. Cover of a cell that is .95 has a standard error of .015 (200 trials)
or .034.

Beside cover: the mean width of intervals, as cover can be bought by width; and how many pairs of dividends are ranked,
and how many of these the wrong way round.
"""

from turns import machine

# isort: split
import argparse
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np
from datacoalition.valuation.dividends import DIVIDENDS
from datacoalition.valuation.noise import SAME, draws, over_draws
from datacoalition.valuation.values import Values
from scipy.special import ndtri, stdtrit


def clumps(u: Any) -> Any:
    """Half of people .9 under the mean, half over it; sd .436 within each."""
    return 0.9 * np.where(u < 0.5, -1, 1) + math.sqrt(0.19) * ndtri(2 * u % 1)


TRUTHS: dict[str, Callable[[Any], Any]] = {
    "normal": ndtri,
    "uniform": lambda u: math.sqrt(12) * (u - 0.5),
    "exponential": lambda u: -np.log(u) - 1,
    "negative exponential": lambda u: 1 + np.log(u),
    "lognormal .5": lambda u: (np.exp(0.5 * ndtri(u)) - math.exp(0.125)) / math.sqrt(math.exp(0.5) - math.exp(0.25)),
    "lognormal 1": lambda u: (np.exp(ndtri(u)) - math.exp(0.5)) / math.sqrt(math.exp(2) - math.e),
    "two clumps": clumps,
    "t, 3 df": lambda u: stdtrit(3, u) / math.sqrt(3),
}
"""From uniform numbers to values of mean 0 and sd 1."""
CORRELATED = ("normal", "exponential", "lognormal .5", "two clumps")
"""Truths that are estimated with correlated errors too."""
ERRORS = ("independent", "half in common")
NOISE, MEANS, LEVELS, N_DRAWS = (0.3, 1.0, 2.0), (0.0, 1.0), (0.95, 0.98), 400
WEIGHTS: dict[str, Callable[[Any], Any]] = {
    "shift": lambda x: x - x.min(axis=-1, keepdims=True),
    "absolute": np.abs,
    "clip": lambda x: np.maximum(x, 0.0),
}
"""The dividends for all draws at once; that they pay as the package does is checked on the first trial of each cell."""
COLUMNS = [("shift", 0.0)] + [(name, mean) for name in ("absolute", "clip") for mean in MEANS]
PAIRS = ((0, 1), (0, 3), (1, 3), (2, 4))
"""Columns that are compared: two dividends and one mean."""


def ginis(x: Any) -> Any:
    """Of each row, 0 where nobody has any weight, for then all are paid the same."""
    n = x.shape[-1]
    x = np.sort(x, axis=-1)
    total = x.sum(axis=-1)
    return x @ (2 * np.arange(1, n + 1) - n - 1) / (n * np.where(total > 0, total, 1.0))


def estimated(truth: Any, noise: float, errors: str, rng: np.random.Generator) -> Values:
    n = truth.size
    if errors == "independent":
        stderr = noise * rng.uniform(0.7, 1.3, n)
        return Values(tuple(range(n)), truth + stderr * rng.standard_normal(n), stderr, 1)
    common = rng.standard_normal((3, n)) * noise / math.sqrt(6)
    factor = np.concatenate([common, math.sqrt(0.5) * noise * np.eye(n)])
    stderr = np.sqrt((factor**2).sum(axis=0))
    return Values(tuple(range(n)), truth + rng.standard_normal(n + 3) @ factor, stderr, 1, errors=factor)


@dataclass
class Found:
    """Of one trial or the mean of several: (levels, columns), but for pairs, (levels, two)."""

    below: Any
    """Whether the truth lay under the interval."""
    above: Any
    width: Any
    pairs: Any
    """How many were ranked, and how many of them the wrong way round."""


def trial(name: str, n: int, noise: float, errors: str, number: int) -> Found:
    cell = [n, list(TRUTHS).index(name), round(10 * noise), ERRORS.index(errors), number]
    rng = np.random.default_rng([0, *cell])
    truth = TRUTHS[name](rng.random(n))
    values = estimated(truth, noise, errors, rng)
    theta = draws(values, np.random.default_rng([1, *cell]), N_DRAWS)
    if number == 0:
        check(theta)
    drawn, true = (np.array([ginis(WEIGHTS[paid](x + mean)) for paid, mean in COLUMNS]) for x in (theta, truth))
    low, high = ends(drawn)
    one, other = (list(side) for side in zip(*PAIRS, strict=True))
    under, over = ends(drawn[one] - drawn[other])
    gap = true[one] - true[other]
    wrong = ((under > SAME) & (gap < 0)) | ((over < -SAME) & (gap > 0))
    ranked = (under > SAME) | (over < -SAME)
    pairs = np.stack([ranked.sum(axis=1), wrong.sum(axis=1)], axis=1)
    return Found(true < low - 1e-9, true > high + 1e-9, high - low, pairs)


def ends(drawn: Any) -> tuple[Any, Any]:
    """Of equal-tailed intervals of each level, for each row: (levels, rows)."""
    low, high = np.quantile(
        drawn, [[(1 - level) / 2 for level in LEVELS], [(1 + level) / 2 for level in LEVELS]], axis=1
    )
    return low, high


def check(theta: Any) -> None:
    """The package pays draws as WEIGHTS does, and by place all alike."""
    few = theta[:5]
    for name, weights in WEIGHTS.items():
        paid = over_draws(few, partial(DIVIDENDS[name](), pot=100.0))
        np.testing.assert_allclose(paid, ginis(weights(few)), atol=1e-9)
    for name in ("binning", "rank"):
        paid = over_draws(few, partial(DIVIDENDS[name](), pot=100.0))
        np.testing.assert_allclose(paid, paid[0], atol=1e-12)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", nargs="*", type=int, default=[12, 40, 200], help="with independent errors")
    parser.add_argument("--correlated", nargs="*", type=int, default=[12, 40, 200], help="with correlated ones")
    parser.add_argument("--trials", type=int, help="a cell, in place of 200, 40 and 20")
    options = parser.parse_args()
    cases = [(name, n, noise, "independent") for n in options.people for name in TRUTHS for noise in NOISE]
    cases += [(name, n, noise, "half in common") for n in options.correlated for name in CORRELATED for noise in NOISE]
    print(f"{machine('scipy')}\ncover at {LEVELS[0]:g}; {LEVELS[1]:g}")
    print(f"{'':38}{'n':>4}{'noise':>6}", *(f"{paid:>8}{mean:+.0f}" for paid, mean in COLUMNS))
    started, found = time.process_time(), []
    for name, n, noise, errors in cases:
        trials = options.trials or (20 if errors != "independent" else 200 if n < 200 else 40)
        every = [trial(name, n, noise, errors, number) for number in range(trials)]
        mean = Found(*(np.mean([getattr(one, part.name) for one in every], axis=0) for part in fields(Found)))
        found.append(mean)
        cover = 1 - mean.below - mean.above
        label = name if errors == "independent" else f"{name}, {errors}"
        print(f"{label:38}{n:4}{noise:6.1f}", *("{:.3f};{:.3f}".format(*two) for two in cover.T), flush=True)
    summary(cases, found)
    print(f"CPU {time.process_time() - started:.0f} s")
    return 0


def summary(cases: list[Any], found: list[Found]) -> None:
    below, above, width, pairs = (np.array([getattr(one, part.name) for one in found]) for part in fields(Found))
    cover = 1 - below - above
    for k, level in enumerate(LEVELS):
        print(f"\nlevel {level:g}: {cover[:, k].size} cells, mean cover {cover[:, k].mean():.4f}, by column", end=" ")
        print(cover[:, k].mean(axis=0).round(3), "width", width[:, k].mean(axis=0).round(3))
        ranked, wrong = pairs[:, k].sum(axis=0)
        share = ranked / (len(PAIRS) * len(found))
        print(f"{share:.3f} of pairs ranked, {wrong / max(ranked, 1e-9):.4f} of these the wrong way round")
        under = sorted(zip(*np.nonzero(cover[:, k] < 0.9 - 1e-9), strict=True), key=lambda at: cover[at[0], k, at[1]])
        print(f"{len(under)} cells under .90:")
        for i, j in under:
            name, n, noise, errors = cases[i]
            print(f"  {cover[i, k, j]:.3f} {name}, n = {n}, noise {noise:g}, {errors}, {COLUMNS[j][0]}, mean "
                  f"{COLUMNS[j][1]:g}: truth below {below[i, k, j]:.3f}, above {above[i, k, j]:.3f}")  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
