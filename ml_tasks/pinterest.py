"""Pinterest: what will people pin next? One pin of each person is hidden among 99 that they have not [VH21].

The baseline, and what people get of whom a firm has no data, is the same list for everybody: most popular first, by
everybody's training pins. It is also the prior predictor of a firm without data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from . import identity
from .alterations import SUCCESS, Promotion, success
from .holdings import Holdings
from .item_knn import Baskets, Cooccurrence, ItemKnn, fit
from .lists import Lists, lists_for, target_of, unseen
from .pins import NEGATIVES, Pins, load
from .recipes import RECIPES
from .scores import Floats, Metric, Outcomes, Yardstick
from .settings import Checked, InputError, Seeds, check_seeds
from .states import Recipe
from .streams import keyed_uniforms
from .task import metrics_with_default

_OWN_SOURCE = (
    "pinterest",
    "pins",
    "item_knn",
    "item_knn_kernels",
    "lists",
    "alterations",
    "holdings",
    "records",
    "portions",
    "states",
    "synthesis",
    "recipes",
    "scores",
    "streams",
)
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

    libraries: ClassVar[tuple[str, ...]] = ("numba",)

    data: Literal["pinterest-20", "pinterest-subset-lightgcn", "csv"] = "pinterest-20"
    """Which pins: the published set (pinterest-20) [VH21], another real one, or a file of your own (csv)."""
    path: str | None = None
    """A CSV file (user, item) of your own, with data: csv."""
    model: ItemKnn = field(default_factory=ItemKnn)
    """What puts a person's candidates in order."""
    metric: Literal["hr_at_5", "hr_at_10", "ndcg_at_5", "ndcg_at_10"] = "hr_at_5"
    """What quality of service, harm and the worth of data are read in; leverage is told in every metric."""
    alteration: Promotion | None = None
    """What the recipe "altered" makes of people's pins, an item that all of them pin; empty: no such recipe."""
    data_seed: int = 0
    """Seed of what is drawn about the data: whose they are where nobody knows, which are tests, which firms have them
    first."""
    train_seeds: Seeds = (0,)
    """Seeds of training, every one once: a score is the mean over one training under each of them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seeds(self.train_seeds)
        if self.alteration is not None and (self.alteration.genre or self.alteration.push == "demote"):
            raise InputError("alteration", "a genre or push: demote", "an item to promote: pins have no genre or grade")

    def __call__(self) -> "PinTask":
        return PinTask(self, load(self.data, self.path))


class PinTask:
    """Pins with item kNN. A `Task`. Both views read the same hidden pins, as published."""

    formula = False
    divisible = False
    personal = True
    synthesises = False
    kinds: tuple[str, ...] = ("explicit",)
    """A pin is implicit feedback to the model, which sees no rating; but people put it on a board on purpose, see it
    there and can take it down, as they cannot what they leave behind unawares. So by what it is to its owner, which is
    what levers and law are about, it is explicit and no trace."""
    threads = False
    noise = False

    def __init__(self, settings: Pinterest, pins: Pins) -> None:
        if len(pins.items) <= NEGATIVES:
            found = f"{len(pins.items)} different items"
            raise InputError("data", found, f"more than {NEGATIVES}, to hide a pin among")
        self.settings, self.pins = settings, pins
        self.label = f"pinterest ({pins.name}, item_knn)"
        self.contributors = tuple(str(user) for user in pins.users)
        hidden = self._hidden()
        start = np.searchsorted(pins.user[~hidden], np.arange(len(pins.users) + 1))
        genuine = Baskets(start, pins.item[~hidden], len(pins.items))
        self.records = np.diff(start)
        people = np.unique(pins.user[hidden]).astype(np.int64)
        candidates = np.column_stack([pins.item[hidden], self._negatives(people)])
        self._tested = Lists.of(people, candidates, "ties of pins", settings.data_seed)
        self._popularity = np.bincount(genuine.item, minlength=len(pins.items)).astype(np.float32)
        self.recipes: Mapping[str, Recipe] = {}
        self._baskets, self._promoted, metrics = genuine, None, METRICS
        if settings.alteration is not None:
            self.recipes = {"altered": RECIPES["altered"]}
            target = target_of(settings.alteration, pins.items, self._popularity.astype(np.int64))
            self._baskets, self._promoted = genuine.altered(target), self._lists(settings.alteration, target)
            metrics = (*METRICS, success(f"how often the item is among the first {settings.alteration.first} of "
                                         f"{settings.alteration.among} items that a person has not"))  # fmt: skip
        popular = [lists.places(self._popularity[lists.item]) for lists in self._all_lists]
        self._popular, named = popular, metrics_with_default(metrics, settings.metric)
        ones = self._sums([np.zeros_like(places) for places in popular])
        counts = {name: ones["hr_at_5" if name != SUCCESS else SUCCESS] for name in named}
        self.yardstick = Yardstick(named, counts, Outcomes(self._sums(popular)))

    @cached_property
    def key(self) -> str:
        settings = identity.settings_key(replace(self.settings, train_seeds=(0,), metric="hr_at_5", path=None))
        libraries = identity.versions("numpy", "numba", "llvmlite")
        return repr((settings, self.pins.fingerprint, identity.source_digest(*_OWN_SOURCE), libraries, identity.cpu()))

    def train(self, holdings: Holdings, seed: int) -> Any:
        """Return for each person the place of the hidden pin among its 100, 0 the first, and that of a promoted item
        on their list; and why if degenerate. Who is not known by their basket sees what strangers see."""
        present = holdings.present
        if self.records[present].sum() == 0:
            return self._popular, "no training record: the most popular for all"
        # Whom a firm has is one of two baskets: as the person made it, or altered.
        basket = np.arange(len(present)) + np.where(holdings.poisoned, len(present), 0)
        held = np.zeros(self._baskets.people, dtype=bool)
        held[basket[present]] = True
        model = fit(self.settings.model, self._cooccurrence, held)
        found = []
        for lists, popular in zip(self._all_lists, self._popular, strict=True):
            known = np.flatnonzero((present & ~holdings.unlinked)[lists.people])
            items = np.ascontiguousarray(lists.item[known])
            scores = model.scores(self._baskets, basket[lists.people[known]], items)
            places = popular.copy()
            places[known] = lists.places(scores, known)
            found.append(places)
        return found, ""

    def held(self, holdings: Holdings) -> NDArray[np.int64]:
        return np.where(holdings.present, self.records, 0)

    def outcomes(self, model: Any) -> Outcomes:
        """Hits and discounted gains of every person."""
        places, degenerate = model
        return Outcomes(self._sums(places), degenerate)

    @cached_property
    def _cooccurrence(self) -> Cooccurrence:
        """Everybody's table: counted once for a task, when it first trains."""
        return Cooccurrence(self._baskets, len(self.contributors))

    @property
    def _all_lists(self) -> list[Lists]:
        return [self._tested] if self._promoted is None else [self._tested, self._promoted]

    def _lists(self, promotion: Promotion, target: int) -> Lists:
        """For everybody who has not pinned the target: it and other items that they have not."""
        pins = self.pins
        start = np.searchsorted(pins.user, np.arange(len(pins.users) + 1))
        items = len(pins.items)
        return lists_for(promotion, target, start, pins.item, items, pins.users, self.settings.data_seed)

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

    def _negatives(self, people: NDArray[np.int64]) -> NDArray[np.int32]:
        """For each tested person 99 items that they have not, official or drawn."""
        if self.pins.negatives is not None:
            official: NDArray[np.int32] = self.pins.negatives[people]
            return official
        pins, n = self.pins, len(self.pins.items)
        bounds = np.searchsorted(pins.user, np.arange(len(pins.users) + 1))
        drawn = np.empty((len(people), NEGATIVES), dtype=np.int32)
        for row, user in enumerate(people):
            rng = np.random.default_rng([self.settings.data_seed, 5, int(user)])
            drawn[row] = unseen(pins.item[bounds[user] : bounds[user + 1]], n, NEGATIVES, rng, str(pins.users[user]))
        return drawn

    def _sums(self, places: Sequence[NDArray[np.int64]]) -> dict[str, Floats]:
        sums = {}
        for k in _FIRST:
            hit = places[0] < k
            for name, value in ((f"hr_at_{k}", hit), (f"ndcg_at_{k}", hit / np.log2(places[0] + 2.0))):
                sums[name] = self._per_person(self._tested, value)
        if self._promoted is not None and self.settings.alteration is not None:
            sums[SUCCESS] = self._per_person(self._promoted, places[1] < self.settings.alteration.first)
        return sums

    def _per_person(self, lists: Lists, value: NDArray[np.generic]) -> Floats:
        row = np.bincount(lists.people, value, minlength=len(self.contributors) + 1).astype(float)
        return np.stack([row, row])
