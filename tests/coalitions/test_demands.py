"""What is asked for has a price to the firm, but for a sum of money, which they bargain over."""

import pytest
from datacoalition.coalitions.demands import (
    DEMANDS,
    Money,
    PositionVote,
    Practice,
    Prospect,
    RevenueShare,
    Shutdown,
    TrainingVote,
)
from datacoalition.coalitions.inclusions import LeastRecords, RandomShare
from datacoalition.ml_tasks.settings import InputError

PROSPECT = Prospect(
    revenue=80.0,
    lost_by=lambda positions: 10 * sum(positions.values()),
    voted=lambda: {"pay": 0.3},
    lost_by_ballot=lambda ballot: 7.0 * len(ballot.options),
)
ASKED = {
    "money": (Money(), None),
    "revenue_share": (RevenueShare(0.1), 8.0),
    "practice": (Practice({"privacy": 0.5}), 5.0),
    "position_vote": (PositionVote(), 3.0),
    "training_vote": (TrainingVote((RandomShare(), LeastRecords())), 14.0),
    "shutdown": (Shutdown(), 80.0),
}


@pytest.mark.parametrize("name", DEMANDS)
def test_what_each_costs_the_firm(name):
    demand, price = ASKED[name]
    assert isinstance(demand, DEMANDS[name])
    assert demand(PROSPECT) == price


def test_a_practice_is_about_something():
    with pytest.raises(InputError, match="positions"):
        Practice()
    with pytest.raises(InputError):
        RevenueShare(1.5)
