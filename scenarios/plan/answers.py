"""Answers: what the production functions say to somebody who plans a campaign; one row a lever and scoring."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...coalitions.levers import LEVERS
from ...valuation.critical_mass import CriticalMass, Willingness, tipping_point
from ...valuation.production import Interval, ProductionFunction
from .columns import COLUMNS_OF_ANSWERS
from .curves import Key, Measured
from .stage import MEASURES

TENTH = 0.1
"""What the next 1 per cent add is also told at this share."""
PLANNED = ("holdout", "company", "money")
"""What a target can be set in."""
BARRIERS: Mapping[str, tuple[str, str]] = {
    "strike": ("moderate", "low: in line with privacy law"),
    "delete_and_boycott": ("moderate", "low: in line with privacy law"),
    "redirect": ("low", "moderate: privacy, other harmful uses"),
    "redirect_with_deletion": ("moderate", "moderate: as redirect"),
    "unlink": ("not told; assumed as a strike", "not told; assumed low"),
    "poison": ("highest: skill", "serious; found, it is a strike"),
}
"""Barrier to entry, and legal or ethical concern [VLTCH21]; a lever made of two has the higher of each. Of `unlink`
they tell neither: its effort is assumed, as `list priors levers.unlink` says."""


@dataclass(frozen=True)
class Asked:
    """What somebody wants to know."""

    target: float
    people: int
    worth: float


def rows(found: Measured, levers: Sequence[str], asked: Asked) -> pd.DataFrame:
    """A row for every lever and every scoring that could be measured."""
    return pd.DataFrame([row for lever in levers for row in _of(found, lever, asked)], columns=list(COLUMNS_OF_ANSWERS))


def _of(found: Measured, lever: str, asked: Asked) -> Iterator[dict[str, object]]:
    barrier, legal = BARRIERS[lever]
    for scored in PLANNED:
        key = Key(lever, scored)
        start = {"lever": lever, "scored": scored, "measure": "money" if scored == "money" else MEASURES[lever],
                 "effort": LEVERS[lever](target="", rival="").effort, "barrier": barrier, "legal_risk": legal}  # type: ignore[call-arg]  # fmt: skip
        function = found.functions.get(key)
        if function is None:
            yield start
            continue
        willing = Willingness(float(str(start["effort"])), asked.worth)
        yield {
            **start,
            **_alone(found, key),
            **_numbers(function, willing, asked),
            **_costs(found, function, lever, asked),
        }


def _numbers(function: ProductionFunction, willing: Willingness, asked: Asked) -> dict[str, object]:
    needed, bend = function.needed(asked.target), function.curvature
    half = function.upto(max(0.5, float(function.shares[0]))).curvature
    mass, committed = tipping_point(function, willing)
    there = function.marginal(needed.value) if np.isfinite(needed.value) else Interval(np.nan)
    return {
        "audience": function.audience, "unit": function.unit, "measured_from": float(function.shares[0]),
        "measured_to": function.reach, "groups": function.groups,
        **_spread("share_needed", needed),
        **{name.replace("share", "people"): people(value, asked.people)
           for name, value in _spread("share_needed", needed).items()},
        **_read_between(function, needed.value),
        "moved_at_most": float(function.mean.max()),
        **_spread("next_percent_there", there),
        **_spread("next_percent_at_tenth", function.marginal(TENTH)),
        **_spread("moved_by_tenth", function.at(TENTH)),
        **_spread("curvature", bend), "curvature_to_half": half.value, "shape": function.shape,
        **_spread("critical_mass", committed), **_tips(mass),
    }  # fmt: skip


def _read_between(function: ProductionFunction, share: float) -> dict[str, float]:
    """The measured shares on either side of the share needed."""
    if not np.isfinite(share):
        return {"read_after": np.nan, "read_before": np.nan}
    place = int(np.searchsorted(function.shares, share - 1e-12))
    return {
        "read_after": float(function.shares[place - 1]) if place else 0.0,
        "read_before": float(function.shares[place]),
    }


def _alone(found: Measured, key: Key) -> dict[str, object]:
    function = found.alone.get(key)
    if function is None:
        return {"alone": np.nan, "alone_left_out": found.alone_left_out[key]}
    return {**_spread("alone", function.at(function.reach)), "alone_left_out": ""}


def _tips(mass: CriticalMass) -> dict[str, object]:
    return {"tips_at": mass.tipping, "rests_at": mass.rest, "rests_beyond": mass.beyond}


def _costs(found: Measured, function: ProductionFunction, lever: str, asked: Asked) -> dict[str, object]:
    """What members and the incumbent lose at the share that is needed; if it is not reached, at the largest."""
    share = min(function.needed(asked.target).value, function.reach)
    service, money = (found.functions[Key(lever, scored)] for scored in ("service", "money"))
    return {
        "costs_at": share, **_spread("service_lost", service.at(share)), **_spread("revenue_lost", money.at(share)),
        "joint_each": function.at(share).value / max(people(share, asked.people), 1),
    }  # fmt: skip


def _spread(name: str, found: Interval) -> dict[str, float]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def people(share: float, of: int) -> float:
    """The smallest number of whole people that is at least a share; inf and nan stay."""
    return float(np.ceil(share * of - 1e-9)) if np.isfinite(share) else share


def curve_rows(found: Measured, asked: Asked) -> pd.DataFrame:
    """Every production function at the shares where it was measured."""
    return pd.DataFrame([
        {
            "lever": key.lever, "scored": key.scored, "audience": function.audience, "unit": function.unit,
            "share": share, "people": round(share * asked.people), **_spread("moved", function.at(share)),
            **_spread("next_percent", function.marginal(share)),
        }
        for key, function in found.functions.items()
        for share in map(float, function.shares)
    ])  # fmt: skip
