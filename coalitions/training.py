"""Training: a ballot on what a firm trains on."""

from dataclasses import dataclass, field

from ..ml_tasks.settings import Checked, InputError
from .inclusions import Inclusion, told
from .rules import Plurality, Rule


@dataclass(frozen=True)
class TrainingBallot(Checked):
    """What a firm's contributors may have it train on, and which of it wins. What it trains on by itself is always on
    the ballot, and stays unless another wins."""

    options: tuple[Inclusion, ...]
    """Rules by which it might say whose data it trains on, beside its own."""
    rule: Rule = field(default_factory=Plurality)
    """Which of them wins, given what everybody with data there makes of each."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.options:
            raise InputError("options", "an empty ballot", "at least one rule of inclusion, such as random_share")
        for i, option in enumerate(self.options):
            if option in self.options[:i]:
                raise InputError("options", f"{told(option)} twice", "every option once")
