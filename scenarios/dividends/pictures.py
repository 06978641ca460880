"""Pictures of compared dividend designs: Lorenz curves, and what each design pays from the lowest to the highest."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ...valuation.inequality import lorenz
from ..reports.charts import SETTINGS
from ..reports.palette import COLOURS, INK
from ..studies.study import Picture

_LINES = ("-", "--", ":", "-.")
_TICKS = (0, 0.5, *(step * 10**k for k in range(6) for step in (1, 2, 5)))


def lorenz_picture(designs: pd.DataFrame, payouts: pd.DataFrame) -> Picture:
    """Lorenz curves of the payouts, a panel for each kind of values and level, a line for each dividend."""
    kinds = _kinds(designs)
    columns = min(len(kinds), 3)
    rows = -(-len(kinds) // columns)
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(4.4 * columns + 1.6, 4.2 * rows), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, (method, level) in zip(grid, kinds, strict=False):
            axes.plot([0, 1], [0, 1], color=INK, lw=1, ls=(0, (1, 2)))
            for k, name in enumerate(_transforms(designs)):
                column = f"{method} {level} {name}"
                if column in payouts:
                    x, y = lorenz(payouts[column].to_numpy())
                    axes.plot(x, y, color=_colour(k), ls=_line(k), lw=1.6, label=name.replace("_", " "))
            axes.set_title(f"{method}, {level}", loc="left", fontsize=9.5)
            axes.set_aspect("equal")
            axes.set_xlabel("share of people, least paid first")
        grid[0].set_ylabel("share of the money")
        for axes in grid[len(kinds) :]:
            axes.set_axis_off()
        handles, labels = grid[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right upper", frameon=False, fontsize=8)
    caption = (
        "Lorenz curves: the share of the pot that goes to the least paid part of the people. On the dotted diagonal "
        "everybody is paid the same; the further below it, the more unequal."
    )
    return Picture("Who gets how much", caption, figure)


def payout_picture(designs: pd.DataFrame, payouts: pd.DataFrame) -> Picture:
    """What people are paid by every design as multiples of the mean: middle half, tenth to ninetieth, all."""
    rows = [" ".join(key) for key in zip(designs["method"], designs["level"], designs["transform"], strict=True)]
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(8.2, 0.27 * len(rows) + 1.1), layout="constrained")
        axes = figure.subplots()
        for y, column in enumerate(rows):
            paid = payouts[column].to_numpy()
            low, tenth, first, middle, third, ninetieth, high = np.quantile(
                paid / paid.mean() if paid.mean() > 0 else paid, [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]
            )
            axes.plot([low, high], [y, y], color=COLOURS[0], lw=0.8)
            axes.plot([tenth, ninetieth], [y, y], color=COLOURS[0], lw=3.2, solid_capstyle="butt", alpha=0.55)
            axes.plot([first, third], [y, y], color=COLOURS[0], lw=7, solid_capstyle="butt")
            axes.plot([middle], [y], "o", color="white", mec=INK, ms=4.5)
        axes.axvline(1, color=INK, lw=1, ls=(0, (1, 2)))
        axes.set_xscale("symlog", linthresh=1)
        ticks = [tick for tick in _TICKS if tick <= max(axes.get_xlim()[1], 2)]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], minor=False)
        axes.minorticks_off()
        axes.set_xlim(left=-0.04)
        axes.set_yticks(range(len(rows)), [row.replace("_", " ") for row in rows], fontsize=8)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlabel("payout as a multiple of the mean payout (above 1 on a log scale)")
    caption = (
        "What people are paid by each design: the point is the median, the thick bar the middle half, the thinner one "
        "from the tenth to the ninetieth of a hundred, the line everybody; the dotted line is the mean."
    )
    return Picture("Payouts by design", caption, figure)


def _kinds(designs: pd.DataFrame) -> list[tuple[str, str]]:
    return list(dict.fromkeys(zip(designs["method"], designs["level"], strict=True)))


def _transforms(designs: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(designs["transform"]))


def _colour(k: int) -> str:
    return COLOURS[k % len(COLOURS)]


def _line(k: int) -> str:
    return _LINES[k // len(COLOURS) % len(_LINES)]
