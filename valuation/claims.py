"""Claims: how the values of players become payouts of people.

Money is shared among players by a dividend. Where the players are the people themselves, or their values are Owen
values, that is all. Where they are groups (coalitions), each group's money is shared again inside: equally, by
records, or by the members' own values under the same dividend.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import InputError
from .dividends import Dividend, Payout, pay, with_minimum
from .values import FloatArray, Values

Inside = Literal["equal", "records", "value"]


@dataclass(frozen=True, eq=False)
class Claims:
    """The people who are to be paid, and by what. All arrays are in the order of `people`."""

    people: tuple[Any, ...]
    values: Values
    """Of the players: the people themselves, or the groups they belong to."""
    records: FloatArray | None = None
    """Training records of each person."""
    group: NDArray[np.int64] | None = None
    """Each person's group, by its place among the players; None where the players are the people."""
    inside: Inside = "equal"
    """How a group's money is shared among its people."""
    own: Values | None = None
    """Each person's own value, for inside = "value"."""

    def __post_init__(self) -> None:
        n = len(self.people)
        held = n if self.group is None else len(self.group)
        for name, count in (("values", len(self.values) if self.group is None else n), ("group", held)):
            if count != n:
                raise InputError(name, f"{count} numbers", f"one for each of {n} people")
        if self.records is not None and len(self.records) != n:
            raise InputError("records", f"{len(self.records)} numbers", f"one for each of {n} people")
        if self.group is None:
            return
        empty = np.flatnonzero(np.bincount(self.group, minlength=len(self.values)) == 0)
        if empty.size or self.group.max(initial=-1) >= len(self.values) or self.group.min(initial=0) < 0:
            found = f"nobody in {self.values.players[empty[0]]!r}" if empty.size else "people of an unknown group"
            raise InputError("group", found, "people in every player, and every person in one")
        needed = {"records": self.records, "value": self.own}.get(self.inside, ())
        if needed is None:
            raise InputError("inside", repr(self.inside), f"each person's {self.inside} too, which it goes by")

    @property
    def level(self) -> str:
        """Where money is shared by value: "user", "owen" (people in their groups), or among groups, and inside by
        "equal", "records" or "value"."""
        return ("owen" if self.values.method == "owen" else "user") if self.group is None else self.inside

    def payouts(
        self, dividend: Dividend, pot: float, minimum: float = 0.0,
        worth: FloatArray | None = None, own: FloatArray | None = None,
    ) -> Payout:  # fmt: skip
        """Share out a pot among the people, shape (people,); `worth` and `own` stand for other values than ours.

        The minimum holds for people, not for groups.
        """
        worth = self.values.worth if worth is None else worth
        if self.group is None:
            return pay(dividend, worth, pot, self.records, minimum)
        records = None if self.records is None else np.bincount(self.group, self.records, minlength=len(worth))
        first = pay(dividend, worth, pot, records)
        shares, fallback = self._inside(dividend, own)
        payouts, under, unmet = with_minimum(first.payouts[self.group] * shares, minimum)
        return Payout(payouts, first.fallback or fallback, under, unmet)

    def _inside(self, dividend: Dividend, own: FloatArray | None) -> tuple[FloatArray, bool]:
        """Each person's share of their group's money, and whether a group's weights were all zero."""
        assert self.group is not None
        size = np.bincount(self.group)[self.group]
        if self.inside == "equal":
            return 1.0 / size, False
        if self.inside == "records":
            assert self.records is not None
            held = np.bincount(self.group, self.records)[self.group]
            return np.where(held > 0, self.records / np.where(held > 0, held, 1), 1.0 / size), bool((held == 0).any())
        assert self.own is not None
        worth = self.own.worth if own is None else own
        shares, fallback = np.empty(len(self.people)), False
        for g in range(len(self.values)):
            mask = self.group == g
            paid = pay(dividend, worth[mask], 1.0, None if self.records is None else self.records[mask])
            shares[mask], fallback = paid.payouts, fallback or paid.fallback
        return shares, fallback
