"""Valuation methods: from a utility over groups to the worth of each player.

Every method takes the players (a sequence of distinct hashable things), a utility (frozenset -> finite number, or
an array with one for each training seed) and a random generator, and returns `Values` in the order and unit given.
A player who never changes the utility is worth 0 (in a sample: up to its standard error); in a game that merely
adds up the players' own numbers, each is worth their own number. The worth is linear in the utility. Which groups
are asked for depends on the generator and the settings, never on what is remembered, so a `UtilityTable` given to
several methods is evaluated once for all. No players is not an error: the answer is empty and the utility is never
asked. All raise InputError for repeated or unhashable players and for a utility that is not a finite number.
"""

import operator
import types
from collections.abc import Hashable, Iterable
from dataclasses import fields
from numbers import Real
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from ...ml_tasks.settings import InputError
from ..utility import Utility
from ..values import Values
from .influence import Influence
from .knn_shapley import KnnShapley
from .leave_one_out import LeaveOneOut, StandAlone
from .method import Method
from .owen import Owen
from .semivalues import Banzhaf, BetaShapley, Shapley

METHODS: dict[str, type[Any]] = {
    "leave_one_out": LeaveOneOut,
    "shapley": Shapley,
    "banzhaf": Banzhaf,
    "beta_shapley": BetaShapley,
    "stand_alone": StandAlone,
    "owen": Owen,
    "knn_shapley": KnnShapley,
    "influence": Influence,
}
RETRAIN_NOTHING = (KnnShapley, Influence)
"""They value records by a model of their own and need a task with features."""


def values(
    players: Iterable[Hashable],
    utility: Utility,
    method: str = "shapley",
    seed: int = 0,
    **settings: Any,
) -> Values:
    """What each of `players` is worth in the game `utility`.

    utility: any Python callable from a frozenset of players to a finite number, or to an array with one number for
    each training seed. method: a key of METHODS; **settings: fields of that method
    (`values(p, v, permutations=1000)`). The same seed gives the same answer. Raises InputError, one sentence, for
    an unknown method or setting, a setting of the wrong type or out of bounds, a repeated player, a method that
    cannot do so many players, or a utility that is not a finite number.
    """
    if not callable(utility):
        raise InputError("utility", type(utility).__name__, "a callable from a frozenset of players to a number")
    return _built(method, settings)(players, utility, _generator(seed))


def _built(method: str, settings: dict[str, Any]) -> Method:
    if method not in METHODS:
        raise InputError("method", repr(method), f"one of {', '.join(METHODS)}")
    known = [field.name for field in fields(METHODS[method])]
    hints = get_type_hints(METHODS[method], include_extras=True)
    for name in settings:
        if name not in known:
            expected = f"one of {', '.join(known)}" if known else "no settings"
            raise InputError(f"settings of {method}", repr(name), expected)
    built: Method = METHODS[method](**{name: _typed(name, value, hints[name]) for name, value in settings.items()})
    return built


def _typed(name: str, value: Any, hint: Any) -> Any:
    """The setting as a plain Python value of the field's type. Bounds and words are for the method to check."""
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    if value is None and type(None) in kinds:
        return None
    if len(set(kinds) - {type(None)}) > 1:
        return value
    kind = next(kind for kind in kinds if kind is not type(None))
    truth = isinstance(value, bool | np.bool_)
    or_none = " or None" if type(None) in kinds else ""
    # numpy's own scalars would slip past the bounds, which hold for Python numbers.
    if kind is int:
        if truth or not isinstance(value, int | np.integer):
            raise InputError(name, repr(value), f"a whole number{or_none}")
        return int(value)
    if kind is float:
        if truth or not isinstance(value, Real):
            raise InputError(name, repr(value), f"a number{or_none}")
        return float(value)
    return value


def _generator(seed: int) -> np.random.Generator:
    try:
        return np.random.default_rng(operator.index(seed))
    except (TypeError, ValueError):
        raise InputError("seed", repr(seed), "a whole number of at least 0") from None


__all__ = [
    "METHODS",
    "RETRAIN_NOTHING",
    "Banzhaf",
    "BetaShapley",
    "LeaveOneOut",
    "Method",
    "Shapley",
    "StandAlone",
    "values",
]
