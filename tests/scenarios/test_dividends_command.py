"""`datacoalition dividends`, as a person with a file of values, a run or a scenario uses it."""

import subprocess
import sys

import pandas as pd
import pytest

VALUES = "user,value\nann,-1\nbo,0\ncy,1\n"
MORE = "user,value,stderr,records,group,income\nann,-1,.2,3,a,10\nbo,0,.2,4,a,20\ncy,1,.2,5,b,30\ndee,2,.2,6,b,40\n"
SCENARIO = """
name: formula
rounds: 2
task: {kind: power_law, records: 60, deal: {kind: lognormal, contributors: 12}}
firms: [{name: big}, {name: small, data: 0.1, served: 0.1}]
users: {count: 12}
coalitions:
  - name: us
    founders: 0.3
    charter: {options: [{kind: strike, target: big}]}
"""


@pytest.fixture
def here(tmp_path):
    (tmp_path / "values.csv").write_text(VALUES)
    (tmp_path / "more.csv").write_text(MORE)
    (tmp_path / "mine.yaml").write_text(SCENARIO)
    return tmp_path


def call(here, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datacoalition.scenarios.cli", "dividends", *words]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def line(printed: str, transform: str) -> list[str]:
    return next(row.split() for row in printed.splitlines() if row.split()[2:3] == [transform])


def test_a_file_of_values_is_all_that_is_needed(here):
    done = call(here, "values.csv")
    assert done.stderr == ""
    assert line(done.stdout, "shift")[3:5] == ["0.444", "0.333"]
    assert line(done.stdout, "clip")[3:5] == ["0.667", "0.667"]
    assert line(done.stdout, "binning")[3:5] == ["0.133", "0.133"]
    assert "no interval: " in done.stdout.lower()
    folder = here / "studies" / "dividends-values"
    found = pd.read_csv(folder / "dividends.csv").set_index("transform")
    assert found.loc["shift", "gini"] == pytest.approx(4 / 9)
    assert len(found) == len([row for row in done.stdout.splitlines() if row.split()[:2] == ["file", "user"]]) - 1
    for name in ("report.html", "dividends_lorenz.png", "dividends_payouts_picture.svg", "dividends_payouts.csv"):
        assert (folder / name).stat().st_size > 0
    codebook = pd.read_csv(folder / "codebook.csv")["column"]
    assert set(found.columns) <= set(codebook)


def test_piped_tables_are_never_cut_or_broken(here):
    done = call(here, "more.csv", "--draws", "50", "--out", "x")
    rows = [row for row in done.stdout.splitlines() if row.split()[2:3] == ["shift"]]
    assert all("…" not in row and "..." not in row for row in done.stdout.splitlines())
    assert max(map(len, rows)) > 110


def test_what_else_a_file_may_say_is_used(here):
    call(here, "more.csv", "--draws", "50", "--out", "x", "--public-share", ".25", "--others", "6", "--quiet")
    designs, parts = (pd.read_csv(here / "x" / name) for name in ("dividends.csv", "dividends_attributes.csv"))
    assert "per_record" in set(designs["transform"])
    assert designs[["gini_low", "gini_high", "reliability", "gini_change"]].notna().all(axis=None)
    assert (designs["pot"] == 75).all()
    assert set(parts["attribute"]) == {"group"}
    paid = pd.read_csv(here / "x" / "dividends_payouts.csv")
    assert paid["person"].tolist() == ["ann", "bo", "cy", "dee"]
    assert paid.iloc[:, 1:].sum().to_numpy() == pytest.approx([75] * (paid.shape[1] - 1))


def test_a_scenario_and_its_run_give_the_same_designs_at_every_level(here):
    levels = ("--levels", "equal,records,value,user,owen", "--transforms", "clip,shift", "--store", "none", "--quiet")
    call(here, "mine.yaml", *levels, "--methods", "shapley,leave_one_out", "--out", "of_scenario")
    run = [sys.executable, "-m", "datacoalition.scenarios.cli", "run", "mine.yaml", "--out", "run", "--quiet"]
    subprocess.run([*run, "--store", "none"], cwd=here, check=True, timeout=300)
    call(here, "run", *levels, "--methods", "shapley,leave_one_out", "--out", "of_run")
    one, two = (pd.read_csv(here / name / "dividends.csv") for name in ("of_scenario", "of_run"))
    pd.testing.assert_frame_equal(one, two)
    assert one.groupby(["method", "level"]).size().to_dict() == {
        **{(m, level): 2 for m in ("shapley", "leave_one_out") for level in ("equal", "records", "value", "user")},
        ("owen", "owen"): 2,
    }
    values = pd.read_csv(here / "of_run" / "dividends_values.csv").set_index(["method", "level"])["total"]
    # Shapley and Owen values add up to the same whole, however people are grouped.
    assert values[("shapley", "user")] == pytest.approx(values[("owen", "owen")], abs=1e-9)
    assert values[("shapley", "user")] == pytest.approx(values[("shapley", "equal")], abs=1e-9)
    manifest = (here / "of_run" / "manifest.json").read_text()
    assert "formula, not retraining" in (here / "of_run" / "report.html").read_text()
    assert '"source": "run"' in manifest


def test_the_tasks_of_one_world_are_valued_each_alone_and_together(here):
    """Groups, too: they are the same by every task; whoever has no records of one is worth nothing there."""
    more = (
        "other_tasks:\n"
        "  - {name: letters, shared: 0.5, task: {kind: power_law, records: 90, deal: {kind: equal, contributors: 8}}}\n"
    )
    firms = "firms: [{name: big}, {name: small, data: 0.1, served: 0.1}, {name: reader, task: letters}]"
    text = SCENARIO.replace("users: {count: 12}\n", more)
    text = text.replace("kind: lognormal", "kind: equal").replace(SCENARIO.splitlines()[4], firms)
    (here / "two.yaml").write_text(text)
    levels = ("--levels", "equal,records,value,user,owen", "--transforms", "clip,shift", "--store", "none", "--quiet")
    call(here, "two.yaml", *levels, "--out", "x")
    values = pd.read_csv(here / "x" / "dividends_values.csv").set_index(["method", "level"])
    tasks = ("power_law", "letters")
    for level in ("equal", "records", "value", "user"):
        total = values["total"].xs(level, level="level")
        each = [total[f"shapley:{task}"] for task in tasks]
        assert total["shapley:all"] == pytest.approx(sum(each))
        assert each == pytest.approx([values["total"][(f"shapley:{task}", "user")] for task in tasks])
    assert values["players"][("shapley:all", "user")] == 16  # of the eight, half are among the twelve
    paid = pd.read_csv(here / "x" / "dividends_payouts.csv").set_index("person")
    assert len(paid) == 16
    own = [name for name in paid.columns if "letters" in name and "user" in name and "clip" in name]
    assert set((paid[own] > 0).sum()) == {8}
    call(here, "two.yaml", "mine.yaml", "--levels", "equal", "--store", "none", code=2)
    done = call(here, "two.yaml", "mine.yaml", "--levels", "user", "--transforms", "clip", "--store", "none")
    assert "shapley:two, letters" in done.stdout


BAD = {
    "no file": (("none.csv",), "none.csv: found no such file; expected a CSV file in UTF-8"),
    "no value": (("a.csv", "user,worth\nann,1\n"), "no column value in"),
    "twice": (("a.csv", "user,value\nann,1\nann,2\n"), "line 3: found user 'ann' a second time"),
    "not a number": (("a.csv", "user,value\nann,1\nbo,many\n"), "line 3: found value 'many'; expected a number"),
    "nan": (("a.csv", "user,value\nann,nan\n"), "line 2: found value 'nan'; expected a number"),
    "negative stderr": (("a.csv", "user,value,stderr\nann,1,-1\n"), "line 2: found stderr '-1'; expected a num"),
    "nobody": (("a.csv", "user,value\n"), "found no people"),
    "blank": (("a.csv", "user,value,group\nann,1,\n"), "line 2: found an empty group"),
    "transform": (("values.csv", "", "--transforms", "clipp"), "--transforms: found 'clipp'; expected one of equal"),
    "share": (("values.csv", "", "--public-share", "2"), "public_share: found 2"),
    "set": (("values.csv", "", "--set", "a=b"), "--set: found a=b; expected nothing, for a file of values"),
    "method": (("mine.yaml", "", "--methods", "guess"), "--methods: found 'guess'; expected one of leave_one_out"),
    "owen": (("mine.yaml", "", "--methods", "owen"), "--methods: found 'owen'; expected --levels owen"),
    "level": (("mine.yaml", "", "--levels", "street"), "--levels: found 'street'; expected one of equal"),
    "budget": (("mine.yaml", "", "--budget", "0"), "--budget: found 0"),
    "features": (("mine.yaml", "", "--methods", "knn_shapley", "--store", "none"), "found a utility without examples"),
    "scenario": (("nothing",), "nothing"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_one_sentence_and_leaves_nothing(here, words, message):
    source, *rest = words
    if rest and rest[0]:
        (here / source).write_text(rest[0])
    before = sorted(here.rglob("*"))
    done = call(here, source, *rest[1:], code=2)
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert sorted(here.rglob("*")) == before


def test_values_of_several_tasks_are_summed_beside_each_alone(here):
    (here / "pins.csv").write_text("user,value,stderr,records,group\nbo,2,.1,1,a\ncy,1,.1,1,b\nzoe,3,.1,2,b\n")
    call(here, "more.csv", "pins.csv", "--transforms", "clip,per_record", "--draws", "50", "--out", "x", code=2)
    (here / "more.csv").write_text(MORE.replace(",income", "").replace(",10", "").replace(",20", "").replace(",30", "")
                                   .replace(",40", ""))  # fmt: skip
    call(here, "more.csv", "pins.csv", "--transforms", "clip,per_record", "--draws", "50", "--out", "x")
    paid = pd.read_csv(here / "x" / "dividends_payouts.csv").set_index("person")
    assert paid.index.tolist() == ["ann", "bo", "cy", "dee", "zoe"]
    assert paid["file:more user clip"].tolist() == pytest.approx([0, 0, 100 / 3, 200 / 3, 0])
    assert paid["file:pins user clip"].tolist() == pytest.approx([0, 100 / 3, 50 / 3, 0, 50])
    # -1, 2, 2, 2, 3 in all
    assert paid["file:all user clip"].tolist() == pytest.approx([0, 200 / 9, 200 / 9, 200 / 9, 100 / 3])
    assert paid["file:all user per_record"].tolist() == pytest.approx([100 * k / 22 for k in (3, 5, 6, 6, 2)])
    parts = pd.read_csv(here / "x" / "dividends_attributes.csv")
    assert set(parts["attribute"]) == {"group"}


def test_sources_that_cannot_be_added_up_get_a_sentence(here):
    (here / "all.csv").write_text(VALUES)
    (here / "other.csv").write_text("user,value,income\nann,1,11\n")
    for words, told in (
        (("values.csv", "values.csv"), "two sources of this name"),
        (("values.csv", "all.csv"), "all is what the sum is called"),
        (("more.csv", "other.csv"), "other, income of 'ann'"),
        (("values.csv", "mine.yaml"), "values of groups"),
    ):
        assert told in call(here, *words, "--out", "y", code=2).stderr
        assert not (here / "y").exists()
