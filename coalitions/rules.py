"""Decision rules: a coalition's ballots in, one option out.

Every rule is a pure function of its ballots and weights. `ballots` is a voters x options array of ratings, a
row for each member; option 0 is the status quo. Only the order of the ratings within a row matters, so plus and
minus infinity are ratings like any other, and two equal infinities tie. nan abstains: a row of nan did not vote,
a single nan is no opinion on that option, which is then neither a voter's top nor approved. `weights` (voters,),
non-negative, default to one each. `rng` is there for rules that draw lots; none of these does.

The status quo wins unless another option meets every condition of the rule; so any tie for the lead, whoever is
in it, keeps the status quo, as do a missed quorum, nobody voting and no members at all. The quorum counts
members (the weight of all rows), a majority counts votes cast (the weight of rows with at least one rating).
Amounts that differ by no more than a billionth of the members' weight count as equal, so that three thirds tie
with one and a quorum of .3 of ten members is three.

`margins.margin` says by how few ballots a winner was decided.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..ml_tasks.settings import Checked, InputError, Interval, Share

Floats = NDArray[np.float64]

TOLERANCE = 1e-9
"""Share of the members' weight below which a difference is rounding, not a vote."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a vote decided.

    `winner` is the index of an option; `tally` (options,) the weight of the votes for each; `cast` the weight of
    those who voted; `quorate` whether `cast` reached the quorum.
    """

    winner: int
    tally: Floats
    cast: float
    quorate: bool


class Rule(Protocol):
    """A member of the family: its settings, how it reads one ballot, and the vote itself."""

    @property
    def quorum(self) -> float:
        """Share of the members who must vote."""
        ...

    @property
    def bar(self) -> float:
        """Share of the votes cast that a winner needs beyond the lead: 0 none, .5 more than half."""
        ...

    def support(self, ballots: Floats) -> Floats:
        """Each voter's vote for each option (voters, options), from 0 to 1."""
        ...

    def __call__(
        self, ballots: ArrayLike, weights: ArrayLike | None = None, rng: np.random.Generator | None = None
    ) -> Outcome:
        """The outcome; InputError if ballots or weights have the wrong form."""
        ...


@dataclass(frozen=True)
class Plurality(Checked):
    """The option that most voters rate highest; a voter's tied tops share the vote equally."""

    quorum: Share = 0.0
    bar: ClassVar[float] = 0.0

    def support(self, ballots: Floats) -> Floats:
        return _tops(ballots)

    def __call__(
        self, ballots: ArrayLike, weights: ArrayLike | None = None, rng: np.random.Generator | None = None
    ) -> Outcome:
        return _decide(self, ballots, weights)


@dataclass(frozen=True)
class Majority(Checked):
    """The option with more than half of the votes cast, each counted as in plurality."""

    quorum: Share = 0.0
    bar: ClassVar[float] = 0.5

    def support(self, ballots: Floats) -> Floats:
        return _tops(ballots)

    def __call__(
        self, ballots: ArrayLike, weights: ArrayLike | None = None, rng: np.random.Generator | None = None
    ) -> Outcome:
        return _decide(self, ballots, weights)


@dataclass(frozen=True)
class Supermajority(Checked):
    """The option with at least `share` of the votes cast, each counted as in plurality."""

    share: Annotated[float, Interval(gt=0.5, le=1)] = 2 / 3
    quorum: Share = 0.0

    @property
    def bar(self) -> float:
        return self.share

    def support(self, ballots: Floats) -> Floats:
        return _tops(ballots)

    def __call__(
        self, ballots: ArrayLike, weights: ArrayLike | None = None, rng: np.random.Generator | None = None
    ) -> Outcome:
        return _decide(self, ballots, weights)


@dataclass(frozen=True)
class Approval(Checked):
    """The option approved by most voters, where approving is rating it strictly above the status quo.

    The status quo's own tally is 0, and a voter without a rating for it approves of nothing.
    """

    quorum: Share = 0.0
    bar: ClassVar[float] = 0.0

    def support(self, ballots: Floats) -> Floats:
        return (ballots > ballots[:, :1]).astype(float)

    def __call__(
        self, ballots: ArrayLike, weights: ArrayLike | None = None, rng: np.random.Generator | None = None
    ) -> Outcome:
        return _decide(self, ballots, weights)


def electorate(ballots: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
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


def votes(rule: Rule, ballots: Floats) -> Floats:
    """What the rule reads in each ballot: (voters, options + 1), the vote for each option, then 1 if cast."""
    cast = ~np.isnan(ballots).all(axis=1)
    return np.column_stack([rule.support(ballots), cast])


def conditions(rule: Rule, option: int, options: int, members: float) -> Iterator[tuple[Floats, float]]:
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


def elected(rule: Rule, totals: Floats, members: float) -> int:
    """The winner, from the weighted column sums of `votes`."""
    options = len(totals) - 1
    leader = int(np.argmax(totals[:options]))
    if leader == 0:
        return 0
    met = (row @ totals >= floor for row, floor in conditions(rule, leader, options, members))
    return leader if all(met) else 0


def _decide(rule: Rule, ballots: ArrayLike, weights: ArrayLike | None) -> Outcome:
    ratings, heft = electorate(ballots, weights)
    totals = (heft[:, None] * votes(rule, ratings)).sum(axis=0)
    members = float(heft.sum())
    cast = float(totals[-1])
    quorate = cast >= (rule.quorum - TOLERANCE) * members
    return Outcome(elected(rule, totals, members), totals[:-1], cast, bool(quorate))


def _tops(ballots: Floats) -> Floats:
    best = np.where(np.isnan(ballots), -np.inf, ballots).max(axis=1, keepdims=True)
    tops = ballots == best
    return np.asarray(tops / np.maximum(tops.sum(axis=1, keepdims=True), 1))


def _floats(name: str, given: ArrayLike, expected: str) -> Floats:
    try:
        return np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise InputError(name, type(given).__name__, expected) from None


RULES: dict[str, type[Rule]] = {
    "plurality": Plurality,
    "majority": Majority,
    "supermajority": Supermajority,
    "approval": Approval,
}
