"""Contrasts of arms: recomputed from the sweep's own rows with scipy and by hand; what is left out, in what words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.sweeps.analysis.cases import read_cases
from datacoalition.scenarios.sweeps.analysis.contrasts import contrasts, left_out
from datacoalition.scenarios.sweeps.analysis.report import analysis
from datacoalition.scenarios.sweeps.sweep import sweep
from datacoalition.scenarios.sweeps.sweep_file import read_sweep
from scipy import stats

from .test_paired import mean_squares

SCENARIO = """
name: formula
rounds: 3
task: {kind: power_law, records: 60, deal: {kind: lognormal, contributors: 60}}
firms: [{name: big, response: refuse}, {name: small, data: 0.1, served: 0.1}]
coalitions:
  - name: us
    founders: 0.2
    charter: {options: [{kind: strike, target: big}, {kind: redirect, target: big, rival: small}]}
users: {threshold: {mean: 0.1, sd: 0.1}, compliance: {mean: 0.6, sd: 0.2}}
"""
SWEEP = """
name: tiny
scenario: formula.yaml
vary:
  users.threshold.mean: [0.05, 0.1]
arms:
  vote:
  nobody: no_coalition
  chance: lot
contrasts: all
replicates: 4
data_seeds: [0, 1, 2]
primary: [score]
outputs:
  members: {table: coalitions, column: members, reduced: max}
  score: {table: firms, column: score, where: {firm: big, view: holdout, audience: everyone}, reduced: mean}
  strikes: {table: coalitions, column: lever, equals: strike, reduced: mean}
  first: {table: coalitions, column: passed, reduced: {kind: first_above, level: 0.5}}
"""


def played(here, text=SWEEP):
    (here / "formula.yaml").write_text(SCENARIO)
    (here / "sweep.yaml").write_text(text)
    return sweep(here / "sweep.yaml", engine="serial", store=None, out=here / "out")


@pytest.fixture(scope="module")
def splits(tmp_path_factory):
    result = played(tmp_path_factory.mktemp("splits"))
    return result.runs, analysis(result.folder)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    result = played(tmp_path_factory.mktemp("seeds"), SWEEP.replace("data_seeds: [0, 1, 2]", "data_seeds: [0]"))
    return result.runs, analysis(result.folder)


def row(study, output, arm, against):
    table = study.tables["contrasts"].frame
    return table[(table["output"] == output) & (table["arm"] == arm) & (table["against"] == against)].iloc[0]


def differences(runs, output, arm, against, by):
    """Splits by seeds, over points."""
    keys = ["point", "data_seed", "seed"]
    one, other = (runs[runs["arm"] == name].set_index(keys)[output] for name in (arm, against))
    return (one - other).reset_index().pivot_table(index=by, columns="seed", values=output, aggfunc="mean")


def test_with_one_split_it_is_student_s_paired_test_over_seeds(seeds):
    runs, study = seeds
    by_seed = runs.pivot_table(index="seed", columns="arm", values="score", aggfunc="mean")
    for arm, against in (("nobody", "vote"), ("chance", "vote"), ("chance", "nobody")):
        found, known = row(study, "score", arm, against), stats.ttest_rel(by_seed[arm], by_seed[against])
        assert found["units"] == 4
        assert found["p"] == pytest.approx(known.pvalue)
        assert tuple(found[["low", "high"]]) == pytest.approx(tuple(known.confidence_interval(0.95)))


def test_with_several_splits_seeds_are_crossed_with_them(splits):
    runs, study = splits
    for arm, against in (("nobody", "vote"), ("chance", "vote"), ("chance", "nobody")):
        found = row(study, "score", arm, against)
        change = differences(runs, "score", arm, against, "data_seed").to_numpy()
        assert change.shape == (3, 4)
        grand, a, b, i = mean_squares(change)
        assert found["difference"] == pytest.approx(grand)
        assert found["stderr"] == pytest.approx(np.sqrt((a + max(b - i, 0)) / 12))
        half = stats.t.ppf(0.975, found["freedom"]) * found["stderr"]
        assert found["high"] - found["difference"] == pytest.approx(half)


def test_holm_is_over_each_role_s_outputs_and_all_contrasts(splits):
    table = splits[1].tables["contrasts"].frame
    assert list(dict.fromkeys(table["output"])) == ["score", "members", "strikes"]
    assert list(dict.fromkeys(table["role"])) == ["primary", "other"]
    primary, other = (table[table["role"] == role] for role in ("primary", "other"))
    assert set(primary["tests"]) == {3}
    assert set(other["tests"]) == {6}
    p = sorted(primary["p"])
    expected = np.maximum.accumulate(np.array(p) * [3, 2, 1])
    assert sorted(primary["p_holm"]) == pytest.approx(list(expected))


def test_pairs_without_one_half_are_counted_and_listed(splits):
    runs, study = splits
    found = row(study, "members", "nobody", "vote")
    assert (found["pairs"], found["left_out"]) == (0, 24)
    lost = study.tables["contrasts_left_out"].frame
    assert set(lost["why"]) == {"the output is undefined"}
    for output in ("members", "strikes"):
        assert sorted(lost.loc[lost["output"] == output, "run"]) == sorted(runs.loc[runs["arm"] == "nobody", "run"])
    assert any("96 pairs left out" in note for note in study.notes)


def test_equal_differences_are_labelled(splits):
    found = row(splits[1], "members", "chance", "vote")
    assert found["low"] == found["high"] == found["difference"] == 0
    assert pd.isna(found["stderr"])
    assert found["remark"].startswith("all differences are 0: no width")


def test_each_point_by_itself(splits):
    runs, study = splits
    table = study.tables["contrasts_by_point"].frame
    for point, value in enumerate((0.05, 0.1)):
        chosen = table[(table["point"] == point) & (table["output"] == "score") & (table["arm"] == "nobody")]
        known = differences(runs[runs["point"] == point], "score", "nobody", "vote", "data_seed").to_numpy().mean()
        assert chosen["users.threshold.mean"].tolist() == [value]
        assert chosen["difference"].tolist() == pytest.approx([known])


def test_words_say_what_intervals_are_over(splits, seeds):
    terms = splits[1].tables["contrasts"].note
    assert "over 3 splits of the data, and wider by what the 4 seeds of behaviour add" in terms
    assert "Holm over 3 contrasts x 1 primary output and, apart from these, 3 contrasts x 2 other outputs" in terms
    assert any("3 splits, fewer than five" in note for note in splits[1].notes)
    assert "over seeds of behaviour, given the split" in seeds[1].tables["contrasts"].note
    assert any("there is one split of the data" in note for note in seeds[1].notes)
    assert any("first: a round that may never come has no paired difference" in note for note in seeds[1].notes)


def test_every_arm_is_held_against_the_first_unless_all_are(tmp_path):
    result = played(tmp_path, SWEEP.replace("contrasts: all\n", "").replace("primary: [score]\n", ""))
    table = analysis(result.folder).tables["contrasts"].frame
    assert set(zip(table["arm"], table["against"], strict=True)) == {("nobody", "vote"), ("chance", "vote")}
    assert set(table["role"]) == {"all"}
    assert set(table["tests"]) == {6}


def test_a_run_that_failed_or_is_missing_takes_its_pair_with_it(tmp_path):
    cases = read_cases(played(tmp_path).folder)
    runs, keys = cases.runs.copy(), ["point", "arm", "data_seed", "seed"]
    for seed, arm in ((0, "vote"), (1, "nobody"), (1, "vote")):  # two of one pair: it is missing once
        chosen = (runs[keys] == [0, arm, 2, seed]).all(axis=1)
        runs.loc[chosen, ["status", "score"]] = ["failed", np.nan]
    runs = runs[~(runs[keys] == [1, "vote", 0, 3]).all(axis=1)]  # not yet played
    found = contrasts(replace(cases, runs=runs)).iloc[0]
    assert (found["output"], found["arm"], found["against"]) == ("score", "nobody", "vote")
    assert (found["pairs"], found["left_out"]) == (21, 3)
    kept = differences(runs, "score", "nobody", "vote", "data_seed")
    assert found["difference"] == pytest.approx(kept.mean(axis=1).mean())
    lost = left_out(replace(cases, runs=runs))
    assert lost.loc[lost["output"] == "score", "why"].tolist() == ["failed"] * 3


@pytest.mark.parametrize(("name", "found"), [("first", "a round that may never come"), ("gap", "'gap'")])
def test_a_primary_output_is_an_amount(tmp_path, name, found):
    (tmp_path / "sweep.yaml").write_text(SWEEP.replace("primary: [score]", f"primary: [{name}]"))
    with pytest.raises(InputError, match=f"primary: found .*{found}.*expected of the outputs members, score, strikes"):
        read_sweep(tmp_path / "sweep.yaml")
