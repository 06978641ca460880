"""Founding: how a coalition that is not there from the start comes to be. `FOUNDINGS` lists the ways.

(people) -> who leaves what they are in and is in it from this round on, (people,): nobody as long as it does not come
about. Asked in every round until it did. Nothing is changed in place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import Checked, InputError, Interval, PositiveCount, Share, Stance

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Public:
    """All people at the start of a round, as somebody sees them who would found a coalition."""

    round: int
    alignment: Floats
    """Agreement with the purpose of the coalition to be, -1 to 1, (people,)."""
    alignment_with: Mapping[str, Floats]
    """The same with every coalition's purpose, by its name."""
    members: Mapping[str, Mask]
    """Who is in each coalition, by its name, (people,)."""
    free: Mask
    """Who is in no coalition that would keep them from it, (people,)."""
    lots: Floats
    """A draw in [0, 1) for each person, the same in every round, (people,)."""
    around: Callable[[Mask], NDArray[np.int64]]
    """Of some people, how many are around each person, (people,)."""
    neighbours: Callable[[int], NDArray[np.intp]]
    """Who is around one person, as places of people."""


class Founding(Protocol):
    """Public -> who is in the coalition from now on, (people,); all False: it does not come about."""

    @property
    def of(self) -> tuple[str, ...]:
        """The coalitions that it comes out of."""
        ...

    @property
    def founders(self) -> bool:
        """Whether those who come together are founders, and never leave."""
        ...

    def __call__(self, public: Public) -> Mask: ...


@dataclass(frozen=True)
class ByConcern(Checked):
    """People voice a concern to those around them; where enough who share it know of each other, they found it.

    Somebody shares the concern if they agree with the purpose, and says so in one round or another; once said, it is
    known. The first to have enough others around them who said so founds it with them. Whoever is in a coalition that
    keeps them from it does not count.
    """

    concern: Stance = 0.1
    """Agreement with the purpose from which on somebody shares the concern."""
    voices: Share = 0.1
    """Probability that somebody who shares it and has not yet said so says so in a round."""
    needed: PositiveCount = 5
    """How many must come together."""

    of: ClassVar[tuple[str, ...]] = ()
    founders: ClassVar[bool] = True

    def __call__(self, public: Public) -> Mask:
        # Said by now: the round in which somebody first says so is geometric.
        said = public.free & (public.alignment >= self.concern) & (public.lots < 1 - (1 - self.voices) ** public.round)
        known = np.where(said, public.around(said) + 1, 0)
        founders = np.zeros(len(said), dtype=bool)
        if len(known) and known.max() >= self.needed:
            first = int(known.argmax())
            founders[public.neighbours(first)] = True
            founders &= said
            founders[first] = True
        return founders


@dataclass(frozen=True)
class BySplit(Checked):
    """Members of another coalition who agree more with this one's purpose leave it together, once they are enough."""

    out_of: str
    """The coalition that they leave."""
    share: Share = 0.3
    """Share of its members that they must be."""
    margin: Annotated[float, Interval(ge=0, le=2)] = 0.1
    """By how much somebody must agree more with this purpose than with the other to go along."""
    least: PositiveCount = 5
    """How many must go at least."""

    founders: ClassVar[bool] = False

    @property
    def of(self) -> tuple[str, ...]:
        return (self.out_of,)

    def __call__(self, public: Public) -> Mask:
        members = public.members[self.out_of]
        go = members & (public.alignment > public.alignment_with[self.out_of] + self.margin)
        # Compared with a tolerance: 3 of 10 members are a share of .3, however it was divided.
        return go if go.sum() >= max(self.least, self.share * members.sum() - 1e-9) else np.zeros_like(go)


@dataclass(frozen=True)
class ByMerger(Checked):
    """Coalitions become one, with all their members, once enough members of each agree with the new purpose."""

    of: tuple[str, ...]
    """The coalitions that merge, at least two; none is there any more afterwards."""
    share: Share = 0.5
    """Share of the members of each who must agree."""
    agreement: Stance = 0.0
    """Agreement with the new purpose at which a member agrees."""
    least: PositiveCount = 5
    """How many members each must have."""

    founders: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(set(self.of)) < 2 or len(set(self.of)) < len(self.of):
            raise InputError("of", list(self.of), "the names of at least two coalitions, every one once")

    def __call__(self, public: Public) -> Mask:
        everybody = np.zeros(len(public.lots), dtype=bool)
        for name in self.of:
            members = public.members[name]
            for_it = members & (public.alignment >= self.agreement)
            if members.sum() < self.least or for_it.sum() < self.share * members.sum() - 1e-9:
                return np.zeros_like(everybody)
            everybody |= members
        return everybody


FOUNDINGS: Mapping[str, type[Founding]] = {
    "by_concern": ByConcern,
    "by_split": BySplit,
    "by_merger": ByMerger,
}
