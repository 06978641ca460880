"""Fit: whether a world's settings go with the data of its task. Checked before anything is run."""

from collections.abc import Sequence

from ..coalitions.levers import Lever, Partly, Unlink
from ..ml_tasks.settings import InputError
from ..ml_tasks.task import Task
from ..valuation.methods import METHODS, RETRAIN_NOTHING, Method
from .settings import World


def check_fit(world: World, task: Task) -> None:
    """Raise InputError for too few users, for a method of valuation that the task's data do not allow, or for a lever,
    a response or a flow of records that they do not."""
    count = world.users.count
    if count is not None and count < len(task.contributors):
        raise InputError(
            "users.count", count, f"at least {len(task.contributors)}, since each contributor of the data is a user"
        )
    _check_method("valuation.method", world.valuation.method, task)
    if world.users.flow.stock < 1 and not task.divisible:
        raise InputError("users.flow.stock", world.users.flow.stock, f"1: {_whole(task)}")
    if 0 < world.users.co_owners.share < 1 and not task.divisible:
        raise InputError("users.co_owners.share", world.users.co_owners.share, f"0 or 1: {_whole(task)}")
    for i, firm in enumerate(world.firms):
        if firm.response.makes is not None and not task.synthesises:
            expected = f"another response: no records can be made up from those of {task.label}"
            raise InputError(f"firms.{i}.response", "'synthesise'", expected)
    alone = world.users.alone
    _check_levers("users.alone.options", alone.options if alone else (), task)
    for i, coalition in enumerate(world.coalitions):
        for j, method in enumerate(coalition.charter.agenda.methods):
            _check_method(f"coalitions.{i}.charter.agenda.methods.{j}", method, task)
        _check_levers(f"coalitions.{i}.charter.options", coalition.charter.options, task)


def _check_levers(path: str, options: Sequence[Lever], task: Task) -> None:
    for j, option in enumerate(options):
        try:
            _check_lever(option, task)
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
