"""Data poisoning against a plain strike, with and without a filter at the firm [VLTCH21], and planted signals [HMMZ23].

A group of people spoil their own data: by one of the task's recipes (random or turned-round ratings, wrong labels) or,
on images, by a perturbation; what that costs is set beside what the same people's strike costs. Or they plant a signal
with an aim of its own, whose success is read beside what it costs. A filter finds a share of the poisoners, whose data
the firm then drops: with all of them found, poisoning is a strike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...ml_tasks.alterations import SUCCESS
from ...ml_tasks.holdings import Holdings
from ...ml_tasks.scores import View
from ...ml_tasks.settings import InputError
from ...ml_tasks.task import baseline
from .bench import Bench
from .poisoning_findings import beyond, findings
from .poisoning_pictures import loss_picture, success_picture
from .poisons import SIGNAL, SIGNALS, Poison, planted, vandalism
from .study import Picture, Study, Table

RATES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5)
SIGNAL_RATES = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
FILTERS = (0.0, 0.5, 1.0)
STRENGTHS = (0.1, 0.3)
KNOWLEDGE = (0.0, 0.5, 1.0)
ACTS = {"both": ("vandalism", SIGNAL), "vandalism": ("vandalism",), SIGNAL: (SIGNAL,)}
KEYS = ["poison", "strength", "knowledge", "found", "rate"]
"""What names a row of the main table."""


@dataclass(frozen=True)
class Poisoning:
    """The settings of the study."""

    rates: Sequence[float] = RATES
    groups: int = 5
    filters: Sequence[float] = FILTERS
    acts: str = "both"
    """Vandalism, planting a signal, or both."""
    strengths: Sequence[float] = STRENGTHS
    """Of perturbations of images: by how much a pixel is moved, as a share of its range."""
    knowledge: Sequence[float] = KNOWLEDGE
    """Shares of the pixels whose weight the group knows."""
    signal_rates: Sequence[float] = SIGNAL_RATES
    signal: Mapping[str, str] = field(default_factory=dict)
    """Settings of the task's signal, as texts."""

    def __post_init__(self) -> None:
        for option, rates in (("--rates", self.rates), ("--signal-rates", self.signal_rates)):
            if not rates or any(not 0 < rate <= 1 for rate in rates):
                raise InputError(option, list(rates), "shares of the people above 0 and up to 1")
        for option, shares, of in (
            ("--filters", self.filters, "the poisoners who are found"),
            ("--strengths", self.strengths, "the range from black to white"),
            ("--knowledge", self.knowledge, "the pixels whose weight is known"),
        ):
            if not shares or any(not 0 <= share <= 1 for share in shares):
                raise InputError(option, list(shares), f"shares of {of}, from 0 to 1")
        if self.groups < 1:
            raise InputError("--groups", self.groups, "at least 1 group")
        if self.acts not in ACTS:
            raise InputError("--acts", repr(self.acts), f"one of {', '.join(ACTS)}")

    def __call__(self, bench: Bench) -> Study:
        """Train on poisoned, filtered and withheld data and compare."""
        if bench.kind not in SIGNALS:
            raise InputError("--task", repr(bench.kind), f"a task whose records people can spoil: {', '.join(SIGNALS)}")
        poisons = list(self._planned(bench))
        runs = pd.concat([frame for _, frame in poisons], ignore_index=True)
        means = _means(runs)
        about = next((p.bench.task.yardstick.metrics[SUCCESS].meaning for p, _ in poisons if p.name == SIGNAL), "")
        return Study(
            name="poisoning",
            title=f"Data poisoning: {bench.task.label}",
            lead="People spoil their own data, plant a signal in them, or withhold them; the firm finds none, some or "
            "all who spoil theirs.",
            facts=[*bench.facts(), *self._facts(about)],
            tables=_tables(means, runs),
            columns=COLUMNS,
            pictures=_pictures(means, about),
            findings=findings(means),
            notes=(*beyond(means), *self._notes(bench)),
            manifest={**self._settings(), **bench.manifest()},
        )

    def _planned(self, bench: Bench) -> Iterator[tuple[Poison, pd.DataFrame]]:
        """Every poison with its runs. Refuses what cannot be before anything trains."""
        signal = planted(bench, self.signal) if SIGNAL in ACTS[self.acts] else None
        rates = _possible(bench, self.signal_rates) if signal else []
        if signal and not rates:
            least = f"a rate that is at least one of {bench.people} people"
            raise InputError("--signal-rates", list(self.signal_rates), least)
        if "vandalism" in ACTS[self.acts]:
            impossible = [rate for rate in self.rates if rate not in _possible(bench, self.rates)]
            if impossible:
                raise InputError("--rates", impossible[0], f"a rate that is at least one of {bench.people} people")
            for poison in vandalism(bench, self.strengths, self.knowledge):
                yield poison, pd.DataFrame(_runs(self, bench, poison, self.rates))
        if signal:
            yield signal, pd.DataFrame(_runs(self, bench, signal, rates))

    def _facts(self, about: str) -> Iterator[tuple[str, str]]:
        yield "Groups", f"{self.groups} random groups a rate; means and standard errors over them"
        yield "Loss: whose experience", "everybody on the hidden test set, whose ratings and labels are genuine"
        if about:
            yield "Success of the signal", about
            yield (
                "Success: whose experience",
                "people outside the group, where it is about what people are shown; else all marked test records",
            )

    def _notes(self, bench: Bench) -> Iterator[str]:
        left_out = [rate for rate in self.signal_rates if rate not in _possible(bench, self.signal_rates)]
        if SIGNAL in ACTS[self.acts] and left_out:
            rates = ", ".join(f"{rate:g}" for rate in left_out)
            yield f"Signal rates {rates} are left out: they are less than one of {bench.people} people."
        if bench.task.noise and len(bench.retrainer.seeds) == 1:
            yield (
                "With one training seed, the luck of the training on everybody's data is in every loss and in no "
                "standard error; --train-seeds 5 averages it out."
            )

    def _settings(self) -> dict[str, object]:
        lists = ("rates", "filters", "strengths", "knowledge", "signal_rates")
        return {"acts": self.acts, "groups": self.groups, **{name: list(getattr(self, name)) for name in lists},
                "signal": dict(self.signal)}  # fmt: skip


def _possible(bench: Bench, rates: Iterable[float]) -> list[float]:
    """Those rates that are at least one person."""
    return [rate for rate in rates if round(rate * bench.people) >= 1]


def _runs(study: Poisoning, bench: Bench, poison: Poison, rates: Sequence[float]) -> Iterator[dict[str, object]]:
    """A row for each group, rate and share found: the loss against everybody's genuine data, beside that of the same
    people's strike; of a signal also its success, beside what there was before anybody planted it."""
    everyone, task = bench.everyone, bench.task
    full = bench.retrainer.scores(everyone).view().mean
    gap = full - baseline(task, View())
    for group in range(study.groups):
        for rate in rates:
            members = bench.drawn(group, rate)
            struck = bench.retrainer.scores(everyone.without(members)).view().mean
            for found in study.filters:
                # Who is found does not depend on the poison, and who is found early stays found.
                caught = members[: round(found * len(members))]
                holdings = everyone.recoded(members, poison.recipe).without(caught)
                score = _on(bench, poison, holdings).retrainer.scores(holdings).view().mean
                yield {
                    "poison": poison.name, "strength": poison.strength, "knowledge": poison.knowledge,
                    "found": found, "rate": rate, "group": group, "metric": task.yardstick.default,
                    "full": full, "score": score, "strike_score": struck,
                    "loss": (full - score) / gap if gap else np.nan,
                    "strike_loss": (full - struck) / gap if gap else np.nan,
                    **_success(poison, everyone, holdings, members),
                }  # fmt: skip


def _on(bench: Bench, poison: Poison, holdings: Holdings) -> Bench:
    """Where the filter has left no poison, that is the plain task, which has trained on these people already."""
    return poison.bench if holdings.poisoned.any() else bench


def _success(
    poison: Poison, everyone: Holdings, holdings: Holdings, members: NDArray[np.int64]
) -> dict[str, float | np.floating]:
    if poison.name != SIGNAL:
        return {"success": np.nan, "success_before": np.nan}
    audience = None
    if poison.bench.kind in ("movielens", "pinterest"):  # what others are shown; a mark is read on anybody's record
        audience = np.ones(poison.bench.people, dtype=bool)
        audience[members] = False
    before, after = (
        poison.bench.retrainer.scores(held).view(audience=audience, metric=SUCCESS).mean
        for held in (everyone, holdings)
    )
    return {"success": after, "success_before": before}


def _means(runs: pd.DataFrame) -> pd.DataFrame:
    """Means over groups with standard errors (ddof 1); comparisons are paired by group."""
    runs = runs.assign(
        more_than_strike=runs["loss"] - runs["strike_loss"], success_gain=runs["success"] - runs["success_before"]
    )
    grouped = runs.groupby(KEYS, sort=False, dropna=False)
    values = ["score", "loss", "strike_loss", "more_than_strike", "success", "success_before", "success_gain"]
    means, spread = grouped[values].mean(), grouped[values].std()
    for name in ("loss", "more_than_strike", "success", "success_gain"):
        means[f"{name}_stderr"] = spread[name] / np.sqrt(grouped.size())
    order = ["score", "loss", "loss_stderr", "strike_loss", "more_than_strike", "more_than_strike_stderr"]
    success = ["success", "success_stderr", "success_before", "success_gain", "success_gain_stderr"]
    return means[order + success].reset_index()


def _tables(means: pd.DataFrame, runs: pd.DataFrame) -> dict[str, Table]:
    """All rows in the main table; printed are the parts of it, each with the columns that say something of it."""
    signal, perturbed = means["poison"] == SIGNAL, means["strength"].notna()
    loss = ["score", "loss", "loss_stderr", "strike_loss", "more_than_strike", "more_than_strike_stderr"]
    success = ["success", "success_stderr", "success_before", "success_gain", "success_gain_stderr"]
    parts = {
        "vandalism": ("Loss by poison, rate and filter", ~signal & ~perturbed, ["poison", "found", "rate", *loss]),
        "perturbations": ("Loss by perturbation, rate and filter", perturbed, [*KEYS[1:], *loss]),
        "signal": ("Success of the planted signal, and what it costs", signal, ["rate", "found", *success, *loss[1:4]]),
    }
    tables = {"poisoning": Table("Every poison, rate and filter", means, printed=False)}
    for name, (title, rows, columns) in parts.items():
        if rows.any():
            tables[f"poisoning_{name}"] = Table(title, means.loc[rows, columns], shown=_short(columns))
    return {**tables, "poisoning_runs": Table("Every training", runs, printed=False)}


def _short(columns: list[str]) -> list[str]:
    """The columns that fit a page."""
    return [name for name in columns if name not in ("score", "more_than_strike_stderr", "success_gain_stderr")]


def _pictures(means: pd.DataFrame, about: str) -> dict[str, Picture]:
    vandals, signal = means[means["poison"] != SIGNAL], means[means["poison"] == SIGNAL]
    pictures = {"poisoning": loss_picture(vandals)} if len(vandals) else {}
    if len(signal):
        pictures["poisoning_signal" if pictures else "poisoning"] = success_picture(signal, about)
    return pictures


COLUMNS = {
    "poison": "what they do to their records: a recipe of the task, a perturbation of images, or the planted signal",
    "strength": "of a perturbation: by how much a pixel is moved, as a share of the range from black to white",
    "knowledge": "of a perturbation: share of the pixels whose weight in a linear reading the group knows (0: noise)",
    "found": "share of the poisoners whom the firm finds, and whose data it drops",
    "rate": "share of the people who spoil (or withhold) their data",
    "group": "number of the random group",
    "metric": "the task's metric",
    "score": "performance on everybody's hidden, genuine test records",
    "full": "the same with everybody's genuine data",
    "strike_score": "the same when these people withhold their data",
    "loss": "(full - score) / (full - baseline): 1 is the level that needs nobody's data, above 1 is worse than that",
    "loss_stderr": "its standard error over groups (ddof 1); nan with one group",
    "strike_loss": "the loss when the same people strike",
    "more_than_strike": "loss - strike_loss, paired by group",
    "more_than_strike_stderr": "its standard error over groups",
    "success": "the metric signal_success (see the head of the report): people outside the group, where it is about "
    "what people are shown, else all marked hidden test records; nan for what is no signal",
    "success_stderr": "its standard error over groups",
    "success_before": "the same of the same audience when nobody plants anything",
    "success_gain": "success - success_before, paired by group",
    "success_gain_stderr": "its standard error over groups",
}
"""Every column of every table of the study."""
