"""Values over several tasks: what a person's data are worth to all of them together."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import InputError
from .values import FloatArray, Values, welch


def summed(parts: Sequence[Values], players: tuple[Any, ...] | None = None) -> Values:
    """Each player's worth over several tasks together; of all players in order of first appearance, or of those given.

    The parts are in one unit, and their errors are independent. Whoever is no player of a task is worth exactly 0
    there. Raises InputError for no parts, and for a part with a player who is not among those given.
    """
    if not parts:
        raise InputError("parts", "no values to add up", "the values of at least one task")
    players = players or tuple(dict.fromkeys(player for part in parts for player in part.players))
    place = {player: k for k, player in enumerate(players)}
    for unknown in (player for part in parts for player in part.players if player not in place):
        raise InputError("parts", f"values of {unknown!r}", "values of the players given, and of no others")
    spots = [np.array([place[player] for player in part.players], dtype=np.int64) for part in parts]

    def spread(name: str) -> list[FloatArray]:
        return [_placed(getattr(part, name), at, len(players)) for part, at in zip(parts, spots, strict=True)]

    def together(name: str) -> FloatArray:
        total: FloatArray = np.hypot.reduce(np.asarray(spread(name)), axis=0)
        return total

    noisy = [(part.errors, at) for part, at in zip(parts, spots, strict=True) if part.stderr.any()]
    factors = [_placed(errors, at, len(players)) for errors, at in noisy if errors is not None]
    words = [f"summed over {len(parts)} tasks"] if len(parts) > 1 else []
    return Values(
        players,
        np.sum(spread("worth"), axis=0),
        together("stderr"),
        sum(part.evaluations for part in parts),
        "+".join(dict.fromkeys(part.method for part in parts if part.method)),
        "; ".join([*words, *dict.fromkeys(part.note for part in parts if part.note)]),
        together("sampling_stderr"),
        together("training_stderr"),
        welch(spread("stderr"), spread("df")),
        np.concatenate(factors) if factors and len(factors) == len(noisy) else None,
        all(part.adds_up for part in parts),
    )


def _placed(numbers: FloatArray, at: NDArray[np.int64], n: int) -> FloatArray:
    """Numbers (..., players of a part) among n players, 0 for the others."""
    wide = np.zeros((*numbers.shape[:-1], n))
    wide[..., at] = numbers
    return wide
