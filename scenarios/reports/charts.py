"""Charts: panels as inline SVG. Legends are HTML beside them, so that they wrap and never cover data."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .curves import Curve
from .markup import count, number, paragraph, text
from .palette import INK, swatch

SETTINGS: Any = {  # matplotlib types the keys as a literal that differs from version to version
    "svg.fonttype": "none",  # text stays text: it can be read aloud, searched, and set in the reader's own font
    "svg.hashsalt": "datacoalition",
    "text.parse_math": False,  # a $ in a name is a $
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8F98A1",
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E9EC",
    "hatch.linewidth": 0.6,
    "axes.formatter.useoffset": False,
}


@dataclass(frozen=True)
class Panel:
    """One picture with its heading: SVG, or a sentence that says why there is none."""

    heading: str
    inner: str
    summary: str = ""

    def html(self) -> str:
        if not self.inner.startswith("<svg"):
            return f'<div class="panel"><h4>{text(self.heading)}</h4>{paragraph(self.inner, "empty")}</div>'
        label = text(f"Chart: {self.heading}. {self.summary}".strip())
        picture = f'<div role="img" aria-label="{label}">{self.inner}</div>'
        return f'<div class="panel"><h4>{text(self.heading)}</h4>{picture}</div>'


@dataclass(frozen=True)
class Chart:
    """A figure of the report: what it shows and whose experience it is, in a sentence, then legend and panels."""

    title: str
    sentence: str
    panels: Sequence[Panel]
    legend: Sequence[tuple[str, str]] = ()
    note: str = ""
    width: str = "two"

    def html(self, formula: bool) -> str:
        badge = ' <span class="badge">formula, not retraining</span>' if formula else ""
        entries = "".join(f"<li>{sample}<span>{text(words)}</span></li>" for sample, words in self.legend)
        legend = f'<ul class="legend">{entries}</ul>' if entries else ""
        return (
            f"<figure><figcaption><h3>{text(self.title)}{badge}</h3>{paragraph(self.sentence)}"
            f"{paragraph(self.note, 'note') if self.note else ''}</figcaption>"
            f'{legend}<div class="panels {self.width}">{"".join(panel.html() for panel in self.panels)}</div></figure>'
        )


@dataclass
class Canvas:
    """One set of axes, drawn with the settings of every chart and turned into SVG under a name of its own."""

    name: str
    formula: bool
    width: float = 5.0
    height: float = 3.0
    figure: Figure = field(init=False)
    axes: Axes = field(init=False)

    def __post_init__(self) -> None:
        with matplotlib.rc_context(SETTINGS):
            self.figure = Figure(figsize=(self.width, self.height), layout="constrained")
            self.axes = self.figure.add_subplot()

    def label(self, x: str = "", y: str = "") -> None:
        """Label the axes; whoever copies the picture out of the page takes the word "formula" along."""
        with matplotlib.rc_context(SETTINGS):
            gap = " · " if len(x) < 12 else "\n"  # a long label and the word on one line would be cut off
            self.axes.set_xlabel(x + (f"{gap}formula, not retraining" if self.formula else ""))
            self.axes.set_ylabel(y)

    def svg(self) -> str:
        buffer = io.StringIO()
        with matplotlib.rc_context(SETTINGS):
            self.figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
        return _inline(buffer.getvalue(), self.name)


def _inline(svg: str, name: str) -> str:
    """SVG to stand inside a page: nothing that reaches beyond it, and no id that another picture has."""
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    used = set(re.findall(r'(?:url\(|href=")#([^)"]+)', svg))

    def tag(found: re.Match[str]) -> str:
        inner = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", found[0])
        inner = re.sub(r'(url\(#|href="#)', rf"\1{name}-", inner)
        inner = re.sub(r"(\d\.\d\d)\d+", r"\1", inner)  # a hundredth of a point is finer than any screen
        return re.sub(r"\s+", " ", inner).replace(' "', '"')

    # Words stand between tags and are left as they are: a tick label may well read 0.0025.
    return re.sub(r">\s+<", "><", re.sub(r"<[^>]+>", tag, svg)).strip()


def rounds_axis(axes: Axes, rounds: int) -> None:
    """Whole rounds only, with a little air at both ends."""
    axes.set_xlim(1 - max(0.5, rounds * 0.03), rounds + max(0.5, rounds * 0.03))
    step = next(size for scale in range(9) for size in (10**scale, 2 * 10**scale, 5 * 10**scale) if rounds <= 8 * size)
    first = [1] if step > 2 else []
    axes.set_xticks([*first, *range(step if first else 1, rounds + 1, step)])


def line_panel(
    name: str, heading: str, curves: Sequence[Curve], formula: bool, *, empty: str,
    reach: tuple[float, float] = (np.nan, np.nan), levels: Sequence[tuple[str, float]] = (), digits: int = 3,
) -> Panel:  # fmt: skip
    """Curves over rounds. `levels` are horizontal reference lines, `reach` the y range shared with a neighbour."""
    drawn = [curve for curve in curves if curve.drawn]
    if not drawn:
        return Panel(heading, empty)
    canvas = Canvas(name, formula)
    for i, curve in enumerate(drawn):
        draw(canvas.axes, curve, i, 1.0 if curve.x.size > 1 else 1.7)
    for words, level in levels:
        if np.isfinite(level):
            _level(canvas.axes, words, level)
    rounds_axis(canvas.axes, drawn[0].x.size)
    canvas.label("round")
    if digits == 0:
        canvas.axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    if np.isfinite(reach).all():
        _frame(canvas.axes, *reach)
    return Panel(heading, canvas.svg(), summary(drawn, digits))


def draw(axes: Axes, curve: Curve, order: int = 0, size: float = 1.0) -> None:
    """A curve with its interval; points stand alone where their neighbours are missing."""
    look, every = curve.look, max(1, curve.x.size // 20)
    axes.fill_between(curve.x, curve.y - curve.half, curve.y + curve.half, color=look.colour, alpha=0.15, lw=0)
    known = np.pad(np.isfinite(curve.half), 1)
    lone = np.where(known[:-2] | known[2:], np.nan, curve.half)  # a band does not show at a lone point
    axes.errorbar(curve.x, curve.y, lone, fmt="none", ecolor=look.colour, elinewidth=1.2, capsize=3)
    axes.plot(
        curve.x, curve.y, color=look.colour, ls=look.line, marker=look.mark, ms=4.2 * size, lw=1.7 * size, mew=0.6,
        mec="white", markevery=(order % every, every), zorder=3 + order / 100,
    )  # fmt: skip


def _level(axes: Axes, words: str, level: float) -> None:
    axes.axhline(level, color=INK, lw=1, ls=(0, (1, 2)), zorder=1)
    axes.annotate(
        words, (1, level), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8.5, color=INK,
        xytext=(0, 1.5), textcoords="offset points",
    )  # fmt: skip


def _frame(axes: Axes, low: float, high: float) -> None:
    air = (high - low) * 0.06 or max(abs(high), 1.0) * 0.06
    axes.set_ylim(low - air, high + air)


def shared_reach(curves: Sequence[Curve], *levels: float) -> tuple[float, float]:
    """The y range that holds all these curves and levels; nan if there is nothing."""
    ends = [end for curve in curves for end in curve.reach] + list(levels)
    finite = [end for end in ends if np.isfinite(end)]
    return (min(finite), max(finite)) if finite else (np.nan, np.nan)


def summary(curves: Sequence[Curve], digits: int = 3) -> str:
    """What a screen reader says: each line's first and last point."""
    words = []
    for curve in curves:
        at = np.flatnonzero(np.isfinite(curve.y))
        first, last = (_said(curve.y[i], digits) for i in (at[0], at[-1]))
        words.append(f"{curve.label}: {first} in round {curve.x[at[0]]:.0f}, {last} in round {curve.x[at[-1]]:.0f}")
    return "; ".join(words) + "."


def _said(value: float, digits: int) -> str:
    return count(float(value)) if digits == 0 else number(float(value), digits)


def legend_of(curves: Sequence[Curve]) -> list[tuple[str, str]]:
    """A legend entry for each line that any panel draws."""
    entries = {curve.label: swatch(curve.look) for curve in curves if curve.drawn}
    return [(sample, label) for label, sample in entries.items()]


def shortened(name: str, limit: int = 22) -> str:
    """A name that fits beside an axis; the page has the whole name in a legend or a table."""
    return name if len(name) <= limit else name[: limit - 1] + "…"
