"""The pictures of the study of poisoning."""

from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..reports.charts import SETTINGS
from ..reports.palette import COLOURS, INK
from .poisons import perturbed
from .study import Picture

_MARKS = "osDPXv^"
_STRIKE = "strike by the same people"


def loss_picture(means: pd.DataFrame) -> Picture:
    """Loss by rate, a panel each kind of vandalism: a line a filter, or for perturbations a line each of them."""
    poisons = list(dict.fromkeys(means["poison"]))
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(5.2 * len(poisons), 3.9), layout="constrained")
        for axes, name in zip(np.atleast_1d(figure.subplots(1, len(poisons))), poisons, strict=True):
            part = means[means["poison"] == name]
            if part["strength"].notna().any():
                part = part[part["found"] == part["found"].min()]
                lines = {perturbed(*key): rows for key, rows in part.groupby(["strength", "knowledge"], sort=False)}
                title = f"{name}, {part['found'].iloc[0]:.0%} found"
            else:
                groups = part.groupby("found", sort=False)
                lines, title = {f"{found:.0%} of the poisoners found": rows for found, rows in groups}, str(name)
            _lines(axes, lines, "loss")
            strike = next(iter(lines.values()))
            axes.plot(strike["rate"], strike["strike_loss"], color=INK, ls="--", lw=1.4, zorder=5, label=_STRIKE)
            axes.set_title(f"poison: {title}", loc="left", fontsize=9.5)
            axes.set_ylabel("loss as a share of the gap")
            axes.legend(fontsize=8, frameon=False)
    caption = (
        "Loss of everybody's performance on the hidden test set by the share of people who spoil their data: 0 with "
        "everybody's genuine data, 1 at what needs nobody's data; bars: one standard error over groups. The strength "
        "of a perturbation is a share of the range from black to white; known are the pixels' weights."
    )
    return Picture("Poisoning against a strike", caption, figure)


def success_picture(signal: pd.DataFrame, about: str) -> Picture:
    """Success of the signal by the group's share (left), and what it costs everybody (right)."""
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(10.4, 3.9), layout="constrained")
        success, loss = figure.subplots(1, 2)
        lines = {f"{found:.0%} of the group found": rows for found, rows in signal.groupby("found", sort=False)}
        _lines(success, lines, "success")
        _lines(loss, lines, "loss")
        before = signal["success_before"].mean()
        success.axhline(before, color=INK, lw=1.2, ls="--", label="before anybody planted it")
        success.set_ylim(-0.03, 1.03)
        success.set_ylabel("success of the signal")
        strike = next(iter(lines.values()))
        loss.plot(strike["rate"], strike["strike_loss"], color=INK, ls="--", lw=1.4, zorder=5, label=_STRIKE)
        loss.set_ylabel("loss as a share of the gap")
        for axes in (success, loss):
            axes.set_xscale("log")
            ticks = sorted(set(signal["rate"]))
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            axes.set_xticks([], minor=True)
            axes.legend(fontsize=8, frameon=False)
    caption = (
        f"Left: {about}. Right: what the same costs everybody on the hidden test set, as a share of the gap between "
        "everybody's genuine data and what needs nobody's. Bars: one standard error over groups; shares of the people "
        "on a logarithmic scale."
    )
    return Picture("A planted signal by the size of the group", caption, figure)


def _lines(axes: Axes, lines: dict[str, pd.DataFrame], value: str) -> None:
    for i, (words, rows) in enumerate(lines.items()):
        rows = rows.sort_values("rate")
        look: dict[str, Any] = {"color": COLOURS[i % 6], "marker": _MARKS[i % 7], "ms": 4.5, "capsize": 2}
        axes.errorbar(rows["rate"], rows[value], rows[f"{value}_stderr"], label=words, **look)
    axes.set_xlabel("share of the people")
