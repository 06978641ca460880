"""Synthesis: records that a firm makes up from those that it still holds.

Its model of the data is a kernel density around the records held, and drawing from that is the smoothed bootstrap
[SY87]: records held are drawn by chance, each at most once, keep their label or their film, and are moved a little. So
nothing of people who withdrew is in it, and nothing that the firm did not know: made-up records can only smooth what is
there. A generator that learnt from other data could add more, and one that learns from what it made itself does worse
by the generation [SSZPAG24]; neither is modelled. What the records do to a score is measured by training on them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from .streams import keyed_uniforms, mix

_BLOCK = 1000
_SALT = np.uint64(0x53594E5448)


@dataclass(frozen=True)
class Synthetic:
    """So many records, made up with so much noise."""

    records: int
    noise: float
    """Standard deviation of what is added to a rating or a pixel, as a share of the way from lowest to highest; share
    of the words left out of a text."""

    def drawn(self, key: NDArray[np.uint64], group: NDArray[np.integer] | None = None) -> NDArray[np.int64]:
        """Which records held are drawn, as ascending indices; all if there are not more.

        key: a hash of each record held. With `group`, whole groups are drawn one after the other, of the last a part.
        What is drawn first does not depend on what else is held, so that two trainings differ only by their data.
        """
        by = key if group is None else np.asarray(group, dtype=np.uint64)
        order = np.lexsort((key, keyed_uniforms(by, "synthetic")))
        return np.sort(order[: self.records])


def twin_keys(key: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A hash of the record made up from each record."""
    return mix(key ^ _SALT)


def noisy_levels(
    target: NDArray[np.float64], key: NDArray[np.uint64], levels: NDArray[np.float64], noise: float
) -> NDArray[np.float64]:
    """Targets moved by normal noise to the nearest of the ascending levels, (records,); drawn by the record's key."""
    draws = ndtri(np.maximum(keyed_uniforms(key, "synthetic noise"), 2.0**-53))
    moved = target + noise * (levels[-1] - levels[0]) * draws
    nearest: NDArray[np.float64] = levels[np.searchsorted((levels[1:] + levels[:-1]) / 2, moved)]
    return nearest


def noisy_shades(shades: NDArray[np.float32], noise: float, start: int = 0) -> NDArray[np.float32]:
    """Pictures moved by normal noise, pixels from 0 to 1; `start` is the place of the first among all of them."""
    draws = np.random.default_rng([9, start]).standard_normal(shades.shape, dtype=np.float32)
    return np.clip(shades + np.float32(noise) * draws, 0, 1)


def blocks(rows: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Some rows at a time, with the place of the first."""
    for start in range(0, len(rows), _BLOCK):
        yield start, rows[start : start + _BLOCK]


def thinned_text(text: str, key: int, noise: float) -> str:
    """A text without some of its words, each left out with that probability [WZ19]; as it is if none would be left."""
    words = text.split()
    places = mix(np.arange(len(words), dtype=np.uint64) ^ mix(np.array([key], dtype=np.uint64)))
    left = keyed_uniforms(places, "synthetic words") >= noise
    return " ".join(word for word, stays in zip(words, left, strict=True) if stays) if left.any() else text
