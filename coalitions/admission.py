"""Admission: whom a coalition takes. `ADMISSIONS` lists the ways.

(applicants) -> mask (applicants,): who would be taken if they asked. Each person is judged by themselves, so that it
makes no difference who else asks. Members stay members, whatever they have become; founders ask nobody.

Agreement of two people is the mean over all issues of the product of their positions, from -1 to 1. Where a
coalition has no members yet, its purpose stands for theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import Checked, PositiveCount, Share, Stance

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
_PAIRS = 4_000_000
"""Pairs of applicant and member looked at together, so that a million people fit into memory."""


@dataclass(frozen=True)
class Applicants:
    """The people outside a coalition, and the members they would be among."""

    records: NDArray[np.int64]
    """Training records each contributed, (applicants,)."""
    stances: Floats
    """Their positions on all issues, (applicants, issues)."""
    sponsors: NDArray[np.int64]
    """How many of the people around each are members, (applicants,)."""
    purpose: Floats
    """The coalition's own positions, (issues,)."""
    members: Floats
    """The members' positions, (members, issues)."""

    def __len__(self) -> int:
        return len(self.records)

    @property
    def hosts(self) -> Floats:
        """The positions that an applicant is held against: the members', or the purpose; at least one row."""
        return self.members if len(self.members) else self.purpose[None, :]


class Admission(Protocol):
    """Applicants -> who would be taken, (applicants,)."""

    def __call__(self, applicants: Applicants) -> Mask: ...


@dataclass(frozen=True)
class Open:
    """Whoever wants to."""

    def __call__(self, applicants: Applicants) -> Mask:
        return np.ones(len(applicants), dtype=bool)


@dataclass(frozen=True)
class MinimumRecords(Checked):
    """Whoever brings enough data."""

    records: PositiveCount = 10
    """Training records that an applicant has at least."""

    def __call__(self, applicants: Applicants) -> Mask:
        return np.asarray(applicants.records >= self.records)


@dataclass(frozen=True)
class ByApproval(Checked):
    """Whoever the members agree with on average."""

    agreement: Stance = 0.0
    """The members' mean agreement with an applicant is at least this."""

    def __call__(self, applicants: Applicants) -> Mask:
        mean = applicants.hosts.mean(axis=0)  # of products with one applicant: the product with the mean
        return _agreement(applicants.stances, mean[None, :])[:, 0] >= self.agreement


@dataclass(frozen=True)
class ByVote(Checked):
    """Whoever enough members vote for, each member for those they agree with."""

    share: Share = 0.5
    """Share of the members who must vote for an applicant, at least."""
    agreement: Stance = 0.0
    """A member votes for applicants whom they agree with at least so much."""

    def __call__(self, applicants: Applicants) -> Mask:
        hosts = applicants.hosts
        votes = agreeing(applicants.stances, hosts, self.agreement) / len(hosts)
        # Compared with a tolerance: 3 of 10 members are a share of .3, however it was divided.
        return np.asarray(votes >= self.share - 1e-9)


@dataclass(frozen=True)
class ByInvitation(Checked):
    """Whoever knows enough members to be brought along."""

    sponsors: PositiveCount = 1
    """How many of the people around an applicant are members, at least. Without founders nobody ever gets in."""

    def __call__(self, applicants: Applicants) -> Mask:
        return np.asarray(applicants.sponsors >= self.sponsors)


ADMISSIONS: Mapping[str, type[Admission]] = {
    "open": Open,
    "minimum_records": MinimumRecords,
    "by_approval": ByApproval,
    "by_vote": ByVote,
    "by_invitation": ByInvitation,
}


def agreeing(some: Floats, others: Floats, least: float) -> NDArray[np.int64]:
    """How many of the others agree at least so much with each of some people, (some,)."""
    votes, step = np.empty(len(some), dtype=np.int64), max(1, _PAIRS // max(len(others), 1))
    for start in range(0, len(some), step):
        part = slice(start, start + step)
        votes[part] = (_agreement(some[part], others) >= least).sum(axis=1)
    return votes


def agreement_of_each(some: Floats, others: Floats) -> Floats:
    """Of the first with the first, and so on, (some,); 0 where there are no issues."""
    return np.asarray((some * others).sum(axis=1) / max(some.shape[1], 1))


def _agreement(some: Floats, others: Floats) -> Floats:
    """Of each with each, (some, others); 0 where there are no issues."""
    return np.asarray(some @ others.T / max(some.shape[1], 1))
