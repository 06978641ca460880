"""study cdc: the arithmetic on a formula whose answer is known, and real retraining on the digits."""

import numpy as np
import pandas as pd
import pytest
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.studies.bench import bench, seeded, task_settings
from datacoalition.scenarios.studies.cdc import Cdc, _without_remnants
from datacoalition.scenarios.studies.study import summary, write


@pytest.fixture(scope="module")
def formula():
    with bench("power_law", PowerLaw(records=10_000), None) as ready:
        return Cdc(rates=(0.05, 0.1, 0.2, 0.5), groups=2)(ready)


@pytest.fixture(scope="module")
def digits():
    with bench("digits", Digits(), None) as ready:
        return Cdc(rates=(0.1, 0.5), groups=3)(ready)


def shown(study) -> pd.DataFrame:
    table = study.tables["cdc"].frame
    return table[table["scale"] == "no_personalisation"].set_index(["view", "rate"])


def test_the_power_law_gives_its_closed_form(formula):
    """P_CDC(f) for a = .095 and Dmax/Dmin = 1000: PowerLaw's own defaults."""
    found = shown(formula).loc["holdout"]["dlp_contribution"]
    np.testing.assert_allclose(found[[0.05, 0.1, 0.2, 0.5]], [0.645, 0.736, 0.822, 0.927], atol=6e-4)


def test_a_strike_and_the_mirrored_contribution_sum_to_one(formula, digits):
    for study in (formula, digits):
        for _, part in shown(study).groupby("view"):
            strike = part["dlp_strike"].droplevel("view")
            given = part["dlp_contribution"].droplevel("view")
            np.testing.assert_allclose(strike.to_numpy() + given.to_numpy()[::-1], 1, atol=1e-12)


def test_both_companies_are_pooled_at_one_half(digits):
    half = shown(digits).xs(0.5, level="rate")
    assert (half["small_runs"] == 6).all()
    np.testing.assert_allclose(half["small"], half["large"])
    np.testing.assert_allclose(half["dlp_transfer"], 1)


def test_means_and_deviations_come_from_the_runs(digits):
    runs = digits.tables["cdc_runs"].frame
    one = runs[(runs["view"] == "company") & (runs["rate"] == 0.1) & (runs["company"] == "small")]["score"]
    row = shown(digits).loc[("company", 0.1)]
    assert len(one) == 3
    assert row["small"] == pytest.approx(one.mean())
    assert row["small_sd"] == pytest.approx(one.std(ddof=1))
    mirrored = shown(digits).loc[("company", 0.9)]
    assert mirrored["mirrored"]
    assert mirrored["large"] == row["small"]


def test_more_groups_leave_the_earlier_ones_and_train_only_the_new():
    with bench("digits", Digits(), None) as ready:
        few = Cdc(rates=(0.1,), groups=1)(ready).tables["cdc_runs"].frame
        before = ready.retrainer.counts.done
        many = Cdc(rates=(0.1,), groups=2)(ready).tables["cdc_runs"].frame
        assert ready.retrainer.counts.done == before + 2
    pd.testing.assert_frame_equal(few, many[many["group"] == 0].reset_index(drop=True))


def test_every_scale_is_there_and_the_worst_run_is_zero(digits):
    scales = digits.tables["cdc_scales"].frame.set_index(["view", "scale"])
    runs = digits.tables["cdc_runs"].frame
    for view in ("holdout", "company"):
        worst = runs[runs["view"] == view]["score"].min()
        assert scales.loc[(view, "worst_best_run"), "base"] == worst
        assert scales.loc[(view, "no_personalisation"), "base"] == pytest.approx(0.1)


def test_findings_state_what_was_found(digits):
    claims = {finding.claim: finding for finding in digits.findings}
    first = claims["10-20 % of people contributing bring a competitor 80-90 % of the way (company view)"]
    assert first.holds is None  # .2 was not trained
    assert first.verdict == "not comparable"


def test_a_folder_holds_tables_pictures_and_codebook(digits, tmp_path):
    folder = write(digits, tmp_path / "out")
    table = pd.read_csv(folder / "cdc.csv")
    pd.testing.assert_frame_equal(table, pd.read_parquet(folder / "cdc.parquet"), check_dtype=False)
    explained = set(pd.read_csv(folder / "codebook.csv")["column"])
    assert set(table.columns) <= explained
    for name in ("report.html", "cdc_leverage.png", "cdc_learning_curve.svg", "manifest.json", "cdc_thresholds.csv"):
        assert (folder / name).stat().st_size > 0
    assert str(folder) in summary(digits, folder)
    with pytest.raises(InputError, match="--out"):
        write(digits, folder)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"rates": (0.7,)}, "--rates"),
        ({"rates": ()}, "--rates"),
        ({"groups": 0}, "--groups"),
        ({"base": "best"}, "--base"),
    ],
)
def test_bad_settings_are_named(settings, named):
    with pytest.raises(InputError, match=named):
        Cdc(**settings)


def test_task_settings_from_words():
    settings = task_settings("movielens", ["model.epochs=3", "split={kind: folds, fold: 2}"], "ml-1m", "svd")
    assert (settings.data, settings.model.epochs, settings.split.fold) == ("ml-1m", 3, 2)
    assert seeded(settings, 3).train_seeds == (0, 1, 2)
    with pytest.raises(InputError, match="one of"):
        task_settings("nothing")
    with pytest.raises(InputError, match="ml-2m"):
        task_settings("movielens", (), "ml-2m")
    with pytest.raises(InputError, match=r"model\.kind"):
        task_settings("movielens", (), None, "perceptron")


def test_a_rate_of_which_most_groups_are_left_out_is_left_out_whole():
    runs = pd.DataFrame(
        {
            "view": "company", "company": "small", "rate": [0.1] * 3 + [0.2] * 3, "group": [0, 1, 2] * 2,
            "left_out": ["few", "", "few", "", "", "few"],
        }
    )  # fmt: skip
    found = _without_remnants(runs)["left_out"]
    assert "half" in found[1]
    assert found[[3, 4]].tolist() == ["", ""]
