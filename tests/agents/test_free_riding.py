"""Free riding: who gains without being in it, and which members leave their part to the others."""

import numpy as np
import pytest
from datacoalition.agents.model import CoalitionModel

from .worlds import GAP, loss, world

PRICE = 0.5  # users.hardship.service, in money


def played(rounds: int = 1, **changes) -> CoalitionModel:
    made = CoalitionModel(world(**changes))
    for _ in range(rounds):
        made.step()
    return made


def quality(records: float) -> float:
    return 1 - (loss(records) - loss(1000)) / GAP


def test_a_gift_serves_whoever_uses_the_rival():
    made = played()
    people, small = made.population, made.market["small"]
    outside = people.coalition < 0
    given = quality(small.holdings.present.sum()) - quality(50)
    found = made.free_riding["givers"]
    assert found.free_riders == (outside & (people.service == 1)).sum() > 50
    assert found.outsiders_gain == pytest.approx(PRICE * given * (people.service[outside] == 1).mean())
    assert found.outsiders_gain_stderr == 0  # a formula


def test_a_strike_takes_from_people_outside_too():
    made = played()
    found, struck = made.free_riding["strikers"], made.market["big"].holdings.present.sum()
    outside = made.population.coalition < 0
    lost = quality(1000) - quality(struck)
    assert struck == 900
    assert found.free_riders == 0
    assert found.outsiders_gain == pytest.approx(-PRICE * lost * (made.population.service[outside] == 0).mean())


def test_what_is_shared_with_everybody_is_counted_and_what_is_not_is_not():
    pays = {"kind": "concede", "share": 1.0}
    for public, riders in ((0.0, 0), (0.4, 800)):
        made = played(firms__0__response=pays, coalitions__1__charter__public_share=public)
        pot, found = made.coalitions[1].pot, made.free_riding["strikers"]
        assert pot > 0
        assert not made.coalitions[1].leaves_traces
        assert found.free_riders == riders
        assert found.outsiders_gain == pytest.approx(public * pot / 1000)


def test_one_training_seed_cannot_tell_who_gained():
    digits = {"kind": "digits", "deal": {"kind": "dirichlet", "contributors": 40}, "model": {"epochs": 1}}
    always = {"kind": "lot", "acts": 1}
    one, three = (
        played(task={**digits, "train_seeds": seeds}, coalitions__0__charter__decides=always)
        for seeds in ([0], [0, 1, 2])
    )
    assert np.isnan(one.free_riding["givers"].free_riders)
    assert np.isnan(one.free_riding["givers"].outsiders_gain_stderr)
    assert three.free_riding["givers"].free_riders >= 0
    assert three.free_riding["givers"].outsiders_gain_stderr > 0


@pytest.mark.parametrize("by", ["members", "supporters"])
def test_whoever_was_to_act_and_did_not_shirked(by):
    weights = {"effect": 1, "agreement": 1, "cost": 0, "service": 0}
    made = played(
        users__compliance={"mean": 0.7, "sd": 0}, users__vote_weights=weights,
        coalitions__0__charter__carried_out_by=by, coalitions__0__founders=0.3,
    )  # fmt: skip
    givers = made.coalitions[0]
    asked = givers.campaign.supporters.sum() if by == "supporters" else 300
    assert made.free_riding["givers"].shirked == pytest.approx(1 - len(givers.campaign.compliers) / asked)
    assert 0.2 < made.free_riding["givers"].shirked < 0.4


def test_nobody_shirks_where_nothing_was_decided():
    made = played(users__vote_weights={"effect": 0, "agreement": 0, "cost": 1, "service": 0})
    assert not made.coalitions[0].campaign.passed
    assert np.isnan(made.free_riding["givers"].shirked)
