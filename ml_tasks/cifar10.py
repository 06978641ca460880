"""CIFAR-10: which of ten things is in a picture, scored by accuracy [VH21].

The holdout is the official test set, which belongs to nobody; the company test is a tenth of the training images.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from .alterations import ImageAlteration
from .dealing import Deal, OneEach
from .image_models import ImageModel
from .image_task import ImageTask, dealt
from .images import Images, load
from .patches import Patches
from .settings import Checked, Count, Seeds, Share, check_seeds
from .splits import Parts
from .streams import keyed_uniforms, mix


@dataclass(frozen=True)
class Cifar10(Checked):
    """Small photographs of ten kinds of things, dealt out to contributors."""

    # Optimisers import torch._dynamo at their first step.
    libraries: ClassVar[tuple[str, ...]] = ("torch", "torch._dynamo", "torchvision")

    images: Count = 0
    """Only so many training images, drawn by the data seed; 0: all."""
    deal: Deal = field(default_factory=OneEach)
    """Whose training images are whose."""
    model: ImageModel = field(default_factory=Patches)
    """What learns to read the images."""
    alteration: ImageAlteration | None = None
    """What the recipe "altered" makes of people's images; empty: there is no such recipe."""
    company: Share = 0.1
    """Share of the training images that are the company test."""
    data_seed: int = 0
    """Seed of what is drawn about the data: whose they are where nobody knows, which are tests, which firms have them
    first."""
    train_seeds: Seeds = (0,)
    """Seeds of training, every one once: a score is the mean over one training under each of them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seeds(self.train_seeds)

    def __call__(self) -> ImageTask:
        return photographs(self, load(self.images, self.data_seed))


def photographs(settings: Cifar10, images: Images) -> ImageTask:
    """The task on these images: official test images are nobody's and the holdout."""
    test = images.official_test
    owner = np.empty(len(test), dtype=np.int64)
    owner[~test], people = dealt(settings.deal, images.label[~test], settings.data_seed)
    owner[test] = people
    key = mix(np.arange(len(test), dtype=np.uint64))
    company = ~test & (keyed_uniforms(key, "company", settings.data_seed) < settings.company)
    label = f"cifar10 ({images.name}, {type(settings.model).__name__.lower()})"
    return ImageTask(label, settings, images, owner, people, Parts(~test & ~company, test, company))
