"""One fold of the cross-validation in the study of data strikes: what is trained, and what is read of it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ...ml_tasks.scores import Scores, View
from ...ml_tasks.splits import Folds
from ...ml_tasks.streams import Streams
from ...ml_tasks.task import baseline
from .bench import Bench

FOLDS = 5
METRICS = ("surfaced_hits", "rmse", "ndcg_at_10", "precision_at_10")
Members = NDArray[np.bool_]


class Fold:
    """A fold's task, its trainings, and the two levels of its scale."""

    def __init__(self, bench: Bench, number: int) -> None:
        self.number, self.bench = number, bench.varied(split=Folds(FOLDS, number))
        self.full = self.bench.retrainer.scores(self.bench.everyone)
        self.levels = {name: (self.full.view(metric=name).mean, self.base(name)) for name in METRICS}
        """With everybody's data, and with nobody's."""

    def base(self, metric: str, audience: Members | None = None) -> float:
        """What film means give an audience."""
        return baseline(self.bench.task, View("holdout", audience, metric=metric))

    def nobody(self) -> Iterator[dict[str, object]]:
        """Every metric with everybody's data."""
        yield from self.rows(0.0, "none", "everybody", 0, np.zeros(self.bench.people, dtype=bool))

    def rows(self, rate: float, action: str, group: str, sample: int, members: Members) -> Iterator[dict[str, object]]:
        """Every metric for every audience under an action."""
        scores = self.without(members) if action != "none" else self.full
        served = ~members if action == "boycott" else None
        audiences = {"all": None, "strikers": members, "others": ~members} if members.any() else {"all": None}
        for audience, mask in audiences.items():
            for metric in METRICS:
                score = scores.view(audience=mask, served=served, metric=metric)
                full = self.full.view(audience=mask, metric=metric).mean
                yield {
                    "fold": self.number, "rate": rate, "action": action, "group": group, "sample": str(sample),
                    "audience": audience, "metric": metric, "score": score.mean, "stderr": score.stderr,
                    "full": full, "base": self.base(metric, mask), "tested": score.n,
                    "lost": (full - score.mean) * score.n,
                }  # fmt: skip

    def without(self, members: Members | NDArray[np.int64]) -> Scores:
        """Scores after these people's ratings have left the training data."""
        return self.bench.retrainer.scores(self.bench.everyone.without(members))

    def alike(self, name: str, group: Members, members: Members, sample: int) -> dict[str, object]:
        """What a strike by half of a group does to its other half and to everybody else, against a random strike."""
        scores, records = self.without(members), self.bench.task.records
        random = self._as_many(int(records[members].sum()), name, sample)
        like, unlike = (self._change(scores, mask) for mask in (group & ~members, ~group))
        full, base = self.levels["surfaced_hits"]
        return {
            "group": name, "sample": str(sample), "members": int(group.sum()), "strikers": int(members.sum()),
            "ratings_struck": int(records[members].sum()), "ratings_of_random_strike": int(records[random].sum()),
            "change_of_similar": like, "change_of_others": unlike,
            "full": full, "base": base, "score": scores.view(metric="surfaced_hits").mean,
            "score_of_random_strike": self.without(random).view(metric="surfaced_hits").mean,
        }  # fmt: skip

    def _as_many(self, ratings: int, name: str, sample: int) -> NDArray[np.int64]:
        """People in random order whose training ratings come nearest to a number."""
        order = Streams(0)("as many ratings", name, sample).permutation(self.bench.people)
        held = np.append(0, np.cumsum(self.bench.task.records[order]))
        return order[: max(int(np.abs(held - ratings).argmin()), 1)]

    def _change(self, scores: Scores, mask: Members) -> float:
        """Change of surfaced hits of an audience in per cent."""
        after, before = (s.view(audience=mask, metric="surfaced_hits").mean for s in (scores, self.full))
        return 100 * (after - before) / before if before else float("nan")
