"""Named random streams: every draw has a name, so adding a draw in one place moves no other.

`Streams(seed)("vote", round, coalition)` is a numpy Generator of its own. Draws for each user or record are
counter hashes: draw i belongs to user i, however many users there are and in whatever order they are asked.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

UINT = np.uint64


@dataclass(frozen=True)
class Streams:
    """All random streams of one seed. Keys are strings and integers, in any number."""

    seed: int

    def __call__(self, *key: str | int) -> np.random.Generator:
        """A generator for this key, the same whenever it is asked for."""
        return np.random.default_rng(np.random.SeedSequence(list(_digest(self.seed, key))))

    def uniforms(self, *key: str | int, n: int) -> NDArray[np.float64]:
        """Return n uniform draws in [0, 1), shape (n,); draw i depends on the key and i alone."""
        return _uniforms(_mixed_places(n), (self.seed, *key))

    def normals(self, *key: str | int, n: int) -> NDArray[np.float64]:
        """Return n standard normal draws, shape (n,); draw i depends on the key and i alone."""
        draws: NDArray[np.float64] = ndtri(np.maximum(self.uniforms(*key, n=n), 2.0**-53))
        return draws


def keyed_uniforms(keys: NDArray[np.uint64], *salt: str | int) -> NDArray[np.float64]:
    """A uniform draw in [0, 1) for each key, shape (len(keys),): a hash of the key and the salt."""
    return _uniforms(mix(keys), salt)


def mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64 after one step: a bijection of the 64-bit integers that looks random."""
    with np.errstate(over="ignore"):
        x = x + UINT(0x9E3779B97F4A7C15)
        x ^= x >> UINT(30)
        x *= UINT(0xBF58476D1CE4E5B9)
        x ^= x >> UINT(27)
        x *= UINT(0x94D049BB133111EB)
        x ^= x >> UINT(31)
        return x


def _uniforms(mixed: NDArray[np.uint64], salt: tuple[str | int, ...]) -> NDArray[np.float64]:
    base = UINT(int.from_bytes(_digest(0, salt)[:8], "little"))
    hashed = mix(mixed ^ base)
    hashed >>= UINT(11)
    draws = hashed.astype(np.float64)
    draws *= 2.0**-53
    return draws


@lru_cache(maxsize=4)
def _mixed_places(n: int) -> NDArray[np.uint64]:
    """The first half of every draw for n users, the same whatever the stream."""
    mixed = mix(np.arange(n, dtype=UINT))
    mixed.flags.writeable = False
    return mixed


def _digest(seed: int, key: tuple[str | int, ...]) -> bytes:
    return hashlib.blake2b(repr((int(seed), key)).encode(), digest_size=32).digest()
