"""Votes on how a pot is shared out: by which method, by which dividend, how much of it for everybody."""

import numpy as np
import pytest
from datacoalition.agents.model import CoalitionModel
from datacoalition.coalitions.agenda import Agenda
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.dividends import Equal, PerRecord
from datacoalition.valuation.methods import LeaveOneOut, StandAlone

from .test_agenda import STRIKE, model
from .worlds import world


def voted(**charter) -> CoalitionModel:
    pays = {"kind": "concede", "share": 0.5, "least": 0}
    return model(response=pays, records=5000, **charter)


def in_force(made: CoalitionModel, rounds: int) -> list[str]:
    found = []
    for _ in range(rounds):
        made.step()
        found.append(next(d.transform for d in made.dividends if d.chosen))
        assert sum(d.chosen for d in made.dividends) == 1
    return found


def test_members_vote_for_the_dividend_that_pays_them_more():
    """Records are spread unequally: most members get more of an equal split, and most records more by record."""
    agenda = {"dividends": ["equal"], "dividend_term": 2}
    assert in_force(voted(dividend="per_record"), 4) == ["per_record"] * 4
    assert in_force(voted(dividend="per_record", agenda=agenda), 4) == ["per_record"] + ["equal"] * 3
    assert in_force(voted(dividend="per_record", agenda=agenda, voting_power="by_records"), 4) == ["per_record"] * 4
    back = {"dividends": ["per_record"], "dividend_term": 2}
    weighed = voted(dividend="equal", agenda=back, voting_power="by_records")
    assert in_force(weighed, 3) == ["equal", "per_record", "per_record"]


def test_between_votes_the_dividend_stays():
    made = voted(dividend="per_record", agenda={"dividends": ["equal"], "dividend_term": 3})
    made.step()
    us = made.coalitions[0]
    made.step()
    assert (us.dividend, us.dividend_voted) == (Equal(), 2)
    us.dividend = PerRecord()
    assert in_force(made, 2) == ["per_record"] * 2
    assert in_force(made, 1) == ["equal"]


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ({"dividends": (Equal(), Equal())}, r"dividends\.1: found a dividend twice"),
        ({"methods": (LeaveOneOut(), LeaveOneOut())}, r"methods\.1: found a method twice"),
        ({"public_shares": (0.2, 0.4, 0.2)}, r"public_shares\.2: found a share twice"),
        ({"public_shares": (1.5,)}, r"public_shares"),
    ],
)
def test_an_agenda_lists_nothing_twice_and_nothing_that_cannot_be(listed, message):
    with pytest.raises(InputError, match=message):
        Agenda(**listed)


def rounds_of(made: CoalitionModel, rounds: int, name: str) -> list:
    """What was in force in each round."""
    found = []
    for _ in range(rounds):
        made.step()
        found.append(getattr(made.coalitions[0], name))
    return found


def among(founders: float, **charter) -> CoalitionModel:
    """A hundred people with unequal records, of whom a share are members for good, paid a fixed sum each round."""
    firms = [{"name": "big", "response": "refuse"}]
    task = {"kind": "power_law", "records": 5000, "deal": {"kind": "lognormal", "contributors": 100}}
    charter = {"options": [STRIKE], "pot": {"kind": "fixed", "amount": 50.0}} | charter
    us = {"name": "us", "founders": founders, "charter": charter, "positions": {"pay": 1}}
    return CoalitionModel(world(firms=firms, task=task, coalitions=[us], users__network="none"))


@pytest.mark.parametrize("founders", [0.3, 0.95])
def test_who_is_paid_less_than_their_part_of_a_public_share_votes_for_it(founders):
    """By record a member is paid r / R of the pot, and out of a public share 1 / n of it, whoever is a member."""
    made = among(founders, dividend="per_record", agenda={"public_shares": [0.5], "dividend_term": 1})
    assert rounds_of(made, 1, "public_share") == [0.0]
    last = made.coalitions[0].last_pot.records
    made.step()
    us = made.coalitions[0]
    own = last[us.members]
    gain = (own / own.sum() < 1 / 100).mean()
    assert (gain > 0.5) == (founders == 0.95)  # the case is one of each kind
    assert us.public_share == (0.5 if gain > 0.5 else 0.0)
    paid = next(d for d in made.dividends if d.chosen)
    assert paid.public == us.public_share * 50.0
    assert made.society.to_public == pytest.approx(paid.public / sum(firm.revenue for firm in made.firms))
    assert made.population.public == pytest.approx(np.full(100, paid.public / 100))


def test_what_was_just_voted_for_is_in_force_in_the_next_question():
    """By record most would have a public share; once all are paid the same, more than 1 / n each, nobody would."""
    charter = {"dividend": "per_record", "agenda": {"public_shares": [0.5], "dividends": ["equal"]}}
    made = among(0.95, **charter)
    rounds_of(made, 2, "public_share")
    assert (made.coalitions[0].dividend, made.coalitions[0].public_share) == (Equal(), 0.0)


def test_a_public_share_is_voted_down_again_and_all_of_a_pot_may_be_public():
    made = among(0.95, dividend="equal", public_share=1.0, agenda={"public_shares": [0.25, 0.0]})
    assert rounds_of(made, 2, "public_share") == [1.0, 0.0]


@pytest.mark.parametrize("nobody", [{"users__turnout": {"mean": 0.0, "sd": 0.0}}, {"agenda": {}}])
def test_without_a_vote_what_is_in_force_stays(nobody):
    agenda = nobody.get("agenda", {"public_shares": [0.0], "methods": ["stand_alone"], "dividends": ["equal"]})
    made = among(0.95, dividend="per_record", public_share=0.4, agenda=agenda)
    if "agenda" not in nobody:
        made.population.turnout[:] = 0.0
    made.step()
    assert rounds_of(made, 2, "public_share") == [0.4, 0.4]
    assert (made.coalitions[0].dividend, made.coalitions[0].method) == (PerRecord(), made.world.valuation.method)


def by_users(start: str, *methods, **charter) -> CoalitionModel:
    """Twelve people with unequal records, all but one members, each valued by themselves."""
    task = {"kind": "power_law", "records": 400, "deal": {"kind": "lognormal", "contributors": 12}}
    pot = {"kind": "fixed", "amount": 7.0}
    charter = {"options": [STRIKE], "pot": pot, "dividend": "clip", "agenda": {"methods": list(methods)}} | charter
    us = {"name": "us", "founders": 0.95, "charter": charter}
    return CoalitionModel(
        world(
            firms=[{"name": "big", "response": "refuse"}], task=task, coalitions=[us], users__network="none",
            valuation={"method": start, "players": "users"},
        )
    )  # fmt: skip


def test_members_vote_for_the_method_by_which_their_data_are_worth_more_of_the_pot():
    """The curve decelerates: taken out of all, the many small owners matter about as their records do; alone, those
    with few records are worth far more than their records, so that most members would be valued alone."""
    made = by_users("leave_one_out", "stand_alone")
    assert rounds_of(made, 1, "method") == [LeaveOneOut()]
    us = made.coalitions[0]
    worth = {m: found[-1].worth[us.members] for m, found in made.prices["big"].items()}
    shares = {m: np.maximum(x, 0) / np.maximum(x, 0).sum() for m, x in worth.items()}
    assert set(shares) == {LeaveOneOut(), StandAlone()}
    gain = (shares[StandAlone()] > shares[LeaveOneOut()]).mean()
    assert gain > 0.5
    assert rounds_of(made, 4, "method") == [StandAlone()] * 4
    paid = next(d for d in made.dividends if d.chosen)
    assert paid.method == "stand_alone"
    assert paid.payouts == pytest.approx(7 * shares[StandAlone()])
    assert made.population.value[us.members] == pytest.approx(worth[StandAlone()])
    assert all(made.population.value_source[i].startswith("stand_alone value") for i in us.members)
    back = by_users("stand_alone", "leave_one_out")
    assert rounds_of(back, 2, "method") == [StandAlone()] * 2


def test_a_method_gains_nobody_anything_where_groups_are_valued_and_split_by_records():
    """What one group is worth by another method changes nobody's part of it: a tie, so what is in force stays."""
    made = among(0.95, dividend="proportional", agenda={"methods": ["leave_one_out", "banzhaf"]})
    assert len(set(rounds_of(made, 3, "method"))) == 1
    assert len(made.prices["big"]) == 3


def test_each_coalition_votes_on_its_own_pot_alone():
    """Both earn by the same firm: one may vote for another method, the other is paid by the world's."""
    task = {"kind": "power_law", "records": 400, "deal": {"kind": "lognormal", "contributors": 12}}
    charter = {"options": [STRIKE], "pot": {"kind": "fixed", "amount": 7.0}, "dividend": "clip"}
    votes = charter | {"agenda": {"methods": ["stand_alone"]}, "voting_power": "equal"}
    coalitions = [
        {"name": "us", "founders": 0.45, "charter": votes, "positions": {"pay": 1}},
        {"name": "them", "founders": 0.45, "charter": charter, "positions": {"pay": -1}},
    ]
    made = CoalitionModel(
        world(
            firms=[{"name": "big", "response": "refuse"}], task=task, coalitions=coalitions, users__network="none",
            valuation={"method": "leave_one_out", "players": "users"},
        )
    )  # fmt: skip
    made.step()
    made.step()
    us, them = made.coalitions
    assert {d.coalition: d.method for d in made.dividends if d.chosen} == {
        "us": us.method and "stand_alone",
        "them": "leave_one_out",
    }
    alone, without = (made.prices["big"][m][-1].worth for m in (StandAlone(), LeaveOneOut()))
    assert made.population.value[us.members] == pytest.approx(alone[us.members])
    assert made.population.value[them.members] == pytest.approx(without[them.members])


@pytest.mark.parametrize(
    ("valuation", "method", "message"),
    [
        ({"method": "leave_one_out"}, "owen", r"coalitions\.0\.charter\.agenda\.methods\.0: found 'owen'"),
        (
            {"method": "leave_one_out", "players": "users"},
            "shapley",
            r"coalitions\.0\.charter\.agenda\.methods\.0\.budget: found none, for users",
        ),
        (
            {"method": "leave_one_out"},
            "knn_shapley",
            r"coalitions\.0\.charter\.agenda\.methods\.0: found 'knn_shapley'; expected a method that retrains",
        ),
    ],
)
def test_methods_that_cannot_value_these_players_are_refused_before_anything_runs(valuation, method, message):
    us = {"name": "us", "charter": {"options": [STRIKE], "agenda": {"methods": [method]}}}
    with pytest.raises(InputError, match=message):
        CoalitionModel(world(coalitions=[us], valuation=valuation))
