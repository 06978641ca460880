"""Scores: every audience and every set of people served is read from one training."""

import math

import numpy as np
import pytest
from datacoalition.ml_tasks.scores import Metric, Outcomes, Ranked, Scores, View, Yardstick, classes

# Three people and nobody's slot. Holdout counts 2, 1, 0 (+1 of nobody's); company counts 1, 1, 1.
COUNTS = np.array([[2.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 0.0]])
YARDSTICK = Yardstick(
    {
        "rmse": Metric("rmse", "", False, "root_mean", "baseline"),
        "hits": Metric("hits", "", True),
    },
    {"rmse": COUNTS, "hits": COUNTS},
    Outcomes({"rmse": COUNTS * 4.0, "hits": COUNTS * 0.5}),
)
SUMS = np.array([[2.0, 4.0, 0.0, 3.0], [1.0, 1.0, 4.0, 0.0]])


def scores(*factors: float, exact: bool = False) -> Scores:
    return Scores(YARDSTICK, tuple(Outcomes({"rmse": SUMS * f, "hits": SUMS / 4 * f}) for f in factors), exact)


def mask(*members: int) -> np.ndarray:
    return np.isin(np.arange(3), members)


def test_by_hand():
    assert scores(1.0).view().mean == pytest.approx(math.sqrt((2 + 4 + 3) / 4))  # nobody's record counts too
    assert scores(1.0).view(audience=mask(0, 1)).mean == pytest.approx(math.sqrt(6 / 3))
    assert scores(1.0).view("company", mask(2)).mean == pytest.approx(2.0)
    assert scores(1.0).view(metric="hits").mean == pytest.approx(9 / 4 / 4)
    assert scores(1.0).view(audience=mask(0, 1)).n == 3


def test_people_who_are_not_served_get_the_baseline_or_nothing():
    # Person 1 is unserved: baseline error 4 for their one record instead of 4: 2 + 4 + 3 over 4 records.
    assert scores(0.0).view(served=mask(0)).mean == pytest.approx(math.sqrt(4 / 4))
    # Hits of the unserved count nothing, while they stay in the denominator: (0.5 + 0.75) / 4.
    assert scores(1.0).view(served=mask(0), metric="hits").mean == pytest.approx(1.25 / 4)


def test_nobody_tested_is_nan_with_a_reason():
    score = scores(1.0, 2.0).view(audience=mask(2))
    assert math.isnan(score.mean)
    assert score.n == 0
    assert "no holdout test record" in score.reason
    assert scores(1.0).view("company", mask(2)).reason == ""


def test_standard_errors():
    assert math.isnan(scores(1.0).view().stderr)
    assert scores(1.0, exact=True).view().stderr == 0.0
    two = scores(1.0, 4.0).view()
    assert two.stderr == pytest.approx(abs(two.per_seed[1] - two.per_seed[0]) / 2)


def test_outcomes_survive_bytes():
    one = Outcomes({"rmse": SUMS / 3, "hits": COUNTS}, "why")
    again = Outcomes.from_bytes(one.to_bytes())
    assert again.degenerate == "why"
    for name in one.sums:
        np.testing.assert_array_equal(again.sums[name], one.sums[name])


def test_a_degenerate_training_flags_its_score():
    flagged = Scores(YARDSTICK, (Outcomes({"rmse": SUMS, "hits": SUMS}, "no data"),))
    assert flagged.view().degenerate == "no data"
    assert scores(1.0).view().degenerate == ""


RANKED = Ranked(
    np.array([0, 0, 1, 1, 2, 3]),
    np.array([1, 0, 1, 0, 0, 1], dtype=bool),
    np.array([[1] * 6, [1, 1, 0, 0, 1, 0]], bool),
)
FLAT = Outcomes({"auc": np.full(6, 0.5)})
AUC = Yardstick({"auc": Metric("auc", "", True, "auc", "baseline")}, {"auc": RANKED.counts(3)}, FLAT, {"auc": RANKED})


def auc(said: list[float]) -> Scores:
    return Scores(AUC, (Outcomes({"auc": np.array(said)}),))


def test_the_area_under_the_curve_by_hand():
    said = auc([0.9, 0.1, 0.4, 0.4, 0.6, 0.2])
    # Positives .9 .4 .2 against negatives .1 .4 .6: 3 + 1.5 + 1 of 9 pairs in order.
    assert said.view().mean == pytest.approx(5.5 / 9)
    assert said.view().n == 6
    assert said.view(audience=mask(0)).mean == 1.0
    assert said.view(audience=mask(1)).mean == 0.5  # a tie counts half
    assert said.view("company").mean == 1.0
    assert classes(AUC, View("company")) == (2, 1)
    assert auc([0.5] * 6).view().mean == 0.5


def test_the_area_under_the_curve_of_the_unserved_is_read_from_the_baseline():
    said = auc([0.9, 0.1, 0.4, 0.4, 0.6, 0.2])
    # Person 1's records both count .5; nobody's record is always asked of the model.
    assert said.view(served=mask(0, 2)).mean == pytest.approx((3 + 1.5 + 1) / 9)
    assert said.view(served=mask()).mean == pytest.approx((1.5 + 1.5 + 0) / 9)


def test_one_class_is_nan_with_a_reason():
    score = auc([0.9, 0.1, 0.4, 0.4, 0.6, 0.2]).view(audience=mask(2))
    assert math.isnan(score.mean)
    assert score.n == 1
    assert "one class" in score.reason
