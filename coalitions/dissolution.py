"""Dissolution: when a coalition comes to an end: too small for too long, at its goal, or idle for too long."""

from dataclasses import dataclass

from ..ml_tasks.settings import Checked, Count, PositiveCount


@dataclass(frozen=True)
class Dissolution(Checked):
    """It is dissolved for good when any of this is so: all leave, founders too, whatever notice is asked for.

    Copies of data that it gave stay where they are, and firms keep agreements to their end.
    """

    members: Count = 5
    """Members that it needs; 0: no number is too small."""
    rounds: PositiveCount = 3
    """Rounds on end with fewer after which it is dissolved."""
    once_granted: bool = False
    """Whether it is dissolved in the round after it was paid, or granted, what it demands."""
    idle: PositiveCount | None = None
    """Rounds on end in which it neither acted nor had an agreement after which it is dissolved; empty: it may rest."""
