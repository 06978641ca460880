"""What is asked for has a price to the firm, but for a sum of money, which they bargain over."""

import pytest
from datacoalition.coalitions.demands import DEMANDS, Money, Practice, Prospect, RevenueShare, Shutdown, TrainingVote
from datacoalition.ml_tasks.settings import InputError

PROSPECT = Prospect(revenue=80.0, lost_by=lambda positions: 10 * sum(positions.values()), voted=lambda: {"pay": 0.3})
ASKED = {
    "money": (Money(), None),
    "revenue_share": (RevenueShare(0.1), 8.0),
    "practice": (Practice({"privacy": 0.5}), 5.0),
    "training_vote": (TrainingVote(), 3.0),
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
