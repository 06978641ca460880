"""Every pot holds what was conceded, none is below 0, and each is the sum that its sentence says."""

import math

import pytest
from datacoalition.coalitions.pots import POTS, Conceded, Fixed, HarmAvoided, OfGain, OfRevenue, Takings

ROUND = Takings(revenue=80.0, reference=60.0, conceded=3.0, harm=10.0)
NO_THREAT = Takings(revenue=80.0, reference=60.0, conceded=0.0, harm=0.0)
UNDEFINED = Takings(revenue=math.nan, reference=60.0, conceded=0.0, harm=math.nan)


def members():
    return [Fixed(2.0) if kind is Fixed else kind() for kind in POTS.values()]


@pytest.mark.parametrize("pot", members(), ids=list(POTS))
def test_what_was_conceded_is_always_in_it_and_nothing_is_below_zero(pot):
    for takings in (ROUND, NO_THREAT, Takings(10.0, 60.0, 0.0, 0.0), Takings(80.0, math.nan, 3.0, 10.0)):
        assert pot(takings) >= takings.conceded >= 0
    assert pot(UNDEFINED) >= 0  # what is undefined cannot be claimed


@pytest.mark.parametrize(
    ("pot", "takings", "money"),
    [
        (Conceded(), ROUND, 3.0),
        (HarmAvoided(0.5), ROUND, 5.0),
        (HarmAvoided(0.2), ROUND, 3.0),  # it conceded more than it owed
        (HarmAvoided(0.5), Takings(80.0, 60.0, 0.0, 10.0), 0.0),  # it refused, so no harm was avoided
        (OfRevenue(0.1), ROUND, 11.0),
        (OfRevenue(0.1), UNDEFINED, 0.0),
        (OfGain(0.25), ROUND, 8.0),
        (OfGain(0.25), Takings(50.0, 60.0, 3.0, 0.0), 3.0),  # a loss is not charged to the people
        (OfGain(0.25, reference=9), Takings(80.0, math.nan, 0.0, 0.0), 0.0),  # the reference is still to come
        (Fixed(2.0), NO_THREAT, 2.0),
    ],
)
def test_by_hand(pot, takings, money):
    assert pot(takings) == pytest.approx(money)


def test_only_what_a_threat_wins_grows_with_the_members():
    assert {name for name, pot in zip(POTS, members(), strict=True) if pot.won} == {"conceded", "harm_avoided"}
