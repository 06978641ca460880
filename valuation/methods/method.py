"""The shape of every valuation method."""

from collections.abc import Hashable, Iterable
from typing import Protocol

import numpy as np

from ..utility import Utility
from ..values import Values

Players = tuple[Hashable, ...]


class Method(Protocol):
    """Players, a utility over groups of them and a random generator -> what each is worth."""

    def __call__(self, players: Iterable[Hashable], utility: Utility, rng: np.random.Generator) -> Values: ...
