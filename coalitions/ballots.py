"""Ballots: what can be decided on, and how a person rates it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import Checked, InputError, NonNegative
from .levers import Lever, Nothing, label_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class VoteWeights(Checked):
    """What a rating is made of. Effect and service count in shares of the gap between baseline and full data."""

    effect: NonNegative = 1.0
    """Weight of the effect the member believes the option will have."""
    agreement: NonNegative = 0.05
    """Weight of agreement with the rival's positions against the target's."""
    cost: NonNegative = 0.05
    """Weight of the member's own cost times the effort of the lever."""
    service: NonNegative = 0.2
    """Weight of the quality of service that the member would lose; in a vote on what a firm trains on, the voter."""
    exposure: NonNegative = 0.0
    """Weight of each owner more who would hold the member's own records, or run weights fitted on them; fewer speak for
    a lever. In a vote on what a firm trains on: of weights fitted on the voter's own records."""
    satisfaction: NonNegative = 0.0
    """Weight of the member's satisfaction, 0 to 1, with the target if they use it: a reason to leave it alone."""


def ballot_of(options: Sequence[Lever]) -> tuple[Lever, ...]:
    """The options in the order of the ballot paper: the status quo first, listed or not."""
    return (Nothing(), *(option for option in options if not isinstance(option, Nothing)))


def check_options(options: Sequence[Lever]) -> None:
    """Raise InputError for a list of options without any, or with one of them twice."""
    if not options:
        raise InputError("options", "an empty ballot", "at least one lever to vote on")
    labels = [label_of(option) for option in options]
    for label in labels:
        if labels.count(label) > 1:
            raise InputError("options", f"{label} twice", "every option once")


def rate(
    effect: Floats,
    agreement: Floats,
    cost: Floats,
    service_lost: Floats,
    weights: VoteWeights,
    satisfaction: Floats | float = 0.0,
    exposure: Floats | float = 0.0,
) -> NDArray[np.float64]:
    """Ratings, shape (voters, options), from arrays of that shape; the status quo rates 0."""
    ratings = weights.effect * effect + weights.agreement * agreement
    ratings -= weights.cost * cost
    ratings -= weights.service * service_lost
    ratings -= weights.satisfaction * satisfaction
    ratings -= weights.exposure * exposure
    return ratings - ratings[:, :1]
