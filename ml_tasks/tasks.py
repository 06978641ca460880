"""The benchmark tasks. `TASKS` lists them: one class and one line add another."""

from collections.abc import Mapping

from .digits import Digits
from .movielens import MovieLens
from .power_law import PowerLaw
from .task import TaskSettings

TASKS: Mapping[str, type[TaskSettings]] = {"movielens": MovieLens, "digits": Digits, "power_law": PowerLaw}
