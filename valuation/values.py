"""Values: what each player is worth, and numbers read as such.

Every function of this package that takes "values" takes a `Values` or any flat sequence of finite numbers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..ml_tasks.settings import InputError

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
ROUNDING = 16 * float(np.finfo(np.float64).eps)
"""Differences of values up to size x are wrong by a few units in the last place of x."""


@dataclass(frozen=True, eq=False)
class Values:
    """The worth of each player, in the unit of the utility.

    players: n distinct players. All arrays are in the order of `players` and read-only. A standard error is 0 where
    nothing was drawn, and nan where it cannot be known (one draw or one training seed, or draws that all agree).
    evaluations: the distinct groups the method asked for, wherever their values came from.
    """

    players: tuple[Any, ...]
    worth: FloatArray
    """Shape (n,): the mean over training seeds."""
    stderr: FloatArray
    """Shape (n,): of everything that was drawn, training seeds and samples of groups."""
    evaluations: int
    method: str = ""
    """The method's key in METHODS."""
    note: str = ""
    """What a reader must know: exact or sampled, bias of truncation, whether the worths add up."""
    sampling_stderr: FloatArray | None = None
    """Shape (n,): from sampling groups alone. Left out: all of `stderr`."""
    training_stderr: FloatArray | None = None
    """Shape (n,): from training seeds alone. Left out: none."""
    df: FloatArray | None = None
    """Shape (n,): degrees of freedom of `stderr` for Student's t, inf if known exactly. Left out: inf."""
    errors: FloatArray | None = None
    """Shape (k, n): errors.T @ errors is the covariance of the worths' errors, k no matter. Left out: none known."""
    adds_up: bool = False
    """Whether the worths are shares of v(N) - v(empty). If not, only ranks mean something by themselves."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "players", tuple(self.players))
        n = len(self.players)
        absent = {"sampling_stderr": self.stderr, "training_stderr": np.zeros(n), "df": np.full(n, np.inf)}
        for name in ("worth", "stderr", *absent):
            given = getattr(self, name)
            array = np.array(absent[name] if given is None else given, dtype=np.float64)  # a copy: nobody can change it
            if array.shape != (n,):
                raise InputError(name, f"shape {array.shape}", f"one number for each of {n} players")
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.players)

    def ordered(self, order: Sequence[int]) -> "Values":
        """The same values with the players in another order, given by their places."""
        places = np.asarray(order, dtype=np.int64)
        arrays: dict[str, Any] = {
            name: None if (found := getattr(self, name)) is None else found[..., places]
            for name in ("worth", "stderr", "sampling_stderr", "training_stderr", "df", "errors")
        }
        return replace(self, players=tuple(self.players[k] for k in places), **arrays)

    def interval(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """The lower and upper ends of each worth's interval by Student's t, both (n,); nan where stderr is."""
        from scipy.special import stdtrit

        df = np.asarray(self.df)
        reach = stdtrit(np.where(np.isinf(df), 1e12, df), 0.5 + level / 2) * self.stderr
        return self.worth - reach, self.worth + reach

    def to_frame(self) -> "pd.DataFrame":
        """One row a player, in order: worth, standard errors, 95 per cent interval, trainings asked for, method."""
        import pandas as pd  # here, so that the command line need not load it

        low, high = self.interval()
        return pd.DataFrame(
            {
                "player": pd.Series(self.players, dtype=object), "worth": self.worth, "stderr": self.stderr,
                "sampling_stderr": self.sampling_stderr, "training_stderr": self.training_stderr,
                "low": low, "high": high, "evaluations": self.evaluations, "method": self.method, "note": self.note,
            }
        )  # fmt: skip

    @classmethod
    def of_seeds(
        cls, players: tuple[Any, ...], by_seed: FloatArray, draws: FloatArray | None, evaluations: int,
        method: str, note: str, *, noisy: bool, adds_up: bool, largest: float, df: float | None = None,
    ) -> "Values":  # fmt: skip
        """Values from each player's worth under every training seed, and from what was drawn.

        by_seed: (n, seeds). draws: (k, n), independent estimates whose mean is the worth, averaged over seeds; None if
        the method is exact. noisy: whether training is random at all; if so, one seed gives nan. largest: the largest
        size of any utility asked for, the unit of rounding errors. df: degrees of freedom of the draws' spread; left
        out: one less than there are.
        """
        sampling, factor, free = _sampled(draws, by_seed.shape[0], largest)
        training, seed_factor = _trained(by_seed, noisy)
        factors = [part for part in (factor, seed_factor) if part is not None]
        return cls(
            players, by_seed.mean(axis=1), np.hypot(sampling, training), evaluations, method, note, sampling, training,
            welch([sampling, training], [free if df is None else df, by_seed.shape[1] - 1.0]),
            np.concatenate(factors) if factors else None, adds_up,
        )  # fmt: skip


def _sampled(draws: FloatArray | None, n: int, largest: float) -> tuple[FloatArray, FloatArray | None, float]:
    """Standard error of the mean of the draws (nan where they agree to rounding), error factor, degrees of freedom."""
    if draws is None:
        return np.zeros(n), None, np.inf
    count = len(draws)
    if count < 2:
        return np.full(n, np.nan), None, np.nan
    unit = largest or 1.0  # squares of tiny numbers would vanish
    factor = (draws - draws.mean(axis=0)) / unit / math.sqrt(count * (count - 1))
    stderr = unit * np.sqrt((factor**2).sum(axis=0))
    agree = np.ptp(draws, axis=0) <= ROUNDING * largest
    return np.where(agree, np.nan, stderr), unit * factor, count - 1.0


def _trained(by_seed: FloatArray, noisy: bool) -> tuple[FloatArray, FloatArray | None]:
    """Standard error of the mean over training seeds, and its error factor."""
    n, seeds = by_seed.shape
    if not noisy:
        return np.zeros(n), None
    if seeds < 2:
        return np.full(n, np.nan), None
    factor = (by_seed - by_seed.mean(axis=1, keepdims=True)).T / math.sqrt(seeds * (seeds - 1))
    unit = np.abs(factor).max(initial=0.0) or 1.0  # squares of tiny numbers would vanish
    return unit * np.sqrt(((factor / unit) ** 2).sum(axis=0)), factor


def welch(stderrs: Sequence[FloatArray], df: Sequence[FloatArray | float]) -> FloatArray:
    """Degrees of freedom of a sum of independent parts, (n,) [Welch 1947]; inf where there is no error at all."""
    total = np.hypot.reduce(np.asarray(stderrs), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # As shares of the total: fourth powers of what is itself large would overflow.
        parts = [np.where(each > 0, (each / total) ** 4 / own, 0.0) for each, own in zip(stderrs, df, strict=True)]
        found: FloatArray = 1.0 / np.sum(parts, axis=0)
    return np.where(np.isnan(total), np.nan, found)


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
    finite = np.isfinite(array)
    if not finite.all():
        bad = int(finite.argmin())
        raise InputError(where, f"{array[bad]} at position {bad}", expected)
    return array


def scaled(x: FloatArray) -> FloatArray:
    """x divided by its largest size, so that sums and differences can neither overflow nor vanish."""
    largest = np.abs(x).max(initial=0.0)
    return x / largest if largest > 0 else x
