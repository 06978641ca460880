"""`datacoalition analyze`: what it prints is recomputed from the sweep's own rows, and its folder is whole."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from datacoalition.scenarios.cli import app
from datacoalition.scenarios.sweeps.analysis.cases import read_cases
from datacoalition.scenarios.sweeps.sweep import sweep
from scipy import stats
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


def test_an_interval_over_seeds_by_hand(folders):
    """All points share their seeds, so that a setting's mean is as uncertain as the means of the seeds differ."""
    cases = read_cases(folders[0])
    means = cases.done.groupby("seed")["gap"].mean()
    low, high = stats.t.interval(0.95, len(means) - 1, means.mean(), stats.sem(means))
    found = cases.mean(cases.done, "gap")
    assert cases.unit == "seed"
    assert (found.n, found.low, found.high) == (120, pytest.approx(low), pytest.approx(high))


def test_an_interval_over_splits_counts_what_seeds_move_in_all_of_them(folders):
    """Two crossed random effects, by the mean squares of a table of 5 splits and 4 seeds in which seeds matter most."""
    rng = np.random.default_rng(0)
    table = rng.normal(0, 0.1, (5, 1)) + rng.normal(0, 1.0, (1, 4)) + rng.normal(0, 0.1, (5, 4))
    rows = [(split, seed, table[split, seed]) for split in range(5) for seed in range(4)]
    runs = pd.DataFrame(rows, columns=["data_seed", "seed", "gap"]).assign(point=0, status="done", replicate=0)
    cases = replace(read_cases(folders[0]), runs=runs)
    assert cases.unit == "data_seed"
    found = cases.mean(cases.done, "gap")
    between_splits, between_seeds = 4 * table.mean(axis=1).var(ddof=1), 5 * table.mean(axis=0).var(ddof=1)
    rest = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    stderr = np.sqrt((between_splits + between_seeds - (rest**2).sum() / 12) / 20)
    assert found.mean == pytest.approx(table.mean())
    assert found.high - found.mean > 2 * stderr
    assert found.high - found.mean == pytest.approx(stats.t.ppf(0.975, 3) * stderr, rel=0.1)  # hardly more than 3 free
    assert "4 seeds of behaviour" in cases.over
