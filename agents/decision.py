"""Decision: one vote of a run replayed otherwise, so that what it changed can be told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..coalitions.levers import Lever, label_of, name_of
from ..coalitions.rules import Outcome
from ..ml_tasks.settings import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Decision:
    """What is other than it was in a coalition's vote: what is carried, or how its members rate the options."""

    lever: str = ""
    """An option of the charter, by its key such as strike, or as on the ballot paper; empty: as the ballots decide."""
    ballots: Callable[[Floats], Floats] | None = None
    """Ratings (members, options) to other ratings, nan where a member does not vote; None leaves them."""

    def rated(self, ballots: Floats) -> Floats:
        """The ballots as they are counted. Raises InputError for others of another shape."""
        if self.ballots is None:
            return ballots
        other = np.asarray(self.ballots(ballots.copy()), dtype=float)
        if other.shape != ballots.shape:
            raise InputError(
                "ballots", f"shape {other.shape}", f"{ballots.shape}, members x options, as they were given"
            )
        return other

    def carried(self, outcome: Outcome, ballot: Sequence[Lever]) -> Outcome:
        """The outcome, with the lever as its winner if there is one."""
        place = self.place(ballot)
        return outcome if place is None else replace(outcome, winner=place)

    def place(self, ballot: Sequence[Lever]) -> int | None:
        """Which option is carried. Raises InputError if none, or more than one, is called so."""
        if not self.lever:
            return None
        labels = [label_of(option) for option in ballot]
        found = [i for i, option in enumerate(ballot) if self.lever in (labels[i], name_of(option))]
        if len(found) != 1:
            what = f"{self.lever!r}, as {'several options are' if found else 'no option is'} called"
            raise InputError("lever", what, f"one of {', '.join(labels)}")
        return found[0]
