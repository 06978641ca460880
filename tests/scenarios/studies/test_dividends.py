"""study dividends: on the digits with a very small network, and on the formula."""

from itertools import combinations

import numpy as np
import pytest
from datacoalition.ml_tasks import attributes
from datacoalition.ml_tasks.dealing import LogNormal, OneEach
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.movielens import MovieLens
from datacoalition.ml_tasks.network import Network
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.task import View, baseline
from datacoalition.scenarios.cli import app
from datacoalition.scenarios.studies.bench import bench
from datacoalition.scenarios.studies.dividend_findings import directions, example
from datacoalition.scenarios.studies.dividends import Dividends
from datacoalition.scenarios.studies.study import summary, write
from datacoalition.valuation.dividends import DIVIDENDS
from datacoalition.valuation.inequality import gini, hoover
from datacoalition.valuation.methods.knn_shapley import knn_shapley
from scipy import stats
from typer.testing import CliRunner

DIGITS = Digits(model=Network(hidden=8, epochs=2), train_seeds=(0, 1))
SMALL = {"coalitions": (2, 3), "groups": 2, "members": 2}


@pytest.fixture(scope="module")
def ready():
    with bench("digits", DIGITS, None) as found:
        yield found


@pytest.fixture(scope="module")
def study(ready):
    return Dividends(**SMALL)(ready)


def _worths(ready, parts):
    """v of each set of parts, as a share of the gap, by asking the retrainer one by one."""
    base, best = baseline(ready.task, View()), ready.retrainer.scores(ready.everyone).view().mean

    def v(group):
        kept = np.zeros(ready.people, dtype=bool)
        for i in group:
            kept[parts[i]] = True
        return (ready.retrainer.scores(ready.everyone.only(kept)).view().mean - base) / (best - base)

    players = range(len(parts))
    return {frozenset(g): v(g) for size in range(len(parts) + 1) for g in combinations(players, size)}


def _runs(study, **chosen):
    table = study.tables["dividends_runs"].frame
    for column, value in chosen.items():
        table = table[table[column] == value]
    return table.set_index("transform")


def test_two_coalitions_are_worth_and_paid_what_four_trainings_say(ready, study):
    order = ready.order(1)
    parts = order[: ready.people // 2], order[ready.people // 2 :]
    v = _worths(ready, parts)
    nobody, one, other, both = (v[frozenset(g)] for g in ((), (0,), (1,), (0, 1)))
    # Beta(16, 1): joining nobody has probability 16/17, joining the other coalition 1/17.
    for method, empty in (
        ("shapley", 1 / 2), ("banzhaf", 1 / 2), ("leave_one_out", 0), ("beta_16_1", 16 / 17), ("beta_1_16", 1 / 17),
    ):  # fmt: skip
        worth = np.array([
            empty * (one - nobody) + (1 - empty) * (both - other),
            empty * (other - nobody) + (1 - empty) * (both - one),
        ])  # fmt: skip
        runs = _runs(study, coalitions=2, partition=1, method=method, level="coalition")
        for name in ("shift", "clip", "absolute", "binning"):
            paid = DIVIDENDS[name]()(worth, 1.0)
            assert runs.loc[name, "gini"] == pytest.approx(gini(paid), abs=1e-9), (method, name)
            assert runs.loc[name, "hoover"] == pytest.approx(hoover(paid), abs=1e-9)
        assert runs.loc["shift", "gini"] == pytest.approx(0.5)
    values = study.tables["dividends_values"].frame.set_index(["coalitions", "method"])
    assert values.loc[(2, "shapley"), "whole"] == pytest.approx(both - nobody)
    assert values.loc[(2, "shapley"), "total"] == pytest.approx(both - nobody)
    assert values["adds_up"].tolist() == [True, False, False, False, False] * 2
    assert (values["note"].str.contains("do not add up") != values["adds_up"]).all()
    assert abs(values.loc[(3, "leave_one_out"), "total"] - (both - nobody)) > 0.01


def test_people_are_paid_equally_or_by_records_inside_their_coalition(ready, study):
    n, order = ready.people, ready.order(0)
    parts = np.split(order, [n // 3, 2 * n // 3])
    v = _worths(ready, parts)
    full = frozenset({0, 1, 2})
    worth = np.array([v[full] - v[full - {i}] for i in range(3)])
    money = DIVIDENDS["shift"]()(worth, 1.0)
    equal, records = np.empty(n), np.empty(n)
    for part, amount in zip(parts, money, strict=True):
        equal[part] = amount / len(part)
        records[part] = amount * ready.task.records[part] / ready.task.records[part].sum()
    for level, paid in (("equal", equal), ("records", records), ("coalition", money)):
        row = _runs(study, coalitions=3, partition=0, method="leave_one_out", level=level).loc["shift"]
        assert row["gini"] == pytest.approx(gini(paid)), level


def test_means_have_students_interval_over_partitions_and_one_has_none(study):
    main = study.tables["dividends"].frame
    row = main[(main["coalitions"] == 3) & (main["method"] == "shapley") & (main["level"] == "coalition")]
    row = row.set_index("transform").loc["shift"]
    runs = _runs(study, coalitions=3, method="shapley", level="coalition").loc["shift", "gini"]
    half = stats.t.ppf(0.975, 1) * runs.std(ddof=1) / np.sqrt(2)
    assert (row["gini"], row["partitions"]) == (pytest.approx(runs.mean()), 2)
    assert (row["gini_low"], row["gini_high"]) == (pytest.approx(runs.mean() - half), pytest.approx(runs.mean() + half))
    assert np.isfinite(row["gini_corrected"])
    assert 0 <= row["reliability"] <= 1
    with bench("power_law", PowerLaw(records=30), None) as single:
        alone = Dividends(coalitions=(2,), groups=1)(single)
    assert alone.tables["dividends"].frame[["gini_low", "gini_high"]].isna().all(axis=None)
    assert " - " in summary(alone, None)


def test_directions_are_paired_by_partition(study):
    found = directions(study.tables["dividends_runs"].frame)
    row = found[(found["compared"] == "coalitions") & (found["method"] == "banzhaf") & (found["transform"] == "clip")]
    three, two = (
        _runs(study, coalitions=k, method="banzhaf", level="coalition").loc["clip"].set_index("partition")["gini"]
        for k in (3, 2)
    )
    difference = three - two
    half = stats.t.ppf(0.975, 1) * difference.std(ddof=1) / np.sqrt(2)
    assert row["difference"].item() == pytest.approx(difference.mean())
    assert row["high"].item() - row["low"].item() == pytest.approx(2 * half)
    sure = found[found["more_equal"] != ""]
    assert len(sure)
    assert ((sure["low"] > 0) | (sure["high"] < 0)).all()
    assert (sure["more_equal"] == np.where(sure["low"] > 0, sure["other"], sure["one"])).all()


def test_nothing_is_trained_twice_and_every_method_reads_the_same_trainings(tmp_path):
    settings = {"coalitions": (2, 4), "groups": 1, "members": 2}
    with bench("digits", DIGITS, tmp_path / "store.sqlite") as ready:
        Dividends(methods=("shapley",), **settings)(ready)
        once = ready.retrainer.counts.done
    # 2^4 groups, of which those of two coalitions are some, and two members of each of six groups, two seeds.
    assert once <= 2 * (16 + 12)
    with bench("digits", DIGITS, tmp_path / "store.sqlite") as ready:
        Dividends(methods=("shapley", "banzhaf", "beta_1_16", "stand_alone"), **settings)(ready)
        counts = ready.retrainer.counts
    assert counts.done == 0
    assert counts.asked == counts.remembered > 0


def test_more_partitions_keep_the_earlier_ones(ready, study):
    more = Dividends(**{**SMALL, "groups": 3, "methods": ("shapley", "banzhaf")})(ready).tables["dividends_runs"].frame
    before = study.tables["dividends_runs"].frame
    kept = more[more["partition"] < 2].reset_index(drop=True)
    same = before[before["method"].isin(["shapley", "banzhaf"])].reset_index(drop=True)
    columns = ["coalitions", "partition", "method", "level", "transform", "gini"]
    assert kept[columns].equals(same[columns])


def test_the_published_example_is_exact():
    table = example().set_index("transform")
    assert table["gini"].tolist() == pytest.approx([4 / 9, 4 / 9, 1 / 3, 2 / 3, 2 / 15, 2 / 3])
    assert table["hoover"].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 2 / 3, 2 / 15, 2 / 3])
    assert table.loc["binning", "shares"] == "0.2, 0.4, 0.4"
    assert table["agrees"].all()


def test_one_record_a_person_against_many_is_by_sums_of_records_values(ready, study):
    table = study.tables["dividends_records"].frame
    rows = table[table["values"].str.startswith("knn_shapley")].set_index(["deal", "transform"])
    assert rows.loc[("one_each", "clip"), "records_most"] == 1
    for deal in (OneEach(), LogNormal()):
        ginis = []
        for seed in (0, 1):
            task = Digits(model=DIGITS.model, deal=deal, data_seed=seed)()
            data = task.features(ready.everyone.everyone(len(task.contributors)))
            worth = knn_shapley(data.train_x, data.train_y, data.test_x, data.test_y)
            mine = np.bincount(data.owner, worth, minlength=len(task.contributors))[task.records > 0]
            ginis.append(gini(np.maximum(mine, 0)))
        name = "one_each" if isinstance(deal, OneEach) else "lognormal"
        assert rows.loc[(name, "clip"), "gini"] == pytest.approx(np.mean(ginis))
    for level, how in (("equal", "shared equally"), ("records", "split by records")):
        own = table[table["values"] == f"shapley of 3 coalitions, {how}"].set_index("transform")
        assert own.loc["clip", "deal"] == "equal"
        runs = _runs(study, coalitions=3, method="shapley", level=level)
        assert own.loc["clip", "gini"] == pytest.approx(runs.loc["clip", "gini"].mean())


def test_a_groups_value_is_joint_and_its_votes_are_read_on_others(ready, study):
    carriers = study.tables["dividends_carriers"].frame.set_index(["grouping", "group"])
    parts = np.split(ready.order(0), [ready.people // 2])
    v = _worths(ready, parts)
    row = carriers.loc[("2 coalitions", "coalition 1")]
    assert row["joint"] == pytest.approx(v[frozenset({0, 1})] - v[frozenset({1})])
    assert (row["players"], row["members_asked"], row["gap"]) == (50, 2, pytest.approx(row["joint"] - row["alone"]))
    votes = study.tables["dividends_votes"].frame.set_index(["grouping", "source", "audience"])
    audience = np.zeros(ready.people, dtype=bool)
    audience[parts[1]] = True
    before, after = (
        ready.retrainer.scores(held).view(audience=audience).mean
        for held in (ready.everyone, ready.everyone.without(parts[0]))
    )
    assert votes.loc[("2 coalitions", "coalition 1", "coalition 2"), "loss"] == pytest.approx(before - after)
    assert len(votes) == 4 + 9


def test_findings_say_what_was_found_or_why_not(study):
    found = {finding.claim: finding for finding in study.findings}
    assert next(f for claim, f in found.items() if claim.startswith("(-1, 0, 1)")).holds
    assert found["Shift with two coalitions is .5 by construction"].holds
    assert {finding.source for finding in study.findings} == {"VLZH19", "talk 2023"}
    medians = next(f for claim, f in found.items() if claim.startswith("Median payout"))
    assert medians.holds is None
    assert "no attribute" in medians.found
    with bench("power_law", PowerLaw(records=30), None) as ready:
        few = Dividends(coalitions=(3,), methods=("shapley",), transforms=("binning",), groups=2)(ready)
    assert [finding.holds for finding in few.findings] == [True, *[None] * (len(few.findings) - 1)]
    assert all("it would take" in finding.found for finding in few.findings[1:] if "Median" not in finding.claim)
    assert any("no features" in note for note in few.notes)
    assert any("formula" in picture.caption for picture in few.pictures.values())


def test_equal_players_are_paid_equally_whatever_the_dividend():
    with bench("power_law", PowerLaw(records=24), None) as ready:
        found = Dividends(coalitions=(2, 4), groups=2)(ready)
    runs = found.tables["dividends_runs"].frame
    assert (runs["gini"] < 1e-9).all()
    shift = runs[(runs["transform"] == "shift") & (runs["level"] == "coalition")]
    assert shift["fallback"].all()
    two = next(f for f in found.findings if f.claim.startswith("Shift with two"))
    assert two.holds is None
    assert "two equal values" in two.found


def test_genders_are_groups_and_give_ratios_of_medians(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    rows = [f"{u},{i},{rng.integers(1, 6)}" for u in range(60) for i in rng.permutation(60)[: 10 + u % 20]]
    (tmp_path / "ratings.csv").write_text("user,item,rating\n" + "\n".join(rows) + "\n")
    (tmp_path / "people.dat").write_text("".join(f"{u}::{'FM'[u >= 25]}::{u}::0::1\n" for u in range(60)))
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path))
    monkeypatch.setitem(attributes.PEOPLE, "csv", ("people.dat", "::", ("user", "gender", "age", "occupation", "zip")))
    settings = MovieLens(data="csv", path=str(tmp_path / "ratings.csv"), scale=(1.0, 5.0))
    with bench("movielens", settings, None) as ready:
        found = Dividends(coalitions=(2,), methods=("shapley",), groups=2, members=2)(ready)
        order, held = ready.order(0), ready.task.records
        # By records and binning: of two coalitions one is paid 2/3, the other 1/3.
        v = _worths(ready, [order[:30], order[30:]])
    worth = [v[frozenset({i})] - v[frozenset()] + v[frozenset({0, 1})] - v[frozenset({1 - i})] for i in (0, 1)]
    paid = np.empty(60)
    for part, amount in zip((order[:30], order[30:]), DIVIDENDS["binning"]()(worth, 1.0), strict=True):
        paid[part] = amount * held[part] / held[part].sum()
    women = np.array([int(name) < 25 for name in ready.task.contributors])
    ratios = found.tables["dividends_ratios"].frame
    row = ratios[(ratios["level"] == "records") & (ratios["transform"] == "binning")]
    assert (row["majority"].item(), row["attribute"].item()) == ("gender M", "gender")
    low, mean = row["median_ratio_low"].item(), row["median_ratio"].item()
    half = abs(np.median(paid[women]) / np.median(paid[~women]) - mean)  # two partitions lie as far from their mean
    assert mean - low == pytest.approx(stats.t.ppf(0.975, 1) * half)
    votes = found.tables["dividends_votes"].frame
    assert set(votes[votes["grouping"] == "gender"]["source"]) == {"gender F", "gender M"}
    assert "age" not in set(votes["grouping"])  # 60 ages are no groups


def test_a_folder_holds_every_table_and_explains_every_column(study, tmp_path):
    folder = write(study, tmp_path / "out")
    for name in ("dividends", "dividends_directions", "dividends_values", "dividends_example", "dividends_records",
                 "dividends_carriers", "dividends_votes", "dividends_runs"):  # fmt: skip
        assert (folder / f"{name}.parquet").exists()
        assert (folder / f"{name}.csv").exists()
    assert {"dividends.png", "dividends_carriers.png", "dividends_votes.png"} <= {p.name for p in folder.iterdir()}


def test_bad_settings_are_named(ready):
    for settings, named in (
        ({"coalitions": (1, 2)}, "--coalitions"), ({"coalitions": ()}, "--coalitions"),
        ({"coalitions": (13,)}, "--coalitions"), ({"methods": ("worth",)}, "--methods.*shapley"),
        ({"methods": ("shapley", "shapley")}, "--methods"), ({"transforms": ("tax",)}, "--transforms.*clip"),
        ({"transforms": ()}, "--transforms"), ({"groups": 0}, "--groups"), ({"members": 1}, "--members"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=named):
            Dividends(**settings)
    with bench("power_law", PowerLaw(records=5), None) as few, pytest.raises(InputError, match=r"--coalitions.*5"):
        Dividends(coalitions=(6,))(few)


def test_the_command_prints_its_tables_and_names_what_is_wrong(tmp_path):
    words = ["study", "dividends", "--task", "power_law", "--coalitions", "2", "--groups", "2", "--store", "none"]
    chosen = ["--methods", "shapley", "--transforms", "clip", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, [*words, *chosen])
    assert done.exit_code == 0, done.output
    assert "Who carries the value" in done.output
    assert (tmp_path / "out" / "report.html").stat().st_size > 1000
    for option, value in (("--coalitions", "two"), ("--methods", "guess"), ("--transforms", "guess")):
        wrong = CliRunner().invoke(app, [*words, *chosen[:4], option, value, "--out", str(tmp_path / "none")])
        assert isinstance(wrong.exception, InputError)
        assert option in str(wrong.exception)
