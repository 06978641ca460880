"""Values: what each player is worth, and numbers read as such.

Every function of this package that takes "values" takes a `Values` or any flat sequence of finite numbers.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..ml_tasks.settings import InputError

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Values:
    """The worth of each player, in the unit of the utility.

    players: n distinct players. worth, stderr: arrays (n,), in the order of `players`, read-only.
    stderr is the standard error from sampling groups of players: 0 where the method is exact, nan where it
    cannot be known (one draw, or draws that all agree). It says nothing of noise inside the utility, such as
    training seeds. evaluations: the distinct groups the method asked for, wherever their values came from.
    method: the name of the method. note: what a reader must know (exact or sampled, bias of truncation).
    """

    players: tuple[Any, ...]
    worth: FloatArray
    stderr: FloatArray
    evaluations: int
    method: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "players", tuple(self.players))
        for name in ("worth", "stderr"):
            array = np.array(getattr(self, name), dtype=np.float64)  # a copy, which nobody else can change
            if array.shape != (len(self.players),):
                raise InputError(name, f"shape {array.shape}", f"one number for each of {len(self.players)} players")
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.players)

    def to_frame(self) -> "pd.DataFrame":
        """One row a player, in order: player, worth, stderr, method."""
        import pandas as pd  # here, so that the command line need not load it

        player = pd.Series(self.players, dtype=object)
        return pd.DataFrame({"player": player, "worth": self.worth, "stderr": self.stderr, "method": self.method})


ValuesLike = Values | ArrayLike


def finite_array(values: ValuesLike, where: str = "values") -> FloatArray:
    """The worths of a `Values`, or any flat sequence of numbers, as a float array (n,).

    Raises InputError, naming `where`, for anything but a flat sequence of finite numbers.
    """
    expected = "a flat sequence of finite numbers"
    raw: Any = values.worth if isinstance(values, Values) else values
    try:
        given = np.asarray(raw)
        if given.ndim != 1 or given.dtype.kind not in "biufO":
            raise InputError(where, f"{given.dtype} of shape {given.shape}", expected)
        array = given.astype(np.float64)
    except InputError:
        raise
    except (TypeError, ValueError, OverflowError):
        raise InputError(where, f"a {type(raw).__name__} that is not all numbers", expected) from None
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise InputError(where, f"{array[bad[0]]} at position {bad[0]}", expected)
    return array


def scaled(x: FloatArray) -> FloatArray:
    """x divided by its largest size, so that sums and differences can neither overflow nor vanish."""
    largest = np.abs(x).max(initial=0.0)
    return x / largest if largest > 0 else x
