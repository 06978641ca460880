"""Power law: a learner whose loss follows a formula in the amount of data. No model is trained.

L(D) = L0 D^-a + e [H17], for populations larger than any data set. The baseline is the loss at Dmin = D / span;
a firm with less than that does as badly as the baseline. Everybody has the same experience.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from . import identity
from .dealing import Deal, OneEach
from .holdings import Holdings, held_records
from .records import Records, drawn_kinds, kinds_of
from .scores import Metric, Outcomes, Yardstick
from .settings import Checked, InputError, NonNegative, Positive, PositiveCount, Seeds, Share, check_seeds
from .states import Recipe
from .streams import Streams, mix

LOSS = Metric("loss", "loss of the power-law learner (formula, not retraining)", False, unserved="baseline")


@dataclass(frozen=True)
class PowerLaw(Checked):
    """A formula for learning curves: loss = scale x records^-exponent + floor."""

    libraries: ClassVar[tuple[str, ...]] = ()

    records: PositiveCount = 1000
    """How many records there are in all."""
    deal: Deal = field(default_factory=OneEach)
    """Whose records are whose."""
    traces: Share = 0.0
    """Share of the records that are traces, such as clicks, and not explicit, drawn record by record."""
    exponent: Positive = 0.095
    """a; for character language models .095 [H17]."""
    span: Positive = 1000.0
    """Dmax / Dmin: how far the formula reaches below all the data."""
    scale: Positive = 1.0
    """L0: by how much the loss with a single record would be above the floor [H17]."""
    floor: NonNegative = 0.0
    """e: the loss that no amount of data takes away [H17]."""
    data_seed: int = 0
    """Seed of what is drawn about the data: whose they are where nobody knows, which are tests, which firms have them
    first."""
    train_seeds: Seeds = (0,)
    """Seeds of training, every one once: a score is the mean over one training under each of them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seeds(self.train_seeds)
        if self.span <= 1:
            raise InputError("span", self.span, "a number above 1")

    def __call__(self) -> "PowerLawTask":
        return PowerLawTask(self)


class PowerLawTask:
    """The power-law learner as a `Task`: exact, and labelled a formula in every output."""

    formula = True
    threads = False
    noise = False
    divisible = True
    personal = False
    synthesises = False
    label = "power_law (formula, not retraining)"

    def __init__(self, settings: PowerLaw) -> None:
        self.settings = settings
        owner = settings.deal(None, settings.records, Streams(settings.data_seed)("deal"))
        n = max(settings.deal.contributors, int(owner.max()) + 1)
        self.contributors = tuple(f"person {i + 1}" for i in range(n))
        self.records = np.bincount(owner, minlength=n)
        self.recipes: Mapping[str, Recipe] = {}
        self._owner = owner
        self.kinds = kinds_of(settings.traces)
        # One test record a person in both sets; everybody's is the same loss.
        self._ones = np.stack([np.append(np.ones(n), 0.0)] * 2)
        baseline = Outcomes({"loss": self._loss(settings.records / settings.span) * self._ones})
        self.yardstick = Yardstick({"loss": LOSS}, {"loss": self._ones}, baseline)

    @cached_property
    def key(self) -> str:
        source = identity.source_digest(
            "power_law", "dealing", "holdings", "records", "portions", "states", "synthesis", "streams"
        )
        return repr((identity.settings_key(self.settings), source))

    def train(self, holdings: Holdings, seed: int) -> float:
        """Return the number of records held."""
        return float(self.held(holdings).sum())

    def held(self, holdings: Holdings) -> NDArray[np.int64]:
        if not holdings.partial.any():
            return np.where(holdings.present, self.records, 0)
        return held_records(holdings, self._owner, self._training, self.records)

    @cached_property
    def _training(self) -> Records:
        """The records, of which only keys and kinds matter."""
        n = self.settings.records
        key = mix(np.arange(n, dtype=np.uint64))
        kind = drawn_kinds(key, self.settings.traces, self.settings.data_seed)
        return Records.plain(key, np.zeros(n), np.zeros(1), kind)

    def outcomes(self, model: float) -> Outcomes:
        """The formula's loss, the same for everybody."""
        least = self.settings.records / self.settings.span
        degenerate = "less data than the formula reaches: the baseline" if model < least else ""
        return Outcomes({"loss": self._loss(max(model, least)) * self._ones}, degenerate)

    def _loss(self, records: float) -> float:
        return float(self.settings.scale * records**-self.settings.exponent + self.settings.floor)
