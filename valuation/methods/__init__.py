"""Valuation methods: from a utility over groups to the worth of each player.

Every method takes the players (a sequence of distinct hashable things), a utility (frozenset -> finite float)
and a random generator, and returns `Values` in the order and unit given. A player who never changes the
utility is worth 0; in a game that merely adds up the players' own numbers, each is worth their own number. No
players is not an error: the answer is empty and the utility is never asked. All raise InputError for repeated
or unhashable players and for a utility that is not a finite number.
"""

import operator
from collections.abc import Hashable, Iterable
from dataclasses import fields
from numbers import Real
from typing import Any

import numpy as np

from ...ml_tasks.settings import InputError
from ..utility import Utility
from ..values import Values
from .leave_one_out import LeaveOneOut
from .method import Method
from .shapley import Shapley

METHODS: dict[str, type[Any]] = {
    "leave_one_out": LeaveOneOut,
    "shapley": Shapley,
}


def values(
    players: Iterable[Hashable],
    utility: Utility,
    method: str = "shapley",
    seed: int = 0,
    **settings: float,
) -> Values:
    """What each of `players` is worth in the game `utility`.

    utility: any Python callable from a frozenset of players to a finite number. method: a key of METHODS;
    **settings: fields of that method (`values(p, v, permutations=1000)`). The same seed gives the same
    answer. Raises InputError, one sentence, for an unknown method or setting, a setting out of bounds, a
    repeated player, or a utility that is not a finite number.
    """
    if not callable(utility):
        raise InputError("utility", type(utility).__name__, "a callable from a frozenset of players to a number")
    return _built(method, settings)(players, utility, _generator(seed))


def _built(method: str, settings: dict[str, Any]) -> Method:
    if method not in METHODS:
        raise InputError("method", repr(method), f"one of {', '.join(METHODS)}")
    defaults = {field.name: field.default for field in fields(METHODS[method])}
    for name, value in settings.items():
        if name not in defaults:
            known = f"one of {', '.join(defaults)}" if defaults else "no settings"
            raise InputError(f"settings of {method}", repr(name), known)
        whole = isinstance(defaults[name], int)
        if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer if whole else Real):
            raise InputError(name, repr(value), "a whole number" if whole else "a number")
        # numpy's own scalars would slip past the bounds, which hold for Python numbers.
        settings[name] = int(value) if whole else float(value)  # type: ignore[arg-type]
    built: Method = METHODS[method](**settings)
    return built


def _generator(seed: int) -> np.random.Generator:
    try:
        return np.random.default_rng(operator.index(seed))
    except (TypeError, ValueError):
        raise InputError("seed", repr(seed), "a whole number of at least 0") from None
