"""Voting in the model: charters with every rule, procedure and voting power, and what the tables say of them."""

import copy

import numpy as np
import pytest
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.voting import electorate
from datacoalition.coalitions.margins import margin
from datacoalition.coalitions.procedures import PROCEDURES
from datacoalition.coalitions.rules import READINGS, RULES
from datacoalition.coalitions.voting_power import VOTING_POWERS
from datacoalition.scenarios.files import validated
from datacoalition.scenarios.observer import observe
from datacoalition.scenarios.run import run

OPTIONS = [
    {"kind": "redirect_with_deletion", "target": "big", "rival": "small"},
    {"kind": "strike", "target": "big"},
]


def scenario(rounds=3, records=300, people=None, **charter):
    """A coalition of about 70 of 300 people on the formula."""
    return validated(
        {
            "name": "test",
            "rounds": rounds,
            "task": {"kind": "power_law", "records": records, "deal": {"kind": "lognormal", "contributors": 300}},
            "firms": [
                {"name": "big", "served": 0.9, "positions": {"pay": -0.5}, "response": {"kind": "concede", "least": 0}},
                {"name": "small", "data": 0.05, "served": 0.1, "positions": {"pay": 0.5}},
            ],
            "coalitions": [
                {"name": "us", "positions": {"pay": 1}, "founders": 0.1, "charter": {"options": OPTIONS, **charter}}
            ],
            "users": people or {},
        },
        "test",
    )


def after(rounds, world):
    model = CoalitionModel(world)
    for _ in range(rounds):
        model.step()
    return model, model.coalitions[0]


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        *(("rule", name) for name in RULES),
        *(("procedure", name) for name in PROCEDURES),
        *(("voting_power", name) for name in VOTING_POWERS),
        *(("rule", {"kind": "star", "reading": reading, "steps": None}) for reading in READINGS),
    ],
)
def test_every_plug_in_can_be_named_in_a_file_and_is_used(field, kind):
    world = scenario(rounds=2, records=3000, dues=0.1, **{field: kind})
    name = kind if isinstance(kind, str) else kind["kind"]
    family = {"rule": RULES, "procedure": PROCEDURES, "voting_power": VOTING_POWERS}[field]
    assert type(getattr(world.build().coalitions[0].charter, field)) is family[name]
    assert validated(world.resolved(), "again").resolved() == world.resolved()
    votes = run(world, store=None).votes
    assert votes.groupby("round")["winner"].sum().tolist() == [1, 1]
    assert (votes["cast"] <= votes["electorate"] + 1e-9).all()
    assert (votes["cast"] > 0).all()


def test_by_default_one_member_has_one_vote_and_casts_it_themselves():
    _, us = after(1, scenario(records=3000))
    outcome = us.campaign.outcome
    assert us.memory is None
    assert outcome.electorate == len(us.members)
    assert outcome.cast == round(us.campaign.turnout * len(us.members))
    assert outcome.tally.sum() == pytest.approx(outcome.cast)


def test_the_electorate_is_the_members_with_what_they_have():
    model, us = after(2, scenario(records=3000, dues=0.1))
    everyone, people = electorate(model, us), model.population
    np.testing.assert_array_equal(everyone.keys, us.members)
    np.testing.assert_array_equal(everyone.records, people.records[us.members])
    np.testing.assert_array_equal(everyone.value, people.value[us.members])
    np.testing.assert_array_equal(everyone.dues, people.dues[us.members])
    np.testing.assert_array_equal(everyone.dividends, people.dividend[us.members])
    np.testing.assert_array_equal(everyone.stances, people.stances[us.members])
    assert everyone.ties().shape == (len(us.members),) * 2
    assert everyone.dues.max() == pytest.approx(0.2)
    assert everyone.dividends.sum() > 0
    assert len(set(everyone.records)) > 3


def test_votes_by_records_weigh_by_records():
    model, us = after(1, scenario(records=3000, voting_power="by_records", people={"turnout": {"mean": 1, "sd": 0}}))
    outcome = us.campaign.outcome
    assert outcome.electorate == pytest.approx(len(us.members))
    rows = [row for row in observe(model, 0)["votes"] if row["coalition"] == "us"]
    assert rows[0]["electorate"] == outcome.electorate
    # All are for one option: it falls with the fewest of the largest who make half.
    assert outcome.tally.max() == pytest.approx(outcome.cast)
    held = np.sort(model.population.records[us.members])[::-1]
    assert us.campaign.margin == int(np.argmax(np.cumsum(held) >= held.sum() / 2)) + 1
    assert us.campaign.margin < len(us.members) / 3


def test_a_council_is_remembered_until_its_term_ends():
    model, us = after(1, scenario(records=3000, procedure={"kind": "council", "seats": 5, "term": 2}))
    seats = us.memory.keys
    assert len(seats) == 5
    assert us.campaign.outcome.electorate == 5
    assert us.campaign.turnout <= 5 / len(us.members)
    model.step()
    np.testing.assert_array_equal(us.memory.keys, seats)
    model.step()
    assert us.memory.since == 3


def test_turnout_is_of_those_who_vote_themselves():
    _, us = after(1, scenario(procedure={"kind": "delegation", "share": 1.0, "to": "member"}))
    assert us.campaign.turnout == us.campaign.outcome.cast == 0
    assert us.campaign.outcome.electorate == len(us.members)
    _, us = after(1, scenario(procedure={"kind": "delegation", "share": 0.5, "to": "member"}))
    assert 0.2 < us.campaign.turnout < 0.6
    assert us.campaign.outcome.cast > us.campaign.turnout * len(us.members)


def test_coalitions_have_memories_and_draws_of_their_own():
    world = scenario(records=3000, procedure={"kind": "council", "seats": 3}).resolved()
    first = world["coalitions"][0]
    world["coalitions"].append({**first, "name": "them", "positions": {"pay": -1}})
    model, us = after(1, validated(world, "two"))
    them = model.coalitions[1]
    assert not set(us.memory.keys) & set(them.memory.keys)
    assert set(us.memory.keys) <= set(us.members)
    assert copy.deepcopy(us.memory).since == 1


@pytest.mark.parametrize("name", PROCEDURES)
def test_the_same_seed_gives_the_same_votes(name):
    world = scenario(procedure=name, rule="majority")
    one, two = (run(world, store=None).votes for _ in range(2))
    assert one.equals(two)


def test_support_that_must_last_delays_the_first_act():
    people = {"turnout": {"mean": 1, "sd": 0}, "threshold": {"mean": 9, "sd": 0}}  # founders only, and all vote

    def first_act(**charter):
        table = run(scenario(rounds=6, records=3000, people=people, **charter), store=None).coalitions
        return table.loc[table["passed"], "round"].min()

    assert first_act() == 1
    assert first_act(procedure={"kind": "conviction", "half_life": 2.0}) == 3
    assert first_act(procedure={"kind": "conviction", "half_life": 4.0}) == 5


def test_a_rule_without_a_margin_leaves_the_column_empty():
    assert run(scenario(rounds=1, rule="borda"), store=None).votes["margin"].isna().all()
    votes = run(scenario(rounds=1), store=None).votes
    assert votes["margin"].notna().all()
    assert margin(RULES["borda"](), [[0.0, 1.0]] * 3) is None
