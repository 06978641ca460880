"""Null institutions in the model: chance, a dictator, an oracle, and no coalition with the same propensities."""

import numpy as np
import pytest
from datacoalition.agents.decision import Decision
from datacoalition.agents.model import CoalitionModel
from datacoalition.coalitions.deciders import DECIDERS
from datacoalition.scenarios.observer import observe

from .worlds import world

OPTIONS = [
    {"kind": "strike", "target": "big"},
    {"kind": "redirect", "target": "big", "rival": "small"},
    {"kind": "redirect_with_deletion", "target": "big", "rival": "small"},
]
PAYS = {"kind": "concede", "share": 0.5, "least": 0}


def model(decides=None, response="refuse", rounds=30, public_share=0.0, **users) -> CoalitionModel:
    firms = [
        {"name": "big", "served": 0.9, "positions": {"pay": -0.5}, "response": response},
        {"name": "small", "data": 0.05, "positions": {"pay": 0.5}, "response": "refuse"},
    ]
    charter = {"options": OPTIONS, "decides": decides, "public_share": public_share}
    us = {"name": "us", "positions": {"pay": 1}, "founders": 0.3, "charter": charter}
    weights = {"effect": 1, "agreement": 0.3, "cost": 0.2, "service": 0.2}
    changes = {"compliance": {"mean": 0.7, "sd": 0.1}, "vote_weights": weights, **users}
    law = {"copies": "returned"}  # so that every round is like the first
    return CoalitionModel(
        world(
            rounds=rounds,
            firms=firms,
            coalitions=[us],
            market="logit",
            law=law,
            **{f"users__{name}": value for name, value in changes.items()},
        )
    )


def rows(made: CoalitionModel, rounds: int) -> list[dict]:
    found = []
    for _ in range(rounds):
        made.step()
        found += observe(made, 0)["coalitions"]
    return found


@pytest.mark.parametrize("name", DECIDERS)
def test_every_one_is_reached_by_its_name_and_nobody_casts_a_ballot(name):
    made = model(name)
    assert type(made.coalitions[0].charter.decides) is DECIDERS[name]
    made.step()
    votes = observe(made, 0)["votes"]
    assert sum(row["winner"] for row in votes) == 1
    assert [row["cast"] for row in votes] == [0] * 4
    assert np.isnan(made.coalitions[0].campaign.turnout)


def test_the_lot_acts_as_often_as_it_is_told_and_by_every_lever():
    levers = [row["lever"] for row in rows(model({"kind": "lot", "acts": 0.5}), 30)]
    assert 8 <= sum(lever != "nothing" for lever in levers) <= 22
    assert {"strike", "redirect", "redirect_with_deletion"} <= set(levers)


def test_a_dictator_does_what_one_person_wants():
    made = model("dictator")
    us = made.coalitions[0]
    made.population.optimism[us.members] = 0
    made.population.cost[us.members] = 50  # nobody would do anything
    made.step()
    assert not us.campaign.carried_out
    for member in us.members:
        before = us.campaign.ballot
        made.population.optimism[member], made.population.cost[member] = 5, 0
        made.step()
        if us.campaign.passed:
            break
        made.population.optimism[member], made.population.cost[member] = 0, 50
    else:
        pytest.fail("nobody's wish was carried out")
    assert us.campaign.proposal in before[1:]
    assert made.population.founder[member, 0]


def forced(option: str, **changes) -> dict:
    made = model(**changes)
    made.decisions = {(1, "us"): Decision(option)}
    return rows(made, 1)[0]


@pytest.mark.parametrize("public_share", [0.0, 0.4])
def test_the_oracle_takes_what_the_firm_would_really_pay_most_for(public_share):
    paid = {o["kind"]: forced(o["kind"], response=PAYS, public_share=public_share)["payment"] for o in OPTIONS}
    assert len(set(paid.values())) == 3
    best = max(paid, key=paid.get)
    oracle = model("oracle", response=PAYS, public_share=public_share)
    # Members themselves would do nothing.
    oracle.population.optimism[:] = 0
    row = rows(oracle, 1)[0]
    assert row["proposal"].split()[0] == best
    assert row["payment"] == paid[best]


def test_the_oracle_knows_each_options_payoff():
    from datacoalition.agents.bargaining import payoffs

    made = model(response=PAYS, public_share=0.4)
    made.round, made.seen, us = 1, made.start, made.coalitions[0]
    us.begin_round()
    found = payoffs(made, us, np.ones((len(us.members), 4)), np.zeros(4))
    assert us.campaign.threat is None  # nothing was done
    assert us.bound_until == 0
    theirs = 1 - 0.4 * (1 - len(us.members) / 1000)
    expected = [theirs * forced(o["kind"], response=PAYS)["payment"] for o in OPTIONS]
    np.testing.assert_allclose(found, [0, *expected])


def test_where_nobody_pays_the_oracle_acts_only_if_that_is_worth_the_effort():
    costly = rows(model("oracle"), 1)[0]
    assert costly["lever"] == "nothing"
    # Without effort a better rival is worth something to those it serves.
    free = rows(model("oracle", cost={"mean": 0, "sd": 0}), 1)[0]
    assert free["lever"].startswith("redirect")


def test_without_a_coalition_each_does_what_they_would_have_voted_for_and_nobody_pays():
    from datacoalition.agents.voting import announced, opinions

    alone = model("each_alone", response=PAYS, cost={"mean": 0.5, "sd": 0.5})
    alone.step()
    us = alone.coalitions[0]
    row = observe(alone, 0)["coalitions"][0]
    assert (row["payment"], row["lever"], row["answer"]) == (0, "separately", "")
    assert row["target"] == "big"
    seen, own = alone.market, us.campaign.choices
    before = model("each_alone", response=PAYS, cost={"mean": 0.5, "sd": 0.5})
    before.round, before.seen = 1, before.start
    before.coalitions[0].begin_round()
    ratings = opinions(before, before.coalitions[0], *announced(before, before.coalitions[0]))
    np.testing.assert_array_equal(own, ratings.argmax(axis=1))
    assert len(set(own.tolist())) > 1
    acting = us.campaign.compliers
    choice = dict(zip(us.members.tolist(), own.tolist(), strict=True))
    assert set(acting.tolist()) <= {member for member, option in choice.items() if option > 0}
    kinds = np.array([choice[member] for member in acting.tolist()])
    start = alone.initial["big"]
    gone = acting[np.isin(kinds, [1, 3])]
    assert seen["big"].holdings == start.without(gone)
    given = acting[np.isin(kinds, [2, 3])]
    assert seen["small"].holdings == alone.initial["small"].with_(given)


def test_without_a_coalition_the_same_people_comply_as_with_one():
    """Same propensities: where all want the same lever, the only difference is that nobody bargains."""
    wants = {"vote_weights": {"effect": 1, "agreement": 0, "cost": 0, "service": 0}, "optimism": {"mean": 1, "sd": 0}}
    together, alone = model(None, **wants), model("each_alone", **wants)
    together.step()
    alone.step()
    np.testing.assert_array_equal(together.coalitions[0].campaign.compliers, alone.coalitions[0].campaign.compliers)
    for firm in ("big", "small"):
        assert together.market[firm].holdings == alone.market[firm].holdings
