"""The pictures of the study of dividends."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..reports.charts import SETTINGS
from ..reports.palette import COLOURS, INK, looks
from .study import Picture

_FORMULA = " A formula, not retraining."
_NAMES = {
    "beta_16_1": "Beta(16, 1): weight on small groups", "beta_1_16": "Beta(1, 16): weight on large groups",
    "shapley": "Shapley", "banzhaf": "Banzhaf", "leave_one_out": "leave-one-out", "stand_alone": "stand-alone",
}  # fmt: skip
_COLUMNS = 3
_WRITTEN = 8
"""Groups up to which each cell of the map of votes has its number written in it."""


def inequality_picture(main: pd.DataFrame, formula: bool) -> Picture:
    """Gini among coalitions by their number, a panel a method, a line a transform."""
    methods, numbers = list(dict.fromkeys(main["method"])), sorted(set(main["coalitions"]))
    look = looks(dict.fromkeys(main["transform"]))
    columns = min(len(methods), _COLUMNS)
    rows = -(-len(methods) // columns)
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(3.5 * columns + 1.7, 3.1 * rows + 0.3), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
        for axes, method in zip(grid, methods, strict=False):
            for i, (name, style) in enumerate(look.items()):
                part = main[(main["method"] == method) & (main["transform"] == name)].sort_values("coalitions")
                # Side by side, so that no interval hides another.
                place = np.searchsorted(numbers, part["coalitions"]) + 0.07 * (i - (len(look) - 1) / 2)
                bars = np.abs(part[["gini_low", "gini_high"]].to_numpy().T - part["gini"].to_numpy())
                axes.errorbar(place, part["gini"], bars, color=style.colour, ls=style.line, marker=style.mark, ms=4.5,
                              lw=1.3, elinewidth=0.9, capsize=2, label=name.replace("_", " "))  # fmt: skip
            axes.set_title(_NAMES.get(method, method.replace("_", " ")), loc="left", fontsize=9.5)
            axes.set_xticks(range(len(numbers)), [str(k) for k in numbers])
            axes.set_xlim(-0.4, len(numbers) - 0.6)
            axes.set_ylim(-0.02, 1.0)
            axes.set_xlabel("number of coalitions")
        for axes in grid[::columns]:
            axes.set_ylabel("Gini of the payouts")
        for axes in grid[len(methods) :]:
            axes.set_axis_off()
        figure.legend(*grid[0].get_legend_handles_labels(), loc="outside right upper", frameon=False, fontsize=8.5)
    caption = (
        "Gini of what coalitions are paid, by their number, the method that values their data and the dividend: means "
        "over random partitions of the people, with 95 % intervals (Student's t). With k coalitions it is at most "
        "1 - 1/k." + _FORMULA * formula
    )
    return Picture("Inequality by number of coalitions", caption, figure)


def carriers_picture(carriers: pd.DataFrame, grouping: str, formula: bool) -> Picture:
    """What each group loses together beside the sum of its members' losses alone."""
    lines = np.arange(len(carriers))
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(7.6, 1.3 + 0.42 * len(carriers)), layout="constrained")
        axes = figure.subplots()
        for column, words, place, colour in (
            ("joint", "all leave together", -0.18, COLOURS[0]),
            ("alone", "sum of each leaving alone", 0.18, COLOURS[4]),
        ):
            axes.barh(lines + place, carriers[column], 0.34, xerr=carriers[f"{column}_stderr"], color=colour,
                      label=words, error_kw={"elinewidth": 1, "capsize": 2, "ecolor": INK})  # fmt: skip
        axes.axvline(0, color=INK, lw=0.8)
        axes.set_yticks(lines, carriers["group"])
        axes.set_ylim(len(carriers) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("loss as a share of the gap between baseline and full data")
        figure.legend(
            *axes.get_legend_handles_labels(), loc="outside upper right", ncols=2, frameon=False, fontsize=8.5
        )
    caption = (
        f"Who carries the value ({grouping}): what everybody's performance on the hidden test set loses when a group "
        "leaves together, and the sum of what is lost when each member leaves alone. Bars: one standard error, of "
        "training seeds and of drawing members." + _FORMULA * formula
    )
    return Picture("A group's value is not the sum of its members'", caption, figure)


def votes_picture(voted: pd.DataFrame, grouping: str, metric: str, formula: bool) -> Picture:
    """A map of what each group's data do for each group's own test records."""
    names = list(dict.fromkeys(voted["source"]))
    table = voted.pivot(index="source", columns="audience", values="loss").loc[names, names].to_numpy()
    top = float(np.nanmax(np.abs(table))) if np.isfinite(table).any() else 0.0
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(2.9 + 0.78 * len(names), 2.1 + 0.52 * len(names)), layout="constrained")
        axes = figure.subplots()
        shown = axes.imshow(table, cmap="PuOr_r", vmin=-top or -1, vmax=top or 1, aspect="auto")
        if len(names) <= _WRITTEN:
            _write(axes, table, top)
        axes.set_xticks(range(len(names)), names, rotation=40, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(names)), names)
        axes.grid(visible=False)
        axes.set_xlabel("whose test records")
        axes.set_ylabel("whose data leave")
        figure.colorbar(shown, label=f"worse by ({metric})".replace("_", " "))
    caption = (
        f"Contributions as votes on what the model tells people ({grouping}): by how much each group's own hidden test "
        "records (columns) are served worse when a group's data leave (rows); below 0 they are served better. Every "
        "group is tested on few records, so small numbers are chance." + _FORMULA * formula
    )
    return Picture("Whose data serve whom", caption, figure)


def _write(axes: Axes, table: np.ndarray, top: float) -> None:
    digits = max(1 - int(np.floor(np.log10(top))), 3) if top > 0 else 1
    for (row, column), value in np.ndenumerate(table):
        if np.isfinite(value):
            ink = "white" if abs(value) > 0.65 * top else INK
            words = f"{round(value, digits) + 0.0:.{digits}f}"  # never -0
            axes.text(column, row, words, ha="center", va="center", fontsize=8, color=ink)
