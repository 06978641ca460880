"""Voting power: what a member's vote weighs before any procedure. `VOTING_POWERS` lists the ways.

(electorate) -> weights (members,), 0 or more and on average 1. Where nobody has any of what is weighed by
(before data were first valued, say), all weigh the same, as with dividends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

import numpy as np

from ..ml_tasks.settings import Checked, Interval
from .procedures.procedure import Electorate, Floats

Exponent = Annotated[float, Interval(gt=0, le=1)]


class VotingPower(Protocol):
    """The electorate -> the weight of each member's vote."""

    def __call__(self, electorate: Electorate) -> Floats: ...


@dataclass(frozen=True)
class EqualVotes:
    """One member, one vote."""

    def __call__(self, electorate: Electorate) -> Floats:
        return np.ones(len(electorate))


@dataclass(frozen=True)
class ByRecords(Checked):
    """By how many records a member contributed."""

    exponent: Exponent = 1.0
    """1: in proportion; .5: by the root, so that ten times the votes take a hundred times the records."""

    def __call__(self, electorate: Electorate) -> Floats:
        return _by(electorate.records, self.exponent)


@dataclass(frozen=True)
class ByValue(Checked):
    """By what a member's data were last found to be worth; harmful or never valued: no vote."""

    exponent: Exponent = 1.0
    """1: in proportion; .5: by the root."""

    def __call__(self, electorate: Electorate) -> Floats:
        return _by(electorate.value, self.exponent)


@dataclass(frozen=True)
class ByStake(Checked):
    """By what a member has put in, or taken out."""

    stake: Literal["dues", "dividends"] = "dues"
    """Dues owed so far, or dividends received so far, to and from whatever coalitions."""
    exponent: Exponent = 1.0
    """1: in proportion; .5: by the root."""

    def __call__(self, electorate: Electorate) -> Floats:
        return _by(electorate.dues if self.stake == "dues" else electorate.dividends, self.exponent)


VOTING_POWERS: Mapping[str, type[VotingPower]] = {
    "equal": EqualVotes,
    "by_records": ByRecords,
    "by_value": ByValue,
    "by_stake": ByStake,
}


def _by(amounts: Floats, exponent: float) -> Floats:
    held = np.maximum(np.nan_to_num(amounts, nan=0.0), 0.0)
    if not held.any():
        return np.ones(len(held))
    weights = (held / held.max()) ** exponent
    return np.asarray(weights / weights.mean())
