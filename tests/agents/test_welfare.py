"""Welfare: what members have of it, who gains without being in it, and who leaves their part to the others."""

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
    outside = ~people.organised
    given = quality(small.holdings.present.sum()) - quality(50)
    found = made.welfare["givers"]
    assert found.free_riders == (outside & (people.service[0] == 1)).sum() > 50
    assert found.outsiders_gain == pytest.approx(PRICE * given * (people.service[0][outside] == 1).mean())
    assert found.outsiders_gain_stderr == 0  # a formula


def test_a_strike_takes_from_people_outside_too():
    made = played()
    found, struck = made.welfare["strikers"], made.market["big"].holdings.present.sum()
    outside = ~made.population.organised
    lost = quality(1000) - quality(struck)
    assert struck == 900
    assert found.free_riders == 0
    assert found.outsiders_gain == pytest.approx(-PRICE * lost * (made.population.service[0][outside] == 0).mean())


def test_what_is_shared_with_everybody_is_counted_and_what_is_not_is_not():
    pays = {"kind": "concede", "share": 1.0}
    for public, riders in ((0.0, 0), (0.4, 800)):
        made = played(firms__0__response=pays, coalitions__1__charter__public_share=public)
        pot, found = made.coalitions[1].pot, made.welfare["strikers"]
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
    assert np.isnan(one.welfare["givers"].free_riders)
    assert np.isnan(one.welfare["givers"].outsiders_gain_stderr)
    assert three.welfare["givers"].free_riders >= 0
    assert three.welfare["givers"].outsiders_gain_stderr > 0


@pytest.mark.parametrize("by", ["members", "supporters"])
def test_whoever_was_to_act_and_did_not_shirked(by):
    weights = {"effect": 1, "agreement": 1, "cost": 0, "service": 0}
    made = played(
        users__compliance={"mean": 0.7, "sd": 0}, users__vote_weights=weights,
        coalitions__0__charter__carried_out_by=by, coalitions__0__founders=0.3,
    )  # fmt: skip
    givers = made.coalitions[0]
    asked = givers.campaign.supporters.sum() if by == "supporters" else 300
    assert made.welfare["givers"].shirked == pytest.approx(1 - len(givers.campaign.compliers) / asked)
    assert 0.2 < made.welfare["givers"].shirked < 0.4


def test_nobody_shirks_where_nothing_was_decided():
    made = played(users__vote_weights={"effect": 0, "agreement": 0, "cost": 1, "service": 0})
    assert not made.coalitions[0].campaign.passed
    assert np.isnan(made.welfare["givers"].shirked)


def test_what_a_strike_leaves_its_members_by_hand():
    """Effort and worse service; those whom the rival serves lose none."""
    made = played()
    us, people = made.coalitions[1], made.population
    lost = PRICE * (quality(1000) - quality(900)) * (people.service[0][us.members] == 0).mean()
    effort = 0.05 * 0.5 * people.cost[us.members].mean()  # users.hardship.effort, and a strike's
    assert made.welfare["strikers"].members_gain == pytest.approx(-lost - effort)
    assert made.welfare["strikers"].members_gain_stderr == 0


def test_what_a_payment_leaves_them():
    pays = {"kind": "concede", "share": 1.0}
    made = played(firms__0__response=pays, coalitions__1__charter__public_share=0.4, coalitions__1__charter__dues=0.01)
    pot = made.coalitions[1].pot
    assert made.welfare["strikers"].members_gain == pytest.approx(0.6 * pot / 100 + 0.4 * pot / 1000 - 0.01)


def test_fines_are_borne_by_members():
    monitoring = {"detection": 1, "fine": 0.001}
    changes = {"users__compliance": {"mean": 0.5, "sd": 0}, "coalitions__1__founders": 0.0}
    with_, without = (played(coalitions__0__charter__monitoring=m, **changes) for m in (monitoring, None))
    caught = len(with_.coalitions[0].campaign.caught)
    assert caught > 20
    difference = with_.welfare["givers"].members_gain - without.welfare["givers"].members_gain
    assert difference == pytest.approx(-0.001 * caught / 100)


def test_people_who_act_alone_bear_their_own_lever():
    made = played(coalitions__0__charter__decides="each_alone", coalitions__1__founders=0.0)
    us, people = made.coalitions[0], made.population
    acts = np.isin(us.members, us.campaign.compliers)
    effort = 0.05 * 0.25 * (people.cost[us.members] * acts).mean()
    gain = PRICE * (quality(made.market["small"].holdings.present.sum()) - quality(50))
    assert acts.any()
    served = (people.service[0][us.members] == 1).mean()
    assert made.welfare["givers"].members_gain == pytest.approx(gain * served - effort)
