"""study poisoning: on the digits, and its signals on small sets of ratings."""

import numpy as np
import pytest
from datacoalition.ml_tasks import attributes
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.movielens import MovieLens
from datacoalition.ml_tasks.network import Network
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.studies.bench import bench
from datacoalition.scenarios.studies.poisoning import Poisoning
from datacoalition.scenarios.studies.poisons import planted


@pytest.fixture(scope="module")
def study():
    with bench("digits", Digits(), None) as ready:
        return Poisoning(rates=(0.2, 0.5), groups=3, acts="vandalism", strengths=(0.4,), knowledge=(0.0, 1.0))(ready)


@pytest.fixture(scope="module")
def planting():
    with bench("digits", Digits(model=Network(epochs=6)), None) as ready:
        chosen = Poisoning(groups=2, acts="signal", signal_rates=(0.001, 0.01, 0.2), signal={"label": "3"})
        return chosen(ready)


def test_filtered_poison_is_a_strike_and_poison_is_more(study):
    table = study.tables["poisoning"].frame
    means = table[table["poison"] == "shuffled"].set_index(["found", "rate"])
    for rate in (0.2, 0.5):
        assert means.loc[(1.0, rate), "more_than_strike"] == 0
        assert means.loc[(0.0, rate), "loss"] > means.loc[(0.5, rate), "loss"] > means.loc[(1.0, rate), "loss"]
    assert [finding.holds for finding in study.findings[:2]] == [True, True]


def test_means_and_errors_come_from_the_runs(study):
    runs, means = study.tables["poisoning_runs"].frame, study.tables["poisoning"].frame
    part = runs[(runs["poison"] == "shuffled") & (runs["found"] == 0.5) & (runs["rate"] == 0.2)]["loss"]
    row = means[means["poison"] == "shuffled"].set_index(["found", "rate"]).loc[(0.5, 0.2)]
    assert row["loss"] == pytest.approx(part.mean())
    assert row["loss_stderr"] == pytest.approx(part.std(ddof=1) / np.sqrt(3))


def test_perturbations_have_a_row_for_each_strength_and_knowledge(study):
    part = study.tables["poisoning_perturbations"].frame
    assert set(zip(part["strength"], part["knowledge"], strict=True)) == {(0.4, 0.0), (0.4, 1.0)}
    assert (part[part["found"] == 1]["more_than_strike"] == 0).all()
    loss = part[part["found"] == 0].set_index(["knowledge", "rate"])["loss"]
    assert loss[0.0, 0.5] != loss[1.0, 0.5]
    assert study.tables["poisoning"].frame["success"].isna().all()


def test_a_signal_succeeds_with_the_size_of_its_group_and_not_when_all_are_found(planting):
    part = planting.tables["poisoning_signal"].frame.set_index(["found", "rate"])
    assert part.loc[(0.0, 0.2), "success"] > 0.9 > part.loc[(0.0, 0.01), "success"]
    assert part.loc[(0.0, 0.2), "success"] >= part.loc[(0.5, 0.2), "success"] > part.loc[(1.0, 0.2), "success"]
    assert part.loc[(1.0, 0.2), "success"] < 0.1
    assert (part["success_gain"] == part["success"] - part["success_before"]).all()
    assert any("0.001" in note and "less than one" in note for note in planting.notes)
    assert "read as 3" in dict(planting.facts)["Success of the signal"]


@pytest.mark.parametrize("signal", [{"item": "2"}, {"item": "1", "push": "demote"}, {"genre": "Comedy"}])
def test_films_and_genres_are_promoted_and_demoted_for_others(signal, tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    rows = [f"{u},{i},{5 if i == 1 else rng.integers(3, 5)}" for u in range(60) for i in rng.permutation(150)[:30]]
    (tmp_path / "ratings.csv").write_text("user,item,rating\n" + "\n".join(rows) + "\n")
    films = [f"{i}::Film {i}::{('Comedy', 'Drama', 'War')[i % 3]}\n" for i in range(150)]
    (tmp_path / "films.dat").write_text("".join(films))
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path))
    monkeypatch.setitem(attributes.FILMS, "csv", ("films.dat", "::"))
    settings = MovieLens(data="csv", path=str(tmp_path / "ratings.csv"), scale=(1.0, 5.0))
    with bench("movielens", settings, None) as ready:
        found = Poisoning(groups=2, filters=(0.0,), acts="signal", signal_rates=(0.3,), signal=signal)(ready)
        audience = np.ones(60, dtype=bool)
        audience[ready.drawn(1, 0.3)] = False
        before = planted(ready, signal).bench
        before = before.retrainer.scores(before.everyone).view(audience=audience, metric="signal_success").mean
    runs = found.tables["poisoning_runs"].frame
    assert (runs["success"] - runs["success_before"] > 0.05).all()
    assert runs["success_before"].iloc[1] == before
    assert set(found.pictures) == {"poisoning"}


def test_a_signal_is_what_the_options_say():
    with bench("digits", Digits(), None) as ready:
        varied = planted(ready, {"label": "7", "size": "3"}).bench.settings.alteration
        assert (varied.label, varied.size) == (7, 3)
        for wrong, named in (({"label": "12"}, "label"), ({"colour": "1"}, "colour"), ({"size": "9"}, "size")):
            with pytest.raises(InputError, match=f"--signal.*{named}"):
                planted(ready, wrong)


def test_a_task_without_recipes_and_bad_settings_are_named():
    with bench("power_law", PowerLaw(), None) as ready, pytest.raises(InputError, match="--task"):
        Poisoning()(ready)
    for settings, named in (
        ({"rates": (0.0,)}, "--rates"), ({"filters": (2.0,)}, "--filters"), ({"groups": 0}, "--g"),
        ({"acts": "none"}, "--acts"), ({"strengths": ()}, "--strengths"), ({"knowledge": (-1.0,)}, "--knowledge"),
        ({"signal_rates": (2.0,)}, "--signal-rates"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=named):
            Poisoning(**settings)
    with bench("digits", Digits(), None) as ready:
        for settings in ({"rates": (0.001,), "acts": "vandalism"}, {"signal_rates": (0.001,), "acts": "signal"}):
            with pytest.raises(InputError, match="at least one of 100 people"):
                Poisoning(**settings)(ready)
