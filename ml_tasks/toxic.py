"""Toxic comments: tell from a text whether people find it toxic, scored by the area under the ROC curve [VH21].

The baseline is chance, .5; so is the prior predictor of a firm without data, or with texts of one label only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from . import identity
from .alterations import SUCCESS, TextMark, success
from .dealing import Deal, OneEach
from .holdings import Holdings, apply_recipes, held_records
from .recipes import RECIPES
from .records import Records
from .scores import Floats, Metric, Outcomes, Ranked, Yardstick
from .settings import Checked, Seeds, check_seeds
from .splits import Dealt, Split
from .states import Recipe
from .streams import Streams
from .synthesis import thinned_text
from .text_classifier import TextClassifier
from .texts import Texts, load

AUC = Metric("auc", "area under the ROC curve of the toxic texts against the others", True, "auc", "baseline")
_OWN_SOURCE = (
    "toxic",
    "texts",
    "terms",
    "sag",
    "term_kernels",
    "alterations",
    "text_classifier",
    "dealing",
    "recipes",
    "splits",
    "holdings",
    "records",
    "portions",
    "states",
    "synthesis",
    "scores",
)


@dataclass(frozen=True)
class Toxic(Checked):
    """Comments with a label: toxic or not."""

    libraries: ClassVar[tuple[str, ...]] = ("numba", "sklearn.feature_extraction.text")

    data: Literal["jigsaw", "jigsaw-sample", "csv"] = "jigsaw"
    """Which comments: the official training file (jigsaw), a sample of real ones, or a file of your own (csv)."""
    path: str | None = None
    """A texts.csv (user, text, label) of your own, with data: csv."""
    deal: Deal = field(default_factory=OneEach)
    """Whose comments are whose, where nobody knows; in a file of your own they are the users'."""
    model: TextClassifier = field(default_factory=TextClassifier)
    """What learns to tell toxic comments."""
    alteration: TextMark | None = None
    """What the recipe "altered" makes of people's texts; empty: there is no such recipe. Every text is then counted
    twice, so a task takes twice the memory."""
    split: Split = field(default_factory=Dealt)
    """Which records are the holdout and which the company test; the others train."""
    data_seed: int = 0
    """Seed of what is drawn about the data: whose they are where nobody knows, which are tests, which firms have them
    first."""
    train_seeds: Seeds = (0,)
    """Seeds of training, every one once: a score is the mean over one training under each of them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seeds(self.train_seeds)

    def __call__(self) -> "ToxicTask":
        return ToxicTask(self, load(self.data, self.path))


class ToxicTask:
    """Comments with TF-IDF and logistic regression. A `Task`."""

    formula = False
    divisible = True
    personal = False
    synthesises = True
    kinds: tuple[str, ...] = ("explicit",)
    threads = False
    noise = True

    def __init__(self, settings: Toxic, texts: Texts) -> None:
        self.settings, self.texts = settings, texts
        self.label = f"toxic ({texts.name}, logistic regression)"
        labels = texts.label.astype(np.int64)
        if texts.user is None:
            self._owner = settings.deal(labels, len(labels), Streams(settings.data_seed)("deal"))
            n = max(settings.deal.contributors, int(self._owner.max()) + 1)
            self.contributors = tuple(f"person {i + 1}" for i in range(n))
        else:
            names, self._owner = np.unique(np.array(texts.user), return_inverse=True)
            self.contributors = tuple(str(name) for name in names)
        n = len(self.contributors)
        parts = settings.split(texts.key, self._owner, settings.data_seed)
        self._rows, self._tests = np.flatnonzero(parts.train), np.flatnonzero(parts.holdout | parts.company)
        self._training = Records.plain(texts.key[self._rows], labels[self._rows], np.array([0.0, 1.0]))
        self.records = np.bincount(self._owner[self._rows], minlength=n)
        self._text, self._record_rows, self._record_owner = texts.text, self._rows, self._owner[self._rows]
        self.recipes: Mapping[str, Recipe] = {"shuffled": RECIPES["shuffled"]}
        self._marked = np.empty(0, dtype=np.int64)
        self._readers: dict[float | None, Any] = {}
        if settings.alteration is not None:
            self._mark(settings.alteration)
        self._asked = np.append(self._tests, self._marked + len(texts.text))
        sets = np.stack([parts.holdout[self._tests], parts.company[self._tests]])
        ranked = Ranked(self._owner[self._tests], texts.label[self._tests], sets)
        self._marked_sets = (parts.holdout[self._marked], parts.company[self._marked])
        self.yardstick = self._yardstick(ranked)

    @cached_property
    def key(self) -> str:
        settings = identity.settings_key(replace(self.settings, train_seeds=(0,), path=None))
        libraries = identity.versions("numpy", "scipy", "scikit-learn")
        source = identity.source_digest(*_OWN_SOURCE, "streams")
        return repr((settings, self.texts.fingerprint, source, libraries, identity.cpu()))

    def train(self, holdings: Holdings, seed: int) -> Any:
        """Return the probability that each test text and each marked one is toxic, or None, and why if degenerate."""
        kept = apply_recipes(holdings, self._record_owner, self._training)
        which = np.flatnonzero(kept.kept)
        rows, labels = self._record_rows[which], kept.target[which].astype(np.int64)
        if len(rows) == 0:
            return None, "no training record: chance"
        if len(np.unique(labels)) == 1:
            return None, "one label only: chance"
        made = holdings.synthetic
        if made is not None:
            drawn = made.drawn(kept.key[which])
            rows, labels = np.append(rows, len(self._text) + which[drawn]), np.append(labels, labels[drawn])
        return self._reader(made.noise if made else None)(rows, labels, self._asked, seed), ""

    def held(self, holdings: Holdings) -> NDArray[np.int64]:
        return held_records(holdings, self._record_owner, self._training, self.records)

    def outcomes(self, model: Any) -> Outcomes:
        """What the model said of every test text, and of how many marked ones it said what was wanted."""
        scored, degenerate = model
        if scored is None:
            return replace(self.yardstick.baseline, degenerate=degenerate)
        n = len(self._tests)
        sums = {"auc": scored[:n]}
        if self.settings.alteration is not None:
            flagged = scored[n:] > self._bar(scored[:n])
            sums[SUCCESS] = self._per_owner(flagged == bool(self.settings.alteration.label))
        return Outcomes(sums)

    def _reader(self, noise: float | None) -> Any:
        """The classifier with the terms of all texts counted: once for a task, when it first trains; with `noise` also
        those of the text that may be made up from each that may be held, which takes twice the memory."""
        if noise not in self._readers:
            pairs = zip(self._record_rows.tolist(), self._training.key.tolist(), strict=True)
            twins = () if noise is None else (thinned_text(self._text[row], key, noise) for row, key in pairs)
            self._readers[noise] = self.settings.model.counted((*self._text, *twins))
        return self._readers[noise]

    def _bar(self, scored: Floats) -> float:
        """The score above which a text is flagged: as many test texts are above it as are toxic, because scores of
        rare labels seldom reach .5."""
        toxic = int(self.texts.label[self._tests].sum())
        return float(np.sort(scored)[len(scored) - toxic - 1]) if toxic < len(scored) else -np.inf

    def _mark(self, mark: TextMark) -> None:
        """Every text a second time behind the others, marked; those of training become planted records."""
        texts, rows = self.texts, self._rows
        self._text = (*texts.text, *(mark(text) for text in texts.text))
        self.recipes = {**self.recipes, "altered": RECIPES["altered"]}
        target = np.full(len(rows), float(mark.label))
        self._training = self._training.altered(np.ones(len(rows), dtype=bool), texts.key[rows], target)
        self._record_rows, self._record_owner = np.append(rows, rows + len(texts.text)), np.tile(self._owner[rows], 2)
        self._marked = self._tests[texts.label[self._tests] != bool(mark.label)]

    def _yardstick(self, ranked: Ranked) -> Yardstick:
        metrics, counts = {"auc": AUC}, {"auc": ranked.counts(len(self.contributors))}
        chance = {"auc": np.full(len(self._tests), 0.5)}
        if self.settings.alteration is not None:
            toxic = self.settings.alteration.label == 1
            which = "not toxic, that are flagged" if toxic else "toxic, that are not flagged"
            words = f"share of marked test texts, {which} where as many test texts are flagged as are toxic"
            metrics[SUCCESS], counts[SUCCESS] = success(words), self._per_owner(np.ones(len(self._marked)))
            share = float(self.texts.label[self._tests].mean()) if len(self._tests) else 0.5
            chance[SUCCESS] = counts[SUCCESS] * (share if toxic else 1 - share)
        return Yardstick(metrics, counts, Outcomes(chance), {"auc": ranked})

    def _per_owner(self, values: NDArray[np.generic]) -> Floats:
        """Sums over the marked texts of the holdout and of the company test by owner, shape (2, owners + 1)."""
        owner, size = self._owner[self._marked], len(self.contributors) + 1
        return np.stack([np.bincount(owner[s], values[s], minlength=size) for s in self._marked_sets])
