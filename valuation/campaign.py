"""What one coalition's campaign did to a firm and its rival: a paired counterfactual.

Two worlds of the same round with the same training seeds, with the campaign and without it. All three figures
are shares of the gap between the full-data and the unpersonalised performance, and are printed as they are,
negative ones too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .leverage import dlp_contribution, dlp_strike, dlp_transfer, ratio_stderr

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error over training seeds (nan with one seed, 0 for a closed form)."""

    mean: float
    stderr: float


UNDEFINED = Estimate(float("nan"), float("nan"))


@dataclass(frozen=True)
class Scale:
    """The two ends of the leverage scale, fixed before anybody acts, in one metric and one view."""

    baseline: float
    """What needs nobody's data."""
    best: Floats
    """The full-data model under each training seed, shape (seeds,)."""
    greater_is_better: bool
    exact: bool = False
    """A closed form: no training noise."""

    @property
    def gap(self) -> float:
        """Best minus baseline; negative for metrics where lower is better."""
        return float(self.best.mean()) - self.baseline

    @property
    def measures(self) -> bool:
        """Whether best is better than baseline; if not, shares of the gap mean nothing and are nan."""
        return self.gap > 0 if self.greater_is_better else self.gap < 0

    def share(self, change: Floats) -> Estimate:
        """A change of score for each seed, shape (seeds,), as a share of the gap; nan if it measures nothing.

        The standard error is that of the ratio of the two means over paired seeds, the noise of best included.
        """
        if not self.measures:
            return UNDEFINED
        error = ratio_stderr(change, self.best - self.baseline, self.exact)
        return Estimate(float(change.mean()) / self.gap + 0.0, error)  # no change is 0, never -0


@dataclass(frozen=True)
class Published:
    """The three published measures of Data Leverage Power [VH21], on seed means."""

    dlp_contribution: Estimate
    dlp_transfer: Estimate
    dlp_strike: Estimate


def published(scale: Scale, target: Floats, rival: Floats) -> Published:
    """The published measures from the scores of the firm and its rival under each seed, shape (seeds,)."""
    if not scale.measures:
        return Published(UNDEFINED, UNDEFINED, UNDEFINED)
    best, small, large = float(scale.best.mean()), float(rival.mean()), float(target.mean())
    return Published(
        Estimate(dlp_contribution(small, scale.baseline, best), scale.share(rival - scale.baseline).stderr),
        Estimate(
            dlp_transfer(small, large, scale.baseline),
            ratio_stderr(rival - scale.baseline, target - scale.baseline, scale.exact),
        ),
        Estimate(dlp_strike(large, scale.baseline, best), scale.share(target - scale.best).stderr),
    )


@dataclass(frozen=True)
class CampaignEffect:
    """What the campaign took from its target, gave its target's rival, and both together."""

    strike: Estimate
    contribution: Estimate
    gap_closed: Estimate


def campaign_effect(scale: Scale, target: tuple[Floats, Floats], rival: tuple[Floats, Floats] | None) -> CampaignEffect:
    """The effect from the scores (with, without) the campaign under each seed; without a rival, it gains 0."""
    lost = target[1] - target[0]
    gained = rival[0] - rival[1] if rival is not None else np.zeros_like(lost)
    return CampaignEffect(scale.share(lost), scale.share(gained), scale.share(lost + gained))
