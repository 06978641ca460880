"""Curves: the production functions of every lever, from groups of people who pull it at several shares."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...ml_tasks.scores import RECORD_SETS
from ...valuation.production import ProductionFunction
from ..studies.bench import Bench
from .stage import MIRRORED, Effect, Members, Stage

Floats = NDArray[np.float64]
SCORED = {
    "holdout": ("holdout", "everybody, on hidden test records", "share of the gap from baseline to best"),
    "company": ("company", "each firm's own contributors, on a tenth of their own data",
                "share of the gap from baseline to best"),
    "money": ("holdout", "everybody, by what they use", "share of the incumbent's revenue"),
    "service": ("holdout", "the people who act", "quality of service, 1 with everybody's data and 0 without any"),
}  # fmt: skip
"""What is scored: the view it is read in, whose experience it is, and its unit."""


Reasons = dict[str, list[int]]
"""Why figures are left out, and of how many people these are."""


class Key(NamedTuple):
    """Names a production function."""

    lever: str
    scored: str


@dataclass(frozen=True)
class Measured:
    """What was measured of some levers."""

    functions: dict[Key, ProductionFunction]
    alone: dict[Key, ProductionFunction]
    """What the first person of every group moves alone."""
    runs: pd.DataFrame
    """One row an act and training seed."""
    left_out: dict[Key, Reasons]
    alone_left_out: dict[Key, str]
    """Why there is no figure for one person."""


def measured(stage: Stage, levers: Sequence[str], counts: Sequence[int], groups: int) -> Measured:
    """Let every group pull every lever at every number of people, and read what that moved."""
    rows = [row for group in range(groups) for row in _group(stage, levers, counts, group)]
    runs = pd.DataFrame(rows)
    found: dict[bool, dict[Key, ProductionFunction]] = {False: {}, True: {}}
    dropped: dict[bool, dict[Key, Reasons]] = {False: {}, True: {}}
    for lever in levers:
        for scored in SCORED:
            key, part = Key(lever, scored), runs[(runs["lever"] == lever) & (runs["scored"] == scored)]
            for alone in (False, True):
                function, reasons = _function(stage.bench, key, part[part["alone"] == alone], groups)
                if function is not None:
                    found[alone][key] = function
                if reasons:
                    dropped[alone][key] = reasons
    why = {key: "; ".join(reasons) for key, reasons in dropped[True].items()}
    return Measured(found[False], found[True], runs, dropped[False], why)


def _group(stage: Stage, levers: Sequence[str], counts: Sequence[int], group: int) -> Iterator[dict[str, object]]:
    acts = [act for lever in levers for act in _acts(stage.bench, lever, counts, group)]
    effects = stage.effects(group, [(lever, members) for lever, _, members in acts])
    for (lever, alone, members), effect in zip(acts, effects, strict=True):
        for scored in SCORED:
            power, reason = _read(effect, scored)
            for seed, gain in zip(stage.bench.retrainer.seeds, power, strict=True):
                yield {
                    "lever": lever, "scored": scored, "people": len(members), "alone": alone, "group": group,
                    "train_seed": seed, "gain": gain, "left_out": reason,
                }  # fmt: skip


def _acts(bench: Bench, lever: str, counts: Sequence[int], group: int) -> Iterator[tuple[str, bool, Members]]:
    """Who pulls a lever: the first in the group's order, and, where this costs no training, everybody but these. At a
    half both halves act, each in a world of its own, and their mean counts."""
    order, n = bench.order(group), bench.people
    yield lever, True, order[:1]
    for count in counts:
        yield lever, False, order[:count]
        if count == n // 2:
            yield lever, False, order[n - count :]
        elif lever in MIRRORED:
            yield lever, False, order[count:]


def _read(effect: Effect, scored: str) -> tuple[Floats, str]:
    if scored == "money":
        return effect.revenue, ""
    if scored == "service":
        return effect.service, ""
    view = next(view for view in RECORD_SETS if view == scored)
    return effect.leverage[view], effect.left_out[view]


def _function(bench: Bench, key: Key, part: pd.DataFrame, groups: int) -> tuple[ProductionFunction | None, Reasons]:
    """The function over those shares at which every group could be scored; which could not be, and why."""
    out = part.groupby("people")["left_out"].agg(lambda reasons: next((r for r in reasons if r), ""))
    broken = part.groupby("people")["gain"].agg(lambda gains: not np.isfinite(gains).all())
    good = [int(people) for people in out.index if not out[people] and not broken[people]]
    reasons: Reasons = {}
    for people in map(int, out.index):
        if people not in good:
            reasons.setdefault(out[people] or "nothing to divide by", []).append(people)
    if not good:
        return None, reasons
    cells = part[part["people"].isin(good)].groupby(["group", "train_seed", "people"])["gain"].mean()
    seeds = len(bench.retrainer.seeds)
    gains = cells.to_numpy().reshape(groups, seeds, len(good))
    view, audience, unit = SCORED[key.scored]
    shares = np.array(good) / bench.people
    return ProductionFunction(shares, gains, key.lever, view, audience, unit, exact(bench)), reasons


def exact(bench: Bench) -> bool:
    """Whether all groups of as many people are alike: a formula, and everybody has as many records."""
    return bench.task.formula and len(set(bench.task.records.tolist())) == 1


def numbers(bench: Bench, rates: Sequence[float]) -> list[int]:
    """How many people each rate is, without those that are nobody or the same number again."""
    half = bench.people // 2
    return sorted({min(round(rate * bench.people), half) for rate in rates} - {0})
