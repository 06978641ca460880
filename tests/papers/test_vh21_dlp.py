"""[VH21] Vincent & Hecht, Can "Conscious Data Contribution" Help Users to Exert "Data Leverage" Against
Technology Companies?, CSCW 2021: every published column of Data Leverage Power from the published means.

published.json of the studies holds the tables at full precision (source and licence inside). Company view: each
company is scored on a tenth of its own data; holdout: one hidden test set for everybody.
"""

import numpy as np
import pytest
from datacoalition.scenarios.studies.published import tables
from datacoalition.valuation.leverage import curvature, dlp_contribution, dlp_strike, dlp_transfer

TABLES = tables()
TASKS = TABLES["tasks"]
both_views = pytest.mark.parametrize("view", ["company", "holdout"])
all_tasks = pytest.mark.parametrize("task", sorted(TASKS))


def columns(task: str, view: str) -> dict[str, np.ndarray]:
    rows = np.array(TASKS[task][view], dtype=np.float64)  # null, where nothing was published, becomes nan
    return dict(zip(TABLES["columns"], rows.T, strict=True))


def test_the_worked_example():
    assert dlp_contribution(small=0.7, baseline=0.5, best=1) == pytest.approx(0.4, abs=1e-15)
    assert dlp_transfer(small=0.7, large=0.9, baseline=0.5) == pytest.approx(0.5, abs=1e-15)
    assert dlp_strike(large=0.9, baseline=0.5, best=1) == pytest.approx(0.2, abs=1e-15)


@all_tasks
@both_views
def test_every_published_column_follows_from_the_means(task, view):
    base, best, table = TASKS[task]["base"], TASKS[task]["best"], columns(task, view)
    small, large = table["small"], table["large"]
    assert small.shape == (13,)
    published = table["dlp_cdc_strike"]
    shown = table["s"] <= 0.5
    np.testing.assert_array_equal(np.isfinite(published), shown)
    np.testing.assert_allclose(dlp_contribution(small, base, best), table["dlp_cdc"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(dlp_strike(large, base, best), table["dlp_strike"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(dlp_transfer(small, large, base)[shown], published[shown], rtol=0, atol=1e-5)


@all_tasks
@both_views
def test_at_one_half_the_two_companies_are_pooled_so_the_transfer_is_complete(task, view):
    table = columns(task, view)
    half = table["s"] == 0.5
    transfer = dlp_transfer(table["small"][half], table["large"][half], TASKS[task]["base"])
    np.testing.assert_allclose(transfer, [1.0], rtol=0, atol=1e-12)


@all_tasks
@both_views
def test_a_strike_and_the_mirrored_contribution_sum_to_one(task, view):
    """The large company after losing s is the small company holding 1 - s."""
    base, best, table = TASKS[task]["base"], TASKS[task]["best"], columns(task, view)
    contribution = dlp_contribution(table["small"], base, best)
    strike_on_the_mirror = dlp_strike(table["large"][::-1], base, best)
    np.testing.assert_allclose(table["s"] + table["s"][::-1], 1)
    np.testing.assert_allclose(contribution + strike_on_the_mirror, 1, rtol=0, atol=1e-12)


# As printed: s -> contribution / strike, company view.
PRINTED = {
    "cifar10": [(0.614, 0.004), (0.785, 0.008), (0.886, 0.012), (0.929, 0.019), (0.965, 0.035)],
    "movielens": [(0.540, 0.008), (0.649, 0.008), (0.809, 0.017), (0.878, 0.029), (0.941, 0.059)],
    "pinterest": [(0.733, 0.001), (0.838, -0.007), (0.920, 0.008), (0.945, 0.013), (0.972, 0.028)],
    "toxic": [(0.698, 0.037), (0.733, 0.044), (0.844, 0.050), (0.850, 0.058), (0.911, 0.089)],
}


@all_tasks
def test_the_printed_table_rounded_to_three_digits(task):
    base, best, table = TASKS[task]["base"], TASKS[task]["best"], columns(task, "company")
    rows = np.isin(table["s"], [0.05, 0.1, 0.2, 0.3, 0.5])
    ours = np.stack(
        [dlp_contribution(table["small"], base, best)[rows], dlp_strike(table["large"], base, best)[rows]],
        axis=1,
    )
    np.testing.assert_allclose(ours, PRINTED[task], rtol=0, atol=5.1e-4)


@pytest.mark.parametrize(
    ("task", "at_fifth", "at_half"),
    [
        ("cifar10", 0.881, 0.958),
        ("toxic", 0.812, 0.916),
        ("movielens", 0.292, 0.533),
        ("pinterest", 0.186, 0.487),
    ],
)
def test_on_the_holdout_recommenders_gain_almost_in_proportion(task, at_fifth, at_half):
    table = columns(task, "holdout")
    rows = np.isin(table["s"], [0.2, 0.5])
    ours = dlp_contribution(table["small"][rows], TASKS[task]["base"], TASKS[task]["best"])
    np.testing.assert_allclose(ours, [at_fifth, at_half], rtol=0, atol=5.1e-4)


@pytest.mark.parametrize(
    ("task", "percent"),
    [
        ("pinterest", (5, 5, 5, 10, 20)),
        ("movielens", (5, 10, 20, 20, 40)),
        ("cifar10", (5, 5, 10, 20, 30)),
        ("toxic", (5, 5, 10, 20, 40)),
    ],
)
def test_the_smallest_share_whose_contribution_exceeds_a_level(task, percent):
    table = columns(task, "company")
    power = dlp_contribution(table["small"], TASKS[task]["base"], TASKS[task]["best"])
    smallest = [100 * table["s"][power > level].min() for level in (0.5, 0.6, 0.7, 0.8, 0.9)]
    np.testing.assert_allclose(smallest, percent)


CURVATURE = {
    ("cifar10", "company"): (0.71, -0.13),
    ("movielens", "company"): (0.65, -0.14),
    ("pinterest", "company"): (0.80, -0.28),
    ("toxic", "company"): (0.77, 0.29),
    ("cifar10", "holdout"): (0.70, 0.04),
    ("movielens", "holdout"): (0.22, 0.04),
    ("pinterest", "holdout"): (-0.03, -0.00),
    ("toxic", "holdout"): (0.72, 0.15),
}
"""Contribution and strike up to .5, computed by hand from the published columns."""


@pytest.mark.parametrize(("task", "view"), CURVATURE)
def test_the_curvature_of_the_published_curves(task, view):
    table = columns(task, view)
    half = table["s"] <= 0.5
    ours = [curvature(table["s"][half], table[name][half]) for name in ("dlp_cdc", "dlp_strike")]
    np.testing.assert_allclose(ours, CURVATURE[task, view], rtol=0, atol=5.1e-3)


def test_curvature_by_hand():
    assert curvature([0.25, 0.5], [0.25, 0.5]) == pytest.approx(0.0)
    assert curvature([0.25, 0.5], [0.5, 0.5]) == pytest.approx(0.5)  # area .1875 of .25
    assert curvature([0.25, 0.5], [0.0, 0.5]) == pytest.approx(-0.5)
    assert np.isnan(curvature([0.5], [0.5]))
    assert np.isnan(curvature([0.25, 0.5], [0.5, 0.0]))
    assert curvature([0.1, 0.25, 0.5], [np.nan, 0.5, 0.5]) == pytest.approx(0.5)
