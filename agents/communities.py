"""Communities: people who act as one, as a forum with its moderators does, among others who act for themselves."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..ml_tasks.csv_files import read_table, refused, shown
from ..ml_tasks.settings import Checked, InputError, PositiveCount, Share
from ..ml_tasks.streams import Streams
from .joining.choice import chosen
from .networks import People as Networked

if TYPE_CHECKING:
    from .model import CoalitionModel

Places = NDArray[np.int_]
Mask = NDArray[np.bool_]
COLUMNS = ("user", "community")
NOBODY = -1
"""In a column of communities: none."""


class People(Networked, Protocol):
    """Whom communities are made of. The model's population is one."""

    @property
    def records(self) -> NDArray[np.int64]:
        """How many training records each contributed, (n,)."""
        ...


@dataclass(frozen=True)
class Communities(Checked):
    """Ready communities. Their core decides as everybody does; where enough of it goes, the community goes.

    A community goes where most of its core wants to be, and nowhere until enough of it wants the same. Those who follow
    do what it does, as far as the coalition takes them; the core, founders, and those of a community who do not follow
    act for themselves, as people in no community do. Nobody is in two communities. Unless a file says who is in which,
    they are drawn. Raises InputError for more people in communities than there are, and for a file that does not fit.
    """

    count: PositiveCount = 10
    """How many communities there are, unless a file says it."""
    size: PositiveCount = 20
    """People in each, unless a file says it."""
    issue: str = ""
    """Communities are of people with like stances on this issue, from those most against to those most for; empty: of
    people at random."""
    path: str = ""
    """A CSV file (user, community) of your own in place of a draw; whoever is in no row is in none."""
    core: Share = 0.1
    """Share of a community that is its core: those with most records; at least one person."""
    quorum: Share = 0.5
    """Share of the core that must want to be in a coalition for the community to join it; above 0."""
    follow: Share = 0.9
    """Probability that another person of the community follows, for good."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.quorum == 0:
            raise InputError("quorum", 0.0, "a share of the core above 0: nobody joins what nobody of it wants")
        if self.path and self.issue:
            raise InputError("issue", repr(self.issue), "no issue: the file says who is in which community")

    def __call__(self, people: People, streams: Streams) -> "Belonging":
        """Who is in which community, and what they are in it."""
        community = self._from_file(people) if self.path else self._drawn(people, streams)
        chance = streams.uniforms("community core", n=people.n)
        order = np.lexsort((chance, -people.records, community))  # by community, those with most records first
        counts = np.bincount(community[community != NOBODY])
        rank = np.empty(people.n, dtype=np.int64)
        outside = int((community == NOBODY).sum())
        starts = outside + np.cumsum(counts) - counts
        rank[order[outside:]] = np.arange(people.n - outside) - np.repeat(starts - outside, counts)
        size = np.maximum(np.rint(self.core * counts), 1)
        inside = community != NOBODY
        core = inside & (rank < np.append(size, 0)[community])
        return Belonging(community, core, inside & ~core & (streams.uniforms("follow", n=people.n) < self.follow))

    def _drawn(self, people: People, streams: Streams) -> Places:
        if self.count * self.size > people.n:
            expected = f"at most the {people.n} people that there are"
            raise InputError("users.communities.count", f"{self.count} communities of {self.size} people", expected)
        order, start = self._order(people, streams), np.arange(self.count) * self.size
        if self.issue:  # spread from one end of the stances to the other
            start = np.rint(np.linspace(0, people.n - self.size, self.count)).astype(np.int64)
        community = np.full(people.n, NOBODY)
        for place, first in enumerate(start):
            community[order[first : first + self.size]] = place
        return community

    def _order(self, people: People, streams: Streams) -> Places:
        by_chance = np.argsort(streams.uniforms("communities", n=people.n), kind="stable")
        if not self.issue:
            return by_chance
        if self.issue not in people.issues:
            raise InputError("users.communities.issue", repr(self.issue), f"one of the issues {list(people.issues)}")
        stance = people.stances[:, people.issues.index(self.issue)]
        return by_chance[np.argsort(stance[by_chance], kind="stable")]

    def _from_file(self, people: People) -> Places:
        file = Path(self.path)
        table = read_table(file, COLUMNS, "a CSV file with columns user, community (any others are ignored)")
        places = pd.Index(people.names).get_indexer(pd.Index(table["user"]))
        for wrong, what in ((places < 0, "whom the task does not know"), (table["user"].duplicated(), "a second time")):
            if np.any(wrong):
                row = int(np.argmax(wrong))
                raise refused(file, row, f"{shown(table['user'].iloc[row])}, {what}", "every user of the task once")
        community = np.full(people.n, NOBODY)
        community[places] = pd.factorize(table["community"], sort=True)[0]
        return community


@dataclass(frozen=True, eq=False)
class Belonging:
    """Who is in which community; all of shape (users,)."""

    community: Places
    """NOBODY for people in none."""
    core: Mask
    follows: Mask

    @property
    def count(self) -> int:
        return int(self.community.max(initial=NOBODY)) + 1

    def ready(self, community: int) -> NDArray[np.intp]:
        """Those who act when the community does: its core, and who follows; as indices of users, ascending."""
        return np.flatnonzero((self.community == community) & (self.core | self.follows))


def moved_together(model: "CoalitionModel", wanted: Mask, takes: Mask) -> Mask:
    """Where people go, given where each would go alone, and which coalitions take them; all (users, coalitions).

    A community goes where most of its core wants to be, the first listed of equals, if that is enough of it; where
    coalitions allow others, to all that enough of it wants.
    """
    if model.communities is None:
        return wanted
    belonging, coalitions = model.communities, takes.shape[1]
    choices = np.zeros((belonging.count, coalitions))
    core = np.flatnonzero(belonging.core)
    np.add.at(choices, belonging.community[core], wanted[core])
    size = np.bincount(belonging.community[belonging.core], minlength=belonging.count)
    settings = model.world.users.communities
    assert settings is not None
    # Compared with a tolerance: 3 of 10 people are a share of .3.
    enough = choices >= settings.quorum * size[:, None] - 1e-9
    lead = chosen(np.where(enough, choices, np.nan), model.exclusive)
    followers = np.flatnonzero(belonging.follows & ~model.population.founder.any(axis=1))
    together = wanted.copy(order="K")
    together[followers] = lead[belonging.community[followers]] & takes[followers]
    return together
