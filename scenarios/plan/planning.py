"""Planning: how many people it takes to move a target, lever by lever, measured by really retraining."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from ...ml_tasks.settings import InputError
from ..studies.bench import Bench
from ..studies.study import Study, Table
from .answers import Asked, curve_rows, rows
from .columns import COLUMNS, COLUMNS_OF_ANSWERS
from .curves import Measured, measured, numbers
from .forms import Row
from .notes import notes
from .pictures import picture
from .stage import MEASURES, Stage
from .words import facts

RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
View = Literal["holdout", "company"]


@dataclass(frozen=True)
class Planning:
    """What somebody asks. Raises InputError naming the option."""

    target: float = 0.5
    """What is to be moved, as a share of the gap between baseline and best, or of the incumbent's revenue."""
    levers: Sequence[str] = ()
    """None: all that the task has."""
    view: View = "holdout"
    unit: Literal["score", "money"] = "score"
    rates: Sequence[float] = RATES
    groups: int = 5
    rival_data: float = 0.0
    """Share of the people whose data the rival has before anybody acts."""
    worth: float = 1.0
    """What moving the whole gap is worth to a person, in multiples of their own cost of an effort of 1."""

    def __post_init__(self) -> None:
        if not 0 < self.target <= 1:
            raise InputError("--target", f"{self.target:g}", "a share above 0 and up to 1")
        for lever in self.levers:
            if lever not in MEASURES:
                raise InputError("--lever", repr(lever), f"one of {', '.join(MEASURES)}")
        if self.view not in ("holdout", "company"):
            raise InputError("--view", repr(self.view), "holdout or company")
        if self.unit not in ("score", "money"):
            raise InputError("--unit", repr(self.unit), "score or money")
        if self.unit == "money" and self.view != "holdout":
            raise InputError("--view", repr(self.view), "holdout, since money is read of what everybody uses")
        if not self.rates or any(not 0 < rate <= 0.5 for rate in self.rates):
            expected = "shares above 0 and up to .5 (those above follow where they cost no training)"
            raise InputError("--rates", list(self.rates), expected)
        if self.groups < 1:
            raise InputError("--groups", self.groups, "at least 1 group")
        if not 0 <= self.rival_data < 1:
            raise InputError("--rival-data", f"{self.rival_data:g}", "a share of at least 0 and below 1")
        if not self.worth > 0:
            raise InputError("--worth", f"{self.worth:g}", "a number above 0")

    @property
    def scored(self) -> str:
        """What the target is set in."""
        return "money" if self.unit == "money" else self.view

    def __call__(self, bench: Bench) -> "Plan":
        """Train what is needed and answer."""
        counts = numbers(bench, self.rates)
        if len(counts) < 2:
            expected = f"at least two shares that are different numbers of {bench.people} people"
            raise InputError("--rates", list(self.rates), expected)
        stage = Stage.of(bench, self.rival_data, self.view)
        levers = [lever for lever in MEASURES if lever in (self.levers or MEASURES)]
        if not self.levers:
            levers = [lever for lever in levers if stage.lever(lever) is not None]
        for lever in levers:
            stage.pulled(lever)
        found = measured(stage, levers, counts, self.groups)
        asked = Asked(self.target, bench.people, self.worth)
        return Plan(self, bench, stage, tuple(levers), found, rows(found, levers, asked), curve_rows(found, asked))


@dataclass(frozen=True)
class Plan:
    """What was asked, and the answers."""

    asked: Planning
    bench: Bench
    stage: Stage
    levers: tuple[str, ...]
    found: Measured
    answers: pd.DataFrame
    """Every lever in every scoring."""
    curves: pd.DataFrame

    @property
    def answered(self) -> pd.DataFrame:
        """The answers in what the target is set in, by lever."""
        return self.answers[self.answers["scored"] == self.asked.scored].set_index("lever")

    def answer(self, lever: str) -> Row:
        """The answers about one lever, in what the target is set in."""
        return self.answered.loc[lever]

    def study(self) -> Study:
        """Tables, picture, notes and codebook, as studies leave them."""
        asked = self.asked
        shown = [name for name in COLUMNS_OF_ANSWERS if name in _SHOWN]
        return Study(
            name="plan",
            title=f"Plan: {self.bench.task.label}",
            lead="How many people each lever takes to move the target, how sure that is, and what it costs.",
            facts=facts(self),
            tables={
                "plan": Table("Levers compared", self.answers, shown, {"scored": asked.scored}),
                "plan_curves": Table(
                    "What was moved, at every measured share", self.curves,
                    ["lever", "share", "people", "moved", "moved_low", "moved_high", "next_percent"],
                    {"scored": asked.scored},
                ),
                "plan_runs": Table("Every act of every group", self.found.runs, printed=False),
            },
            columns=COLUMNS,
            pictures={"plan": picture(self)},
            notes=notes(self),
            manifest={
                "target": asked.target, "levers": list(self.levers), "view": asked.view, "unit": asked.unit,
                "rates": list(asked.rates), "groups": asked.groups, "rival_data": asked.rival_data,
                "worth": asked.worth, **self.bench.manifest(),
            },
        )  # fmt: skip


_SHOWN = {
    "lever", "people_needed", "people_needed_low", "people_needed_high", "next_percent_there", "next_percent_at_tenth",
    "alone", "curvature", "curvature_low", "curvature_high", "shape", "critical_mass", "service_lost", "revenue_lost",
}  # fmt: skip
