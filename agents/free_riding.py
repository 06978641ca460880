"""Free riding, of two kinds: people outside who gain by what others do, and members who do not do their part [O65].

Only members can be watched and made to; what reaches the others is how far the benefit is kept from them, by the
charter's public share.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.scores import seed_stderr
from .action import without_campaign
from .experience import service_of
from .population import NOBODY
from .sanctions import called_on

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FreeRiding:
    """One coalition's round; nan where there is nothing to take a figure of."""

    shirked: float
    """Share of the members who were to carry out what was decided who would not, or did not."""
    free_riders: float
    """People in no coalition who gained by this one: by more than two standard errors over paired training seeds. nan
    with one seed, unless a formula's scores are exact."""
    outsiders_gain: float
    """What it gave people in no coalition, in money, on average: public share, and change of service against the same
    round had it never acted."""
    outsiders_gain_stderr: float
    """Standard error of this mean over paired training seeds; nan with one."""


def free_riding(model: "CoalitionModel") -> dict[str, FreeRiding]:
    """Both kinds, by coalition, for the round just played."""
    return {coalition.name: _of(model, coalition) for coalition in model.coalitions}


def _of(model: "CoalitionModel", coalition: "Coalition") -> FreeRiding:
    shirked, outside = _shirked(coalition), model.population.coalition == NOBODY
    if not outside.any():
        return FreeRiding(shirked, 0.0, float("nan"), float("nan"))
    public = coalition.charter.public_share * coalition.pot / model.population.n
    if not coalition.leaves_traces:
        return FreeRiding(shirked, float(outside.sum()) if public > 0 else 0.0, public, 0.0)
    gain = public + model.world.users.hardship.service * _service(model, coalition)[:, outside]
    exact, of_all = model.task.formula, gain.mean(axis=1)
    stderr = _stderr(gain, exact)
    clear = gain.mean(axis=0) > 2 * stderr
    riders = float("nan") if np.isnan(stderr).any() else float(clear.sum())
    return FreeRiding(shirked, riders, float(of_all.mean()), seed_stderr(of_all, exact))


def _service(model: "CoalitionModel", coalition: "Coalition") -> Floats:
    """By how much each person's service is better than had the coalition never acted, (seeds, users)."""
    worlds, current = (model.market, without_campaign(model, coalition)), model.population.service
    with_, without = (
        np.stack([service_of(quality, market, current) for quality in model.experience.qualities(market)])
        for market in worlds
    )
    return np.asarray(with_ - without)


def _stderr(gain: Floats, exact: bool) -> Floats:
    """Of each person's mean over seeds, (users,); nan with one seed, 0 for exact scores."""
    if exact:
        return np.zeros(gain.shape[1])
    if len(gain) < 2:
        return np.full(gain.shape[1], np.nan)
    return np.asarray(gain.std(axis=0, ddof=1) / np.sqrt(len(gain)))


def _shirked(coalition: "Coalition") -> float:
    campaign, asked = coalition.campaign, called_on(coalition)
    if not (campaign.passed or campaign.carried_out) or not len(asked):
        return float("nan")
    return 1 - len(campaign.compliers) / len(asked)
