"""Community: is a ready community worth more than scattered people? Leverage for what it costs, paired.

Every community of a scenario pulls every lever by itself, and so do people of no community with as many records, on the
same market with the same training seeds. The people are drawn anew for each draw; intervals are over draws.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ...agents.model import CoalitionModel
from ...agents.readiness import Pair, pairs
from ...coalitions.levers import Lever, Nothing, label_of
from ...ml_tasks.settings import InputError
from ...ml_tasks.store import ScoreStore, store_path
from ...valuation.leverage import mean_stderr
from ..files import changed, load
from ..observer import basis_of
from ..reports.charts import SETTINGS
from ..reports.curves import student
from ..reports.palette import COLOURS, GREY
from ..schema import Scenario
from .study import Picture, Study, Table

Floats = NDArray[np.float64]
Watch = Callable[[str], None]
SIDES = {"ready": "a ready community", "scattered": "scattered people"}
COLUMNS = {
    "lever": "what is pulled, by everybody of the group",
    "draw": "which draw of people and communities, from 0: the scenario's seed plus so much",
    "community": "which community of the draw, from 0",
    **{f"{side}_people": f"people: {words}" for side, words in SIDES.items()},
    **{f"{side}_records": f"their training records: {words}" for side, words in SIDES.items()},
    **{
        f"{side}_gap_closed": f"share of the gap between baseline and best that is closed, everybody, holdout: {w}"
        for side, w in SIDES.items()
    },
    **{f"{side}_cost": f"effort and service lost by all of them, money a round: {w}" for side, w in SIDES.items()},
    **{
        f"{side}_per_cost": f"gap closed for a unit of cost, all groups of a draw together: {words}; empty without cost"
        for side, words in SIDES.items()
    },
    "difference": "gap closed for a unit of cost, ready less scattered",
    "low": "lower end of the difference's 95 per cent Student-t interval over draws; empty with one",
    "high": "upper end of it",
    "seeds_stderr": "standard error of the mean difference over paired training seeds, given these people",
    "pairs": "communities of all draws, each with the people held against it",
    "basis": "how scores came about",
}


@dataclass(frozen=True)
class CommunityStudy:
    """The settings of the study."""

    scenario: str
    draws: int = 5

    def __call__(self, store: str = "default", watch: Watch | None = None) -> Study:
        """Run it all. Raises InputError for a scenario without communities or levers."""
        scenario = load(self.scenario)
        levers = self._levers(scenario)
        rows: list[dict[str, Any]] = []
        by_lever: dict[str, list[tuple[int, Pair]]] = {label_of(lever): [] for lever in levers}
        with threadpool_limits(1), ScoreStore(store_path(store)) as scores:
            for draw in range(self.draws):
                model = CoalitionModel(changed(scenario, seed=scenario.build().seed + draw), scores)
                for lever in levers:
                    if watch:
                        watch(f"{label_of(lever)}, draw {draw + 1} of {self.draws}")
                    for pair in pairs(model, lever):
                        rows.append(_row(label_of(lever), draw, pair, basis_of(model)))
                        by_lever[label_of(lever)].append((draw, pair))
            formula = model.formula
        table = pd.DataFrame(rows, columns=[c for c in COLUMNS if c in rows[0]])
        means = pd.DataFrame([_mean(name, found, formula) for name, found in by_lever.items()])
        return self._study(scenario, table, means)

    def _levers(self, scenario: Scenario) -> list[Lever]:
        world = scenario.build()
        if world.users.communities is None:
            raise InputError("SCENARIO", "a scenario without users.communities", "one with communities")
        if self.draws < 1:
            raise InputError("--draws", self.draws, "at least 1")
        options = [option for c in world.coalitions for option in c.charter.options if not isinstance(option, Nothing)]
        if not options:
            raise InputError("SCENARIO", "a scenario without levers", "one in which a coalition may act")
        return list({label_of(option): option for option in options}.values())

    def _study(self, scenario: Scenario, table: pd.DataFrame, means: pd.DataFrame) -> Study:
        resolved = scenario.resolved()
        return Study(
            name="community",
            title=f"Community or individuals in {resolved['name']}",
            lead="Each community pulls each lever by itself, and people of no community with as many records do so in "
            "its place: leverage for what it costs those who act, in pairs.",
            facts=[
                ("Draws of people and communities", str(self.draws)),
                ("Intervals", "95 per cent, Student t, over draws, given the split and the training seeds"),
                ("Scores", str(table["basis"].iloc[0])),
            ],
            tables={
                "community": Table(
                    "Gap closed for a unit of cost: mean over draws. People, gap and cost: of a group, mean over pairs",
                    means,
                    decimals=4,
                ),
                "community_pairs": Table("Every pair", table, printed=False),
            },
            columns={name: words for name, words in COLUMNS.items() if name in {*table, *means}},
            pictures={"community_picture": _picture(table, means)},
            manifest={"scenario": resolved, "draws": self.draws},
        )


def _row(lever: str, draw: int, pair: Pair, basis: str) -> dict[str, Any]:
    found: dict[str, Any] = {"lever": lever, "draw": draw, "community": pair.community}
    for name in ("people", "records", "gap_closed", "cost", "per_cost"):
        for side in SIDES:
            found[f"{side}_{name}"] = np.mean(getattr(getattr(pair, side), name)).item()
    for side in SIDES:
        found |= {f"{side}_{name}": int(found[f"{side}_{name}"]) for name in ("people", "records")}
    return {**found, "difference": found["ready_per_cost"] - found["scattered_per_cost"], "basis": basis}


def _mean(lever: str, found: list[tuple[int, Pair]], formula: bool) -> dict[str, Any]:
    """One lever: leverage of all communities of a draw for what it costs all of them, and the mean over draws.

    Of totals, not of ratios: where giving data to a service that one uses all but pays for itself, one group's ratio is
    as large as you like.
    """
    draws = sorted({draw for draw, _ in found})
    by_draw = {side: np.stack([_per_cost(found, draw, side) for draw in draws]) for side in SIDES}  # (draws, seeds)
    change = by_draw["ready"] - by_draw["scattered"]
    over_draws = change.mean(axis=1)
    half = float("nan")
    if len(draws) > 1:
        half = float(student(np.array([len(draws)], dtype=float))[0] * over_draws.std(ddof=1) / len(draws) ** 0.5)
    row: dict[str, Any] = {"lever": lever}
    for name in ("people", "gap_closed", "cost"):
        row |= {f"{s}_{name}": float(np.mean([np.mean(getattr(getattr(p, s), name)) for _, p in found])) for s in SIDES}
    middle = float(over_draws.mean())
    return {
        **row, **{f"{side}_per_cost": float(by_draw[side].mean()) for side in SIDES}, "difference": middle,
        "low": middle - half, "high": middle + half,
        "seeds_stderr": mean_stderr(change.mean(axis=0), formula)[1],
        "pairs": len(found),
    }  # fmt: skip


def _per_cost(found: list[tuple[int, Pair]], draw: int, side: str) -> Floats:
    """Of all groups of a side in a draw together, (seeds,); nan where they bear no cost."""
    groups = [getattr(pair, side) for drawn, pair in found if drawn == draw]
    gap, cost = np.sum([group.gap_closed for group in groups], axis=0), sum(group.cost for group in groups)
    return np.asarray(gap / cost if cost > 0 else np.full_like(gap, np.nan))


def _picture(table: pd.DataFrame, means: pd.DataFrame) -> Picture:
    """By lever: both sides in each draw, tied to each other, and their means."""
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(8.5, 1.2 + 1.3 * len(means)), layout="constrained")
        panels = np.atleast_1d(figure.subplots(len(means), 1))
        for axes, (_, mean) in zip(panels, means.iterrows(), strict=True):
            rows = table[table["lever"] == mean["lever"]].groupby("draw")
            sides = [rows[f"{side}_gap_closed"].sum() / rows[f"{side}_cost"].sum() for side in SIDES]
            axes.plot(sides, [[0] * len(rows), [1] * len(rows)], color=GREY, linewidth=1)
            for k, (side, values) in enumerate(zip(SIDES, sides, strict=True)):
                axes.plot(values, np.full(len(values), k), "|", color=COLOURS[k], markersize=9)
                axes.plot(mean[f"{side}_per_cost"], k, "os"[k], color=COLOURS[k])
            axes.set_yticks([0, 1], list(SIDES.values()))
            axes.set_ylim(1.5, -0.5)
            axes.set_title(mean["lever"], loc="left", fontsize=9.5)
        panels[-1].set_xlabel("gap closed for a unit of money that it costs those who act")
    caption = "Strokes: all groups of a draw together, each draw's two sides tied. Marks: means over draws."
    return Picture("Leverage for what it costs", caption, figure)
