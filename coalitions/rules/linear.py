"""Rules that add votes up: the option with the highest sum leads, and may need a share of the votes cast."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike

from ...ml_tasks.settings import Checked, Interval, Share
from .rule import TOLERANCE, Floats, Outcome, Rule, profile, tops


class Linear(Rule, Protocol):
    """A rule that is linear in its ballots: how it reads one of them is all there is to know."""

    @property
    def bar(self) -> float:
        """Share of the votes cast that a winner needs beyond the lead: 0 none, .5 more than half."""
        ...

    @property
    def bullet(self) -> bool:
        """Whether one ballot, that for an option alone, helps it most against every other at once: what
        `margins.margin` builds on."""
        ...

    def support(self, ballots: Floats) -> Floats:
        """Each voter's vote for each option (voters, options)."""
        ...


class BySum(Checked):
    """The calling half of the linear rules."""

    def __call__(
        self: Linear, ballots: ArrayLike, weights: ArrayLike | None = None, rng: np.random.Generator | None = None
    ) -> Outcome:
        ratings, heft = profile(ballots, weights)
        totals = (heft[:, None] * votes(self, ratings)).sum(axis=0)
        members = float(heft.sum())
        cast = float(totals[-1])
        quorate = cast >= (self.quorum - TOLERANCE) * members
        return Outcome(elected(self, totals, members), totals[:-1], cast, bool(quorate), members)


@dataclass(frozen=True)
class Plurality(BySum):
    """The option that most voters rate highest; a voter's tied tops share the vote equally."""

    quorum: Share = 0.0
    """Share of the electorate, by weight, that must vote; if less does, the status quo stays."""
    bar: ClassVar[float] = 0.0
    bullet: ClassVar[bool] = True
    keeps: ClassVar[frozenset[str]] = frozenset({"anonymity", "neutrality", "unanimity", "majority", "monotonicity"})

    def support(self, ballots: Floats) -> Floats:
        return tops(ballots)


@dataclass(frozen=True)
class Majority(BySum):
    """The option with more than half of the votes cast, each counted as in plurality."""

    quorum: Share = 0.0
    """Share of the electorate, by weight, that must vote; if less does, the status quo stays."""
    bar: ClassVar[float] = 0.5
    bullet: ClassVar[bool] = True
    keeps: ClassVar[frozenset[str]] = Plurality.keeps | {"condorcet_loser"}

    def support(self, ballots: Floats) -> Floats:
        return tops(ballots)


@dataclass(frozen=True)
class Supermajority(BySum):
    """The option with at least `share` of the votes cast, each counted as in plurality."""

    share: Annotated[float, Interval(gt=0.5, le=1)] = 2 / 3
    """Share of the votes cast that the winner must have at least, by weight."""
    quorum: Share = 0.0
    """Share of the electorate, by weight, that must vote; if less does, the status quo stays."""
    bullet: ClassVar[bool] = True
    keeps: ClassVar[frozenset[str]] = Majority.keeps - {"majority"}

    @property
    def bar(self) -> float:
        return self.share

    def support(self, ballots: Floats) -> Floats:
        return tops(ballots)


@dataclass(frozen=True)
class Approval(BySum):
    """The option approved by most voters, where approving is rating it strictly above the status quo.

    The status quo's own tally is 0, and a voter without a rating for it approves of nothing.
    """

    quorum: Share = 0.0
    """Share of the electorate, by weight, that must vote; if less does, the status quo stays."""
    bar: ClassVar[float] = 0.0
    bullet: ClassVar[bool] = True
    keeps: ClassVar[frozenset[str]] = frozenset({"anonymity", "neutrality", "monotonicity"})

    def support(self, ballots: Floats) -> Floats:
        return (ballots > ballots[:, :1]).astype(float)


def votes(rule: Linear, ballots: Floats) -> Floats:
    """What the rule reads in each ballot: (voters, options + 1), the vote for each option, then 1 if cast."""
    cast = ~np.isnan(ballots).all(axis=1)
    return np.column_stack([rule.support(ballots), cast])


def conditions(rule: Linear, option: int, options: int, members: float) -> Iterator[tuple[Floats, float]]:
    """What `option` needs to displace the status quo: pairs (row, floor), each met if row @ totals >= floor.

    `totals` are the weighted column sums of `votes`, `members` the weight of all rows.
    """
    rounding = TOLERANCE * members
    tally = np.eye(options + 1)
    cast = tally[options]
    if rule.bar:  # more than half of the votes cast is the lead, too
        yield tally[option] - cast / 2, rounding
    if rule.bar > 0.5:
        yield tally[option] - rule.bar * cast, -rounding
    for other in range(0 if rule.bar else options):
        if other != option:
            yield tally[option] - tally[other], rounding
    yield cast, rule.quorum * members - rounding


def elected(rule: Linear, totals: Floats, members: float) -> int:
    """The winner, from the weighted column sums of `votes`."""
    options = len(totals) - 1
    first = int(np.argmax(totals[:options]))
    if first == 0:
        return 0
    met = (row @ totals >= floor for row, floor in conditions(rule, first, options, members))
    return first if all(met) else 0
