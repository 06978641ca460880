"""Monitoring: what a coalition does about members who do not do what was decided.

It reaches members alone: people outside who gain by what others do can be neither watched nor fined [O65]. What
watching costs is a matter of the charter's dues.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import Checked, Count, NonNegative, Share

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Monitoring(Checked):
    """Members are watched; whoever is found to shirk pays a fine, and may be put out.

    A member who would shirk complies if the sanction, times the probability of being found out, is above what
    complying costs [B68].
    """

    detection: Share = 0.5
    """Probability that a member who shirks is found out in a round."""
    fine: NonNegative = 0.0
    """What whoever was found out owes the coalition, in money. Fines run the organisation, as dues do."""
    expelled_for: Count = 0
    """Rounds for which whoever was found out is put out and not taken back, from the next one on; 0: nobody is put
    out. Founders are fined, but stay."""

    def expected(self, payout: Floats, discount: float) -> Floats:
        """The sanction that whoever shirks has to expect, in money, (members,), given what each is paid a round."""
        ahead = float(discount ** np.arange(1, self.expelled_for + 1) @ np.ones(self.expelled_for))
        return np.asarray(self.detection * (self.fine + payout * ahead))
