import math

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.decomposition import income_change, median_ratios, theil_by_group
from datacoalition.valuation.inequality import gini, hoover, theil
from hypothesis import given
from hypothesis import strategies as st

person = st.tuples(st.floats(1e-3, 1e3) | st.just(0.0), st.sampled_from(["a", "b", "c"]), st.integers(0, 3))
people = st.lists(person, min_size=1, max_size=25).filter(lambda rows: any(row[2] for row in rows))


@given(people, st.integers(-300, 300))
def test_parts_of_theil_add_up_to_the_whole_in_any_unit(rows, exponent):
    x, labels, weights = zip(*rows, strict=True)
    x = np.array(x) * 10.0**exponent
    for counts in (None, weights):
        parts = theil_by_group(x, labels, weights=counts)
        assert parts.total == theil(x, weights=counts)
        assert parts.between + parts.within == pytest.approx(parts.total, abs=1e-12)
        assert parts.between >= 0
        assert parts.within >= 0
        assert sum(part.share for part in parts.groups.values()) == pytest.approx(1)
        assert sum(part.people_share for part in parts.groups.values()) == pytest.approx(1)


@given(people)
def test_whole_weights_are_people_repeated(rows):
    x, labels, weights = map(np.array, zip(*rows, strict=True))
    repeated = np.repeat(x, weights), np.repeat(labels, weights)
    ours, expected = theil_by_group(x, labels, weights=weights), theil_by_group(*repeated)
    assert list(ours.groups) == list(expected.groups) == sorted(set(repeated[1]))
    for name, part in expected.groups.items():
        assert vars(ours.groups[name]) == pytest.approx(vars(part), abs=1e-12)
    ratios, wanted = median_ratios(x, labels, weights=weights), median_ratios(*repeated)
    assert ratios.majority == wanted.majority
    for ratio, want in zip(
        [ratios.minority, *ratios.groups.values()], [wanted.minority, *wanted.groups.values()], strict=True
    ):
        assert ratio.reason == want.reason
        assert ratio.value == pytest.approx(want.value, nan_ok=True)


def test_theil_by_hand():
    parts = theil_by_group([1, 3, 4, 0], ["f", "f", "m", "m"])
    assert parts.between == 0
    within_f = 0.25 * math.log(0.5) + 0.75 * math.log(1.5)
    assert parts.groups["f"].theil == pytest.approx(within_f)
    assert parts.groups["m"].theil == pytest.approx(math.log(2))
    assert parts.total == pytest.approx((within_f + math.log(2)) / 2)
    unequal = theil_by_group([1, 1, 3], ["f", "f", "m"])
    assert unequal.within == 0
    assert unequal.groups["f"].between == pytest.approx(0.4 * math.log(0.4 / (2 / 3)))
    assert unequal.between == pytest.approx(0.4 * math.log(0.6) + 0.6 * math.log(1.8))
    assert list(unequal.to_frame()["group"]) == ["f", "m"]


def test_nothing_to_split():
    nothing = theil_by_group([0, 0], ["f", "m"])
    assert (nothing.total, nothing.between, nothing.within) == (0, 0, 0)
    assert math.isnan(theil_by_group([], []).total)
    one_poor_group = theil_by_group([0, 0, 2], ["f", "f", "m"])
    assert one_poor_group.between == pytest.approx(math.log(3))
    assert one_poor_group.groups["f"].between == 0


def test_medians_are_compared_with_the_largest_group():
    x, labels = [1, 2, 6, 10, 20, 30, 4], ["b", "b", "c", "a", "a", "a", "b"]
    ratios = median_ratios(x, labels)
    assert ratios.majority == "a", "of the same size as b, but first by name"
    assert ratios.groups["b"].value == pytest.approx(2 / 20)
    assert ratios.groups["c"].value == pytest.approx(6 / 20)
    assert ratios.minority.value == pytest.approx(3 / 20)
    assert ratios.minority.reason == ""
    assert median_ratios([1e308, 1e308, 1.7e308, 1.7e308], [0, 0, 1, 1]).minority.value == pytest.approx(1.7)


def test_a_majority_that_is_paid_nothing_leaves_the_ratio_blank():
    ratios = median_ratios([0, 0, 0, 5], ["big"] * 3 + ["small"])
    assert math.isnan(ratios.minority.value)
    assert ratios.minority.reason == ratios.groups["small"].reason == "the median of the majority, 'big', is 0"
    tiny = median_ratios([1e-320, 1e-320, 1.0], ["big", "big", "small"])
    assert tiny.minority.reason == "the median of the majority, 'big', is too near 0 to divide by"
    alone = median_ratios([1, 2], ["x", "x"])
    assert alone.minority.reason == "everyone is of the group 'x'"
    assert alone.groups == {}
    assert median_ratios([], []).minority.reason == "there is nobody"


def test_income_with_a_dividend_against_income_alone():
    income, dividend = [10.0, 20.0, 70.0], [10.0, 10.0, 0.0]
    found = income_change(income, dividend)
    together = [20.0, 30.0, 70.0]
    assert found["gini"].before == gini(income)
    assert found["gini"].after == gini(together)
    assert found["gini"].change == gini(together) - gini(income) < 0
    assert found["hoover"].change == hoover(together) - hoover(income) < 0
    weighted = income_change(income, dividend, weights=[3, 0, 1])
    assert weighted["gini"].after == pytest.approx(gini([20.0, 20.0, 20.0, 70.0]))
    assert income_change([-5.0, 5.0], [5.0, 0.0], negatives="clip")["gini"].after == gini([0.0, 5.0])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: theil_by_group([1, 2], ["a"]), "^labels: found 1 labels; expected one for each of 2 people"),
        (lambda: theil_by_group([1, 2], ["a", None]), "^labels: found none at position 1; expected a label for each"),
        (lambda: median_ratios([1, 2], [math.nan, "a"]), "^labels: found none at position 0"),
        (lambda: median_ratios([1, -2], ["a", "b"]), "^x: found -2, a negative amount"),
        (lambda: theil_by_group([1, -2], ["a", "b"]), "^x: found -2, a negative amount"),
        (lambda: theil_by_group([1, 2], ["a", "b"], "rsv"), "^negatives: found 'rsv'"),
        (lambda: theil_by_group([1, 2], ["a", "b"], weights=[0, 0]), "^weights: found nothing but zeros"),
        (lambda: income_change([1, 2], [1]), "^dividend: found 1 numbers; expected one for each of 2 incomes"),
        (lambda: income_change([1, -2], [1, 0]), "^income: x: found -2, a negative amount"),
        (lambda: income_change([1.7e308, 1], [1e308, 1]), r"^income \+ dividend: found inf"),
    ],
)
def test_bad_input_gets_a_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
