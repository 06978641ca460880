"""`datacoalition analyze`: what it prints is recomputed from the sweep's own rows, and its folder is whole."""

import re

import pandas as pd
import pytest
from datacoalition.scenarios.cli import app
from datacoalition.scenarios.sweeps.sweep import sweep
from typer.testing import CliRunner

from .test_faults import written


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    here = tmp_path_factory.mktemp("analyze")
    sweep(written(here), engine="serial", store=None, out=here / "out")
    words = ["analyze", str(here / "out"), "--out", str(here / "found"), "--front", "gap,-members"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return here / "out", here / "found"


def runs_of(folder) -> pd.DataFrame:
    return pd.concat(pd.read_parquet(part) for part in sorted((folder / "parts").glob("*.parquet")))


def test_the_spread_of_an_output_is_that_of_the_rows(folders):
    runs, table = runs_of(folders[0]), pd.read_csv(folders[1] / "analysis.csv").set_index("output")
    assert len(runs) == 120
    for name in ("gap", "members", "struck"):
        assert table.loc[name, "runs"] == 120
        assert table.loc[name, "median"] == pytest.approx(runs[name].median())
        assert table.loc[name, "sd"] == pytest.approx(runs[name].std())


def test_shares_of_variance_by_hand(folders):
    """Eta squared: between the means of a setting's values, and within settings, over the whole."""
    runs, shares = runs_of(folders[0]), pd.read_csv(folders[1] / "shares.csv").set_index(["output", "setting"])["share"]
    path, other = "users.threshold.mean", "coalitions.0.charter.rule"
    whole = ((runs["gap"] - runs["gap"].mean()) ** 2).sum()
    between = ((runs.groupby(path)["gap"].transform("mean") - runs["gap"].mean()) ** 2).sum()
    within = ((runs["gap"] - runs.groupby([path, other])["gap"].transform("mean")) ** 2).sum()
    assert shares["gap", path] == pytest.approx(between / whole)
    assert shares["gap", "seed (the same settings again)"] == pytest.approx(within / whole)


def test_references_are_those_of_all_points(folders):
    """The formula's and the strike's; people join by threshold among all; no data."""
    text = (folders[1] / "references.bib").read_text()
    assert {"{H17,", "{VHS19,", "{G78,"} <= set(re.findall(r"\{\w+,", text))
    assert "{HK15," not in text


def test_the_folder_has_pictures_tables_and_a_report(folders):
    held = {path.name for path in folders[1].iterdir()}
    assert {"report.html", "codebook.csv", "heat_map.png", "heat_map.svg", "effects.csv", "distributions.png"} <= held
