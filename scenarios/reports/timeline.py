"""Timeline: what each coalition did in each round, as a strip of cells."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .charts import Canvas, Chart, Panel, rounds_axis, shortened
from .markup import stretches
from .palette import LEVERS, lever_look, lever_swatch
from .record import Record

_MARKED = 60  # above this many rounds, cells are too narrow for a mark


def timeline_chart(record: Record) -> str:
    """The strip of the first replicate; empty in a world without coalitions."""
    if not record.coalition_names:
        return ""
    first = record.coalitions[record.coalitions["replicate"] == record.replicates[0]]
    rows = {name: deeds(first[first["coalition"] == name]) for name in record.coalition_names}
    seen = [key for key in LEVERS if any(key in done.values() for done in rows.values())]
    seen += sorted({key for done in rows.values() for key in done.values()} - set(LEVERS))
    legend = [(lever_swatch(lever_look(key)), lever_look(key).words) for key in seen]
    which = f" of replicate {record.replicates[0]}, the first" if record.many else ""
    sentence = f"What each coalition did in every round{which}: the lever it pulled, or that a firm paid it not to act."
    panel = Panel("One row a coalition, one cell a round", _strip(record, rows), _summary(rows))
    return Chart("Who did what, and when", sentence, [panel], legend, width="wide").html(record.formula)


def deeds(rows: pd.DataFrame) -> dict[int, str]:
    """Round to what a coalition did in one replicate: a lever, 'paid' or 'nothing'."""
    done = rows["lever"].where(~rows["answer"].str.startswith("paid"), "paid")
    return {int(r): str(deed) for r, deed in zip(rows["round"], done, strict=True)}


def _strip(record: Record, rows: dict[str, dict[int, str]]) -> str:
    canvas = Canvas("timeline", record.formula, width=8.0, height=0.75 + 0.36 * len(rows))
    axes = canvas.axes
    axes.grid(False)
    for y, done in enumerate(rows.values()):
        for x, deed in done.items():
            _cell(axes, x, y, deed, record.rounds <= _MARKED)
    rounds_axis(axes, record.rounds)
    axes.set_ylim(len(rows) - 0.45, -0.55)
    canvas.label("round")
    axes.set_yticks(range(len(rows)))
    for label, name in zip(axes.set_yticklabels(list(map(shortened, rows))), rows, strict=True):
        label.set_parse_math(False)
        label.set_color(record.looks["coalition", name].colour)
        label.set_fontweight("bold")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return canvas.svg()


def _cell(axes: Axes, x: int, y: int, deed: str, marked: bool) -> None:
    look = lever_look(deed)
    axes.add_patch(Rectangle((x - 0.46, y - 0.4), 0.92, 0.8, facecolor=look.colour, edgecolor="#8F98A1", lw=0.6))
    if marked and look.mark != ".":
        axes.plot([x], [y], marker=look.mark, color="#1B1F24", ms=4.5, ls="")


def _summary(rows: dict[str, dict[int, str]]) -> str:
    words = []
    for name, done in rows.items():
        kinds = dict.fromkeys(done.values())
        spans = [f"{lever_look(k).words} in {stretches(r for r, d in done.items() if d == k)}" for k in kinds]
        words.append(f"{name}: {', '.join(spans)}")
    return "; ".join(words) + "."
