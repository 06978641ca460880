"""Models that tell what is in a picture. `IMAGE_MODELS` lists them."""

from collections.abc import Mapping
from typing import Protocol

from .images import Images
from .patches import Patches, Reader, Rows
from .resnet import ResNet


class ImageModel(Protocol):
    """A model's settings, a frozen dataclass."""

    @property
    def noise(self) -> bool:
        """Whether training draws by the training seed."""
        ...

    def prepared(self, images: Images, usual: Rows) -> Reader:
        """Do what needs doing once for a data set, whose usual training rows are those of a firm that has everything;
        what comes back trains on some images and scores others."""
        ...


IMAGE_MODELS: Mapping[str, type[ImageModel]] = {"patches": Patches, "resnet": ResNet}
