"""Data agency: whether people know what their data can do, get out alone or together, and choose what they would choose
if they knew and nothing stood in the way."""

import numpy as np
import pandas as pd

from .charts import Chart, Panel, legend_of, line_panel
from .curves import Curve, interval_words, over_replicates, over_rounds
from .markup import definitions, listed, number, paragraph, section, table
from .palette import COLOURS, Look
from .performance import bracketed
from .record import Record

_LOOKS = {
    "choice_kept": Look(COLOURS[6], "-", "o"),
    "aware": Look(COLOURS[0], "-", "s"),
    "exit_alone": Look(COLOURS[1], "--", "v"),
    "exit_together": Look(COLOURS[2], "-", "^"),
    "followed": Look(COLOURS[3], ":", "D"),
}
_LABELS = {
    "choice_kept": "choice as if informed and free",
    "aware": "awareness",
    "exit_alone": "individual exit",
    "exit_together": "group exit",
    "followed": "downstream provenance",
}
FIRMS = tuple(name for name in _LABELS if name != "choice_kept")
_PEOPLE = {
    "asked_out": "people who asked to be taken out, a round",
    "waits_for_others": "of these, waiting for co-owners",
    "taken_along": "taken along by co-owners",
}
_MEANINGS = (
    (
        "Choice as if informed and free",
        "Share of all people who chose what they would have chosen had they heard of every coalition, known what "
        "levers do, and had the law let everybody out at no effort: in which coalitions to be and, where theirs voted "
        "or they consider to act alone, which option to prefer. It is paired: in each round the same person chooses "
        "twice, with the same chance draws. Everybody else and all earlier rounds stay as they are, so it does not say "
        "how a world of informed and free people would have gone on.",
    ),
    (
        "Awareness",
        "Share of the people whose data the firm has who take levers against it to do what they really do.",
    ),
    (
        "Individual exit",
        "Probability that what one person took back alone would be out of the model that the firm runs in the same "
        "round. It follows from the law, the firm and co-owners, and is there whether or not anybody tries.",
    ),
    (
        "Group exit",
        "Of the people who did ask in a coalition, in that round, that their data be taken out: the share of whose "
        "data nothing that was asked for is left, neither held nor in the model that runs. No point where nobody "
        "asked. Giving a copy to a rival is no exit.",
    ),
    (
        "Downstream provenance",
        "Of the people who asked to be taken out and whose data the firm had passed on: the share whose data are gone "
        "there as well. No point where it had passed on nothing of theirs.",
    ),
)


def agency_section(record: Record) -> str:
    if not record.coalition_names and not record.scattered and (record.society["choice_kept"] == 1).all():
        empty = "There was no coalition, and nobody acted alone or would have: no choice and no exit to speak of."
        return section("Data agency", paragraph(empty, "empty"))
    return section("Data agency", _chart(record), definitions(_MEANINGS, "words"), _means(record))


def _chart(record: Record) -> str:
    everybody = _curve(record, record.society, "choice_kept")
    once = record.firms.drop_duplicates(["replicate", "round", "firm"])
    firms = {str(name): [_curve(record, rows, column) for column in FIRMS]
             for name, rows in once.groupby("firm", sort=False)}  # fmt: skip
    panels = [_panel(record, "choice", "Everybody", [everybody])]
    panels += [_panel(record, str(i), f"At {name}", curves) for i, (name, curves) in enumerate(firms.items())]
    drawn = [everybody, *(curve for curves in firms.values() for curve in curves)]
    sentence = (
        "How far people can decide about their data, measure by measure, each from 0 (nobody, never) to 1 (everybody, "
        "always): of everybody first, then firm by firm. What each measures is said below."
    )
    note = interval_words(record, drawn, False) + _hidden(firms)
    return Chart("From knowing to getting out", sentence, panels, legend_of(drawn), note).html(record.formula)


def _curve(record: Record, rows: pd.DataFrame, column: str) -> Curve:
    return over_rounds(record, rows, column, _LABELS[column], _LOOKS[column])


def _panel(record: Record, name: str, heading: str, curves: list[Curve]) -> Panel:
    return line_panel(
        f"agency-{name}", heading, curves, record.formula, empty="Undefined in every round.", reach=(0.0, 1.0), digits=2
    )


def _hidden(firms: dict[str, list[Curve]]) -> str:
    """Which lines of a firm lie on one another wherever both are there, so that the eye sees but the last of them."""
    told = []
    for name, curves in firms.items():
        drawn = [curve for curve in curves if curve.drawn]
        alike = [[c.label for c in drawn if _alike(c, first)]
                 for first in drawn]  # fmt: skip
        told += [f"at {name}, {listed(labels)}" for labels in dict.fromkeys(map(tuple, alike)) if len(labels) > 1]
    return f" One line over another wherever both are there: {'; '.join(told)}." if told else ""


def _alike(one: Curve, other: Curve) -> bool:
    both = np.isfinite(one.y) & np.isfinite(other.y)
    return bool(both.any() and np.allclose(one.y[both], other.y[both], rtol=0, atol=5e-3))


def _means(record: Record) -> str:
    """Every measure as a mean over rounds, and how many people asked."""
    once = record.firms.drop_duplicates(["replicate", "round", "firm"])
    kept = _mean(record, record.society, "choice_kept")
    rows = [["everybody", kept, *["\u2013"] * (len(FIRMS) + len(_PEOPLE))]]
    for name, own in once.groupby("firm", sort=False):
        figures = [_mean(record, own, column) for column in FIRMS]
        rows.append([str(name), "\u2013", *figures, *(number(own[column].mean(), 1) for column in _PEOPLE)])
    interval = ", with 95 % interval over replicates" if record.many else ""
    basis = "; formula, not retraining" if record.formula else ""
    caption = f"Mean over the rounds in which there is a figure{interval}{basis}"
    return table(caption, ["", *_LABELS.values(), *_PEOPLE.values()], rows)


def _mean(record: Record, rows: pd.DataFrame, column: str) -> str:
    found = over_replicates(rows.groupby("replicate")[column].mean())
    return bracketed(found.mean, found.half if record.many else float("nan"), 2)
