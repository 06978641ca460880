"""The two ends of the scale: what is lost without a player, and what a player achieves alone."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np

from ...ml_tasks.settings import Checked
from ..utility import Utility, distinct
from ..values import FloatArray, Values
from .asked import Asked
from .method import RANKS, Players


@dataclass(frozen=True)
class LeaveOneOut(Checked):
    """What everyone together would lose without this one player: v(N) - v(N without i).

    Exact, n + 1 evaluations. The worths do not add up to v(N). Source: textbook deletion value; as a baseline
    for data values [GZ19].
    """

    def __call__(self, players: Iterable[Hashable], utility: Utility, rng: np.random.Generator) -> Values:
        names = distinct(players)
        asked = Asked(names, utility)
        found = asked.values([asked.everyone, *(asked.everyone ^ 1 << i for i in range(len(names)))] if names else [])
        return _exact(names, found[:1] - found[1:], asked, "leave_one_out")


@dataclass(frozen=True)
class StandAlone(Checked):
    """What a player achieves alone, beyond what nobody does: v({i}) - v(empty).

    Exact, n + 1 evaluations. The worths do not add up to v(N). With leave-one-out the other end of the semivalues:
    all weight on the smallest group joined.
    """

    def __call__(self, players: Iterable[Hashable], utility: Utility, rng: np.random.Generator) -> Values:
        names = distinct(players)
        asked = Asked(names, utility)
        found = asked.values([0, *(1 << i for i in range(len(names)))] if names else [])
        return _exact(names, found[1:] - found[:1], asked, "stand_alone")


def _exact(names: Players, by_seed: FloatArray, asked: Asked, method: str) -> Values:
    return Values.of_seeds(
        names, by_seed, None, asked.evaluations, method, f"exact; {RANKS}",
        noisy=asked.noisy, adds_up=False, largest=asked.largest,
    )  # fmt: skip
