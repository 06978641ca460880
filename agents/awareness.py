"""Awareness: what people believe that a lever does, whatever the coalition has found out about it.

It bears on ballots, and on joining where people reckon with what their part adds (`critical_mass`); other rules of
joining go by what people have seen. What a lever really does is always found by retraining.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..coalitions.acts import acts_of
from ..coalitions.levers import Lever
from ..ml_tasks.settings import Checked, InputError, PositiveCount, Share

if TYPE_CHECKING:
    from .model import CoalitionModel
    from .party import Party

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
TRUTH, PRINT, NOTHING = 0, 1, 2
"""What somebody goes by: what is found by retraining, what was published, or the belief that nothing helps."""
Studied = Literal["movielens", "pinterest", "toxic", "cifar10"]


@dataclass(frozen=True)
class Information(Checked):
    """A campaign that tells people what data can do."""

    round: PositiveCount
    """The round from which on those whom it reaches know the truth."""
    reach: Share = 1.0
    """Share of those who did not know it whom it reaches."""


@dataclass(frozen=True)
class Awareness(Checked):
    """What people believe that a lever does: the truth, nothing, or what was published; a trait of each, for good.

    The truth is what the coalition announces, found by retraining. Whoever believes in nothing takes every lever to be
    without effect. Whoever goes by what was published reads it off the Data Leverage Power of contributions and strikes
    in the company view [VH21] at the coalition's share of the people with data, times the share of records that the
    lever touches; a lever that does both does both. Misleading data count as a strike, which they are once they are
    found [VLTCH21]; of levers that do none of this nothing is published. On ballots each belief is multiplied by
    `optimism`.
    """

    nothing: Share = 0.0
    """Share of people who believe that no lever does anything."""
    published: Share = 0.0
    """Share of people who go by what was published; all others know the truth."""
    study: Studied = "movielens"
    """Whose published curve that is: films (ML-10M), pins, comments or images."""
    information: Information | None = field(default=None)
    """A campaign that makes people know the truth; empty: there is none."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.nothing + self.published > 1 + 1e-9:
            found = f"{self.nothing:g} who believe in nothing and {self.published:g} who go by what was published"
            raise InputError("published", found, "shares of people up to 1 in all")

    def believed(self, model: "CoalitionModel", party: "Party", effect: Floats) -> Floats:
        """What each member takes each option to do, (members, options), given what it does, (options,)."""
        members, ballot = party.members, party.campaign.ballot
        if not (self.nothing or self.published):
            return np.tile(effect, (len(members), 1))
        unaware, reader = self._kinds(model)
        with_data = (members < model.population.contributors).sum() / model.population.contributors
        read = np.array([in_print(option, float(with_data), self.study) for option in ballot])
        beliefs = np.where(reader[members, None], read, effect)
        beliefs = np.where(unaware[members, None], 0.0, beliefs)
        told = [option.target in _told(model) for option in ballot]
        return np.asarray(np.where(told, effect, beliefs))

    def knows(self, model: "CoalitionModel", target: str) -> Mask:
        """Who takes levers against a firm to do what they really do, optimism left out, (users,)."""
        return np.asarray(self.beliefs(model, target) == TRUTH)

    def beliefs(self, model: "CoalitionModel", target: str) -> NDArray[np.int64]:
        """What each person goes by where a firm is acted against, (users,): `TRUTH`, `PRINT` or `NOTHING`."""
        kinds = np.full(model.population.n, TRUTH)
        if (self.nothing or self.published) and target not in _told(model):
            unaware, reader = self._kinds(model)
            kinds[unaware], kinds[reader] = NOTHING, PRINT
        return kinds

    def _kinds(self, model: "CoalitionModel") -> tuple[Mask, Mask]:
        """Who believes in nothing in this round, and who goes by what was published, (users,) each."""
        draw = model.streams.uniforms("awareness", n=model.population.n)
        unaware = draw < self.nothing
        reader = ~unaware & (draw < self.nothing + self.published)
        if self.information is not None and model.round >= self.information.round:
            reached = model.streams.uniforms("information", n=model.population.n) < self.information.reach
            unaware, reader = unaware & ~reached, reader & ~reached
        return unaware, reader


def _told(model: "CoalitionModel") -> set[str]:
    """Firms that say themselves what they use data for."""
    return {firm.name for firm in model.world.firms if firm.partner and firm.partner.notice}


def in_print(lever: Lever, people: float, study: Studied) -> float:
    """The published share of the gap that a lever closes if this share of people pulls it."""
    acts, given = acts_of(lever), people * getattr(lever, "share", 1.0)
    struck = np.interp(given, *_strike(study)) if acts.withdraws or acts.misleads else 0.0
    return float(struck + (np.interp(given, *_contribution(study)) if acts.gives else 0.0))


RATES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
PUBLISHED: Mapping[Studied, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "movielens": ((0.540, 0.649, 0.809, 0.878, 0.917, 0.941), (0.008, 0.008, 0.017, 0.029, 0.040, 0.059)),
    "pinterest": ((0.733, 0.838, 0.920, 0.945, 0.961, 0.972), (0.001, -0.007, 0.008, 0.013, 0.020, 0.028)),
    "toxic": ((0.698, 0.733, 0.844, 0.850, 0.903, 0.911), (0.037, 0.044, 0.050, 0.058, 0.081, 0.089)),
    "cifar10": ((0.614, 0.785, 0.886, 0.929, 0.948, 0.965), (0.004, 0.008, 0.012, 0.019, 0.020, 0.035)),
}
"""Data Leverage Power in the company view at `RATES`: of a contribution alone, and of a strike alone [VH21]."""


def _contribution(study: Studied) -> tuple[Floats, Floats]:
    given, taken = PUBLISHED[study]
    return _whole(given, taken)


def _strike(study: Studied) -> tuple[Floats, Floats]:
    given, taken = PUBLISHED[study]
    return _whole(taken, given)


def _whole(half: tuple[float, ...], other: tuple[float, ...]) -> tuple[Floats, Floats]:
    """A curve from 0 to 1: who loses a share is who holds the rest, so that one lever's half mirrors the other's."""
    beyond = [(1 - rate, 1 - power) for rate, power in zip(RATES[:-1], other[:-1], strict=True)][::-1]
    points = [(0.0, 0.0), *zip(RATES, half, strict=True), *beyond, (1.0, 1.0)]
    return np.array([s for s, _ in points]), np.array([power for _, power in points])
