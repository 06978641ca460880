"""Learning curves: how performance grows with the share of people whose data a company has, and its power law.

Loss is what a score lacks: the score itself where lower is better, 1 minus the score otherwise. The power law
[H17] loss(f) = scale x f^-exponent + floor is fitted to every group's losses by least squares; its uncertainty is
over the random groups (they are drawn again with replacement, each time the law is fitted anew).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.optimize import curve_fit

from ...ml_tasks.scores import RECORD_SETS, View
from ...ml_tasks.settings import InputError
from ...ml_tasks.streams import Streams
from ...ml_tasks.task import baseline
from ...valuation.leverage import curvature, dlp_contribution
from ..reports.charts import SETTINGS
from ..reports.palette import COLOURS, INK
from .bench import Bench
from .cdc_pictures import VIEWS
from .study import Picture, Study, Table

Floats = NDArray[np.float64]
SHARES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
DRAWS = 200
_FEWEST = 4
"""A law with three parameters needs more shares than that to be tested at all."""


@dataclass(frozen=True)
class LearningCurves:
    """The settings of the study."""

    shares: Sequence[float] = SHARES
    groups: int = 5

    def __post_init__(self) -> None:
        object.__setattr__(self, "shares", tuple(sorted({*self.shares, 1.0})))
        if len(self.shares) < _FEWEST or any(not 0 < share <= 1 for share in self.shares):
            raise InputError("--shares", list(self.shares), f"at least {_FEWEST} shares above 0 and up to 1")
        if self.groups < 1:
            raise InputError("--groups", self.groups, "at least 1 group")

    def __call__(self, bench: Bench) -> Study:
        """Train at every share and fit the law in both views."""
        runs = _runs(self, bench)
        fits = pd.DataFrame([_fitted(runs, view, bench) for view in RECORD_SETS])
        means = _means(runs)
        return Study(
            name="learning_curves",
            title=f"Learning curves: {bench.task.label}",
            lead="How good the retrained model is with a random share of the people, and the power law that fits best.",
            facts=[*bench.facts(), ("Groups", f"{self.groups} random groups at each share")],
            tables={
                "learning_curves": Table("Performance by share of people", means),
                "learning_curves_fits": Table(
                    "Power law: loss = scale x share^-exponent + floor",
                    fits,
                    note="Intervals: 2.5 and 97.5 per cent of fits to groups drawn again with replacement; nan with "
                    "one group. Curvature A above 0: decelerating, early people matter most.",
                ),
                "learning_curves_runs": Table("Every training in every view", runs, printed=False),
            },
            columns=COLUMNS,
            pictures={"learning_curves": _picture(means, fits, bench)},
            notes=_notes(runs, fits),
            manifest={"shares": list(self.shares), "groups": self.groups, **bench.manifest()},
        )


def _runs(study: LearningCurves, bench: Bench) -> pd.DataFrame:
    rows = []
    for group in range(study.groups):
        for share in study.shares:
            members = bench.drawn(group, share)
            if len(members) == 0:
                raise InputError("--shares", share, f"a share that is at least one of {bench.people} people")
            holdings = bench.everyone.only(members)
            scores = bench.retrainer.scores(holdings)
            for view in RECORD_SETS:
                score = scores.view(view, holdings.present if view == "company" else None)
                rows.append((view, share, group, score.mean, score.n, score.reason or score.degenerate))
    return pd.DataFrame(rows, columns=["view", "share", "group", "score", "tested", "left_out"])


def _means(runs: pd.DataFrame) -> pd.DataFrame:
    used = runs[runs["left_out"] == ""]
    # With all the data every group is the same training: there is nothing to vary.
    found = used.groupby(["view", "share"])["score"].agg(["mean", "std", "count"]).reset_index()
    found.loc[found["share"] == 1.0, "std"] = np.nan
    return found.rename(columns={"mean": "score", "std": "score_sd", "count": "runs"})


def _law(share: Floats, scale: float, exponent: float, floor: float) -> Floats:
    law: Floats = scale * share**-exponent + floor
    return law


def _fit(share: Floats, loss: Floats) -> Floats:
    """Scale, exponent and floor, none negative; nan where no law fits."""
    if len(np.unique(share)) < _FEWEST:
        return np.full(3, np.nan)
    start = (max(float(loss.min()) / 2, 1e-6), 0.3, max(float(loss.min()) / 2, 1e-6))
    try:
        found, _ = curve_fit(_law, share, loss, start, bounds=([0, 0, 0], [np.inf, 5.0, np.inf]), max_nfev=5000)
    except RuntimeError:  # no minimum found
        return np.full(3, np.nan)
    return np.asarray(found, dtype=np.float64)


def _fitted(runs: pd.DataFrame, view: str, bench: Bench) -> dict[str, object]:
    """One row: the law in a view with its intervals, and how the curve bends."""
    metric = bench.task.yardstick.metrics[bench.task.yardstick.default]
    used = runs[(runs["view"] == view) & (runs["left_out"] == "")]
    share, score = used["share"].to_numpy(), used["score"].to_numpy()
    loss = 1 - score if metric.greater_is_better else score
    law = _fit(share, loss)
    left = loss - _law(share, *law)
    row: dict[str, object] = {
        "view": view, "scale": law[0], "exponent": law[1], "floor": law[2],
        "explained": 1 - float((left**2).sum() / ((loss - loss.mean()) ** 2).sum()),
    }  # fmt: skip
    row["exponent_low"], row["exponent_high"] = _interval(used, loss)
    mean = used.groupby("share")["score"].mean()
    part = mean[mean.index <= 0.5]
    best = mean.get(1.0, np.nan)
    power = dlp_contribution(part.to_numpy(), baseline(bench.task, View(view)), best)  # type: ignore[arg-type]
    row["curvature"] = curvature(part.index.to_numpy(), power)
    row["bends"] = "undefined" if np.isnan(row["curvature"]) else _bend(float(row["curvature"]))  # type: ignore[arg-type, call-overload]
    return row


def _bend(curve: float) -> str:
    return "near straight" if abs(curve) <= 0.1 else "decelerating" if curve > 0 else "accelerating"


def _interval(used: pd.DataFrame, loss: Floats) -> tuple[float, float]:
    """2.5 and 97.5 per cent of the exponent over groups drawn again; nan with one group."""
    groups = used["group"].to_numpy()
    names = np.unique(groups)
    if len(names) < 2:
        return float("nan"), float("nan")
    rng, share = Streams(0)("learning curves"), used["share"].to_numpy()
    found = []
    for _ in range(DRAWS):
        rows = np.concatenate([np.flatnonzero(groups == name) for name in rng.choice(names, len(names))])
        found.append(_fit(share[rows], loss[rows])[1])
    low, high = np.nanpercentile(found, [2.5, 97.5]) if np.isfinite(found).any() else (np.nan, np.nan)
    return float(low), float(high)


def _picture(means: pd.DataFrame, fits: pd.DataFrame, bench: Bench) -> Picture:
    greater = bench.task.yardstick.metrics[bench.task.yardstick.default].greater_is_better
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(10, 3.8), layout="constrained")
        for axes, view in zip(figure.subplots(1, 2), RECORD_SETS, strict=True):
            part, law = means[means["view"] == view], fits[fits["view"] == view].iloc[0]
            axes.errorbar(part["share"], part["score"], part["score_sd"], color=COLOURS[0], marker="o", ms=4.5, lw=0,
                          elinewidth=1.2, capsize=2, label="retrained, mean and sd over groups")  # fmt: skip
            if np.isfinite(law["exponent"]) and not part.empty:
                grid = np.geomspace(part["share"].min(), 1, 100)
                loss = _law(grid, law["scale"], law["exponent"], law["floor"])
                axes.plot(grid, 1 - loss if greater else loss, color=COLOURS[1], lw=1.5,
                          label=f"power law, exponent {law['exponent']:.2f}")  # fmt: skip
            axes.axhline(baseline(bench.task, View(view)), color=INK, lw=1, ls=(0, (1, 2)), label="needs nobody's data")
            axes.set_title(VIEWS[view], loc="left", fontsize=9.5)
            axes.set_xlabel("share of the people whose data the company has")
            axes.set_ylabel(bench.task.yardstick.default.replace("_", " "))
            axes.legend(fontsize=8, frameon=False)
    caption = "Performance by share of people, with the power law that fits best; dotted: what needs nobody's data."
    return Picture("Learning curves", caption, figure)


def _notes(runs: pd.DataFrame, fits: pd.DataFrame) -> list[str]:
    notes = [
        f"Left out: share {share:g}, {view} view, {len(part)} groups ({part['left_out'].iloc[0]})."
        for (share, view), part in runs[runs["left_out"] != ""].groupby(["share", "view"])
    ]
    if (fits["explained"] < 0.9).any():
        notes.append("A law that explains less than .9 of the variance describes the curve badly: do not extrapolate.")
    notes.append("Published exponents [H17]: image .31, word language model .065, character .095, translation .30.")
    return notes


COLUMNS = {
    "view": "whose experience: holdout, everybody on one hidden test set; company, the people whose data it has",
    "share": "share of the contributors whose data the company has",
    "group": "number of the random group",
    "score": "performance in the task's metric; in means, over groups",
    "score_sd": "standard deviation over groups (ddof 1); nan at 1, where all groups are the same",
    "runs": "number of scores in the mean",
    "tested": "number of test records (surfaced hits: relevant ones)",
    "left_out": "why a score is in no mean and no fit; empty where it is",
    "scale": "loss(1) - floor of the fitted law",
    "exponent": "exponent a of the fitted law loss(f) = scale x f^-a + floor",
    "exponent_low": "2.5 per cent of the exponent over groups drawn again",
    "exponent_high": "97.5 per cent of the exponent over groups drawn again",
    "floor": "loss with endless data by the fitted law",
    "explained": "share of the variance of the losses that the law explains",
    "curvature": "A of the contribution's leverage on [0, .5], from what needs nobody's data to all the data",
    "bends": "decelerating (A above .1), accelerating (A under -.1) or near straight",
}
"""Every column of every table of the study."""
