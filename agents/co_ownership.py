"""Co-ownership: records that are about several people, such as a conversation or a photograph: who may withdraw them.

A record lies with one contributor, and some of everybody's records belong to others around them too. Whether such a
record goes when some of its owners withdraw is up to the law (`law.co_owned`). Copies and misleading data are not: each
person gives, or spoils, what lies with them alone.
"""

from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever, Separately
from ..coalitions.position import Market, Position
from ..ml_tasks.holdings import Holdings
from ..ml_tasks.portions import WHOLE, Portion
from ..ml_tasks.settings import Checked, PositiveCount, Share
from ..ml_tasks.streams import Streams
from .networks import Neighbours

if TYPE_CHECKING:
    from .model import CoalitionModel

Mask = NDArray[np.bool_]
Asked = tuple[tuple[Portion, Mask], ...]
_STEPS = 10


@dataclass(frozen=True)
class CoOwners(Checked):
    """Records that others own too. Who they are is drawn for each contributor from the people around them, for good:
    the same others for all of a person's shared records, whether or not they have data of their own."""

    share: Share = 0.0
    """Share of each contributor's records that others own too, the same records every time; spread evenly, so that a
    lever of a share of records meets as many of them as one of all."""
    others: PositiveCount = 1
    """How many others own each of these records; fewer for people with fewer around them, and none for people alone."""

    @cached_property
    def portion(self) -> Portion:
        """Which records these are: the last part of each tenth."""
        ends = [(step + 1) / _STEPS for step in range(_STEPS)]
        tenths = (Portion.of(end) - Portion.of(end - self.share / _STEPS) for end in ends)
        return WHOLE if self.share == 1 else reduce(or_, tenths)

    def __call__(self, network: Neighbours, streams: Streams) -> NDArray[np.int64]:
        """Who else owns each person's shared records, (users, others), -1 where there is nobody."""
        if not self.share:
            return np.full((network.n, self.others), -1)
        draws = np.stack([streams.uniforms("co-owners", place, n=network.n) for place in range(self.others)])
        return network.several_each(draws)


def pulled(model: "CoalitionModel", market: Market, lever: Lever, members: NDArray[np.integer]) -> Market:
    """The market after these members pulled a lever, as far as the owners of shared records let it, and before the
    rest of the law has its say.

    Owners add up within a round, in whatever campaign and by whatever lever they ask: the market says who has asked
    before. A shared record goes when the last of the owners that it takes has acted. Nothing is changed in place.
    """
    rng = model.streams("lever", model.round)
    if not model.world.users.co_owners.share:
        return lever(market, members, rng)
    if isinstance(lever, Separately):
        for part, own in lever.parts:
            market = pulled(model, market, part, np.intersect1d(own, members))
        return market
    after = dict(lever(market, members, rng))
    acting = np.zeros(model.population.n + 1, dtype=bool)  # the last is nobody
    acting[members] = True
    for name in {lever.target, lever.rival} & set(market):
        if portion := _withdrawn_of_all(lever, name, market):
            after[name] = _shared_out(model, market[name], after[name], portion, acting)
    return after


def _shared_out(model: "CoalitionModel", before: Position, after: Position, portion: Portion, acting: Mask) -> Position:
    """The position after these people, (users + 1,), asked for that portion of what they own to be taken out, where
    without other owners it would be `after`."""
    shared, (owners, needed) = model.world.users.co_owners.portion, owners_of(model)
    own = before.holdings.lacking(after.holdings)
    asked, touched = _with_more(before.asked, portion, acting), acting[owners].any(axis=1)
    taken = _part(own, WHOLE - shared)
    for part, people in asked:
        goes = touched & (people[owners].sum(axis=1) >= needed)
        taken = taken.joined(_part(before.holdings, part & portion & shared).only(goes))
    return replace(after, holdings=after.holdings.joined(own).lacking(taken), asked=asked)


def _with_more(asked: Asked, portion: Portion, people: Mask) -> Asked:
    """Who asked for what, these people and that portion included, in portions that do not overlap."""
    found, rest = [], portion
    for part, others in asked:
        rest = rest - part
        found += [(part & portion, others | people), (part - portion, others)]
    return tuple((part, who) for part, who in [*found, (rest, people)] if part)


def _withdrawn_of_all(lever: Lever, name: str, market: Market) -> Portion:
    """The portion of a person's records that the lever takes from a product that has all of them: told by pulling it on
    a market of one, so that no lever need say it."""
    one, everybody = np.ones(1, dtype=bool), Holdings.everyone(1)
    alone = {
        other: Position(everybody, everybody, one, ~one, market[other].arrived, market[other].fresh)
        for other in {lever.target, lever.rival} & set(market)
    }
    there = lever(alone, np.zeros(1, dtype=np.intp), np.random.default_rng(0))
    return everybody.lacking(there[name].holdings).held_of(0)


def as_asked(market: Market, after: Market) -> Market:
    """The market with nothing taken from it, but with who had asked for what in the other one."""
    return {name: replace(position, asked=after[name].asked) for name, position in market.items()}


def owners_of(model: "CoalitionModel") -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The owners of each contributor's shared records, themselves first, (contributors, others + 1), -1 for nobody; and
    how many of them it takes to withdraw, (contributors,)."""
    n = model.population.contributors
    owners = np.column_stack([np.arange(n), model.co_owners[:n]])
    several = (owners >= 0).sum(axis=1)
    return owners, {"any": np.ones_like(several), "all": several, "most": several // 2 + 1}[model.law.co_owned]


def _part(holdings: Holdings, portion: Portion) -> Holdings:
    return holdings.limited(portion) if portion else Holdings.nobody(len(holdings.codes))
