"""Leverage: what each coalition's campaign did, and the published measures, over time and in both views."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from .charts import Chart, legend_of, line_panel, shared_reach
from .curves import Curve, interval_words, over_rounds
from .markup import paragraph, section
from .record import SHORTLY, WHOSE, Record

EFFECTS = {
    "gap_closed": "Gap closed",
    "strike": "Strike",
    "contribution": "Contribution",
}
PUBLISHED = {
    "dlp_contribution": "DLP of a contribution",
    "dlp_transfer": "DLP of a contribution with deletion",
    "dlp_strike": "DLP of a strike",
}
_EFFECTS_MEAN = (
    "Strike: what the campaign took from its target. Contribution: what it gave to the rival. Gap closed: both "
    "together. Below 0 it worked the other way. A campaign is all that the coalition has done so far and that still "
    "works: a rival may keep the copies it was given in earlier rounds."
)
_PUBLISHED_MEAN = (
    "DLP of a contribution: how far the rival is on its way from baseline to best. With deletion: the rival's gain "
    "over the baseline as a share of the target's. DLP of a strike: how far the target fell from best to baseline."
)
_ALONE = " (and for people on their own, with the same round had none of them ever acted)"
Curves = Callable[[Record, str, str, str], list[Curve]]


def leverage_section(record: Record) -> str:
    scale = "1 is the whole gap between what needs nobody's data (baseline) and what everybody's data gives (best)"
    effects = _chart(
        record,
        "leverage",
        "What each coalition's campaign did",
        "For each coalition, this round compared with the same round without its campaign, as a share of the gap"
        f"{_ALONE if record.scattered else ''}: {scale}; scored once on everybody's hidden test records and once on "
        "the people whose data the firm has with the campaign or without it.",
        _EFFECTS_MEAN,
        EFFECTS,
        campaign_curves,
    )
    published = _chart(
        record,
        "published",
        "The published Data Leverage Power (DLP)",
        f"The measures of the papers for the firms as they stand, all campaigns together: {scale}; scored once on "
        "everybody's hidden test records and once on each firm's own contributors.",
        _PUBLISHED_MEAN,
        PUBLISHED,
        published_curves,
    )
    warning = (
        "Do not compare the DLP of a strike with the DLP of a contribution directly [VH20]: one hurts a firm, the "
        "other helps its rival. The campaign figures above are on one scale, and their sum is the gap closed."
    )
    if not record.coalition_names and not record.scattered:
        effects = paragraph("There is no coalition in this world, so no campaign to measure.", "empty")
    return section("Leverage over time", effects, published, paragraph(warning))


def _chart(
    record: Record, name: str, title: str, sentence: str, meaning: str, figures: dict[str, str], curves: Curves
) -> str:
    panels, drawn = [], []
    for column, words in figures.items():
        apart = _rivals(record) if curves is campaign_curves and column != "strike" else [""]
        both = {(rival, view): curves(record, column, view, rival) for rival in apart for view in WHOSE}
        every = [curve for found in both.values() for curve in found]
        reach = shared_reach(every, 0.0)
        drawn += every
        panels += [
            line_panel(
                f"{name}-{column}-{apart.index(rival)}-{view}",
                f"{words}{f' (rival: {rival})' if len(apart) > 1 else ''} · {SHORTLY[view]}",
                found,
                record.formula,
                empty=undefined(record, column, view),
                reach=reach,
                levels=[("", 0.0)],
            )
            for (rival, view), found in both.items()
        ]
    note = f"{meaning} {interval_words(record, drawn)}"
    return Chart(title, sentence, panels, legend_of(drawn), note).html(record.formula)


def _rivals(record: Record) -> list[str]:
    """Panels of their own for each rival where there are several; [''] for all coalitions in one."""
    rivals = [name for name in dict.fromkeys(record.measured["rival"]) if name]
    return rivals if len(rivals) > 1 else [""]


def campaign_curves(record: Record, column: str, view: str, rival: str = "") -> list[Curve]:
    """One curve a coalition, and one for people on their own at each firm, against one rival or (strikes do not depend
    on it) the first that the table names."""
    rows = record.measured[(record.measured["view"] == view) & (record.measured["coalition"] != "")]
    rows = rows[rows["rival"] == rival] if rival else rows
    once = rows.drop_duplicates(["replicate", "round", "coalition"])
    return [
        over_rounds(record, group, column, str(name), record.looks["coalition", str(name)], f"{column}_stderr")
        for name, group in once.groupby("coalition", sort=False)
    ]


def published_curves(record: Record, column: str, view: str, rival: str = "") -> list[Curve]:
    """One curve a target and rival: these measures are of the firms, whatever the coalition."""
    rows = record.measured[record.measured["view"] == view]
    key = ["target"] if column == "dlp_strike" else ["target", "rival"]
    found = []
    for names, group in (rows[rows["rival"] == rival] if rival else rows).groupby(key, sort=False):
        who = str(names[-1]) or str(names[0])
        once = group.drop_duplicates(["replicate", "round"])
        label = f"{names[0]} (target)" if column == "dlp_strike" else f"{names[1]} against {names[0]}"
        found.append(over_rounds(record, once, column, label, record.looks["firm", who], f"{column}_stderr"))
    return found


def undefined(record: Record, column: str, view: str) -> str:
    """Why a figure is never defined in a view, in the words of the table."""
    rows = record.measured[record.measured["view"] == view]
    return reason(rows, column)


def reason(rows: pd.DataFrame, column: str) -> str:
    """'Undefined' with the notes of the rows in which the column is empty."""
    notes = [note for note in dict.fromkeys(rows.loc[~np.isfinite(rows[column]), "note"]) if note]
    return f"Undefined: {'; '.join(notes)}." if notes else "Undefined in every round."


def last_rows(record: Record, coalition: str, view: str) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Target, rival and the rows of both (one a replicate) in the last round of each replicate."""
    rows = record.measured[(record.measured["view"] == view) & (record.measured["coalition"] == coalition)]
    last = rows[rows["round"] == rows.groupby("replicate")["round"].transform("max")]
    for (target, rival), group in last.groupby(["target", "rival"], sort=False):
        yield str(target), str(rival), group
