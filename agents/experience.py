"""Experience: what quality of service each person gets, and what firms earn by it.

Quality is 1 for what the model gave with everybody's data, 0 for what needs nobody's data, cut to that range.
People whose data a product was trained on get something else from it than people it knows nothing of, so
quality is read for each of these groups: 1 minus what *these* people lose against the full-data model, as a
share of the gap between full data and baseline over everybody. For everybody together that is
(score - baseline) / (best - baseline). It is read on the hidden holdout, in the task's own metric.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

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
    scales: dict[tuple[str, str], Scale] = field(default_factory=dict, repr=False, compare=False)
    views: dict[tuple[str | None, ...], Floats] = field(default_factory=dict, repr=False, compare=False)
    read: dict[str, Floats] = field(default_factory=dict, repr=False, compare=False)
    """Qualities read so far: fingerprint of holdings -> see `_by_code`."""

    @classmethod
    def of(cls, retrainer: Retrainer) -> "Experience":
        everyone = Holdings.everyone(len(retrainer.task.contributors))
        return cls(retrainer, retrainer.scores(everyone))

    def scale(self, records: RecordSet = "holdout", metric: str | None = None) -> Scale:
        """Baseline and best in a view, for everybody who contributed to the full data."""
        metric = metric or self.full.yardstick.default
        if (records, metric) not in self.scales:
            best = self.full.view(records, metric=metric)
            lowest = baseline(self.retrainer.task, View(records, metric=metric))
            greater = self.full.yardstick.metrics[metric].greater_is_better
            self.scales[records, metric] = Scale(lowest, best.per_seed, greater, best.exact)
        return self.scales[records, metric]

    def once(self, position: Position, scores: Scores, view: View) -> Floats:
        """A product's scores in a view, shape (seeds,); a view that was read before is not read again."""
        masks = [
            None if mask is None else hashlib.blake2b(np.packbits(mask).tobytes(), digest_size=16).hexdigest()
            for mask in (view.audience, view.served)
        ]
        key = (position.deployed.fingerprint, view.records, view.metric, *masks)
        if key not in self.views:
            self.views[key] = scores.view(view.records, view.audience, view.served, view.metric).per_seed
        return self.views[key]

    def retrain(self, *markets: Market) -> None:
        """Train every product of these markets together, for what is read next: faster than one after the other."""
        self.retrainer.ahead(position.deployed for market in markets for position in market.values())

    def quality(self, position: Position) -> Floats:
        """Quality for each person under each training seed, shape (seeds, users); nan where undefined.

        Undefined means that the full-data model is no better than its baseline.
        """
        quality = np.empty((len(self.retrainer.seeds), len(position.served)))
        self._fill(quality, position)
        return quality

    def qualities(self, market: Market) -> Floats:
        """Quality by product, shape (seeds, users, products); a product's users lie together in memory."""
        self.retrain(market)
        users = len(next(iter(market.values())).served)
        quality = np.empty((len(self.retrainer.seeds), len(market), users))
        for place, position in enumerate(market.values()):
            self._fill(quality[:, place], position)
        return np.moveaxis(quality, 1, -1)

    def _fill(self, quality: Floats, position: Position) -> None:
        scores, codes = self.retrainer.scores(position.deployed), position.deployed.codes
        if position.deployed.fingerprint not in self.read:
            self.read[position.deployed.fingerprint] = self._by_code(scores, codes)
        by_code = self.read[position.deployed.fingerprint]
        for row, read in zip(quality, by_code, strict=True):
            np.take(read, codes, out=row[: len(codes)], mode="clip")
        # Of people without records nothing is known: they get what people get on the whole.
        quality[:, len(codes) :] = by_code[:, -1:]

    def _by_code(self, scores: Scores, codes: NDArray[np.int16]) -> Floats:
        """Quality for people of each code of holdings, and last for people of unknown code; (seeds, codes + 1)."""
        shape = (len(self.retrainer.seeds), int(codes.max(initial=0)) + 2)
        if not self.scale().measures:
            return np.full(shape, np.nan)
        # Where nobody of a code is tested, or one class only, everybody's stands for them.
        score, best = (np.repeat(some.view().per_seed[:, None], shape[1], axis=1) for some in (scores, self.full))
        own, own_best = (_scores_by_code(some, codes) for some in (scores, self.full))
        known = np.isfinite(own).all(axis=0) & np.isfinite(own_best).all(axis=0)
        score[:, :-1][:, known], best[:, :-1][:, known] = own[:, known], own_best[:, known]
        return np.clip(1 + (score - best) / self.scale().gap, 0.0, 1.0)


def _scores_by_code(scores: Scores, codes: NDArray[np.int16]) -> Floats:
    """The holdout's score of the people of each code, (seeds, codes); nan where it has none."""
    yardstick = scores.yardstick
    metric = yardstick.metrics[yardstick.default]
    if metric.reading == "auc":
        masks = [codes == code for code in range(int(codes.max(initial=0)) + 1)]
        return np.stack([scores.view(audience=mask).per_seed for mask in masks], axis=1)
    # As `Scores.view` reads them, but of all codes in one pass.
    tested = np.bincount(codes, yardstick.counts[yardstick.default][0, :-1])
    found = np.full((len(scores.outcomes), len(tested)), np.nan)
    for row, outcomes in zip(found, scores.outcomes, strict=True):
        sums = np.bincount(codes, outcomes.sums[yardstick.default][0, :-1])
        for code in np.flatnonzero(tested):
            row[code] = metric.finish(sums[code] / tested[code])
    return found


@dataclass(frozen=True)
class Custom:
    """Where people go and what firms earn, given the rule of the market."""

    rule: MarketRule
    agreement: Floats
    """With each firm, shape (users, products)."""
    prices: Floats
    seen: list[tuple[Market, NDArray[np.int_], Floats]] = field(default_factory=list, repr=False, compare=False)
    """The last two markets, who used what then, and their revenues."""

    def choices(self, market: Market, quality: Floats, current: NDArray[np.int_]) -> Floats:
        """Probability of using each product, shape (users, products), for qualities of that shape.

        `current` is the product each person uses now, -1 for none.
        """
        products = np.arange(len(market))
        refused = np.stack([position.boycotted for position in market.values()]).T
        return self.rule(quality, self.agreement, (products[:, None] == current).T, refused)

    def revenues(self, market: Market, qualities: Floats, current: NDArray[np.int_]) -> Floats:
        """Expected revenue of each product under each training seed, shape (seeds, products), in money."""
        for place, (seen, then, _) in enumerate(self.seen):
            if seen is market and then is current:  # what every threat of a round is held against
                self.seen.append(self.seen.pop(place))
                return self.seen[-1][2]
        rows = [(self.choices(market, quality, current) * quality).sum(axis=0) * self.prices for quality in qualities]
        self.seen[:] = [*self.seen[-1:], (market, current, np.stack(rows))]
        return self.seen[-1][2]

    def ahead(self, future: Sequence[tuple[Market, Floats, Floats]], current: NDArray[np.int_]) -> Floats:
        """Expected revenue of each product over rounds to come, (products,), given stretches of them.

        A stretch is a market, its quality (users, products), and the weight of each of its rounds. Where people are is
        kept as probabilities. Whoever refuses all there is goes without in that round and remembers what they had.
        """
        products = len(future[0][0])
        # Whoever uses none now is in the last column, and chooses as such.
        place = (np.append(np.arange(products), -1)[:, None] == current).astype(float)
        total = np.zeros(products)
        for market, quality, weights in future:
            if not len(weights):
                continue
            moves = [self.choices(market, quality, np.full(len(current), p)) for p in (*range(products), -1)]
            for weight in weights:
                arrived = [from_[:, None] * move for from_, move in zip(place, moves, strict=True)]
                using = sum(arrived)
                total += weight * (using * quality).sum(axis=0) * self.prices
                without = [from_ - part.sum(axis=1) for from_, part in zip(place, arrived, strict=True)]
                place = np.stack(without) + np.append(using.T, np.zeros((1, len(current))), axis=0)
        return total


def service_of(quality: Floats, market: Market, current: NDArray[np.int_]) -> Floats:
    """Quality each person gets, shape (users,): of their product, or the best they do not refuse; 0 for none.

    `quality` is (users, products).
    """
    own, stays = np.zeros(len(current)), current >= 0
    for place, position in enumerate(market.values()):
        here = current == place
        own = np.where(here, quality[:, place], own)
        if position.boycotted.any():
            stays &= ~(here & position.boycotted)
    own[np.isnan(own)] = 0.0
    leaves = ~stays & (current >= 0)
    if leaves.any():
        refused = np.stack([position.boycotted[leaves] for position in market.values()], axis=-1)
        own[leaves] = np.where(refused, 0.0, np.nan_to_num(quality[leaves])).max(axis=1)
    return own
