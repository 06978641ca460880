"""Curves: a number over rounds, with the interval that the run can give it.

Several replicates: mean and 95 % Student-t interval over them. One replicate: the number itself, and plus or
minus two standard errors over training seeds where the table has them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from .palette import Look
from .record import Record

Floats = NDArray[np.float64]
OVER_REPLICATES = "over behaviour, given this split and these training seeds"


@dataclass(frozen=True)
class Interval:
    """A mean and the half width of its interval (nan where there is none)."""

    mean: float
    half: float


@dataclass(frozen=True)
class Curve:
    """One line of a chart: x, y and the half width of its interval, all shape (n,)."""

    label: str
    look: Look
    x: Floats
    y: Floats
    half: Floats

    @property
    def drawn(self) -> bool:
        return bool(np.isfinite(self.y).any())

    @property
    def reach(self) -> tuple[float, float]:
        """Lowest and highest point, intervals included; nan if there is none."""
        half = np.nan_to_num(self.half)
        ends = np.concatenate((self.y - half, self.y + half))
        ends = ends[np.isfinite(ends)]
        return (float(ends.min()), float(ends.max())) if ends.size else (np.nan, np.nan)


def over_rounds(record: Record, rows: pd.DataFrame, column: str, label: str, look: Look, stderr: str = "") -> Curve:
    """A column of rows (one a round and replicate) as a curve over all rounds; missing rounds are gaps."""
    groups, index = rows.groupby("round"), pd.RangeIndex(1, record.rounds + 1)
    mean = groups[column].mean().reindex(index)
    if record.many:
        n: Floats = np.asarray(groups[column].count().reindex(index), dtype=np.float64)
        half = student(n) * groups[column].std(ddof=1).reindex(index).to_numpy(float) / np.sqrt(n)
    elif stderr:
        half = 2 * groups[stderr].mean().reindex(index).to_numpy(float)
    else:
        half = np.full(len(index), np.nan)
    return Curve(label, look, index.to_numpy(float), mean.to_numpy(float), half)


def over_replicates(values: pd.Series) -> Interval:
    """Mean of one number a replicate, with its 95 % Student-t interval."""
    held = values.dropna().to_numpy(float)
    if not held.size:
        return Interval(np.nan, np.nan)
    spread = held.std(ddof=1) / np.sqrt(held.size) if held.size > 1 else np.nan
    return Interval(float(held.mean()), float(student(np.array([held.size], dtype=float))[0] * spread))


def student(n: Floats) -> Floats:
    """The 97.5 % point of Student's t for the mean of n numbers; nan for fewer than two."""
    freedom = np.where(n > 1, n - 1.0, np.nan)
    return np.asarray(stdtrit(freedom, 0.975), dtype=float)


def interval_words(record: Record, curves: list[Curve], trained: bool = True) -> str:
    """What the intervals of these curves are, in a sentence; `trained` if the numbers come from trainings."""
    if record.many:
        return (
            f"Line: mean over {len(record.replicates)} replicates. Band: 95 % Student-t interval over replicates "
            f"({OVER_REPLICATES}); none where only one replicate has a figure."
        )
    if not trained:
        return "One replicate, so no interval over behaviour."
    halves = np.concatenate([curve.half[np.isfinite(curve.y)] for curve in curves] or [np.empty(0)])
    if not np.isfinite(halves).any():
        return "One replicate and one training seed, so no interval can be given." if halves.size else ""
    if not np.nansum(np.abs(halves)):
        return "One replicate; the interval over training seeds has zero width here."
    return f"Band: ± 2 standard errors over {record.train_seeds} training seeds (one replicate)."
