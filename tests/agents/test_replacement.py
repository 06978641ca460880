"""A firm that buys other people's data in place of those it loses: by hand on the formula."""

import numpy as np
import pytest
from datacoalition.agents.model import CoalitionModel

from .worlds import GAP, loss, world

PRICE = 0.02


def played(data: float = 0.8, share: float = 0.0, **changes) -> CoalitionModel:
    """A hundred strike against a firm that has the data of `data` of a thousand people."""
    response = {"kind": "replace", "price": PRICE, "share": share}
    weights = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}
    coalition = {
        "name": "strikers", "positions": {"privacy": 1}, "founders": 0.1,
        "charter": {"options": [{"kind": "strike", "target": "big"}]},
    }  # fmt: skip
    settings = {"coalitions": [coalition], "users__vote_weights": weights, "firms__0__response": response}
    model = CoalitionModel(world(**settings | {"firms__0__data": data} | changes))
    model.step()
    return model


def test_as_many_are_bought_as_were_lost_of_people_who_took_no_part():
    model = played()
    start, end = model.start["big"].holdings.present, model.market["big"].holdings.present
    lost, new = start & ~end, end & ~start
    assert lost.sum() == new.sum() > 50
    assert not new[model.coalitions[0].members].any()
    assert model.firm("big").bought == pytest.approx(PRICE * new.sum())
    assert model.population.sales.sum() == pytest.approx(model.firm("big").bought)
    assert (model.population.sales[:1000][new] == PRICE).all()


def test_nobody_sells_what_they_withdrew_for_another_coalition():
    """Two coalitions of a hundred each; the firm has had the data of seven in ten."""
    strike = {"options": [{"kind": "strike", "target": "big"}]}
    both = [
        {"name": name, "positions": {"privacy": 1}, "founders": 0.1, "charter": strike}
        for name in ("strikers", "others")
    ]
    model = played(data=0.7, coalitions=both)
    start, end = model.start["big"].holdings.present, model.market["big"].holdings.present
    struck = np.concatenate([coalition.campaign.compliers for coalition in model.coalitions])
    assert all(len(coalition.campaign.compliers) > 50 for coalition in model.coalitions)
    assert not end[struck[start[struck]]].any()
    assert model.population.sales[struck].sum() == 0
    assert model.firm("big").bought == pytest.approx(PRICE * (end & ~start).sum())


def test_harm_is_what_replacing_costs_where_all_can_be_replaced():
    model = played()
    lost = (model.start["big"].holdings.present & ~model.market["big"].holdings.present).sum()
    threat = model.coalitions[0].campaign.threat
    assert threat.harm == pytest.approx(PRICE * lost)  # the model is as good as before
    row = next(row for row in model.leverage if row.view == "holdout")
    assert row.effect.strike.mean == pytest.approx(0, abs=1e-12)


def test_a_firm_that_has_everybodys_data_can_replace_nobodys():
    model = played(data=1.0)
    assert model.firm("big").bought == 0
    row = next(row for row in model.leverage if row.view == "holdout")
    assert row.effect.strike.mean == pytest.approx((loss(900) - loss(1000)) / GAP)


def test_it_may_pay_rather_than_replace():
    model = played(share=1.0)
    campaign = model.coalitions[0].campaign
    assert campaign.payment == pytest.approx(campaign.threat.harm)
    assert model.firm("big").bought == 0


def test_only_records_that_have_arrived_are_paid_for():
    """One record each; a tenth are there from the start and, in the first of three rounds, another three tenths."""
    model = played(users__flow={"stock": 0.1})
    bought = model.bought["big"]
    arrived = model.lines[0].task.held(bought)
    assert 0 < arrived.sum() < 0.6 * bought.present.sum()
    assert model.firm("big").bought == pytest.approx(PRICE * arrived.sum())
    assert model.population.sales[:1000] == pytest.approx(PRICE * arrived)


def test_what_sellers_get_is_revenue_that_reaches_contributors_and_a_gain_of_people_outside():
    model, unpaid = played(), played(firms__0__response={"kind": "replace", "price": 0.0})
    revenue = sum(firm.revenue for firm in model.firms)
    assert model.society.to_contributors == pytest.approx(model.firm("big").bought / revenue)
    outside = ~model.population.organised
    sold = model.population.sales[outside].sum() / outside.sum()
    gains = [m.welfare["strikers"].outsiders_gain for m in (model, unpaid)]
    assert sold > 0
    assert gains[0] - gains[1] == pytest.approx(sold)
