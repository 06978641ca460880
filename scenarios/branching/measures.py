"""What is compared between two runs: of every round, the same figures of the same firms and coalitions."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...agents.leverage import scores
from ...agents.model import CoalitionModel
from ...valuation.inequality import gini

EVERYBODY = "everybody"
"""Who figures of society are about."""
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
        for metric in model.line(firm.name).task.yardstick.metrics:
            yield Figure(firm.name, f"{metric}, holdout", scores(model, model.market, firm.name, metric), trained=True)
        yield _count(firm.name, "people served", float(position.served.sum()))
        yield _count(firm.name, "records held", float(model.held(firm.name, position.holdings).sum()))
        yield _count(firm.name, "revenue", firm.revenue)
        yield _count(firm.name, "paid to coalitions", firm.paid)
    for coalition in model.coalitions:
        yield _count(coalition.name, "members", float(len(coalition.members)))
        yield _count(coalition.name, "acts", float(coalition.campaign.carried_out))
        yield _count(coalition.name, "pot", coalition.pot)
        gained, members = model.welfare[coalition.name], len(coalition.members)
        yield _total(coalition.name, "members' gain", gained.members_gain, members)
        yield _total(coalition.name, "outsiders' gain", gained.outsiders_gain, int((~model.population.organised).sum()))
    yield from _of_everybody(model)


def _of_everybody(model: CoalitionModel) -> Iterator[Figure]:
    found = model.society
    assert found is not None
    yield _count(EVERYBODY, "Gini of dividends so far", gini(model.population.dividend))
    yield _count(EVERYBODY, "organised", float(found.organised))
    yield _count(EVERYBODY, "concentration", found.concentration)
    yield _count(EVERYBODY, "exposure", found.exposure)
    if model.world.issues:
        yield _count(EVERYBODY, "distance of practice", found.distance)
        yield _count(EVERYBODY, "net harm", found.net_harm)


def _total(subject: str, measure: str, mean: float, people: int) -> Figure:
    """What so many people have together; nothing where there are none, of whom there is no mean."""
    return _count(subject, measure, mean * people if people else 0.0)


def _count(subject: str, measure: str, value: float) -> Figure:
    return Figure(subject, measure, np.array([value]), trained=False)
