"""What the study of dividends measures: the games of coalitions in every partition, records, carriers and votes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...agents.lines import Line
from ...ml_tasks import attributes
from ...ml_tasks.dealing import DEALS
from ...ml_tasks.settings import InputError
from ...ml_tasks.streams import Streams
from ...valuation.campaign import Scale
from ...valuation.carriers import joint_and_alone, votes
from ...valuation.claims import Claims
from ...valuation.comparison import Comparison, Estimation, compare_dividends
from ...valuation.game import RetrainingUtility, value_groups
from ...valuation.methods import METHODS, Method
from ...valuation.players import Family
from ...valuation.utility import UtilityTable
from ...valuation.values import Values
from .bench import Bench
from .dividend_findings import Figures
from .strike_groups import GROUPS

if TYPE_CHECKING:
    from .dividends import Dividends

Masks = Mapping[str, NDArray[np.bool_]]
VALUATIONS: Mapping[str, Method] = {
    "shapley": METHODS["shapley"](),
    "leave_one_out": METHODS["leave_one_out"](),
    "banzhaf": METHODS["banzhaf"](),
    "beta_16_1": METHODS["beta_shapley"](alpha=16.0, beta=1.0),
    "beta_1_16": METHODS["beta_shapley"](alpha=1.0, beta=16.0),
    "stand_alone": METHODS["stand_alone"](),
}
DEALT = ("one_each", "equal", "lognormal")
KEYS = ["coalitions", "method", "level", "transform"]
_DRAWS = 200
"""Of the true values, for the noise-corrected Gini; its own interval is not shown, that over partitions is."""
_MOST_RECORDS = 20_000
"""Above that the nearest-neighbour values of every record take minutes."""
_MOST_GROUPS = 12


class Contributors:
    """Those of a bench who have training records, and what shares of them are worth."""

    def __init__(self, bench: Bench, scale: Scale | None = None) -> None:
        """scale: of the same data in another deal, where nothing will be trained to measure it."""
        self.bench, self.task = bench, bench.task
        self.kept: NDArray[np.bool_] = self.task.records > 0
        self.count = int(self.kept.sum())
        self.names = tuple(np.array(self.task.contributors, dtype=object)[self.kept])
        self.held = self.task.records[self.kept].astype(float)
        self.scale: Scale = scale or Line("", bench.retrainer).scale()
        if not self.scale.measures:
            found = "a model with everybody's data that is no better than one with nobody's"
            raise InputError(self.task.label, found, "a task in which data are worth something")

    @cached_property
    def attributes(self) -> dict[str, Masks]:
        """Ages and genders, where they are known of everybody and are few."""
        found: dict[str, Masks] = {}
        if getattr(self.bench.settings, "data", "") not in attributes.PEOPLE:
            return found
        for column in ("gender", "age"):
            try:
                known = GROUPS[column](self.task)
            except InputError:  # no file of people beside the ratings: the study does without
                continue
            masks = {name: mask & self.kept for name, mask in known.items()}
            masks = {name: mask for name, mask in masks.items() if mask.any()}
            if 2 <= len(masks) <= _MOST_GROUPS:
                found[column] = masks
        return found

    @cached_property
    def alone(self) -> RetrainingUtility:
        """The game in which every person is a player."""
        holders = [[name] if kept else [] for name, kept in zip(self.task.contributors, self.kept, strict=True)]
        return RetrainingUtility(self.bench.retrainer, self.bench.everyone, Family.holders(holders), self.scale)

    def held_by(self) -> dict[str, float]:
        """How many people there are, and how many records they have."""
        return {"people": self.count, "records_mean": float(self.held.mean()), "records_most": float(self.held.max())}

    def places(self, masks: Masks) -> NDArray[np.int64]:
        """Each person's group, by its place among disjoint masks."""
        found: NDArray[np.int64] = np.stack(list(masks.values())).argmax(axis=0)[self.kept]
        return found

    def labels(self) -> dict[str, list[str]]:
        """Each person's gender, where it is known."""
        masks = self.attributes.get("gender", {})
        return {"gender": [list(masks)[i] for i in self.places(masks)]} if masks else {}

    def coalitions(self, k: int, partition: int) -> Masks:
        """The people in k parts as equal as can be, in the random order of a partition."""
        order = self.bench.order(partition)
        order = order[self.kept[order]]
        parts = np.split(order, [i * len(order) // k for i in range(1, k)])
        return {f"coalition {i}": _mask(part, len(self.kept)) for i, part in enumerate(parts, start=1)}

    def groupings(self, numbers: Sequence[int]) -> dict[str, Masks]:
        """Ways to tell people apart, the most telling last: coalitions of the first partition, or attributes."""
        return {**{f"{k} coalitions": self.coalitions(k, 0) for k in numbers}, **self.attributes}

    def worth(self, family: Family, method: str) -> Values:
        """Exact: the key of the draws is of no matter. Both Beta values have one name in METHODS, and two here."""
        found = value_groups(self.bench.retrainer, self.bench.everyone, family, self.scale, VALUATIONS[method], 0)
        return replace(found, method=method)

    @property
    def total(self) -> float:
        """v of everybody less v of nobody."""
        everybody = Family.of({"everybody": self.kept})
        utility = RetrainingUtility(self.bench.retrainer, self.bench.everyone, everybody, self.scale)
        return float(np.mean(utility(frozenset(everybody.names))) - np.mean(utility(frozenset())))


def _mask(members: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    found = np.zeros(n, dtype=bool)
    found[members] = True
    return found


def measured(study: "Dividends", people: Contributors) -> Figures:
    """What is measured in each partition and number of coalitions, one row a design."""
    # One order of coalitions after the other, the most first: the trainings of the fewer are then at hand.
    found = [
        [frame.assign(coalitions=k, partition=partition) for frame in _partition(study, people, k, partition)]
        for partition in range(study.groups)
        for k in reversed(study.coalitions)
    ]
    runs, values, ratios = (pd.concat(frames, ignore_index=True) for frames in zip(*found, strict=True))
    runs, values = (
        _first(frame, "coalitions", "partition").sort_values(
            ["coalitions", "partition"], kind="stable", ignore_index=True
        )
        for frame in (runs, values)
    )
    return Figures(runs, values, ratios, _dealt(study, people, runs))


def _partition(study: "Dividends", people: Contributors, k: int, partition: int) -> Iterator[pd.DataFrame]:
    """Payouts among k coalitions and among their people; the coalitions' values; ratios of medians by gender."""
    masks = people.coalitions(k, partition)
    family = Family.of(masks)
    group = people.places(masks)
    valued = [people.worth(family, method) for method in study.methods]
    records = np.bincount(group, people.held).astype(float)
    draws = _DRAWS if people.task.noise else 1  # where nothing is drawn, all draws are the values
    among = _compared([Claims(family.names, values, records) for values in valued], study, draws)
    shared = [
        Claims(people.names, values, people.held, group, how) for values in valued for how in ("equal", "records")
    ]
    inside = _compared(shared, study, 1, people.labels())
    columns = [*KEYS[1:], "gini", "hoover", "paid_nothing", "gini_corrected", "reliability", "fallback"]
    # Drawing true values is slow for many people, and coalitions' noise is all that there is.
    of_people = inside.designs.assign(gini_corrected=np.nan)
    yield pd.concat([among.designs.assign(level="coalition"), of_people], ignore_index=True)[columns]
    # A method's own words, the same in every partition; the comparison's speak of this one's values too.
    said = pd.DataFrame(
        [{"method": values.method, "adds_up": values.adds_up, "note": values.note} for values in valued]
    )
    spread = among.values.drop(columns="note").merge(said, on="method").assign(whole=people.total)
    yield spread[["method", "sd", "total", "whole", "adds_up", "reliability", "note"]]
    yield inside.attributes


def _compared(
    claims: list[Claims], study: "Dividends", draws: int, labels: Mapping[str, Sequence[str]] | None = None
) -> Comparison:
    return compare_dividends(claims, study.transforms, attributes=labels, estimation=Estimation(draws))


def _dealt(study: "Dividends", people: Contributors, runs: pd.DataFrame) -> pd.DataFrame:
    """Inequality among people by how many records each has, a row a draw: of the deal, or of the partition."""
    most, bench = study.coalitions[-1], people.bench
    own = runs[(runs["coalitions"] == most) & (runs["level"] != "coalition") & (runs["method"] == study.methods[0])]
    how = own["level"].map({"equal": "shared equally", "records": "split by records"})
    kind = bench.described.get("deal", {}).get("kind", "as they are")
    words = f"{study.methods[0]} of {most} coalitions, " + how
    rows = [own.assign(**people.held_by(), values=words, deal=kind, draw=own["partition"])]
    if not _unread(bench):
        for name in DEALT:
            for draw in range(study.groups):
                deal = DEALS[name]()
                varied = Contributors(bench.varied(deal=deal, data_seed=bench.settings.data_seed + draw), people.scale)
                rows.append(_by_neighbours(study, varied).assign(**varied.held_by(), deal=name, draw=draw))
    columns = ["values", "deal", "people", "records_mean", "records_most", "draw", "transform", "gini", "hoover"]
    return pd.concat(rows, ignore_index=True)[columns]


def _by_neighbours(study: "Dividends", people: Contributors) -> pd.DataFrame:
    """Payouts by the sums of people's records' exact values under a nearest-neighbour model: nothing is trained."""
    utility = people.alone
    values = METHODS["knn_shapley"]()(utility.family.names, utility, np.random.default_rng(0))
    held = utility.family.holds @ people.task.records.astype(float)
    found = _compared([Claims(values.players, values, held)], study, 1)
    return found.designs.assign(values="knn_shapley, summed by person")


def _unread(bench: Bench) -> str:
    """Why the values of single records cannot be had here; empty where they can."""
    if not hasattr(bench.task, "features"):
        return "its records have no features"
    if bench.task.records.sum() > _MOST_RECORDS:
        return f"it has more than {_MOST_RECORDS:,} records"
    return "" if hasattr(bench.settings, "deal") else "its records are not dealt out"


def left_out(bench: Bench) -> Iterator[str]:
    if why := _unread(bench):
        yield (
            f"One record a person against many is not compared on this task by values of single records: {why}. "
            "What is shown of its people are coalitions' values, split by records."
        )


def carried(study: "Dividends", people: Contributors, groupings: Mapping[str, Masks]) -> pd.DataFrame:
    """What each group loses together, and its members one by one."""
    table = UtilityTable(people.alone, people.alone.family.names)
    names, rows = np.array(people.task.contributors, dtype=object), []
    for grouping, masks in groupings.items():
        groups = {name: names[mask].tolist() for name, mask in masks.items()}
        rng = Streams(0)("study members", grouping)
        rows.append(joint_and_alone(table, groups, rng, study.members).assign(grouping=grouping))
    return _first(pd.concat(rows, ignore_index=True), "grouping")


def voted_on(people: Contributors, groupings: Mapping[str, Masks]) -> pd.DataFrame:
    """What each group's data do for every group's own test records."""
    bench = people.bench
    rows = [
        votes(bench.retrainer, bench.everyone, Family.of(masks)).assign(grouping=grouping)
        for grouping, masks in groupings.items()
    ]
    return _first(pd.concat(rows, ignore_index=True), "grouping")


def _first(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return frame[[*columns, *(name for name in frame.columns if name not in columns)]]
