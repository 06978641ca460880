"""Fit: whether a world's settings go with the data of its task. Checked before anything is run."""

from ..ml_tasks.settings import InputError
from ..ml_tasks.task import Task
from ..valuation.methods import METHODS, RETRAIN_NOTHING
from .settings import World


def check_fit(world: World, task: Task) -> None:
    """Raise InputError for too few users, for a method of valuation that the task's data do not allow, or for a way
    to poison data that the task does not know."""
    count = world.users.count
    if count is not None and count < len(task.contributors):
        raise InputError(
            "users.count", count, f"at least {len(task.contributors)}, since each contributor of the data is a user"
        )
    if isinstance(world.valuation.method, RETRAIN_NOTHING) and not hasattr(task, "features"):
        kind = next(name for name, cls in METHODS.items() if isinstance(world.valuation.method, cls))
        raise InputError("valuation.method", repr(kind), f"a method that retrains: {task.label} has no features")
    for i, coalition in enumerate(world.coalitions):
        for j, option in enumerate(coalition.charter.options):
            style = getattr(option, "style", None)
            if style is not None and style not in task.recipes:
                raise InputError(
                    f"coalitions.{i}.charter.options.{j}.style",
                    repr(style),
                    f"a way to poison the data of {task.label}: {sorted(task.recipes) or 'there is none'}",
                )
