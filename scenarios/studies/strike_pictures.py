"""The pictures of the study of data strikes."""

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from ..reports.charts import SETTINGS
from ..reports.palette import COLOURS, INK
from .study import Picture

_LOOK = {"all": ("o", COLOURS[6]), "strikers": ("v", COLOURS[1]), "others": ("^", COLOURS[0])}
_PUBLISHED = (0.3, 0.5024)
"""Normalised loss of everybody in a strike by 30 % [VHS19]."""


def losses_picture(table: pd.DataFrame) -> Picture:
    """Normalised loss of surfaced hits by size, for everybody, strikers and others; strike left, boycott right."""
    means = table[(table["sample"] == "mean") & (table["metric"] == "surfaced_hits")]
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(10, 3.9), layout="constrained")
        for axes, action in zip(figure.subplots(1, 2), ("strike", "boycott"), strict=True):
            for audience, (mark, colour) in _LOOK.items():
                part = means[(means["action"] == action) & (means["audience"] == audience)].sort_values("rate")
                if action == "boycott" and audience == "strikers":
                    continue  # they have left: their hits count 0
                axes.plot(part["rate"], part["normalised_loss"], color=colour, marker=mark, ms=4.5, label=audience)
            if action == "strike":
                axes.plot(
                    *_PUBLISHED, ls="", marker="*", ms=11, mfc="white", mec=INK, label="everybody, in print (ML-1M)"
                )
            axes.axhline(1, color=INK, lw=1, ls=(0, (1, 2)))
            axes.annotate("film means", (0.01, 1), xycoords=("axes fraction", "data"), va="bottom", fontsize=8)
            axes.set_title(action, loc="left", fontsize=9.5)
            axes.set_xlabel("share of the people")
            axes.set_ylabel("normalised loss of surfaced hits")
            axes.set_xlim(left=0)
            axes.legend(fontsize=8, frameon=False)
    caption = (
        "What each audience loses, as a share of its own gap between everybody's ratings and film means (1: the "
        "unpersonalised level). Means over samples. In a boycott people leave the service, and their hits count 0."
    )
    return Picture("Loss by size of the strike", caption, figure)


def alike_picture(alike: pd.DataFrame) -> Picture:
    """Change of surfaced hits of people like the strikers and of everybody else, a line a group."""
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(8, 1.4 + 0.32 * len(alike)), layout="constrained")
        axes = figure.subplots()
        for column, words, mark, colour in (
            ("change_of_similar", "the half of the group that did not strike", "^", COLOURS[1]),
            ("change_of_others", "everybody outside the group", "o", COLOURS[0]),
        ):
            axes.plot(alike[column], range(len(alike)), ls="", marker=mark, ms=6, color=colour, label=words)
        axes.set_yticks(range(len(alike)), alike["group"])
        axes.invert_yaxis()
        axes.axvline(0, color=INK, lw=0.8)
        axes.set_xlabel("change of surfaced hits, per cent")
        figure.legend(loc="outside lower center", ncols=2, fontsize=8, frameon=False)
    caption = "Half of each group strikes: what that does to those like them and to everybody else; means over samples."
    return Picture("Strikes by people who are alike", caption, figure)
