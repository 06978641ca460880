"""Claims: money among groups and then inside them, whole and by the rule that was asked for."""

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.claims import Claims
from datacoalition.valuation.dividends import DIVIDENDS, Clip, Equal, PerRecord, Shift
from datacoalition.valuation.values import Values

PEOPLE = tuple("abcdef")
GROUP = np.array([0, 0, 0, 1, 1, 2])
RECORDS = np.array([1.0, 2.0, 3.0, 0.0, 4.0, 5.0])


def exact(worth, method="shapley"):
    return Values(tuple(range(len(worth))), np.array(worth, dtype=float), np.zeros(len(worth)), 0, method)


def claims(inside="equal", worth=(3.0, 1.0, 0.0), own=None):
    return Claims(PEOPLE, exact(worth), RECORDS, GROUP, inside, own)


def test_among_groups_by_value_and_inside_equally():
    paid = claims().payouts(Clip(), 12.0).payouts
    np.testing.assert_allclose(paid, [3, 3, 3, 1.5, 1.5, 0])


def test_inside_by_records():
    paid = claims("records").payouts(Clip(), 12.0).payouts
    np.testing.assert_allclose(paid, [1.5, 3, 4.5, 0, 3, 0])


def test_inside_by_the_members_own_values_under_the_same_dividend():
    own = exact([1.0, 1.0, 2.0, 5.0, -5.0, 0.0])
    paid = claims("value", own=own).payouts(Clip(), 12.0)
    np.testing.assert_allclose(paid.payouts, [2.25, 2.25, 4.5, 3, 0, 0])
    assert paid.fallback  # the sixth person's group of one has no weight


def test_where_people_are_the_players_it_is_the_dividend_itself():
    own = exact([1.0, -1.0, 2.0, 0.0, 0.5, 0.25])
    paid = Claims(PEOPLE, own, RECORDS).payouts(Shift(), 10.0).payouts
    np.testing.assert_array_equal(paid, Shift()(own, 10.0))


def test_per_record_looks_at_the_records_of_the_whole_group():
    paid = claims("records").payouts(PerRecord(), 15.0).payouts
    np.testing.assert_allclose(paid, RECORDS)


@pytest.mark.parametrize("inside", ["equal", "records", "value"])
@pytest.mark.parametrize("kind", DIVIDENDS.values(), ids=DIVIDENDS)
def test_the_whole_pot_is_paid_and_nobody_is_charged(inside, kind):
    own = exact([0.5, -0.25, 2.0, 0.0, 0.5, 0.25])
    paid = claims(inside, (0.4, -0.1, 0.2), own).payouts(kind(), 7.0, minimum=0.5).payouts
    assert paid.sum() == pytest.approx(7.0, abs=1e-12)
    assert paid.min() >= 0


def test_the_minimum_is_for_people_not_for_groups():
    paid = claims("records", (1.0, 1.0, 1.0)).payouts(Equal(), 12.0, minimum=1.0)
    assert paid.under == 1
    assert paid.payouts.tolist()[0] == 0
    assert paid.payouts.sum() == pytest.approx(12)


def test_other_values_may_stand_in():
    paid = claims().payouts(Clip(), 12.0, worth=np.array([0.0, 0.0, 1.0])).payouts
    np.testing.assert_allclose(paid, [0, 0, 0, 0, 0, 12])


def test_the_level_has_a_name():
    assert [claims(inside, own=exact(np.ones(6))).level for inside in ("equal", "records", "value")] == [
        "equal", "records", "value",
    ]  # fmt: skip
    assert Claims(PEOPLE, exact(np.ones(6))).level == "user"
    assert Claims(PEOPLE, exact(np.ones(6), "owen")).level == "owen"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Claims(PEOPLE, exact([1, 2])), "^values: found 2 numbers"),
        (lambda: Claims(PEOPLE, exact([1, 2]), group=np.zeros(3, dtype=int)), "^group: found 3 numbers"),
        (lambda: Claims(PEOPLE, exact([1, 2]), group=np.zeros(6, dtype=int)), "^group: found nobody in 1"),
        (lambda: Claims(PEOPLE, exact([1]), group=GROUP), "^group: found people of an unknown group"),
        (lambda: Claims(PEOPLE, exact(np.ones(6)), np.ones(2)), "^records: found 2 numbers"),
        (lambda: Claims(PEOPLE, exact(np.ones(3)), None, GROUP, "records"), "^inside: found 'records'; expected each"),
        (lambda: claims("value"), "^inside: found 'value'; expected each person's value too"),
    ],
)
def test_bad_claims_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
