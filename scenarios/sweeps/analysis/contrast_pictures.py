"""The picture of a sweep's contrasts: points with intervals, a panel for each output."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...reports.charts import SETTINGS
from ...reports.palette import COLOURS, INK
from ...studies.study import Picture

_PANELS = 6


def contrasts_picture(table: pd.DataFrame) -> Picture:
    """Paired differences of arms with their intervals, in each output's own unit; primary outputs come first."""
    names = list(dict.fromkeys(table["output"]))[:_PANELS]
    pairs = list(dict.fromkeys(zip(table["arm"], table["against"], strict=True)))
    same = len({against for _, against in pairs}) == 1
    labels = [_cut(arm if same else f"{arm} − {against}") for arm, against in pairs]
    columns = min(len(names), 3)
    rows = -(-len(names) // columns)
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(3.1 * columns + 1.6, (1.3 + 0.32 * len(pairs)) * rows), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
        for axes, name in zip(grid, names, strict=False):
            part = table[table["output"] == name]
            _panel(axes, part)
            primary = " (primary)" if part["role"].iloc[0] == "primary" else ""
            axes.set_title(f"{name.replace('_', ' ')}{primary}", loc="left", fontsize=9.5)
        for axes in grid[::columns]:
            axes.set_yticks(range(len(pairs)), labels)
        grid[0].set_ylim(len(pairs) - 0.5, -0.5)
        for axes in grid[len(names) :]:
            axes.set_axis_off()
    against = f"against {pairs[0][1]}" if same else "first arm less second"
    caption = (
        f"Mean paired difference {against}, in the output's own unit, with its 95 % interval (not corrected for how "
        "many there are). An open mark has no interval, or one without width: see the remarks in the table. Nothing is "
        "drawn where no pair is defined."
    )
    return Picture("What an arm changes", caption, figure)


def _panel(axes: Axes, part: pd.DataFrame) -> None:
    axes.axvline(0, color=INK, lw=0.8)
    for line, (_, row) in enumerate(part.iterrows()):
        half = float(row["high"] - row["low"]) / 2
        told = np.isfinite(half) and half > 0
        axes.errorbar(row["difference"], line, xerr=half if told else None, marker="o", ms=5, color=COLOURS[0],
                      mfc=COLOURS[0] if told else "white", capsize=2, elinewidth=1.2)  # fmt: skip
    axes.grid(axis="y", visible=False)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel("difference")


def _cut(label: str) -> str:
    return label if len(label) <= 32 else f"{label[:30]}…"
