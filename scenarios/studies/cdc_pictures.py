"""The pictures of the study of conscious data contribution, in the layout of the abstract's figures [VH20]."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
            ax.set_xlabel("share of people who contribute or withhold")
        _legend(figure, [*axes[0]])
    caption = (
        "Left: data leverage power by share of people, ours as filled marks with one standard deviation over groups, "
        "figures in print as open marks where there are any. Right: performance of the small company, which holds "
        "what was contributed, and of the large one, which lost it; dotted: where DLP is 0 and 1. Layout of the "
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
    axes.set_xlim(0, 1)
    axes.set_ylabel("DLP")


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
    axes.set_xlim(0, 1)
    axes.set_ylabel(task.yardstick.default.replace("_", " "))


def learning_curve(rows: pd.DataFrame, task: Task) -> Picture:
    """Performance by share of the data, with the two jumps that a group's data make [VH20, figure 1]."""
    views = list(dict.fromkeys(rows["view"]))
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(5 * len(views), 3.8), layout="constrained")
        for axes, view in zip(np.atleast_1d(figure.subplots(1, len(views))), views, strict=True):
            part = rows[(rows["view"] == view) & rows["small"].notna()].sort_values("rate")
            _jumps(axes, part)
            axes.set_title(VIEWS[view], loc="left", fontsize=9.5)
            axes.set_xlabel("share of the people whose data the company has")
            axes.set_ylabel(task.yardstick.default.replace("_", " "))
    caption = (
        "The learning curve: what a company reaches with a share of the people's data (mean over groups; at 0 what "
        "needs nobody's data, at 1 everything, on the chosen scale). The arrows are the two jumps of one group: up "
        "from nothing for the small company that is given its data, down from everything for the large company that "
        "loses them. Layout of the abstract's first figure [VH20]."
    )
    return Picture("The learning curve and its two jumps", caption, figure)


def _jumps(axes: Axes, part: pd.DataFrame) -> None:
    if part.empty:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "no score to show", ha="center", transform=axes.transAxes, color=INK)
        return
    base, best = part["base"].iloc[0], part["best"].iloc[0]
    shares, scores = np.r_[0, part["rate"], 1], np.r_[base, part["small"], best]
    axes.plot(shares, scores, color=INK, lw=1.6, marker="o", ms=3)
    group = part.iloc[(part["rate"] - 0.2).abs().argmin()]
    rate = group["rate"]
    for x, start, end, colour, words in (
        (rate, base, group["small"], COLOURS[0], f"given by {rate:.0%}"),
        (1 - rate, best, group["large"], COLOURS[1], f"lost with {rate:.0%}"),
    ):
        axes.annotate("", (x, end), (x, start), arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2.2})
        right = x > 0.6
        axes.annotate(words, (x, (start + end) / 2), xytext=(-8 if right else 8, 0), textcoords="offset points",
                      ha="right" if right else "left", va="center", fontsize=8.5, color=colour)  # fmt: skip
    axes.set_xlim(-0.02, 1.02)
