"""The official python pickles of CIFAR-10, read through torchvision. The one module that imports it.

Whoever imports this module loads torch: do so only where images are really read.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

_OPERATORS = ("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
              "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # fmt: skip
_DEFINED: list[Any] = []
"""Definitions last as long as their library."""


def _datasets() -> Any:
    """torchvision's data sets. Beside a torch for processors only, its wheel lacks operators that it then asks for."""
    try:
        import torchvision.datasets
    except RuntimeError as error:
        if "torchvision::nms" not in str(error) or _DEFINED:
            raise
        _DEFINED.append(torch.library.Library("torchvision", "DEF"))  # type: ignore[no-untyped-call]
        for schema in _OPERATORS:
            _DEFINED[0].define(schema)
        import torchvision.datasets
    return torchvision.datasets


datasets = _datasets()


def official_batches(root: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.bool_]]:
    """Pixels (60000, 3, 32, 32), labels and which are test images, from the folder that holds cifar-10-batches-py.

    Its files are pickles, which can run anything: their checksums must have been compared before.
    """
    training, test = (datasets.CIFAR10(root, train=train, download=False) for train in (True, False))
    pixels = np.concatenate([part.data.transpose(0, 3, 1, 2) for part in (training, test)])  # as they are in the files
    label = np.array([*training.targets, *test.targets], dtype=np.int64)
    return pixels, label, np.arange(len(label)) >= len(training.targets)
