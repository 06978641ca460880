"""Dissolution: when a coalition comes to an end."""

from dataclasses import dataclass

from ..ml_tasks.settings import Checked, PositiveCount


@dataclass(frozen=True)
class Dissolution(Checked):
    """A coalition that stays too small is dissolved for good: all leave, founders too, whatever notice is asked for.

    Copies of data that it gave stay where they are.
    """

    members: PositiveCount = 5
    """Members that it needs."""
    rounds: PositiveCount = 3
    """Rounds on end with fewer after which it is dissolved."""
