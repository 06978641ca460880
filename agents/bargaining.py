"""Bargaining: what a threat would really do to a firm, and what the firm answers."""

from typing import TYPE_CHECKING

from ..valuation.leverage import mean_stderr
from .action import after
from .responses import Threat

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel


def threaten(model: "CoalitionModel", coalition: "Coalition") -> None:
    """Work out the harm if those members who would comply carried out what was voted for.

    Harm is the target's revenue on the market at the start of the round minus that on the threatened one,
    people going where they are expected to go; seed by seed, so that its standard error is of paired trainings.
    """
    campaign, members, people = coalition.campaign, coalition.members, model.population
    if not campaign.passed:
        return
    campaign.compliers = members[coalition.draws("compliance") < people.compliance[members]]
    threatened = after(model, model.start, campaign.proposal, campaign.compliers)
    before, then = (
        model.demand.revenues(market, model.experience.qualities(market), people.service)
        for market in (model.start, threatened)
    )
    target = model.place_of(coalition.target)
    harm, stderr = mean_stderr(before[:, target] - then[:, target], model.task.formula)
    campaign.threat = Threat(harm, stderr, float(before[:, target].mean()))


def answer(model: "CoalitionModel", coalition: "Coalition") -> None:
    """The target pays, and the lever is not pulled; or it refuses, and it is."""
    campaign = coalition.campaign
    if campaign.threat is None:
        return
    campaign.payment = model.firm(coalition.target).answer(campaign.threat)
    if campaign.payment == 0:
        campaign.pulled = campaign.proposal
