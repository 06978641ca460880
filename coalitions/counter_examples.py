"""Counter-examples: votes in which a decision rule breaks an axiom that it does not keep.

`COUNTER_EXAMPLES[axiom][rule]` is such a vote for the rule with its defaults; rules that a setting costs an axiom
break it in the same vote.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .rules.rule import Floats


@dataclass(frozen=True)
class Example:
    """Groups of voters with the same ballot: (voters, ratings of the options, the status quo first)."""

    groups: tuple[tuple[int, tuple[float, ...]], ...]
    says: str

    @property
    def ballots(self) -> Floats:
        """(voters, options)."""
        return np.array([ratings for voters, ratings in self.groups for _ in range(voters)], dtype=float)


TENNESSEE = Example(
    ((42, (4, 3, 2, 1)), (26, (1, 4, 3, 2)), (15, (1, 2, 4, 3)), (17, (1, 2, 3, 4))),
    "Where is the capital of Tennessee to be, if every city likes near ones: Memphis (the status quo), Nashville, "
    "Chattanooga or Knoxville? Nashville beats each other city, but few have it on top.",
)
FEW_LOVERS = Example(
    ((5, (0, 3, 2)), (3, (2, 1, 3))),
    "Five of eight like option 1 best, but the other three like it least, and everybody likes option 2 well.",
)
TWINS = Example(
    ((5, (0, 5, 4, 4)), (4, (1, 0, 5, 4))),
    "Five of nine like option 1 best; but options 2 and 3 are scored well by everybody and meet in the runoff.",
)
SHORT_OF_THE_BAR = Example(((4, (0, 1)), (3, (1, 0))), "Four of seven are more than half and less than two thirds.")
ALL_APPROVE = Example(
    ((3, (0, 4.9, 5)),), "Everybody likes option 2 best, and option 1 nearly as well: it may count alike."
)
SPLIT = Example(
    ((4, (0, 2, 1)), (3, (2, 0, 1)), (2, (1, 0, 2))),
    "Four of nine have option 1 on top; the others like it least, but their votes are split.",
)
MINORITY = Example(
    ((1, (0, 1)), (2, (3, 0))), "One of three approves of option 1, and the status quo gets no approvals."
)
NEARLY_LIKED = Example(
    ((1, (5, 4.9, 5, 0)), (1, (0, 4.9, 5, 5)), (1, (5, 4.9, 0, 5))),
    "Everybody likes option 1 nearly as well as the best, but two of three like it less than any other given option.",
)
LUKEWARM = Example(
    ((3, (0, 1, 0, 0)), (2, (0, -2, 98, 0)), (2, (0, -2, 0, 98))),
    "Three spend all on option 1; four like it least of all, but have spent their credit on what they care about.",
)
ONE_UP = Example(
    ((6, (0, 3, 2, 1)), (5, (0, 2, 1, 3)), (4, (0, 1, 3, 2)), (2, (0, 2, 3, 1))),
    "Option 3 goes out first, and option 1 beats 2 by 11 to 6. If the last two put option 1 above 2, option 2 goes out "
    "first, and option 3 beats 1 by 9 to 8.",
)
OTHER_FINALIST = Example(
    ((2, (2, 1, 0)), (3, (2, 0, 1)), (5, (0, 2, 1)), (3, (1, 0, 2))),
    "Option 2 beats option 1, its rival in the runoff. The higher some rate it, the less the others score on the scale "
    "of these voters, and another rival gets into the runoff, whom it does not beat.",
)
BOUGHT_OFF = Example(
    ((1, (0, 5, -5)), (1, (0, -1, 9))),
    "Option 1 is ahead of 2. The more of their credit the first voter spends on it, the less is left against 2.",
)

COUNTER_EXAMPLES: Mapping[str, Mapping[str, Example]] = {
    "unanimity": {"approval": ALL_APPROVE, "score": ALL_APPROVE, "star": ALL_APPROVE},
    "majority": {
        "supermajority": SHORT_OF_THE_BAR,
        "approval": FEW_LOVERS,
        "borda": FEW_LOVERS,
        "score": FEW_LOVERS,
        "star": TWINS,
        "quadratic": FEW_LOVERS,
    },
    "condorcet": {
        "plurality": TENNESSEE,
        "majority": TENNESSEE,
        "supermajority": TENNESSEE,
        "approval": TENNESSEE,
        "borda": FEW_LOVERS,
        "instant_runoff": TENNESSEE,
        "score": FEW_LOVERS,
        "star": TWINS,
        "quadratic": FEW_LOVERS,
    },
    "condorcet_loser": {
        "plurality": SPLIT,
        "approval": MINORITY,
        "score": NEARLY_LIKED,
        "star": NEARLY_LIKED,
        "quadratic": LUKEWARM,
    },
    "monotonicity": {"instant_runoff": ONE_UP, "star": OTHER_FINALIST, "quadratic": BOUGHT_OFF},
}
