"""Story: what happened, in sentences made of the tables' own figures and nothing else."""

import numpy as np
import pandas as pd

from ..regimes import regimes
from ..regimes import told as regimes_told
from .averages import Divided, divided, divided_people
from .curves import OVER_REPLICATES, over_replicates
from .leverage import last_rows, reason
from .lorenz import NOTHING_PAID
from .markup import count, listed, number, plural, stretches
from .palette import deed
from .performance import bracketed, score_curves, titled
from .record import WHOSE, Record

Told = list[tuple[str, list[str]]]


def story(record: Record) -> Told:
    """Sentences under the name of each coalition, then of each firm, then about law that changed, society where its
    means mislead, and the money."""
    told = [(name, _coalition(record, name)) for name in record.coalition_names]
    if not told:
        rest = "" if record.scattered else ": the firms train on what they hold"
        told = [("Coalitions", [f"There is no coalition in this world{rest}."])]
    if record.scattered:
        told.append(("People on their own", _alone(record)))
    own = [name for name in record.firm_names if (record.firms["firm"] == name).any()]
    told += [(name, _firm(record, name)) for name in own]
    society = _careful(divided(record, "society"))
    return [*told, *_law(record), *([("Society", society)] if society else []), ("Money", [_money(record)])]


def _law(record: Record) -> Told:
    """When the law changed, and what; nothing where it did not."""
    changes = record.society[record.society["law"] != ""].drop_duplicates("round").sort_values("round")
    said = [
        f"From round {r} on: {law.replace('_', ' ')}." for r, law in zip(changes["round"], changes["law"], strict=True)
    ]
    return [("Law", said)] if said else []


def intervals(record: Record) -> str:
    """What stands after a figure as its interval; empty if no figure has one."""
    if record.many:
        return f"In brackets: 95 % Student-t interval over {len(record.replicates)} replicates ({OVER_REPLICATES})."
    if record.formula:
        return ""
    if record.train_seeds > 1:
        return f"After ±: 2 standard errors over {record.train_seeds} training seeds."
    return "One training seed, so figures have no standard error."


def _coalition(record: Record, name: str) -> list[str]:
    rows = record.coalitions[record.coalitions["coalition"] == name]
    members = f"Members: {_first_last(record, rows, 'members')}."
    told = [members, _votes(record, rows), *_threats(record, rows), *_leverage(record, name), *_regimes(record, rows)]
    careful = [*_careful(divided(record, "coalition", name)), *_careful(divided_people(record, name), "people")]
    return [*told, *careful]


def _alone(record: Record) -> list[str]:
    """How many people acted by themselves, and what that did."""
    acted = _first_last(record, record.society, "alone")
    return [
        f"They acted alone: {acted}.",
        *(said for name in record.scattered.values() for said in _leverage(record, name)),
        *_regimes(record, record.society),
    ]


def _regimes(record: Record, rows: pd.DataFrame) -> list[str]:
    """How membership, levers and gains go on, and since when."""
    found = regimes(rows, float(record.manifest.get("users") or 1))
    return [f"{words[0].upper()}{words[1:]}: {regimes_told(each)}." for words, each in found.items()]


def _careful(found: list[Divided], whom: str = "replicates") -> list[str]:
    """A warning where what is averaged is in two groups that no mean describes; nothing otherwise."""
    if not found:
        return []
    told = [f"{each.figure} (about {number(each.low, 3)} and {number(each.high, 3)})" for each in found]
    return [f"Careful with means: {whom} fall into two groups, and a mean stands for neither: {'; '.join(told)}."]


def _first_last(record: Record, rows: pd.DataFrame, column: str) -> str:
    """'20 in round 1, 57 in round 20', or means with their ranges over replicates."""
    ordered = rows.sort_values("round").groupby("replicate")
    first, last = ordered.first(), ordered.last()
    if record.many:
        ends = [f"{number(f.mean(), 1)} ({count(f.min())} to {count(f.max())})" for f in (first[column], last[column])]
        return f"{ends[0]} in the first round, {ends[1]} in the last, mean over replicates (lowest to highest)"
    ends = [f"{count(int(r[column]))} in round {r['round']}" for r in (first.iloc[0], last.iloc[0])]
    return ", ".join(dict.fromkeys(ends))


def _votes(record: Record, rows: pd.DataFrame) -> str:
    over = ", all replicates together" if record.many else ""
    voted = f"Its members voted to act in {int(rows['passed'].sum())} of {plural(len(rows), 'round')}{over}; "
    pulled = rows[rows["lever"] != "nothing"]
    if pulled.empty:
        return voted + "it pulled no lever."
    spans = []
    for lever, found in pulled.groupby("lever", sort=False):
        when = plural(len(found), "round") if record.many else stretches(found["round"])
        spans.append(f"{deed(str(lever)).words} in {when}")
    return f"{voted}it pulled {listed(spans)}."


def _threats(record: Record, rows: pd.DataFrame) -> list[str]:
    threats = rows[rows["answer"] != ""]
    groups = threats.groupby("target", sort=False)
    return [_answers(record, str(target), group) for target, group in groups] or ["It threatened no firm."]


def _answers(record: Record, target: str, threats: pd.DataFrame) -> str:
    answers = {word: threats["answer"].str.startswith(word) for word in ("paid", "granted", "refused", "outbid")}
    spans = {}
    for word, mask in answers.items():
        when = "" if record.many or not mask.any() else f" ({stretches(threats['round'][mask])})"
        spans[word] = f"{word} {int(mask.sum())}{when}"
    money = f", {number(float(threats['payment'].sum()), 2)} in all" if answers["paid"].any() else ""
    granted = f", {spans['granted']} what was asked" if answers["granted"].any() else ""
    told = f"Of {plural(len(threats), 'threat')}, {target} {spans['paid']}{money}{granted}, and {spans['refused']}"
    if not answers["outbid"].any():
        return f"{told}."
    sold = number(float(threats["sold"].sum()), 2)
    return f"{told}; it was {spans['outbid']} by a rival, who bought the members' data for {sold} in all."


def _leverage(record: Record, name: str) -> list[str]:
    """The final campaign figures in both views, against each rival."""
    told = []
    for view, whose in WHOSE.items():
        found = list(last_rows(record, name, view))
        if found:
            after = "the last round" if record.many else f"round {found[0][2]['round'].iloc[0]}"
            gaps = "; ".join(_gap(record, target, rival, rows) for target, rival, rows in found)
            told.append(f"Leverage in {after} for {whose}: {gaps}.")
    return told + _shared(record, name)


def _shared(record: Record, name: str) -> list[str]:
    """Its Shapley share of what all campaigns do, where that is not what it adds to the others."""
    told = []
    for target, rival, rows in last_rows(record, name, "holdout"):
        shared = rows["gap_closed_shared"]
        if shared.notna().all() and not np.allclose(rows["gap_closed"], shared, rtol=0, atol=5e-4):
            against = f" between {target} and {rival}" if rival else ""
            share = _figure(record, rows, "gap_closed_shared")
            told.append(
                f"Of the gap{against} that all campaigns close together, {share} is its Shapley share (holdout)."
            )
    return told


def _gap(record: Record, target: str, rival: str, rows: pd.DataFrame) -> str:
    closed, taken, given = (_figure(record, rows, column) for column in ("gap_closed", "strike", "contribution"))
    if not np.isfinite(rows[["gap_closed", "strike", "contribution"]]).any(axis=None):
        return closed
    if not np.isfinite(rows["gap_closed"]).any():
        return f"{taken} taken from {target}; gap closed {closed}"
    gift = f" and {given} given to {rival}" if rival else ""
    return f"{closed} of the gap closed, {taken} taken from {target}{gift}"


def _figure(record: Record, rows: pd.DataFrame, column: str) -> str:
    """A share with its interval, or why it is undefined."""
    if not np.isfinite(rows[column]).any():
        why = reason(rows, column).rstrip(".")
        return f"undefined ({why.removeprefix('Undefined: ')})" if rows["note"].any() else "undefined"
    if record.many:
        found = over_replicates(rows[column])
        return bracketed(found.mean, found.half, 3)
    error = float(rows[f"{column}_stderr"].iloc[0])
    shown = number(float(rows[column].iloc[0]), 3)
    return f"{shown}\u00a0±\u00a0{number(2 * error, 3)}" if np.isfinite(error) and error > 0 else shown


def _firm(record: Record, name: str) -> list[str]:
    rows = record.firms[record.firms["firm"] == name].drop_duplicates(["replicate", "round"])
    told = [f"People served: {_first_last(record, rows, 'served')}."]
    curve = next((c for c in score_curves(record, "holdout", [name]) if c.label == name and c.drawn), None)
    careful = _careful(divided(record, "firm", name))
    if curve is None:
        return [*told, *careful]
    at = np.flatnonzero(np.isfinite(curve.y))
    ends = [f"{number(float(curve.y[i]), 4)} in round {curve.x[i]:.0f}" for i in (at[0], at[-1])]
    levels = [f"{level} {number(record.level(name, level, 'holdout'), 4)}" for level in ("baseline", "best")]
    better = "lower" if record.lower_is_better(name) else "higher"
    mean = "Mean " if record.many else ""
    scored = f"{mean}{titled(record.metrics[name])} for {WHOSE['holdout']}: {', '.join(dict.fromkeys(ends))}"
    return [*told, f"{scored} ({', '.join(levels)}; {better} is better).", *careful]


def _money(record: Record) -> str:
    paid = float(record.coalitions["pot"].sum())
    chosen = record.dividends[record.dividends["chosen"]]
    over = f" over {len(record.replicates)} replicates" if record.many else ""
    if paid == 0 and chosen.empty:
        return NOTHING_PAID
    words = f"In all, firms paid coalitions {number(paid, 2)}{over}; "
    if chosen.empty:
        return words + "no pot was shared out."
    pots = f"{plural(len(chosen), 'pot')} holding {number(float(chosen['pot'].sum()), 2)} came to be shared out"
    kept = float(chosen["pot"].sum() - chosen["paid"].sum())
    rest = f" and a public share was {number(kept, 2)}" if round(kept, 2) > 0 else ""
    return f"{words}{pots}, of which members got {number(float(chosen['paid'].sum()), 2)}{rest}."
