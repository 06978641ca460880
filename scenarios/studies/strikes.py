"""Data strikes and boycotts on MovieLens [VHS19]: by random groups, and by groups of people who are alike.

A striker's ratings leave the training data while they go on using the service; a boycotter leaves as well, and their
hits count 0. Every score is read for everybody, for the strikers, and for the others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...ml_tasks.movielens import MovieLens
from ...ml_tasks.retrainer import Retrainer
from ...ml_tasks.scores import Score, Scores, View
from ...ml_tasks.settings import InputError
from ...ml_tasks.splits import Folds
from ...ml_tasks.streams import Streams
from ...ml_tasks.task import baseline
from .bench import Bench
from .strike_groups import GROUPS, named
from .strike_pictures import alike_picture, losses_picture
from .study import Finding, Study, Table

RATES = (0.05, 0.1, 0.2, 0.3, 0.5)
METRICS = ("surfaced_hits", "rmse", "ndcg_at_10", "precision_at_10")
PUBLISHED = {"svd": 0.77393, "item_knn_1999": 0.76529, "movie_mean": 0.75988, "random": 0.63584}
"""Surfaced hits in print on ML-1M: what a loss is compared with."""
Members = NDArray[np.bool_]


@dataclass(frozen=True)
class Strikes:
    """The settings of the study."""

    rates: Sequence[float] = RATES
    samples: int = 5
    groups: str = "random"
    folds: int = 1

    def __post_init__(self) -> None:
        if not self.rates or any(not 0 < rate < 1 for rate in self.rates):
            raise InputError("--rates", list(self.rates), "shares of the people between 0 and 1")
        for option, number, most in (("--samples", self.samples, 100_000), ("--folds", self.folds, 5)):
            if not 1 <= number <= most:
                raise InputError(option, number, f"a whole number from 1 to {most}")

    def __call__(self, bench: Bench) -> Study:
        """Train without each group and read every audience."""
        if not isinstance(bench.settings, MovieLens):
            raise InputError("--task", bench.kind, "movielens, which this study is of")
        folds = [_Fold(bench, number) for number in range(self.folds)]
        alike = pd.DataFrame()
        if self.groups == "random":
            rows = [row for fold in folds for row in self._random(fold)]
        else:
            rows, alike = self._alike(folds)
        table = _averaged(pd.DataFrame(rows))
        whole = [float(np.mean([fold.levels["surfaced_hits"][k] for fold in folds])) for k in (0, 1)]
        tables = {"strikes": Table("Scores by strike size", table[_ORDER], where={"sample": "mean"}, note=_NOTE)}
        if self.groups == "random":
            tables["strikes_parts"] = Table(
                "The loss of surfaced hits, by who bears it", _parts(table, whole[0] - whole[1])
            )
        else:
            tables["strikes_alike"] = Table("Strikes by half of a group of people who are alike", alike, note=_ALIKE)
        pictures = {"strikes": losses_picture(table)} if self.groups == "random" else {"strikes": alike_picture(alike)}
        return Study(
            name="strikes",
            title=f"Data strikes: {folds[0].bench.task.label}",
            lead="People take their ratings out of the training data (strike) or leave the service too (boycott).",
            facts=_facts(self, folds),
            tables=tables,
            columns=COLUMNS,
            pictures=pictures,
            findings=_findings(self, table, tables, folds) if self.groups == "random" else (),
            manifest={
                "rates": list(self.rates), "samples": self.samples, "groups": self.groups, "folds": self.folds,
                **bench.manifest(), "trainings": _counts(folds),
            },
        )  # fmt: skip

    def _random(self, fold: "_Fold") -> Iterator[dict[str, object]]:
        n = fold.bench.people
        yield from fold.rows(0.0, "none", "random", 0, np.zeros(n, dtype=bool))
        for rate in self.rates:
            for sample in range(self.samples):
                members = np.zeros(n, dtype=bool)
                members[fold.bench.drawn(sample, rate)] = True
                for action in ("strike", "boycott"):
                    yield from fold.rows(rate, action, "random", sample, members)

    def _alike(self, folds: "list[_Fold]") -> tuple[list[dict[str, object]], pd.DataFrame]:
        rows, effects = [], []
        for fold in folds:
            n = fold.bench.people
            rows += list(fold.rows(0.0, "none", "everybody", 0, np.zeros(n, dtype=bool)))
            for name, group in named(self.groups, fold.bench.task).items():
                for sample in range(self.samples):
                    half = Streams(0)("half", name, sample).permutation(np.flatnonzero(group))
                    members = np.zeros(n, dtype=bool)
                    members[half[: len(half) // 2]] = True
                    rate = float(members.mean())
                    for action in ("strike", "boycott"):
                        rows += list(fold.rows(rate, action, name, sample, members))
                    effects.append(fold.similar(name, group, members, sample))
        table = pd.DataFrame(effects)
        means = table.groupby("group", sort=False).mean(numeric_only=True).reset_index()
        # The ratio of the means: a mean of ratios would be ruled by the samples whose denominator is near 0.
        means["similar_user_effect_ratio"] = means["change_of_similar"] / means["change_of_others"].replace(0, np.nan)
        return rows, means.drop(columns="sample")


class _Fold:
    """One fold of the cross-validation: its task, trainings, and the two levels of its scale."""

    def __init__(self, bench: Bench, number: int) -> None:
        settings = replace(bench.settings, split=Folds(5, number))  # type: ignore[type-var]
        task = settings()
        retrainer = Retrainer(task, settings.train_seeds, bench.retrainer.store)
        retrainer.watch = bench.retrainer.watch
        self.number, self.bench = number, replace(bench, settings=settings, task=task, retrainer=retrainer)
        self.full = retrainer.scores(self.bench.everyone)
        self.metrics = [name for name in METRICS if name in task.yardstick.metrics]
        self.levels = {name: (self.full.view(metric=name).mean, self.base(name)) for name in self.metrics}
        """With everybody's data, and with nobody's."""

    def base(self, metric: str, audience: Members | None = None) -> float:
        return baseline(self.bench.task, View("holdout", audience, metric=metric))

    def rows(self, rate: float, action: str, group: str, sample: int, members: Members) -> Iterator[dict[str, object]]:
        """Every metric for every audience under an action."""
        scores = self.bench.retrainer.scores(self.bench.everyone.without(members)) if action != "none" else self.full
        served = ~members if action == "boycott" else None
        audiences = {"all": None, "strikers": members, "others": ~members} if members.any() else {"all": None}
        for audience, mask in audiences.items():
            for metric in self.metrics:
                score = scores.view(audience=mask, served=served, metric=metric)
                full, base = self.full.view(audience=mask, metric=metric).mean, self.base(metric, mask)
                yield {
                    "rate": rate, "action": action, "group": group, "sample": str(sample), "audience": audience,
                    "metric": metric, "score": score.mean, "stderr": score.stderr,
                    "normalised_loss": (full - score.mean) / (full - base) if full != base else np.nan,
                    "tested": score.n, "lost": (full - score.mean) * score.n,
                }  # fmt: skip

    def similar(self, name: str, group: Members, members: Members, sample: int) -> dict[str, object]:
        """What a strike by half of a group does to its other half and to everybody else, against a random strike."""
        scores = self.bench.retrainer.scores(self.bench.everyone.without(members))
        like, unlike = (self._change(scores, mask) for mask in (group & ~members, ~group))
        records = self.bench.task.records
        order = Streams(0)("as many ratings", name, sample).permutation(self.bench.people)
        enough = int(np.searchsorted(np.cumsum(records[order]), records[members].sum())) + 1
        random = self.bench.retrainer.scores(self.bench.everyone.without(order[:enough]))
        full, base = self.levels["surfaced_hits"]
        losses = [(full - s.view(metric="surfaced_hits").mean) / (full - base) for s in (scores, random)]
        return {
            "group": name, "sample": sample, "members": int(group.sum()), "strikers": int(members.sum()),
            "ratings_struck": int(records[members].sum()), "change_of_similar": like, "change_of_others": unlike,
            "loss": losses[0], "loss_of_random_strike": losses[1],
        }  # fmt: skip

    def _change(self, scores: Scores, mask: Members) -> float:
        """Change of surfaced hits of an audience in per cent."""
        after, before = (self._hits(s, mask).mean for s in (scores, self.full))
        return 100 * (after - before) / before if before else float("nan")

    def _hits(self, scores: Scores, mask: Members) -> Score:
        return scores.view(audience=mask, metric="surfaced_hits")


def _averaged(rows: pd.DataFrame) -> pd.DataFrame:
    """Samples averaged over folds, then a row `mean` for each with the standard error over samples (ddof 1)."""
    key = ["rate", "action", "group", "audience", "metric"]
    values = ["score", "stderr", "normalised_loss", "tested", "lost"]
    samples = rows.groupby([*key, "sample"], sort=False)[values].mean().reset_index()
    grouped = samples.groupby(key, sort=False)
    means = grouped[["score", "normalised_loss", "tested", "lost"]].mean().reset_index().assign(sample="mean")
    spread = grouped["score"].agg(["std", "count"]).reset_index()
    means["stderr"] = spread["std"] / np.sqrt(spread["count"])
    return pd.concat([samples, means], ignore_index=True)[[*_ORDER, "tested", "lost"]]


_ORDER = [
    "rate", "action", "group", "sample", "audience", "metric", "score", "stderr", "normalised_loss",
]  # fmt: skip


def _parts(table: pd.DataFrame, gap: float) -> pd.DataFrame:
    """Loss of surfaced hits in points of the gap over everybody; the strikers' and the others' add up to it."""
    hits = table[(table["metric"] == "surfaced_hits") & (table["action"] != "none")]
    rows = []
    for (rate, action), part in hits.groupby(["rate", "action"], sort=False):
        samples = part[part["sample"] != "mean"].set_index(["sample", "audience"])
        whole = samples["tested"].xs("all", level="audience")
        lost = (100 * samples["lost"] / gap).unstack("audience")
        points = lost.div(whole, axis=0)
        means = part[part["sample"] == "mean"].set_index("audience")
        rows.append(
            {
                "rate": rate, "action": action, "surfaced_hits": means["score"]["all"],
                "points_lost": points["all"].mean(),
                "points_lost_stderr": points["all"].std(ddof=1) / np.sqrt(len(points)),
                "points_lost_by_strikers": points["strikers"].mean(), "points_lost_by_others": points["others"].mean(),
                "others_loss_of_their_gap": 100 * means["normalised_loss"]["others"],
                "published_between": _historic(float(means["score"]["all"])),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _historic(hits: float) -> str:
    """Between which two algorithms in print on ML-1M a level of surfaced hits lies."""
    ranked = sorted(PUBLISHED.items(), key=lambda pair: -pair[1])
    if hits >= ranked[0][1]:
        return f"at or above {ranked[0][0]}"
    for (upper, _), (lower, level) in pairwise(ranked):
        if hits >= level:
            return f"{lower} to {upper}"
    return f"below {ranked[-1][0]}"


def _counts(folds: list[_Fold]) -> dict[str, int]:
    counts = [fold.bench.retrainer.counts for fold in folds]
    return {name: sum(getattr(count, name) for count in counts) for name in ("asked", "done", "remembered")}


def _facts(study: Strikes, folds: list[_Fold]) -> list[tuple[str, str]]:
    levels = "; ".join(f"{name}: {full:.4f} and {base:.4f}" for name, (full, base) in folds[0].levels.items())
    whose = "random" if study.groups == "random" else f"half of each group ({study.groups}; {', '.join(GROUPS)})"
    return [
        *folds[0].bench.facts(),
        ("Folds", f"{study.folds} of 5; a mean over folds where there are more"),
        ("Groups", f"{whose}; {study.samples} samples each"),
        ("With everybody's ratings, and film means (fold 0)", levels),
    ]


def _findings(study: Strikes, table: pd.DataFrame, tables: dict[str, Table], folds: list[_Fold]) -> list[Finding]:
    """The study's own figures on ML-1M with SVD, where that is what was run."""
    settings = folds[0].bench.settings
    assert isinstance(settings, MovieLens)
    same = settings.data == "ml-1m" and "svd)" in folds[0].bench.task.label

    def level(metric: str, place: int) -> float:
        return float(np.mean([fold.levels[metric][place] for fold in folds]))

    checks = [
        ("SVD's RMSE is .8734", level("rmse", 0), 0.87343, 0.002),
        ("SVD's surfaced hits are .7739", level("surfaced_hits", 0), 0.77393, 0.001),
        ("Film means surface .7599", level("surfaced_hits", 1), 0.75988, 0.001),
    ]
    parts = tables["strikes_parts"].frame
    third = parts[(parts["rate"] == 0.3) & (parts["action"] == "strike")]
    if len(third):
        row = third.iloc[0]
        checks += [
            ("A strike by 30 % leaves surfaced hits of .7669", row["surfaced_hits"], 0.76687, 0.001),
            ("It costs 50.24 points of the gap", row["points_lost"], 50.24, 6.0),
            ("Of these strikers bear 32.47", row["points_lost_by_strikers"], 32.47, 6.0),
            ("and the others 17.77", row["points_lost_by_others"], 17.77, 6.0),
            ("The others lose 25.4 % of their own gap", row["others_loss_of_their_gap"], 25.4, 6.0),
        ]
    few = "" if study.folds == 5 else f" ({study.folds} of 5 folds)"
    return [
        Finding(
            f"{claim} (five folds, ML-1M)",
            "VHS19",
            f"{found:.4f}{few}; {found - print_:+.4f} from print; held within {within:g}",
            bool(abs(found - print_) <= within) if same else None,
        )
        for claim, found, print_, within in checks
    ]


_NOTE = (
    "normalised_loss: what an audience loses as a share of its own gap between everybody's ratings and film means. "
    "Only means are shown here; every sample is in the files."
)
_ALIKE = (
    "Half of each group strikes. The ratio is the change of surfaced hits of the half that did not strike to that of "
    "everybody else; it is unsteady where both changes are near 0. loss and loss_of_random_strike are of everybody, "
    "as shares of the gap; the random strikers withhold as many ratings."
)
COLUMNS = {
    "rate": "share of the people who strike or boycott",
    "action": "none; strike: their ratings leave the training data; boycott: they leave the service too, hits count 0",
    "group": "random, or the group of which half acts",
    "sample": "number of the sample, or mean",
    "audience": "whose experience: all, strikers, or others (who do not act)",
    "metric": "surfaced_hits, rmse, ndcg_at_10 or precision_at_10, on the test ratings of the fold",
    "score": "the metric, mean over training seeds and folds",
    "stderr": "standard error over training seeds (nan with one); in rows `mean` over samples (ddof 1)",
    "normalised_loss": "(full - score) / (full - film means), each of that audience: 1 is the unpersonalised level",
    "surfaced_hits": "surfaced hits of everybody, mean over samples",
    "points_lost": "loss of everybody's surfaced hits in per cent of the gap to film means",
    "points_lost_stderr": "its standard error over samples",
    "points_lost_by_strikers": "the part of it that is the strikers' own hits",
    "points_lost_by_others": "the part of it that is the others' hits",
    "others_loss_of_their_gap": "loss of the others in per cent of their own gap",
    "published_between": "between which two algorithms in print on ML-1M (1999 item kNN, film means) this level lies",
    "members": "people in the group",
    "strikers": "people who strike: half of it",
    "ratings_struck": "training ratings that are withheld",
    "change_of_similar": "change of surfaced hits, per cent, of the half of the group that did not strike",
    "change_of_others": "change of surfaced hits, per cent, of everybody outside the group",
    "similar_user_effect_ratio": "change_of_similar / change_of_others, of the means over samples [VHS19]",
    "loss": "loss of everybody's surfaced hits as a share of the gap",
    "loss_of_random_strike": "the same for random people with as many ratings",
}
"""Every column of every table of the study."""
