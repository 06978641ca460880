"""Leverage: Data Leverage Power in a round, per firm, rival and coalition, in every metric and both views."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.position import Market
from ..ml_tasks.scores import RECORD_SETS, RecordSet, View, seed_stderr
from ..valuation.campaign import UNDEFINED, CampaignEffect, Estimate, Published, Scale, campaign_effect, published
from .campaigns import Campaigns

if TYPE_CHECKING:
    from .model import CoalitionModel
    from .party import Party

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Leverage:
    """One row of the tracker. Scores are those of the round as it happened."""

    target: str
    rival: str
    coalition: str
    metric: str
    view: RecordSet
    scale: Scale
    target_score: float
    rival_score: float
    published: Published
    effect: CampaignEffect
    shared: Estimate
    """This coalition's Shapley share of what all campaigns of the round close of the gap together."""
    note: str
    """Why a figure is nan, or means little; empty if neither."""


def measure(model: "CoalitionModel", campaigns: Campaigns) -> list[Leverage]:
    """Measure every coalition's campaign against each rival of its target, of the same task; what people in no
    coalition did, where they consider to act alone, against each of the firms that they consider; without any of these,
    the firms alone."""
    rows = []
    actors = _actors(model)
    worlds = [campaigns.without(model, party) if party else model.market for party, _ in actors]
    model.experience.retrain(model.market, *worlds, *campaigns.worlds)
    for (party, target), without in zip(actors, worlds, strict=True):
        line = model.line(target)
        rivals = [name for name in line.products if name != target] or [""]
        for rival in rivals:
            for metric in line.task.yardstick.metrics:
                for view in RECORD_SETS:
                    rows.append(_row(model, party, target, rival, metric, view, without, campaigns))
    return rows


def _actors(model: "CoalitionModel") -> "list[tuple[Party | None, str]]":
    """Whose doing is measured, and against which firm."""
    found: list[tuple[Party | None, str]] = [(coalition, coalition.target) for coalition in model.coalitions]
    found += [(people, target) for people in model.scattered for target in people.targets]
    return found or [(None, line.products[0]) for line in model.lines]


def _row(
    model: "CoalitionModel", party: "Party | None", target: str, rival: str, metric: str,
    view: RecordSet, without: Market, campaigns: "Campaigns",
) -> Leverage:  # fmt: skip
    scale = model.line(target).scale(view, metric)
    large = scores(model, model.market, target, metric, view)
    small = scores(model, model.market, rival, metric, view) if rival else np.full_like(large, np.nan)
    worlds = (model.market, without)
    effect = campaign_effect(
        scale,
        _paired(model, worlds, target, metric, view),
        _paired(model, worlds, rival, metric, view) if rival else None,
    )
    return Leverage(
        target=target,
        rival=rival,
        coalition=party.name if party else "",
        metric=metric,
        view=view,
        scale=scale,
        target_score=float(large.mean()),
        rival_score=float(small.mean()),
        published=published(scale, large, small),
        effect=effect,
        shared=_shared(model, party, target, rival, metric, view, campaigns),
        note=_note(scale, large, small, rival),
    )


def scores(
    model: "CoalitionModel",
    market: Market,
    product: str,
    metric: str | None = None,
    view: RecordSet = "holdout",
    audience: NDArray[np.bool_] | None = None,
) -> Floats:
    """Scores of a product in a market under each seed, shape (seeds,).

    On the holdout everybody is scored, and people who boycott the product count as unserved. In the company
    view the audience is the people whose data the firm has, or those given.
    """
    line, position = model.line(product), market[product]
    if view == "company":
        held = position.holdings.present if audience is None else audience
        return line.once(position, View("company", held, metric=metric))
    stayed = ~position.boycotted[: model.population.contributors]
    served = None if stayed.all() else stayed
    return line.once(position, View("holdout", served=served, metric=metric))


def _paired(
    model: "CoalitionModel", worlds: tuple[Market, Market], product: str, metric: str, view: RecordSet
) -> tuple[Floats, Floats]:
    """Scores with and without a campaign, of the same people: a change of audience is no effect.

    In the company view these are the people whose data the firm has in either world: strikers feel what they
    took from the target, givers what they gave the rival.
    """
    with_, without = worlds
    either = with_[product].holdings.present | without[product].holdings.present
    return scores(model, with_, product, metric, view, either), scores(model, without, product, metric, view, either)


def _shared(
    model: "CoalitionModel", party: "Party | None", target: str, rival: str, metric: str,
    view: RecordSet, campaigns: Campaigns,
) -> Estimate:  # fmt: skip
    """A coalition's Shapley share of the gap that all campaigns close; of the same people in all of their worlds."""
    if party is None or party.index is None:
        return UNDEFINED

    def either(product: str) -> NDArray[np.bool_]:
        held: NDArray[np.bool_] = np.any([world[product].holdings.present for world in campaigns.worlds], axis=0)
        return held

    heard = {name: either(name) for name in (target, rival) if name and campaigns.worlds}

    def worth(market: Market) -> Floats:
        found = {name: scores(model, market, name, metric, view, audience) for name, audience in heard.items()}
        return found.get(rival, np.zeros(1)) - found[target]

    scale = model.line(target).scale(view, metric)
    nothing = np.zeros(len(model.world.task.train_seeds))
    shares = campaigns.shares(worth)
    return scale.share(np.broadcast_to(shares.get(party.index, nothing), nothing.shape))


def _note(scale: Scale, large: Floats, small: Floats, rival: str) -> str:
    reasons = []
    if np.isnan(scale.gap):
        reasons.append("no test record in this view")
    elif not scale.measures:
        reasons.append("the full-data model is no better than the baseline")
    elif abs(scale.gap) < 2 * seed_stderr(scale.best, scale.exact):
        reasons.append("the gap between baseline and best is within two standard errors of training noise")
    if np.isnan(large).any():
        reasons.append("the target has no contributor with a test record")
    if not rival:
        reasons.append("there is no rival")
    elif np.isnan(small).any():
        reasons.append("the rival has no contributor with a test record")
    return "; ".join(reasons)
