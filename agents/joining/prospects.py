"""What people perceive when they decide on membership, and what a rule makes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from ..networks import Neighbours

if TYPE_CHECKING:
    from ..production import Grid, Production

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prospects:
    """What people perceive at the start of a round. Shapes (users, coalitions) unless said otherwise.

    What few rules look at, and what takes long, is worked out when it is asked for.
    """

    peers: Floats
    """Share of the people around a person who are in the coalition."""
    alignment: Floats
    """Agreement with its purpose, -1 to 1."""
    threshold: Floats
    """(users,)"""
    open: NDArray[np.bool_]
    """Where the person could be: in it already, or would be taken. Wishes to be elsewhere come to nothing."""
    excludable: Callable[[], Floats]
    """What only members get: the part of the next pot that this person would get by being one of them."""
    public: Floats
    """What all get: by how much this person's joining would raise what they get of the public share."""
    service_lost: Floats
    """What members lose of the quality of service by what the coalition does, in money."""
    exposure: Floats
    """What it costs members that more owners hold their records, or run weights fitted on them, by what the coalition
    did so far, in money; below 0 where it is fewer."""
    cost: Callable[[], Floats]
    """This person's expected cost of complying, in money, whatever they do for another coalition."""
    dues: Floats
    member: NDArray[np.bool_]
    """Where each person is."""
    exclusive: NDArray[np.bool_]
    """Which coalitions do not allow their members to be in others, (coalitions,)."""
    own_cost: Floats
    """What a lever of effort 1 costs each person, (users,)."""
    resources: Floats
    """Each person's share of all training records, (users,)."""
    satisfaction: Callable[[], Floats]
    """Each person's satisfaction, 0 to 1, with the firm that the coalition acts against if they use it, else 0."""
    network: Neighbours
    draw: Callable[[str], Floats]
    """A uniform draw for each person, (users,), by its name: the same for the same name in the same round."""
    beliefs: Callable[[], NDArray[np.int64]]
    """What each person goes by where a coalition's first lever is concerned: `awareness.TRUTH`, `PRINT`, `NOTHING`."""
    in_press: "Callable[[Grid], Sequence[Production]]"
    """What those who go by what was published take each coalition's production function to be."""
    production: "Callable[[Grid], Sequence[Production]]"
    """Each coalition's production function at these shares of participation, by real retraining."""


class Joining(Protocol):
    """Prospects -> how much each person would like to be in each coalition, nan where not at all."""

    def __call__(self, prospects: Prospects) -> Floats: ...


def only(there: NDArray[np.bool_]) -> Floats:
    """The wishes of people who want to be there and nowhere else, (users, coalitions)."""
    return np.where(there, 0.0, np.nan)
