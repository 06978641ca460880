"""Tables of the frontier: a row for each institution, lever and participation; and whose the variance is."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...ml_tasks.settings import InputError
from ..sweeps.analysis.cases import Cases
from ..sweeps.analysis.paired import paired
from ..sweeps.sweep_file import Sweep

Floats = NDArray[np.float64]
OUTCOMES = ("gap_closed", "gini_corrected", "members_gain")
PARTS = ("firm_lost", "rival_gained")
AUDIENCES = ("gap_closed", "gap_closed_company")
"""The same outcome to everybody, and to each firm's own contributors."""
MEASURES = {
    "gap_closed": "of the gap between a model with nobody's data and one with everybody's, what the campaign closes "
    "between firm and rival, against the same round had nobody acted; mean over rounds, everybody's experience",
    "gini_corrected": "Gini of the payouts among members, without what noise of the values adds, mean over rounds",
    "members_gain": "what a member has of it, in money a round: payout and change of service, less effort and dues",
}
GOVERNED = ("rule", "bargain", "dividend")
DESIGN = ("lever", *GOVERNED, "participation")
GOVERNING = "how people govern (rule and bargain)"
TOGETHER = {GOVERNING: ("rule", "bargain"), "institution (rule, bargain and dividend)": GOVERNED}
ALONE = "each alone"
COLUMNS = {
    "participation": "share of people who would act against the firm at all (users.propensity.share)",
    "lever": "the only lever on the ballot",
    "institution": "rule, bargain and dividend; or what stands in their place, for comparison",
    "rule": "how members decide; empty where they do not",
    "bargain": "whether and how they bargain before they act; empty where members do not decide",
    "dividend": "how the pot is split among members; empty where members do not decide",
    "designed": "whether members decide; else it is there for comparison",
    "runs": "runs that finished",
    **MEASURES,
    "gini": "the same Gini with the noise, of the payouts as they were made",
    "firm_lost": "the part of gap_closed that the firm lost",
    "rival_gained": "the part of gap_closed that the rival gained",
    "gap_closed_company": "gap_closed by each firm's own view, of its contributors",
    "members": "members, mean over rounds",
    "compliers": "members who did what was decided, mean over rounds",
    "bought_off": "share of rounds in which the firm paid for their not acting",
    "pot": "money shared out in a round",
    "more_than_alone": "gap_closed less that of the same people each alone, with the same lever: paired by split and "
    "seed; not corrected for how many there are",
    "on_front": "whether no other designed institution, with any lever and as many taking part, has both a gap closed "
    "as large and a Gini as small, by their means",
    "outcome": "whose variance it is",
    "source": "what the variance is due to; split: which records are tests and who begins where; seed: of behaviour",
    "alone": "share of the variance between its levels, all else averaged [eta squared]",
    "with_others": "the same with what it does jointly with anything else: what is lost of what all sources explain if "
    "it is left out",
    "alone_lowest": "the lowest share `alone` within any one split; empty for the split itself",
    "alone_highest": "the highest",
}
COLUMNS |= {f"{name}_{end}": f"{end} end of its interval" for name in (*MEASURES, *PARTS, "more_than_alone")
            for end in ("low", "high")}  # fmt: skip


@dataclass(frozen=True)
class Form:
    """What a frontier's sweep crosses, read off its settings and the names of its arms."""

    lever: str
    """Path of the levers."""
    participation: str
    """Path of the share of people who take part."""
    designed: Mapping[str, Sequence[str]]
    """Rule, bargain and dividend by arm, of those in which members decide."""


def form_of(sweep: Sweep, paths: Sequence[str], where: str) -> Form:
    """Raises InputError for a sweep that is not of the form that the study needs."""
    missing = [name for name in (*OUTCOMES, *PARTS) if name not in sweep.outputs]
    if missing:
        raise InputError(f"{where}: outputs", f"no {missing[0]}", f"outputs {', '.join((*OUTCOMES, *PARTS))}")
    parts = {arm: arm.split(" - ") for arm in sweep.arms}
    designed = {arm: words for arm, words in parts.items() if len(words) == 3}
    if len(designed) < 2 or any(len(words) not in (1, 3) for words in parts.values()):
        expected = "at least two named 'rule - bargain - dividend', and others of one name"
        raise InputError(f"{where}: arms", ", ".join(parts) or "none", expected)
    return Form(
        _path(paths, "charter.options", "the levers, each alone on the ballot", where),
        _path(paths, "propensity.share", "the shares of people who take part", where),
        designed,
    )


def named(cases: Cases) -> Cases:
    """The cases with columns for what an institution is made of. Raises InputError for a sweep of another form."""
    form, runs = form_of(cases.sweep, cases.manifest_paths, str(cases.folder)), cases.runs
    parts = {
        part: runs["arm"].map({arm: words[i] for arm, words in form.designed.items()}).fillna("")
        for i, part in enumerate(GOVERNED)
    }
    return replace(
        cases,
        runs=runs.assign(
            lever=runs[form.lever].map(_kinds), participation=runs[form.participation], institution=runs["arm"],
            designed=runs["arm"].isin(form.designed), **parts,
        ),
    )  # fmt: skip


def points(cases: Cases) -> pd.DataFrame:
    """A row for each participation, lever and institution, with intervals of the main outcomes."""
    keys = ["participation", "lever", "institution", "rule", "bargain", "dividend", "designed"]
    alone = cases.done[cases.done["institution"] == ALONE]
    rows = []
    for key, part in cases.done.groupby(keys, sort=False):
        row: dict[str, Any] = {**dict(zip(keys, key, strict=True)), "runs": len(part)}
        for name in (*OUTCOMES, *PARTS):
            found = cases.mean(part, name)
            row |= {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
        row |= {name: float(part[name].mean()) for name in cases.outputs if name in COLUMNS and name not in row}
        same = alone[(alone["participation"] == row["participation"]) & (alone["lever"] == row["lever"])]
        rows.append(row | _more(part, same))
    table = pd.DataFrame(rows)
    return table.assign(on_front=_on_front(table))


def crossed(cases: Cases) -> bool:
    """Whether every rule stands with every bargain and every dividend. Only then can the variance be told apart by
    these three."""
    institutions = cases.runs.loc[cases.runs["designed"], list(GOVERNED)].drop_duplicates()
    return len(institutions) == np.prod([institutions[part].nunique() for part in GOVERNED])


def shares(cases: Cases) -> pd.DataFrame:
    """Whose the variance of each outcome is, over the designed institutions; of institutions as a whole where their
    parts are not crossed."""
    done = cases.done[cases.done["designed"]].rename(columns={"data_seed": "split"})
    rows: list[dict[str, Any]] = []
    design = DESIGN if crossed(cases) else ("lever", "institution", "participation")
    for outcome in OUTCOMES:
        sources = [*design, "split", "seed"]
        frame = done
        if outcome == AUDIENCES[0] and AUDIENCES[1] in done:
            frame = pd.concat([done.assign(audience=name, gap_closed=done[name]) for name in AUDIENCES])
            sources.append("audience")
        sources = [name for name in sources if frame[name].nunique() > 1]
        known = frame.dropna(subset=[outcome])
        rows += list(_shares(known, outcome, sources)) if len(known) else []
    return pd.DataFrame(rows)


def _shares(frame: pd.DataFrame, outcome: str, sources: Sequence[str]) -> Iterator[dict[str, Any]]:
    groups = {name: (name,) for name in sources} | {
        name: members for name, members in TOGETHER.items() if set(members) <= set(sources)
    }
    within = [part for _, part in frame.groupby("split")]
    for name, members in groups.items():
        others = [source for source in sources if source not in members]
        each = [_between(part, outcome, members) for part in within] if name != "split" else [np.nan]
        yield {
            "outcome": outcome, "source": name, "alone": _between(frame, outcome, members),
            "with_others": _between(frame, outcome, sources) - _between(frame, outcome, others),
            "alone_lowest": min(each), "alone_highest": max(each),
        }  # fmt: skip


def _between(frame: pd.DataFrame, outcome: str, members: Sequence[str]) -> float:
    """Share of an outcome's sum of squares that is between the cells of these factors."""
    y = frame[outcome].to_numpy(dtype=np.float64)
    total = float(((y - y.mean()) ** 2).sum())
    if total == 0:
        return float("nan")
    if not members:
        return 0.0
    means = frame.groupby(list(members))[outcome].transform("mean").to_numpy()
    return float(((means - y.mean()) ** 2).sum()) / total


def _more(part: pd.DataFrame, alone: pd.DataFrame) -> dict[str, float]:
    """Gap closed beyond that of the same people each alone, paired by split and seed."""
    sides = [rows.groupby(["data_seed", "seed"])["gap_closed"].mean().unstack() for rows in (part, alone) if len(rows)]
    if len(sides) < 2:
        return {"more_than_alone": np.nan, "more_than_alone_low": np.nan, "more_than_alone_high": np.nan}
    first, second = sides[0].align(sides[1])
    found = paired(first.to_numpy(dtype=np.float64), second.to_numpy(dtype=np.float64))
    return {
        "more_than_alone": found.difference, "more_than_alone_low": found.low, "more_than_alone_high": found.high,
    }  # fmt: skip


def _on_front(table: pd.DataFrame) -> NDArray[np.bool_]:
    found = np.zeros(len(table), dtype=bool)
    for _, part in table[table["designed"]].dropna(subset=["gini_corrected"]).groupby("participation"):
        gap, gini = part["gap_closed"].to_numpy(), part["gini_corrected"].to_numpy()
        ahead = (gap[:, None] >= gap) & (gini[:, None] <= gini) & ((gap[:, None] > gap) | (gini[:, None] < gini))
        found[part.index.to_numpy()[~ahead.any(axis=0)]] = True
    return found


def _path(paths: Sequence[str], end: str, what: str, where: str) -> str:
    found = [path for path in paths if path.endswith(end)]
    if len(found) != 1:
        raise InputError(f"{where}: vary", f"{len(found)} settings ending in {end}", f"one: {what}")
    return found[0]


def _kinds(options: str) -> str:
    """The levers on a ballot, as results keep them, in words."""
    found = json.loads(options)
    return " or ".join(option if isinstance(option, str) else option["kind"] for option in found)
