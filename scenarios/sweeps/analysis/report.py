"""What a sweep's analysis found, as tables, pictures and a page."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from ....ml_tasks.settings import InputError
from ...reports.markup import plural
from ...studies.study import Picture, Study, Table
from ...versions import versions
from ..designs import Grid, Morris, Saltelli
from . import contrasts, pictures
from .cases import Cases, read_cases
from .citations import bibliography
from .contrast_pictures import contrasts_picture
from .effects import REST, SEED, distributions, main_effects, shares
from .indices import indices
from .precision import COLUMNS as PRECISION
from .precision import note, precision
from .regions import discovery, front, regression
from .survival import survival

COLUMNS = {
    "output": "the output, as the sweep file names it",
    "setting": f"the setting, by its path in the scenario; arm and data_seed are the sweep's own; '{SEED}': what runs "
    f"with the same settings differ by; '{REST}': what settings do beyond the sum of what each does by itself",
    "value": "the setting's value, or a fifth of its values",
    "place": "where the value stands on an axis: itself, the middle of a fifth, or a word's place in the list",
    "runs": "runs that finished and count here",
    "undefined": "of the runs that finished, those in which the output is undefined",
    "mean": "mean; empty where the runs fall into two groups, so that it would stand for none of them",
    "low": "lower end of the 95 per cent interval",
    "high": "upper end of it",
    "sd": "standard deviation; empty where the runs fall into two groups",
    "lower_group": "mean of the lower group, where the runs fall into two (they explain nine tenths of the variance)",
    "upper_group": "mean of the upper group",
    "lowest": "lowest value", "quarter": "a quarter of the runs are below", "median": "half of the runs are below",
    "three_quarters": "three quarters of the runs are below", "highest": "highest value",
    "share": "share of the output's variance over all runs: eta squared of a setting, between its values. It is never "
    "below 0, so a setting that does nothing has a share too, of about (values - 1) / (runs - 1)",
    "with": "the other setting of a pair; empty for the setting by itself",
    "first": "Sobol index of the setting by itself, or of what a pair does together [S10]",
    "first_half_width": "half width of its 95 per cent bootstrap interval",
    "total": "Sobol index of the setting with all that it does together with others [S10]",
    "total_half_width": "half width of its 95 per cent bootstrap interval",
    "blocks": "whole blocks of the design that were used",
    "mean_effect": "mean elementary effect over the setting's range [M91]", "mean_size": "mean size of it",
    "size_half_width": "half width of the 95 per cent bootstrap interval of the mean size",
    "spread": "standard deviation of the elementary effects",
    "input": "a setting that is a number, or one value of a setting that is a word (against its first value)",
    "slope": "standard deviations of the output by one of the input, all other inputs held",
    "r_squared": "share of the variance that the regression explains",
    "score": "importance among extremely randomised trees; the scores of an output sum to 1",
    "predicted": "share of the variance that the trees predict of cases they were not shown; where it is near 0 or "
    "below, the scores mean nothing",
    "line": "the line that is crossed", "region": "what holds in the region",
    "points": "points (by arm and split) in the region", "density": "share of them that cross the line",
    "coverage": "share of all that cross the line which lies in the region",
    "round": "round, from 0: before the first",
    "not_yet": "share of the runs in which the level was not yet passed at the end of the round",
    "on_front": "whether no other point is better in one output and at least as good in the other",
    "run": "number of the run", "point": "number of the point", "arm": "name of the arm", "data_seed": "split",
    "seed": "seed of behaviour", "status": "failed, timed out or died", "error": "what went wrong",
}  # fmt: skip


def analysis(folder: str | Path, lines: Sequence[str] = (), pair: str | None = None) -> Study:
    """What a sweep's runs tell. `lines` such as "x>0.3" look for regions, `pair` such as "x,-y" for a front.

    Raises InputError for a folder without a run that finished, and for outputs that are not there.
    """
    cases = read_cases(folder)
    tables = {name: table for name, table in _tables(cases, lines, pair) if not table.frame.empty}
    if not tables:
        raise InputError(str(folder), "no output with a value", "a sweep in which an output is defined")
    runs = cases.manifest["runs"]
    columns = {**COLUMNS, **contrasts.COLUMNS, **PRECISION}
    for setting in cases.settings:
        columns.setdefault(setting.name, f"the setting {setting.name}")
    for output in cases.sweep.outputs:
        columns.setdefault(output, f"the output {output}, mean over seeds")
    formula = cases.manifest["scenario"]["task"]["kind"] == "power_law"
    return Study(
        name="analysis",
        title=f"Analysis of the sweep {cases.sweep.name}",
        lead=f"{cases.sweep.description} {'All scores are by a formula, not retraining.' * formula}".strip(),
        facts=[
            ("Runs", f"{runs['done']:,} done, {runs['failed']:,} failed, {runs['remaining']:,} remaining"),
            ("Design", _design(cases)),
            ("Settings that varied", ", ".join(setting.name for setting in cases.settings) or "none"),
            ("Evidence", cases.evidence[1]),
            ("Intervals", f"95 per cent, over {cases.over}, unless a caption says otherwise"),
        ],
        tables=tables,
        columns={name: columns[name] for t in tables.values() for name in t.frame.columns},
        pictures=dict(_pictures(cases, tables, pair)),
        notes=list(_notes(cases, tables)),
        manifest={
            "sweep": cases.sweep.name, "digest": cases.manifest["digest"], "runs": runs, "lines": list(lines),
            "front": pair or "", "confirmatory": cases.evidence[0], "versions": versions(),
        },
        files={"references.bib": bibliography(cases)},
    )  # fmt: skip


def _design(cases: Cases) -> str:
    kind = cases.manifest["sweep"]["design"]["kind"].replace("_", " ")
    arms = f" x {len(cases.sweep.arms)} arms" if cases.sweep.arms else ""
    splits = f" x {len(cases.sweep.data_seeds)} splits" if cases.sweep.data_seeds else ""
    most = cases.sweep.precision.max_replicates if cases.sweep.precision else None
    seeds = f"{cases.sweep.replicates} to {most} seeds" if most else plural(cases.sweep.replicates, "seed")
    return f"{kind}, {cases.manifest['points']:,} points{arms}{splits} x {seeds} of behaviour"


def _tables(cases: Cases, lines: Sequence[str], pair: str | None) -> Iterator[tuple[str, Table]]:
    yield "analysis", Table("How outputs are spread, over all runs", distributions(cases))
    if contrasts.declared(cases):
        yield from _contrasts(cases)
    if cases.sweep.precision:
        title = f"How exactly {cases.sweep.precision.output} is known, from all replicates of each point"
        yield "precision", Table(title, precision(cases), decimals=3)
    yield "effects", Table("What each setting does by itself", main_effects(cases), printed=False, decimals=3)
    yield "shares", Table("Shares of the variance (eta squared)", shares(cases), decimals=3)
    if isinstance(cases.sweep.design, Saltelli | Morris):
        title = "Sobol indices" if isinstance(cases.sweep.design, Saltelli) else "Elementary effects"
        yield "indices", Table(title, indices(cases), decimals=3)
    if not isinstance(cases.sweep.design, Grid | Morris | Saltelli):
        yield "regression", Table("Regression and feature scores", regression(cases), decimals=3)
    yield "survival", Table("How long until it happens", survival(cases), printed=False, decimals=3)
    if lines:
        yield "regions", Table("Where a line is crossed", discovery(cases, lines), decimals=3)
    if pair is not None:
        whole = front(cases, pair)
        yield "front", Table("What cannot both be had", whole, where={"on_front": True}, decimals=3)
    failed = cases.runs[cases.runs["status"] != "done"]
    settings = [s.name for s in cases.settings if s.name not in ("arm", "data_seed")]
    shown = failed[["run", "point", "arm", "data_seed", "seed", "status", "error", *settings]]
    yield "failures", Table("Runs that failed", shown, shown=("run", "point", "seed", "status", "error"))


def _contrasts(cases: Cases) -> Iterator[tuple[str, Table]]:
    shown = (
        "output", "evidence", "arm", "against", "pairs", "left_out", "difference", "low", "high", "d_z", "d_av",
        "p_holm", "remark",
    )  # fmt: skip
    title, found = "Arms against each other, on common seeds", contrasts.contrasts(cases)
    yield "contrasts", Table(title, found, shown, note=contrasts.terms(cases))
    yield "contrasts_by_point", Table("The same at each point", contrasts.by_point(cases), printed=False)
    lost = contrasts.left_out(cases)
    yield "contrasts_left_out", Table("Runs whose pairs are left out of contrasts", lost, printed=False)


def _pictures(cases: Cases, tables: dict[str, Table], pair: str | None) -> Iterator[tuple[str, Picture]]:
    frames: dict[str, pd.DataFrame] = {name: table.frame for name, table in tables.items()}
    if "analysis" in frames:
        yield "distributions", pictures.distributions_picture(cases, frames["analysis"])
    if "contrasts" in frames:
        yield "contrasts_picture", contrasts_picture(frames["contrasts"])
    if "effects" in frames:
        yield "effects_picture", pictures.effects_picture(cases, frames["effects"])
        if isinstance(cases.sweep.design, Grid) and (heat := pictures.heat_picture(cases)):
            yield "heat_map", heat
    if "indices" in frames:
        yield "indices_picture", pictures.indices_picture(frames["indices"])
    if "regression" in frames:
        yield "regression_picture", pictures.slopes_picture(frames["regression"])
    if "survival" in frames:
        yield "survival_picture", pictures.survival_picture(cases, frames["survival"])
    if "front" in frames and pair is not None:
        names = [part.strip().lstrip("+-") for part in pair.split(",")]
        yield "front_picture", pictures.front_picture(cases, frames["front"], names)


def _notes(cases: Cases, tables: dict[str, Table]) -> Iterator[str]:
    runs = cases.manifest["runs"]
    if runs["remaining"]:
        yield f"{runs['remaining']:,} runs are still to come: what is told here may change."
    if runs["failed"]:
        yield (
            f"{runs['failed']:,} runs failed and are left out. If they failed because of their settings, what is left "
            "is not a fair picture of those settings."
        )
    if cases.sweep.replicates == 1:
        yield "Each point has one seed of behaviour: what chance does cannot be told from what settings do."
    if cases.sweep.precision:
        yield note(cases)
    if cases.firsts:
        names = ", ".join(cases.firsts)
        yield f"{names}: a round that may never come has no mean; see the survival curves."
    if "contrasts" in tables:
        yield from contrasts.notes(cases, tables["contrasts"].frame)
