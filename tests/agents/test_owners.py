"""An owner of several products: what a threat costs it, and what it can grant, by hand on the formula."""

import numpy as np
import pytest
from datacoalition.agents.action import after
from datacoalition.agents.bargaining import best_offer
from datacoalition.agents.harm import lost_by_practice
from datacoalition.agents.model import CoalitionModel
from datacoalition.ml_tasks.settings import InputError

from .worlds import world

STRIKE = {"kind": "strike", "target": "big"}
CONCEDE = {"kind": "concede", "share": 1.0}
ONE = {"firms__0__owner": "giant", "firms__1__owner": "giant"}


def coalition(**charter) -> dict:
    return {
        "name": "strikers", "positions": {"privacy": 1}, "founders": 0.3,
        "charter": {"options": [STRIKE]} | charter,
    }  # fmt: skip


def played(rounds: int = 1, charter: dict | None = None, **changes) -> CoalitionModel:
    settings = {"coalitions": [coalition(**charter or {})], "firms__0__response": CONCEDE, "rounds": 4}
    model = CoalitionModel(world(**settings | changes))
    for _ in range(rounds):
        model.step()
    return model


def test_whom_a_campaign_drives_to_its_other_product_an_owner_does_not_lose():
    free = {"market": {"kind": "logit", "switching_cost": 1.0}, "firms__0__response": "refuse"}
    alone, owned = played(**free), played(**free | ONE)
    threats = [model.coalitions[0].campaign.threat for model in (alone, owned)]
    struck = after(alone, alone.seen, alone.coalitions[0].campaign.proposal, alone.coalitions[0].campaign.compliers)
    before = CoalitionModel(world(**{"coalitions": [coalition()]} | free))  # who used what when they were threatened
    earned = [
        before.custom.revenues(market, before.experience.qualities(market), before.population.service)[0]
        for market in (alone.start, struck)
    ]
    lost = earned[0] - earned[1]
    assert lost[1] < 0 < lost[0] + lost[1] < lost[0]  # the other product gains, but by less
    assert [threat.harm for threat in threats] == pytest.approx([lost[0], lost.sum()])
    assert [threat.revenue for threat in threats] == pytest.approx([earned[0][0], earned[0].sum()])


def test_a_demand_may_be_about_another_product_than_the_lever():
    demand = {"kind": "practice", "positions": {"privacy": 0.8}}
    model = played(charter={"demand": demand, "about": "small"}, **ONE)
    assert model.coalitions[0].campaign.granted
    assert model.firm("small").positions["privacy"] == 0.8
    assert model.firm("big").positions["privacy"] == -0.5


def test_what_another_practice_of_the_other_product_costs():
    """Moving it by 1 costs a tenth of what that product earns, not of what all products of the owner do."""
    demand = {"kind": "practice", "positions": {"privacy": 1.0}}
    model = played(0, charter={"demand": demand, "about": "small"}, firms__1__practice_cost=0.1, **ONE)
    quality = model.experience.mean_quality(model.market)[:, 1]
    small = quality[model.population.service[0] == 1].sum()
    assert 0 < small < 100
    assert lost_by_practice(model, model.coalitions[0], {"privacy": 1.0}) == pytest.approx(0.1 * small)


def test_a_share_of_the_other_products_revenue():
    model = played(
        2, charter={"demand": {"kind": "revenue_share", "share": 0.02}, "about": "small", "agreement": 2}, **ONE
    )
    assert model.coalitions[0].contract
    assert model.coalitions[0].pot == pytest.approx(0.02 * model.firm("small").revenue)


def test_the_end_of_the_other_product():
    """All that it earns is less than what the owner would lose by eight tenths of the data of the large one."""
    strikers = coalition(demand="shutdown", about="small") | {"founders": 0.8}
    model = played(coalitions=[strikers], **ONE)
    assert model.coalitions[0].campaign.granted
    assert model.market["small"].served.sum() == 0
    assert model.market["big"].served.sum() == 900


@pytest.mark.parametrize(
    "changes", [{}, {"firms__0__owner": "giant"}, {"firms__0__owner": "a", "firms__1__owner": "b"}]
)
def test_a_demand_about_another_owners_product_is_refused_at_once(changes):
    with pytest.raises(InputError, match=r"coalitions.0.charter.about: found 'small'; expected a product of the owner"):
        world(**{"coalitions": [coalition(about="small")]} | changes)


def test_no_owner_bids_against_itself():
    offers = {"firms__1__offer": 0.5}
    alone, owned = played(**offers), played(**offers | ONE)
    assert best_offer(alone, alone.coalitions[0])[1] > 0
    assert best_offer(owned, owned.coalitions[0]) == (None, 0.0)


def test_concentration_and_exposure_are_of_owners():
    alone, owned = (played(firms__0__data=0.95, firms__0__response="refuse", **who) for who in ({}, ONE))
    shares = np.array([alone.market[name].served.sum() for name in ("big", "small")]) / 1000
    assert alone.society.concentration == pytest.approx((shares**2).sum())
    assert owned.society.concentration == pytest.approx(1)
    big, small = ((p := alone.market[name]).holdings.present | p.deployed.present for name in ("big", "small"))
    assert (big & small).any()
    assert alone.society.exposure == pytest.approx(big.mean() + small.mean())
    assert owned.society.exposure == pytest.approx((big | small).mean())


def test_an_agreement_with_the_second_firm_of_the_ballot_is_kept_and_paid():
    """Its share of revenue comes in also in the rounds in which nothing is voted on."""
    charter = {
        "options": [STRIKE, {"kind": "strike", "target": "small"}], "agreement": 3,
        "demand": {"kind": "revenue_share", "share": 0.02},
    }  # fmt: skip
    weights = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}
    likes = {"firms__0__positions": {"privacy": 0.5}, "firms__1__positions": {"privacy": -0.5}}
    model = played(0, charter, **likes, users__vote_weights=weights, firms__1__data=1.0, firms__1__response=CONCEDE)
    for _ in range(3):
        model.step()
        assert model.coalitions[0].target == "small"
        assert model.coalitions[0].pot == pytest.approx(0.02 * model.firm("small").revenue)
        assert model.firm("small").paid == pytest.approx(model.coalitions[0].pot)
