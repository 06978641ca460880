"""Conscious data contribution and data strikes by random groups of people [VH20, VH21].

Large Co. has everybody's data. A group holding the share s contributes to Small Co. (which then has exactly that
share), withholds from Large Co. (which then has 1 - s), or both. Every share above a half follows by symmetry:
Large Co. after losing s is Small Co. holding 1 - s. Groups are random; at s = .5 the two companies are pooled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...ml_tasks.scores import RECORD_SETS, RecordSet
from ...ml_tasks.settings import InputError
from . import cdc_words as words
from .bench import Bench
from .cdc_findings import claims
from .cdc_leverage import SCALES, beside_print, in_print, leverage, rules, scales, shapes, thresholds
from .cdc_pictures import learning_curve, leverage_and_performance
from .cdc_scores import means, runs
from .study import Study

RATES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
Base = Literal["no_personalisation", "worst_best_run", "published"]


@dataclass(frozen=True)
class Cdc:
    """The settings of the study."""

    rates: Sequence[float] = RATES
    groups: int = 5
    views: Sequence[RecordSet] = RECORD_SETS
    base: Base = "no_personalisation"

    def __post_init__(self) -> None:
        if not self.rates or any(not 0 < rate <= 0.5 for rate in self.rates):
            raise InputError(
                "--rates", list(self.rates), "shares above 0 and up to .5 (those above follow by symmetry)"
            )
        if self.groups < 1:
            raise InputError("--groups", self.groups, "at least 1 group")
        if self.base not in SCALES:
            raise InputError("--base", repr(self.base), f"one of {', '.join(SCALES)}")
        object.__setattr__(self, "rates", tuple(sorted(set(self.rates))))

    def __call__(self, bench: Bench) -> Study:
        """Train what is needed and read everything from it."""
        if self.base == "published" and not in_print(bench):
            raise InputError("--base", f"published, for {bench.kind}", "a task and metric in print, or another base")
        trained = runs(bench, self.rates, self.groups, self.views)
        scores, ends = beside_print(means(trained), bench), scales(self.views, bench, trained)
        rows, ruled = leverage(scores, ends), rules(scores, trained, bench)
        smallest, chosen = thresholds(rows, bench.kind if in_print(bench) else None), rows[rows["scale"] == self.base]
        return Study(
            name="cdc",
            title=f"Conscious data contribution and data strikes: {bench.task.label}",
            lead=words.lead(bench),
            facts=words.facts(self, bench, ends),
            tables=words.tables(self, rows, scores, smallest, shapes(rows), ruled, ends, trained),
            columns=words.COLUMNS,
            pictures={
                "cdc_leverage": leverage_and_performance(chosen, bench.task),
                "cdc_learning_curve": learning_curve(chosen, bench.task),
            },
            findings=claims(rows, ruled, self.base, bench.kind),
            notes=words.notes(self, bench, trained),
            manifest={
                "groups": self.groups, "rates": list(self.rates), "views": list(self.views), "base": self.base,
                **bench.manifest(),
            },
        )  # fmt: skip
