"""Pinterest: what will people pin next? One pin of each person is hidden among 99 that they have not [VH21].

The baseline, and what people get of whom a firm has no data, is the same list for everybody: most popular first, by
everybody's training pins. It is also the prior predictor of a firm without data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import identity
from .holdings import Holdings, Recipe
from .item_knn import Baskets, Cooccurrence, ItemKnn, fit
from .pins import NEGATIVES, Pins, load
from .scores import Floats, Metric, Outcomes, Yardstick
from .settings import Checked, InputError, Seeds, check_seeds
from .streams import keyed_uniforms
from .task import metrics_with_default

_OWN_SOURCE = ("pinterest", "pins", "item_knn", "holdings", "scores", "streams")
_FIRST = (5, 10)
METRICS = tuple(
    metric
    for k in _FIRST
    for metric in (
        Metric(
            f"hr_at_{k}", f"share of people whose hidden pin is among the first {k} of 100", True, "mean", "baseline"
        ),
        Metric(f"ndcg_at_{k}", f"mean of 1 / log2(1 + place of the hidden pin), 0 after {k}", True, "mean", "baseline"),
    )
)


@dataclass(frozen=True)
class Pinterest(Checked):
    """Pins of the people who are the contributors; any list of people and items will do."""

    data: Literal["pinterest-20", "pinterest-subset-lightgcn", "csv"] = "pinterest-20"
    path: str | None = None
    """A CSV file (user, item) of your own, with data: csv."""
    model: ItemKnn = field(default_factory=ItemKnn)
    metric: Literal["hr_at_5", "hr_at_10", "ndcg_at_5", "ndcg_at_10"] = "hr_at_5"
    data_seed: int = 0
    train_seeds: Seeds = (0,)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seeds(self.train_seeds)

    def __call__(self) -> "PinTask":
        return PinTask(self, load(self.data, self.path))


class PinTask:
    """Pins with item kNN. A `Task`. Both views read the same hidden pins, as published."""

    formula = False
    threads = False
    noise = False

    def __init__(self, settings: Pinterest, pins: Pins) -> None:
        if len(pins.items) <= NEGATIVES:
            found = f"{len(pins.items)} different items"
            raise InputError("data", found, f"more than {NEGATIVES}, to hide a pin among")
        self.settings, self.pins = settings, pins
        self.label = f"pinterest ({pins.name}, item_knn)"
        self.contributors = tuple(str(user) for user in pins.users)
        self.recipes: Mapping[str, Recipe] = {}
        hidden = self._hidden()
        start = np.searchsorted(pins.user[~hidden], np.arange(len(pins.users) + 1))
        self._baskets = Baskets(start, pins.item[~hidden], len(pins.items))
        self.records = np.diff(start)
        self._people = np.unique(pins.user[hidden]).astype(np.int64)
        targets = pins.item[hidden]
        self._candidates = np.ascontiguousarray(np.column_stack([targets, self._negatives()]), dtype=np.int32)
        row = np.arange(self._candidates.size, dtype=np.uint64)
        self._ties = keyed_uniforms(row, "ties of pins", settings.data_seed).reshape(self._candidates.shape)
        popularity = np.bincount(self._baskets.item, minlength=len(pins.items)).astype(np.float32)
        self._popular = self._places(popularity[self._candidates])
        ones = self._sums(np.zeros(len(self._people), dtype=np.int64))["hr_at_5"]
        metrics = metrics_with_default(METRICS, settings.metric)
        self.yardstick = Yardstick(metrics, dict.fromkeys(metrics, ones), Outcomes(self._sums(self._popular)))

    @cached_property
    def key(self) -> str:
        settings = identity.settings_key(replace(self.settings, train_seeds=(0,), metric="hr_at_5", path=None))
        libraries = identity.versions("numpy", "numba", "llvmlite")
        return repr((settings, self.pins.fingerprint, identity.source_digest(*_OWN_SOURCE), libraries, identity.cpu()))

    def train(self, holdings: Holdings, seed: int) -> Any:
        """Return the place of each person's hidden pin among its 100, 0 the first, and why if degenerate."""
        present = holdings.present
        if self.records[present].sum() == 0:
            return self._popular, "no training record: the most popular for all"
        model = fit(self.settings.model, self._cooccurrence, present)
        known = np.flatnonzero(present[self._people])
        scores = model.scores(self._baskets, self._people[known], np.ascontiguousarray(self._candidates[known]))
        places = self._popular.copy()
        places[known] = self._places(scores, known)
        return places, ""

    def outcomes(self, model: Any) -> Outcomes:
        """Hits and discounted gains of every person."""
        places, degenerate = model
        return Outcomes(self._sums(places), degenerate)

    @cached_property
    def _cooccurrence(self) -> Cooccurrence:
        """Everybody's table: counted once for a task, when it first trains."""
        return Cooccurrence(self._baskets)

    def _hidden(self) -> NDArray[np.bool_]:
        """One pin of each person with at least two, official or drawn."""
        pins = self.pins
        if pins.test is not None:
            official: NDArray[np.bool_] = pins.item == pins.test[pins.user]
            return official
        pair = pins.user.astype(np.uint64) * np.uint64(len(pins.items)) + pins.item.astype(np.uint64)
        order = np.lexsort((keyed_uniforms(pair, "hidden pin", self.settings.data_seed), pins.user))
        _users, first, count = np.unique(pins.user, return_index=True, return_counts=True)
        hidden = np.zeros(len(pins.user), dtype=bool)
        hidden[order[first[count >= 2]]] = True
        return hidden

    def _negatives(self) -> NDArray[np.int32]:
        """For each tested person 99 items that they have not, official or drawn."""
        if self.pins.negatives is not None:
            official: NDArray[np.int32] = self.pins.negatives[self._people]
            return official
        pins, n = self.pins, len(self.pins.items)
        bounds = np.searchsorted(pins.user, np.arange(len(pins.users) + 1))
        drawn = np.empty((len(self._people), NEGATIVES), dtype=np.int32)
        for row, user in enumerate(self._people):
            own = pins.item[bounds[user] : bounds[user + 1]]
            if n - len(own) < NEGATIVES:
                found = f"a person ({pins.users[user]}) with {len(own)} of the {n} items"
                raise InputError("data", found, f"at least {NEGATIVES} items that they have not")
            rng = np.random.default_rng([self.settings.data_seed, 5, int(user)])
            others = np.empty(0, dtype=np.int64)
            while len(others) < NEGATIVES:
                more = np.setdiff1d(rng.integers(0, n, 2 * NEGATIVES), own)
                others = np.union1d(others, more)
            drawn[row] = rng.permutation(others)[:NEGATIVES]
        return drawn

    def _places(self, scores: NDArray[np.float32], rows: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.int64]:
        """How many candidates come before the hidden pin, the first; ties by a draw of their own."""
        ties = self._ties[rows]
        before = (scores > scores[:, :1]) | ((scores == scores[:, :1]) & (ties < ties[:, :1]))
        places: NDArray[np.int64] = before.sum(axis=1)
        return places

    def _sums(self, places: NDArray[np.int64]) -> dict[str, Floats]:
        sums = {}
        for k in _FIRST:
            hit = places < k
            for name, value in ((f"hr_at_{k}", hit), (f"ndcg_at_{k}", hit / np.log2(places + 2.0))):
                row = np.bincount(self._people, value, minlength=len(self.contributors) + 1).astype(float)
                sums[name] = np.stack([row, row])
        return sums
