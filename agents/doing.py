"""Doing: who pulls which lever in a round, and for how many coalitions.

Somebody may be in several coalitions that decide the very same: equal levers, with all their settings. It is then one
act. Whoever does it for one of them did not shirk the others, its effort is borne once and counts to each in equal
parts, and records that are taken away twice are gone once.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever, Separately

if TYPE_CHECKING:
    from .model import CoalitionModel
    from .party import Campaign


def doings(campaign: "Campaign") -> list[tuple[Lever, NDArray[np.integer]]]:
    """The levers that were pulled in a campaign, and who pulled each, as indices of users; none if none was."""
    return parts(campaign.pulled, campaign.compliers) if campaign.carried_out else []


def parts(lever: Lever, people: NDArray[np.integer]) -> list[tuple[Lever, NDArray[np.integer]]]:
    """The levers that these people pull by pulling this one, and who of them pulls each, as indices of users."""
    if isinstance(lever, Separately):
        return [(part, np.intersect1d(own, people)) for part, own in lever.parts]
    return [(lever, people)]


def against(
    pulls: Iterable[tuple[Lever, NDArray[np.integer]]],
) -> dict[str, NDArray[np.integer]]:
    """Who acts against each firm by these levers, by its name."""
    found: dict[str, list[NDArray[np.integer]]] = {}
    for lever, people in pulls:
        if lever.target:
            found.setdefault(lever.target, []).append(people)
    return {firm: np.concatenate(people) for firm, people in found.items()}


def times_done(model: "CoalitionModel", lever: Lever) -> NDArray[np.int64]:
    """For how many coalitions each person pulls this very lever in this round, (users,)."""
    times = np.zeros(model.population.n, dtype=np.int64)
    for coalition in model.coalitions:
        for pulled, people in doings(coalition.campaign):
            if pulled == lever:
                times[people] += 1
    return times
