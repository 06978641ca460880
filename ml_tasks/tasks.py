"""The benchmark tasks. `TASKS` lists them: one class and one line add another."""

from collections.abc import Mapping

from .cifar10 import Cifar10
from .digits import Digits
from .movielens import MovieLens
from .pinterest import Pinterest
from .power_law import PowerLaw
from .task import TaskSettings
from .toxic import Toxic

TASKS: Mapping[str, type[TaskSettings]] = {
    "movielens": MovieLens,
    "pinterest": Pinterest,
    "toxic": Toxic,
    "cifar10": Cifar10,
    "digits": Digits,
    "power_law": PowerLaw,
}
