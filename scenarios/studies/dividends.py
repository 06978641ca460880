"""Data dividends on real models: how unequal each design is, by transform, method and number of coalitions [VLZH19].

All people are parted at random into k coalitions of equal size, the players; a game of so few is known exactly from
its 2^k trainings, and every method reads the same ones. How unequal the payouts are is measured in every random
partition, and intervals are over partitions. Beside that: one record a person against many, what groups lose
together and their members one by one, and whose data serve whom.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from ...ml_tasks.settings import InputError
from ...valuation.dividends import DIVIDENDS
from .bench import Bench
from .dividend_findings import Figures, beyond, findings, means
from .dividend_games import KEYS, VALUATIONS, Contributors, carried, left_out, measured, voted_on
from .dividend_pictures import carriers_picture, inequality_picture, votes_picture
from .dividend_tables import COLUMNS, tables
from .study import Picture, Study

COALITIONS = (2, 4, 8)
"""Each part of a smaller number is whole parts of a larger one, so that their trainings are the same."""
MOST = 12
"""Coalitions: 4,096 groups, each trained under every seed."""
CHOSEN = ("shapley", "leave_one_out", "banzhaf", "beta_16_1", "beta_1_16")
TRANSFORMS = ("shift", "shift_if_negative", "absolute", "clip", "binning", "binarize")


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
        people = Contributors(bench)
        if self.coalitions[-1] > people.count:
            found = f"{self.coalitions[-1]} coalitions"
            raise InputError("--coalitions", found, f"at most {people.count}, one for each with training records")
        figures = measured(self, people)
        groupings = people.groupings(self.coalitions)
        carriers, voted = carried(self, people, groupings), voted_on(people, groupings)
        shown = list(groupings)[-1]
        return Study(
            name="dividends",
            title=f"Data dividends: {bench.task.label}",
            lead="Contributors are parted at random into coalitions, whose data are valued by really retraining; every "
            "dividend shares out the same money by the same values.",
            facts=[*bench.facts(), *self._facts(people)],
            tables=tables(self, figures, carriers, voted),
            columns=COLUMNS,
            pictures=self._pictures(figures, carriers, voted, shown, bench),
            findings=findings(figures),
            notes=[*left_out(bench), *beyond(figures, carriers, voted, shown)],
            manifest={**self._settings(), **bench.manifest()},
        )

    def _facts(self, people: "Contributors") -> Iterator[tuple[str, str]]:
        counts, numbers = people.bench.retrainer.counts, ", ".join(map(str, self.coalitions))
        yield "Players", f"{numbers} coalitions of equal size in each of {self.groups} random partitions"
        yield "Values", "exact from every group of coalitions, in shares of the gap between baseline and full data"
        yield "Intervals", "95 per cent, Student's t over partitions; comparisons are paired by partition"
        yield (
            "Trainings",
            f"{counts.asked:,} asked for, all methods together; {counts.done:,} done, {counts.remembered:,} remembered",
        )

    def _pictures(
        self, figures: Figures, carriers: pd.DataFrame, voted: pd.DataFrame, shown: str, bench: Bench
    ) -> dict[str, Picture]:
        main, formula, metric = means(figures.runs, KEYS, ("gini",)), bench.task.formula, bench.task.yardstick.default
        return {
            "dividends": inequality_picture(main[main["level"] == "coalition"], formula),
            "dividends_carriers": carriers_picture(carriers[carriers["grouping"] == shown], shown, formula),
            "dividends_votes": votes_picture(voted[voted["grouping"] == shown], shown, metric, formula),
        }

    def _settings(self) -> dict[str, object]:
        lists = {name: list(getattr(self, name)) for name in ("coalitions", "methods", "transforms")}
        return {**lists, "groups": self.groups, "members": self.members}
