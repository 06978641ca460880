"""Population: all people as numpy columns, owned by the model. Mesa's agents are views of it.

What a person is and draws is hashed from the person, so it does not depend on how many others there are. What is a
share of all people does: who uses which service first, who founds a coalition, who is around whom.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.holdings import Holdings
from ..ml_tasks.streams import Streams, keyed_uniforms
from ..ml_tasks.task import Task
from .lines import Line
from .settings import Trait, UserSettings
from .world import JOINT, World

Floats = NDArray[np.float64]
NOBODY = -1
"""In a column of products: none."""


class Population:
    """Columns over all users, the contributors of the data first. Shapes (users,) unless said otherwise."""

    def __init__(
        self, settings: UserSettings, tasks: Sequence[Task], issues: tuple[str, ...], coalitions: int, streams: Streams
    ) -> None:
        contributors = tasks[0].contributors
        n = settings.count if settings.count is not None else len(contributors)
        self.n, self.contributors, self.issues = n, len(contributors), issues
        self.names = (*contributors, *(f"user without records {i + 1}" for i in range(n - len(contributors))))
        self.by_line = np.zeros((len(tasks), n), dtype=np.int64)
        """How many training records each person has in each task, (lines, users)."""
        for own, task in zip(self.by_line, tasks, strict=True):
            own[: len(contributors)] = task.records
        self.records = self.by_line.sum(axis=0)
        traits: Mapping[str, Trait] = {
            name: getattr(settings, name) for name in ("threshold", "cost", "optimism", "turnout", "compliance")
        }
        drawn = {name: trait.mean + trait.sd * streams.normals(name, n=n) for name, trait in traits.items()}
        self.threshold, self.cost, self.optimism = (
            np.maximum(drawn[name], 0.0) for name in ("threshold", "cost", "optimism")
        )
        self.trace = np.stack([settings.traces.part(task, streams, n) for task in tasks])
        """Share of each person's data for each task that is traces, not explicit, (lines, users)."""
        self.any_traces = bool(self.trace.any())
        self.turnout, self.compliance = (np.clip(drawn[name], 0.0, 1.0) for name in ("turnout", "compliance"))
        self.stances = np.empty((n, len(issues)))
        for i, issue in enumerate(issues):
            trait = settings.stances.get(issue, Trait(0.0, 0.5))
            self.stances[:, i] = np.clip(trait.mean + trait.sd * streams.normals("stance", issue, n=n), -1, 1)
        in_each = (n, coalitions)  # a coalition's column lies together: it is read far more often than a person's row
        self.member, self.founder = (np.zeros(in_each, dtype=bool, order="F") for _ in range(2))
        """Who is in which coalition, and who founded it and never leaves it; (users, coalitions)."""
        self.since, self.notice = (np.zeros(in_each, dtype=np.int32, order="F") for _ in range(2))
        """The round in which each person last joined each coalition; and for how many rounds on end they, as a member,
        wanted out of it; (users, coalitions)."""
        self.service = np.full((len(tasks), n), NOBODY)
        """The product that each person uses of each line, as its place among the firms, (lines, users)."""
        self.satisfaction: Floats | None = None
        """With the service of each line that each person uses, 0 to 1, (lines, users); None until somebody asks or a
        round was played."""
        self.dividend, self.public = np.zeros(n), np.zeros(n)
        """Paid to each person so far; and the part of it that came out of public shares."""
        self.sales = np.zeros(n)
        """What firms paid each person so far for data in place of those that they lost."""
        self.terms = np.zeros(n)
        """What firms paid each person so far for leaving their records with them."""
        self.dues = np.zeros(n)
        """What each person owed as dues so far; dividends are before dues."""
        self.fines = np.zeros(n)
        """What each person owed so far for being found to shirk."""
        self.value, self.value_stderr = np.full(n, np.nan), np.full(n, np.nan)
        self.value_source = np.full(n, "not valued: no pot was paid", dtype=object)

    def members(self, coalition: int) -> NDArray[np.intp]:
        """Indices of the members, ascending."""
        return np.flatnonzero(self.member[:, coalition])

    @property
    def organised(self) -> NDArray[np.bool_]:
        """Who is in a coalition at all, (users,)."""
        return np.asarray(self.member.any(axis=1))

    def circles(self) -> tuple[NDArray[np.int64], list[tuple[int, ...]]]:
        """People who are in the very same coalitions: the place of each person's circle, (users,), and the coalitions
        of each circle, nobody's first, then by how many they are and their order."""
        place = np.zeros(self.n, dtype=np.int64)
        found: list[tuple[int, ...]] = [()]
        for k, column in enumerate(self.member.T):
            code = 2 * place + column
            used = np.flatnonzero(np.bincount(code, minlength=2 * len(found)))
            found = [found[i // 2] + (k,) * (i % 2) for i in used.tolist()]
            place = np.searchsorted(used, code)
        order = sorted(range(len(found)), key=lambda i: (len(found[i]), found[i]))
        return np.argsort(order)[place], [found[i] for i in order]

    def labels(self, coalitions: Sequence[str]) -> NDArray[np.object_]:
        """The name of each person's coalition, empty for none, (users,); of several, joined by " + "."""
        place, circles = self.circles()
        return np.array([label(circle, coalitions) for circle in circles], dtype=object)[place]

    def agreement(self, positions: Sequence[Mapping[str, float]], issues: tuple[str, ...]) -> Floats:
        """Agreement of each person with each set of positions, shape (users, sets), from -1 to 1.

        The mean over all issues of the product of the two positions; no position on an issue counts 0.
        """
        if not issues:
            return np.zeros((self.n, len(positions)))
        table = np.array([[held.get(issue, 0.0) for issue in issues] for held in positions], dtype=float)
        agreement: Floats = self.stances @ table.reshape(len(positions), len(issues)).T / len(issues)
        return np.asfortranarray(agreement)  # read column by column, round after round


def label(circle: Sequence[int], coalitions: Sequence[str]) -> str:
    """What a set of coalitions is called, given the names of all."""
    return JOINT.join(coalitions[k] for k in circle)


def initial_services(world: World, lines: Sequence[Line], n: int) -> NDArray[np.int_]:
    """Which firm of each line each of n users starts with, shape (lines, n): slices of one order of people, drawn once
    for each line."""
    service = np.full((len(lines), n), NOBODY)
    for line, uses in zip(lines, service, strict=True):
        firms = [world.firms[place] for place in line.places]
        order = _order(n, world, line)
        open_share = max(0.0, 1.0 - sum(firm.served or 0.0 for firm in firms))
        unstated = sum(firm.served is None for firm in firms)
        shares = [open_share / unstated if firm.served is None else firm.served for firm in firms]
        edges = np.rint(np.cumsum([0.0, *shares]) * n).astype(int)
        for i, place in enumerate(line.places):
            uses[order[edges[i] : edges[i + 1]]] = place
    return service


def initial_data(world: World, lines: Sequence[Line], service: NDArray[np.int_]) -> dict[str, Holdings]:
    """What each firm starts with, by name: data of its own users first, then of others who have any, in one order."""
    held = {}
    for line, uses in zip(lines, service, strict=True):
        order = _order(len(line.nobody.codes), world, line)
        order = order if line.whose is None else order[line.whose[order]]
        for place in line.places:
            own = uses[order] == place
            ranked = np.concatenate([order[own], order[~own]])
            firm = world.firms[place]
            held[firm.name] = line.nobody.with_(ranked[: round(firm.data * len(order))])
    return {firm.name: held[firm.name] for firm in world.firms}


def _order(n: int, world: World, line: Line) -> NDArray[np.intp]:
    # By a hash of each person: the order of the first n stays the same when further people are added.
    seeds = (world.task.data_seed, line.name) if line.name else (world.task.data_seed,)
    return np.argsort(keyed_uniforms(np.arange(n, dtype=np.uint64), "services", *seeds), kind="stable")
