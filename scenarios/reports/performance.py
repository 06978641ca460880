"""Performance: how well each firm's model works, for whom, and what that earns."""

import numpy as np
import pandas as pd

from .charts import Chart, Panel, legend_of, line_panel, shared_reach
from .curves import Curve, interval_words, over_replicates, over_rounds
from .leverage import reason
from .markup import count, number, section, stretches, table
from .record import SHORTLY, WHOSE, Record

METRICS = {
    "rmse": "RMSE, the typical error of a predicted rating in stars",
    "surfaced_hits": "surfaced hits, the share of people's favourites that the model ranks first among what they rated",
    "accuracy": "accuracy, the share of test records classified correctly",
    "auc": "AUC, the chance that a positive record is scored above a negative one",
    "loss": "loss, the model's average error",
}
AUDIENCES = {
    "everyone": "everybody",
    "users": "the people it serves",
    "members": "members of any coalition",
    "outsiders": "people in no coalition",
    "everyone_served": "everybody, the people it does not serve counting as unserved",
    "contributors": "its own contributors (company view)",
}
_SEEN_BY = {"holdout": "everyone", "company": "contributors"}


def performance_section(record: Record) -> str:
    scores = (_scores(record, task, firms) for task, firms in record.lines.items())
    return section("Firms", *scores, _custom(record), _audiences(record), _left_out(record))


def _scores(record: Record, task: str, firms: list[str]) -> str:
    both = {view: score_curves(record, view, firms) for view in WHOSE}
    drawn = [curve for found in both.values() for curve in found]
    panels = [_score_panel(record, view, firms, found, drawn) for view, found in both.items()]
    metric, better = record.metrics[firms[0]], "lower" if record.lower_is_better(firms[0]) else "higher"
    sentence = (
        f"How well each firm's model does ({METRICS.get(metric, metric)}; {better} is better), scored "
        "on the left for everybody on the hidden test set, on the right for each firm's own contributors only."
    )
    note = (
        "Dotted lines: the baseline that needs nobody's data and the best that everybody's data gives, both fixed "
        f"before round 1. {interval_words(record, drawn)}"
    )
    title = "Performance of the firms" + (f" ({task})" if task else "")
    return Chart(title, sentence, panels, legend_of(drawn), note).html(record.formula)


def score_curves(record: Record, view: str, firms: list[str]) -> list[Curve]:
    """The score of each of these firms in its default metric: of everybody, or of its contributors in the company
    view."""
    rows = _rows(record, view, firms)
    return [
        over_rounds(record, group, "score", str(name), record.looks["firm", str(name)], "stderr")
        for name, group in rows.groupby("firm", sort=False)
    ]


def _rows(record: Record, view: str, firms: list[str]) -> pd.DataFrame:
    rows = record.firms[record.firms["firm"].isin(firms) & (record.firms["view"] == view)]
    return rows[(rows["metric"] == rows["firm"].map(record.metrics)) & (rows["audience"] == _SEEN_BY[view])]


def _score_panel(record: Record, view: str, firms: list[str], curves: list[Curve], every: list[Curve]) -> Panel:
    levels = [(name, record.level(firms[0], name, view)) for name in ("baseline", "best")]
    ends = [record.level(firms[0], name, v) for name in ("baseline", "best") for v in WHOSE]
    place = list(record.lines.values()).index(firms)
    return line_panel(
        f"score-{view}" + (f"-{place + 1}" if place else ""),
        f"{titled(record.metrics[firms[0]])} · {SHORTLY[view]}",
        curves,
        record.formula,
        empty=reason(_rows(record, view, firms), "score"),
        reach=shared_reach(every, *ends),
        levels=levels,
        digits=4,
    )


def _custom(record: Record) -> str:
    once = record.firms.drop_duplicates(["replicate", "round", "firm"])
    found = {column: firm_curves(record, once, column) for column in ("served", "revenue")}
    headings = {
        "served": "People served, in people",
        "revenue": "Revenue, in money: people served × price × quality",
    }
    panels = [
        line_panel(
            f"custom-{column}",
            headings[column],
            curves,
            record.formula,
            empty="Undefined in every round.",
            reach=shared_reach(curves, 0.0),
            digits=0 if column == "served" else 2,
        )
        for column, curves in found.items()
    ]
    sentence = (
        "How many people use each firm's product in a round and what the firm earns from them; quality runs from 0 "
        "at the baseline to 1 at the best, as the people served experience it."
    )
    drawn = found["served"]
    return Chart(
        "People served and revenue", sentence, panels, legend_of(drawn), interval_words(record, drawn, False)
    ).html(record.formula)


def firm_curves(record: Record, rows: pd.DataFrame, column: str) -> list[Curve]:
    return [
        over_rounds(record, group, column, str(name), record.looks["firm", str(name)])
        for name, group in rows.groupby("firm", sort=False)
    ]


def _audiences(record: Record) -> str:
    """Every audience and metric in the last round."""
    last = record.firms[record.firms["round"] == record.firms.groupby("replicate")["round"].transform("max")]
    metrics = list(dict.fromkeys(last["metric"]))
    rows = []
    for (firm, _view, audience), group in last.groupby(["firm", "view", "audience"], sort=False):
        figures = [_figure(record, group[group["metric"] == metric]) for metric in metrics]
        rows.append([str(firm), AUDIENCES.get(str(audience), str(audience)), *figures])
    mark = "95 % interval over replicates in brackets" if record.many else "± 2 standard errors where defined"
    basis = "; formula, not retraining" if record.formula else ""
    caption = f"Whose experience: scores in the last round, by audience ({mark}{basis})"
    return table(caption, ["firm", "scored for", *map(titled, metrics)], rows, names=2)


def _left_out(record: Record) -> str:
    """By what rule each firm trained on whose data, and when; nothing if all firms trained on all that they had."""
    once = record.firms.drop_duplicates(["replicate", "round", "firm"])
    if not once["left_out"].any():
        return ""
    rows = [
        [
            str(firm),
            str(rule),
            stretches(group["round"]),
            *(count(group[c].mean()) for c in ("contributors", "left_out")),
        ]
        for (firm, rule), group in once.groupby(["firm", "includes"], sort=False)
    ]
    caption = "Whose data firms trained on, of those that they had; people, mean over these rounds"
    return table(caption, ["firm", "rule", "when", "whose data it had", "left out"], rows, names=3)


def _figure(record: Record, rows: pd.DataFrame) -> str:
    """A score with its interval, or why there is none; nothing for a metric of another task."""
    if rows.empty:
        return "\u2013"
    if not np.isfinite(rows["score"]).any():
        notes = [note for note in dict.fromkeys(rows["note"]) if note]
        return f"undefined ({'; '.join(notes)})" if notes else "undefined"
    if record.many:
        return bracketed(over_replicates(rows["score"]).mean, over_replicates(rows["score"]).half, 4)
    error = float(rows["stderr"].iloc[0])
    known = np.isfinite(error) and error > 0
    return number(float(rows["score"].iloc[0]), 4) + (f"\u00a0±\u00a0{number(2 * error, 4)}" if known else "")


def titled(metric: str) -> str:
    """A metric's name for people."""
    return metric.upper() if metric in ("rmse", "auc", "mae") else metric.replace("_", " ")


def bracketed(mean: float, half: float, digits: int) -> str:
    """'0.31 [0.25, 0.37]', or the mean alone where there is no interval."""
    if not np.isfinite(half):
        return number(mean, digits)
    return f"{number(mean, digits)} [{number(mean - half, digits)},\u00a0{number(mean + half, digits)}]"
