"""Membership and votes: who belongs, what they vote for, what they threaten, and what comes of it."""

import numpy as np
import pandas as pd

from .charts import Canvas, Chart, Panel, draw, legend_of, line_panel, rounds_axis, shared_reach
from .curves import Curve, interval_words, over_rounds
from .markup import paragraph, section
from .palette import INK, mark_swatch
from .record import Record
from .votes import votes_chart, winners_table

_NONE = "Undefined in every round."


def membership_section(record: Record) -> str:
    if not record.coalition_names:
        return section("Membership and votes", paragraph("There is no coalition in this world.", "empty"))
    parts = [_members(record), votes_chart(record), winners_table(record), _threats(record), _welfare(record)]
    return section("Membership, votes and threats", *parts)


def coalition_curves(record: Record, column: str, rows: pd.DataFrame | None = None) -> list[Curve]:
    """A column of the coalitions table, one curve a coalition."""
    rows = record.coalitions if rows is None else rows
    return [
        over_rounds(record, group, column, str(name), record.looks["coalition", str(name)])
        for name, group in rows.groupby("coalition", sort=False)
    ]


def _members(record: Record) -> str:
    members, turnout = (coalition_curves(record, column) for column in ("members", "turnout"))
    sentence = "How many people belong to each coalition in a round, and what share of its members voted."
    panels = [
        line_panel(
            "members", "Members, in people", members, record.formula, empty=_NONE,
            reach=shared_reach(members, 0.0), digits=0,
        ),
        line_panel(
            "turnout", "Turnout, share of members", turnout, record.formula,
            empty="Undefined: a coalition without members has no turnout.", reach=(0.0, 1.0), digits=2,
        ),
    ]  # fmt: skip
    note = interval_words(record, members, False)
    return Chart("Members and turnout", sentence, panels, legend_of(members), note).html(record.formula)


def _threats(record: Record) -> str:
    threats = record.coalitions[record.coalitions["answer"] != ""]
    if threats.empty:
        return paragraph("No coalition threatened a firm in this run.", "empty")
    harm = coalition_curves(record, "harm", threats)
    sums = record.coalitions.groupby(["replicate", "coalition"])["pot"].cumsum()
    paid = coalition_curves(record, "pot", record.coalitions.assign(pot=sums))
    panels = [
        _harm_panel(record, threats, harm),
        line_panel(
            "paid", "Paid to the coalition so far, in money", paid, record.formula, empty=_NONE,
            reach=shared_reach(paid, 0.0), digits=2,
        ),
    ]  # fmt: skip
    sentence = (
        "The revenue a firm would lose if a coalition did what its members voted for (harm, from really retraining "
        "on what would be left, and from the people expected to leave), and what the coalition was paid."
    )
    if record.formula:
        sentence = sentence.replace("from really retraining on", "from the formula for")
    marks = [(mark_swatch("o", True), "filled: the firm paid"), (mark_swatch("o", False), "open: it refused")]
    legend = [*legend_of([*harm, *paid]), *marks]
    return Chart("Threats and answers", sentence, panels, legend, _threat_note(record, threats, harm)).html(
        record.formula
    )


def _threat_note(record: Record, threats: pd.DataFrame, harm: list[Curve]) -> str:
    if record.many:
        return f"Marks: every threat of every replicate. {interval_words(record, harm)}"
    if not np.isfinite(threats["harm_stderr"]).any():
        return "One training seed, so the harm has no standard error and the firm decides on the harm alone."
    return f"Bars: ± 2 standard errors over {record.train_seeds} training seeds; one replicate."


def _welfare(record: Record) -> str:
    """What members and others have of it, on one scale; and where something was decided, who left it to the rest."""
    members, outsiders = (coalition_curves(record, column) for column in ("members_gain", "outsiders_gain"))
    reach = shared_reach([*members, *outsiders], 0.0)
    panels = [
        line_panel("members_gain", "What a member had of it, in money", members, record.formula, empty=_NONE,
                   reach=reach, digits=3),
        line_panel("outsiders_gain", "What people outside had of it, in money each", outsiders, record.formula,
                   empty=_NONE, reach=reach, digits=3),
    ]  # fmt: skip
    acted = record.coalitions[record.coalitions["shirked"].notna()]
    if len(acted):
        shirked = coalition_curves(record, "shirked", acted)
        heading = "Members who left their part to others, share of those asked"
        panels.append(line_panel("shirked", heading, shirked, record.formula, empty=_NONE, reach=(0.0, 1.0), digits=2))
    sentence = (
        "Payouts, public shares and better or worse service, less effort, dues and fines: of members, and of people in "
        "no coalition, who have the same service without effort and may ride free. So may members who do not do what "
        "was decided, until somebody looks."
    )
    note = interval_words(record, [*members, *outsiders], False)
    return Chart("Who gains, and who rides free", sentence, panels, legend_of(members), note).html(record.formula)


def _harm_panel(record: Record, threats: pd.DataFrame, curves: list[Curve]) -> Panel:
    """Each threat as a mark, filled if it was paid; with replicates, their mean as a line."""
    heading = "Harm of each threat, in money (the target's revenue)"
    if not np.isfinite(threats["harm"]).any():
        return Panel(heading, _NONE)
    canvas = Canvas("harm", record.formula)
    groups = [group for _, group in threats.groupby("coalition", sort=False)]
    for i, (curve, group) in enumerate(zip(curves, groups, strict=True)):
        if record.many:
            draw(canvas.axes, curve, i)
        look, shift = curve.look, 0.0 if len(groups) == 1 else (i / (len(groups) - 1) - 0.5) * 0.3
        x, paid = group["round"] + shift, group["answer"].str.startswith("paid")
        error = 2 * group["harm_stderr"] * (np.nan if record.many else 1.0)
        canvas.axes.errorbar(x, group["harm"], error, fmt="none", ecolor=look.colour, elinewidth=1, capsize=2)
        for done, fill in ((paid, look.colour), (~paid, "white")):
            canvas.axes.plot(
                x[done], group["harm"][done], ls="", marker=look.mark, ms=5, mfc=fill, mec=look.colour, zorder=4
            )
    canvas.axes.axhline(0, color=INK, lw=0.8)
    rounds_axis(canvas.axes, record.rounds)
    canvas.label("round")
    answers = [f"{c}: {int(g['answer'].str.startswith('paid').sum())} of {len(g)} threats paid" for c, g in
               threats.groupby("coalition", sort=False)]  # fmt: skip
    return Panel(heading, canvas.svg(), "; ".join(answers) + ".")
