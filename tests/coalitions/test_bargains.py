"""Every bargain pays between nothing and what the firm is willing to; and each as its sentence says."""

import pytest
from datacoalition.coalitions.bargains import BARGAINS, Nash, Rubinstein, Stakes, TakeItOrLeaveIt, settled
from datacoalition.ml_tasks.settings import InputError
from hypothesis import given
from hypothesis import strategies as st

money = st.floats(0, 1e6)


@pytest.mark.parametrize("name", BARGAINS)
@given(willing=money, cost=st.floats(-1e3, 1e6))
def test_a_payment_is_none_or_up_to_what_the_firm_is_willing_to_pay(name, willing, cost):
    payment = settled(BARGAINS[name](), Stakes(willing, cost)).payment
    assert 0 <= payment <= willing


@pytest.mark.parametrize("name", BARGAINS)
def test_nothing_is_paid_by_a_firm_that_refuses(name):
    assert BARGAINS[name]()(Stakes(0.0, -5.0)) == 0  # even where members would like to act for its own sake


@pytest.mark.parametrize("name", BARGAINS)
@given(willing=money, cost=money)
def test_more_at_stake_never_pays_less_and_dearer_threats_never_more(name, willing, cost):
    bargain = BARGAINS[name]()
    assert bargain(Stakes(willing + 1, cost)) >= bargain(Stakes(willing, cost))
    assert bargain(Stakes(willing, cost + 1)) <= bargain(Stakes(willing, cost))


def test_who_makes_the_only_offer_takes_all():
    assert TakeItOrLeaveIt("coalition")(Stakes(10, 4)) == 10
    assert TakeItOrLeaveIt("firm")(Stakes(10, 4)) == 0


def test_the_only_offer_is_the_end_of_bargaining_power():
    assert Nash(1.0)(Stakes(10, 4)) == TakeItOrLeaveIt("coalition")(Stakes(10, 4))
    assert Nash(0.0)(Stakes(10, 4)) == TakeItOrLeaveIt("firm")(Stakes(10, 4))


@pytest.mark.parametrize(
    ("outside", "payment", "sold"),
    [(2.0, 3.0, 0.0), (5.0, 5.0, 0.0), (10.0, 10.0, 0.0), (12.0, 0.0, 12.0)],
)
def test_an_outside_option_binds_only_where_it_is_better(outside, payment, sold):
    """Nash pays 3 of 10 at a cost of 4: a lower offer changes nothing, a higher one is matched, or taken."""
    assert settled(Nash(0.5), Stakes(10, 4, outside)) == (payment, sold)


@pytest.mark.parametrize("settings", [{"patience": 1.0}, {"firm_patience": -0.1}, {"first": "members"}])
def test_impossible_settings(settings):
    with pytest.raises(InputError):
        Rubinstein(**settings)
    with pytest.raises(InputError):
        Nash(1.5)
    with pytest.raises(InputError):
        TakeItOrLeaveIt("rival")
