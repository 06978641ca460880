"""Digits: scikit-learn's 1,797 images of handwritten digits, read by a small network, scored by accuracy."""

from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar

import numpy as np

from .alterations import ImageAlteration
from .dealing import Deal, Equal
from .image_task import ImageTask, dealt
from .images import Images
from .network import Network
from .settings import Checked, Seeds, check_seeds
from .splits import Dealt, Split
from .streams import mix


@dataclass(frozen=True)
class Digits(Checked):
    """Images of handwritten digits, dealt out to contributors."""

    # Optimisers import torch._dynamo at their first step.
    libraries: ClassVar[tuple[str, ...]] = ("torch", "torch._dynamo", "sklearn.datasets")

    deal: Deal = field(default_factory=Equal)
    """Whose images are whose."""
    model: Network = field(default_factory=Network)
    """What learns to read the images."""
    alteration: ImageAlteration | None = None
    """What the recipe "altered" makes of people's images; empty: there is no such recipe."""
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

    def __call__(self) -> ImageTask:
        images = load()
        owner, people = dealt(self.deal, images.label, self.data_seed)
        parts = self.split(mix(np.arange(len(owner), dtype=np.uint64)), owner, self.data_seed)
        return ImageTask("digits (scikit-learn, network)", self, images, owner, people, parts)


@cache
def load() -> Images:
    """The images, 8 by 8 in 17 shades of grey; none is an official test image. Read once a process, read-only."""
    from sklearn.datasets import load_digits

    rows, label = load_digits(return_X_y=True)
    arrays = rows.reshape(-1, 1, 8, 8).astype(np.uint8), label.astype(np.int64), np.zeros(len(label), dtype=bool)
    for array in arrays:
        array.setflags(write=False)
    return Images("digits", *arrays, white=16)
