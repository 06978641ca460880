"""The agenda: campaigns that last, rests, who may propose, action without threat."""

import numpy as np
import pytest
from datacoalition.agents.decision import Decision
from datacoalition.agents.model import CoalitionModel
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.observer import observe

from .worlds import world

STRIKE = {"kind": "strike", "target": "big"}
REDIRECT = {"kind": "redirect_with_deletion", "target": "big", "rival": "small"}


def model(rounds=8, response="refuse", options=(STRIKE,), users=None, records=1000, **charter) -> CoalitionModel:
    firms = [
        {"name": "big", "served": 0.9, "positions": {"pay": -0.5}, "response": response},
        {"name": "small", "data": 0.05, "positions": {"pay": 0.5}, "response": "refuse"},
    ]
    task = {"kind": "power_law", "records": records, "deal": {"kind": "lognormal", "contributors": 100}}
    us = {"name": "us", "positions": {"pay": 1}, "founders": 0.3, "charter": {"options": list(options), **charter}}
    changes = {f"users__{name}": value for name, value in (users or {}).items()}
    return CoalitionModel(world(rounds=rounds, firms=firms, task=task, coalitions=[us], **changes))


def played(made: CoalitionModel, rounds: int, column: str) -> list:
    found = []
    for _ in range(rounds):
        made.step()
        found.append(observe(made, 0)["coalitions"][0][column])
    return found


def test_by_default_every_round_is_voted_on():
    assert played(model(), 3, "passed") == [True] * 3


def test_a_campaign_goes_on_without_a_vote_and_then_there_is_a_rest():
    agenda = {"campaign": 2, "cooling_off": 1}
    assert played(model(agenda=agenda), 7, "passed") == [True, False, False, True, False, False, True]
    levers = played(model(agenda=agenda), 7, "lever")
    assert levers == ["strike", "strike", "nothing", "strike", "strike", "nothing", "strike"]
    turnout = played(model(agenda=agenda), 3, "turnout")
    assert turnout[0] == 1
    assert np.isnan(turnout[1:]).all()
    assert played(model(agenda=agenda), 2, "target") == ["big", "big"]


def test_who_takes_part_is_drawn_anew_in_every_round_of_a_campaign():
    made = model(agenda={"campaign": 3}, users={"compliance": {"mean": 0.5, "sd": 0}})
    rounds = []
    for _ in range(3):
        made.step()
        rounds.append(set(made.coalitions[0].campaign.compliers.tolist()))
        assert made.market["big"].holdings.present.sum() == 100 - len(rounds[-1])
    assert rounds[0] != rounds[1] != rounds[2]


def test_what_is_paid_for_is_no_campaign():
    paid = model(response={"kind": "concede", "share": 0.5, "least": 0}, agenda={"campaign": 3, "cooling_off": 2})
    assert min(played(paid, 4, "payment")) > 0


def test_without_threats_nobody_is_asked_to_pay():
    pays = {"kind": "concede", "share": 0.5, "least": 0}
    threatened, acted = (model(response=pays, agenda={"threat": how}) for how in ("first", "never"))
    assert played(threatened, 1, "payment")[0] > 0
    assert played(acted, 1, "payment") == [0]
    row = observe(acted, 0)["coalitions"][0]
    assert (row["lever"], row["answer"]) == ("strike", "not asked")
    assert row["harm"] > 0


def leaning(**agenda) -> CoalitionModel:
    """Founders lean to pay, others who joined do not: only some like a lever whose rival stands for pay."""
    users = {
        "vote_weights": {"effect": 0, "agreement": 1, "cost": 0, "service": 0},
        "stances": {"pay": {"mean": 0.0, "sd": 0.5}},
    }
    made = model(options=(REDIRECT,), users=users, agenda=agenda)
    made.population.member[:, 0] = True  # everybody is a member; the most aligned 30 founded it
    return made


def first_vote(made: CoalitionModel):
    from datacoalition.agents.voting import _proposed, announced, opinions

    made.round = 1
    us = made.coalitions[0]
    us.begin_round()
    made.seen = made.start
    ratings = opinions(made, us, *announced(made, us))
    return (ratings[:, 1] > 0).mean(), _proposed(made, us, ratings)


def test_who_may_propose():
    share, all_up = first_vote(leaning())
    assert 0.3 < share < 0.7
    assert all_up.tolist() == [True, True]
    assert first_vote(leaning(proposers="members", seconded=share - 0.01))[1][1]
    assert not first_vote(leaning(proposers="members", seconded=share + 0.01))[1][1]
    assert first_vote(leaning(proposers="founders", seconded=1.0))[1][1]


def test_what_is_not_proposed_cannot_win():
    """All members want it, and all but everybody must second it: one who is indifferent keeps it off the ballot."""
    wanted = model(agenda={"proposers": "members", "seconded": 1.0})
    assert played(wanted, 1, "passed") == [True]
    unwanted = model(agenda={"proposers": "members", "seconded": 1.0})
    unwanted.population.optimism[unwanted.coalitions[0].members[0]] = 0
    assert played(unwanted, 1, "passed") == [False]
    votes = observe(unwanted, 0)["votes"]
    assert [row["tally"] for row in votes] == [30, 0]  # nothing else is on the ballot


def test_a_council_proposes_only_where_there_is_one():
    with pytest.raises(InputError, match=r"agenda\.proposers: found 'council'"):
        model(agenda={"proposers": "council"})
    made = model(agenda={"proposers": "council", "seconded": 1.0}, procedure={"kind": "council", "seats": 3})
    assert played(made, 1, "passed") == [True]
    made = model(agenda={"proposers": "council", "seconded": 1.0}, procedure={"kind": "council", "seats": 3})
    made.population.optimism[:] = 0
    assert played(made, 1, "passed") == [False]


def test_a_replayed_decision_can_begin_a_campaign():
    made = model(agenda={"campaign": 2}, users={"vote_weights": {"effect": 0, "agreement": 0, "cost": 1, "service": 0}})
    made.decisions = {(2, "us"): Decision("strike")}
    assert played(made, 4, "lever") == ["nothing", "strike", "strike", "nothing"]
