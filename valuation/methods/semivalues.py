"""Semivalues: a player's mean marginal v(S + i) - v(S), by a law that gives each size of S its probability.

They differ in that law alone, so one table of all groups, one set of pairs of groups, or one of random permutations,
serves them all: which groups a sampler asks for depends on the settings and the generator, never on the law.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np

from ...ml_tasks.settings import Checked, InputError, Interval, NonNegative, Positive
from ..utility import Utility, distinct
from ..values import FloatArray, Values
from .asked import Asked
from .exact import MOST_PLAYERS, all_groups, mean_marginals, weighed
from .kernel import from_pairs, most_pairs
from .method import RANKS, Players
from .permutations import from_permutations
from .sampling import Sample, Stops

REGRESSION = range(10, 61)
"""Numbers of players for which the regression on pairs was measured to be the better sampler."""
ENOUGH = 8
"""Evaluations a player for that."""
FEW = 3
"""So few players have no group that the regression would have to draw."""


@dataclass(frozen=True)
class Sampled(Checked, ABC):
    """The settings that semivalues share: exact for few players, sampled for more, until one of three limits.

    A member is its law of sizes, `weights`. Given the same settings and generator all ask for the same groups, so a
    second one trains nothing new; only a `target_stderr` may be reached by one sooner than by another. Where the
    kernel is used, leave-one-out and stand-alone are free too.

    Sharing costs accuracy where budgets are small (benchmarks/shapley_estimators.py: RMSE of the kernel over that of
    permutations for Banzhaf, Beta(16,1), Beta(4,1), Beta(1,16)): with 16 evaluations a player or more .15 to .7 on
    the average of games, with 8 and 24 players up to 1.5 for Banzhaf and 2.3 in one game for Beta(16,1).
    sampler="permutations" then is the better one for these. Intervals of 95 per cent held in 94 to 97 per cent of cases
    at 200 permutations or as many evaluations; by 10 to 20 permutations only in 72 to 94 (benchmarks/README.md).
    """

    name: ClassVar[str]

    exact_up_to: Annotated[int, Interval(ge=0, le=MOST_PLAYERS)] = 16
    """With so many players or fewer: exact from all 2^n groups, each evaluated once, unless the budget forbids it."""
    permutations: Annotated[int | None, Interval(ge=1)] = None
    """Random permutations at most; a permutation and its reverse are one draw. None: 200, or without limit (20,000)
    if one of the next two is given."""
    budget: Annotated[int | None, Interval(ge=1)] = None
    """Evaluations at most: distinct groups asked for, wherever their values come from."""
    target_stderr: Annotated[float | None, Interval(gt=0)] = None
    """Stop once the largest standard error (from sampling alone) is no larger. Looked at after every eight draws, and
    of pairs whenever there are an eighth more."""
    truncation: NonNegative = 0.0
    """In permutations, in the unit of the utility; 0 = off. Once |v(N) - v(S)| is under it, the players still to
    come share v(N) - v(S) equally and are not evaluated. The note bounds the bias, provided that no group is worth
    less than a part of it (a monotone game)."""
    sampler: Literal["auto", "exact", "permutations", "kernel"] = "auto"
    """"exact" from all 2^n groups; "permutations"; "kernel": pairs of a group and its complement and all groups of 0,
    1, n - 1 and n players; "auto": exact up to `exact_up_to` players, then the kernel for 10 to 60 players, otherwise
    permutations, these also where truncation is asked for, or fewer than 8 evaluations a player."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sampler == "kernel" and self.truncation:
            raise InputError("truncation", self.truncation, "0 with the sampler kernel, which walks no permutation")

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
            noisy=asked.noisy, largest=asked.largest, df=sample.df,
        )  # fmt: skip

    @abstractmethod
    def weights(self, n: int) -> FloatArray:
        """The probability of each size, 0 to n - 1, of the group that a player joins."""

    @property
    def adds_up(self) -> bool:
        """Whether the worths are shares of v(N) - v(empty)."""
        return False

    def _exactly(self, n: int) -> bool:
        if n <= 1:
            return True  # there is one order only
        if self.sampler == "exact" or (self.sampler == "kernel" and n <= FEW):
            return self._must_be_exact(n)
        return self.sampler == "auto" and n <= self.exact_up_to and (self.budget is None or 2**n <= self.budget)

    def _must_be_exact(self, n: int) -> bool:
        if n > MOST_PLAYERS:
            raise InputError("sampler", f"'exact' for {n} players", f"at most {MOST_PLAYERS} players, or a sampler")
        if self.budget is not None and self.budget < 2**n:
            raise InputError("budget", self.budget, f"at least {2**n} for exact values of {n} players")
        return True

    def _sample(self, asked: Asked, weights: FloatArray, rng: np.random.Generator) -> Sample:
        n, stops = len(asked.players), self._stops
        if self.sampler == "auto":
            groups = min(2 * (most_pairs(n, stops) + n), stops.budget or np.inf)
            regression = n in REGRESSION and not self.truncation and groups >= ENOUGH * n
        else:
            regression = self.sampler == "kernel"
        if regression:
            return from_pairs(asked, weights, stops, rng)
        return from_permutations(asked, weights, stops, self.truncation, rng)

    @property
    def _stops(self) -> Stops:
        return Stops(self.permutations, self.budget, self.target_stderr)

    def _values(
        self, players: Players, by_seed: FloatArray, draws: FloatArray | None, evaluations: int, note: str,
        *, noisy: bool, largest: float, df: float | None = None,
    ) -> Values:  # fmt: skip
        return Values.of_seeds(
            players, by_seed, draws, evaluations, self.name, note if self.adds_up else f"{note}; {RANKS}",
            noisy=noisy, adds_up=self.adds_up, largest=largest, df=df,
        )  # fmt: skip


@dataclass(frozen=True)
class Shapley(Sampled):
    """What a player adds on average when everyone arrives in random order; adds up to v(N) - v(empty) [GZ19].

    Measured (benchmarks/shapley_estimators.py, 14 games of 12 and 16 players, RMSE at 8 and 40 evaluations a player
    relative to plain pairs of a permutation and its reverse, geometric means): our permutations .72 and .55, the
    kernel .32 and .21, and in no game was the kernel behind. At 24 and 40 players SVARM had 2.7 to 6.4 times the
    kernel's RMSE and Stratified SVARM 2.1 to 2.7 times, and neither was ahead in any of four games.
    """

    name: ClassVar[str] = "shapley"

    @property
    def adds_up(self) -> bool:
        return True

    def weights(self, n: int) -> FloatArray:
        """Every size is as likely as any other."""
        return np.full(n, 1 / max(n, 1))


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
    """The larger it is beside beta, the more small groups weigh; 16 with beta 1 is the most that was tried [KZ22]."""
    beta: Positive = 1.0
    """The larger it is beside alpha, the more large groups weigh."""

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
