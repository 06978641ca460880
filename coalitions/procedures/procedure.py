"""A procedure, whom it is about, and what it remembers; the contract is in the package's docstring."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.settings import InputError
from ...ml_tasks.streams import UINT, keyed_uniforms

if TYPE_CHECKING:
    from scipy import sparse

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Electorate:
    """The members who may vote, as columns: what procedures and voting powers may look at. Shapes (members,)."""

    keys: NDArray[np.int64]
    """Each member's number among all people, ascending: theirs for good, whoever else joins or leaves."""
    round: int
    power: Floats
    """Weight of each member's vote, 0 or more."""
    records: Floats
    value: Floats
    """What their data were last found to be worth, nan if never."""
    dues: Floats
    """Owed as dues so far, in money."""
    dividends: Floats
    """Paid to them so far, in money."""
    stances: Floats
    """Positions on issues, shape (members, issues), from -1 to 1."""
    network: "sparse.csr_array | None" = None
    """Who is around whom: symmetric 0/1 over all people, in the order of the keys; None if everybody is."""

    def __post_init__(self) -> None:
        if (np.diff(self.keys) <= 0).any():
            raise InputError("keys", "members out of order or twice", "ascending numbers")
        for field in fields(self):
            column = getattr(self, field.name)
            if isinstance(column, np.ndarray) and len(column) != len(self):
                raise InputError(field.name, f"{len(column)} rows", f"one for each of the {len(self)} members")

    def __len__(self) -> int:
        return len(self.keys)

    def draw(self, rng: np.random.Generator, name: str) -> Floats:
        """A uniform draw in [0, 1) for each member, whoever else is one; takes one number from `rng`."""
        return keyed_uniforms(self.keys.astype(UINT), int(rng.integers(2**62)), name)

    def ties(self) -> "sparse.csr_array | None":
        """The network among the members, shape (members, members); None if everybody is around everybody."""
        return None if self.network is None else self.network[self.keys][:, self.keys]


@dataclass(frozen=True, eq=False)
class Memory:
    """What a coalition's procedure remembers from round to round: figures by person. Read-only, so that a copy of the
    coalition may share it."""

    keys: NDArray[np.int64]
    """The people it is about, ascending."""
    figures: Floats
    """(people, columns), as the procedure means them."""
    since: int
    """Round from which it holds."""

    def __post_init__(self) -> None:
        self.keys.flags.writeable = self.figures.flags.writeable = False

    def of(self, keys: NDArray[np.int64], unknown: Floats) -> Floats:
        """The figures of these people, (people, columns); `unknown` (columns,) for those it knows nothing of."""
        place = np.searchsorted(self.keys, keys).clip(0, max(len(self.keys) - 1, 0))
        known = self.keys[place] == keys if len(self.keys) else np.zeros(len(keys), dtype=bool)
        found = np.tile(unknown, (len(keys), 1)).astype(float)
        found[known] = self.figures[place[known]]
        return found


class Votes(NamedTuple):
    """What goes to the rule, and what is remembered."""

    ballots: Floats
    """(members, options)."""
    weights: Floats
    """(members,), 0 or more; 0 for who does not vote themselves."""
    memory: Memory | None


class Procedure(Protocol):
    """(ballots, electorate, memory, rng) -> (ballots, weights, memory); None is the memory at the beginning."""

    def __call__(
        self, ballots: Floats, electorate: Electorate, memory: Memory | None, rng: np.random.Generator
    ) -> Votes: ...


def voted(ballots: Floats) -> NDArray[np.bool_]:
    """Who cast a ballot: one with a rating (members,)."""
    return np.asarray(~np.isnan(ballots).all(axis=1))


def lots(draws: Floats, count: int) -> Places:
    """The places of the `count` lowest draws, ascending; all if there are no more."""
    return np.sort(np.argsort(draws, kind="stable")[:count])


def among(places: Places, weights: Floats) -> Floats:
    """The weights with those outside `places` at 0."""
    kept = np.zeros_like(weights)
    kept[places] = weights[places]
    return kept
