"""Fit: whether a world's settings go with the data of its task. Checked before anything is run."""

from collections.abc import Mapping, Sequence

from ..coalitions.levers import Lever, Partly, Unlink
from ..ml_tasks.settings import InputError
from ..ml_tasks.task import Task
from ..valuation.methods import METHODS, RETRAIN_NOTHING, Method
from .world import World


def check_fit(world: World, tasks: Sequence[Task]) -> None:
    """Raise InputError for too few users, for a method of valuation that the data of one of the world's tasks do not
    allow, or for a lever, a response or a flow of records that they do not. `tasks` are those of `World.tasks`, all
    loaded."""
    count, people = world.users.count, len(tasks[0].contributors)
    if count is not None and count < people:
        raise InputError("users.count", count, f"at least {people}, since each contributor of the data is a user")
    for i, task in enumerate(tasks[1:]):
        if task.formula != tasks[0].formula:
            expected = "tasks that are all really trained, or all formulas, so that every output is one or the other"
            raise InputError(f"other_tasks.{i}.task.kind", f"{task.label} beside {tasks[0].label}", expected)
    for task in tasks:
        _check_task(world, task)
    by_name = dict(zip(("", *(other.name for other in world.other_tasks)), tasks, strict=True))
    by_firm = {firm.name: by_name[firm.task] for firm in world.firms}
    for i, firm in enumerate(world.firms):
        task = by_firm[firm.name]
        if firm.response.makes is not None and not task.synthesises:
            expected = f"another response: no records can be made up from those of {task.label}"
            raise InputError(f"firms.{i}.response", "'synthesise'", expected)
    alone = world.users.alone
    _check_levers("users.alone.options", alone.options if alone else (), by_firm)
    for i, coalition in enumerate(world.coalitions):
        _check_levers(f"coalitions.{i}.charter.options", coalition.charter.options, by_firm)


def _check_task(world: World, task: Task) -> None:
    _check_method("valuation.method", world.valuation.method, task)
    for i, coalition in enumerate(world.coalitions):
        for j, method in enumerate(coalition.charter.agenda.methods):
            _check_method(f"coalitions.{i}.charter.agenda.methods.{j}", method, task)
    if world.users.traces.share > 0 and task.kinds != ("explicit",):
        expected = f"0: {task.label} tells of each record whether it is a trace"
        raise InputError("users.traces.share", world.users.traces.share, expected)
    if world.users.flow.stock < 1 and not task.divisible:
        raise InputError("users.flow.stock", world.users.flow.stock, f"1: {_whole(task)}")
    if 0 < world.users.co_owners.share < 1 and not task.divisible:
        raise InputError("users.co_owners.share", world.users.co_owners.share, f"0 or 1: {_whole(task)}")


def _check_levers(path: str, options: Sequence[Lever], by_firm: Mapping[str, Task]) -> None:
    for j, option in enumerate(options):
        try:
            if option.target:
                _check_lever(option, by_firm[option.target])
        except InputError as error:
            raise InputError(f"{path}.{j}.{error.where}", error.found, error.expected) from None


def _check_method(where: str, method: Method, task: Task) -> None:
    if isinstance(method, RETRAIN_NOTHING) and not hasattr(task, "features"):
        kind = next(name for name, cls in METHODS.items() if isinstance(method, cls))
        raise InputError(where, repr(kind), f"a method that retrains: {task.label} has no features")


def _check_lever(lever: Lever, task: Task) -> None:
    style = getattr(lever, "style", None)
    if style is not None and style not in task.recipes:
        known = f"a way to poison the data of {task.label}: {sorted(task.recipes) or 'there is none'}"
        raise InputError("style", repr(style), known)
    if isinstance(lever, Partly) and lever.records != "all" and len(task.kinds) == 1:
        expected = f"all: every record of {task.label} is of one kind, {task.kinds[0]}"
        raise InputError("records", repr(lever.records), expected)
    if isinstance(lever, Partly) and lever.share < 1 and not task.divisible:
        raise InputError("share", lever.share, f"1: {_whole(task)}")
    if isinstance(lever, Unlink) and not task.personal:
        expected = f"another lever: {task.label} gives everybody the same, so that a stranger loses nothing"
        raise InputError("kind", "'unlink'", expected)


def _whole(task: Task) -> str:
    return f"{task.label} holds all of somebody's records or none of them"
