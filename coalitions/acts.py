"""Acts: what a lever does with its members' data, told by pulling it on a market of one person.

No lever says it itself, so a new one need not.
"""

from dataclasses import dataclass

import numpy as np

from ..ml_tasks.holdings import Holdings
from ..ml_tasks.portions import WHOLE
from .levers import Lever
from .position import Position


@dataclass(frozen=True)
class Acts:
    """What the law may have something to say about."""

    withdraws: bool
    """The target loses the data."""
    gives: bool
    """Another firm gets a copy."""
    misleads: bool
    """The target's records are no longer what they were."""


def acts_of(lever: Lever) -> Acts:
    """What a lever does."""
    served = np.ones(1, dtype=bool)
    everybody, nobody = Holdings.everyone(1), Holdings.nobody(1)
    names = dict.fromkeys(name for name in (lever.target, lever.rival) if name)
    held = {name: everybody if name == lever.target else nobody for name in names}
    # Every record is new, so that a lever that is of new ones alone does what it does.
    market = {name: Position(data, data, served, ~served, fresh=WHOLE) for name, data in held.items()}
    after = lever(market, np.zeros(1, dtype=np.intp), np.random.default_rng(0))
    target = after[lever.target].holdings if lever.target else everybody
    return Acts(
        withdraws=bool(everybody.lacking(target).present.any()),
        gives=any(after[name].holdings.present.any() for name in names if name != lever.target),
        misleads=bool(target.poisoned.any()),
    )
