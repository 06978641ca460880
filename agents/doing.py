"""Doing: who pulls which lever in a round, and for how many coalitions.

Somebody may be in several coalitions that decide the very same: equal levers, with all their settings. It is then one
act. Whoever does it for one of them did not shirk the others, its effort is borne once and counts to each in equal
parts, and records that are taken away twice are gone once.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever, Separately

if TYPE_CHECKING:
    from .coalition import Campaign
    from .model import CoalitionModel


def doings(campaign: "Campaign") -> list[tuple[Lever, NDArray[np.intp]]]:
    """The levers that were pulled in a campaign, and who pulled each, as indices of users; none if none was."""
    if isinstance(campaign.pulled, Separately):
        return [(lever, np.intersect1d(own, campaign.compliers)) for lever, own in campaign.pulled.parts]
    return [(campaign.pulled, campaign.compliers)] if campaign.carried_out else []


def times_done(model: "CoalitionModel", lever: Lever) -> NDArray[np.int64]:
    """For how many coalitions each person pulls this very lever in this round, (users,)."""
    times = np.zeros(model.population.n, dtype=np.int64)
    for coalition in model.coalitions:
        for pulled, people in doings(coalition.campaign):
            if pulled == lever:
                times[people] += 1
    return times
