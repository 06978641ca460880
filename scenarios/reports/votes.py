"""Votes: tallies by option and round, who won, and by how much."""

import numpy as np
import pandas as pd

from .charts import Canvas, Chart, Panel, legend_of, line_panel, rounds_axis, shared_reach
from .curves import Curve, interval_words, over_rounds
from .markup import count, number, table
from .palette import COLOURS, GREY, HATCHES, INK, bar_swatch, mark_swatch
from .record import Record

OTHERS = "all other options"
Paint = dict[str, tuple[str, str]]


def votes_chart(record: Record) -> str:
    """Stacked bars, one panel a coalition: the votes of each option in each round."""
    paint = _paint(record)
    panels = [_tally_panel(record, name, i, paint) for i, name in enumerate(record.coalition_names)]
    legend = [(bar_swatch(*look, f"swatch-{i}"), option) for i, (option, look) in enumerate(paint.items())]
    how = "height: mean over replicates" if record.many else "height: votes for the option"
    note = f"Bars: {how}, counted by the charter's own rule; 'nothing' is the status quo, which keeps ties."
    if _marked(record):
        legend.append((mark_swatch("D", False), "the winner"))
        note += " A white mark stands on the option that won, which under some rules is not the one with most votes."
    curves, margin = _margin_panel(record)
    panels.append(margin)
    legend += legend_of(curves)
    note += f" Margin: {interval_words(record, curves, False)}"
    sentence = (
        "What the members of each coalition voted for in each round, and how close it was: the margin is the fewest "
        "ballots that, cast otherwise, would have changed the winner."
    )
    return Chart("Votes and margins", sentence, panels, legend, note).html(record.formula)


def _marked(record: Record) -> bool:
    """Whether winners are marked: a mark needs one winner a round, and room."""
    return not record.many and record.rounds <= 60


def _paint(record: Record) -> Paint:
    """A colour and hatch for each option; the rarest share one where there are more than the eye can hold."""
    totals = record.votes.groupby("option", sort=False)["tally"].sum()
    acts = [str(option) for option in totals.index if option != "nothing"]
    kept = set(sorted(acts, key=lambda option: -totals[option])[:7]) if len(acts) > 7 else set(acts)
    looks = [(colour, HATCHES[i % len(HATCHES)]) for i, colour in enumerate(COLOURS)]
    paint = {"nothing": (GREY, "")} if "nothing" in totals.index else {}
    paint |= dict(zip((option for option in acts if option in kept), looks, strict=False))
    return paint | ({OTHERS: ("#FFFFFF", "..")} if len(kept) < len(acts) else {})


def _tally_panel(record: Record, name: str, place: int, paint: Paint) -> Panel:
    rows = record.votes[record.votes["coalition"] == name]
    heading = f"{name}, votes"
    if rows.empty or not rows["tally"].fillna(0).any():
        return Panel(heading, "No votes were cast in any round.")
    shown = rows.assign(option=rows["option"].where(rows["option"].isin(list(paint)), OTHERS))
    heights = shown.groupby(["replicate", "round", "option"], sort=False)["tally"].sum().groupby(["round", "option"])
    tallies = heights.mean().unstack("option").reindex(columns=list(paint)).fillna(0.0)
    canvas = Canvas(f"votes-{place}", record.formula)
    middles = _stack(canvas, tallies, paint)
    canvas.axes.margins(y=0.06)
    if _marked(record):
        _mark_winners(canvas, shown[shown["winner"]], middles)
    rounds_axis(canvas.axes, record.rounds)
    canvas.label("round")
    return Panel(heading, canvas.svg(), _won(rows))


def _stack(canvas: Canvas, tallies: pd.DataFrame, paint: Paint) -> pd.DataFrame:
    """Draw the bars, negative tallies downwards, and return the middle of each segment."""
    x, middles = tallies.index.to_numpy(float), tallies * 0.0
    up, down = np.zeros(x.size), np.zeros(x.size)
    for option in tallies.columns:
        height = tallies[option].to_numpy(float)
        base = np.where(height >= 0, up, down)
        colour, hatch = paint[option]
        canvas.axes.bar(
            x, height, 0.82, bottom=base, color=colour, hatch=hatch * (x.size <= 40), edgecolor=INK,
            linewidth=0.5 if x.size <= 40 else 0,
        )  # fmt: skip
        middles[option] = base + height / 2
        up, down = up + np.maximum(height, 0), down + np.minimum(height, 0)
    return middles


def _mark_winners(canvas: Canvas, winners: pd.DataFrame, middles: pd.DataFrame) -> None:
    y = [middles.loc[r, option] for r, option in zip(winners["round"], winners["option"], strict=True)]
    size = 5.5 if len(y) <= 40 else 2.5
    canvas.axes.plot(winners["round"], y, ls="", marker="D", ms=size, mfc="white", mec="black", zorder=4, clip_on=False)


def _won(rows: pd.DataFrame) -> str:
    wins = rows[rows["winner"]].groupby("option", sort=False).size()
    return "Won: " + "; ".join(f"{option} in {n} votes" for option, n in wins.items()) + "."


def winners_table(record: Record) -> str:
    """How often each option won, for each coalition."""
    rows = []
    for (coalition, option), group in record.votes.groupby(["coalition", "option"], sort=False):
        held = len(record.votes[record.votes["coalition"] == coalition].drop_duplicates(["replicate", "round"]))
        share = number(float(group["tally"].mean()), 1)
        rows.append(
            [str(coalition), str(option), f"{count(int(group['winner'].sum()))}\u00a0of\u00a0{count(held)}", share]
        )
    over = " over all replicates" if record.many else ""
    head = ["coalition", "option", "votes won", "mean tally"]
    return table(f"How often each option won{over}", head, rows, names=2)


def _margin_panel(record: Record) -> tuple[list[Curve], Panel]:
    """The margin of each coalition's votes, and its curves."""
    once = record.votes.drop_duplicates(["replicate", "round", "coalition"])
    once = once.assign(margin=once["margin"].astype("Float64").to_numpy(float, na_value=np.nan))
    curves = [
        over_rounds(record, group, "margin", str(name), record.looks["coalition", str(name)])
        for name, group in once.groupby("coalition", sort=False)
    ]
    empty = "Empty: no change of ballots could have changed a winner, or none is worked out for the charters' rules."
    reach = shared_reach(curves, 0.0)
    return curves, line_panel(
        "margin", "Margin of the votes, in ballots", curves, record.formula, empty=empty, reach=reach, digits=0
    )
