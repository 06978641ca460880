"""CIFAR-10: which of ten things is in a picture, scored by accuracy [VH21].

The holdout is the official test set, which belongs to nobody; the company test is a tenth of the training images.
The baseline is chance. So is the prior predictor of a firm without data; with a single label it is that label.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from . import identity
from .dealing import Deal, OneEach
from .holdings import Holdings, Recipe, Records, apply_recipes
from .image_models import ImageModel
from .images import Images, load
from .patches import Patches
from .recipes import RECIPES
from .scores import Floats, Metric, Outcomes, Yardstick
from .settings import Checked, Count, Seeds, Share, check_seeds
from .streams import Streams, keyed_uniforms, mix

ACCURACY = Metric("accuracy", "share of test images whose content is named rightly", True)
_OWN_SOURCE = ("cifar10", "images", "image_models", "patches", "resnet", "network", "dealing", "recipes", "holdings")


@dataclass(frozen=True)
class Cifar10(Checked):
    """Small photographs of ten kinds of things, dealt out to contributors."""

    images: Count = 0
    """Only so many training images, drawn by the data seed; 0: all."""
    deal: Deal = field(default_factory=OneEach)
    model: ImageModel = field(default_factory=Patches)
    company: Share = 0.1
    """Share of the training images that are the company test."""
    data_seed: int = 0
    train_seeds: Seeds = (0,)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seeds(self.train_seeds)

    def __call__(self) -> "ImageTask":
        return ImageTask(self, load(self.images, self.data_seed))


class ImageTask:
    """Photographs with a model. A `Task`."""

    formula = False
    threads = False

    def __init__(self, settings: Cifar10, images: Images) -> None:
        self.settings, self.images, self.noise = settings, images, settings.model.noise
        self.label = f"cifar10 ({images.name}, {type(settings.model).__name__.lower()})"
        training = np.flatnonzero(~images.official_test)
        owner = settings.deal(images.label[training], len(training), Streams(settings.data_seed)("deal"))
        n = max(settings.deal.contributors, int(owner.max()) + 1)
        self.contributors = tuple(f"person {i + 1}" for i in range(n))
        self._owner = np.full(len(images.label), n)  # the test images are nobody's
        self._owner[training] = owner
        key = mix(np.arange(len(images.label), dtype=np.uint64))
        company = ~images.official_test & (keyed_uniforms(key, "company", settings.data_seed) < settings.company)
        self._sets = (images.official_test, company)
        self._asked = np.flatnonzero(images.official_test | company)
        self._rows = np.flatnonzero(~images.official_test & ~company)
        target, ones = images.label[self._rows].astype(float), np.ones(len(self._rows), dtype=bool)
        self._training = Records(key[self._rows], target, np.arange(10.0), ones)
        self.records = np.bincount(self._owner[self._rows], minlength=n)
        self.recipes: Mapping[str, Recipe] = {name: RECIPES[name] for name in ("shuffled",)}
        counts = {"accuracy": self._per_owner(np.ones(len(self._asked)))}
        chance = Outcomes({"accuracy": counts["accuracy"] / 10.0})
        self.yardstick = Yardstick({"accuracy": ACCURACY}, counts, chance)

    @cached_property
    def key(self) -> str:
        import torch

        settings = identity.settings_key(replace(self.settings, train_seeds=(0,)))
        libraries = identity.versions("numpy", "scipy", "torch")
        gpu = torch.cuda.get_device_name() if self.noise and torch.cuda.is_available() else "no GPU"
        hardware = (identity.cpu(), torch.backends.cpu.get_cpu_capability(), gpu)
        source = identity.source_digest(*_OWN_SOURCE, "scores", "streams")
        return repr((settings, self.images.fingerprint, source, libraries, hardware))

    def train(self, holdings: Holdings, seed: int) -> Any:
        """Return each test image's label as the model reads it, or None, and why if degenerate."""
        owner = self._owner[self._rows]
        kept = apply_recipes(holdings, owner, self._training)
        rows, labels = self._rows[kept.kept], kept.target[kept.kept].astype(np.int64)
        if len(rows) == 0:
            return None, "no training record: chance"
        if len(found := np.unique(labels)) == 1:
            return np.full(len(self._asked), found[0]), "one label only: that label for all"
        scores, degenerate = self._reader(rows, labels, self._asked, seed)
        named = np.where(np.isfinite(scores).all(axis=1), scores.argmax(axis=1), -1)
        return named, degenerate

    def outcomes(self, model: Any) -> Outcomes:
        """Rightly named images by owner and test set; nan, so that the training counts as broken, for nan scores."""
        named, degenerate = model
        if named is None:
            return replace(self.yardstick.baseline, degenerate=degenerate)
        right = np.where(named < 0, np.nan, named == self.images.label[self._asked])
        return Outcomes({"accuracy": self._per_owner(right)}, degenerate)

    @cached_property
    def _reader(self) -> Any:
        """The model with everything done that is done once, when it first trains."""
        return self.settings.model.prepared(self.images, self._rows)

    def _per_owner(self, values: Floats) -> Floats:
        """Sums over the holdout and company images by owner, shape (2, owners + 1)."""
        size, owner = len(self.contributors) + 1, self._owner[self._asked]
        sets = [part[self._asked] for part in self._sets]
        return np.stack([np.bincount(owner[s], values[s], minlength=size) for s in sets])
