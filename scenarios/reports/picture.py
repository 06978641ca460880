"""Picture: `leverage.png`, one wide picture of a run, to be read at 900 pixels."""

import io
from dataclasses import replace
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .charts import SETTINGS, draw, rounds_axis, shortened
from .curves import Curve
from .leverage import campaign_curves
from .membership import coalition_curves
from .palette import INK, deed
from .performance import score_curves, titled
from .record import FORMULA, Record
from .timeline import deeds

_LARGE: Any = {**SETTINGS, "font.size": 14, "axes.titlesize": 14.5, "legend.fontsize": 12}
_CROWD = 8  # more lines than this get no legend: it would cover the page


def leverage_png(record: Record) -> bytes:
    """The picture as PNG, 1800 pixels wide."""
    buffer = io.BytesIO()
    with matplotlib.rc_context(_LARGE):
        figure = Figure(figsize=(15, 6.4), dpi=120, layout="constrained", facecolor="white")
        left, right = figure.subplots(1, 2)
        curves = _left(record, left)
        done = _mark_deeds(record, left, curves)
        others = _right(record, right)
        figure.suptitle(_title(record), x=0.01, ha="left", fontsize=15, color=INK)
        _legend(figure, {c.label: c for c in [*curves, *others] if c.drawn}, _handles(done))
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _title(record: Record) -> str:
    basis = FORMULA if record.formula else "firms really retrained"
    band = ""
    if record.many:
        band = f" · mean and 95 % interval over {len(record.replicates)} replicates"
    elif (record.measured["gap_closed_stderr"] > 0).any():
        band = f" · band: ± 2 standard errors over {record.train_seeds} training seeds"
    return f"{shortened(str(record.manifest.get('scenario', '')), 40)} · {basis}{band}"


def _left(record: Record, axes: Axes) -> list[Curve]:
    """Gap closed by each coalition for everybody, with the first rival of its target; marks say what it did in the
    round (first replicate)."""
    rivals = [name for name in dict.fromkeys(record.measured["rival"]) if name]
    first = dict.fromkeys(record.measured.drop_duplicates("target")["rival"])
    against = ""
    if len(rivals) > 1:
        against = "; first rival of each" if len(first) > 1 else f"; rival {shortened(rivals[0], 16)}"
    axes.set_title(f"Share of the gap closed (everybody, hidden test set{against})", loc="left")
    found = campaign_curves(record, "gap_closed", "holdout")
    curves = [curve for curve in found if curve.drawn]
    if not curves:
        return _empty(axes, "No coalition's leverage is defined in this run.")
    axes.axhline(0, color=INK, lw=1)
    for i, curve in enumerate(curves):
        draw(axes, _bare(curve), i, 1.5)
    rounds_axis(axes, record.rounds)
    axes.set_xlabel("round")
    return curves


def _mark_deeds(record: Record, axes: Axes, curves: list[Curve]) -> list[str]:
    """Lever marks on the curves of a single replicate; the levers that occur."""
    if record.many or record.rounds > 60:
        return []
    seen: dict[str, None] = {}
    for curve in curves:
        rows = record.coalitions[record.coalitions["coalition"] == curve.label]
        for r, what in deeds(rows).items():
            done, y = deed(what), curve.y[r - 1]
            if done.mark and np.isfinite(y):
                seen[what] = None
                fill, edge = (curve.look.colour, "white") if done.pulled else ("white", curve.look.colour)
                axes.plot([r], [y], ls="", marker=done.mark, ms=12.5, mfc=fill, mec=edge, mew=1.8, zorder=5)
    return list(seen)


def _handles(seen: list[str]) -> list[Line2D]:
    """Legend entries in ink: the mark says what was done, the colour who did it."""
    return [
        Line2D([], [], ls="", marker=done.mark, ms=10, mfc=INK if done.pulled else "white", mec=INK, label=done.words)
        for done in map(deed, seen)
    ]


def _right(record: Record, axes: Axes) -> list[Curve]:
    """Members; in a world without coalitions, the firms' performance."""
    curves = coalition_curves(record, "members")
    axes.set_title("Members of each coalition", loc="left")
    if not curves:
        firms = next(iter(record.lines.values()), [])
        curves = score_curves(record, "holdout", firms)
        metric = titled(record.metrics[firms[0]]) if firms else ""
        axes.set_title(f"{metric}, everybody, hidden test set", loc="left")
    drawn = [curve for curve in curves if curve.drawn]
    if not drawn:
        return _empty(axes, "No round was finished.")
    for i, curve in enumerate(drawn):
        draw(axes, _bare(curve), i, 1.5)
    if record.coalition_names:
        axes.set_ylim(bottom=0)
    rounds_axis(axes, record.rounds)
    axes.set_xlabel("round")
    return curves


def _bare(curve: Curve) -> Curve:
    """Without the coalition's own mark, since here marks say what was done; a lone point keeps it."""
    return curve if curve.x.size == 1 else replace(curve, look=replace(curve.look, mark=""))


def _empty(axes: Axes, words: str) -> list[Curve]:
    axes.set_axis_off()
    axes.text(0.5, 0.5, words, ha="center", va="center", transform=axes.transAxes, color=INK)
    return []


def _legend(figure: Figure, curves: dict[str, Curve], deeds_seen: list[Line2D]) -> None:
    if not curves:
        return
    handles = [
        Line2D([], [], color=c.look.colour, ls=c.look.line, lw=2.6, label=shortened(label, 30))
        for label, c in list(curves.items())[:_CROWD]
    ]
    if len(curves) > _CROWD:
        handles.append(Line2D([], [], ls="", label=f"and {len(curves) - _CROWD} more"))
    handles += deeds_seen
    columns = min(len(handles), 6 if len(curves) <= 4 else 4)
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False)
