"""The pictures of the study of conscious data contribution, in the layout of the abstract's figures [VH20]."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from ...ml_tasks.task import Task
from ..reports.charts import SETTINGS
from ..reports.palette import COLOURS, INK
from .study import Picture

VIEWS = {"holdout": "everybody, hidden test set", "company": "each company's own contributors"}
_LEVERS = (
    ("dlp_contribution", "contribution", "^", COLOURS[0]),
    ("dlp_transfer", "contribution with deletion", "D", COLOURS[2]),
    ("dlp_strike", "strike", "v", COLOURS[1]),
)


def metric_label(task: Task) -> str:
    """The metric for an axis, with the way that is better."""
    metric = task.yardstick.metrics[task.yardstick.default]
    return f"{metric.name.replace('_', ' ')} ({'higher' if metric.greater_is_better else 'lower'} is better)"


def labelled(words: str, task: Task) -> str:
    """A label that says so where nothing was trained, whoever copies the picture out of the page."""
    return f"{words}\n(formula, not retraining)" if task.formula else words


def leverage_and_performance(rows: pd.DataFrame, task: Task) -> Picture:
    """DLP on the left, performance on the right, one row of panels a view [VH20, figure 2]."""
    views = list(dict.fromkeys(rows["view"]))
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(10, 3.7 * len(views)), layout="constrained")
        axes = figure.subplots(len(views), 2, squeeze=False)
        for (left, right), view in zip(axes, views, strict=True):
            part = rows[rows["view"] == view]
            _leverage(left, part)
            left.set_title(f"Data leverage power: {VIEWS[view]}", loc="left", fontsize=9.5)
            _performance(right, part, task)
            right.set_title(f"Performance: {VIEWS[view]}", loc="left", fontsize=9.5)
        for ax in axes[-1]:
            ax.set_xlabel(labelled("share of the people who contribute or withhold", task))
        _legend(figure, [*axes[0]])
    caption = (
        "Left: data leverage power by share of people, ours as filled marks with one standard deviation over groups, "
        "figures in print as open marks where there are any. Right: performance of the small company, which holds "
        "what was contributed, and of the large one, which lost it; dotted: where DLP is 0 and 1. "
        "Bars that leave a panel are cut off. Layout of the "
        "abstract's second figure [VH20]."
    )
    return Picture("Leverage and performance", caption, figure)


def _legend(figure: Figure, panels: list[Axes]) -> None:
    """Under the panels, where it covers no data."""
    entries = [entry for axes in panels for entry in zip(*axes.get_legend_handles_labels(), strict=True)]
    entries.sort(key=lambda entry: "in print" in entry[1])
    handles, words = zip(*entries, strict=True)
    figure.legend(handles, words, loc="outside lower center", ncols=5, fontsize=8, frameon=False)


def _leverage(axes: Axes, part: pd.DataFrame) -> None:
    for name, words, mark, colour in _LEVERS:
        error = part.get(f"{name}_sd")
        axes.errorbar(
            part["rate"], part[name], error, color=colour, marker=mark, ms=4.5, lw=1.6, capsize=2, label=words
        )
        print_ = part[f"published_{name}"]
        if print_.notna().any():
            axes.plot(part["rate"], print_, ls=":", color=colour, marker=mark, ms=5.5, mfc="white", lw=1,
                      label=f"{words}, in print")  # fmt: skip
    axes.axhline(0, color=INK, lw=0.8)
    names = [name for lever, *_ in _LEVERS for name in (lever, f"published_{lever}")]
    _within(axes, part[names].to_numpy(dtype=float))
    axes.set_ylabel("DLP (0: base, 1: best)")


def _performance(axes: Axes, part: pd.DataFrame, task: Task) -> None:
    for company, mark, colour in (("small", "^", COLOURS[0]), ("large", "v", COLOURS[1])):
        axes.errorbar(
            part["rate"], part[company], part[f"{company}_sd"], color=colour, marker=mark, ms=4.5, lw=1.6, capsize=2,
            label=f"{company} company",
        )  # fmt: skip
    for name in ("base", "best"):
        axes.axhline(part[name].iloc[0], color=INK, lw=1, ls=(0, (1, 2)))
        axes.annotate(name, (1.01, part[name].iloc[0]), xycoords=("axes fraction", "data"), ha="left", va="center",
                      fontsize=8, color=INK, annotation_clip=False)  # fmt: skip
    _within(axes, part[["small", "large", "base", "best"]].to_numpy(dtype=float))
    axes.set_ylabel(metric_label(task))


def _within(axes: Axes, values: NDArray[np.float64]) -> None:
    """Show all values with some air: a wide standard deviation is cut off rather than all else made small."""
    axes.set_xlim(0, 1)
    known = values[np.isfinite(values)]
    if len(known):
        air = 0.12 * (known.max() - known.min()) or 0.1
        axes.set_ylim(known.min() - air, known.max() + air)


def learning_curve(rows: pd.DataFrame, task: Task) -> Picture:
    """Performance by share of the data, with the two jumps that a group's data make [VH20, figure 1]."""
    views = list(dict.fromkeys(rows["view"]))
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(5 * max(len(views), 1), 4.2), layout="constrained")
        jumps = []
        for axes, view in zip(np.atleast_1d(figure.subplots(1, len(views))), views, strict=True):
            part = rows[(rows["view"] == view) & rows["small"].notna()].sort_values("rate")
            jumps.append(_jumps(axes, part))
            axes.set_title(VIEWS[view], loc="left", fontsize=9.5)
            axes.set_xlabel(labelled("share of the people whose data the company has", task))
            axes.set_ylabel(metric_label(task))
        shares = " or ".join(f"{rate:.0%}" for rate in sorted({rate for rate in jumps if rate is not None}))
        arrows = [Line2D([], [], color=colour, lw=2.2, marker=mark) for colour, mark in _ARROWS]
        words = [f"the small company, given the data of {shares}", f"the large company, losing the data of {shares}"]
        figure.legend(arrows, words, loc="outside lower center", ncols=2, fontsize=8, frameon=False)
    caption = (
        "The learning curve: what a company reaches with a share of the people's data (mean over groups; at 0 the "
        "base, at 1 the best of the chosen scale, both dotted). The arrows are the two jumps of one group: from "
        "nothing for the small company that is given its data, and from everything for the large company that loses "
        "them. Layout of the abstract's first figure [VH20]."
    )
    return Picture("The learning curve and its two jumps", caption, figure)


_ARROWS = ((COLOURS[0], "^"), (COLOURS[1], "v"))


def _jumps(axes: Axes, part: pd.DataFrame) -> float | None:
    """The curve with both arrows; the share of the group that they are of, nearest to a fifth."""
    if part.empty:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "no score to show", ha="center", transform=axes.transAxes, color=INK)
        return None
    base, best = part["base"].iloc[0], part["best"].iloc[0]
    axes.plot(np.r_[0, part["rate"], 1], np.r_[base, part["small"], best], color=INK, lw=1.6, marker="o", ms=3)
    for level in (base, best):
        axes.axhline(level, color=INK, lw=0.8, ls=(0, (1, 2)), zorder=1)
    group = part.iloc[(part["rate"] - 0.2).abs().argmin()]
    rate = float(group["rate"])
    for x, start, end, colour in (
        (rate, base, group["small"], COLOURS[0]),
        (1 - rate, best, group["large"], COLOURS[1]),
    ):
        if np.isfinite(end):
            look = {"arrowstyle": "-|>", "color": colour, "lw": 2.2, "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", (x, end), (x, start), arrowprops=look)
    axes.set_xlim(-0.02, 1.02)
    return rate
