"""Co-ownership: records that are about several people, such as a conversation or a photograph: who may withdraw them.

A record lies with one contributor, and some of everybody's records belong to others around them too. Whether such a
record goes when some of its owners withdraw is up to the law (`law.co_owned`). Copies and misleading data are not: each
person gives, or spoils, what lies with them alone.
"""

from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever, Separately
from ..coalitions.position import Market
from ..ml_tasks.holdings import Holdings
from ..ml_tasks.portions import WHOLE, Portion
from ..ml_tasks.settings import Checked, PositiveCount, Share
from ..ml_tasks.streams import Streams
from .networks import Neighbours

if TYPE_CHECKING:
    from .model import CoalitionModel

Mask = NDArray[np.bool_]
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

    Owners act together only in one campaign and by one lever. Nothing is changed in place.
    """
    rng = model.streams("lever", model.round)
    if not model.world.users.co_owners.share:
        return lever(market, members, rng)
    if isinstance(lever, Separately):
        for part, own in lever.parts:
            market = pulled(model, market, part, np.intersect1d(own, members))
        return market
    shared, goes = model.world.users.co_owners.portion, _goes(model, members)
    after = lever(market, members, rng)
    # Had everybody pulled it whose shared records go: of these, what is shared goes, whoever they lie with.
    wide = lever(market, np.union1d(members, np.flatnonzero(goes)), rng)
    found = dict(after)
    for name, position in market.items():
        asked, most = (position.holdings.lacking(there[name].holdings) for there in (after, wide))
        taken = _part(asked, WHOLE - shared).joined(_part(most, shared).only(goes))
        found[name] = after[name].holding(after[name].holdings.joined(asked).lacking(taken))
    return found


def _goes(model: "CoalitionModel", acting: NDArray[np.integer]) -> Mask:
    """Whose shared records are withdrawn if these people act, (contributors,)."""
    owners, needed = owners_of(model)
    acts = np.zeros(model.population.n + 1, dtype=bool)  # the last is nobody
    acts[acting] = True
    return np.asarray(acts[owners].sum(axis=1) >= needed)


def owners_of(model: "CoalitionModel") -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The owners of each contributor's shared records, themselves first, (contributors, others + 1), -1 for nobody; and
    how many of them it takes to withdraw, (contributors,)."""
    n = model.population.contributors
    owners = np.column_stack([np.arange(n), model.co_owners[:n]])
    several = (owners >= 0).sum(axis=1)
    return owners, {"any": np.ones_like(several), "all": several, "most": several // 2 + 1}[model.law.co_owned]


def _part(holdings: Holdings, portion: Portion) -> Holdings:
    return holdings.limited(portion) if portion else Holdings.nobody(len(holdings.codes))
