"""Unhindered: what people would choose in the same round if they knew the truth and met no friction of the law.

Found by the very functions that give what they do choose, with the same draws, one person at a time: what others did
and decided stays as it is, but where a rule of joining has people decide one after the other (`critical_mass`). The
truth is that everybody has heard of every coalition and believes what is announced, as it is; a law without friction
carries every withdrawal out and adds no effort and no risk to any lever.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .awareness import Awareness

if TYPE_CHECKING:
    from .model import CoalitionModel

Mask = NDArray[np.bool_]


@contextmanager
def unhindered(model: "CoalitionModel") -> Iterator[None]:
    """For as long as this lasts, everybody knows the truth and the law is without friction."""
    people, free = model.population, model.produced_unhindered
    law, world, optimism, produced = model.law, model.world, people.optimism, model.produced
    users = replace(world.users, awareness=Awareness(), discovery=None)
    model.law, model.world, model.produced = law.frictionless, replace(world, users=users), free
    people.optimism = np.ones_like(optimism)
    try:
        yield
    finally:
        model.law, model.world, model.produced, people.optimism = law, world, produced, optimism


def same_choice(model: "CoalitionModel") -> Mask:
    """Who chose in the round just played what they would have chosen unhindered, (users,): where to be, and, of every
    coalition that they are in and that voted, or on their own, which option they rate highest."""
    same = model.same_place.copy()
    for party in model.parties:
        if party.campaign.same_favourite is not None:
            same[party.members] &= party.campaign.same_favourite
    return same
