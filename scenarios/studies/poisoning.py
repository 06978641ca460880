"""Data poisoning against a plain strike, with and without a filter at the firm [VLTCH21].

A group of people spoil their own data by one of the task's recipes (random or turned-round ratings, wrong labels);
what that costs is set beside what the same people's strike costs. A filter finds a share of the poisoners, whose data
the firm then drops: with all of them found, poisoning is a strike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ...ml_tasks.scores import View
from ...ml_tasks.settings import InputError
from ...ml_tasks.task import baseline
from ..reports.charts import SETTINGS
from ..reports.palette import COLOURS, INK
from .bench import Bench
from .study import Finding, Picture, Study, Table

RATES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5)
FILTERS = (0.0, 0.5, 1.0)
_MARKS = "osDPXv^"


@dataclass(frozen=True)
class Poisoning:
    """The settings of the study."""

    rates: Sequence[float] = RATES
    groups: int = 5
    filters: Sequence[float] = FILTERS

    def __post_init__(self) -> None:
        if not self.rates or any(not 0 < rate <= 1 for rate in self.rates):
            raise InputError("--rates", list(self.rates), "shares of the people above 0 and up to 1")
        if not self.filters or any(not 0 <= found <= 1 for found in self.filters):
            raise InputError("--filters", list(self.filters), "shares of the poisoners who are found, from 0 to 1")
        if self.groups < 1:
            raise InputError("--groups", self.groups, "at least 1 group")

    def __call__(self, bench: Bench) -> Study:
        """Train on poisoned, filtered and withheld data and compare."""
        if not bench.task.recipes:
            raise InputError("--task", bench.kind, "a task whose records people can spoil (movielens, toxic, ...)")
        runs = pd.DataFrame(list(_runs(self, bench)))
        means = _means(runs)
        return Study(
            name="poisoning",
            title=f"Data poisoning: {bench.task.label}",
            lead="People spoil their own data, or withhold them; the firm finds none, some or all who spoil theirs.",
            facts=[
                *bench.facts(),
                ("Groups", f"{self.groups} random groups a rate; means and standard errors over them"),
                ("Whose experience", "everybody on the hidden test set, whose ratings and labels are genuine"),
            ],
            tables={
                "poisoning": Table("Loss by poison, rate and filter", means),
                "poisoning_runs": Table("Every training", runs, printed=False),
            },
            columns=COLUMNS,
            pictures={"poisoning": _picture(means)},
            findings=_findings(means),
            manifest={
                "rates": list(self.rates), "groups": self.groups, "filters": list(self.filters), **bench.manifest(),
            },
        )  # fmt: skip


def _runs(study: Poisoning, bench: Bench) -> Iterator[dict[str, object]]:
    """One row a training: the loss against everybody's genuine data, beside that of the same people's strike."""
    task, everyone = bench.task, bench.everyone
    full = bench.retrainer.scores(everyone).view().mean
    gap = full - baseline(task, View())
    for group in range(study.groups):
        for rate in study.rates:
            members = bench.drawn(group, rate)
            if len(members) == 0:
                raise InputError("--rates", rate, f"a rate that is at least one of {bench.people} people")
            struck = bench.retrainer.scores(everyone.without(members)).view().mean
            common = {
                "rate": rate,
                "group": group,
                "metric": task.yardstick.default,
                "full": full,
                "strike_score": struck,
            }
            for name, recipe in task.recipes.items():
                for found in study.filters:
                    # Who is found does not depend on the recipe, and who is found early stays found.
                    caught = members[: round(found * len(members))]
                    holdings = everyone.recoded(members, recipe).without(caught)
                    score = bench.retrainer.scores(holdings).view().mean
                    yield {
                        **common, "poison": name, "found": found, "score": score,
                        "loss": (full - score) / gap if gap else np.nan,
                        "strike_loss": (full - struck) / gap if gap else np.nan,
                    }  # fmt: skip


def _means(runs: pd.DataFrame) -> pd.DataFrame:
    """Means over groups with standard errors (ddof 1); the comparison with the strike is paired by group."""
    runs = runs.assign(more_than_strike=runs["loss"] - runs["strike_loss"])
    grouped = runs.groupby(["poison", "found", "rate"], sort=False)
    means = grouped[["score", "loss", "strike_loss", "more_than_strike"]].mean()
    spread, root = grouped[["loss", "more_than_strike"]].std(), np.sqrt(grouped.size())
    means.insert(2, "loss_stderr", spread["loss"] / root)
    means["more_than_strike_stderr"] = spread["more_than_strike"] / root
    return means.reset_index()


def _findings(means: pd.DataFrame) -> list[Finding]:
    """The two claims of the table of levers, for every poison the task has."""
    found = []
    for name, part in means.groupby("poison", sort=False):
        open_, filtered = (part[part["found"] == share].set_index("rate") for share in (0.0, 1.0))
        if len(open_):
            words = ", ".join(f"at {rate:g} {row.more_than_strike:+.3f}" for rate, row in open_.iterrows())
            holds = bool((open_["more_than_strike"] > 0).all())
            claim = f"Undetected, poisoning ({name}) costs the firm more than a strike by the same people"
            found.append(Finding(claim, "VLTCH21", f"loss beyond the strike's: {words}", holds))
        if len(filtered):
            largest = filtered["more_than_strike"].abs().max()
            claim = f"Detected and filtered, poisoning ({name}) is a strike"
            found.append(Finding(claim, "VLTCH21", f"largest difference {largest:.1e}", bool(largest < 1e-9)))
    return found


def _picture(means: pd.DataFrame) -> Picture:
    poisons = list(dict.fromkeys(means["poison"]))
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(5.2 * len(poisons), 3.9), layout="constrained")
        for axes, name in zip(np.atleast_1d(figure.subplots(1, len(poisons))), poisons, strict=True):
            part = means[means["poison"] == name]
            for i, (found, rows) in enumerate(part.groupby("found", sort=False)):
                axes.errorbar(rows["rate"], rows["loss"], rows["loss_stderr"], color=COLOURS[i % 6],
                              marker=_MARKS[i % 7], ms=4.5, capsize=2,
                              label=f"{found:.0%} of the poisoners found")  # fmt: skip
            rows = part[part["found"] == part["found"].iloc[0]]
            axes.plot(
                rows["rate"],
                rows["strike_loss"],
                color=INK,
                ls="--",
                lw=1.4,
                zorder=5,
                label="strike by the same people",
            )
            axes.set_title(f"poison: {name}", loc="left", fontsize=9.5)
            axes.set_xlabel("share of the people")
            axes.set_ylabel("loss as a share of the gap")
            axes.legend(fontsize=8, frameon=False)
    caption = (
        "Loss of everybody's performance on the hidden test set by the share of people who spoil their data: 0 with "
        "everybody's genuine data, 1 at what needs nobody's data; bars: one standard error over groups."
    )
    return Picture("Poisoning against a strike", caption, figure)


COLUMNS = {
    "rate": "share of the people who spoil (or withhold) their data",
    "group": "number of the random group",
    "metric": "the task's metric",
    "poison": "what they do to their records: a recipe of the task",
    "found": "share of the poisoners whom the firm finds, and whose data it drops",
    "score": "performance on everybody's hidden, genuine test records",
    "full": "the same with everybody's genuine data",
    "strike_score": "the same when these people withhold their data",
    "loss": "(full - score) / (full - baseline): 1 is the level that needs nobody's data, above 1 is worse than that",
    "loss_stderr": "its standard error over groups (ddof 1); nan with one group",
    "strike_loss": "the loss when the same people strike",
    "more_than_strike": "loss - strike_loss, paired by group",
    "more_than_strike_stderr": "its standard error over groups",
}
"""Every column of every table of the study."""
