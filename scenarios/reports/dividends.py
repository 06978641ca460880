"""Dividends: every dividend's inequality on the same pots, by three measures."""

from collections.abc import Iterator
from dataclasses import dataclass

from .charts import Canvas, Chart, Panel
from .curves import OVER_REPLICATES, Interval, over_replicates
from .lorenz import NOTHING_PAID, lorenz_chart
from .markup import count, paragraph, section, table
from .palette import INK, Look, mark_swatch, swatch
from .performance import bracketed
from .record import Record

MEASURES = {"gini": "Gini index", "hoover": "Hoover index", "top_tenth": "Share of the top tenth"}
AMONG_ALL = "gini_with_public"
REFERENCE = (("US\n.391", 0.391, ":"), ("Finland\n.259", 0.259, "--"))  # incomes, as published [VLZH19]


@dataclass(frozen=True)
class Compared:
    """One dividend for one coalition: its inequality over all pots of the run."""

    coalition: str
    method: str
    transform: str
    chosen: bool
    pots: int
    fallbacks: int
    measures: dict[str, Interval]


def dividends_section(record: Record) -> str:
    parts = [_comparison(record), _table(record)] if len(record.dividends) else [_nothing(record)]
    return section("Dividends and inequality", *parts, lorenz_chart(record))


def _nothing(record: Record) -> str:
    paid = record.coalitions["pot"].sum() > 0
    return paragraph("Firms paid, but no pot was shared out." if paid else NOTHING_PAID, "empty")


def compared(record: Record) -> Iterator[Compared]:
    """Mean over the pots of each replicate, then mean and interval over replicates."""
    place = record.dividends["coalition"].map({name: i for i, name in enumerate(record.coalition_names)})
    ordered = record.dividends.assign(place=place).sort_values("place", kind="stable")
    groups = ordered.groupby(["coalition", "method", "transform"], sort=False)
    for (coalition, method, transform), rows in groups:
        yield Compared(
            coalition=str(coalition),
            method=str(method),
            transform=str(transform),
            chosen=bool(rows["chosen"].any()),
            pots=len(rows),
            fallbacks=int(rows["fallback"].sum()),
            measures={name: over_replicates(rows.groupby("replicate")[name].mean()) for name in (*MEASURES, AMONG_ALL)},
        )


def _comparison(record: Record) -> str:
    rows = list(compared(record))
    series = list(dict.fromkeys((row.coalition, row.method) for row in rows))
    panels = [_dots(record, name, words, rows, series) for name, words in MEASURES.items()]
    legend = [(swatch(_look(record, coalition)), f"{coalition} ({method})") for coalition, method in series]
    legend += [(mark_swatch("o", True), "filled: in force, and paid, in one round at least")]
    legend += [(mark_swatch("o", False), "open: for comparison, not paid")]
    sentence = (
        "How unequally each way of turning data values into payouts shares out the same pots among a coalition's "
        "members: 0 is equal; members only, so people outside do not count."
    )
    note = "Points: mean over pots" + (
        f", then over replicates; bars: 95 % Student-t interval over replicates ({OVER_REPLICATES})."
        if record.many
        else "; one replicate, so no interval."
    )
    if any(row.fallbacks for row in rows):
        note += " * in some pots nobody had any weight, so all were paid the same (fallback)."
    if len(record.users) and record.users["value_source"].str.contains("split by records").any():
        note += (
            " A group's value is split among its people by their records, so designs that follow value follow records."
        )
    note += " Vertical lines: Gini indices of incomes in the US (.391) and Finland (.259), as published [VLZH19]."
    return Chart("The same money under every dividend", sentence, panels, legend, note, "three").html(record.formula)


def _look(record: Record, coalition: str) -> Look:
    found = record.looks.get(("coalition", coalition), Look(INK))
    return Look(found.colour, "-", found.mark)


def _dots(record: Record, name: str, words: str, rows: list[Compared], series: list[tuple[str, str]]) -> Panel:
    transforms = list(dict.fromkeys(row.transform for row in rows))
    height = 1.1 + len(transforms) * max(0.27, 0.11 * len(series))
    canvas = Canvas(f"dividend-{name}", record.formula, width=3.7, height=height)
    axes = canvas.axes
    for row in rows:
        place = series.index((row.coalition, row.method))
        y = transforms.index(row.transform) + (place - (len(series) - 1) / 2) * 0.7 / len(series)
        look, found = _look(record, row.coalition), row.measures[name]
        axes.errorbar(found.mean, y, xerr=found.half, fmt="none", ecolor=look.colour, elinewidth=1, capsize=2)
        fill = look.colour if row.chosen else "white"
        axes.plot(found.mean, y, marker=look.mark, mfc=fill, mec=look.colour, ms=5.5, mew=1.3, ls="", zorder=4)
    for label, level, line in REFERENCE if name == "gini" else ():
        axes.axvline(level, color=INK, lw=1, ls=line, zorder=1)
        axes.annotate(
            label, (level, -0.5), (3 if level > 0.3 else -3, 0), textcoords="offset points", fontsize=8, color=INK,
            ha="left" if level > 0.3 else "right", linespacing=0.95,
        )  # fmt: skip
    axes.set_ylim(len(transforms) - 0.4, -1.5)  # room for the labels of the reference lines, in all panels
    fallen = {row.transform for row in rows if row.fallbacks}
    axes.set_yticks(range(len(transforms)), [name + " *" * (name in fallen) for name in transforms])
    axes.set_xlim(-0.03, max(1.0, *(row.measures[name].mean for row in rows)) + 0.03)
    canvas.label("0 equal, 1 one takes all" if name != "top_tenth" else ".1 equal, 1 they take all")
    return Panel(words, canvas.svg(), f"{len(rows)} figures, given in the table below.")


def _table(record: Record) -> str:
    rows = list(compared(record))
    cells = [
        [
            row.coalition,
            row.method,
            row.transform + (" (chosen)" if row.chosen else ""),
            *(bracketed(found.mean, found.half, 3) for found in row.measures.values()),
            count(row.pots),
            f"{count(row.fallbacks)} of {count(row.pots)}" if row.fallbacks else "none",
        ]
        for row in rows
    ]
    interval = " [95 % interval over replicates]" if record.many else ""
    caption = f"Inequality of the members' payouts, mean over pots{interval}"
    caption += "; formula, not retraining" if record.formula else ""
    head = ["coalition", "valued by", "dividend", "Gini", "Hoover", "top tenth", "Gini among all", "pots", "fallback"]
    words = paragraph(
        "Gini among all: of what everybody gets, members their payout, others nothing, and all alike the public share. "
        "Fallback: pots in which no member had any weight under that dividend, so that all were paid the same; an "
        "equal figure there is not the dividend's doing. For comparison, Ginis of incomes as published [VLZH19]: "
        "US .391, Finland .259.",
        "note",
    )
    return table(caption, head, cells, names=3, chosen=[row.chosen for row in rows]) + words
