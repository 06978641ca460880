"""The shape of every valuation method."""

from collections.abc import Hashable, Iterable
from typing import Protocol

import numpy as np

from ..utility import Utility
from ..values import Values

Players = tuple[Hashable, ...]
RANKS = "the worths do not add up to v(N): ranks mean something, shares are a choice [WJ23]"
"""What the note of every method says whose worths are no shares of v(N) - v(empty)."""


class Method(Protocol):
    """Players, a utility over groups of them and a random generator -> what each is worth."""

    def __call__(self, players: Iterable[Hashable], utility: Utility, rng: np.random.Generator) -> Values: ...
