"""Decision rules: a coalition's ballots in, one option out.

Every rule is a pure function of its ballots and weights. `ballots` is a voters x options array of ratings, a
row for each member; option 0 is the status quo. plus and minus infinity are ratings like any other, and two equal
infinities tie. nan abstains: a row of nan did not vote, a single nan is no opinion on that option, which is then
neither a voter's top nor approved, comes below all options with a rating where rules go by order, and scores
nothing. `weights` (voters,), non-negative, default to one each. `rng` is there for rules that draw lots; none of
these does.

What rules read in a ballot. Plurality, majority, supermajority and instant runoff: the tops, which share the vote if
they tie. Approval: which options are above the status quo. Borda, Copeland, Schulze: the order, level options
included. Score and STAR: scores from 0 to 1, which a `reading` makes of the ratings. Quadratic: how far options are
above or below the status quo, in shares of their sum.

The status quo wins unless another option meets every condition of the rule; so any tie for the lead, whoever is
in it, keeps the status quo, as do a missed quorum, nobody voting and no members at all. A tie on the way that could
change the winner keeps it too. The quorum counts members (the weight of all rows), a majority counts votes cast (the
weight of rows with at least one rating). Amounts that differ by less than a billionth of the members' weight count
as equal, so that three thirds tie with one and a quorum of .3 of ten members is three.

Which axioms a rule keeps it states itself, in `keeps`, in the words of `axioms.AXIOMS`; for the others, there are
votes in which it breaks them in `counter_examples`. `margins.margin` says by how few ballots a winner was decided.

[B1781] Borda, Mémoire sur les élections au scrutin. [H1857] Hare, The Machinery of Representation. [C51] Copeland, A
"reasonable" social welfare function, 1951. [S11] Schulze, A new monotonic, clone-independent, reversal symmetric, and
Condorcet-consistent single-winner election method, Social Choice and Welfare 36, 2011. [CRX09] Conitzer, Rognlie &
Xia, Preference functions that score rankings and maximum likelihood estimation, IJCAI 2009. [EVC] Equal Vote
Coalition, STAR voting. [LW18] Lalley & Weyl, Quadratic voting, AEA Papers and Proceedings 108, 2018.
"""

from .cardinal import Quadratic, Score, Star
from .linear import Approval, Linear, Majority, Plurality, Supermajority
from .pairwise import Copeland, Schulze
from .positional import Borda
from .readings import READINGS, Fixed, Own, Reading
from .rule import TOLERANCE, Floats, Outcome, Rule
from .runoff import InstantRunoff

RULES: dict[str, type[Rule]] = {
    "plurality": Plurality,
    "majority": Majority,
    "supermajority": Supermajority,
    "approval": Approval,
    "borda": Borda,
    "copeland": Copeland,
    "schulze": Schulze,
    "instant_runoff": InstantRunoff,
    "score": Score,
    "star": Star,
    "quadratic": Quadratic,
}

__all__ = [
    "READINGS",
    "RULES",
    "TOLERANCE",
    "Approval",
    "Borda",
    "Copeland",
    "Fixed",
    "Floats",
    "InstantRunoff",
    "Linear",
    "Majority",
    "Outcome",
    "Own",
    "Plurality",
    "Quadratic",
    "Reading",
    "Rule",
    "Schulze",
    "Score",
    "Star",
    "Supermajority",
]
