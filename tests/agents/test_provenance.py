"""Data that are passed on from round to round, and withdrawals that follow them; by hand, a hundred people with two
hundred records each, of which half exist before the first round and a tenth arrives in each of five."""

import numpy as np
import pytest
from datacoalition.agents.action import with_only
from datacoalition.agents.decision import Decision
from datacoalition.agents.model import CoalitionModel

from .worlds import world

TASK = {"kind": "power_law", "records": 20_000, "deal": {"kind": "equal", "contributors": 100}}
NEVER = {"kind": "strike", "share": 0.0}
STRIKE = {"kind": "strike"}
NEW = {"kind": "strike", "what": "new"}
GIVE = {"kind": "redirect", "rival": "small"}


def passing(
    lever: dict, *more: dict, returns=True, stock=0.5, third=0.0, links=(("small",), ("third",), ()), **changes
):
    """Big passes on to small, and small to a third firm, neither of which has data; twenty people have one lever."""
    firms = [
        {"name": "big", "served": 0.9, "response": "refuse", "passes_on": links[0]},
        {"name": "small", "data": 0.0, "response": "refuse", "passes_on": links[1]},
        {"name": "third", "data": third, "response": "refuse", "passes_on": links[2]},
    ]
    options = [{"target": "big", **each} for each in (lever, *more)]
    us = {"name": "us", "positions": {"pay": 1}, "founders": 0.2, "charter": {"options": options}}
    flow = {"stock": stock, "returns": returns}
    settings = {"task": TASK, "rounds": 5, "firms": firms, "coalitions": [us], "users__flow": flow}
    return CoalitionModel(world(**settings | changes))


def records(model: CoalitionModel, firm: str) -> int:
    return int(model.lines[0].task.held(model.market[firm].holdings).sum())


def played(model: CoalitionModel, rounds: int, *firms: str) -> list[list[int]]:
    found = []
    for _ in range(rounds):
        model.step()
        found.append([records(model, firm) for firm in firms])
    return [list(column) for column in zip(*found, strict=True)]


def test_what_arrives_is_passed_on_a_round_later_and_down_the_chain():
    big, small, third = played(passing(NEVER), 5, "big", "small", "third")
    assert big == pytest.approx([12_000, 14_000, 16_000, 18_000, 20_000], abs=250)
    assert small[0] == pytest.approx(10_000, abs=250)
    assert small[1:] == big[:-1]
    assert third == small
    whole = played(passing(NEVER, stock=1.0), 2, "big", "small")
    assert whole == [[20_000] * 2] * 2


def test_what_is_kept_from_the_firm_for_good_as_it_arrives_is_never_passed_on():
    model = passing(NEW, returns=False)
    big, small = played(model, 4, "big", "small")
    free = played(passing(NEVER), 4, "big", "small")
    kept = [f - b for f, b in zip(free[0], big, strict=True)]
    assert kept[0] == pytest.approx(400, abs=60)  # a fifth of the people, a tenth of their records
    assert [f - s for f, s in zip(free[1], small, strict=True)] == [0, *kept[:-1]]
    # What was there before and is withheld later had been passed on.
    late = passing(STRIKE, returns=False)
    late.decisions = {(1, "us"): Decision(lever="nothing")}
    big, small = played(late, 3, "big", "small")
    assert big[1] < 0.85 * free[0][1]
    assert small[:2] == free[1][:2]
    assert free[1][2] - small[2] == pytest.approx(400, abs=60)  # but for what arrived in that round
    # Had nobody ever acted, it would all be there.
    assert late.lines[0].task.held(with_only(late, [])["small"].holdings).sum() == free[1][2]


def test_copies_are_passed_on_from_the_round_after():
    model = passing(GIVE, stock=1.0, links=((), ("third",), ()))
    small, third = played(model, 3, "small", "third")
    assert small == [4_000] * 3
    assert third == [0, 4_000, 4_000]
    assert not with_only(model, [])["third"].holdings.present.any()
    back = played(passing(GIVE, stock=1.0, links=((), ("third",), ()), law={"copies": "returned"}), 3, "small", "third")
    assert back == [[4_000] * 3, [0] * 3]


def test_a_withdrawal_follows_whatever_was_passed_on_and_that_alone():
    """Half of the people's data the third firm has by itself: of these nothing was passed on to it."""
    for provenance in ("ends", "followed"):
        model = passing(STRIKE, third=0.5, law={"provenance": provenance})
        free = passing(NEVER, third=0.5)
        for m in (model, free):
            m.step()
            m.step()
        gone = free.market["third"].holdings.lacking(model.market["third"].holdings).present
        mine = np.isin(np.arange(100), model.coalitions[0].campaign.compliers)
        own = model.own["third"].present
        assert own.sum() == 50
        expected = mine & ~own if provenance == "followed" else np.zeros(100, dtype=bool)
        np.testing.assert_array_equal(gone, expected)
        assert free.market["big"].holdings.only(~mine) == model.market["big"].holdings
        row = model.agency["third"]
        assert row.asked_out == (mine & ~own).sum()
        assert row.let_out == (row.asked_out if provenance == "followed" else 0)


def test_a_chain_is_as_long_as_those_promise_that_it_runs_through():
    """Big sees to it that a withdrawal reaches small; small promises nothing to those whose data it passes on."""
    partner = {"notice": False, "exit": False, "provenance": True, "position_vote": False}
    settings = [
        {"name": "big", "served": 0.9, "response": "refuse", "passes_on": ["small"], "partner": partner},
        {"name": "small", "data": 0.0, "response": "refuse", "passes_on": ["third"]},
        {"name": "third", "data": 0.0, "response": "refuse"},
    ]
    model = passing(STRIKE, firms=settings)
    free = passing(NEVER)
    for m in (model, free):
        m.step()
    assert records(model, "small") < records(free, "small")
    assert records(model, "third") == records(free, "third")


@pytest.mark.parametrize("order", ["abcde", "edcba"])
def test_the_order_in_which_firms_are_listed_does_not_matter(order):
    """From a to b and so on to e, and back to a: all have all, and a withdrawal from a is a withdrawal from all."""
    made = [
        {"name": n, "response": "refuse", "data": float(n == "a"), "passes_on": [to]}
        for n, to in zip("abcde", "bcdea", strict=True)
    ]
    firms = sorted(made, key=lambda firm: order.index(firm["name"]))
    model = passing(STRIKE | {"target": "a"}, firms=firms, law={"provenance": "followed"})
    free = passing(NEVER | {"target": "a"}, firms=firms)
    for m in (model, free):
        m.step()
    assert [records(free, name) for name in "bcde"] == [records(free, "b")] * 4
    assert records(free, "b") == pytest.approx(10_000, abs=250)
    gone = [free.market[n].holdings.lacking(model.market[n].holdings).present.sum() for n in "abcde"]
    assert gone == [20] * 5


def test_what_people_gave_a_firm_themselves_stays_with_it():
    for first, left in (("redirect", 100), ("nothing", 80)):
        model = passing(GIVE, STRIKE, stock=1.0, law={"provenance": "followed"})
        model.decisions = {(1, "us"): Decision(lever=first), (2, "us"): Decision(lever="strike")}
        model.step()
        model.step()
        assert model.market["big"].holdings.present.sum() == 80
        assert model.market["small"].holdings.present.sum() == left


def test_whether_withdrawals_were_followed_is_counted_by_receiver():
    """Big passes on to two firms, of which one keeps old weights: half of the withdrawals come to something there."""
    for keeps, share in ((False, 1.0), (True, 0.5)):
        firms = [
            {"name": "big", "served": 0.9, "response": "refuse", "passes_on": ["small", "third"]},
            {"name": "small", "data": 0.0, "response": "refuse"},
            {"name": "third", "data": 0.0, "response": "refuse", "retains_weights": keeps},
        ]
        model = passing(STRIKE, stock=1.0, firms=firms, law={"provenance": "followed"})
        model.step()
        assert model.agency["big"].followed == share
        assert model.agency["third"].let_out == (0 if keeps else 20)
    quiet = passing(NEVER, stock=1.0)
    quiet.step()
    assert np.isnan(quiet.agency["big"].followed)
