"""Procedures: what happens to ballots before a rule counts them. Who votes, for whom, with what weight.

Every procedure is a pure function of the members' ballots, the electorate, its own memory and `rng`. `ballots` is a
members x options array of ratings as in `rules`, a row for each member in the order of the electorate, nan for no
opinion. What comes back has the same shape: the ballots to be counted, their weights, and what to remember until the
next round (None: nothing). A weight of 0 takes somebody out of the electorate: whom a council, a jury or a delegate
stands for; so a quorum is one of councillors or jurors, and of all votes, however many a delegate has. Every rule can
follow every procedure. Without ballots, or without members, nothing is cast.

The electorate's `power` is what a member's vote weighs to begin with (`voting_power` says how it comes about). It
counts wherever members vote or hand their vote on: in the assembly, for a delegate, in the election of a council.
Councillors and jurors have one vote each.

What is drawn for a member depends on them alone, not on who else is one. Memory is plain read-only data. No ballot,
electorate or memory is changed in place.

[BZ16] Blum & Zuber, Liquid democracy: potentials, problems, and perspectives, Journal of Political Philosophy 24, 2016.
[F21] Flanigan, Gölz, Gupta, Hennig & Procaccia, Fair algorithms for selecting citizens' assemblies, Nature 596, 2021.
[PW18] Posner & Weyl, Radical Markets, 2018. [E19] Emmett, Conviction voting: a novel continuous decision making
alternative to governance, 2019.
"""

from .assembly import Consensus, Direct
from .conviction import Conviction
from .credits import Credits
from .delegation import Delegation, followed
from .procedure import Electorate, Memory, Procedure, Votes, voted
from .representatives import Council, Jury

PROCEDURES: dict[str, type[Procedure]] = {
    "direct": Direct,
    "delegation": Delegation,
    "council": Council,
    "jury": Jury,
    "credits": Credits,
    "consensus": Consensus,
    "conviction": Conviction,
}

__all__ = [
    "PROCEDURES",
    "Consensus",
    "Conviction",
    "Council",
    "Credits",
    "Delegation",
    "Direct",
    "Electorate",
    "Jury",
    "Memory",
    "Procedure",
    "Votes",
    "followed",
    "voted",
]
