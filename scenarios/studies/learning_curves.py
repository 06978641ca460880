"""Learning curves: how performance grows with the share of people whose data a company has, and its power law.

Loss is what a score lacks: the score itself where lower is better, 1 minus the score otherwise. The power law
[H17] loss(f) = scale x f^-exponent + floor is fitted to every group's losses by least squares; its uncertainty is
over the random groups (they are drawn again with replacement, each time the law is fitted anew).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ...ml_tasks.holdings import Holdings
from ...ml_tasks.scores import RECORD_SETS, View
from ...ml_tasks.settings import InputError
from ...ml_tasks.task import baseline
from ..reports.charts import SETTINGS
from ..reports.palette import COLOURS, INK
from .bench import Bench
from .cdc_pictures import VIEWS, labelled, metric_label
from .cdc_scores import left_out, reading, without_remnants
from .learning_curve_fits import FEWEST_SHARES, STEEPEST, fitted, law
from .study import Picture, Study, Table

SHARES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class LearningCurves:
    """The settings of the study."""

    shares: Sequence[float] = SHARES
    groups: int = 5

    def __post_init__(self) -> None:
        object.__setattr__(self, "shares", tuple(sorted({*self.shares, 1.0})))
        if len(self.shares) < FEWEST_SHARES or any(not 0 < share <= 1 for share in self.shares):
            raise InputError("--shares", list(self.shares), f"at least {FEWEST_SHARES} shares above 0 and up to 1")
        if self.groups < 1:
            raise InputError("--groups", self.groups, "at least 1 group")

    def __call__(self, bench: Bench) -> Study:
        """Train at every share and fit the law in both views."""
        runs = _runs(self, bench)
        fits = pd.DataFrame([fitted(runs, view, bench) for view in RECORD_SETS])
        metric = bench.task.yardstick.metrics[bench.task.yardstick.default]
        means, plural = _means(runs), "s" if self.groups > 1 else ""
        return Study(
            name="learning_curves",
            title=f"Learning curves: {bench.task.label}",
            lead=f"How good the {'formula' if bench.task.formula else 'retrained model'} is with a random share of the "
            "people, and the power law that fits best.",
            facts=[
                *bench.facts(),
                ("Metric", metric.meaning),
                ("Groups", f"{self.groups} random group{plural} at each share"),
            ],
            tables={
                "learning_curves": Table("Performance by share of people", means),
                "learning_curves_fits": Table(
                    "Power law: loss = scale x share^-exponent + floor",
                    fits,
                    [name for name in map(str, fits) if name not in _UNSHOWN],
                    note=_NOTE,
                ),
                "learning_curves_runs": Table("Every training in every view", runs, printed=False),
            },
            columns=COLUMNS,
            pictures={"learning_curves": _picture(means, fits, bench)},
            notes=_notes(self, runs, fits),
            manifest={"shares": list(self.shares), "groups": self.groups, **bench.manifest()},
        )


def _runs(study: LearningCurves, bench: Bench) -> pd.DataFrame:
    rows = []
    for group in range(study.groups):
        several = [_holdings(bench, group, share) for share in study.shares]
        bench.retrainer.ahead(several)
        for share, holdings in zip(study.shares, several, strict=True):
            scores = bench.retrainer.scores(holdings)
            rows += [
                {"view": view, "share": share, "group": group, **reading(scores, holdings, view)}
                for view in RECORD_SETS
            ]
    return without_remnants(pd.DataFrame(rows), ["view", "share"])


def _holdings(bench: Bench, group: int, share: float) -> Holdings:
    members = bench.drawn(group, share)
    if len(members) == 0:
        raise InputError("--shares", share, f"a share that is at least one of {bench.people} people")
    return bench.everyone.only(members)


def _means(runs: pd.DataFrame) -> pd.DataFrame:
    used = runs[runs["left_out"] == ""]
    found = used.groupby(["view", "share"])["score"].agg(["mean", "std", "count"]).reset_index()
    # With all the data every group is the same training: there is nothing to vary.
    found.loc[found["share"] == 1.0, "std"] = np.nan
    return found.rename(columns={"mean": "score", "std": "score_sd", "count": "runs"})


def _picture(means: pd.DataFrame, fits: pd.DataFrame, bench: Bench) -> Picture:
    greater = bench.task.yardstick.metrics[bench.task.yardstick.default].greater_is_better
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(10, 4.2), layout="constrained")
        entries: dict[str, Any] = {}
        how = "the formula" if bench.task.formula else "retrained"
        for axes, view in zip(figure.subplots(1, 2), RECORD_SETS, strict=True):
            part, fit = means[means["view"] == view], fits[fits["view"] == view].iloc[0]
            axes.errorbar(part["share"], part["score"], part["score_sd"], color=COLOURS[0], marker="o", ms=4.5, lw=0,
                          elinewidth=1.2, capsize=2, label=f"{how}, mean and sd over groups")  # fmt: skip
            if np.isfinite(fit["exponent"]) and not part.empty:
                grid = np.geomspace(part["share"].min(), 1, 100)
                loss = law(grid, fit["scale"], fit["exponent"], fit["floor"])
                axes.plot(grid, 1 - loss if greater else loss, color=COLOURS[1], lw=1.5,
                          label="power law")  # fmt: skip
            axes.axhline(baseline(bench.task, View(view)), color=INK, lw=1, ls=(0, (1, 2)), label="needs nobody's data")
            known = f", exponent {fit['exponent']:.2f}" if np.isfinite(fit["exponent"]) else ""
            axes.set_title(VIEWS[view] + known, loc="left", fontsize=9.5)
            axes.set_xlim(0, 1.03)
            axes.set_xlabel(labelled("share of the people whose data the company has", bench.task))
            axes.set_ylabel(metric_label(bench.task))
            entries |= {words: handle for handle, words in zip(*axes.get_legend_handles_labels(), strict=True)}
        figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    caption = "Performance by share of people, with the power law that fits best; dotted: what needs nobody's data."
    return Picture("Learning curves", caption, figure)


_UNSHOWN = ("scale_low", "scale_high", "floor_low", "floor_high")
_NOTE = (
    "low and high: 2.5 and 97.5 per cent of fits to groups drawn again with replacement; nan with one group. "
    "Curvature A above 0: decelerating, early people matter most; below 0: accelerating."
)


def _notes(study: LearningCurves, runs: pd.DataFrame, fits: pd.DataFrame) -> list[str]:
    notes = left_out(runs, ["share", "view"], study.groups, "share {share:g}, {view} view")
    for view, exponent in zip(fits["view"], fits["exponent"].astype(float), strict=True):
        if np.isnan(exponent):
            notes.append(f"No power law could be fitted in the {view} view.")
        elif exponent > 0.99 * STEEPEST or exponent < 1e-3:
            notes.append(f"In the {view} view the exponent ends at a bound: the curve follows no such law.")
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
    **{
        f"{name}_{end}": f"{share} per cent of the {name} over groups drawn again; nan with one group"
        for name in ("scale", "exponent", "floor")
        for end, share in (("low", "2.5"), ("high", "97.5"))
    },
    "floor": "loss with endless data by the fitted law",
    "explained": "share of the variance of the losses that the law explains",
    "shares_read": "number of shares that the law is fitted to",
    "curvature_contribution": "A of the leverage of contributions up to .5, from what needs nobody's data to all",
    "curvature_strike": "A of the leverage of strikes up to .5, read from the shares that are left",
    "bends": "contribution: decelerating (A above .1), accelerating (A under -.1) or near straight",
}
"""Every column of every table of the study."""
