"""Digits: scikit-learn's 1,797 images of handwritten digits, read by a small network, scored by accuracy.

The baseline is chance. The prior predictor of a firm without data is chance too; with a single label in the
data it is that label.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from . import identity
from .dealing import Deal, Equal
from .holdings import Holdings, Recipe, Records, apply_recipes
from .network import Network
from .recipes import RECIPES
from .scores import Floats, Metric, Outcomes, Yardstick
from .settings import Checked, Seeds, check_seeds
from .splits import Dealt, Split
from .streams import Streams, mix

ACCURACY = Metric("accuracy", "share of test images whose digit is read correctly", True)


@dataclass(frozen=True)
class Digits(Checked):
    """Images of handwritten digits, dealt out to contributors."""

    deal: Deal = field(default_factory=Equal)
    model: Network = field(default_factory=Network)
    split: Split = field(default_factory=Dealt)
    data_seed: int = 0
    train_seeds: Seeds = (0,)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seeds(self.train_seeds)

    def __call__(self) -> "DigitsTask":
        return DigitsTask(self)


class DigitsTask:
    """Handwritten digits with a small torch network. A `Task`."""

    formula = False
    threads = False
    noise = True

    def __init__(self, settings: Digits) -> None:
        from sklearn.datasets import load_digits

        images, labels = load_digits(return_X_y=True)
        self.settings, self.label = settings, "digits (scikit-learn, network)"
        self._pixels, self._digit = (images / 16.0).astype(np.float32), labels.astype(np.int64)
        self._levels = np.arange(10.0)
        record_key = mix(np.arange(len(labels), dtype=np.uint64))
        owner = settings.deal(labels, len(labels), Streams(settings.data_seed)("deal"))
        n = max(settings.deal.contributors, int(owner.max()) + 1)
        self.contributors = tuple(f"person {i + 1}" for i in range(n))
        parts = settings.split(record_key, owner, settings.data_seed)
        self._owner, self._parts, self._key = owner, parts, record_key
        self._rows = np.flatnonzero(parts.train)
        self._training = Records(
            record_key[self._rows], labels[self._rows].astype(float), self._levels, np.ones(len(self._rows), bool)
        )
        self.records = np.bincount(owner[self._rows], minlength=n)
        self.recipes: Mapping[str, Recipe] = {name: RECIPES[name] for name in ("shuffled",)}
        counts = {"accuracy": self._per_owner(np.ones(len(labels)))}
        chance = Outcomes({"accuracy": counts["accuracy"] / 10.0})
        self.yardstick = Yardstick({"accuracy": ACCURACY}, counts, chance)

    @cached_property
    def key(self) -> str:
        import torch

        kernel = ("digits", "network", "dealing", "recipes", "splits", "holdings", "scores", "streams")
        libraries = identity.versions("numpy", "torch", "scikit-learn")
        settings = identity.settings_key(replace(self.settings, train_seeds=(0,)))
        hardware = (identity.cpu(), torch.backends.cpu.get_cpu_capability())
        return repr((settings, identity.source_digest(*kernel), libraries, hardware))

    def train(self, holdings: Holdings, seed: int) -> Any:
        """Return digit logits or probabilities for every image, shape (images, 10), and why if degenerate."""
        kept = apply_recipes(holdings, self._owner[self._rows], self._training)
        rows, labels = self._rows[kept.kept], kept.target[kept.kept].astype(np.int64)
        if len(rows) == 0:
            return None, "no training record: chance"
        if len(found := np.unique(labels)) == 1:
            return np.eye(10)[np.full(len(self._digit), found[0])], "one label only: that label for all"
        model = self.settings.model.fit(self._pixels[rows], labels, 10, self._key[rows], seed)
        return model(self._pixels), ""

    def outcomes(self, model: Any) -> Outcomes:
        """Correct images by owner and test set."""
        scores, degenerate = model
        if scores is None:
            return replace(self.yardstick.baseline, degenerate=degenerate)
        if not np.isfinite(scores).all():
            return Outcomes({"accuracy": np.full_like(self.yardstick.counts["accuracy"], np.nan)})
        correct = (scores.argmax(axis=1) == self._digit).astype(float)
        return Outcomes({"accuracy": self._per_owner(correct)}, degenerate)

    def _per_owner(self, values: Floats) -> Floats:
        """Sums over the holdout and company images by owner, shape (2, owners + 1)."""
        sets = (self._parts.holdout, self._parts.company)
        size = len(self.contributors) + 1
        return np.stack([np.bincount(self._owner[s], values[s], minlength=size) for s in sets])
