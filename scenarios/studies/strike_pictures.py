"""The pictures of the study of data strikes."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..reports.charts import SETTINGS
from ..reports.palette import COLOURS, INK
from .strike_tables import historic_losses
from .study import Picture

_LOOK = {
    "all": ("everybody", "o", COLOURS[6]),
    "strikers": ("those who act", "v", COLOURS[1]),
    "others": ("the others", "^", COLOURS[0]),
}
_PUBLISHED = (0.3, 0.5024)
"""Normalised loss of everybody in a strike by 30 % [VHS19]."""
_NAMES = {
    "surfaced_hits": "surfaced hits\n(higher is better)", "rmse": "RMSE, stars\n(lower is better)",
    "ndcg_at_10": "NDCG@10\n(higher is better)", "precision_at_10": "precision@10\n(higher is better)",
}  # fmt: skip


def losses_picture(table: pd.DataFrame, same: bool) -> Picture:
    """Normalised loss of surfaced hits by size, for everybody, strikers and others; strike left, boycott right."""
    means = table[(table["sample"] == "mean") & (table["metric"] == "surfaced_hits")]
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(10, 4.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        for axes, action in ((left, "strike"), (right, "boycott")):
            # In a boycott those who act have left: their hits count 0.
            shown = _LOOK if action == "strike" else {name: look for name, look in _LOOK.items() if name != "strikers"}
            for audience, (words, mark, colour) in shown.items():
                part = means[(means["action"] == action) & (means["audience"] == audience)].sort_values("rate")
                # Without strikers nothing is lost; what a striker loses does not begin at 0.
                start = [] if audience == "strikers" else [0.0]
                axes.plot(np.r_[start, part["rate"]], np.r_[start, part["normalised_loss"]], color=colour, marker=mark,
                          ms=4.5, label=words)  # fmt: skip
            _levels(axes, same)
            axes.set_title(action, loc="left", fontsize=9.5)
            axes.set_xlabel("share of the people")
            axes.set_ylabel("normalised loss of surfaced hits")
            axes.set_xlim(left=0)
        if same:
            left.plot(*_PUBLISHED, ls="", marker="*", ms=11, mfc="white", mec=INK, label="everybody, in print")
        figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    caption = (
        "What each audience loses, as a share of its own gap between everybody's ratings and film means (1: the "
        "unpersonalised level; nothing is drawn without such a gap). Means over samples. In a boycott people leave "
        "the service, and their hits count 0."
    )
    return Picture("Loss by size of the strike", caption, figure)


def _levels(axes: Axes, same: bool) -> None:
    """Film means, and the item kNN of 1999 where the figures in print are of the same data and model."""
    levels = {"film means": 1.0}
    if same:
        levels["item kNN of 1999, in print"] = historic_losses()["item_knn_1999"]
    for words, level in levels.items():
        axes.axhline(level, color=INK, lw=1, ls=(0, (1, 2)), zorder=1)
        if axes.get_ylim()[1] < 4:  # on a longer scale the two lie on one another
            axes.annotate(words, (0.01, level), xycoords=("axes fraction", "data"), va="bottom", fontsize=8)
    if axes.get_ylim()[1] >= 4:
        axes.annotate(" and ".join(levels), (0.99, 1.0), xycoords=("axes fraction", "data"), xytext=(0, 3),
                      textcoords="offset points", va="bottom", ha="right", fontsize=8)  # fmt: skip
    axes.margins(y=0.1)


def scores_picture(table: pd.DataFrame) -> Picture:
    """Every metric by size of the strike, for everybody, those who act and the others."""
    means = table[table["sample"] == "mean"]
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(11, 6.2), layout="constrained")
        panels = figure.subplots(2, 4, sharex=True)
        for row, action in zip(panels, ("strike", "boycott"), strict=True):
            for axes, (metric, words) in zip(row, _NAMES.items(), strict=True):
                _scores(axes, means[means["metric"] == metric], action)
                axes.set_title(f"{action}: {words}", loc="left", fontsize=9)
        for axes in panels[-1]:
            axes.set_xlabel("share of the people")
        entries = panels[0, 0].get_legend_handles_labels()
        figure.legend(*entries, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    caption = (
        "Scores on the test ratings of each audience, means over samples, with one standard error over samples; "
        "dotted: film means for everybody. Boycotters have left: their hits count 0 (not drawn), their errors are "
        "those of film means."
    )
    return Picture("Every metric by size of the strike", caption, figure)


def _scores(axes: Axes, means: pd.DataFrame, action: str) -> None:
    start = means[means["action"] == "none"]
    for audience, (words, mark, colour) in _LOOK.items():
        part = means[(means["action"] == action) & (means["audience"] == audience)]
        part = pd.concat([start[start["audience"] == audience], part]).sort_values("rate")
        if action == "boycott" and audience == "strikers" and (part["score"] == 0).all():
            continue
        axes.errorbar(part["rate"], part["score"], part["stderr"], color=colour, marker=mark, ms=4, lw=1.5, capsize=2,
                      label=words)  # fmt: skip
    axes.axhline(start["base"].iloc[0], color=INK, lw=1, ls=(0, (1, 2)), label="film means")
    axes.set_xlim(left=0)


def alike_picture(alike: pd.DataFrame) -> Picture:
    """Change of surfaced hits of people like the strikers and of everybody else, and the loss, a line a group."""
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(11, 1.9 + 0.34 * len(alike)), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        lines = np.arange(len(alike))
        for axes, column, words, mark, colour, above in (
            (left, "change_of_similar", "the half of the group that did not strike", "^", COLOURS[1], 0.13),
            (left, "change_of_others", "everybody outside the group", "o", COLOURS[0], -0.13),
            (right, "loss", "strike by half of the group", "v", COLOURS[2], 0.13),
            (right, "loss_of_random_strike", "random strike of as many ratings", "s", COLOURS[3], -0.13),
        ):
            axes.errorbar(alike[column], lines - above, xerr=alike[f"{column}_stderr"], ls="", marker=mark, ms=6,
                          color=colour, elinewidth=1, capsize=2, label=words)  # fmt: skip
        left.set_yticks(lines, alike["group"])
        left.set_ylim(len(alike) - 0.5, -0.5)
        left.set_xlabel("change of surfaced hits, per cent")
        right.set_xlabel("everybody's loss, as a share of the gap to film means")
        for axes in (left, right):
            axes.axvline(0, color=INK, lw=0.8)
        handles, names = zip(*(axes.get_legend_handles_labels() for axes in (left, right)), strict=True)
        figure.legend([h for part in handles for h in part], [n for part in names for n in part],
                      loc="outside lower center", ncols=2, fontsize=8, frameon=False)  # fmt: skip
    caption = (
        "Half of each group strikes. Left: what that does to those like them and to everybody else. Right: what it "
        "costs everybody, beside a random strike of as many ratings. Means over samples with one standard error."
    )
    return Picture("Strikes by people who are alike", caption, figure)
