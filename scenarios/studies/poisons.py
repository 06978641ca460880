"""What people do to their data in the study of poisoning: vandalism by a task's recipes, perturbed images, and
signals that a group plants with an aim of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...ml_tasks.alterations import ImageMark, Perturbation, Promotion, TextMark
from ...ml_tasks.recipes import RECIPES
from ...ml_tasks.settings import InputError
from ...ml_tasks.states import Recipe
from ..files import explained
from .bench import Bench

SIGNALS: Mapping[str, Any] = {
    "movielens": Promotion, "pinterest": Promotion, "toxic": TextMark, "digits": ImageMark, "cifar10": ImageMark,
}  # fmt: skip
"""The signal that a group plants in each task."""
PERTURBED = ("digits", "cifar10")
"""Tasks whose records can be perturbed."""
SIGNAL = "signal"


@dataclass(frozen=True)
class Poison:
    """One way to poison, and the bench of the task in which it is known."""

    name: str
    bench: Bench
    recipe: Recipe
    strength: float = float("nan")
    """Of a perturbation."""
    knowledge: float = float("nan")


def vandalism(bench: Bench, strengths: Sequence[float], knowledge: Sequence[float]) -> Iterator[Poison]:
    """Every recipe of the task, then for images each perturbation; a variant of the task is made when its turn comes,
    because it may hold every record twice."""
    for name, recipe in bench.task.recipes.items():
        if name != "altered":
            yield Poison(name, bench, recipe)
    if bench.kind not in PERTURBED:
        return
    for strength in strengths:
        for known in knowledge:
            varied = bench.varied(alteration=Perturbation(strength, known))
            yield Poison("perturbation", varied, RECIPES["altered"], strength, known)


def planted(bench: Bench, changes: Mapping[str, str]) -> Poison:
    """The task's signal with some settings changed, each given as text. Raises InputError naming `--signal`."""
    from pydantic import ValidationError

    from ..schema import section

    kind = SIGNALS[bench.kind]
    try:
        signal = section(kind).model_validate_strings(dict(changes), strict=False).build()
        varied = bench.varied(alteration=signal)
    except ValidationError as error:
        raise explained(error, dict(changes)).within("--signal") from None
    except InputError as error:
        raise InputError(f"--signal {error.where.removeprefix('alteration.')}", error.found, error.expected) from None
    return Poison(SIGNAL, varied, RECIPES["altered"])


def perturbed(strength: float, knowledge: float) -> str:
    """A perturbation in words."""
    return f"{strength:g} of the range, {knowledge:.0%} known"
