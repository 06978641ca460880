"""Data dividends on real models: how unequal each design is, by transform, method and number of coalitions [VLZH19].

All people are parted at random into k coalitions of equal size, the players; a game of so few is known exactly from
its 2^k trainings, and every method reads the same ones. How unequal the payouts are is measured in every random
partition, and intervals are over partitions. Beside that: one record a person against many, what groups lose
together and their members one by one, and whose data serve whom.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...agents.experience import Experience
from ...ml_tasks import attributes
from ...ml_tasks.dealing import DEALS
from ...ml_tasks.settings import InputError
from ...ml_tasks.streams import Streams
from ...valuation.campaign import Scale
from ...valuation.carriers import joint_and_alone, votes
from ...valuation.claims import Claims
from ...valuation.comparison import Comparison, Estimation, compare_dividends
from ...valuation.dividends import DIVIDENDS
from ...valuation.game import RetrainingUtility, value_groups
from ...valuation.methods import METHODS, Method
from ...valuation.players import Family
from ...valuation.utility import UtilityTable
from ...valuation.values import Values
from .bench import Bench
from .dividend_findings import Figures, beyond, directions, example, findings, means
from .dividend_pictures import carriers_picture, inequality_picture, votes_picture
from .strike_groups import GROUPS
from .study import Picture, Study, Table

Masks = Mapping[str, NDArray[np.bool_]]
COALITIONS = (2, 4, 8)
"""Each part of a smaller number is whole parts of a larger one, so that their trainings are the same."""
MOST = 12
"""Coalitions: 4,096 groups, each trained under every seed."""
VALUATIONS: Mapping[str, Method] = {
    "shapley": METHODS["shapley"](),
    "leave_one_out": METHODS["leave_one_out"](),
    "banzhaf": METHODS["banzhaf"](),
    "beta_16_1": METHODS["beta_shapley"](alpha=16.0, beta=1.0),
    "beta_1_16": METHODS["beta_shapley"](alpha=1.0, beta=16.0),
    "stand_alone": METHODS["stand_alone"](),
}
CHOSEN = ("shapley", "leave_one_out", "banzhaf", "beta_16_1", "beta_1_16")
TRANSFORMS = ("shift", "shift_if_negative", "absolute", "clip", "binning", "binarize")
DEALT = ("one_each", "equal", "lognormal")
_KEYS = ["coalitions", "method", "level", "transform"]
_DRAWS = 200
"""Of the true values, for the noise-corrected Gini; its own interval is not shown, that over partitions is."""
_MOST_RECORDS = 20_000
"""Above that the nearest-neighbour values of every record take minutes."""
_MOST_GROUPS = 12


@dataclass(frozen=True)
class Dividends:
    """The settings of the study."""

    coalitions: Sequence[int] = COALITIONS
    methods: Sequence[str] = CHOSEN
    transforms: Sequence[str] = TRANSFORMS
    groups: int = 5
    """Random partitions of the people."""
    members: int = 10
    """Of each group, drawn to leave alone."""

    def __post_init__(self) -> None:
        if not self.coalitions or any(not 2 <= k <= MOST for k in self.coalitions):
            raise InputError("--coalitions", list(self.coalitions), f"numbers of coalitions from 2 to {MOST}")
        object.__setattr__(self, "coalitions", tuple(sorted(set(self.coalitions))))
        for option, given, known in (
            ("--methods", self.methods, VALUATIONS), ("--transforms", self.transforms, DIVIDENDS),
        ):  # fmt: skip
            for name in given:
                if name not in known:
                    raise InputError(option, repr(name), f"one of {', '.join(known)}")
            if not given or len(set(given)) < len(given):
                raise InputError(option, repr(",".join(given)), "at least one name, and each once")
        if self.groups < 1:
            raise InputError("--groups", self.groups, "at least 1 random partition")
        if self.members < 2:
            raise InputError("--members", self.members, "at least 2 members of each group")

    def __call__(self, bench: Bench) -> Study:
        """Train every group of coalitions, value and pay them by every design, and compare."""
        people = _People(bench)
        if self.coalitions[-1] > people.count:
            found = f"{self.coalitions[-1]} coalitions"
            raise InputError("--coalitions", found, f"at most {people.count}, one for each with training records")
        figures = _figures(self, people)
        groupings = people.groupings(self.coalitions)
        carriers, voted = _carriers(self, people, groupings), _votes(people, groupings)
        shown = list(groupings)[-1]
        return Study(
            name="dividends",
            title=f"Data dividends: {bench.task.label}",
            lead="People are parted at random into coalitions, whose data are valued by really retraining; every "
            "dividend shares out the same money by the same values.",
            facts=[*bench.facts(), *self._facts(people)],
            tables=_tables(self, figures, carriers, voted),
            columns=COLUMNS,
            pictures=self._pictures(figures, carriers, voted, shown, bench.task.formula),
            findings=findings(figures),
            notes=[*_left_out(bench), *beyond(figures, carriers, voted, shown)],
            manifest={**self._settings(), **bench.manifest()},
        )

    def _facts(self, people: "_People") -> Iterator[tuple[str, str]]:
        counts, numbers = people.bench.retrainer.counts, ", ".join(map(str, self.coalitions))
        yield "Players", f"{numbers} coalitions of equal size in each of {self.groups} random partitions"
        yield "Values", "exact from every group of coalitions, in shares of the gap between baseline and full data"
        yield "Intervals", "95 per cent, Student's t over partitions; comparisons are paired by partition"
        yield (
            "Trainings",
            f"{counts.asked:,} asked for, all methods together; {counts.done:,} done, {counts.remembered:,} remembered",
        )

    def _pictures(
        self, figures: Figures, carriers: pd.DataFrame, voted: pd.DataFrame, shown: str, formula: bool
    ) -> dict[str, Picture]:
        main = means(figures.runs, _KEYS, ("gini",))
        return {
            "dividends": inequality_picture(main[main["level"] == "coalition"], formula),
            "dividends_carriers": carriers_picture(carriers[carriers["grouping"] == shown], shown, formula),
            "dividends_votes": votes_picture(voted[voted["grouping"] == shown], shown, formula),
        }

    def _settings(self) -> dict[str, object]:
        lists = {name: list(getattr(self, name)) for name in ("coalitions", "methods", "transforms")}
        return {**lists, "groups": self.groups, "members": self.members}


class _People:
    """Those of a bench who have training records, and what shares of them are worth."""

    def __init__(self, bench: Bench, scale: Scale | None = None) -> None:
        """scale: of the same data in another deal, where nothing will be trained to measure it."""
        self.bench, self.task = bench, bench.task
        self.kept: NDArray[np.bool_] = self.task.records > 0
        self.count = int(self.kept.sum())
        self.names = tuple(np.array(self.task.contributors, dtype=object)[self.kept])
        self.held = self.task.records[self.kept].astype(float)
        self.scale: Scale = scale or Experience.of(bench.retrainer).scale()
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


def _figures(study: Dividends, people: _People) -> Figures:
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


def _partition(study: Dividends, people: _People, k: int, partition: int) -> Iterator[pd.DataFrame]:
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
    columns = [*_KEYS[1:], "gini", "hoover", "paid_nothing", "gini_corrected", "reliability", "fallback"]
    # Drawing true values is slow for many people, and coalitions' noise is all that there is.
    of_people = inside.designs.assign(gini_corrected=np.nan)
    yield pd.concat([among.designs.assign(level="coalition"), of_people], ignore_index=True)[columns]
    adds_up = {values.method: values.adds_up for values in valued}
    spread = among.values.assign(whole=people.total, adds_up=among.values["method"].map(adds_up))
    yield spread[["method", "sd", "total", "whole", "adds_up", "reliability", "note"]]
    yield inside.attributes


def _compared(
    claims: list[Claims], study: Dividends, draws: int, labels: Mapping[str, Sequence[str]] | None = None
) -> Comparison:
    return compare_dividends(claims, study.transforms, attributes=labels, estimation=Estimation(draws))


def _dealt(study: Dividends, people: _People, runs: pd.DataFrame) -> pd.DataFrame:
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
                varied = _People(bench.varied(deal=deal, data_seed=bench.settings.data_seed + draw), people.scale)
                rows.append(_by_neighbours(study, varied).assign(**varied.held_by(), deal=name, draw=draw))
    columns = ["values", "deal", "people", "records_mean", "records_most", "draw", "transform", "gini", "hoover"]
    return pd.concat(rows, ignore_index=True)[columns]


def _by_neighbours(study: Dividends, people: _People) -> pd.DataFrame:
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


def _left_out(bench: Bench) -> Iterator[str]:
    if why := _unread(bench):
        yield (
            f"One record a person against many is not compared on this task by values of single records: {why}. "
            "What is shown of its people are coalitions' values, split by records."
        )


def _carriers(study: Dividends, people: _People, groupings: Mapping[str, Masks]) -> pd.DataFrame:
    """What each group loses together, and its members one by one."""
    table = UtilityTable(people.alone, people.alone.family.names)
    names, rows = np.array(people.task.contributors, dtype=object), []
    for grouping, masks in groupings.items():
        groups = {name: names[mask].tolist() for name, mask in masks.items()}
        rng = Streams(0)("study members", grouping)
        rows.append(joint_and_alone(table, groups, rng, study.members).assign(grouping=grouping))
    return _first(pd.concat(rows, ignore_index=True), "grouping")


def _votes(people: _People, groupings: Mapping[str, Masks]) -> pd.DataFrame:
    """What each group's data do for every group's own test records."""
    bench = people.bench
    rows = [
        votes(bench.retrainer, bench.everyone, Family.of(masks)).assign(grouping=grouping)
        for grouping, masks in groupings.items()
    ]
    return _first(pd.concat(rows, ignore_index=True), "grouping")


def _first(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return frame[[*columns, *(name for name in frame.columns if name not in columns)]]


def _tables(study: Dividends, figures: Figures, carriers: pd.DataFrame, voted: pd.DataFrame) -> dict[str, Table]:
    """Everything is in the files; printed is what fits a page."""
    gini, first = ["gini", "gini_low", "gini_high"], study.methods[0]
    tables = {
        "dividends": Table(
            "Inequality of payouts among coalitions",
            _main(figures),
            ["coalitions", "method", "transform", *gini, "hoover", "gini_corrected", "paid_nothing", "fallback"],
            {"level": "coalition", "method": first},
            f"By {first}; the files hold every method, and the payouts of people. People who share their coalition's "
            "money equally are as unequal as the coalitions. Noise of training looks like inequality: gini is that of "
            "the estimated values, gini_corrected that of the true ones; it needs two training seeds.",
            decimals=3,
        ),
        "dividends_directions": Table(
            "What more coalitions do to inequality, method by method and transform by transform",
            directions(figures.runs),
            ["method", "transform", "one", "other", "difference", "low", "high", "more_equal"],
            {"compared": "coalitions"},
            "Gini of the one less that of the other. The files also hold any two methods, and any two transforms. "
            "Nothing is called more equal where the interval holds 0.",
            decimals=3,
        ),
        "dividends_values": Table(
            "Values before any dividend",
            _spread(figures),
            ["coalitions", "method", "sd", "sd_low", "sd_high", "total", "whole", "adds_up", "reliability"],
            note="Banzhaf, Beta, leave-one-out and stand-alone values do not add up to what all data together are "
            "worth: their ranks mean something, shares of them are a choice [WJ23].",
            decimals=4,
        ),
        "dividends_example": Table("The published example: values -1, 0 and 1", example(), decimals=3),
        "dividends_records": Table(
            "People by the number of their records",
            _by_records(figures),
            ["values", "deal", "records_mean", "records_most", "transform", *gini, "hoover"],
            note="Each row says which values it is by. Draws are of the deal and the split (knn_shapley), or of the "
            "partition into coalitions. Shared equally is as if everybody had as many records.",
            decimals=3,
        ),
        "dividends_carriers": Table(
            "Who carries the value: what is lost when a group leaves together, and one member at a time",
            carriers,
            note=f"In shares of the gap between baseline and full data. alone: the sum over all members, from "
            f"{study.members} of them; errors of training seeds (none known from one) and of drawing members.",
            decimals=4,
        ),
        "dividends_votes": Table("Whose data serve whom", voted, printed=False, decimals=5),
        "dividends_runs": Table("Every partition", figures.runs, printed=False, decimals=3),
    }
    if len(figures.ratios):
        ratios = means(figures.ratios, [*_KEYS, "attribute", "majority"], ("median_ratio",))
        tables["dividends_ratios"] = Table("Ratios of median payouts by gender", ratios, printed=False, decimals=3)
    return tables


def _main(figures: Figures) -> pd.DataFrame:
    plain = ("gini_corrected", "reliability", "paid_nothing", "fallback")
    return _without_ends(means(figures.runs, _KEYS, ("gini", "hoover", *plain)), plain)


def _spread(figures: Figures) -> pd.DataFrame:
    table = means(figures.values, ["coalitions", "method", "adds_up", "note"], ("sd", "total", "whole", "reliability"))
    return _without_ends(table, ("whole", "reliability"))


def _by_records(figures: Figures) -> pd.DataFrame:
    plain = ("people", "records_mean", "records_most")
    return _without_ends(means(figures.records, ["values", "deal", "transform"], ("gini", "hoover", *plain)), plain)


def _without_ends(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Without the intervals of these columns."""
    return table.drop(columns=[f"{name}_{end}" for name in names for end in ("low", "high")])


COLUMNS = {
    "coalitions": "number of coalitions that the people are parted into; empty where numbers of them are compared",
    "partition": "number of the random partition",
    "method": "how the coalitions' data are valued; beta_16_1: Beta(16, 1), weight on small groups; beta_1_16: on "
    "large ones",
    "level": "whose payouts: coalition (the coalitions'); equal, records (their people's, who share their coalition's "
    "money equally or by records)",
    "transform": "the dividend: how values become payouts",
    "gini": "Gini of the payouts, 0 equal: mean over partitions or draws; in dividends_example of that one example",
    "gini_low": "lower end of its 95 per cent interval over partitions or draws; empty with one",
    "gini_high": "upper end of the same",
    "hoover": "Hoover index of the payouts: the share that would have to change hands",
    "hoover_low": "lower end of its interval",
    "hoover_high": "upper end of its interval",
    "gini_corrected": "Gini of the payouts that the true values would lead to: median over draws of them given what "
    "training seeds say of noise, mean over partitions; of coalitions, and empty with one training seed",
    "reliability": "share of the spread of the values that is not noise of training, mean over partitions",
    "paid_nothing": "share of those paid who get nothing",
    "fallback": "share of partitions in which all weights were zero, so that money was split equally; in "
    "dividends_runs whether it was",
    "partitions": "how many partitions or draws the means are over",
    "compared": "what is compared: numbers of coalitions, methods, or transforms, all else the same",
    "one": "one of them",
    "other": "the other",
    "difference": "Gini among coalitions of the one less that of the other, paired by partition",
    "low": "lower end of its 95 per cent interval over partitions",
    "high": "upper end of the same",
    "more_equal": "which is more equal; empty where the interval holds 0",
    "sd": "standard deviation of the coalitions' values (ddof 0), in shares of the gap between baseline and full data",
    "sd_low": "lower end of its 95 per cent interval over partitions",
    "sd_high": "upper end of the same",
    "total": "sum of the values",
    "total_low": "lower end of its interval",
    "total_high": "upper end of its interval",
    "whole": "what all data together are worth: v(everybody) - v(nobody)",
    "adds_up": "whether the values are shares of that",
    "note": "what must be known of the values",
    "shares": "what -1, 0 and 1 are paid, as shares of the money",
    "published_gini": "Gini in print [VLZH19]",
    "published_hoover": "Hoover index in print [VLZH19]",
    "agrees": "whether both agree to three decimals",
    "values": "which values people are paid by",
    "deal": "how records are dealt out to people: one_each, equal numbers, or lognormal ones",
    "people": "people with training records",
    "records_mean": "training records of a person, mean",
    "records_most": "training records of the person who has most",
    "grouping": "how people are told apart: the coalitions of the first partition, or an attribute",
    "group": "one of the groups",
    "players": "its people",
    "joint": "what is lost when all of them leave, as a share of the gap between baseline and full data",
    "joint_stderr": "its standard error over training seeds",
    "alone": "the sum of what is lost when each of them leaves alone",
    "alone_stderr": "its standard error, of training seeds and of drawing members",
    "gap": "joint - alone",
    "gap_stderr": "its standard error",
    "members_asked": "how many of them were drawn to leave alone",
    "source": "whose data leave the model",
    "audience": "on whose hidden test records it is read",
    "loss": "by how much the audience is served worse, in the unit of the metric; below 0: better",
    "stderr": "its standard error over training seeds",
    "tested": "test records of the audience",
    "reason": "why it cannot be read",
    "attribute": "an attribute of people",
    "majority": "its largest group",
    "median_ratio": "median payout of everybody outside the majority over the majority's",
    "median_ratio_low": "lower end of its 95 per cent interval over partitions",
    "median_ratio_high": "upper end of the same",
}
"""Every column of every table of the study."""
