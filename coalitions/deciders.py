"""Deciders: who decides in place of the members' vote, for comparison. `DECIDERS` lists them.

What does an institution do that chance, one person, a perfect adviser or nobody at all would not? Every decider is a
pure function of what members would vote for and says for each of them which option of the ballot they are to pull:
the same for all, which is threatened and bargained over like one that was voted for; or, where a decider is not
`together`, each their own, which nobody is asked to pay for. Option 0 is the status quo. Nothing is changed in place.

[G77] Gibbard, Manipulation of schemes that mix voting with chance, Econometrica 45, 1977.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from ..ml_tasks.settings import Checked, Share

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Question:
    """What is to be decided, and by what."""

    ratings: Floats
    """What each member, voter or not, thinks of each option, (members, options); the status quo rates 0."""
    founders: NDArray[np.bool_]
    """Who founded the coalition and never leaves it, (members,)."""
    lots: Floats
    """A draw in [0, 1) for each member, the same in every round, (members,)."""
    payoffs: Callable[[], Floats]
    """What the members together would really get by each option, in money, (options,); found by retraining."""


class Decider(Protocol):
    """(question, rng) -> the option that each member is to pull, (members,)."""

    @property
    def together(self) -> bool:
        """All pull the same, or each their own."""
        ...

    def __call__(self, question: Question, rng: np.random.Generator) -> Places: ...


@dataclass(frozen=True)
class Lot(Checked):
    """Chance decides anew each round: every lever on the ballot is as likely as any other."""

    acts: Share | None = None
    """How often a lever is drawn at all, to match an institution that acts so often; empty: doing nothing is as likely
    as each of the levers."""

    together: ClassVar[bool] = True

    def __call__(self, question: Question, rng: np.random.Generator) -> Places:
        members, options = question.ratings.shape
        acts = (options - 1) / options if self.acts is None else self.acts
        whether, which = rng.random(2)
        return np.full(members, 1 + int(which * (options - 1)) if options > 1 and whether < acts else 0)


@dataclass(frozen=True)
class Dictator:
    """One of the founders, drawn by lot once for all rounds, decides by their own rating [G77]."""

    together: ClassVar[bool] = True

    def __call__(self, question: Question, rng: np.random.Generator) -> Places:
        eligible = question.founders if question.founders.any() else np.ones_like(question.founders)
        if not len(eligible):
            return np.zeros(0, dtype=np.intp)
        one = int(np.argmin(np.where(eligible, question.lots, np.inf)))
        return np.full(len(eligible), best_of(question.ratings[one : one + 1])[0])


@dataclass(frozen=True)
class Oracle:
    """The option with the largest real effect on what members get in money: what the firm or a rival would pay, less
    what carrying it out would cost them; nothing if none is worth it."""

    together: ClassVar[bool] = True

    def __call__(self, question: Question, rng: np.random.Generator) -> Places:
        return np.full(len(question.ratings), best_of(question.payoffs()[None, :])[0])


@dataclass(frozen=True)
class EachAlone:
    """There is no coalition: each member does what they themselves would vote for, nobody threatens, nobody pays."""

    together: ClassVar[bool] = False

    def __call__(self, question: Question, rng: np.random.Generator) -> Places:
        return best_of(question.ratings)


def best_of(ratings: Floats) -> Places:
    """The first of the best options of each row of ratings, (people, options); the status quo where nothing is
    better."""
    return np.asarray(np.where(np.isnan(ratings), -np.inf, ratings).argmax(axis=1), dtype=np.intp)


DECIDERS: Mapping[str, type[Decider]] = {
    "lot": Lot,
    "dictator": Dictator,
    "oracle": Oracle,
    "each_alone": EachAlone,
}
