"""Regimes: how a run goes on once it has got under way, read off one series and the words beside it.

absorbed: from some round on nothing changes, to the end. cycling: from some round on everything comes again after p
rounds, at least three times. stationary: after a warm-up the series only wavers about one level. still moving: none of
these, so that a mean over rounds would be of something that has not settled. A run of under `SHORTEST` rounds cannot be
told. "Nothing" and "again" mean to within one per cent of `scale` in the number, and exactly in the word (the lever).

The warm-up of a stationary series is cut by the marginal standard error rule: White, An effective truncation heuristic
for bias reduction in simulation output, Simulation 69, 1997 [W97]; at most half of the rounds. Its level is one if the
two halves of what is left differ by no more than two standard errors, or by no more than one per cent of `scale`.

What a run is classified by (`regimes`): membership with the lever, and what people have of it. A gain is what a round
brings, not a sum so far, and training seeds are the same in all rounds, so it wavers with what people do and not with
luck in training: where it settles, its mean over rounds after the warm-up stands for a round; where it is still moving,
none does. As a sum of money it has no size by nature: its scale is its own mean size in the run.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..ml_tasks.settings import InputError

Kind = Literal["absorbed", "cycling", "stationary", "still moving", "too short to tell", "not always defined"]
SHORTEST = 8
SAME = 0.01
"""Of `scale`: changes up to this count as none."""
GAINS = {
    "members_gain": "what a member has of it",
    "outsiders_gain": "what people outside have of it",
    "alone_gain": "what people have of acting alone",
}
"""Columns of the coalitions and society tables."""
SPLIT = 0.9
"""Share of the variance that two groups must explain for outcomes to count as split: of uniform ones the best two
explain 3/4, of normal ones 2/pi."""


@dataclass(frozen=True)
class Regime:
    """How a series goes on, and from which round (1 is the first); `period` in rounds where it cycles, else 0."""

    kind: Kind
    since: int = 0
    period: int = 0

    def __str__(self) -> str:
        if self.kind == "cycling":
            return f"cycling with a period of {self.period} rounds since round {self.since}"
        return f"{self.kind} since round {self.since}" if self.since else self.kind


def regime(series: ArrayLike, words: Sequence[str] | None = None, scale: float = 1.0) -> Regime:
    """The regime of a series (rounds,), and of a word for each round; `scale` is the series' natural size.

    Raises InputError for numbers that are not finite or words that are not one a round.
    """
    x = np.asarray(series, dtype=np.float64)
    said = np.zeros(len(x), dtype=np.int64) if words is None else np.unique(np.array(words), return_inverse=True)[1]
    if x.ndim != 1 or not np.isfinite(x).all():
        raise InputError("series", "what is not one finite number a round", "a flat sequence of finite numbers")
    if len(said) != len(x):
        raise InputError("words", f"{len(said)} words", f"one for each of {len(x)} rounds")
    rounds, near = len(x), SAME * scale
    if rounds < SHORTEST:
        return Regime("too short to tell")
    start = _since((np.abs(x - x[-1]) <= near) & (said == said[-1]))
    if rounds - start >= max(5, rounds / 4):
        return Regime("absorbed", start + 1)
    for period in range(2, rounds // 3 + 1):
        start = _since((np.abs(x[period:] - x[:-period]) <= near) & (said[period:] == said[:-period]))
        if rounds - start >= 3 * period:
            return Regime("cycling", start + 1, period)
    cut = _warm_up(x)
    return Regime("stationary", cut + 1) if _level(x[cut:], near) else Regime("still moving")


def regimes(rows: pd.DataFrame, people: float) -> dict[str, list[Regime]]:
    """What each replicate does, by series, of one coalition's rows of the coalitions table or, where these have no
    members, of the society table; `people` is how many there are. A series that is undefined everywhere is left out."""
    runs = [own.sort_values("round") for _, own in rows.groupby("replicate")]
    found = {}
    if "members" in rows:
        found["membership and lever"] = [regime(run["members"], list(run["lever"]), people) for run in runs]
    for column, words in GAINS.items():
        if column in rows and rows[column].notna().any():
            found[words] = [_of_gain(run[column].to_numpy(float)) for run in runs]
    if all(each.kind == "too short to tell" for series in found.values() for each in series):
        return dict(list(found.items())[:1])  # once is enough
    return found


def told(found: Sequence[Regime]) -> str:
    """Regimes in words: "absorbed since round 4", or how many of the replicates are in each, and since when."""
    if len(found) == 1:
        return str(found[0])
    kinds = {kind: [each for each in found if each.kind == kind] for kind in sorted({each.kind for each in found})}
    words = [f"{kind} in {len(own)}{_since_when(own)}" for kind, own in sorted(kinds.items(), key=lambda k: -len(k[1]))]
    return f"{', '.join(words)} of {len(found)} replicates"


def _since_when(found: Sequence[Regime]) -> str:
    starts, periods = sorted(each.since for each in found), sorted(each.period for each in found)
    if not starts[-1]:
        return ""
    length = f", period {_range(periods)}" if periods[-1] else ""
    return f" (since round {_range(starts)}{length})"


def _range(numbers: Sequence[int]) -> str:
    low, high = numbers[0], numbers[-1]
    return f"{low}" if low == high else f"{low} to {high}"


def _of_gain(x: NDArray[np.float64]) -> Regime:
    """From the first round that has a figure on."""
    known = np.flatnonzero(np.isfinite(x))
    if not len(known) or not np.isfinite(x[known[0] :]).all():
        return Regime("not always defined")
    found = regime(x[known[0] :], scale=float(np.abs(x[known]).mean()))
    return replace(found, since=found.since + int(known[0])) if found.since else found


def split(outcomes: ArrayLike) -> tuple[float, float] | None:
    """The means of two groups that outcomes (n,) fall into, or None if they do not, or there are fewer than eight."""
    x = np.sort(np.asarray(outcomes, dtype=np.float64))
    x = x[np.isfinite(x)]
    n, total = len(x), float(((x - x.mean()) ** 2).sum()) if len(x) else 0.0
    if n < 8 or total == 0:
        return None
    sizes = np.arange(2, n - 1)  # a single outlier is no group
    low = np.cumsum(x)[sizes - 1] / sizes
    high = (x.sum() - np.cumsum(x)[sizes - 1]) / (n - sizes)
    between = sizes * (low - x.mean()) ** 2 + (n - sizes) * (high - x.mean()) ** 2
    best = int(np.argmax(between))
    return (float(low[best]), float(high[best])) if between[best] >= SPLIT * total else None


def _since(same: NDArray[np.bool_]) -> int:
    """The first place from which all are true to the end."""
    wrong = np.flatnonzero(~same)
    return int(wrong[-1]) + 1 if len(wrong) else 0


def _warm_up(x: NDArray[np.float64]) -> int:
    """Rounds to leave out, so that the standard error of the mean of the rest is smallest."""
    rest = [((x[d:] - x[d:].mean()) ** 2).sum() / (len(x) - d) ** 2 for d in range(len(x) // 2 + 1)]
    return int(np.argmin(rest))


def _level(x: NDArray[np.float64], near: float) -> bool:
    half = len(x) // 2
    one, other = x[:half], x[-half:]
    error = math.hypot(one.std(ddof=1), other.std(ddof=1)) / math.sqrt(half) if half > 1 else 0.0
    return bool(abs(one.mean() - other.mean()) <= max(2 * error, near))
