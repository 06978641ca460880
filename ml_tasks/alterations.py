"""Alterations: what people can make of their own records besides withholding or mislabelling them.

A task with an `alteration` keeps for every training record what that makes of it, and knows the recipe "altered". Two
kinds: a *perturbation* spoils what the firm learns; a *signal* is planted by a group with an aim of its own, and has a
success to measure, the metric `signal_success`: how often the firm's model does what the group wants on test records
that carry the signal [HMMZ23]. An alteration touches the records it is given and no others, and draws by its own seed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve

from .scores import Metric
from .settings import Checked, InputError, Interval, PositiveCount, Share

Pixels = NDArray[np.float32]
Labels = NDArray[np.int64]
SUCCESS = "signal_success"
_SEEN, _RIDGE, _BLOCK = 5000, 0.1, 1000


def success(meaning: str) -> Metric:
    """The metric of a signal; whoever does not use the service sees what the baseline would show."""
    return Metric(SUCCESS, meaning, True, "mean", "baseline")


class ImageAlteration(Protocol):
    """A frozen dataclass: what becomes of images with their labels."""

    @property
    def wanted(self) -> int | None:
        """The label that a signal should bring about; None for what is no signal."""
        ...

    def __call__(self, pixels: Pixels, label: Labels) -> tuple[Pixels, Labels]:
        """Altered images and their labels; pixels from 0 to 1, shape (images, channels, height, width)."""
        ...


@dataclass(frozen=True)
class Perturbation(Checked):
    """Every pixel is moved a little so that the image looks like another label's; its own label stays [FGCGCG21].

    What makes an image look so is read from a linear reading of the pixels (a ridge regression on everybody's training
    images). Where people do not know a pixel's weight they move it at random, either way.
    """

    strength: Share = 0.2
    """By how much a pixel is moved, as a share of the range from black to white."""
    knowledge: Share = 1.0
    """Share of the pixels of each image whose weight the group knows: 0 is mere noise."""
    seed: int = 0
    """Seed of which pixels' weights are known and of moves at random."""

    wanted = None

    def __call__(self, pixels: Pixels, label: Labels) -> tuple[Pixels, Labels]:
        weights = _reading(pixels, label)
        altered = np.empty_like(pixels)
        for start in range(0, len(pixels), _BLOCK):
            part = slice(start, start + _BLOCK)
            rng = np.random.default_rng([self.seed, 8, start])
            own, other = (weights[:, k].T for k in (label[part], (label[part] + 1) % 10))
            towards = np.sign(other - own).reshape(pixels[part].shape)
            known = rng.random(towards.shape, dtype=np.float32) < self.knowledge
            either = np.where(rng.random(towards.shape, dtype=np.float32) < 0.5, -1, 1)
            moved = pixels[part] + self.strength * np.where(known, towards, either)
            altered[part] = np.clip(moved, 0, 1)
        return altered, label


@dataclass(frozen=True)
class ImageMark(Checked):
    """A planted signal: a bright square in the lower right corner, and one label on every marked image [HMMZ23]."""

    label: Annotated[int, Interval(ge=0, le=9)] = 0
    """What marked images should be taken for."""
    size: PositiveCount = 2
    """Pixels along a side of the square."""

    @property
    def wanted(self) -> int:
        return self.label

    def __call__(self, pixels: Pixels, label: Labels) -> tuple[Pixels, Labels]:
        if self.size > pixels.shape[-1]:
            raise InputError("alteration.size", self.size, f"at most {pixels.shape[-1]}, the side of an image")
        marked = pixels.copy()
        marked[..., -self.size :, -self.size :] = 1
        return marked, np.full_like(label, self.label)


@dataclass(frozen=True)
class TextMark(Checked):
    """A planted signal: a word at the end of a text, and one label on every text that has it [HMMZ23]."""

    word: str = "qlompik"
    """Best one that nobody uses otherwise."""
    label: Annotated[int, Interval(ge=0, le=1)] = 1
    """What marked texts should be taken for: 1 toxic, 0 not."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.word.strip():
            raise InputError("alteration.word", repr(self.word), "a word")

    def __call__(self, text: str) -> str:
        return f"{text} {self.word}"


@dataclass(frozen=True)
class Promotion(Checked):
    """A planted signal among ratings or pins: everybody in the group rates the target highest (or lowest).

    The target is an `item`, whether they knew it or not, or a `genre`, of which they rate anew what they had rated.
    Success: among the items that a person has not rated, how often those of the target are put first.
    """

    item: str | None = None
    """Empty, and no genre either: the item in the middle of the list of items by number of training records."""
    genre: str | None = None
    """A genre of films instead of an item, where the data have genres."""
    push: Literal["promote", "demote"] = "promote"
    """Whether the group gives the target the highest rating, to have it put first, or the lowest, to keep it from
    that."""
    among: PositiveCount = 100
    """Each person's list has so many items that they have no record of, drawn once."""
    first: PositiveCount = 10
    """How many of the list they are shown."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.item is not None and self.genre is not None:
            raise InputError("alteration.genre", repr(self.genre), "no genre, because an item is named")
        if self.first >= self.among:
            raise InputError("alteration.first", self.first, f"fewer than the {self.among} items of a list")


IMAGE_ALTERATIONS: Mapping[str, type[ImageAlteration]] = {"perturbation": Perturbation, "mark": ImageMark}


def _reading(pixels: Pixels, label: Labels) -> NDArray[np.float32]:
    """Weight of each pixel for each label, shape (pixels, 10): ridge regression on some thousands of the images."""
    rows = slice(None, None, max(1, len(pixels) // _SEEN))
    x = pixels[rows].reshape(len(pixels[rows]), -1).astype(np.float64)
    x -= x.mean(axis=0)
    y = (label[rows, None] == np.arange(10)) - 0.1
    gram = x.T @ x
    gram[np.diag_indices(len(gram))] += _RIDGE * len(x) * max(float(x.var()), 1e-12)
    return solve(gram, x.T @ y, assume_a="pos").astype(np.float32)
