"""Images: CIFAR-10 as official python pickles [Krizhevsky 2009].

The set states no licence and asks to be cited: Krizhevsky, Learning Multiple Layers of Features from Tiny Images.
Pickles can run anything: every file is compared with its official checksum before any of them is read.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .folders import data_folder, plain_file
from .settings import InputError
from .synthesis import blocks, noisy_shades

FOLDER = "cifar-10-batches-py"
CHECKSUMS = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
    "batches.meta": "5ff9c542aee3614f3951f8cda6e48888",
}
"""MD5 of the official files."""
SOURCE = "cs.toronto.edu/~kriz/cifar-10-python.tar.gz"


Rows = NDArray[np.int64]
Keys = NDArray[np.uint64]
Reader = Callable[[Rows, NDArray[np.int64], Rows, int], tuple[NDArray[np.floating], str]]
"""(training rows, their labels, rows to score, seed) -> scores (rows to score, 10), and why if degenerate."""


@dataclass(frozen=True, eq=False)
class Images:
    """Pictures with labels; the official test images come last and belong to nobody."""

    name: str
    pixels: NDArray[np.uint8]
    """Shape (images, channels, height, width); 3, 32 and 32 for CIFAR-10."""
    label: NDArray[np.int64]
    """0 to 9, shape (images,)."""
    official_test: NDArray[np.bool_]
    white: int = 255
    """The highest value of a pixel."""

    def shades(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Pixels of some images from 0 to 1."""
        return self.pixels[rows].astype(np.float32) / np.float32(self.white)

    def with_more(self, shades: NDArray[np.float32], label: NDArray[np.int64]) -> "Images":
        """With other images behind them, none an official test image."""
        pixels = np.rint(shades * self.white).astype(self.pixels.dtype)
        return replace(
            self,
            pixels=np.concatenate([self.pixels, pixels]),
            label=np.concatenate([self.label, label]),
            official_test=np.append(self.official_test, np.zeros(len(label), dtype=bool)),
        )

    def with_noisy(self, rows: NDArray[np.int64], noise: float) -> "Images":
        """With these images behind them once more, moved by normal noise, none an official test image."""
        some = [np.rint(noisy_shades(self.shades(part), noise, start) * self.white) for start, part in blocks(rows)]
        return replace(
            self,
            pixels=np.concatenate([self.pixels, *(moved.astype(self.pixels.dtype) for moved in some)]),
            label=np.concatenate([self.label, self.label[rows]]),
            official_test=np.append(self.official_test, np.zeros(len(rows), dtype=bool)),
        )

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the content (all but the name), in hexadecimal."""
        digest = hashlib.blake2b(np.ascontiguousarray(self.pixels).tobytes(), digest_size=16)
        digest.update(self.label.astype("<i8").tobytes())
        digest.update(self.official_test.tobytes())
        return digest.hexdigest()


def load(images: int = 0, seed: int = 0) -> Images:
    """The 50,000 training and 10,000 test images; with `images`, only so many training ones, drawn by `seed`."""
    root = data_folder()
    for name, checksum in CHECKSUMS.items():
        _verify(root / FOLDER / name, checksum)
    from .vision import official_batches  # loads torch

    whole = Images("cifar10", *official_batches(root))
    return whole if images == 0 else fewer(whole, images, seed)


def fewer(whole: Images, images: int, seed: int) -> Images:
    """A random part of the training images, with all test images."""
    training = np.flatnonzero(~whole.official_test)
    if images > len(training):
        raise InputError("images", images, f"at most {len(training):,} training images, or 0 for all")
    chosen = np.sort(np.random.default_rng([seed, 6]).permutation(training)[:images])
    rows = np.concatenate([chosen, np.flatnonzero(whole.official_test)])
    return Images(f"{whole.name}, {images:,} images", whole.pixels[rows], whole.label[rows], whole.official_test[rows])


def _verify(file: Path, checksum: str) -> None:
    wanted = f"`datacoalition data fetch cifar10`, or the files of {SOURCE} unpacked in {file.parent.parent}"
    plain_file(file, f"{wanted} (or DATACOALITION_DATA naming the folder it is in)")
    try:
        with file.open("rb") as content:
            found = hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError as error:
        raise InputError(str(file), error.strerror or error, "a file that can be read") from None
    if found != checksum:
        raise InputError(str(file), f"MD5 {found}", f"{checksum}, that of the official file (cut off or changed)")
