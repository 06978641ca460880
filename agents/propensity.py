"""Protest propensity: who at all acts against a firm, whatever the coalition that they are in decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ..coalitions.levers import Lever, Separately
from ..ml_tasks.settings import Checked, InputError, Share
from ..ml_tasks.streams import Streams

if TYPE_CHECKING:
    from .model import CoalitionModel

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Propensity(Checked):
    """Who at all would stop or change their use of a firm in protest: a trait of people, for each firm, for good.

    The survey that gives such shares asks what people did about a firm [L19], not what they signed. So whoever has no
    propensity against a firm may join a coalition against it, vote and be paid, but never carries out what it decides
    against that firm; nor do they found a coalition whose first lever is against it.
    """

    share: Share = 1.0
    """Share of people who would act against a firm that `firms` does not name; 1: everybody."""
    firms: Mapping[str, Share] = field(default_factory=dict)
    """The same by the firm's name, for firms that people feel differently about."""
    correlation: Share = 0.47
    """Correlation of what inclines a person against one firm and against another, of normal scores: 1: who acts against
    the less disliked of two firms acts against both; 0: one firm says nothing about another."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, share in self.firms.items():
            if not 0 <= share <= 1:
                raise InputError(f"firms.{name}", share, "a share of people from 0 to 1")

    def __call__(self, firms: Sequence[str], streams: Streams, n: int) -> Mask:
        """Which of n people would act against each of these firms, (n, firms); a person's own, however many there are.

        A person's score is sqrt(correlation) of what is common to all firms and sqrt(1 - correlation) of the firm's
        own; those with the lowest scores act.
        """
        willing = np.ones((n, len(firms)), dtype=bool)
        for place, firm in enumerate(firms):
            share = self.firms.get(firm, self.share)
            if share < 1:
                common, own = (streams.normals("propensity", *of, n=n) for of in ((), (firm,)))
                score = np.sqrt(self.correlation) * common + np.sqrt(1 - self.correlation) * own
                willing[:, place] = score < ndtri(share)
        return willing


def willing_to(model: "CoalitionModel", lever: Lever, people: NDArray[np.integer]) -> Mask:
    """Which of these people, indices of users, would act against the lever's target, (people,)."""
    if isinstance(lever, Separately) or not lever.target:  # those who act on their own were asked for each lever
        return np.ones(len(people), dtype=bool)
    return np.asarray(model.willing[people, model.place_of(lever.target)])
