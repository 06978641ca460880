"""Timeline: what each coalition did in each round, as a strip of cells."""

from collections.abc import Iterable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .charts import Canvas, Chart, Panel, rounds_axis, shortened
from .markup import stretches
from .palette import DEEDS, GREY, PALE, Look, deed, deed_swatch
from .record import Record

_MARKED = 60  # above this many rounds, cells are too narrow for a mark


def timeline_chart(record: Record) -> str:
    """The strip of the first replicate; empty in a world without coalitions."""
    if not record.coalition_names:
        return ""
    first = record.coalitions[record.coalitions["replicate"] == record.replicates[0]]
    rows = {name: deeds(first[first["coalition"] == name]) for name in record.coalition_names}
    seen = [key for key in DEEDS if any(key in done.values() for done in rows.values())]
    seen += sorted({key for done in rows.values() for key in done.values()} - set(DEEDS))
    legend = [(deed_swatch(deed(key)), deed(key).words) for key in seen]
    which = f" of replicate {record.replicates[0]}, the first" if record.many else ""
    sentence = f"What each coalition did in every round{which}: the lever it pulled, or that it agreed not to."
    panel = Panel("One row a coalition, one cell a round", _strip(record, rows), _summary(rows))
    note = "; ".join(f"{i} {name}" for i, name in enumerate(rows, 1)) + "." if _labels(rows) != list(rows) else ""
    return Chart("Who did what, and when", sentence, [panel], legend, note, "wide").html(record.formula)


def deeds(rows: pd.DataFrame) -> dict[int, str]:
    """Round to what a coalition did in one replicate: a lever, 'paid' or 'nothing'."""
    done = rows["lever"].where(~rows["agreement"], "paid")
    return {int(r): str(what) for r, what in zip(rows["round"], done, strict=True)}


def _strip(record: Record, rows: dict[str, dict[int, str]]) -> str:
    canvas = Canvas("timeline", record.formula, width=8.0, height=0.75 + 0.36 * len(rows))
    axes = canvas.axes
    axes.grid(False)
    for y, (name, done) in enumerate(rows.items()):
        for x, what in done.items():
            _cell(axes, x, y, record.looks["coalition", name], what, record.rounds <= _MARKED)
    rounds_axis(axes, record.rounds)
    axes.set_ylim(len(rows) - 0.45, -0.55)
    canvas.label("round")
    axes.set_yticks(range(len(rows)))
    for label in axes.set_yticklabels(_labels(rows)):
        label.set_parse_math(False)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return canvas.svg()


def _labels(names: Iterable[str]) -> list[str]:
    """Names beside the rows; numbered where one is cut short, since two may begin alike."""
    short = list(map(shortened, names))
    return [f"{i}  {name}" for i, name in enumerate(short, 1)] if short != list(names) else short


def _cell(axes: Axes, x: int, y: int, look: Look, what: str, marked: bool) -> None:
    """Full colour for a pulled lever, white for a round that was paid for, pale for nothing."""
    done = deed(what)
    fill = look.colour if done.pulled else "#FFFFFF" if done.mark else PALE
    edge = look.colour if done.mark else GREY
    axes.add_patch(Rectangle((x - 0.45, y - 0.4), 0.9, 0.8, facecolor=fill, edgecolor=edge, lw=1))
    if marked and done.mark:
        ink = "white" if done.pulled else look.colour
        axes.plot([x], [y], marker=done.mark, color=ink, ms=5, ls="")


def _summary(rows: dict[str, dict[int, str]]) -> str:
    words = []
    for name, done in rows.items():
        kinds = dict.fromkeys(done.values())
        spans = [f"{deed(k).words} in {stretches(r for r, d in done.items() if d == k)}" for k in kinds]
        words.append(f"{name}: {', '.join(spans)}")
    return "; ".join(words) + "."
