"""Axioms: what one may ask of a decision rule, as checks. `AXIOMS` lists them.

(rule, ballots, weights) -> whether the rule meets the axiom on these ballots. Where an axiom asks nothing of such
ballots (no option has a majority, say), or the quorum is missed, it is met. A rule keeps an axiom if it meets it on
all ballots (score, STAR and quadratic: of finite ratings, since next to an infinite one they take the others for
level); a rule says so in `keeps`, and `counter_examples.COUNTER_EXAMPLES` has ballots for the others. Amounts count as
equal if they do for the rules.

All axioms speak of the votes cast, and leave the status quo its privilege: it wins ties, so what is asked of winners
here is asked of other options alone where a tie could stand in the way.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, permutations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .rules.pairwise import beaten, duels
from .rules.rule import TOLERANCE, Floats, Rule, profile, tops

Axiom = Callable[..., bool]
"""(rule, ballots, weights=None) -> bool."""


def anonymity(rule: Rule, ballots: ArrayLike, weights: ArrayLike | None = None) -> bool:
    """Who casts which ballot makes no difference (their weight goes with it)."""
    ratings, heft = profile(ballots, weights)
    winner = rule(ratings, heft).winner
    return all(rule(ratings[order], heft[order]).winner == winner for order in _orders(len(ratings)))


def neutrality(rule: Rule, ballots: ArrayLike, weights: ArrayLike | None = None) -> bool:
    """The name and place of an option makes no difference, save for the status quo."""
    ratings, heft = profile(ballots, weights)
    winner = rule(ratings, heft).winner
    for order in _orders(ratings.shape[1] - 1):
        columns = np.concatenate([[0], order + 1])
        if columns[rule(ratings[:, columns], heft).winner] != winner:
            return False
    return True


def unanimity(rule: Rule, ballots: ArrayLike, weights: ArrayLike | None = None) -> bool:
    """If all who vote rate every option and the same one highest, it wins."""
    ratings, _ = _cast(ballots, weights)
    if not len(ratings) or np.isnan(ratings).any():
        return True
    everyone = (tops(ratings) == 1).all(axis=0)
    return _wins(rule, ballots, weights, everyone)


def majority(rule: Rule, ballots: ArrayLike, weights: ArrayLike | None = None) -> bool:
    """If more than half of the votes cast have one option alone on top, it wins."""
    ratings, heft = _cast(ballots, weights)
    lead = heft @ (tops(ratings) == 1) - heft.sum() / 2
    return _wins(rule, ballots, weights, (lead >= TOLERANCE * heft.sum()) & (heft.sum() > 0))


def condorcet(rule: Rule, ballots: ArrayLike, weights: ArrayLike | None = None) -> bool:
    """If one option beats every other, two by two, it wins."""
    beats = _beats(ballots, weights)
    return _wins(rule, ballots, weights, beats.sum(axis=1) == len(beats) - 1 if len(beats) > 1 else np.zeros(1, bool))


def condorcet_loser(rule: Rule, ballots: ArrayLike, weights: ArrayLike | None = None) -> bool:
    """If an option other than the status quo loses to every other, two by two, it does not win."""
    beats = _beats(ballots, weights)
    winner = rule(ballots, weights).winner
    return winner == 0 or bool(beats[:, winner].sum() < len(beats) - 1)


def monotonicity(rule: Rule, ballots: ArrayLike, weights: ArrayLike | None = None) -> bool:
    """If the winner, other than the status quo, is rated higher by some and all else stays, it wins again.

    Tried: by one voter, and by all voters with the same ballot, to every place further up.
    """
    ratings, heft = profile(ballots, weights)
    winner = rule(ratings, heft).winner
    return winner == 0 or all(rule(other, heft).winner == winner for other in _raised(ratings, winner))


AXIOMS: Mapping[str, Axiom] = {
    "anonymity": anonymity,
    "neutrality": neutrality,
    "unanimity": unanimity,
    "majority": majority,
    "condorcet": condorcet,
    "condorcet_loser": condorcet_loser,
    "monotonicity": monotonicity,
}


def _orders(n: int) -> Iterator[NDArray[np.intp]]:
    """All orders of up to four things; of more, each exchange of two, and the reverse."""
    every = np.arange(n)
    if n <= 4:
        yield from (np.array(order, dtype=int) for order in permutations(every))
        return
    yield every[::-1]
    for one, two in combinations(every, 2):
        order = every.copy()
        order[[one, two]] = two, one
        yield order


def _cast(ballots: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    ratings, heft = profile(ballots, weights)
    counts = ~np.isnan(ratings).all(axis=1) & (heft > 0)
    return ratings[counts], heft[counts]


def _beats(ballots: ArrayLike, weights: ArrayLike | None) -> Floats:
    ratings, heft = _cast(ballots, weights)
    if not len(ratings):
        return np.zeros((ratings.shape[1],) * 2)
    return beaten(duels(ratings, heft), TOLERANCE * float(heft.sum())).astype(float)


def _wins(rule: Rule, ballots: ArrayLike, weights: ArrayLike | None, due: ArrayLike) -> bool:
    """Whether the option that is due the victory has it; met if there is none, or no quorum."""
    options = np.flatnonzero(due)
    outcome = rule(ballots, weights)
    return not len(options) or not outcome.quorate or outcome.winner == options[0]


def _raised(ratings: Floats, option: int) -> Iterator[Floats]:
    """The ballots with the option further up on one ballot, or on all that are like it."""
    rows, kind = np.unique(ratings, axis=0, return_inverse=True)
    for i, row in enumerate(rows):
        alike = np.flatnonzero(kind.ravel() == i)
        for place in _places_above(row, option):
            for voters in (alike[:1], alike):
                other = ratings.copy()
                other[voters, option] = place
                yield other


def _places_above(row: Floats, option: int) -> Iterator[float]:
    """Ratings for the option level with those above it, between them, and above them all: by little and by much."""
    higher = np.unique(row[row > row[option]])
    yield from higher
    finite = higher[np.isfinite(higher)]
    yield from (finite[1:] + finite[:-1]) / 2
    if np.isfinite(row[option]):
        rated = row[np.isfinite(row)]
        yield rated.max() + 1
        yield rated.max() + 10 * (np.ptp(rated) + 1)
