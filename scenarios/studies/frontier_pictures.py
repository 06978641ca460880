"""Pictures of the frontier: what is achieved against how unequally it pays, both parts, shares of the variance."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..reports.charts import SETTINGS
from ..reports.palette import COLOURS, GREY, HATCHES, INK
from .study import Picture

_MARKS = "os^Dv"
_NULLS = {"each alone": "1", "lot": "x", "dictator": "+", "oracle": "*"}
_NULL_MARKS = "234|_"


def frontier_picture(table: pd.DataFrame) -> Picture:
    """Gap closed against the Gini of payouts, a panel for each participation; colour is what members gain."""
    with matplotlib.rc_context(SETTINGS):
        figure, panels, norm = _panels(table, height=5.2)
        for axes, (share, part) in zip(panels, table.groupby("participation"), strict=True):
            _marked(axes, part, "gap_closed", "gini_corrected", norm)
            best = part[part["on_front"]].sort_values(["gap_closed", "gini_corrected"])
            axes.plot(best["gap_closed"], best["gini_corrected"], color=INK, lw=1, ls=":", zorder=1)
            axes.set_title(f"{share:.0%} take part", loc="left", fontsize=9.5)
            axes.set_xlabel("gap closed")
        _framed(panels, table.dropna(subset=["gap_closed", "gini_corrected"]), "gap_closed", "gini_corrected")
        panels[0].set_ylabel("Gini of payouts, corrected for noise")
        _legend(figure, panels, table, norm, front=True)
    caption = (
        "Every mark is an institution with a lever, mean over splits and seeds; bars are 95 per cent intervals. To the "
        "right and down is better on both axes; the dotted line joins the designed institutions that no other beats by "
        "their means, which chance has a part in. At 0 stand those who did nothing and those whom the firm paid. "
        "Colour: what a member gains, in money a round. Black: nobody votes."
    )
    return Picture("What institutions achieve, and how unequally they pay", caption, figure)


def parts_picture(table: pd.DataFrame) -> Picture:
    """The two parts of the gap closed: what the firm lost, and what the rival gained."""
    with matplotlib.rc_context(SETTINGS):
        figure, panels, norm = _panels(table, height=4.6)
        for axes, (share, part) in zip(panels, table.groupby("participation"), strict=True):
            _marked(axes, part, "firm_lost", "rival_gained", norm)
            axes.set_title(f"{share:.0%} take part", loc="left", fontsize=9.5)
            axes.set_xlabel("what the firm lost")
        _framed(panels, table, "firm_lost", "rival_gained")
        panels[0].set_ylabel("what the rival gained")
        _legend(figure, panels, table, norm, front=False)
    caption = (
        "The two parts that gap closed adds, as shares of the gap between nobody's data and everybody's. They work "
        "differently: a firm is weaker only while data are withheld, a rival keeps the copies it was given."
    )
    return Picture("What the firm lost, and what the rival gained", caption, figure)


def shares_picture(parts: pd.DataFrame) -> Picture:
    """Bars of the shares of the variance, by outcome: alone, and with what is joint."""
    outcomes = list(dict.fromkeys(parts["outcome"]))
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(11, 4.4), layout="constrained")
        panels = np.atleast_1d(figure.subplots(1, len(outcomes), sharey=True))
        names = list(dict.fromkeys(parts["source"]))[::-1]
        for axes, outcome in zip(panels, outcomes, strict=True):
            rows = parts[parts["outcome"] == outcome].set_index("source").reindex(names)
            place = np.arange(len(names))
            for k, (column, label) in enumerate((("with_others", "with what it does jointly"), ("alone", "alone"))):
                axes.barh(place + 0.2 - 0.4 * k, rows[column].fillna(0), height=0.38, color=COLOURS[5 - 5 * k],
                          hatch=HATCHES[1 - k], edgecolor="white", label=label)  # fmt: skip
            spread = np.abs(rows[["alone_lowest", "alone_highest"]].to_numpy().T - rows["alone"].to_numpy())
            axes.errorbar(rows["alone"], place - 0.2, xerr=spread, fmt="none", ecolor=INK, lw=1, capsize=2)
            axes.set_title(outcome.replace("_", " "), loc="left", fontsize=9.5)
            axes.set_xlabel("share of the variance")
            axes.set_xlim(0, 1)
        panels[0].set_yticks(np.arange(len(names)), names)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    caption = (
        "Over the designed institutions. Alone: between its levels, everything else averaged; strokes from the lowest "
        "to the highest within any one split. With what it does jointly: all that is lost if it is left out. The rows "
        "in several words are of several sources together."
    )
    return Picture("Whose the variance is", caption, figure)


def _panels(table: pd.DataFrame, height: float) -> tuple[Figure, list[Axes], Normalize]:
    many = table["participation"].nunique()
    figure = Figure(figsize=(max(4.0 * many, 6.5), height), layout="constrained")
    panels = list(np.atleast_1d(figure.subplots(1, many, sharey=True)))
    gains = table.loc[table["designed"], "members_gain"].dropna()
    most = float(np.abs(gains).max()) if len(gains) else 1.0
    return figure, panels, TwoSlopeNorm(0.0, -(most or 1.0), most or 1.0)


def _marked(axes: Axes, part: pd.DataFrame, x: str, y: str, norm: Normalize) -> None:
    part = part.dropna(subset=[x, y])
    for mark, (_, rows) in zip(_MARKS, part.groupby("lever", sort=False), strict=False):
        ours = rows[rows["designed"]]
        axes.errorbar(ours[x], ours[y], xerr=_bars(ours, x), yerr=_bars(ours, y), fmt="none", ecolor=GREY, lw=0.8,
                      zorder=2)  # fmt: skip
        axes.scatter(ours[x], ours[y], c=ours["members_gain"], norm=norm, cmap="PuOr", marker=mark, s=42,
                     edgecolor=INK, linewidth=0.7, zorder=3)  # fmt: skip
    others = part[~part["designed"]]
    for name, mark in _null_marks(part).items():
        rows = others[others["institution"] == name]
        axes.scatter(rows[x], rows[y], color="black", marker=mark, s=70, linewidth=1.4, zorder=4)
    axes.axvline(0, color=GREY, lw=0.8, zorder=0)


def _framed(panels: list[Axes], table: pd.DataFrame, x: str, y: str) -> None:
    """All panels alike, as wide as the marks need: an interval may run out of the picture."""
    for name, limit in ((x, Axes.set_xlim), (y, Axes.set_ylim)):
        low, high = float(table[name].min()), float(table[name].max())
        room = 0.12 * (high - low) or 0.1
        for axes in panels:
            limit(axes, low - room, high + room)


def _bars(rows: pd.DataFrame, name: str) -> np.ndarray:
    ends = np.stack([rows[name] - rows[f"{name}_low"], rows[f"{name}_high"] - rows[name]])
    return np.asarray(np.nan_to_num(np.maximum(ends, 0.0)))


def _null_marks(table: pd.DataFrame) -> dict[str, str]:
    names = list(dict.fromkeys(table.loc[~table["designed"], "institution"]))
    spare = iter(_NULL_MARKS * len(names))
    return {name: _NULLS[name] if name in _NULLS else next(spare) for name in names}


def _legend(figure: Figure, panels: list[Axes], table: pd.DataFrame, norm: Normalize, front: bool) -> None:
    levers = dict(zip(dict.fromkeys(table["lever"]), _MARKS, strict=False))
    handles = [
        Line2D([], [], ls="", marker=mark, color="white", markeredgecolor=INK, label=name.replace("_", " "))
        for name, mark in levers.items()
    ]
    handles += [
        Line2D([], [], ls="", marker=mark, color="black", label=name) for name, mark in _null_marks(table).items()
    ]
    handles += [Line2D([], [], color=INK, lw=1, ls=":", label="no designed institution beats these")] if front else []
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=8.5)
    colours = matplotlib.cm.ScalarMappable(norm, "PuOr")
    figure.colorbar(colours, ax=panels, label="members' gain, money a round", shrink=0.85)
