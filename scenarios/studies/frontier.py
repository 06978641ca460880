"""Frontier: what institutions achieve against how unequally they pay, at the participation that surveys report.

An institution is a way to decide, to bargain and to share out. Every one is played with every lever, on the same
splits and seeds of behaviour, beside people who have none: each alone, chance, a dictator, an oracle. The plan is
frozen before the first run. Shares of the variance answer whether it matters more how people govern their data or which
lever they pull; they are of the levels that the plan crosses, and no law of nature.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ...ml_tasks.settings import InputError
from ..files import source
from ..folder import write as write_file
from ..sweeps.analysis.cases import Cases, read_cases
from ..sweeps.analysis.citations import bibliography
from ..sweeps.frozen import freeze
from ..sweeps.runs import planned
from ..sweeps.sweep import Standing, sweep
from ..versions import versions
from .frontier_pictures import frontier_picture, parts_picture, shares_picture
from .frontier_tables import AUDIENCES, COLUMNS, GOVERNING, MEASURES, crossed, form_of, named, points, shares
from .study import Study, Table

CAUTION = (
    "Gap closed adds two parts that work differently: what the firm lost is there only while data are withheld, and "
    "what the rival gained stays with whoever has the copies. The same sum may be a weaker giant or a stronger rival."
)
PAID = (
    "Where the firm pays, nothing is carried out: gap closed is 0 in that round, and what was won is in the members' "
    "gain. An institution near 0 may be one that failed or one that was bought off (bought_off, share of rounds)."
)
LEVELS = (
    "Shares of the variance are of the levels that this plan crosses: had it wider ranges of rules, or levers closer "
    "to each other, the same people would give other shares."
)


@dataclass(frozen=True)
class FrontierStudy:
    """The settings of the study."""

    sweep: str = "frontier"
    """A sweep of the library, or a file of the same form."""
    engine: str = "processes"
    workers: int | None = None
    scheduler: str | None = None

    def __call__(self, out: Path, store: str = "default", watch: Callable[[Standing], None] | None = None) -> Study:
        """Freeze the plan, carry out what is left of it in `out`, and say what it found. Raises InputError."""
        found = planned(self.sweep)
        form_of(found.sweep, found.paths, found.where)
        plan = self._plan(out)
        freeze(plan)
        result = sweep(
            plan, engine=self.engine, workers=self.workers, scheduler=self.scheduler, store=store, out=out / "runs",
            watch=watch,
        )  # fmt: skip
        return frontier(result.folder)

    def _plan(self, out: Path) -> Path:
        """The sweep file: one's own, or a copy of the library's, beside which its frozen plan can lie."""
        where, text = source(self.sweep, "sweep")
        if where != self.sweep or Path(where).is_file():
            return Path(where)
        copy = out / f"{self.sweep}.yaml"
        try:
            out.mkdir(parents=True, exist_ok=True)
            if not copy.exists():
                write_file(copy, text.encode())
        except OSError as error:
            raise InputError("--out", f"{out} ({error.strerror})", "a folder that can be written") from None
        return copy


def frontier(folder: str | Path) -> Study:
    """What the runs of a frontier's sweep tell. Raises InputError for a sweep of another form."""
    cases = named(read_cases(folder))
    table, parts = points(cases), shares(cases)
    runs = cases.manifest["runs"]
    formula = cases.manifest["scenario"]["task"]["kind"] == "power_law"
    shown = ("participation", "lever", "institution", *MEASURES, "firm_lost", "rival_gained", "more_than_alone")
    return Study(
        name="frontier",
        title="Institutions: what they achieve, and how unequally they pay",
        lead=f"{cases.sweep.description} {'All scores are by a formula, not retraining.' * formula}".strip(),
        facts=[
            ("Runs", f"{runs['done']:,} done, {runs['failed']:,} failed, {runs['remaining']:,} remaining"),
            ("Evidence", cases.evidence[1]),
            ("Intervals", f"95 per cent, over {cases.over}"),
            *((measure, words) for measure, words in MEASURES.items()),
        ],
        tables={
            "frontier": Table(
                "Designed institutions that no other beats with as many taking part, mean over splits and seeds "
                f"(the files have all {len(table)} institutions and levers)",
                table, shown, {"on_front": True}, decimals=3,
            ),
            "shares": Table(
                "Shares of the variance between institutions, levers, participation, splits and seeds", parts,
                decimals=3,
            ),
        },
        columns=COLUMNS,
        pictures={
            "frontier_picture": frontier_picture(table),
            "parts_picture": parts_picture(table),
            "shares_picture": shares_picture(parts),
        },
        notes=[*_answers(parts), CAUTION, PAID, LEVELS, *_gaps(cases, table)],
        manifest={
            "sweep": cases.sweep.name, "digest": cases.manifest["digest"], "runs": runs,
            "confirmatory": cases.evidence[0], "frozen": cases.manifest.get("frozen", {}), "versions": versions(),
        },
        files={"references.bib": bibliography(cases)},
    )  # fmt: skip


def _answers(parts: pd.DataFrame) -> Iterator[str]:
    """Does governing matter more than the lever, and who gets paid? In the order of the outcomes."""
    for outcome, rows in parts.groupby("outcome", sort=False):
        share = dict(zip(rows["source"], rows["with_others"], strict=True))
        if not {"lever", GOVERNING} <= set(share):
            continue
        lever, governing = share["lever"], share[GOVERNING]
        if abs(lever - governing) < 0.01:
            more = "how people govern matters as much as which lever they pull"
        elif governing > lever:
            more = "how people govern matters more than which lever they pull"
        else:
            more = "which lever people pull matters more than how they govern"
        rest = {"dividend": "the dividend", "participation": "how many take part", "seed": "the seed of behaviour"}
        others = ", ".join(f"{words} {share[name]:.2f}" for name, words in rest.items() if name in share)
        yield (
            f"{str(outcome).replace('_', ' ')}: of its variance over these runs, {lever:.2f} has to do with the lever "
            f"and {governing:.2f} with how people govern (rule and bargain together), each with what it does jointly "
            f"with anything else: {more}. With the same reckoning: {others}."
        )


def _gaps(cases: Cases, table: pd.DataFrame) -> Iterator[str]:
    runs = cases.manifest["runs"]
    if lost := runs["failed"] + runs["remaining"]:
        yield f"{lost:,} runs failed or are still to come: shares of the variance are approximate, and may be unfair."
    empty = int(table["gini_corrected"].isna().sum())
    if empty:
        yield f"In {empty} of {len(table)} rows nobody was paid in any run, so that there is no Gini of payouts."
    if not crossed(cases):
        yield (
            "The arms do not cross every rule with every bargain and every dividend, so that what these three account "
            "for cannot be told apart: the variance is that of institutions as a whole."
        )
    if AUDIENCES[1] not in cases.runs:
        yield "The sweep does not measure the gap in the company's own view: the audience has no share."
