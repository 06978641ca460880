"""Payouts: in a round in which a firm paid, value the data and share out each coalition's pot."""

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..valuation.dividends import DIVIDENDS, Dividend, pay
from ..valuation.game import split_by_records, value_groups
from ..valuation.inequality import gini, hoover, top_share
from ..valuation.methods import Method
from ..valuation.methods.owen import Owen
from ..valuation.players import Family

if TYPE_CHECKING:
    from .coalition import Coalition
    from .model import CoalitionModel

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class PaidDividend:
    """What one dividend does with a coalition's pot; of all of them, one was chosen and really paid."""

    coalition: str
    method: str
    transform: str
    chosen: bool
    pot: float
    """All that the coalition was paid this round."""
    public: float
    """The part of it that goes to all people alike."""
    payouts: Floats
    """To each member, in the order of the members, without the public share."""
    fallback: bool
    """All weights were zero, so that the members' share was split equally."""
    under_minimum: int
    """Members whose payout was under the charter's minimum, so that it was shared again among the rest."""

    @property
    def gini(self) -> float:
        return gini(self.payouts)

    @property
    def hoover(self) -> float:
        return hoover(self.payouts)

    @property
    def top_tenth(self) -> float:
        return top_share(self.payouts, 0.1)


def share_out(model: "CoalitionModel") -> list[PaidDividend]:
    """Value the paying firms' data and pay out every pot; return every dividend's result for comparison."""
    rows: list[PaidDividend] = []
    for firm in model.firms:
        earners = [c for c in model.coalitions if c.pot > 0 and c.target == firm.name]
        if earners:
            method, worth = _value(model, firm.name)
            for coalition in earners:
                rows += _dividends(model, coalition, method, worth)
    return rows


def _value(model: "CoalitionModel", product: str) -> tuple[str, Floats]:
    """Value the players on the data that the firm has now, and write each person's value down.

    Returns the method's name and each person's worth, shape (users,): 0 for people whose data the firm does not
    have, or who have none, since they contributed nothing.
    """
    people, settings = model.population, model.world.valuation
    holdings = model.start[product].holdings
    groups = (_users if settings.players == "users" else _groups)(model, holdings.present)
    # The draws of the method depend on the round and the firm alone, so that no other draw moves them.
    key = zlib.crc32(repr((model.world.seed, "values", model.round, product)).encode())
    scale = model.experience.scale()
    values = value_groups(model.retrainer, holdings, Family.of(groups), scale, _method(model), key)
    worth, stderr = split_by_records(values, groups, people.records[: people.contributors])
    known = np.zeros(people.n, dtype=bool)
    known[: people.contributors] = ~np.isnan(worth)
    people.value[known], people.value_stderr[known] = worth[known[: len(worth)]], stderr[known[: len(worth)]]
    source = "formula, not retraining" if model.task.formula else "retraining"
    for name, mask in groups.items():
        whose = "the user" if settings.players == "users" else f"the group '{name}'"
        how = f"{values.method} value ({values.note}) of {whose} by {source}"
        split = "" if settings.players == "users" else ", split by records"
        people.value_source[: people.contributors][mask] = f"{how}{split} (round {model.round})"
    now = np.zeros(people.n)
    now[: people.contributors] = np.nan_to_num(worth)
    return values.method, now


def _method(model: "CoalitionModel") -> Method:
    """The method of the scenario; Owen values are told who is in which coalition."""
    method = model.world.valuation.method
    if isinstance(method, Owen) and method.unions is None:
        people, names = model.population, [coalition.name for coalition in model.coalitions]
        joined = zip(people.names[: people.contributors], people.coalition, strict=False)
        return replace(method, unions=tuple((name, names[index]) for name, index in joined if index >= 0))
    return method


def _users(model: "CoalitionModel", present: Mask) -> dict[str, Mask]:
    """The players: everybody whose data the firm has, if they have any."""
    people = model.population
    places = np.flatnonzero(present & (people.records[: people.contributors] > 0))
    masks = np.zeros((len(places), people.contributors), dtype=bool)
    masks[np.arange(len(places)), places] = True
    return {people.names[place]: mask for place, mask in zip(places, masks, strict=True)}


def _groups(model: "CoalitionModel", present: Mask) -> dict[str, Mask]:
    """The players: each coalition's members whose data the firm has, and the others by number of records; without
    those who have no training record."""
    people = model.population
    joined = people.coalition[: people.contributors]
    groups = {c.name: (joined == c.index) & present for c in model.coalitions}
    outside = np.flatnonzero((joined < 0) & present)
    bands = model.world.valuation.outsider_groups
    ranked = outside[np.lexsort((outside, people.records[outside]))]
    for i, band in enumerate(np.array_split(ranked, bands) if bands else []):
        mask = np.zeros(people.contributors, dtype=bool)
        mask[band] = True
        name = f"others, band {i + 1} of {bands} by records"
        groups[name if name not in groups else f"{name} (in no coalition)"] = mask
    return {name: mask for name, mask in groups.items() if people.records[: people.contributors][mask].any()}


def _dividends(model: "CoalitionModel", coalition: "Coalition", method: str, worth: Floats) -> list[PaidDividend]:
    people, members, charter = model.population, coalition.members, coalition.charter
    held = np.zeros(people.n, dtype=bool)
    held[: people.contributors] = model.start[coalition.target].holdings.present
    records = np.where(held, people.records, 0)[members]  # the firm pays for what it has
    public = charter.public_share * coalition.pot
    rows = []
    for name, kind in DIVIDENDS.items():
        chosen = type(charter.dividend) is kind
        dividend: Dividend = charter.dividend if chosen else kind()
        payout = pay(dividend, worth[members], coalition.pot - public, records, charter.minimum_payout)
        rows.append(
            PaidDividend(
                coalition.name,
                method,
                name,
                chosen,
                coalition.pot,
                public,
                payout.payouts,
                payout.fallback,
                payout.under,
            )
        )
        if chosen:
            people.dividend[members] += payout.payouts
            coalition.campaign.payouts = _by_records(people.records[members], payout.payouts)
            people.dividend += public / people.n
            people.public += public / people.n
    return rows


def _by_records(records: NDArray[np.int64], payouts: Floats) -> tuple[Floats, Floats]:
    """Mean payout of the members with each number of records, ascending in records."""
    numbers, place, count = np.unique(records, return_inverse=True, return_counts=True)
    return numbers.astype(float), np.bincount(place, payouts) / count
