"""Toxic comments: tell from a text whether people find it toxic, scored by the area under the ROC curve [VH21].

The baseline is chance, .5; so is the prior predictor of a firm without data, or with texts of one label only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from . import identity
from .dealing import Deal, OneEach
from .holdings import Holdings, Recipe, Records, apply_recipes
from .recipes import RECIPES
from .scores import Metric, Outcomes, Ranked, Yardstick
from .settings import Checked, Seeds, check_seeds
from .splits import Dealt, Split
from .streams import Streams
from .text_classifier import TextClassifier
from .texts import Texts, load

AUC = Metric("auc", "area under the ROC curve of the toxic texts against the others", True, "auc", "baseline")
_OWN_SOURCE = ("toxic", "texts", "terms", "text_classifier", "dealing", "recipes", "splits", "holdings", "scores")


@dataclass(frozen=True)
class Toxic(Checked):
    """Comments with a label: toxic or not."""

    data: Literal["jigsaw", "jigsaw-sample", "csv"] = "jigsaw"
    path: str | None = None
    """A texts.csv (user, text, label) of your own, with data: csv."""
    deal: Deal = field(default_factory=OneEach)
    """Whose comments are whose, where nobody knows; in a file of your own they are the users'."""
    model: TextClassifier = field(default_factory=TextClassifier)
    split: Split = field(default_factory=Dealt)
    data_seed: int = 0
    train_seeds: Seeds = (0,)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seeds(self.train_seeds)

    def __call__(self) -> "ToxicTask":
        return ToxicTask(self, load(self.data, self.path))


class ToxicTask:
    """Comments with TF-IDF and logistic regression. A `Task`."""

    formula = False
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
        ones = np.ones(len(self._rows), dtype=bool)
        self._training = Records(texts.key[self._rows], labels[self._rows].astype(float), np.array([0.0, 1.0]), ones)
        self.records = np.bincount(self._owner[self._rows], minlength=n)
        self.recipes: Mapping[str, Recipe] = {name: RECIPES[name] for name in ("shuffled",)}
        sets = np.stack([parts.holdout[self._tests], parts.company[self._tests]])
        ranked = Ranked(self._owner[self._tests], texts.label[self._tests], sets)
        chance = Outcomes({"auc": np.full(len(self._tests), 0.5)})
        self.yardstick = Yardstick({"auc": AUC}, {"auc": ranked.counts(n)}, chance, {"auc": ranked})

    @cached_property
    def key(self) -> str:
        settings = identity.settings_key(replace(self.settings, train_seeds=(0,), path=None))
        libraries = identity.versions("numpy", "scipy", "scikit-learn")
        source = identity.source_digest(*_OWN_SOURCE, "streams")
        return repr((settings, self.texts.fingerprint, source, libraries, identity.cpu()))

    def train(self, holdings: Holdings, seed: int) -> Any:
        """Return the probability that each test text is toxic, or None, and why if degenerate."""
        kept = apply_recipes(holdings, self._owner[self._rows], self._training)
        rows, labels = self._rows[kept.kept], kept.target[kept.kept].astype(np.int64)
        if len(rows) == 0:
            return None, "no training record: chance"
        if len(np.unique(labels)) == 1:
            return None, "one label only: chance"
        return self._reader(rows, labels, self._tests, seed), ""

    def outcomes(self, model: Any) -> Outcomes:
        """What the model said of every test text."""
        scored, degenerate = model
        return replace(self.yardstick.baseline, degenerate=degenerate) if scored is None else Outcomes({"auc": scored})

    @cached_property
    def _reader(self) -> Any:
        """The classifier with the terms of all texts counted: once for a task, when it first trains."""
        return self.settings.model.counted(self.texts.text)
