"""Semivalues: a player's mean marginal v(S + i) - v(S), by a law that gives each size of S its probability.

They differ in that law alone, so one table of all groups, or one set of random permutations, serves them all.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np

from ...ml_tasks.settings import Checked, InputError, Interval, NonNegative, Positive
from ..utility import Utility, distinct
from ..values import FloatArray, Values
from .asked import Asked
from .exact import MOST_PLAYERS, all_groups, mean_marginals, weighed
from .kernel import MOST_PAIRS, from_pairs
from .method import RANKS, Players
from .permutations import from_permutations
from .sampling import Sample, Stops

REGRESSION = range(10, 61)
"""Numbers of players for which the regression on pairs was measured to be the better sampler."""


@dataclass(frozen=True)
class Sampled(Checked):
    """The settings that semivalues share: exact for few players, sampled for more, until one of three limits."""

    name: ClassVar[str]

    exact_up_to: Annotated[int, Interval(ge=0, le=MOST_PLAYERS)] = 16
    """With so many players or fewer: exact from all 2^n groups, each evaluated once, unless the budget forbids it."""
    permutations: Annotated[int | None, Interval(ge=1)] = None
    """Random permutations at most; a permutation and its reverse are one draw. None: 200, or without limit (20,000)
    if one of the next two is given."""
    budget: Annotated[int | None, Interval(ge=1)] = None
    """Evaluations at most: distinct groups asked for, wherever their values come from."""
    target_stderr: Annotated[float | None, Interval(gt=0)] = None
    """Stop once the largest standard error (from sampling alone) is no larger. Looked at after every eight draws."""
    truncation: NonNegative = 0.0
    """In permutations, in the unit of the utility; 0 = off. Once |v(N) - v(S)| is under it, the players still to
    come share v(N) - v(S) equally and are not evaluated. The note bounds the bias, provided that no group is worth
    less than a part of it (a monotone game)."""

    def __call__(self, players: Iterable[Hashable], utility: Utility, rng: np.random.Generator) -> Values:
        names = distinct(players)
        weights = self.weights(len(names))
        if not names:
            return self._values(names, np.empty((0, 1)), None, 0, "exact", noisy=False, largest=0.0)
        if self._exactly(len(names)):
            by_group, noisy = all_groups(names, utility)
            by_seed, largest = weighed(mean_marginals(by_group), weights), float(np.abs(by_group).max())
            return self._values(names, by_seed, None, len(by_group), "exact", noisy=noisy, largest=largest)
        asked = Asked(names, utility)
        sample = self._sample(asked, weights, rng)
        return self._values(
            names, sample.by_seed, sample.draws, asked.evaluations, sample.note,
            noisy=asked.noisy, largest=asked.largest, fitted=sample.fitted,
        )  # fmt: skip

    def weights(self, n: int) -> FloatArray:
        """The probability of each size, 0 to n - 1, of the group that a player joins."""
        raise NotImplementedError

    @property
    def adds_up(self) -> bool:
        """Whether the worths are shares of v(N) - v(empty)."""
        return False

    def _exactly(self, n: int) -> bool:
        if n <= 1:
            return True  # there is one order only
        return n <= self.exact_up_to and (self.budget is None or 2**n <= self.budget)

    def _sample(self, asked: Asked, weights: FloatArray, rng: np.random.Generator) -> Sample:
        return from_permutations(asked, weights, self._stops, self.truncation, rng)

    @property
    def _stops(self) -> Stops:
        return Stops(self.permutations, self.budget, self.target_stderr)

    def _values(
        self, players: Players, by_seed: FloatArray, draws: FloatArray | None, evaluations: int, note: str,
        *, noisy: bool, largest: float, fitted: int = 0,
    ) -> Values:  # fmt: skip
        return Values.of_seeds(
            players, by_seed, draws, evaluations, self.name, note if self.adds_up else f"{note}; {RANKS}",
            noisy=noisy, adds_up=self.adds_up, largest=largest, fitted=fitted,
        )  # fmt: skip


@dataclass(frozen=True)
class Shapley(Sampled):
    """What a player adds on average when everyone arrives in random order; adds up to v(N) - v(empty) [GZ19].

    sampler: "exact" from all 2^n groups, "permutations", "kernel" (regression on pairs of a group and its
    complement), or "auto": exact up to `exact_up_to` players, then the regression for 10 to 60 players, otherwise
    permutations; these also where truncation is asked for, or fewer than 8 evaluations a player.

    Measured (benchmarks/shapley_estimators.py, 14 games of 12 and 16 players, RMSE at 8 and 40 evaluations a player
    relative to plain pairs of a permutation and its reverse, geometric means): our permutations .71 and .55, the
    regression .36 and .31, and in no game was the regression behind. Banzhaf and Beta Shapley have permutations
    only: with sampler="permutations" and the same seed they read the same ones and evaluate nothing new.
    """

    name: ClassVar[str] = "shapley"

    sampler: Literal["auto", "exact", "permutations", "kernel"] = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sampler == "kernel" and self.truncation:
            raise InputError("truncation", self.truncation, "0 with the sampler kernel, which walks no permutation")

    @property
    def adds_up(self) -> bool:
        return True

    def weights(self, n: int) -> FloatArray:
        """Every size is as likely as any other."""
        return np.full(n, 1 / max(n, 1))

    def _exactly(self, n: int) -> bool:
        if self.sampler != "exact":
            return n <= 1 or (self.sampler == "auto" and super()._exactly(n))
        if n > MOST_PLAYERS:
            raise InputError("sampler", f"'exact' for {n} players", f"at most {MOST_PLAYERS} players, or a sampler")
        if self.budget is not None and self.budget < 2**n:
            raise InputError("budget", self.budget, f"at least {2**n} for exact values of {n} players")
        return True

    def _sample(self, asked: Asked, weights: FloatArray, rng: np.random.Generator) -> Sample:
        n, stops = len(asked.players), self._stops
        if self.sampler == "auto":
            groups = min(2 * stops.draws * (n - 1), stops.budget or 2 * MOST_PAIRS)
            regression = n in REGRESSION and not self.truncation and groups >= 8 * n
        else:
            regression = self.sampler == "kernel"
        return from_pairs(asked, stops, rng) if regression else super()._sample(asked, weights, rng)


@dataclass(frozen=True)
class Banzhaf(Sampled):
    """A player's mean marginal over all groups of the others, each as likely [WJ23]: of all semivalues, ranks most
    stable under noise.

    Of size k are C(n-1, k) groups of 2^(n-1). The worths do not add up to v(N) - v(empty).
    """

    name: ClassVar[str] = "banzhaf"

    def weights(self, n: int) -> FloatArray:
        """Binomial: the others are in with probability 1/2 each."""
        k = np.arange(n - 1)
        return _from_ratios(np.log(n - 1 - k) - np.log(k + 1))


@dataclass(frozen=True)
class BetaShapley(Sampled):
    """The semivalue in which the others are in with a probability drawn from Beta(beta, alpha) [KZ22].

    In the paper's notation Beta(alpha, beta): alpha > beta favours small groups, Beta(16, 1) most of all those
    tried there; alpha = beta = 1 is Shapley, and the only one whose worths add up to v(N) - v(empty).
    """

    name: ClassVar[str] = "beta_shapley"

    alpha: Positive = 16.0
    beta: Positive = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, value in (("alpha", self.alpha), ("beta", self.beta)):
            if not np.isfinite(value):
                raise InputError(name, value, "a finite number above 0")

    @property
    def adds_up(self) -> bool:
        return self.alpha == self.beta == 1

    def weights(self, n: int) -> FloatArray:
        """Beta-binomial: C(n-1, k) B(k + beta, n-1-k + alpha) / B(beta, alpha)."""
        k = np.arange(n - 1)
        ratios = np.log(n - 1 - k) - np.log(k + 1) + np.log(k + self.beta) - np.log(n - 2 - k + self.alpha)
        return _from_ratios(ratios)


def _from_ratios(log_ratios: FloatArray) -> FloatArray:
    """Probabilities from the logarithms of each one's ratio to the one before."""
    logs = np.concatenate([[0.0], np.cumsum(log_ratios)])
    weights: FloatArray = np.exp(logs - logs.max())
    weights /= weights.sum()
    return weights
