"""Data strikes and boycotts on MovieLens [VHS19]: by random groups, and by groups of people who are alike.

A striker's ratings leave the training data while they go on using the service; a boycotter leaves as well, and their
hits count 0. Every score is read for everybody, for the strikers, and for the others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...ml_tasks.movielens import MovieLens
from ...ml_tasks.settings import InputError
from ...ml_tasks.splits import Dealt
from ...ml_tasks.streams import Streams
from ...ml_tasks.svd import Svd
from .bench import Bench
from .strike_findings import COLUMNS, findings
from .strike_folds import FOLDS, Fold
from .strike_groups import named
from .strike_pictures import alike_picture, losses_picture, scores_picture
from .strike_tables import ORDER, alike, averaged, parts, wide
from .study import Picture, Study, Table

RATES = (0.05, 0.1, 0.2, 0.3, 0.5)


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
        for option, number, most in (("--samples", self.samples, 100_000), ("--folds", self.folds, FOLDS)):
            if not 1 <= number <= most:
                raise InputError(option, number, f"a whole number from 1 to {most}")
        object.__setattr__(self, "rates", tuple(sorted(set(self.rates))))

    def __call__(self, bench: Bench) -> Study:
        """Train without each group and read every audience."""
        if not isinstance(bench.settings, MovieLens):
            raise InputError("--task", bench.kind, "movielens, which this study is of")
        if bench.settings.split != Dealt():
            raise InputError("split", bench.settings.split, "nothing there: the study has folds of its own (--folds)")
        folds, same = [Fold(bench, number) for number in range(self.folds)], _as_in_print(bench.settings)
        rows, effects = (self._random(folds), []) if self.groups == "random" else self._alike(folds)
        table = averaged(rows)
        tables = {
            "strikes": Table("Every score", table[ORDER], printed=False),
            "strikes_means": Table("Scores by strike size, means over samples", wide(table), note=_NOTE),
        }
        borne, pictures = pd.DataFrame(), {"strikes_scores": scores_picture(table)}
        if self.groups == "random":
            borne = parts(table, same)
            tables["strikes_parts"] = Table("The loss of surfaced hits, by who bears it", borne, note=_PARTS)
            pictures = {"strikes": losses_picture(table, same), **pictures}
        else:
            each, means = alike(pd.DataFrame(effects), same)
            tables["strikes_alike"] = Table("Strikes by half of a group of people who are alike", means, note=_ALIKE)
            tables["strikes_alike_samples"] = Table("The same, every sample", each, printed=False)
            pictures = {"strikes": alike_picture(means)}
        return self._study(bench, folds, tables, pictures, borne, same)

    def _study(
        self, bench: Bench, folds: list[Fold], tables: dict[str, Table], pictures: dict[str, Picture],
        borne: pd.DataFrame, same: bool,
    ) -> Study:  # fmt: skip
        split = {"kind": "folds", "folds": FOLDS, "fold": [fold.number for fold in folds]}
        return Study(
            name="strikes",
            title=f"Data strikes: {folds[0].bench.task.label}",
            lead="People take their ratings out of the training data (strike) or leave the service too (boycott).",
            facts=_facts(self, folds),
            tables=tables,
            columns=COLUMNS,
            pictures=pictures,
            findings=findings(folds, borne, same),
            notes=_notes(self, folds),
            manifest={
                "rates": list(self.rates), "samples": self.samples, "groups": self.groups, "folds": self.folds,
                **replace(bench, described={**bench.described, "split": split}).manifest(),
            },
        )  # fmt: skip

    def _random(self, folds: list[Fold]) -> pd.DataFrame:
        return pd.DataFrame([row for fold in folds for row in [*fold.nobody(), *self._random_strikes(fold)]])

    def _random_strikes(self, fold: Fold) -> Iterator[dict[str, object]]:
        draws = [
            (rate, sample, _drawn(fold.bench, sample, rate)) for rate in self.rates for sample in range(self.samples)
        ]
        fold.bench.retrainer.ahead(fold.bench.everyone.without(members) for _, _, members in draws)
        for rate, sample, members in draws:
            for action in ("strike", "boycott"):
                yield from fold.rows(rate, action, "random", sample, members)

    def _alike(self, folds: list[Fold]) -> tuple[pd.DataFrame, list[dict[str, object]]]:
        rows: list[dict[str, object]] = []
        effects = []
        for fold in folds:
            rows += fold.nobody()
            for name, group in named(self.groups, fold.bench.task).items():
                for sample in range(self.samples):
                    half = Streams(0)("half", name, sample).permutation(np.flatnonzero(group))
                    members = np.zeros(fold.bench.people, dtype=bool)
                    members[half[: len(half) // 2]] = True
                    for action in ("strike", "boycott"):
                        rows += fold.rows(float(members.mean()), action, name, sample, members)
                    effects.append(fold.alike(name, group, members, sample))
        table = pd.DataFrame(rows)
        # A group by training ratings differs a little from fold to fold, and its share of the people with it.
        rate = table.groupby(["group", "action"])["rate"].transform("mean").round(12)
        return table.assign(rate=rate), effects


def _as_in_print(settings: MovieLens) -> bool:
    """Whether these are the data and the model of the figures in print."""
    model = settings.model
    return settings.data == "ml-1m" and isinstance(model, Svd) and replace(
        model, precision=Svd().precision, draws=Svd().draws
    ) == Svd()  # fmt: skip


def _drawn(bench: Bench, sample: int, rate: float) -> NDArray[np.bool_]:
    drawn, n = bench.drawn(sample, rate), bench.people
    if not 0 < len(drawn) < n:
        raise InputError("--rates", rate, f"a rate that is at least one of {n} people, and not all")
    members = np.zeros(n, dtype=bool)
    members[drawn] = True
    return members


def _facts(study: Strikes, folds: list[Fold]) -> list[tuple[str, str]]:
    levels = "; ".join(
        f"{name.replace('_', ' ')} {np.mean([fold.levels[name][0] for fold in folds]):.4f} and "
        f"{np.mean([fold.levels[name][1] for fold in folds]):.4f}"
        for name in folds[0].levels
    )
    whose = "random" if study.groups == "random" else f"half of each group by {study.groups}"
    return [
        *folds[0].bench.facts(),
        ("Folds", f"{study.folds} of {FOLDS}" + ("; scores are means over them" if study.folds > 1 else "")),
        ("Groups", f"{whose}; {study.samples} sample{'s' if study.samples > 1 else ''} each"),
        ("With everybody's ratings, and film means", levels),
    ]


def _notes(study: Strikes, folds: list[Fold]) -> list[str]:
    notes = []
    full, base = (float(np.mean([fold.levels["surfaced_hits"][k] for fold in folds])) for k in (0, 1))
    if full <= base:
        notes.append(
            f"This model surfaces no more hits with everybody's ratings ({full:.4f}) than film means do ({base:.4f}): "
            "there is no personalisation to lose, and normalised losses of surfaced hits are undefined."
        )
    if study.samples == 1:
        notes.append("One sample says nothing of the spread over groups: standard errors are undefined.")
    return notes


_NOTE = (
    "loss_of: what an audience loses as a share of its own gap between everybody's ratings and film means, undefined "
    "without such a gap, and unsteady where it is narrow, as for few people. Every sample with its standard error: "
    "strikes.csv."
)
_PARTS = (
    "Strikers' and others' points add up to everybody's. Algorithms in print on ML-1M lie at 0 (svd), .61 "
    "(item_knn_1999), 1 (movie_mean) and 9.8 (random) of the gap."
)
_ALIKE = (
    "Half of each group strikes. The ratio is the change of surfaced hits of the half that did not strike to that of "
    "everybody else; it is unsteady where both changes are near 0. loss and loss_of_random_strike are of everybody, "
    "as shares of the gap; the random strikers withhold as many ratings, as nearly as whole people allow."
)
