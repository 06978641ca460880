"""The pictures of a sweep's analysis; the tables beside them hold every number that is drawn."""

from collections.abc import Sequence

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...reports.charts import SETTINGS
from ...reports.palette import COLOURS, INK, looks
from ...studies.study import Picture
from .cases import Cases, Setting
from .effects import strongest
from .survival import EVERY

_OUTPUTS, _SETTINGS = 6, 4
"""Most outputs and settings that one picture shows; the tables have them all."""
_ABREAST = 30
"""Characters under the axis of a map beyond which they would run into each other, so that they slant."""
_TWO = ", and as two open marks where they fall into two groups, so that a mean would stand for none of them"


def distributions_picture(cases: Cases, table: pd.DataFrame) -> Picture:
    """A histogram for each output."""
    names = list(cases.outputs[:_OUTPUTS])
    columns = min(len(names), 3)
    rows = -(-len(names) // columns)
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(3.4 * columns, 2.7 * rows), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, name in zip(grid, names, strict=False):
            values = cases.done[name].dropna().to_numpy(dtype=np.float64)
            axes.hist(values, bins="auto" if len(values) and np.ptp(values) > 0 else 1, color=COLOURS[5], ec="white")
            found = table[table["output"] == name].iloc[0]
            marks = [found["mean"]] if np.isfinite(found["mean"]) else [found["lower_group"], found["upper_group"]]
            for mark in marks:
                axes.axvline(mark, color=INK, lw=1.2, ls="-" if len(marks) == 1 else "--")
            axes.set_title(name.replace("_", " "), loc="left", fontsize=9.5)
            axes.set_ylabel("runs")
            axes.locator_params(axis="y", integer=True)
        for axes in grid[len(names) :]:
            axes.set_axis_off()
    caption = (
        "All runs that finished, at all settings together. The line is the mean; two dashed lines are the means of two "
        "groups, where the runs fall into two and one mean would stand for none of them."
    )
    return Picture("How outputs are spread", caption, figure)


def effects_picture(cases: Cases, table: pd.DataFrame) -> Picture:
    """A row for each output, a panel for each of its strongest settings."""
    names = list(cases.outputs[:_OUTPUTS])
    columns = min(len(cases.settings), _SETTINGS)
    with matplotlib.rc_context(SETTINGS):
        # As wide as three panels: a report shows all pictures as wide as its page, and their words as large.
        figure = Figure(figsize=(2.9 * max(columns, 3), 2.6 * len(names)), layout="constrained")
        grid = figure.subplots(len(names), columns, squeeze=False, sharey="row")
        for line, name in zip(grid, names, strict=True):
            for axes, setting in zip(line, strongest(cases, name), strict=False):
                part = table[(table["output"] == name) & (table["setting"] == setting.name)]
                _effect(axes, part, setting)
            line[0].set_ylabel(name.replace("_", " "))
    caption = (
        f"Mean of each output over all runs with a value of the setting, whatever the others are; 95 % intervals over "
        f"{cases.over} (Student's t), where there are several{_TWO}. From left to right: the settings with the largest "
        "share in the output's variance first."
    )
    return Picture("What each setting does by itself", caption, figure)


def _effect(axes: Axes, part: pd.DataFrame, setting: Setting) -> None:
    place = part["place"].to_numpy(dtype=np.float64)
    mean = part["mean"].to_numpy(dtype=np.float64)
    bars = np.nan_to_num(np.abs(part[["low", "high"]].to_numpy(dtype=np.float64).T - mean))
    axes.errorbar(place, mean, bars, color=COLOURS[0], marker="o", ms=4.5, lw=1.3 if setting.numeric else 0,
                  elinewidth=1, capsize=2)  # fmt: skip
    for end in ("lower_group", "upper_group"):
        axes.plot(place, part[end], ls="", marker="o", mfc="white", mec=COLOURS[1], ms=5)
    if not setting.numeric:
        axes.set_xticks(place, [_cut(label) for label in part["value"]], rotation=30, ha="right")
        axes.set_xlim(-0.5, max(place, default=0) + 0.5)
    axes.set_xlabel(setting.short)


def heat_picture(cases: Cases) -> Picture | None:
    """For each output a map of its means by its two strongest settings; None if fewer than two have few values."""
    pairs = {name: [s for s in strongest(cases, name) if s.levels][:2] for name in cases.outputs[:_OUTPUTS]}
    names = [name for name, pair in pairs.items() if len(pair) == 2]
    if not names:
        return None
    columns = min(len(names), 2)
    rows = -(-len(names) // columns)
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(5.2 * columns, 3.6 * rows), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, name in zip(grid, names, strict=False):
            _map(figure, axes, cases, name, pairs[name])
        for axes in grid[len(names) :]:
            axes.set_axis_off()
    caption = "Means of each output by two settings (those with the largest shares in its variance), over all else."
    return Picture("Two settings together", caption, figure)


def _map(figure: Figure, axes: Axes, cases: Cases, name: str, pair: Sequence[Setting]) -> None:
    across, up = pair
    columns, lines = list(cases.groups(across)), list(cases.groups(up))
    cells = [
        [column.rows.loc[column.rows["run"].isin(line.rows["run"]), name].mean() for column in columns]
        for line in lines
    ]
    shown = axes.imshow(np.array(cells, dtype=np.float64), origin="lower", aspect="auto", cmap="cividis")
    words = [_cut(group.label) for group in columns]
    axes.set_xticks(range(len(columns)), words)
    if sum(map(len, words)) > _ABREAST:
        for label in axes.get_xticklabels():
            label.set(rotation=30, horizontalalignment="right", rotation_mode="anchor")
    axes.set_yticks(range(len(lines)), [_cut(group.label) for group in lines])
    axes.grid(visible=False)
    axes.set_xlabel(across.short)
    axes.set_ylabel(up.short)
    axes.set_title(name.replace("_", " "), loc="left", fontsize=9.5)
    figure.colorbar(shown)


def indices_picture(table: pd.DataFrame) -> Picture:
    """Sobol indices as bars, or elementary effects by size and spread."""
    morris = "mean_size" in table
    table = table if morris else table[table["with"] == ""]
    names = list(dict.fromkeys(table["output"]))[:_OUTPUTS]
    columns = min(len(names), 2)
    rows = -(-len(names) // columns)
    settings = list(dict.fromkeys(table["setting"]))
    tall = 3.4 if morris else 1.2 + 0.45 * len(settings)
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(5.2 * columns, tall * rows + 0.4), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, name in zip(grid, names, strict=False):
            (_screened if morris else _bars)(axes, table[table["output"] == name], _short(settings))
            axes.set_title(name.replace("_", " "), loc="left", fontsize=9.5)
        for axes in grid[len(names) :]:
            axes.set_axis_off()
        figure.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    if morris:
        caption = (
            "Each setting's elementary effects over its whole range [M91]: mean size (with 95 % bootstrap interval), "
            "and spread, which is large where the effect depends on the other settings or is no straight line."
        )
        return Picture("Which settings matter at all", caption, figure)
    caption = (
        "Share of the output's variance (averaged over seeds) that each setting explains by itself (first), and with "
        "all that it does together with others (total) [S10]; 95 % bootstrap intervals."
    )
    return Picture("Which setting explains what", caption, figure)


def _bars(axes: Axes, part: pd.DataFrame, short: dict[str, str]) -> None:
    lines = np.arange(len(part))
    for column, words, shift, colour in (("first", "by itself", -0.19, 0), ("total", "with others (total)", 0.19, 4)):
        axes.barh(lines + shift, part[column], 0.36, xerr=part[f"{column}_half_width"], color=COLOURS[colour],
                  label=words, error_kw={"elinewidth": 1, "capsize": 2, "ecolor": INK})  # fmt: skip
    axes.axvline(0, color=INK, lw=0.8)
    axes.set_yticks(lines, [short[name] for name in part["setting"]])
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("share of the variance")


def _screened(axes: Axes, part: pd.DataFrame, short: dict[str, str]) -> None:
    for (_, row), look in zip(part.iterrows(), looks(part["setting"]).values(), strict=True):
        axes.errorbar(row["mean_size"], row["spread"], xerr=row["size_half_width"], color=look.colour, marker=look.mark,
                      ls="", capsize=2, label=short[row["setting"]])  # fmt: skip
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("mean size of the effect")
    axes.set_ylabel("spread of the effect")


def slopes_picture(table: pd.DataFrame) -> Picture:
    """Standardised slopes with intervals, a panel for each output."""
    names = list(dict.fromkeys(table["output"]))[:_OUTPUTS]
    inputs = list(dict.fromkeys(table["input"]))
    columns = min(len(names), 3)
    rows = -(-len(names) // columns)
    short = _short(inputs)
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(3.2 * columns + 1.6, (1.1 + 0.3 * len(inputs)) * rows), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
        for axes, name in zip(grid, names, strict=False):
            part = table[table["output"] == name].set_index("input").reindex(inputs)
            bars = np.nan_to_num(np.abs(part[["low", "high"]].to_numpy(dtype=np.float64).T - part["slope"].to_numpy()))
            axes.errorbar(part["slope"], range(len(inputs)), xerr=bars, ls="", marker="o", color=COLOURS[0], capsize=2)
            axes.axvline(0, color=INK, lw=0.8)
            axes.set_title(f"{name.replace('_', ' ')} (R² {part['r_squared'].max():.2f})", loc="left", fontsize=9.5)
            axes.set_xlabel("slope, in standard deviations")
        grid[0].set_yticks(range(len(inputs)), [short[name] for name in inputs])
        grid[0].invert_yaxis()
        for axes in grid[len(names) :]:
            axes.set_axis_off()
    caption = (
        "By how many standard deviations an output moves with one of the input, all others held (least squares, 95 % "
        "intervals); R² is the share of the variance that these straight lines explain."
    )
    return Picture("Regression on the settings", caption, figure)


def survival_picture(cases: Cases, table: pd.DataFrame) -> Picture:
    """A row for each output, a panel for each setting, a line for each of its values."""
    names = list(cases.firsts[:_OUTPUTS])
    settings = list(cases.settings[:_SETTINGS])
    panels = [(setting.name, setting.short) for setting in settings] or [(EVERY, EVERY)]
    with matplotlib.rc_context(SETTINGS):
        size = (max(3.3 * len(panels), 5), 3.1 * len(names))
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(len(names), len(panels), squeeze=False, sharey=True)
        for line, name in zip(grid, names, strict=True):
            for axes, (setting, short) in zip(line, panels, strict=True):
                _curves(axes, table[(table["output"] == name) & (table["setting"] == setting)])
                axes.set_title(short, loc="left", fontsize=9.5)
                axes.set_xlabel("round")
            line[0].set_ylabel(f"{name.replace('_', ' ')}:\nshare of runs not yet there")
    caption = (
        "Share of the runs in which the level was not yet passed at the end of each round (Kaplan-Meier, 95 % "
        "intervals where there are up to three lines). Runs in which it never was count to their last round."
    )
    return Picture("How long until it happens", caption, figure)


def _curves(axes: Axes, part: pd.DataFrame) -> None:
    groups = list(dict.fromkeys(part["value"]))
    for group, look in looks(groups[:7]).items():
        curve = part[part["value"] == group]
        axes.step(curve["round"], curve["not_yet"], where="post", color=look.colour, ls=look.line, lw=1.6,
                  label=_cut(group) or None)  # fmt: skip
        if len(groups) <= 3:
            axes.fill_between(curve["round"], curve["low"], curve["high"], step="post", color=look.colour, alpha=0.15)
    axes.set_ylim(-0.02, 1.02)
    axes.locator_params(axis="x", integer=True)
    if len(groups) > 1:
        axes.legend(fontsize=7.5, frameon=False)


def front_picture(cases: Cases, table: pd.DataFrame, names: Sequence[str]) -> Picture:
    """Every point by two outputs; those that no other beats in both stand out."""
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(6.4, 4.4), layout="constrained")
        axes = figure.subplots()
        best = table[table["on_front"]].sort_values(names[0])
        others = table[~table["on_front"]]
        axes.plot(others[names[0]], others[names[1]], ls="", marker="o", ms=4, color=COLOURS[5], label="others")
        axes.plot(best[names[0]], best[names[1]], ls=":", marker="D", color=COLOURS[1], label="on the front")
        for _, row in best.head(12).iterrows() if "arm" in best and best["arm"].any() else ():
            axes.annotate(_cut(row["arm"]), (row[names[0]], row[names[1]]), fontsize=7.5, xytext=(4, 4),
                          textcoords="offset points")  # fmt: skip
        axes.set_xlabel(names[0].replace("_", " "))
        axes.set_ylabel(names[1].replace("_", " "))
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    caption = (
        "Each mark is a point (and arm), averaged over its seeds. On the front are those that no other beats: none is "
        "better in one output and at least as good in the other. Means differ by chance too: a front picks the lucky."
    )
    return Picture("What cannot both be had", caption, figure)


def _short(names: Sequence[str]) -> dict[str, str]:
    """The last two words of each path; the whole where these are a place in a list or not its own."""
    ends = {name: ".".join(name.split(" = ")[0].split(".")[-2:]) for name in names}
    return {name: name if ends[name][0].isdigit() or " = " in name else ends[name] for name in names}


def _cut(label: str) -> str:
    return label if len(label) <= 22 else f"{label[:20]}…"
