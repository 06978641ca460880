"""Liquid democracy: members may hand their vote to another member, who may hand it on."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.settings import Checked, Share
from .procedure import Electorate, Floats, Memory, Places, Votes, voted

Indices = NDArray[np.integer]

_BLOCK = 2**22
"""Agreements between members looked at together, so that memory stays bounded."""


@dataclass(frozen=True)
class Delegation(Checked):
    """Members who do not vote, and some of those who would, hand their vote on: liquid democracy [BZ16].

    A delegate votes with the power of all who reach them, over however many hands. Votes that end with somebody who
    does not vote and has nobody to hand theirs to, or that go round in a circle, are not cast.
    """

    absent: bool = True
    """Whether members without an opinion this round delegate; otherwise they abstain."""
    share: Share = 0.3
    """Share of the members with an opinion who delegate nevertheless, drawn anew each round."""
    to: Literal["neighbour", "member"] = "neighbour"
    """Whom they choose: of the members around them in the social network, or of all members, the one with whom they
    agree most on the issues, drawn among equals."""

    def __call__(
        self, ballots: Floats, electorate: Electorate, memory: Memory | None, rng: np.random.Generator
    ) -> Votes:
        present = voted(ballots)
        would = electorate.draw(rng, "delegates") < self.share
        by_chance = electorate.draw(rng, "ties")
        delegates = np.flatnonzero(would | ~present if self.absent else would & present)
        chosen = np.arange(len(electorate))
        chosen[delegates] = self._choose(delegates, electorate, by_chance)
        handed = chosen != np.arange(len(electorate))
        last = followed(chosen)
        reached = present[last] & ~handed[last]
        power, weights = electorate.power, np.zeros(len(electorate))
        np.add.at(weights, np.where(reached, last, np.arange(len(electorate))), power)
        left = ballots.copy()
        left[handed] = np.nan
        return Votes(left, weights, None)

    def _choose(self, delegates: Places, electorate: Electorate, by_chance: Floats) -> Places:
        """Whom each of them chooses; themselves if there is nobody."""
        ties = electorate.ties()
        if self.to == "neighbour" and ties is not None:
            return _best_neighbour(delegates, ties.indptr, ties.indices, electorate.stances, by_chance)
        return _best_member(delegates, electorate.stances, by_chance)


def followed(chosen: Places) -> Places:
    """Where each chain of delegates ends: the last member, or some member of the circle it runs into.

    `chosen` (members,) is each member's delegate, themselves if none. Each step doubles the length that is followed.
    """
    for _ in range(max(len(chosen), 1).bit_length()):
        chosen = chosen[chosen]
    return chosen


def _best_neighbour(
    delegates: Places, starts: Indices, neighbours: Indices, stances: Floats, by_chance: Floats
) -> Places:
    who = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    wanted = np.isin(who, delegates) & (who != neighbours)
    who, other = who[wanted], neighbours[wanted]
    agreement = np.round((stances[who] * stances[other]).sum(axis=1), 9)
    order = np.lexsort(((by_chance[other] - by_chance[who]) % 1, -agreement, who))
    first, place = np.unique(who[order], return_index=True)
    best = np.arange(len(starts) - 1)
    best[first] = other[order][place]
    return best[delegates]


def _best_member(delegates: Places, stances: Floats, by_chance: Floats) -> Places:
    members = len(stances)
    if members < 2:
        return delegates
    best = np.empty_like(delegates)
    block = max(_BLOCK // members, 1)
    for start in range(0, len(delegates), block):
        some = delegates[start : start + block]
        agreement = np.round(stances[some] @ stances.T, 9)
        agreement[np.arange(len(some)), some] = -np.inf  # not oneself
        # Among equals, the next one on a circle of lots: whose turn that is differs from member to member.
        turn = (by_chance - by_chance[some, None]) % 1
        equal = agreement == agreement.max(axis=1, keepdims=True)
        best[start : start + block] = np.where(equal, turn, np.inf).argmin(axis=1)
    return best
