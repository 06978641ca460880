"""Contrasts: each arm of a sweep against another, paired by what they share: point, split and seed of behaviour.

Intervals are over what is independent of each other: splits of the data, where there are several. Only pairs in which
both runs finished and the output is defined count; the others are listed one by one.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from ...reports.markup import plural
from .cases import Cases
from .paired import holm, paired

FEWEST = 5
"""Splits below which a report says that they are few."""
_KEY = ["point", "data_seed", "replicate"]
COLUMNS = {
    "against": "the arm it is compared with: differences are arm minus against",
    "role": "primary or other, as the sweep file names outputs; all: it names none as primary",
    "evidence": "confirmatory: a primary output of a sweep that was run as frozen beforehand; else exploratory",
    "pairs": "pairs of runs that count: same point, split and seed of behaviour, output defined under both arms",
    "left_out": "pairs of which a run failed, is still to come, or leaves the output undefined; runs that were "
    "played are in contrasts_left_out",
    "units": "independent units: splits of the data where there are several, else seeds of behaviour, or points drawn",
    "arm_mean": "mean under the arm, over the units",
    "against_mean": "mean under the arm it is compared with, over the units",
    "difference": "mean paired difference, in the output's own unit",
    "stderr": "its standard error, by units and by what the seeds that they share add; empty with one unit, and where "
    "all differences are equal",
    "freedom": "degrees of freedom of its Student's t [S46]",
    "d_z": "Cohen's d_z: difference over the standard deviation of paired differences (averaged over points). Common "
    "seeds make it large [L13]",
    "d_av": "Cohen's d_av: difference over the mean of the two arms' standard deviations [L13]. Neither is corrected "
    "for small samples",
    "p": "two-sided, Student's t, by itself",
    "p_holm": "p corrected by Holm over the tests of its family: all contrasts of all outputs with the same role [H79]",
    "tests": "tests in that family, those without a p value too",
    "remark": "what to mind",
    "why": "why its pair is left out",
}


@dataclass(frozen=True)
class Contrast:
    """Two arms, compared."""

    arm: str
    against: str

    def __str__(self) -> str:
        return f"{self.arm} - {self.against}"


def declared(cases: Cases) -> Sequence[Contrast]:
    """The contrasts that the sweep file asks for: every arm against the first, or every two arms."""
    arms = list(cases.sweep.arms)
    pairs = combinations(arms, 2) if cases.sweep.contrasts == "all" else ((arms[0], arm) for arm in arms[1:])
    return [Contrast(arm, against) for against, arm in pairs]


def contrasts(cases: Cases) -> pd.DataFrame:
    """A row for each output (primary ones first) and contrast, over all points, corrected by Holm."""
    rows = []
    for output in ordered(cases):
        for contrast in declared(cases):
            found = _row(cases, contrast, _pairs(cases, output, contrast))
            part = role(cases, output)
            sure = "confirmatory" if part == "primary" and cases.evidence[0] else "exploratory"
            rows.append({"output": output, "role": part, "evidence": sure, **found})
    table = pd.DataFrame(rows)
    if table.empty:
        return table
    table["p_holm"], table["tests"] = np.nan, 0
    for _, family in table.groupby("role"):
        table.loc[family.index, "p_holm"] = holm(family["p"].tolist())
        table.loc[family.index, "tests"] = len(family)
    return table[[*(name for name in table if name != "remark"), "remark"]]


def by_point(cases: Cases) -> pd.DataFrame:
    """The same at each point by itself, not corrected; empty where points are what is independent, or there is one."""
    if unit(cases) in ("point", "block") or int(cases.manifest["points"]) < 2:
        return pd.DataFrame()
    settings = cases.runs.groupby("point")[list(cases.manifest_paths)].first()
    rows: list[dict[str, Any]] = []
    for output in ordered(cases):
        for contrast in declared(cases):
            for point, part in _pairs(cases, output, contrast, even=False).groupby("point"):
                place = {"output": output, "point": point, **{str(path): settings.at[point, path] for path in settings}}
                rows.append({**place, **_row(cases, contrast, part)})
    return pd.DataFrame(rows)


def left_out(cases: Cases) -> pd.DataFrame:
    """A row for each output and each run that leaves a pair without one of its two halves."""
    columns = ["output", "run", "point", "arm", "data_seed", "seed"]
    rows = []
    for output in ordered(cases):
        lost = cases.runs[cases.runs[output].isna()].assign(output=output)
        why = np.where(lost["status"] == "done", "the output is undefined", lost["status"])
        rows.append(lost[columns].assign(why=why))
    return pd.concat(rows, ignore_index=True) if rows and declared(cases) else pd.DataFrame()


def unit(cases: Cases) -> str:
    """The column whose values are independent: where there are several splits, always these."""
    return "data_seed" if cases.runs["data_seed"].nunique() > 1 else cases.unit


def role(cases: Cases, output: str) -> str:
    return "all" if not cases.sweep.primary else "primary" if output in cases.sweep.primary else "other"


def ordered(cases: Cases) -> list[str]:
    """Outputs that are amounts, primary ones first."""
    return sorted(cases.outputs, key=lambda name: role(cases, name) == "other")


def terms(cases: Cases) -> str:
    """How contrasts were made, in words."""
    return (
        "Paired by point, split and seed of behaviour, and averaged over points. 95 per cent intervals (Student's t) "
        f"are over {_over(cases)}, and not corrected for how many there are; p values are, by Holm over "
        f"{_families(cases)}."
    )


def _over(cases: Cases) -> str:
    if unit(cases) == "seed":
        return "seeds of behaviour, given the split"
    many = cases.runs["data_seed"].nunique()
    return cases.and_seeds(f"{many} splits of the data") if unit(cases) == "data_seed" else cases.over


def notes(cases: Cases, table: pd.DataFrame) -> Iterator[str]:
    """What a reader of the contrasts has to mind."""
    splits = cases.runs["data_seed"].nunique()
    if splits == 1:
        yield (
            "Contrasts: there is one split of the data. Their intervals say what other seeds of behaviour would "
            "change, not what another split would."
        )
    elif splits < FEWEST:
        yield f"Contrasts: their intervals are over {splits} splits, fewer than five: too few to rely on their width."
    if lost := int(table["left_out"].sum()):
        yield (
            f"Contrasts: {plural(lost, 'pair')} left out, counted for each output and contrast, as one of the two "
            "runs failed, is still to come, or leaves the output undefined (contrasts_left_out). If that depends on "
            "the arm, the rest is not a fair comparison."
        )
    if cases.firsts:
        yield f"Contrasts: {', '.join(cases.firsts)}: a round that may never come has no paired difference."


def _families(cases: Cases) -> str:
    n, counts = len(declared(cases)), Counter(role(cases, output) for output in ordered(cases))
    names = {"primary": "primary output", "other": "other output", "all": "output"}
    told = [f"{plural(n, 'contrast')} x {plural(count, names[key])}" for key, count in counts.items()]
    return " and, apart from these, ".join(told)


def _pairs(cases: Cases, output: str, contrast: Contrast, even: bool = True) -> pd.DataFrame:
    """Both runs of each pair side by side, nan where one is missing, failed, or undefined."""
    runs = cases.even if even else cases.runs
    runs = runs.assign(block=runs["point"] // cases.block)
    halves = [runs.loc[runs["arm"] == arm].set_index(_KEY) for arm in (contrast.arm, contrast.against)]
    known = pd.concat([half[["seed", "block"]] for half in halves])
    whole = known[~known.index.duplicated()].sort_index()
    sides = {name: half[output].reindex(whole.index) for name, half in zip(("first", "second"), halves, strict=True)}
    return whole.assign(**sides).reset_index()


def _row(cases: Cases, contrast: Contrast, pairs: pd.DataFrame) -> dict[str, Any]:
    both = pairs.dropna(subset=["first", "second"])
    by = unit(cases)
    # Seeds that are the units have no second side.
    means = both.assign(column=0 if by == "seed" else both["seed"]).groupby([by, "column"])[["first", "second"]].mean()
    first, second = (means[side].unstack().to_numpy(dtype=np.float64) for side in ("first", "second"))
    sides = means.groupby(level=0).mean()
    return {
        "arm": contrast.arm, "against": contrast.against, "pairs": len(both), "left_out": len(pairs) - len(both),
        "arm_mean": sides["first"].mean(), "against_mean": sides["second"].mean(), **asdict(paired(first, second)),
    }  # fmt: skip
