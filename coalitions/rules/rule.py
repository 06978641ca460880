"""A decision rule, what it decides, and how ballots are read; the contract is in the package's docstring."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...ml_tasks.settings import InputError

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

TOLERANCE = 1e-9
"""Share of the electorate's weight below which a difference is rounding, not a vote."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a vote decided.

    `winner` is the index of an option; `tally` (options,) what the rule counted for each; `cast` the weight of
    those who voted; `quorate` whether `cast` reached the quorum; `electorate` the weight of all who could vote.
    """

    winner: int
    tally: Floats
    cast: float
    quorate: bool
    electorate: float


class Rule(Protocol):
    """A member of the family: its settings, what can be relied on, and the vote itself."""

    @property
    def quorum(self) -> float:
        """Share of the electorate who must vote."""
        ...

    @property
    def keeps(self) -> frozenset[str]:
        """The words of `axioms.AXIOMS` that hold under these settings; those left out fail for some ballots."""
        ...

    def __call__(
        self, ballots: ArrayLike, weights: ArrayLike | None = None, rng: np.random.Generator | None = None
    ) -> Outcome:
        """The outcome; InputError if ballots or weights have the wrong form."""
        ...


class Counted(Protocol):
    """A rule as `decide` needs it: it counts the ballots of those who voted."""

    @property
    def quorum(self) -> float: ...

    def count(self, ballots: Floats, weights: Floats, rounding: float) -> tuple[int, Floats]:
        """Winner and tally (options,) of ballots each with a rating, 0 for any tie; the quorum is seen to elsewhere.

        Amounts that differ by less than `rounding` are equal.
        """
        ...


class ByCount:
    """The calling half of the rules that count ballots."""

    def __call__(
        self: Counted, ballots: ArrayLike, weights: ArrayLike | None = None, rng: np.random.Generator | None = None
    ) -> Outcome:
        ratings, heft = profile(ballots, weights)
        voted = ~np.isnan(ratings).all(axis=1)
        members, cast = float(heft.sum()), float((heft * voted).sum())
        rounding = TOLERANCE * members
        quorate = cast >= self.quorum * members - rounding
        winner, tally = 0, np.zeros(ratings.shape[1])
        if cast > 0:
            winner, tally = self.count(ratings[voted], heft[voted], rounding)
        return Outcome(winner if quorate else 0, tally, cast, quorate, members)


def profile(ballots: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    """Ballots (voters, options) and weights (voters,) as float arrays; InputError if they cannot be that."""
    ratings = _floats("ballots", ballots, "a voters x options array of numbers")
    if ratings.ndim != 2 or ratings.shape[1] == 0:
        raise InputError("ballots", f"shape {ratings.shape}", "voters x options, with at least one option")
    voters = len(ratings)
    heft = np.ones(voters) if weights is None else _floats("weights", weights, "a number for each voter")
    if heft.shape != (voters,):
        raise InputError("weights", f"shape {heft.shape}", f"one weight for each of the {voters} voters")
    wrong = heft[~(np.isfinite(heft) & (heft >= 0))]
    if wrong.size:
        raise InputError("weights", wrong[0], "finite numbers at least 0")
    return ratings, heft


def preferred(ballots: Floats, other: int) -> tuple[Mask, Mask]:
    """Where a voter puts an option above the option `other`, and where level with it, both (voters, options).

    An option without a rating is below every option with one, and level with the others without.
    """
    rival = ballots[:, [other]]
    rated, rival_rated = ~np.isnan(ballots), ~np.isnan(rival)
    above = (ballots > rival) | (rated & ~rival_rated)
    return above, (ballots == rival) | ~(rated | rival_rated)


def tops(ballots: Floats) -> Floats:
    """Each voter's vote (voters, options): 1 for the option rated highest, equal parts for several, 0 without any."""
    best = np.where(np.isnan(ballots), -np.inf, ballots).max(axis=1, keepdims=True)
    highest = ballots == best
    return np.asarray(highest / np.maximum(highest.sum(axis=1, keepdims=True), 1))


def leader(tally: Floats, rounding: float) -> int:
    """The option that is ahead of every other, 0 if none is."""
    first = int(np.argmax(tally))
    others = np.delete(tally, first)
    return first if not others.size or tally[first] - others.max() >= rounding else 0


def agreed(winners: Iterable[int]) -> int:
    """The winner if it is the same however a tie on the way is broken, else 0; looks no further than it must."""
    found: int | None = None
    for winner in winners:
        if found is not None and winner != found:
            return 0
        found = winner
    return found or 0


def _floats(name: str, given: ArrayLike, expected: str) -> Floats:
    try:
        return np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise InputError(name, type(given).__name__, expected) from None
