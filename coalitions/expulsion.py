"""Expulsion: whom a coalition's members put out for what they stand for. `EXPULSIONS` lists the ways.

(members' positions) -> mask (members,): who is to go, judged by all the others at once, by the same agreement of two
people as in `admission`. Nobody judges themselves, and who is alone is put out by nobody. That founders stay is up to
the coalition. Shirking is another matter, that of `monitoring`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import Checked, PositiveCount, Share, Stance
from .admission import agreeing, agreement_of_each

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Expulsion(Protocol):
    """Members' positions on all issues, (members, issues) -> who is put out, (members,)."""

    @property
    def rounds(self) -> int | None:
        """Rounds for which whoever was put out is not taken back; None: for good."""
        ...

    def __call__(self, members: Floats) -> Mask: ...


@dataclass(frozen=True)
class PutOutByVote(Checked):
    """Whoever enough of the others vote against, each for themselves."""

    share: Share = 0.5
    """Share of the others above which votes against a member put them out: at .5 more than half."""
    agreement: Stance = 0.0
    """A member votes against those with whom they agree less than this."""
    rounds: PositiveCount | None = None
    """Rounds for which whoever was put out is not taken back; empty: for good."""

    def __call__(self, members: Floats) -> Mask:
        others = max(len(members) - 1, 1)
        # All agree with themselves or not by the same measure; that vote is taken out again.
        own = agreement_of_each(members, members) >= self.agreement
        votes_for = agreeing(members, members, self.agreement) - own
        # Compared with a tolerance: 3 of 10 members are a share of .3, however it was divided.
        return np.asarray((others - votes_for) / others > self.share + 1e-9) & (len(members) > 1)


@dataclass(frozen=True)
class PutOutByApproval(Checked):
    """Whoever the others agree with too little on average."""

    agreement: Stance = 0.0
    """The others' mean agreement with a member below which they put them out."""
    rounds: PositiveCount | None = None
    """Rounds for which whoever was put out is not taken back; empty: for good."""

    def __call__(self, members: Floats) -> Mask:
        others = (members.sum(axis=0) - members) / max(len(members) - 1, 1)
        return np.asarray(agreement_of_each(members, others) < self.agreement - 1e-9) & (len(members) > 1)


EXPULSIONS: Mapping[str, type[Expulsion]] = {
    "by_vote": PutOutByVote,
    "by_approval": PutOutByApproval,
}
