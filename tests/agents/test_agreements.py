"""What firms grant in place of money: another practice, a share of their revenue, the end of a product."""

import numpy as np
import pytest
from datacoalition.agents.harm import lost_by_practice
from datacoalition.agents.model import CoalitionModel

from .worlds import GAP, loss, world

STRIKE = {"kind": "strike", "target": "big"}
CONCEDE = {"kind": "concede", "share": 1.0}
PRACTICE = {"kind": "practice", "positions": {"privacy": 0.5}}


def one_coalition(demand, agreement: int = 1, founders: float = 0.3, **changes) -> CoalitionModel:
    charter = {"options": [STRIKE], "demand": demand, "agreement": agreement}
    coalition = {"name": "strikers", "positions": {"privacy": 1}, "founders": founders, "charter": charter}
    return CoalitionModel(world(**{"coalitions": [coalition], "firms__0__response": CONCEDE, "rounds": 4} | changes))


def test_a_firm_changes_its_practice_while_the_agreement_lasts():
    model = one_coalition(PRACTICE, agreement=2)
    distances, positions, granted = [], [], []
    for _ in range(3):
        model.step()
        positions.append(dict(model.firm("big").positions))
        distances.append(model.society.distance)
        granted.append(model.coalitions[0].campaign.granted)
    # Captive people cost it nothing, so that it grants it in the first round and again in the third.
    assert granted == [True, False, True]
    assert positions == [{"pay": -0.5, "privacy": 0.5}] * 3
    own = model.firm("big").settings.positions
    assert own == {"pay": -0.5, "privacy": -0.5}
    assert model.coalitions[0].pot == 0


def test_once_the_agreement_ends_the_firm_goes_back_unless_it_is_renewed():
    model = one_coalition(PRACTICE)
    model.step()
    assert model.firm("big").positions["privacy"] == 0.5
    before = model.custom.agreement.copy()
    model.coalitions[0].bound_until = 0
    model.population.turnout[:] = 0  # nobody votes, so nothing is threatened
    model.step()
    assert model.firm("big").positions["privacy"] == -0.5
    assert (model.custom.agreement != before).any()


def test_what_a_practice_costs_by_hand():
    model = one_coalition(PRACTICE, firms__0__practice_cost=0.1)
    coalition = model.coalitions[0]
    # From -.5 to .5 is a distance of 1: a tenth of the revenue of 900 captive people.
    assert lost_by_practice(model, coalition, {"privacy": 0.5}) == pytest.approx(0.1 * 900)
    assert lost_by_practice(model, coalition, {"privacy": -0.5}) == 0


def test_people_come_for_a_practice_they_like():
    """Of people who are for privacy, more use a firm that is: the change pays for itself."""
    stances = {"privacy": {"mean": 0.8, "sd": 0.1}, "pay": {"mean": 0.0, "sd": 0.1}}
    model = one_coalition(PRACTICE, users__stances=stances, market={"kind": "logit", "positions": 5.0})
    assert lost_by_practice(model, model.coalitions[0], {"privacy": 0.5}) < 0


def test_a_demand_dearer_than_the_harm_is_refused():
    harm = (loss(700) - loss(1000)) / GAP * 900
    for share, granted in ((0.99 * harm / 900, True), (1.01 * harm / 900, False)):
        model = one_coalition({"kind": "revenue_share", "share": share})
        model.step()
        assert model.coalitions[0].campaign.granted == granted
        assert model.coalitions[0].campaign.carried_out != granted
        assert (model.coalitions[0].pot > 0) == granted


def test_a_share_of_revenue_comes_in_every_round_of_the_agreement():
    model = one_coalition({"kind": "revenue_share", "share": 0.01}, agreement=3)
    pots = []
    for _ in range(4):
        model.step()
        pots.append(model.coalitions[0].pot / model.firm("big").revenue)
    assert pots == pytest.approx([0.01] * 4)  # renewed in the fourth
    assert model.firm("big").paid == model.coalitions[0].pot


def test_a_product_is_shut_down_only_by_who_could_do_as_much_harm():
    weak = one_coalition("shutdown")
    weak.step()
    assert not weak.coalitions[0].campaign.granted
    everybody = one_coalition("shutdown", founders=1.0, firms__1__data=0.0, agreement=2)
    everybody.step()
    assert everybody.coalitions[0].campaign.granted  # without anybody's data it would earn nothing either
    for _ in range(2):
        assert not everybody.market["big"].served.any()
        assert everybody.firm("big").revenue == 0
        assert everybody.market["big"].holdings.present.all()
        everybody.step()
    assert np.isfinite([row.effect.gap_closed.mean for row in everybody.leverage if row.view == "holdout"]).all()
