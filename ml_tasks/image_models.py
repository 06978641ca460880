"""Models that tell what is in a picture. `IMAGE_MODELS` lists them."""

from collections.abc import Mapping
from typing import Protocol

from .images import Images, Keys, Reader, Rows
from .patches import Patches
from .resnet import ResNet


class ImageModel(Protocol):
    """A model's settings, a frozen dataclass."""

    @property
    def noise(self) -> bool:
        """Whether training draws by the training seed."""
        ...

    def prepared(self, images: Images, key: Keys, usual: Rows) -> Reader:
        """Do what needs doing once for a data set; what comes back trains on some images and scores others.

        `key` is a hash of each image, for the order of batches; `usual` are the training rows of a firm that has
        everybody's data.
        """
        ...


IMAGE_MODELS: Mapping[str, type[ImageModel]] = {"patches": Patches, "resnet": ResNet}
