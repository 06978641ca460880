"""Recipes: what people can do to their own records. `RECIPES` lists them.

Every recipe touches the records it is given and no others, draws by the record's key (so the same record is
always changed in the same way), and leaves their number alone or marks which are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from .records import PLANTED, REPLACED, Records
from .states import Recipe
from .streams import keyed_uniforms


@dataclass(frozen=True)
class RandomTargets:
    """Every rating or label becomes one drawn uniformly from all there are [VLTCH21]."""

    seed: int = 0

    def __call__(self, records: Records) -> Records:
        draw = keyed_uniforms(records.key, "random targets", self.seed)
        return replace(records, target=records.levels[(draw * len(records.levels)).astype(int)])


@dataclass(frozen=True)
class ExtremeTargets:
    """Ratings turned round and pushed out: at least `split` becomes the lowest level, below it the highest."""

    split: float = 3.0

    def __call__(self, records: Records) -> Records:
        low, high = records.levels[0], records.levels[-1]
        return replace(records, target=np.where(records.target >= self.split, low, high))


@dataclass(frozen=True)
class Altered:
    """Records become what the task's `alteration` makes of them: planted ones come, those that they replace go."""

    def __call__(self, records: Records) -> Records:
        kept = (records.kept & (records.part != REPLACED)) | (records.part == PLANTED)
        return replace(records, kept=kept)


RECIPES: Mapping[str, Recipe] = {
    "random": RandomTargets(),
    "extreme": ExtremeTargets(),
    "shuffled": RandomTargets(),  # labels as if shuffled over a balanced set
    "altered": Altered(),
}
