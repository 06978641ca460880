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
Tables = list[Floats]


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
        positions = [position for market in markets for position in market.values()]
        self.retrainer.ahead(used for position in positions for used, _ in self._used(position))

    def qualities(self, market: Market) -> Floats:
        """Quality of each product for each person under each training seed, shape (seeds, users, products); nan where
        the full-data model is no better than its baseline. A product's users lie together in memory."""
        return self._of_all(market, self._tables(market))

    def mean_quality(self, market: Market) -> Floats:
        """The same, its mean over seeds, shape (users, products)."""
        quality: Floats = self._of_all(market, _means(self._tables(market)))[0]
        return quality

    def service(self, market: Market, current: NDArray[np.int_]) -> Floats:
        """Quality that each person gets under each training seed, shape (seeds, users): of the product they use, or the
        best they do not refuse; 0 for none. `current` is the product each person uses, -1 for none."""
        return self._of_own(market, self._tables(market), current)

    def mean_service(self, market: Market, current: NDArray[np.int_]) -> Floats:
        """The same, of the mean quality over seeds, shape (users,)."""
        own: Floats = self._of_own(market, _means(self._tables(market)), current)[0]
        return own

    def _of_all(self, market: Market, several: list[Tables]) -> Floats:
        """What these tables say of everybody, shape (rows, users, products)."""
        users = len(next(iter(market.values())).served)
        quality = np.empty((len(several[0][0]), len(market), users))
        for place, (tables, position) in enumerate(zip(several, market.values(), strict=True)):
            table, codes = tables[0], position.deployed.codes
            for row, read in zip(quality[:, place], table, strict=True):
                np.take(read, codes, out=row[: len(codes)], mode="clip")
            # Of people without records nothing is known: they get what people get on the whole.
            quality[:, place, len(codes) :] = table[:, -1:]
            for other, (used, who) in zip(tables[1:], position.versions(), strict=True):
                quality[:, place, who] = _read(other, used.codes, who)
        return np.moveaxis(quality, 1, -1)

    def _of_own(self, market: Market, several: list[Tables], current: NDArray[np.int_]) -> Floats:
        """What these tables say of each person's service, shape (rows, users); nan counts 0."""
        several = [[np.where(np.isnan(table), 0.0, table) for table in tables] for tables in several]
        tables = [of_product[0] for of_product in several]
        # All tables end to end, behind a 0 for none: where each person's figure stands.
        place, start, leaves = np.zeros(len(current), dtype=np.int32), 1, np.zeros(len(current), dtype=bool)
        for product, (table, position) in enumerate(zip(tables, market.values(), strict=True)):
            here, codes = current == product, position.deployed.codes
            place[: len(codes)] += here[: len(codes)] * (start + codes.astype(np.int32))
            place[len(codes) :] += here[len(codes) :] * np.int32(start + table.shape[1] - 1)
            start += table.shape[1]
            if position.boycotted.any():
                leaves |= here & position.boycotted
        rows = np.concatenate([np.zeros((len(tables[0]), 1)), *tables], axis=1)
        own: Floats = np.take(rows, place, axis=1)
        for product, (found, position) in enumerate(zip(several, market.values(), strict=True)):
            for other, (used, who) in zip(found[1:], position.versions(), strict=True):
                theirs = who & (current == product)
                own[:, theirs] = _read(other, used.codes, theirs)
        if leaves.any():
            refused = np.stack([position.boycotted[leaves] for position in market.values()], axis=-1)
            own[:, leaves] = np.where(refused, 0.0, self._of_all(market, several)[:, leaves]).max(axis=-1)
        return own

    def _tables(self, market: Market) -> list[Tables]:
        """What each product's models give the people of each code of what they were fitted on, see `_by_code`: first
        that of the running weights, then those of people who are not to have all of it."""
        self.retrain(market)
        return [[self._table(used) for used, _ in self._used(position)] for position in market.values()]

    def _used(self, position: Position) -> list[tuple[Holdings, NDArray[np.bool_] | None]]:
        """What a product's models were fitted on, and whose they are, (users,); None for all others."""
        return [(position.deployed, None), *position.versions()]

    def _table(self, used: Holdings) -> Floats:
        scores, fingerprint = self.retrainer.scores(used), used.fingerprint
        if fingerprint not in self.read:
            self.read[fingerprint] = self._by_code(scores, used.codes)
        return self.read[fingerprint]

    def _by_code(self, scores: Scores, codes: NDArray[np.int16]) -> Floats:
        """Quality for people of each code of holdings, and last for people of unknown code; (seeds, codes + 1)."""
        shape, scale = (len(self.retrainer.seeds), int(codes.max(initial=0)) + 2), self.scale()
        if not scale.measures:
            return np.full(shape, np.nan)
        # Where nobody of a code is tested, or one class only, everybody's stands for them.
        score, best = (np.repeat(some[:, None], shape[1], axis=1) for some in (scores.view().per_seed, scale.best))
        own, own_best = _scores_by_code((scores, self.full), codes)
        known = np.isfinite(own).all(axis=0) & np.isfinite(own_best).all(axis=0)
        score[:, :-1][:, known], best[:, :-1][:, known] = own[:, known], own_best[:, known]
        return np.clip(1 + (score - best) / scale.gap, 0.0, 1.0)


def _means(several: list[Tables]) -> list[Tables]:
    return [[table.mean(axis=0, keepdims=True) for table in tables] for tables in several]


def _read(table: Floats, codes: NDArray[np.int16], who: NDArray[np.bool_]) -> Floats:
    """What a table says of some people, (rows, people), given the codes of those with records."""
    place = np.full(len(who), table.shape[1] - 1)
    place[: len(codes)] = codes
    return np.asarray(table[:, place[who]])


def _scores_by_code(several: tuple[Scores, ...], codes: NDArray[np.int16]) -> list[Floats]:
    """The holdout's score of the people of each code, (seeds, codes) each; nan where it has none."""
    yardstick = several[0].yardstick
    metric = yardstick.metrics[yardstick.default]
    if metric.reading == "auc":
        masks = [codes == code for code in range(int(codes.max(initial=0)) + 1)]
        return [np.stack([scores.view(audience=mask).per_seed for mask in masks], axis=1) for scores in several]
    # As `Scores.view` reads them, but of all codes in one pass.
    place = codes.astype(np.intp)
    tested = np.bincount(place, yardstick.counts[yardstick.default][0, :-1])
    found = [np.full((len(scores.outcomes), len(tested)), np.nan) for scores in several]
    for scores, of_all in zip(several, found, strict=True):
        for row, outcomes in zip(of_all, scores.outcomes, strict=True):
            sums = np.bincount(place, outcomes.sums[yardstick.default][0, :-1])
            for code in np.flatnonzero(tested):
                row[code] = metric.finish(sums[code] / tested[code])
    return found


@dataclass(frozen=True, eq=False)
class Stretch:
    """Rounds to come in which a market is in one of some cases."""

    markets: Sequence[Market]
    """Of each case."""
    quality: Sequence[Floats]
    """What each product gives each person in each case, (users, products)."""
    weights: Floats
    """What a round of it counts, (rounds,)."""
    turns: Floats = field(default_factory=lambda: np.ones((1, 1)))
    """Probability of each case in a round given that of the round before, (cases before, cases)."""


@dataclass(frozen=True)
class Custom:
    """Where people go and what firms earn, given the rule of the market."""

    rule: MarketRule
    agreement: Floats
    """With each firm, shape (users, products)."""
    prices: Floats
    to_found: NDArray[np.bool_]
    """Products that nobody can use before there are data to train them on, (products,)."""
    seen: list[tuple[Market, NDArray[np.int_], Floats]] = field(default_factory=list, repr=False, compare=False)
    """The last two markets, who used what then, and their revenues."""

    def choices(self, market: Market, quality: Floats, current: NDArray[np.int_]) -> Floats:
        """Probability of using each product, shape (users, products), for qualities of that shape.

        `current` is the product each person uses now, -1 for none.
        """
        products = np.arange(len(market))
        refused = np.stack([position.boycotted for position in market.values()]).T
        if self.to_found.any():
            empty = np.stack([_nothing_for(position) for position in market.values()], axis=1)
            refused = refused | (self.to_found & empty)
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

    def ahead(self, future: Sequence[Stretch], current: NDArray[np.int_]) -> Floats:
        """Expected revenue of each product over rounds to come, (products,), given stretches of them.

        The first case is that before the first round. Where people are is kept as probabilities, in each case by
        itself. Whoever refuses all there is goes without in that round and remembers what they had.
        """
        cases, products = len(future[0].markets), len(future[0].markets[0])
        place = np.zeros((cases, products + 1, len(current)))
        # Whoever uses none now is in the last column, and chooses as such.
        place[0] = np.append(np.arange(products), -1)[:, None] == current
        total = np.zeros(products)
        for stretch in future:
            if not len(stretch.weights):
                continue
            moves = [
                [self.choices(market, quality, np.full(len(current), p)) for p in (*range(products), -1)]
                for market, quality in zip(stretch.markets, stretch.quality, strict=True)
            ]
            for weight in stretch.weights:
                place = place if cases == 1 else np.tensordot(stretch.turns.T, place, 1)
                for case, quality in enumerate(stretch.quality):
                    using, place[case] = _moved(place[case], moves[case])
                    total += weight * (using * quality).sum(axis=0) * self.prices
        return total


def _nothing_for(position: Position) -> NDArray[np.bool_]:
    """Who finds nothing in a product, since it has no data for them, (users,)."""
    empty = np.full(len(position.served), not position.deployed.present.any())
    for used, who in position.versions():
        empty[who] = not used.present.any()
    return empty


def _moved(place: Floats, moves: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Who uses which product, (users, products), and where they are then, (products + 1, users), given where they were
    and the probabilities of moving from each place, (users, products) each."""
    arrived = [from_[:, None] * move for from_, move in zip(place, moves, strict=True)]
    using = np.asarray(sum(arrived))
    without = [from_ - part.sum(axis=1) for from_, part in zip(place, arrived, strict=True)]
    return using, np.stack(without) + np.append(using.T, np.zeros((1, len(using))), axis=0)
