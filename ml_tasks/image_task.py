"""Image task: which label an image has, scored by accuracy. What `digits` and `cifar10` have in common.

The baseline is chance. The prior predictor of a firm without data is chance too; with a single label in the data it is
that label. Where the task has an alteration, the altered version of every training image lies after the images
themselves, and then, for a signal, the marked version of every test image of another label.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from . import identity
from .alterations import SUCCESS, ImageAlteration, Labels, success
from .dealing import Deal
from .holdings import Holdings, apply_recipes, held_records
from .image_models import ImageModel
from .images import Images
from .recipes import RECIPES
from .records import Records
from .scores import Floats, Metric, Outcomes, Yardstick
from .splits import Parts
from .states import Recipe
from .streams import Streams, mix
from .synthesis import twin_keys
from .task import Features

ACCURACY = Metric("accuracy", "share of test images whose label is read rightly", True)
SOURCE = (
    "image_task", "images", "image_models", "patches", "resnet", "network", "alterations", "dealing", "recipes",
    "holdings", "records", "portions", "states", "synthesis", "splits", "scores", "streams",
)  # fmt: skip


class ImageSettings(Protocol):
    """The settings of a task of images: a frozen dataclass."""

    @property
    def deal(self) -> Deal: ...

    @property
    def model(self) -> ImageModel: ...

    @property
    def alteration(self) -> ImageAlteration | None: ...

    @property
    def data_seed(self) -> int: ...


@dataclass(frozen=True, eq=False)
class _Places:
    """Rows of the pool of images: where the records of each kind are."""

    training: NDArray[np.int64]
    altered: NDArray[np.int64]
    """The altered version of each training row; empty without an alteration."""
    asked: NDArray[np.int64]
    """The test images."""
    marked: NDArray[np.int64]
    """Marked versions of test images."""
    marked_from: NDArray[np.int64]
    """Which test images these are."""


class ImageTask:
    """Images with a model. A `Task`. `owner` is whose each image is; `people`, their number, for nobody's."""

    formula = False
    threads = False
    divisible = True
    personal = False
    synthesises = True
    kinds: tuple[str, ...] = ("explicit",)

    def __init__(
        self, label: str, settings: ImageSettings, images: Images, owner: Labels, people: int, parts: Parts
    ) -> None:
        self.label, self.settings, self.images, self.noise = label, settings, images, settings.model.noise
        self.contributors = tuple(f"person {i + 1}" for i in range(people))
        self._owner, self._sets = owner, (parts.holdout, parts.company)
        self._pool, self._at = _pooled(images, parts, settings.alteration)
        training = self._at.training
        key = self._key[training]
        self._training = Records.plain(key, images.label[training], np.arange(10.0))
        self._rows, self._record_owner = training, owner[training]
        self.recipes: Mapping[str, Recipe] = {"shuffled": RECIPES["shuffled"]}
        if settings.alteration is not None:
            target = self._pool.label[self._at.altered].astype(float)
            self._training = self._training.altered(np.ones(len(key), dtype=bool), key, target)
            self._rows, self._record_owner = np.append(training, self._at.altered), np.tile(owner[training], 2)
            self.recipes = {**self.recipes, "altered": RECIPES["altered"]}
        self.records = np.bincount(owner[training], minlength=people)
        self._readers: dict[float | None, Any] = {}
        self.yardstick = self._yardstick()

    @cached_property
    def key(self) -> str:
        import torch

        settings = identity.settings_key(replace(self.settings, train_seeds=(0,)))  # type: ignore[type-var]
        libraries = identity.versions("numpy", "scipy", "scikit-learn", "torch")
        gpu = torch.cuda.get_device_name() if self.noise and torch.cuda.is_available() else "no GPU"
        hardware = (identity.cpu(), torch.backends.cpu.get_cpu_capability(), gpu)
        return repr((settings, self.images.fingerprint, identity.source_digest(*SOURCE), libraries, hardware))

    def train(self, holdings: Holdings, seed: int) -> Any:
        """Return the label of each test image and each marked one as the model reads it, or None, and why if
        degenerate."""
        kept = apply_recipes(holdings, self._record_owner, self._training)
        which, asked = np.flatnonzero(kept.kept), np.append(self._at.asked, self._at.marked)
        rows, labels = self._rows[which], kept.target[which].astype(np.int64)
        if len(rows) == 0:
            return None, "no training record: chance"
        if len(found := np.unique(labels)) == 1:
            return np.full(len(asked), found[0]), "one label only: that label for all"
        made = holdings.synthetic
        if made is not None:
            drawn = made.drawn(kept.key[which])
            rows, labels = np.append(rows, len(self._key) + which[drawn]), np.append(labels, labels[drawn])
        scores, degenerate = self._reader(made.noise if made else None)(rows, labels, asked, seed)
        return np.where(np.isfinite(scores).all(axis=1), scores.argmax(axis=1), -1), degenerate

    def held(self, holdings: Holdings) -> NDArray[np.int64]:
        return held_records(holdings, self._record_owner, self._training, self.records)

    def outcomes(self, model: Any) -> Outcomes:
        """Rightly read images by owner and test set; nan, so that the training counts as broken, for nan scores."""
        read, degenerate = model
        if read is None:
            return replace(self.yardstick.baseline, degenerate=degenerate)
        read = np.where(read < 0, np.nan, read)
        n, wanted = len(self._at.asked), getattr(self.settings.alteration, "wanted", None)
        right = np.where(np.isnan(read[:n]), np.nan, read[:n] == self.images.label[self._at.asked])
        return Outcomes(self._sums(right, np.where(np.isnan(read[n:]), np.nan, read[n:] == wanted)), degenerate)

    def features(self, holdings: Holdings) -> Features:
        """The pixels, from 0 to 1, of what is held and of the holdout."""
        kept = apply_recipes(holdings, self._record_owner, self._training)
        rows, tests = self._rows[kept.kept], self._at.asked[self._sets[0][self._at.asked]]
        owner = self._record_owner[kept.kept].astype(np.int64)
        return Features(
            self._pixels(rows), kept.target[kept.kept].astype(np.int64), owner,
            self._pixels(tests), self._pool.label[tests].astype(np.int64),
        )  # fmt: skip

    def _pixels(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return self._pool.pixels[rows].reshape(len(rows), -1) / float(self._pool.white)

    @cached_property
    def _key(self) -> NDArray[np.uint64]:
        """A hash for each image of the pool; an altered version has that of its image, so that it takes its place."""
        key = mix(np.arange(len(self._pool.label), dtype=np.uint64))
        key[self._at.altered] = key[self._at.training[: len(self._at.altered)]]
        return key

    def _reader(self, noise: float | None) -> Any:
        """The model with everything done that is done once, when it first trains; with `noise` the images that may be
        made up from each that may be held lie behind the pool, and everything takes twice the memory."""
        if noise not in self._readers:
            pool, key = self._pool, self._key
            if noise is not None:
                pool, key = pool.with_noisy(self._rows, noise), np.append(key, twin_keys(key[self._rows]))
            self._readers[noise] = self.settings.model.prepared(pool, key, self._at.training)
        return self._readers[noise]

    def _yardstick(self) -> Yardstick:
        counts = self._sums(np.ones(len(self._at.asked)), np.ones(len(self._at.marked)))
        metrics = {"accuracy": ACCURACY}
        if SUCCESS in counts:
            wanted = self.settings.alteration.wanted  # type: ignore[union-attr]
            metrics[SUCCESS] = success(f"share of marked test images of other labels that are read as {wanted}")
        return Yardstick(metrics, counts, Outcomes({name: count / 10.0 for name, count in counts.items()}))

    def _sums(self, right: Floats, successes: Floats) -> dict[str, Floats]:
        sums = {"accuracy": self._per_owner(right, self._at.asked)}
        if len(self._at.marked):
            sums[SUCCESS] = self._per_owner(successes, self._at.marked_from)
        return sums

    def _per_owner(self, values: Floats, images: NDArray[np.int64]) -> Floats:
        """Sums over the holdout and company images by owner, shape (2, owners + 1)."""
        size, owner = len(self.contributors) + 1, self._owner[images]
        sets = [part[images] for part in self._sets]
        return np.stack([np.bincount(owner[s], values[s], minlength=size) for s in sets])


def dealt(deal: Deal, label: Labels, data_seed: int) -> tuple[Labels, int]:
    """Whose each image is, where nobody knows, and how many people there are."""
    owner = deal(label, len(label), Streams(data_seed)("deal"))
    return owner, max(deal.contributors, int(owner.max()) + 1)


def _pooled(images: Images, parts: Parts, alteration: ImageAlteration | None) -> tuple[Images, _Places]:
    """The images with their altered versions behind them, and where everything is."""
    training, asked = np.flatnonzero(parts.train), np.flatnonzero(parts.holdout | parts.company)
    none = np.empty(0, dtype=np.int64)
    if alteration is None:
        return images, _Places(training, none, asked, none, none)
    n = len(images.label)
    altered, label = alteration(images.shades(training), images.label[training])
    marked_from = asked[images.label[asked] != alteration.wanted] if alteration.wanted is not None else none
    marked, _ = alteration(images.shades(marked_from), images.label[marked_from]) if len(marked_from) else (None, None)
    pool = images.with_more(altered, label)
    if marked is not None:
        pool = pool.with_more(marked, images.label[marked_from])
    start = n + len(training)
    return pool, _Places(training, np.arange(n, start), asked, start + np.arange(len(marked_from)), marked_from)
