"""What the theory of bargaining says a threat is worth: Nash, Rubinstein, and the outside-option principle."""

import numpy as np
import pytest
from datacoalition.agents.leverage import scores
from datacoalition.agents.model import CoalitionModel
from datacoalition.coalitions.bargains import Nash, Rubinstein, Stakes, settled
from datacoalition.ml_tasks.scores import RECORD_SETS

from ..agents.worlds import world

HARM, COST = 10.0, 4.0


@pytest.mark.parametrize("weight", [0.3, 0.5, 0.8, 1.0])
def test_nash_maximises_the_weighted_product_of_gains(weight):
    """The payment p maximises (p + C)^b (H - p)^(1 - b): over a grid no other is better."""
    paid = Nash(weight)(Stakes(HARM, COST))
    assert paid == pytest.approx(max(weight * HARM - (1 - weight) * COST, 0))

    def product(p: float) -> float:
        return (p + COST) ** weight * (HARM - p) ** (1 - weight)

    assert product(paid) >= max(product(p / 100) for p in range(1001)) - 1e-12


def test_rubinsteins_shares():
    """The first mover's share of the surplus, (1 - d2) / (1 - d1 d2), by hand: d1 = .9, d2 = .8."""
    first = Rubinstein(0.9, 0.8, "coalition")(Stakes(HARM, 0.0)) / HARM
    assert first == pytest.approx((1 - 0.8) / (1 - 0.72))
    second = Rubinstein(0.9, 0.8, "firm")(Stakes(HARM, 0.0)) / HARM
    assert second == pytest.approx(1 - (1 - 0.9) / (1 - 0.72))
    assert first > second  # to move first is an advantage


def test_as_offers_follow_each_other_without_delay_rubinstein_becomes_nash():
    """[BRW86]: patience exp(-r t), t to 0; power is r_firm / (r_coalition + r_firm)."""
    t = 1e-6
    for own, other in ((1.0, 1.0), (1.0, 3.0)):
        rubinstein = Rubinstein(1 - own * t, 1 - other * t)(Stakes(HARM, COST))
        assert rubinstein == pytest.approx(Nash(other / (own + other))(Stakes(HARM, COST)), rel=1e-4)


def test_a_standing_offer_is_no_impasse_point():
    """[BSS89]: an outside option below the bargain changes nothing, it is not added to it."""
    bargain = Rubinstein()
    alone = settled(bargain, Stakes(HARM, COST)).payment
    assert settled(bargain, Stakes(HARM, COST, outside=alone / 2)).payment == alone
    assert settled(bargain, Stakes(HARM, COST, outside=alone + 1)).payment == alone + 1


CONCEDE = {"kind": "concede", "share": 1.0}


def threat(model: CoalitionModel, name: str):
    model.step()
    return next(c for c in model.coalitions if c.name == name).campaign


def test_a_gift_to_a_rival_is_no_threat_to_captive_people():
    """A redirect without deletion leaves the incumbent's scores as they are: whoever cannot leave cannot threaten."""
    model = CoalitionModel(world(firms__0__response=CONCEDE))
    before = {view: scores(model, model.start, "big", view=view) for view in RECORD_SETS}
    campaign = threat(model, "givers")
    assert campaign.passed
    assert campaign.threat.harm == 0
    assert campaign.payment == 0
    assert campaign.carried_out
    assert model.market["small"].holdings.present.sum() > model.start["small"].holdings.present.sum()
    for view in RECORD_SETS:
        np.testing.assert_array_equal(scores(model, model.market, "big", view=view), before[view])
    free = threat(CoalitionModel(world(firms__0__response=CONCEDE, market={"kind": "logit"})), "givers")
    assert free.threat.harm > 0
    assert free.payment > 0


def test_retained_weights_make_a_strike_harmless_until_the_law_changes():
    """One run: for two rounds the firm keeps weights that saw the strikers' data, then the law has it retrain."""
    wanted = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}
    law = {"old_weights": "kept", "changes": [{"round": 3, "to": {"old_weights": "retrained"}}]}
    settings = {"law": law, "users__vote_weights": wanted, "firms__0__response": CONCEDE, "rounds": 4}
    model = CoalitionModel(world(**settings))
    harmed, paid, felt = [], [], []
    for _ in range(4):
        campaign = threat(model, "strikers")
        assert campaign.passed
        harmed.append(campaign.threat.harm > 0)
        paid.append(campaign.payment > 0)
        felt.append(campaign.carried_out and model.firm("big").revenue < model.firm("big").revenue_in(0))
    assert harmed == [False, False, True, True]
    assert paid == [False, False, True, True]
    assert felt == [False] * 4  # what would be felt is paid for
    refused = CoalitionModel(world(**settings | {"firms__0__response": "refuse"}))
    effects = []
    for _ in range(4):
        refused.step()
        row = next(r for r in refused.leverage if r.coalition == "strikers" and r.view == "holdout")
        effects.append(row.effect.strike.mean)
    assert effects[:2] == [0, 0]
    assert min(effects[2:]) > 0
