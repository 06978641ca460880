"""What is compared between two runs: of every round, the same figures of the same firms and coalitions."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...agents.leverage import scores
from ...agents.model import CoalitionModel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """One figure of a round: whose, what, and its value under each training seed, or one value if none is trained."""

    subject: str
    measure: str
    per_seed: Floats
    trained: bool
    """Whether it is a score of a training, and not a count of what people did."""


def figures(model: CoalitionModel) -> Iterator[Figure]:
    """The figures of the round just played."""
    for firm in model.firms:
        position = model.market[firm.name]
        for metric in model.task.yardstick.metrics:
            yield Figure(firm.name, f"{metric}, holdout", scores(model, position, metric), trained=True)
        yield _count(firm.name, "people served", float(position.served.sum()))
        yield _count(firm.name, "records held", float(model.task.held(position.holdings).sum()))
        yield _count(firm.name, "revenue", firm.revenue)
        yield _count(firm.name, "paid to coalitions", firm.paid)
    for coalition in model.coalitions:
        yield _count(coalition.name, "members", float(len(coalition.members)))
        yield _count(coalition.name, "acts", float(coalition.campaign.carried_out))
        yield _count(coalition.name, "pot", coalition.pot)


def _count(subject: str, measure: str, value: float) -> Figure:
    return Figure(subject, measure, np.array([value]), trained=False)
