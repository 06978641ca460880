"""States: what a firm has of one contributor's records when that is neither all of them, genuine, nor nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from .portions import WHOLE, Portion
from .records import Records

Recipe = Callable[[Records], Records]
"""What a contributor does to their records: a frozen dataclass, pure, with the same result for each record
whoever else follows the recipe."""


@dataclass(frozen=True)
class State:
    """A recipe of its own: a portion of the records is held, some of it changed, under an account or under none."""

    held: Portion = WHOLE
    change: Recipe | None = None
    changed: Portion = WHOLE
    """Which records the change is made to; of no meaning without one."""
    unlinked: bool = False
    """The records are under a throw-away account: the firm does not know that they are this contributor's."""

    def __call__(self, records: Records) -> Records:
        mask = self.held.mask(records.key, records.kind)
        target, kept = records.target.copy(), records.kept & mask
        if self.change is not None:
            spoiled, rows = self.change(replace(records, kept=kept)), self.changed.mask(records.key, records.kind)
            target[rows], kept[rows] = spoiled.target[rows], (spoiled.kept & mask)[rows]
        return replace(records, target=target, kept=kept)

    @property
    def plain(self) -> "State | Recipe | None":
        """The shortest way to say it: None for genuine and whole, the change alone where that is all."""
        if self.held != WHOLE or self.unlinked:
            return self
        if self.change is None or not self.changed:
            return None
        return self if self.changed != WHOLE else self.change

    def within(self, other: "State") -> bool:
        """Whether weights that were fitted on `other` have seen all that is here: the same, or more of it."""
        alike = (self.change, self.changed) == (other.change, other.changed)
        return alike and self.unlinked == other.unlinked and self.held <= other.held


def state_of(recipe: Recipe) -> State:
    """The state of a contributor who follows a recipe."""
    return recipe if isinstance(recipe, State) else State(change=recipe)
