"""Experience: what quality of service each person gets, and what firms earn by it.

Quality is 1 for what the model gave with everybody's data, 0 for what needs nobody's data, cut to that range.
People whose data a product was trained on get something else from it than people it knows nothing of, so
quality is read for each of these groups: 1 minus what *these* people lose against the full-data model, as a
share of the gap between full data and baseline over everybody. For everybody together that is
(score - baseline) / (best - baseline). It is read on the hidden holdout, in the task's own metric.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..coalitions.position import Market, Position
from ..ml_tasks.holdings import Holdings
from ..ml_tasks.retrainer import Retrainer
from ..ml_tasks.scores import RecordSet, Scores, View
from ..ml_tasks.task import baseline
from ..valuation.campaign import Scale
from .markets import MarketRule

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Experience:
    """Reads scores as people feel them. Reference levels are fixed before anybody acts."""

    retrainer: Retrainer
    full: Scores
    """Of the model trained on everybody's genuine data."""

    @classmethod
    def of(cls, retrainer: Retrainer) -> "Experience":
        everyone = Holdings.everyone(len(retrainer.task.contributors))
        return cls(retrainer, retrainer.scores(everyone))

    def scale(self, records: RecordSet = "holdout", metric: str | None = None) -> Scale:
        """Baseline and best in a view, for everybody who contributed to the full data."""
        view = View(records, metric=metric)
        best = self.full.view(records, metric=metric)
        greater = self.full.yardstick.metrics[metric or self.full.yardstick.default].greater_is_better
        return Scale(baseline(self.retrainer.task, view), best.per_seed, greater, best.exact)

    def retrain(self, *markets: Market) -> None:
        """Train every product of these markets together, for what is read next: faster than one after the other."""
        self.retrainer.ahead(position.deployed for market in markets for position in market.values())

    def quality(self, position: Position) -> Floats:
        """Quality for each person under each training seed, shape (seeds, users); nan where undefined.

        Undefined means that the full-data model is no better than its baseline.
        """
        scores = self.retrainer.scores(position.deployed)
        codes = position.deployed.codes
        known = np.empty((len(self.retrainer.seeds), len(codes)))
        for code in np.unique(codes):
            group = codes == code
            known[:, group] = self._quality_of(scores, group)[:, None]
        quality = np.empty((len(known), len(position.served)))
        quality[:, : len(codes)] = known
        # Of people without records nothing is known: they get what people get on the whole.
        quality[:, len(codes) :] = self._quality_of(scores, None)[:, None]
        return quality

    def qualities(self, market: Market) -> Floats:
        """Quality by product, shape (seeds, users, products)."""
        self.retrain(market)
        return np.stack([self.quality(position) for position in market.values()], axis=-1)

    def _quality_of(self, scores: Scores, group: NDArray[np.bool_] | None) -> Floats:
        score, best = scores.view(audience=group), self.full.view(audience=group)
        if score.reason or best.reason:  # nobody of this group is tested, or one class only: take everybody
            score, best = scores.view(), self.full.view()
        scale = self.scale()
        if not scale.measures:
            return np.full(len(score.per_seed), np.nan)
        return np.clip(1 + (score.per_seed - best.per_seed) / scale.gap, 0.0, 1.0)


@dataclass(frozen=True)
class Demand:
    """Where people go and what firms earn, given the rule of the market."""

    rule: MarketRule
    agreement: Floats
    """With each firm, shape (users, products)."""
    prices: Floats

    def choices(self, market: Market, quality: Floats, current: NDArray[np.int_]) -> Floats:
        """Probability of using each product, shape (users, products), for qualities of that shape.

        `current` is the product each person uses now, -1 for none.
        """
        products = np.arange(len(market))
        refused = np.stack([position.boycotted for position in market.values()], axis=-1)
        return self.rule(quality, self.agreement, current[:, None] == products, refused)

    def revenues(self, market: Market, qualities: Floats, current: NDArray[np.int_]) -> Floats:
        """Expected revenue of each product under each training seed, shape (seeds, products), in money."""
        rows = [(self.choices(market, quality, current) * quality).sum(axis=0) * self.prices for quality in qualities]
        return np.stack(rows)


def service_of(quality: Floats, market: Market, current: NDArray[np.int_]) -> Floats:
    """Quality each person gets, shape (users,): of their product, or the best they do not refuse; 0 for none.

    `quality` is (users, products).
    """
    refused = np.stack([position.boycotted for position in market.values()], axis=-1)
    users = np.arange(len(current))
    own = np.maximum(current, 0)
    best = np.where(refused, 0.0, np.nan_to_num(quality)).max(axis=1)
    stays = (current >= 0) & ~refused[users, own]
    return np.where(stays, np.nan_to_num(quality)[users, own], np.where(current >= 0, best, 0.0))
