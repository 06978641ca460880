"""Rules that take options out one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ...ml_tasks.settings import Checked, Share
from .rule import ByCount, Floats, agreed, tops

Options = tuple[int, ...]


@dataclass(frozen=True)
class InstantRunoff(ByCount, Checked):
    """The option that is left when the one with fewest votes, counted as in plurality among those left, goes out again
    and again [H1857]. A ballot without a rating for any option that is left counts no more.

    Where several have fewest, the winner is who wins whichever goes first; if that differs, the status quo
    (parallel universes [CRX09]). Tally: the votes in the last count against another option.
    """

    quorum: Share = 0.0
    """Share of the electorate, by weight, that must vote; if less does, the status quo stays."""
    keeps: ClassVar[frozenset[str]] = frozenset({"anonymity", "neutrality", "unanimity", "majority", "condorcet_loser"})

    def count(self, ballots: Floats, weights: Floats, rounding: float) -> tuple[int, Floats]:
        tally = weights @ tops(ballots)
        return agreed(_left(ballots, weights, rounding, tally)), tally


def _left(ballots: Floats, weights: Floats, rounding: float, tally: Floats) -> Iterator[int]:
    """Who is left in the end, for every way of breaking ties; the first way's counts are written to `tally`."""
    pending: list[Options] = [tuple(range(ballots.shape[1]))]
    counted: set[Options] = set()
    first = True
    while pending:
        options = pending.pop()
        if len(options) == 1:
            first = False
            yield options[0]
        elif options not in counted:
            counted.add(options)
            counts = weights @ tops(ballots[:, options])
            if first:
                tally[list(options)] = counts
            pending += _without_lowest(options, counts, rounding)


def _without_lowest(options: Options, counts: Floats, rounding: float) -> list[Options]:
    """The options without one of those with fewest votes, for each of these; all go at once if all must."""
    lowest = counts - counts.min() < rounding
    rest = counts[~lowest]
    if rest.size and rest.min() - counts[lowest].sum() >= rounding:
        return [tuple(o for o, low in zip(options, lowest, strict=True) if not low)]
    return [tuple(o for o in options if o != out) for out, low in zip(options, lowest, strict=True) if low]
