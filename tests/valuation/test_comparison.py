"""Dividend designs compared: published numbers, what is certain, and what is said where nothing is."""

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.claims import Claims
from datacoalition.valuation.comparison import Estimation, Money, compare_dividends
from datacoalition.valuation.dividends import DIVIDENDS, Cap
from datacoalition.valuation.inequality import gini
from datacoalition.valuation.values import Values

QUICK = Estimation(draws=200)


def noisy(worth, stderr):
    return Values(tuple(range(len(worth))), np.array(worth, dtype=float), np.full(len(worth), stderr), 0, "file")


def rows(found, *columns):
    return found.designs.set_index("transform")[list(columns)].round(3).T.to_dict("list")


def test_the_example_of_the_talk():
    """Shares, Gini and Hoover of (-1, 0, 1) as published [VLZH19 and the 2023 talk]."""
    found = rows(compare_dividends([-1, 0, 1]), "gini", "hoover")
    assert {name: found[name] for name in ("shift", "absolute", "clip", "binning", "binarize")} == {
        "shift": [0.444, 0.333], "absolute": [0.333, 0.333], "clip": [0.667, 0.667], "binning": [0.133, 0.133],
        "binarize": [0.667, 0.667],
    }  # fmt: skip
    assert set(found) == set(DIVIDENDS) - {"per_record"}


def test_exact_values_are_certain_and_pairs_are_ranked_by_the_gini():
    found = compare_dividends([0.0, 1.0, 3.0], ["clip", "shift", "binning", "equal"])
    assert (found.designs["gini_low"] == found.designs["gini"]).all()
    assert (found.designs["reliability"] == 1).all()
    pairs = found.pairs.set_index(["one", "other"])["more_equal"].to_dict()
    assert pairs[("clip", "shift")] == ""  # the same payouts here: no difference to rank
    assert pairs[("clip", "binning")] == "binning"
    assert pairs[("binning", "equal")] == "equal"


def test_values_whose_noise_is_not_known_have_no_interval_and_no_ranking():
    found = compare_dividends(noisy([1.0, 2.0, 4.0], np.nan), ["clip", "equal"])
    assert found.designs[["gini_corrected", "gini_low", "gini_high", "reliability"]].isna().all(axis=None)
    assert found.designs["note"].str.startswith("no interval: ").all()
    assert found.pairs["more_equal"].tolist() == [""]
    assert "reliability: " in found.values["note"][0]


def test_noise_alone_ranks_nothing_that_depends_on_values():
    rng = np.random.default_rng(3)
    found = compare_dividends(noisy(1 + 0.5 * rng.normal(size=30), 0.5), ["clip", "cap", "shift"], estimation=QUICK)
    assert (found.designs["gini_low"] < 0.5 * found.designs["gini"])[0]
    assert found.designs["reliability"][0] < 0.4


def test_public_goods_count_as_an_equal_benefit_of_everybody():
    money = Money(amount=100, public_share=0.25, others=2)
    found = compare_dividends([1.0, 3.0], ["clip"], money=money).designs.iloc[0]
    assert (found["money"], found["public"], found["pot"]) == (100, 25, 75)
    assert found["gini"] == pytest.approx(gini([75 / 4, 75 * 3 / 4]))
    assert found["gini_with_public"] == pytest.approx(gini([75 / 4 + 6.25, 75 * 3 / 4 + 6.25, 6.25, 6.25]))


def test_a_minimum_is_counted():
    found = compare_dividends([1.0, 99.0], ["clip"], money=Money(minimum=2)).designs.iloc[0]
    assert found["under_minimum"] == 1
    assert found["paid_nothing"] == 0.5


def test_incomes_and_groups():
    found = compare_dividends(
        [1.0, 3.0, 2.0, 2.0], ["clip"], attributes={"sex": ["f", "m", "m", "m"]}, income=[10, 20, 30, 40]
    )
    design, part = found.designs.iloc[0], found.attributes.iloc[0]
    paid = np.array([12.5, 37.5, 25, 25])
    assert design["gini_of_income"] == pytest.approx(gini([10, 20, 30, 40]))
    assert design["gini_with_dividend"] == pytest.approx(gini(np.array([10, 20, 30, 40]) + paid))
    assert design["gini_change"] == pytest.approx(design["gini_with_dividend"] - design["gini_of_income"])
    assert part["between"] + part["within"] == pytest.approx(design["theil"])
    assert (part["majority"], part["median_ratio"]) == ("m", 0.5)


def test_levels_side_by_side_pay_the_same_people():
    group = np.array([0, 0, 1])
    by_group = noisy([3.0, 1.0], 0.0)
    claims = [Claims(("a", "b", "c"), by_group, np.array([1.0, 2, 3]), group, i) for i in ("equal", "records")]
    found = compare_dividends(claims, {"tight cap": Cap(limit=1.1), "clip": DIVIDENDS["clip"]()})
    assert found.designs["level"].tolist() == ["equal", "equal", "records", "records"]
    assert found.payouts.columns.tolist()[0] == "person"
    assert found.payouts["file records clip"].tolist() == pytest.approx([25, 50, 25])
    assert found.payouts.iloc[:, 1:].sum().to_numpy() == pytest.approx([100] * 4)


def test_the_same_seed_gives_the_same_intervals_and_another_one_others():
    worth = noisy([1.0, 2.0, 4.0, 4.5], 1.0)
    one, two = (compare_dividends(worth, ["clip"], estimation=QUICK).designs for _ in range(2))
    assert one.equals(two)
    other = compare_dividends(worth, ["clip"], estimation=Estimation(200, 1)).designs
    assert other["gini_low"][0] != one["gini_low"][0]
    assert other["gini"][0] == one["gini"][0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dividends": ["clipp"]}, r"^dividends: found 'clipp'; expected one of equal, "),
        ({"dividends": ["per_record"]}, "^records: found none"),
        ({"records": [1]}, "^records: found 1 numbers; expected one for each of 2 people"),
        ({"income": [1, 2, 3]}, "^income: found 3 numbers"),
        ({"income": [1, np.nan]}, "^income: found nan"),
        ({"attributes": {"age": ["x"]}}, r"^attributes.age: found 1 labels"),
        ({"claims": [1.0, np.nan]}, "^values: found nan at position 1"),
        (
            {"claims": [Claims("ab", noisy([1, 2], 0)), Claims("ac", noisy([1, 2], 0))]},
            "^claims: found different people",
        ),
        ({"claims": [Claims("ab", noisy([1, 2], 0))] * 2}, "^claims: found the same method and level twice"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(InputError, match=message):
        compare_dividends(**{"claims": [1.0, 2.0], **arguments})


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Money(amount=-1), "amount"), (lambda: Money(public_share=1.2), "public_share"),
        (lambda: Money(others=-1), "others"), (lambda: Estimation(draws=0), "draws"),
        (lambda: Estimation(epsilon=0), "epsilon"),
    ],
)  # fmt: skip
def test_bad_settings_are_refused(make, field):
    with pytest.raises(InputError, match=f"^{field}: found"):
        make()
