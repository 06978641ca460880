"""Enforcement: the law looks for firms that keep old weights against it, and may find them.

It looks once the levers of a round have been pulled, at each firm and in each round by a draw of its own. Nobody
foresees the draw: people and firms reckon with its probability. Who is found out retrains on what it then holds, and
pays the penalty if its weights saw data since withdrawn. That lasts as long as the weights do. Where data are back once
a lever is no longer pulled (`users.flow.returns`), the weights of the next round have seen them again, and may be found
again; where they are gone for good, they are out of the weights for good, and there is nothing left to find.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.position import Market

if TYPE_CHECKING:
    from .model import CoalitionModel

Floats = NDArray[np.float64]
Found = frozenset[str]
"""Names of the firms that are found out."""


def retaining(model: "CoalitionModel") -> set[str]:
    """Firms that keep weights that saw data since withdrawn, unless they are found out: where the law lets them, all;
    else those that do so anyway."""
    return {f.name for f in model.firms if f.settings.retains_weights or model.law.old_weights == "kept"}


def hiding(model: "CoalitionModel") -> list[str]:
    """Those of them at which the law looks."""
    law = model.law
    if law.old_weights == "kept" or law.enforcement == 0:
        return []
    return [firm.name for firm in model.firms if firm.settings.retains_weights]


def enforce(model: "CoalitionModel", market: Market) -> Market:
    """The market once the law has looked in this round; whoever is found out with withdrawn data is fined."""
    caught = found_out(model)
    for firm in model.firms:
        firm.fined = model.law.penalty if firm.name in _evading(caught, market) else 0.0
    return corrected(model, market, caught)


def found_out(model: "CoalitionModel") -> Found:
    """Firms at which the law finds old weights in this round, if they have any."""
    chance = model.law.enforcement
    return frozenset(f for f in hiding(model) if model.streams("enforcement", model.round, f).random() < chance)


def corrected(model: "CoalitionModel", market: Market, found: Iterable[str]) -> Market:
    """The market once these firms have retrained on what they hold; the very same if that changes nothing."""
    evading = _evading(found, market)
    if not evading:
        return market
    used = {name: model.firm(name).trains_on(market[name].holdings, market[name].arrived) for name in evading}
    return {**market, **{name: market[name].redeployed("retrained", used[name]) for name in evading}}


def outcomes(model: "CoalitionModel", *markets: Market) -> list[tuple[float, tuple[Market, ...]]]:
    """What becomes of these markets, all under the same draw, once the law has looked in this round: every case that
    is possible, with its probability."""
    course = Course.of(model, markets)
    chances = course.first @ course.turns(*markets)
    cases = zip(chances, course.cases, strict=True)
    return [(float(p), tuple(corrected(model, m, found) for m in markets)) for p, found in cases if p > 0]


def expected(cases: Sequence[tuple[float, Floats]]) -> Floats:
    """The mean of what was found in each case, given with its probability; of a single case the very same array."""
    return cases[0][1] if len(cases) == 1 else np.asarray(sum(chance * found for chance, found in cases))


@dataclass(frozen=True, eq=False)
class Course:
    """Who may have been found out by then, in rounds to come."""

    model: "CoalitionModel"
    cases: tuple[Found, ...]
    """Every set of those firms that may be; the first is nobody."""

    @classmethod
    def of(cls, model: "CoalitionModel", markets: Iterable[Market]) -> "Course":
        """Of rounds in which the market is one of these, before the law has looked."""
        several = list(markets)
        names = [name for name in hiding(model) if any(_evading([name], market) for market in several)]
        return cls(model, tuple(frozenset(c) for size in range(len(names) + 1) for c in combinations(names, size)))

    @property
    def first(self) -> Floats:
        """Probability of each case before the first of these rounds, (cases,)."""
        return np.asarray(np.eye(len(self.cases))[0])

    @property
    def lasts(self) -> bool:
        """Whether what was found out in one round is so in the next."""
        return not self.model.world.users.flow.returns

    def turns(self, *markets: Market) -> Floats:
        """Probability of each case in a round given that of the round before, (cases before, cases), where there is
        something to be found in one of these markets."""
        at_stake = {name for market in markets for name in _evading(self.cases[-1], market)}
        return np.array([[self._turn(before, now, at_stake) for now in self.cases] for before in self.cases])

    def markets(self, market: Market) -> list[Market]:
        """What becomes of a market in each case."""
        return [corrected(self.model, market, found) for found in self.cases]

    def fines(self, product: str, rounds: Iterable[tuple[Market, Floats]]) -> float:
        """What a firm has to expect to pay over rounds to come, in money as of now, given stretches of them: a market
        before the law has looked, and what money of each of its rounds is worth now."""
        law, hidden, total = self.model.law, 1.0, 0.0
        for market, weights in rounds:
            for weight in weights if _evading(self.cases[-1] & {product}, market) else ():
                total += weight * hidden * law.enforcement * law.penalty
                hidden *= 1 - law.enforcement if self.lasts else 1.0
        return float(total)

    def _turn(self, before: Found, now: Found, at_stake: set[str]) -> float:
        return float(np.prod([self._becomes(name, before, now, at_stake) for name in self.cases[-1]]))

    def _becomes(self, name: str, before: Found, now: Found, at_stake: set[str]) -> float:
        chance = self.model.law.enforcement if name in at_stake else 0.0
        if self.lasts and name in before:
            chance = 1.0
        return chance if name in now else 1 - chance


def _evading(names: Iterable[str], market: Market) -> set[str]:
    """Those of these firms whose running weights saw data since withdrawn."""
    return {name for name in names if market[name].deployed.lacking(market[name].holdings).present.any()}
