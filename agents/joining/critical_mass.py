"""Critical mass: people who weigh what their own part adds to the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.settings import Checked, InputError, NonNegative, Share
from ..awareness import NOTHING, PRINT
from .prospects import Floats, Prospects, only

if TYPE_CHECKING:
    from ..production import Production


@dataclass(frozen=True)
class CriticalMass(Checked):
    """Contribute r when v (P(R + r) - P(R)) > c r, one after the other; R is what others have contributed [OMT85].

    R and r are shares of all training records. P is the production function of the first lever on the coalition's
    ballot: the share of the gap closed if so many people pulled it, by real retraining before the first round, at
    the shares of people in `grid`, monotone in between (`production.Production`). v is `value` times alignment with
    the purpose, none below 0 or for people it would not take; c is `cost` times the lever's effort times the person's
    own cost; the charter's dues add to it, or take from it where a sponsor pays people. Who believes that no lever does
    anything takes P to be 0; who goes by what was published, to be that (`users.awareness`). Whoever has contributed
    stays, and may contribute as much to another where both allow it; who has no records has nothing to contribute.
    Where P decelerates, early parts matter most: order decides, and more is given than needed if those least interested
    are asked first. Where it accelerates, nobody starts.
    """

    value: NonNegative = 1.0
    """What the whole good is worth to somebody in full agreement, in money."""
    cost: NonNegative = 0.2
    """What all records together cost at effort 1 and own cost 1, in money."""
    order: Literal["chance", "most_interested", "least_interested"] = "chance"
    """Who decides first in a round."""
    grid: tuple[Share, ...] = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
    """Shares of the people with data at which P is found by retraining; increasing, above 0."""

    def __post_init__(self) -> None:
        super().__post_init__()
        rising = all(a < b for a, b in zip((0.0, *self.grid), self.grid, strict=False))
        if not self.grid or not rising or self.grid[-1] > 1:
            raise InputError("grid", list(self.grid), "increasing shares of people above 0, up to 1")

    def __call__(self, prospects: Prospects) -> Floats:
        from .kernel import one_after_the_other  # here, so that reading a scenario loads no numba

        produced = prospects.production(self.grid)
        beliefs = np.ascontiguousarray(prospects.beliefs())
        value = self.value * np.maximum(prospects.alignment, 0.0) * prospects.open
        value = np.ascontiguousarray(np.where(beliefs == NOTHING, 0.0, value))
        effort = np.stack([np.broadcast_to(f.effort, prospects.own_cost.shape) for f in produced], axis=1)
        cost = self.cost * prospects.own_cost[:, None] * effort
        # Not even a subsidy gets people in where they would not be taken.
        cost = np.ascontiguousarray(np.where(prospects.open, cost, np.inf))
        # A P of their own for those who go by what was published, if there are any.
        readers = bool((beliefs == PRINT).any())
        believed = (produced, prospects.in_press(self.grid)) if readers else (produced,)
        knots, pieces = tables(believed)
        beliefs = np.minimum(beliefs, len(believed) - 1)
        there = np.array(prospects.member, order="C")
        order = self._order(prospects, value)
        given = np.array([prospects.resources[column].sum() for column in there.T])
        dues = np.array(prospects.dues[0]) if len(order) else np.zeros(len(produced))
        exclusive = np.array(prospects.exclusive)
        one_after_the_other(
            order, prospects.resources, value, cost, dues, beliefs, knots, pieces, exclusive, given, there
        )
        return only(there)

    def _order(self, prospects: Prospects, value: Floats) -> NDArray[np.int64]:
        by_chance = np.argsort(prospects.draw("order"), kind="stable")
        if self.order == "chance":
            return by_chance
        interest = value.max(axis=1)[by_chance]
        return by_chance[np.argsort(-interest if self.order == "most_interested" else interest, kind="stable")]


def tables(believed: "Sequence[Sequence[Production]]") -> tuple[Floats, Floats]:
    """Of each coalition's function as each kind of person believes it to be: knots, shape (kinds, coalitions, most
    knots), and cubic pieces between them, (kinds, coalitions, 4, most knots)."""
    shape, most = (len(believed), len(believed[0])), max(len(f.given) for produced in believed for f in produced)
    knots, pieces = np.full((*shape, most), np.inf), np.zeros((*shape, 4, most))
    for kind, produced in enumerate(believed):
        for k, function in enumerate(produced):
            knots[kind, k, : len(function.given)] = function.given
            pieces[kind, k, :, : len(function.given) - 1] = function.pieces
            pieces[kind, k, 3, len(function.given) - 1] = function.power[-1]  # beyond the last: as much as there
    return knots, pieces
