"""Experience: what quality of service each person gets, and what firms earn by it.

Quality is 1 for what the model gave with everybody's data, 0 for what needs nobody's data, cut to that range.
People whose data a product was trained on get something else from it than people it knows nothing of, so
quality is read for each of these groups: 1 minus what *these* people lose against the full-data model, as a
share of the gap between full data and baseline over everybody. For everybody together that is
(score - baseline) / (best - baseline). It is read on the hidden holdout, in the task's own metric.

Where there are several tasks, people use a product of each; their service is the sum of its qualities.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..coalitions.position import Market, Position
from ..ml_tasks.holdings import Holdings
from .lines import Line, in_all
from .markets import MarketRule

Floats = NDArray[np.float64]
Places = NDArray[np.int_]
Tables = list[Floats]


@dataclass(frozen=True, eq=False)
class Experience:
    """Reads scores as people feel them."""

    lines: tuple[Line, ...]

    def line(self, product: str) -> Line:
        """The line of a product."""
        return self.lines[0] if len(self.lines) == 1 else next(one for one in self.lines if product in one.products)

    def retrain(self, *markets: Market) -> None:
        """Train every product of these markets together, for what is read next: faster than one after the other."""
        for line in self.lines:
            some = (market if len(self.lines) == 1 else line.part(market) for market in markets)
            positions = [position for market in some for position in market.values()]
            line.retrainer.ahead(used for position in positions for used, _ in _used(position))

    def qualities(self, market: Market) -> Floats:
        """Quality of each product for each person under each training seed, shape (seeds, users, products); nan where
        the full-data model is no better than its baseline. A product's users lie together in memory."""
        return self._of_all(market, self._tables(market))

    def mean_quality(self, market: Market) -> Floats:
        """The same, its mean over seeds, shape (users, products)."""
        quality: Floats = self._of_all(market, _means(self._tables(market)))[0]
        return quality

    def service(self, market: Market, current: Places) -> Floats:
        """Quality that each person gets under each training seed, shape (seeds, users): of the product they use, or the
        best they do not refuse, of each line; 0 for none. `current` is the product each person uses of each line, as
        its place in the market, (lines, users), -1 for none."""
        return self._of_own(market, self._tables(market), current)

    def mean_service(self, market: Market, current: Places) -> Floats:
        """The same, of the mean quality over seeds, shape (users,)."""
        own: Floats = self._of_own(market, _means(self._tables(market)), current)[0]
        return own

    def services(self, market: Market, current: Places) -> Floats:
        """The same of each line by itself, shape (lines, users)."""
        tables = _means(self._tables(market))
        parts = zip(self.lines, current, strict=True)
        return np.concatenate([self._of_line(market, tables, line, use) for line, use in parts])

    def _of_all(self, market: Market, several: list[Tables]) -> Floats:
        """What these tables say of everybody, shape (rows, users, products)."""
        users = len(next(iter(market.values())).served)
        quality = np.empty((len(several[0][0]), len(market), users))
        for place, (tables, (name, position)) in enumerate(zip(several, market.items(), strict=True)):
            line, table = self.line(name), tables[0]
            codes = in_all(line, position.deployed)
            for row, read in zip(quality[:, place], table, strict=True):
                np.take(read, codes, out=row[: len(codes)], mode="clip")
            # Of people without records nothing is known: they get what people get on the whole.
            quality[:, place, len(codes) :] = table[:, -1:]
            for other, (used, who) in zip(tables[1:], position.versions(), strict=True):
                quality[:, place, who] = _read(other, in_all(line, used), who)
        return np.moveaxis(quality, 1, -1)

    def _of_own(self, market: Market, several: list[Tables], current: Places) -> Floats:
        """What these tables say of each person's service, shape (rows, users); nan counts 0."""
        own = self._of_line(market, several, self.lines[0], current[0])
        for line, use in zip(self.lines[1:], current[1:], strict=True):
            own = own + self._of_line(market, several, line, use)
        return own

    def _of_line(self, market: Market, several: list[Tables], line: Line, current: Places) -> Floats:
        """The same of one line."""
        several = [[np.where(np.isnan(table), 0.0, table) for table in tables] for tables in several]
        tables = [of_product[0] for of_product in several]
        # All tables end to end, behind a 0 for none: where each person's figure stands.
        place, start, leaves = np.zeros(len(current), dtype=np.int32), 1, np.zeros(len(current), dtype=bool)
        for product, (table, position) in enumerate(zip(tables, market.values(), strict=True)):
            here, codes = current == product, in_all(line, position.deployed)
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
                own[:, theirs] = _read(other, in_all(line, used), theirs)
        if leaves.any():
            # Of products of other lines there is nothing to be had.
            elsewhere = [self.line(name) is not line for name in market]
            refused = np.stack([position.boycotted[leaves] for position in market.values()], axis=-1) | elsewhere
            own[:, leaves] = np.where(refused, 0.0, self._of_all(market, several)[:, leaves]).max(axis=-1)
        return own

    def _tables(self, market: Market) -> list[Tables]:
        """What each product's models give the people of each code of what they were fitted on, see `Line.table`: first
        that of the running weights, then those of people who are not to have all of it."""
        self.retrain(market)
        return [[self.line(name).table(used) for used, _ in _used(market[name])] for name in market]


def _used(position: Position) -> list[tuple[Holdings, NDArray[np.bool_] | None]]:
    """What a product's models were fitted on, and whose they are, (users,); None for all others."""
    return [(position.deployed, None), *position.versions()]


def _means(several: list[Tables]) -> list[Tables]:
    return [[table.mean(axis=0, keepdims=True) for table in tables] for tables in several]


def _read(table: Floats, codes: NDArray[np.int16], who: NDArray[np.bool_]) -> Floats:
    """What a table says of some people, (rows, people), given the codes of those with records."""
    place = np.full(len(who), table.shape[1] - 1)
    place[: len(codes)] = codes
    return np.asarray(table[:, place[who]])


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
    lines: tuple[NDArray[np.intp], ...]
    """Places of the products of each line, between which people choose."""
    seen: list[tuple[Market, Places, Floats]] = field(default_factory=list, repr=False, compare=False)
    """The last two markets, who used what then, and their revenues."""

    def choices(self, market: Market, quality: Floats, current: Places) -> Floats:
        """Probability of using each product, shape (users, products), for qualities of that shape.

        `current` is the product each person uses now of each line, (lines, users), -1 for none. The probabilities of
        each line add up to 1, or to 0 for who refuses all of it.
        """
        if len(self.lines) == 1:
            return self._of_line(market, quality, self.lines[0], current[0])
        chances = np.empty(quality.shape)
        for places, use in zip(self.lines, current, strict=True):
            chances[:, places] = self._of_line(market, quality, places, use)
        return chances

    def _of_line(self, market: Market, quality: Floats, places: NDArray[np.intp], current: Places) -> Floats:
        """The same for the products of one line alone, (users, products of the line)."""
        positions = list(market.values())
        refused = np.stack([positions[place].boycotted for place in places]).T
        if self.to_found.any():
            empty = np.stack([_nothing_for(positions[place]) for place in places], axis=1)
            refused = refused | (self.to_found[places] & empty)
        agreement = self.agreement
        if len(self.lines) > 1:  # a choice of columns is a copy
            quality, agreement = quality[:, places], agreement[:, places]
        return self.rule(quality, agreement, (places[:, None] == current).T, refused)

    def revenues(self, market: Market, qualities: Floats, current: Places) -> Floats:
        """Expected revenue of each product under each training seed, shape (seeds, products), in money."""
        for place, (seen, then, _) in enumerate(self.seen):
            if seen is market and then is current:  # what every threat of a round is held against
                self.seen.append(self.seen.pop(place))
                return self.seen[-1][2]
        rows = [(self.choices(market, quality, current) * quality).sum(axis=0) * self.prices for quality in qualities]
        self.seen[:] = [*self.seen[-1:], (market, current, np.stack(rows))]
        return self.seen[-1][2]

    def ahead(self, future: Sequence[Stretch], current: Places) -> Floats:
        """Expected revenue of each product over rounds to come, (products,), given stretches of them.

        The first case is that before the first round. Where people are is kept as probabilities, in each case by
        itself. Whoever refuses all there is goes without in that round and remembers what they had.
        """
        total = np.zeros(len(self.prices))
        for places, use in zip(self.lines, current, strict=True):
            total[places] = self._ahead_of_line(future, places, use)
        return total

    def _ahead_of_line(self, future: Sequence[Stretch], places: NDArray[np.intp], current: Places) -> Floats:
        cases = len(future[0].markets)
        place = np.zeros((cases, len(places) + 1, len(current)))
        # Whoever uses none now is in the last column, and chooses as such.
        place[0] = np.append(places, -1)[:, None] == current
        total = np.zeros(len(places))
        for stretch in future:
            if not len(stretch.weights):
                continue
            moves = [
                [self._of_line(market, quality, places, np.full(len(current), p)) for p in (*places, -1)]
                for market, quality in zip(stretch.markets, stretch.quality, strict=True)
            ]
            for weight in stretch.weights:
                place = place if cases == 1 else np.tensordot(stretch.turns.T, place, 1)
                for case, quality in enumerate(stretch.quality):
                    using, place[case] = _moved(place[case], moves[case])
                    own = quality if len(self.lines) == 1 else quality[:, places]
                    total += weight * (using * own).sum(axis=0) * self.prices[places]
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
