"""`study frontier`: its table against the runs, shares of the variance against sums by hand, what a person types."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.cli import app
from datacoalition.scenarios.files import text_of
from datacoalition.scenarios.studies.frontier import _gaps, frontier
from datacoalition.scenarios.studies.frontier_tables import GOVERNING, crossed, named, points, shares
from datacoalition.scenarios.sweeps.analysis.cases import read_cases
from datacoalition.scenarios.sweeps.analysis.paired import paired
from typer.testing import CliRunner

SCENARIO = {
    "name": "small",
    "rounds": 2,
    "task": {
        "kind": "power_law", "records": 400, "deal": {"kind": "lognormal", "contributors": 40}, "train_seeds": [0, 1],
    },
    "firms": [
        {"name": "big", "served": 0.8, "response": {"kind": "concede", "share": 0.5}},
        {"name": "small", "data": 0.1, "served": 0.2, "response": "refuse"},
    ],
    "coalitions": [
        {
            "name": "us", "founders": 0.3, "positions": {"pay": 1.0},
            "charter": {
                "options": [{"kind": "strike", "target": "big"}], "pot": {"kind": "revenue", "share": 0.05},
            },
        }
    ],
    "valuation": {"players": "users", "method": "leave_one_out", "noise_draws": 20},
}  # fmt: skip
RULES = {"many": "majority", "most": {"kind": "supermajority", "share": 0.9, "quorum": 0.9}}
BARGAINS = {
    "at once": {"coalitions.0.charter.agenda.threat": "never"},
    "nash": {"coalitions.0.charter.bargain": "nash"},
}
ARMS = {
    f"{rule} - {bargain} - {dividend}": {
        "coalitions.0.charter.rule": RULES[rule], **BARGAINS[bargain], "coalitions.0.charter.dividend": dividend,
    }
    for rule in RULES for bargain in BARGAINS for dividend in ("shift",)
} | {"each alone": {"coalitions.0.charter.decides": "each_alone"}}  # fmt: skip
HOLDOUT = {"view": "holdout", "metric": "loss"}
OUTPUTS = {
    "gap_closed": {"table": "leverage", "column": "gap_closed", "where": HOLDOUT, "reduced": "mean"},
    "gap_closed_company": {
        "table": "leverage", "column": "gap_closed", "where": {**HOLDOUT, "view": "company"}, "reduced": "mean",
    },
    "firm_lost": {"table": "leverage", "column": "strike", "where": HOLDOUT, "reduced": "mean"},
    "rival_gained": {"table": "leverage", "column": "contribution", "where": HOLDOUT, "reduced": "mean"},
    "gini_corrected": {"table": "dividends", "column": "gini_corrected", "where": {"chosen": True}, "reduced": "mean"},
    "members_gain": {"table": "coalitions", "column": "members_gain", "reduced": "mean"},
}  # fmt: skip
LEVERS = [[{"kind": "strike", "target": "big"}], [{"kind": "redirect", "target": "big", "rival": "small"}]]
SWEEP = {
    "name": "front",
    "scenario": "small.yaml",
    "vary": {"coalitions.0.charter.options": LEVERS, "users.propensity.share": [0.3, 0.9]},
    "arms": ARMS,
    "primary": ["gap_closed", "gini_corrected", "members_gain"],
    "data_seeds": [0, 1, 2, 3, 4],
    "replicates": 2,
    "outputs": OUTPUTS,
}


def saved(folder, **changes) -> str:
    (folder / "small.yaml").write_text(text_of(SCENARIO))
    plain = json.loads(json.dumps({**SWEEP, **changes}))  # YAML's writer makes anchors of what is there twice
    (folder / "front.yaml").write_text(text_of(plain))
    return str(folder / "front.yaml")


def typed(*words):
    return CliRunner().invoke(app, ["study", "frontier", *words, "--engine", "serial", "--store", "none"])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frontier")
    done = typed(saved(folder), "--out", str(folder / "out"))
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def cases(made):
    return named(read_cases(made / "out" / "runs"))


def test_the_plan_is_frozen_first_and_the_report_is_whole(made):
    report = made / "out" / "report"
    manifest = json.loads((report / "manifest.json").read_text())
    assert (made / "front.yaml.frozen.json").exists()
    assert manifest["confirmatory"]
    assert manifest["frozen"]["matches"]
    assert manifest["runs"] == {"done": 4 * 5 * 10, "failed": 0, "remaining": 0}
    for name in ("frontier", "shares"):
        assert len(pd.read_csv(report / f"{name}.csv")) == len(pd.read_parquet(report / f"{name}.parquet"))
    for name in ("frontier_picture", "parts_picture", "shares_picture"):
        assert (report / f"{name}.png").stat().st_size > 10_000
        assert (report / f"{name}.svg").exists()
    page = (report / "report.html").read_text()
    assert "formula, not retraining" in page
    assert "work differently" in page


def test_a_finished_study_is_refused_and_one_without_its_report_goes_on(made):
    again = typed(str(made / "front.yaml"), "--out", str(made / "out"))
    assert "a new or empty folder" in str(again.exception)
    before = frontier(made / "out" / "runs").manifest["digest"]
    (made / "out" / "report").rename(made / "aside")
    try:
        assert typed(str(made / "front.yaml"), "--out", str(made / "out")).exit_code == 0
        assert json.loads((made / "out" / "report" / "manifest.json").read_text())["digest"] == before
    finally:
        for file in (made / "out" / "report").iterdir():
            file.unlink()
        (made / "out" / "report").rmdir()
        (made / "aside").rename(made / "out" / "report")


def test_points_are_the_means_of_their_runs_and_their_pairs(cases):
    table, runs = points(cases), cases.runs
    assert len(table) == 2 * 2 * 5
    assert set(table["lever"]) == {"strike", "redirect"}
    for _, row in table.iterrows():
        world = (runs["participation"] == row["participation"]) & (runs["lever"] == row["lever"])
        mine = runs[world & (runs["arm"] == row["institution"])].sort_values(["data_seed", "seed"])
        alone = runs[world & (runs["arm"] == "each alone")].sort_values(["data_seed", "seed"])
        for name in ("gap_closed", "gini_corrected", "members_gain", "firm_lost", "rival_gained"):
            assert row[name] == pytest.approx(mine[name].mean(), abs=1e-12, nan_ok=True)
        first, second = (side["gap_closed"].to_numpy().reshape(5, 2) for side in (mine, alone))
        found = paired(first, second)
        assert row["more_than_alone"] == pytest.approx(found.difference, abs=1e-12)
        assert row["more_than_alone_low"] == pytest.approx(found.low, abs=1e-12)
    alone = table[table["institution"] == "each alone"]
    assert not alone["designed"].any()
    assert not alone["on_front"].any()
    assert (alone["more_than_alone"] == 0).all()
    assert (table["gap_closed"] > 0).any()


def test_the_front_is_what_nothing_beats(cases):
    table = points(cases)
    for _, row in table[table["designed"]].iterrows():
        others = table[table["designed"] & (table["participation"] == row["participation"])]
        beaten = any(
            o["gap_closed"] >= row["gap_closed"] and o["gini_corrected"] <= row["gini_corrected"]
            and (o["gap_closed"] > row["gap_closed"] or o["gini_corrected"] < row["gini_corrected"])
            for _, o in others.iterrows()
        )  # fmt: skip
        assert row["on_front"] == (not beaten)
    assert table["on_front"].any()


def test_shares_are_those_of_effects_that_were_put_in(cases):
    """Rule +-1, lever +-2, rule x bargain +-3 and a seed effect: sums of squares 1, 4, 9 and 1/4 of what they are."""
    runs = cases.runs
    sign = {
        "rule": np.where(runs["rule"] == "many", 1.0, -1.0), "lever": np.where(runs["lever"] == "strike", 1.0, -1.0),
        "bargain": np.where(runs["bargain"] == "nash", 1.0, -1.0),
    }  # fmt: skip
    seed = runs["seed"] - runs["seed"].mean()
    effect = sign["rule"] + 2 * sign["lever"] + 3 * sign["rule"] * sign["bargain"] + seed
    made_up = dataclasses.replace(cases, runs=runs.assign(gini_corrected=effect))
    found = shares(made_up).query("outcome == 'gini_corrected'").set_index("source")
    total = 1 + 4 + 9 + 1 / 4
    assert found.at["lever", "alone"] == pytest.approx(4 / total)
    assert found.at["lever", "with_others"] == pytest.approx(4 / total)
    assert found.at["rule", "alone"] == pytest.approx(1 / total)
    assert found.at["rule", "with_others"] == pytest.approx(10 / total)
    assert found.at["bargain", "alone"] == pytest.approx(0, abs=1e-12)
    assert found.at[GOVERNING, "alone"] == pytest.approx(10 / total)
    assert found.at["seed", "with_others"] == pytest.approx(1 / 4 / total)
    assert found.at["participation", "with_others"] == pytest.approx(0, abs=1e-12)
    for name in ("alone_lowest", "alone_highest"):
        assert found.at["lever", name] == pytest.approx(4 / total)


def test_parts_that_are_not_crossed_are_not_told_apart(cases):
    """With one institution left out, rule and bargain go together in part: eta squared would count that twice."""
    assert crossed(cases)
    some = cases.runs[cases.runs["institution"] != "most - nash - shift"]
    less = dataclasses.replace(cases, runs=some)
    assert not crossed(less)
    found = shares(less)
    assert set(found["source"]) == {"lever", "institution", "participation", "split", "seed", "audience"}
    assert (found["alone"] <= 1).all()
    assert any("cross" in note for note in _gaps(less, points(less)))
    assert not any("cross" in note for note in _gaps(cases, points(cases)))


def test_the_audience_is_a_source_of_the_gap_closed(cases):
    changed = cases.runs.assign(gap_closed=1.0, gap_closed_company=3.0)
    found = shares(dataclasses.replace(cases, runs=changed)).query("outcome == 'gap_closed'").set_index("source")
    assert found.at["audience", "alone"] == pytest.approx(1)
    assert "audience" not in set(shares(cases).query("outcome == 'members_gain'")["source"])


def test_rows_in_which_nobody_was_paid_are_said(cases):
    unpaid = dataclasses.replace(cases, runs=cases.runs.assign(gini_corrected=np.nan))
    said = {name: " ".join(_gaps(some, points(some))) for name, some in (("paid", cases), ("unpaid", unpaid))}
    assert "In 20 of 20 rows nobody was paid" in said["unpaid"]
    assert "nobody was paid" not in said["paid"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"vary": {"users.propensity.share": [0.3, 0.9]}}, "charter.options"),
        ({"vary": {"coalitions.0.charter.options": LEVERS}}, "propensity.share"),
        ({"outputs": {k: v for k, v in OUTPUTS.items() if k != "firm_lost"}}, "no firm_lost"),
        ({"arms": {"one": {}, "two": {"coalitions.0.charter.rule": "majority"}}}, "rule - bargain - dividend"),
    ],
)
def test_a_sweep_of_another_form_is_refused_before_it_is_run(tmp_path, changes, said):
    done = typed(saved(tmp_path, **changes), "--out", str(tmp_path / "out"))
    assert isinstance(done.exception, InputError)
    assert said in str(done.exception)
    assert not (tmp_path / "out").exists()


def test_a_thin_plan_cannot_be_frozen(tmp_path):
    done = typed(saved(tmp_path, data_seeds=[0, 1]), "--out", str(tmp_path / "out"))
    assert "at least 5" in str(done.exception)


def test_what_is_no_sweep_is_said(tmp_path):
    with pytest.raises(InputError, match="manifest"):
        frontier(tmp_path)
