"""Sentences: one lever, as questions and answers."""

import math
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .forms import (
    Row,
    alone_said,
    critical,
    people_at,
    percent,
    percents,
    signed,
    signless,
    small,
    spread,
)

if TYPE_CHECKING:
    from .planning import Plan

_INDENT = 36
MOVES = {
    "lost": "the incumbent loses {} of the gap between baseline and best",
    "gained": "the rival comes {} of the way from where it is without these people to the level of everybody's data",
    "caught_up": "the rival has {} of the lead over the baseline that the incumbent then has",
    "money": "the incumbent loses {} of its revenue",
}


def sentences(plan: "Plan", lever: str, width: int) -> Iterator[str]:
    """One lever: questions and answers."""
    n, row = plan.bench.people, plan.answer(lever)
    if math.isnan(row.share_needed):
        yield f"{lever}: nothing could be measured."
        return
    each = max(round(0.01 * n), 1)
    goal = MOVES[row.measure].format(f"{plan.asked.target:g}")
    reached = math.isfinite(row.share_needed)
    answers = {
        "Lever": f"{lever}: {goal}.",
        "How many people?": f"{row.people_needed:,.0f} of {n:,} ({percent(row.share_needed)})."
        if reached
        else f"Not reached up to {percent(row.measured_to)} of the people, the most that was measured: at most "
        f"{signless(row.moved_at_most)} was moved.",
        "How sure?": _sure(plan, row),
        "What does the next joiner add?": _next(row, each, n),
        "What does one person do alone?": f"{alone_said(row)}; as one of {people_at(row, n):,} each moves "
        f"{small(row.joint_each)}. {_why_alone(row)}".strip(),
        "How does it bend?": f"{row['shape']}: A = {spread(row, 'curvature')} from 0 to {percent(row.measured_to)} of "
        f"the people ({row.audience}); {row.curvature_to_half:+.2f} up to a half.",
        "When do the others join?": _joining(row, n),
        "At what cost?": f"Effort {row.effort:g} of a person's own cost; members lose {signless(row.service_lost)} of "
        f"their quality of service; the incumbent loses {percents(row, 'revenue_lost')} of its revenue"
        + ("." if reached else f" (at {percent(row.costs_at)})."),
        "Barrier; legal or ethical concern": f"{row.barrier}; {row.legal_risk}"
        + ("." if lever == "unlink" else " [VLTCH21]."),
    }
    for question, answer in answers.items():
        first, *rest = textwrap.wrap(answer, width - _INDENT)
        yield f"{question:<{_INDENT}}{first}"
        yield from (f"{'':{_INDENT}}{line}" for line in rest)


def _sure(plan: "Plan", row: Row) -> str:
    if math.isnan(row.share_needed_low):
        return "It cannot be told from one group." if plan.asked.groups == 1 else "It cannot be told."
    if row.share_needed_low == row.share_needed_high == row.share_needed and plan.bench.task.formula:
        return "A formula: nothing is left to chance. Between the shares measured it is a straight line."
    low, high = row.people_needed_low, row.people_needed_high
    if math.isinf(low):
        return "The interval of 95 % holds no share up to there at which it is reached."
    ends = f"from {low:,.0f} to {high:,.0f}" if math.isfinite(high) else f"from {low:,.0f} on, without an upper end"
    return f"With 95 % confidence, {ends} people."


def _next(row: Row, each: int, n: int) -> str:
    there = (
        f"At the target the next 1 % ({each:,} people) add {spread(row, 'next_percent_there', 4)}. "
        if math.isfinite(row.next_percent_there)
        else ""
    )
    tenth = (
        f"When 10 % act, they have moved {signed(row.moved_by_tenth)} and the next 1 % add "
        f"{spread(row, 'next_percent_at_tenth', 4)}."
        if math.isfinite(row.next_percent_at_tenth)
        else "At 10 % nothing was measured."
    )
    return there + tenth


def _why_alone(row: Row) -> str:
    """What to make of the effect of one person."""
    if not math.isfinite(row.alone):
        return ""
    if row.measure in ("gained", "caught_up") and abs(row.alone) > 0.05:
        return "A rival without other data is a model of this one person."
    if row.alone_low <= 0 <= row.alone_high and row.alone_low < row.alone_high:
        return "That is no more than chance: the others' data say nearly the same."
    return "The others' data say nearly the same." if abs(row.alone) < 0.01 else ""


def _joining(row: Row, n: int) -> str:
    ends = f"{percent(row.rests_at)}{' or more (the end of what was measured)' if row.rests_beyond else ''}"
    if math.isinf(row.critical_mass):
        return f"Never by themselves, up to {percent(row.measured_to)} of the people."
    if row.critical_mass == 0:
        return f"As soon as anybody starts, up to {ends}."
    return (
        f"Once {critical(row)} are committed, whatever others do: at {percent(row.tips_at)} in all, joining runs on "
        f"by itself, to {ends}."
    )
