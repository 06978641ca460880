"""The picture of a plan: what each lever moves by share of people, and how many people the target takes."""

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from ...valuation.production import ProductionFunction
from ..reports.charts import SETTINGS
from ..reports.palette import COLOURS, GREY, INK, deed
from ..studies.study import Picture
from .curves import SCORED, Key

if TYPE_CHECKING:
    from .planning import Plan

_AXIS = {
    "lost": "incumbent loses (share of the gap)",
    "gained": "rival rises (share of its way)",
    "caught_up": "rival's part of incumbent's lead",
    "money": "incumbent loses (share of revenue)",
}


def picture(plan: "Plan") -> Picture:
    """A panel for each lever, and one that compares them; for a single lever, what the next 1 per cent add instead."""
    scored = plan.asked.scored
    functions = {lever: plan.found.functions.get(Key(lever, scored)) for lever in plan.levers}
    panels = len(functions) + 1
    columns = 2 if panels <= 2 else 3
    rows = -(-panels // columns)
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(4.3 * columns, 3.5 * rows + 0.9), layout="constrained")
        axes = list(figure.subplots(rows, columns, squeeze=False).ravel())
        for k, (lever, function) in enumerate(functions.items()):
            _curve(axes[k], plan, lever, function, COLOURS[k])
        last = axes[len(functions)]
        if len(functions) > 1:
            _compared(last, plan)
        else:
            _marginal(last, next(iter(functions.values())))
        for spare in axes[panels:]:
            spare.set_axis_off()
        figure.suptitle(_title(plan), x=0.01, ha="left", fontsize=10.5, color=INK)
        figure.legend(
            handles=_legend(plan),
            loc="outside lower center",
            ncols=4 if len(functions) > 1 else 3,
            fontsize=8.5,
            frameon=False,
        )
    return Picture("What each lever moves, and how many people it takes", _caption(plan), figure)


def _title(plan: "Plan") -> str:
    how = "" if plan.bench.task.formula else " · really retrained"
    return f"{plan.bench.task.label}{how} · {plan.bench.people:,} people\nscored: {SCORED[plan.asked.scored][1]}"


def _legend(plan: "Plan") -> list[Any]:
    """What the signs mean, for whoever copies the picture out of its page."""
    sure = plan.found.functions and plan.asked.groups > 1
    signs: list[Any] = [Line2D([], [], color=INK, lw=1.8, marker="o", ms=4, label="mean over groups, where measured")]
    if sure and not all(function.exact for function in plan.found.functions.values()):
        signs += [
            Patch(color=INK, alpha=0.2, lw=0, label="95 % band over whole groups"),
            Line2D([], [], color=GREY, lw=1, label="each group"),
            Line2D([], [], color=INK, lw=5, alpha=0.45, label="95 % interval of people needed"),
        ]
    signs += [
        Line2D([], [], ls="", marker="o", color="white", mec=INK, mew=1.6, ms=7, label="people needed"),
        Line2D([], [], ls="", marker="^", color=INK, ms=7, label="critical mass, if something tips"),
        Line2D([], [], color=INK, lw=1, ls="--", label=f"target {plan.asked.target:g}"),
    ]
    return signs


def _caption(plan: "Plan") -> str:
    sure = "" if plan.asked.groups == 1 else " with its 95 per cent band over resampled groups"
    return (
        f"Each panel: what a share of the people moves by a lever{sure}; marks are where it was measured, thin lines "
        f"the groups, dashed the target of {plan.asked.target:g}, the bar on it how many people that takes (point and "
        "95 per cent interval), the triangle on the axis the critical mass, if there is one. Scored: "
        f"{SCORED[plan.asked.scored][1]}."
    )


def _curve(axes: Axes, plan: "Plan", lever: str, function: ProductionFunction | None, colour: str) -> None:
    row = plan.answer(lever)
    axes.set_title(f"{lever.replace('_', ' ')}: {_shape(row)}", loc="left", fontsize=9.5)
    _share_axis(axes)
    axes.set_ylabel(_AXIS[str(row["measure"])])
    if function is None:
        axes.text(0.5, 0.5, "nothing could be measured", ha="center", transform=axes.transAxes, color=INK)
        return
    x = np.append(0.0, function.shares)
    for group in function.gains.mean(axis=1) if function.groups > 1 else ():
        axes.plot(x, np.append(0.0, group), color=GREY, lw=0.7, zorder=1)
    band = [function.at(share) for share in function.shares]
    low, high = (np.append(0.0, [getattr(one, end) for one in band]) for end in ("low", "high"))
    axes.fill_between(x, low, high, color=colour, alpha=0.2, lw=0, zorder=2)
    mark = deed(lever).mark
    axes.plot(x, np.append(0.0, function.mean), color=colour, lw=1.8, marker=mark, ms=4.5, zorder=3)
    axes.axhline(0, color=INK, lw=0.8)
    axes.axhline(plan.asked.target, color=INK, lw=1, ls="--")
    _needed(axes, row, plan.asked.target, function.reach)
    if math.isfinite(row["critical_mass"]) and row["critical_mass"] > 0:
        axes.plot([row["critical_mass"]], [0], "^", color=INK, ms=8, clip_on=False, zorder=6)
    _frame(axes, function, plan.asked.target)


def _shape(row: Any) -> str:
    if not isinstance(row["shape"], str):
        return "-"
    return f"{row['shape']} (A {row['curvature']:+.2f})" if math.isfinite(row["curvature"]) else row["shape"]


def _needed(axes: Axes, row: Any, y: float, reach: float, label: bool = True) -> None:
    """The share that is needed, with its interval; an arrow where the interval has no upper end."""
    value, low, high = (row[name] for name in ("share_needed", "share_needed_low", "share_needed_high"))
    if math.isfinite(low):
        end = min(high, reach)
        axes.plot([low, end], [y, y], color=INK, lw=5, alpha=0.45, solid_capstyle="butt", zorder=4)
        if math.isinf(high):
            axes.plot([end], [y], ">", color=INK, ms=7, zorder=5)
    if not math.isfinite(value):
        if label:
            axes.annotate(f"not reached up to {100 * reach:.0f} %", (0.03, y), xytext=(0, 4),
                          textcoords="offset points", fontsize=8.5, color=INK)  # fmt: skip
        return
    axes.plot([value], [y], "o", color="white", mec=INK, mew=1.6, ms=7, zorder=6)
    if label:
        right = value < 0.55
        axes.annotate(f"{row['people_needed']:,.0f} people", (value, y), xytext=(8, -14) if right else (-8, 7),
                      textcoords="offset points", ha="left" if right else "right", fontsize=8.5, color=INK,
                      bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8}, zorder=7)  # fmt: skip


def _frame(axes: Axes, function: ProductionFunction, target: float) -> None:
    """Show all of the mean and the target; bands that leave the panel are cut off rather than all else made small."""
    values = np.concatenate([[0.0, target], function.mean])
    air = 0.2 * (values.max() - values.min())
    axes.set_ylim(values.min() - air, values.max() + air)


def _share_axis(axes: Axes) -> None:
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("share of the people who act")


def _compared(axes: Axes, plan: "Plan") -> None:
    """How many people each lever takes, with intervals, and its critical mass."""
    rows = plan.answered
    axes.set_title(f"share of the people for {plan.asked.target:g}", loc="left", fontsize=9.5)
    for y, (_, row) in enumerate(rows.iterrows()):
        if isinstance(row["shape"], str):
            _needed(axes, row, y, float(row["measured_to"]), label=False)
            if not math.isfinite(row["share_needed"]):
                axes.annotate(
                    "not reached", (0.02, y), xytext=(0, 5), textcoords="offset points", fontsize=8, color=INK
                )
            if math.isfinite(row["critical_mass"]) and row["critical_mass"] > 0:
                axes.plot([row["critical_mass"]], [y + 0.28], "^", color=INK, ms=6, clip_on=False)
    axes.set_yticks(range(len(rows)), [str(name).replace("_", "\n", 1).replace("_", " ") for name in rows.index])
    axes.set_ylim(len(rows) - 0.5, -0.6)
    _share_axis(axes)


def _marginal(axes: Axes, function: ProductionFunction | None) -> None:
    """What the next 1 per cent of the people add at every share, in steps between what was measured."""
    axes.set_title("what the next 1 % of the people add", loc="left", fontsize=9.5)
    _share_axis(axes)
    if function is None:
        return
    edges = np.append(0.0, function.shares)
    spans = [(float(left), min(0.01, float(right - left))) for left, right in pairwise(edges)]
    steps = [function.marginal(left, step) for left, step in spans]
    scale = np.array([0.01 / step for _, step in spans])
    value, low, high = (scale * [getattr(step, end) for step in steps] for end in ("value", "low", "high"))
    axes.stairs(value, edges, color=COLOURS[0], lw=1.8, baseline=None)
    if np.isfinite(low).all():
        axes.fill_between(edges, np.append(low, low[-1]), np.append(high, high[-1]), step="post", color=COLOURS[0],
                          alpha=0.2, lw=0)  # fmt: skip
    axes.axhline(0, color=INK, lw=0.8)
    air = 0.15 * (max(value.max(), 0) - min(value.min(), 0))
    axes.set_ylim(min(value.min(), 0) - air, max(value.max(), 0) + air)
    axes.set_ylabel("added")
