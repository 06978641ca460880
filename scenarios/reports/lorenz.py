"""Lorenz curves: how unequally dividends and data values are spread over people."""

import numpy as np
from numpy.typing import NDArray

from ...valuation import inequality
from .charts import Canvas, Chart, Panel
from .curves import OVER_REPLICATES, Curve, student
from .markup import count, number
from .palette import COLOURS, INK, Look, swatch
from .record import Record

NOTHING_PAID = "No firm paid, so no dividend was shared out."
_GRID: NDArray[np.float64] = np.linspace(0, 1, 241)
_LOOKS = {"all users": Look(COLOURS[0], mark=""), "those paid as members": Look(COLOURS[1], "--", "")}


def lorenz_chart(record: Record) -> str:
    paid = [_lorenz(record, "dividend", label, label != "all users") for label in _LOOKS]
    values = [_lorenz(record, "value", "data values of all priced users", False)]
    empty = NOTHING_PAID if record.coalitions["pot"].sum() == 0 else "No dividend reached anybody."
    panels = [
        _square(record, "lorenz-paid", "Dividends of the whole run, public shares included", paid, empty),
        _square(record, "lorenz-values", "Data values when last priced", values, _no_values(record)),
    ]
    sentence = (
        "Lorenz curves: the share of all the money (or of all data value) that goes to the least-paid part of the "
        "people; on the dotted diagonal everybody gets the same, and the further below it, the more unequal."
    )
    legend = [(swatch(curve.look), curve.label) for curve in [*paid, *values] if curve.drawn]
    return Chart("Who gets how much", sentence, panels, legend, _lorenz_note(record)).html(record.formula)


def _lorenz_note(record: Record) -> str:
    if not record.many:
        return "One replicate, so no interval."
    return (
        "Line: mean over the replicates in which the curve is defined; band: 95 % Student-t interval over them "
        f"({OVER_REPLICATES})."
    )


def _lorenz(record: Record, column: str, label: str, only_paid: bool) -> Curve:
    """Lorenz curve on a fixed grid: of one replicate, or mean and interval over several."""
    curves = []
    for _, rows in record.users.groupby("replicate"):
        kept = rows[rows["dividend"] - rows["public"] > 0] if only_paid else rows
        curves.append(lorenz(kept[column].dropna().to_numpy(float)))
    held = np.array([curve for curve in curves if curve is not None]).reshape(-1, _GRID.size)
    half = np.full(_GRID.size, np.nan)
    if len(held) > 1:
        half = student(np.array([len(held)], dtype=float)) * held.std(axis=0, ddof=1) / np.sqrt(len(held))
    y = held.mean(axis=0) if len(held) else half
    return Curve(label, _LOOKS.get(label, Look(COLOURS[2], mark="")), _GRID, y, half)


def lorenz(amounts: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Share held by the poorest part of the people, on a fixed grid; None if negative, or nothing to share."""
    if not amounts.size or amounts.min() < 0 or not amounts.sum() > 0:
        return None
    return np.asarray(np.interp(_GRID, *inequality.lorenz(amounts)))


def _no_values(record: Record) -> str:
    values = record.users["value"].dropna()
    if values.empty:
        return "Nobody's data was priced in this run: data is valued when a pot is shared out."
    if (values < 0).any():
        share = f"{count(int((values < 0).sum()))} of {count(len(values))}"
        return f"Not drawn: {share} data values are negative (data that made the model worse), and a share of a " \
               "total with negative parts means nothing."  # fmt: skip
    return "Not drawn: all data values are zero."


def _square(record: Record, name: str, heading: str, curves: list[Curve], empty: str) -> Panel:
    drawn = [curve for curve in curves if curve.drawn]
    if not drawn:
        return Panel(heading, empty)
    canvas = Canvas(name, record.formula, width=4.4, height=4.0)
    axes = canvas.axes
    axes.plot([0, 1], [0, 1], color=INK, lw=1, ls=(0, (1, 2)))
    for curve in drawn:
        axes.fill_between(
            curve.x, curve.y - curve.half, curve.y + curve.half, color=curve.look.colour, alpha=0.15, lw=0
        )
        axes.plot(curve.x, curve.y, color=curve.look.colour, ls=curve.look.line, lw=1.9)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_aspect("equal")
    canvas.label("share of people, least first", "share of the total")
    halves = [f"the poorer half of {c.label} has {number(float(np.interp(0.5, c.x, c.y)), 2)} of it" for c in drawn]
    return Panel(heading, canvas.svg(), "; ".join(halves) + ".")
