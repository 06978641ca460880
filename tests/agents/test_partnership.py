"""Firms that owe their contributors something from the start, or for as long as an agreement lasts."""

import numpy as np
import pytest
from datacoalition.agents.law import effort_of
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.voting import announced, opinions
from datacoalition.scenarios.observer import observe

from .worlds import world

STRIKE = {"kind": "strike", "target": "big"}


def firms(partner=None, response="refuse", **more):
    big = {"name": "big", "served": 0.9, "positions": {"pay": -0.5, "privacy": -0.5}, "response": response}
    return [{**big, "partner": partner, **more}, {"name": "small", "data": 0.05, "response": "refuse"}]


def model(charter=None, **changes) -> CoalitionModel:
    us = {
        "name": "us",
        "positions": {"privacy": 1},
        "founders": 0.3,
        "charter": {"options": [STRIKE], **(charter or {})},
    }
    return CoalitionModel(world(**{"coalitions": [us], "rounds": 4} | changes))


def promises(**kept) -> dict[str, bool]:
    return {name: kept.get(name, False) for name in ("notice", "exit", "provenance", "position_vote")}


def test_contributors_vote_for_the_median():
    made = model(firms=firms(promises(position_vote=True)))
    median = np.median(made.population.stances[made.market["big"].holdings.present], axis=0)
    made.step()
    assert made.firm("big").positions == dict(zip(made.world.issues, median.tolist(), strict=True))
    assert made.firm("small").positions == {}
    # Whose data are gone has no say.
    held = made.market["big"].holdings.present
    assert held.sum() == 700
    made.step()
    left = np.median(made.population.stances[held], axis=0)
    np.testing.assert_allclose([made.firm("big").positions[issue] for issue in made.world.issues], left)
    assert (left != median).any()


def test_a_vote_can_be_what_is_asked_for():
    made = model({"demand": "position_vote", "agreement": 2}, firms=firms(response={"kind": "concede", "share": 1.0}))
    made.step()
    median = np.median(made.population.stances[made.initial["big"].present], axis=0)
    assert made.coalitions[0].campaign.granted
    assert [made.firm("big").positions[issue] for issue in made.world.issues] == median.tolist()
    made.coalitions[0].bound_until = 0
    made.population.turnout[:] = 0
    made.step()
    assert made.firm("big").positions == {"pay": -0.5, "privacy": -0.5}


def test_a_vote_is_priced_by_what_the_median_costs():
    dear = model(
        {"demand": "position_vote"}, firms=firms(response={"kind": "concede", "share": 1.0}, practice_cost=1.0)
    )
    dear.step()
    assert not dear.coalitions[0].campaign.granted
    assert dear.coalitions[0].campaign.carried_out


def test_a_partner_lets_everybody_out():
    law = {"opt_out": 0.5, "opt_out_effort": 2.0}
    for partner, gone in ((None, 150), (promises(exit=True), 300)):
        made = model(firms=firms(partner), law=law)
        made.step()
        assert 1000 - made.market["big"].holdings.present.sum() == pytest.approx(gone, abs=0 if partner else 30)
        assert made.agency["big"].exit_alone == (1.0 if partner else 0.5)
        assert made.agency["small"].exit_alone == 0.5
        strike = made.coalitions[0].charter.ballot[1]
        assert effort_of(made, strike) == strike.effort + (0 if partner else 2.0)


def test_a_partner_follows_the_data_it_passed_on():
    for partner in (None, promises(provenance=True)):
        made = model(firms=firms(partner, passes_on=["small"]))
        assert made.market["small"].holdings.present.all()
        gone = np.intersect1d(made.coalitions[0].members, np.flatnonzero(made.passed_on["big", "small"].present))
        made.step()
        assert len(gone) > 250
        assert 1000 - made.market["small"].holdings.present.sum() == (len(gone) if partner else 0)


def test_who_is_given_notice_knows_the_truth():
    awareness = {"nothing": 1.0}
    for partner in (None, promises(notice=True)):
        made = model(firms=firms(partner), users__awareness=awareness)
        made.round, made.seen = 1, made.start
        made.coalitions[0].begin_round()
        found = announced(made, made.coalitions[0])
        ratings = opinions(made, made.coalitions[0], *found)
        assert (ratings[:, 1] == 0).all() == (partner is None)
        if partner:
            optimism = made.population.optimism[made.coalitions[0].members]
            np.testing.assert_allclose(ratings[:, 1], optimism * found[0][1])


def test_a_firm_hears_coalitions_and_not_people():
    for decides, heard in ((None, 1.0), ("each_alone", 0.0)):
        made = model({"decides": decides})
        made.step()
        row = observe(made, 0)["firms"][0]
        assert row["heard"] == heard
        actors = made.coalitions[0].campaign.compliers
        assert len(actors) == 300
        want = made.population.stances[actors].mean(axis=0)
        taken = np.array([-0.5, 1.0]) if heard else np.array([-0.5, -0.5])  # pay, privacy
        assert row["misread"] == pytest.approx(np.abs(taken - want).mean())
    assert np.isnan(row["heard"]) == np.isnan(made.signals["big"].heard)
    assert np.isnan(made.signals["small"].heard)


def test_a_firm_that_adapts_moves_to_what_it_hears_for_good():
    adapts = {"kind": "adapt", "step": 0.5}
    made = model(firms=firms(response=adapts))
    positions = []
    for _ in range(3):
        made.step()
        positions.append(dict(made.firm("big").positions))
    # Half of the way to 1, from the round after it was acted against; what nobody speaks of stays.
    assert [p["privacy"] for p in positions] == [-0.5, 0.25, 0.625]
    assert {p["pay"] for p in positions} == {-0.5}
    silent = model({"decides": "each_alone"}, firms=firms(response=adapts))
    for _ in range(3):
        silent.step()
    assert silent.firm("big").positions == {"pay": -0.5, "privacy": -0.5}
