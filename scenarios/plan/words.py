"""Words: a plan on one screen."""

import math
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .curves import SCORED
from .forms import Row, alone, critical, needed, percent, signed, signless, small, spread
from .notes import notes
from .sentences import sentences

if TYPE_CHECKING:
    from .planning import Plan

WIDTH = 110
_NARROW = "\u00a0%"


def screen(plan: "Plan", folder: object = None) -> str:
    """The plan for a terminal."""
    lines = [f"Plan: {plan.bench.task.label}"]
    for term, words in facts(plan):
        lines += textwrap.wrap(f"{term}: {words}", WIDTH, subsequent_indent="    ")
    lines.append("")
    lines += list(sentences(plan, plan.levers[0], WIDTH) if len(plan.levers) == 1 else _compared(plan))
    lines.append("")
    for note in notes(plan):
        lines += textwrap.wrap(note, WIDTH, initial_indent="- ", subsequent_indent="  ")
    if folder is not None:
        lines += ["", f"Tables, codebook, picture and report: {folder} (open {folder}/report.html)"]
    return "\n".join(lines)


def facts(plan: "Plan") -> list[tuple[str, str]]:
    """What was asked, and of what."""
    asked, bench = plan.asked, plan.bench
    scale = plan.stage.line.scale(asked.view)
    metric = bench.task.yardstick.metrics[bench.task.yardstick.default]
    view, audience, unit = SCORED[asked.scored]
    rival = f"the data of {percent(asked.rival_data)} of them" if asked.rival_data else "no data"
    seeds = ", ".join(str(seed) for seed in bench.retrainer.seeds)
    how = "a formula, not retraining" if bench.task.formula else f"retraining with the seeds {seeds}"
    whose = audience if asked.unit == "money" else f"{audience} ({view} view)"
    return [
        ("Target", f"to move {asked.target:g}, as a {unit}; scored: {whose}"),
        (
            "People",
            f"{bench.people:,} with {bench.task.records.sum():,} training records. An incumbent has all their data, a "
            f"rival starts with {rival}",
        ),
        (
            "Scores",
            f"by {how}; {asked.groups} random group{'s' if asked.groups > 1 else ''} of people at every share. "
            f"Baseline, which needs nobody's data, and best, of everybody's: {metric.name.replace('_', ' ')} "
            f"{scale.baseline:.4f} and {scale.best.mean():.4f}",
        ),
    ]


def _compared(plan: "Plan") -> Iterator[str]:
    """Every lever: what it takes, what one more adds, and what it costs."""
    rows = plan.answered
    yield from _table(
        f"How many people move {plan.asked.target:g}, what the next 1 % add, and when the others join by themselves",
        rows,
        {
            "lever": lambda r: r.name,
            "people needed (95 % interval)": lambda r: needed(r),
            "share": lambda r: percent(r.share_needed) if math.isfinite(r.share_needed) else "-",
            "10 % move": lambda r: signed(r.moved_by_tenth),
            "next 1 % add then": lambda r: signed(r.next_percent_at_tenth),
            "next 1 % add at the target": lambda r: signed(r.next_percent_there),
            "critical mass (95 %)": lambda r: critical(r),
        },
    )
    yield ""
    yield from _table(
        "How it bends: A above 0 decelerating, below 0 accelerating; and what one person does alone and as one of them",
        rows,
        {
            "lever": lambda r: r.name,
            "A (95 % interval)": lambda r: spread(r, "curvature"),
            "from 0 to": lambda r: percent(r.measured_to),
            "shape": lambda r: r["shape"],
            "one alone (95 % interval)": lambda r: alone(r),
            "each, together": lambda r: small(r.joint_each),
        },
    )
    yield ""
    yield from _table(
        "At what cost, at that share (if the target is not reached: at the largest)",
        rows,
        {
            "lever": lambda r: r.name,
            "effort": lambda r: f"{r.effort:g}",
            "service lost": lambda r: signless(r.service_lost),
            "incumbent's revenue lost": lambda r: percent(r.revenue_lost),
            "barrier [VLTCH21]": lambda r: r.barrier,
            "legal or ethical concern [VLTCH21]": lambda r: r.legal_risk,
        },
        words={"barrier [VLTCH21]", "legal or ethical concern [VLTCH21]"},
    )


def _table(
    title: str, rows: Any, columns: Mapping[str, Callable[[Row], str]], words: Collection[str] = ()
) -> Iterator[str]:
    """A table whose words stand left and whose figures stand right; headings on as many lines as they need."""
    yield title
    cells = {head: [_cell(form, row) for _, row in rows.iterrows()] for head, form in columns.items()}
    built = []
    for head, body in cells.items():
        head = head.replace(" %", _NARROW)  # a number stays with its sign
        left = head == "lever" or head in words
        width = max([*map(len, body), *map(len, head.split()), min(len(head), 8)])
        lines = textwrap.wrap(head, width)
        lines = [line.replace(_NARROW, " %") for line in lines]
        built.append((lines, body, max(width, *map(len, lines)), left))
    tall = max(len(lines) for lines, *_ in built)
    for k in range(tall + len(rows)):
        line = []
        for lines, body, width, left in built:
            text = ([""] * (tall - len(lines)) + lines + body)[k]
            line.append(text.ljust(width) if left else text.rjust(width))
        yield "  ".join(line).rstrip()


def _cell(form: Callable[[Row], str], row: Row) -> str:
    """What a row says, or a dash where nothing could be measured."""
    try:
        found = form(row)
    except (TypeError, ValueError):
        return "-"
    return found if isinstance(found, str) and "nan" not in found else "-"
