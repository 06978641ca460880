"""Threats in the model: their harm over rounds, agreements, offers by rivals, and whose turn it is."""

import numpy as np
import pytest
from datacoalition.agents.experience import Stretch
from datacoalition.agents.harm import threat_of
from datacoalition.agents.model import CoalitionModel
from datacoalition.coalitions.levers import Redirect

from .worlds import GAP, loss, world

STRIKE = {"kind": "strike", "target": "big"}
GIVE = {"kind": "redirect", "target": "big", "rival": "small"}
CONCEDE = {"kind": "concede", "share": 1.0}


def strikers(model: CoalitionModel):
    return next(c for c in model.coalitions if c.name == "strikers")


def charter(**settings) -> dict:
    return {"options": [STRIKE], **settings}


def test_the_harm_of_a_strike_against_captive_people_by_hand():
    """900 people lose the same quality each; over three rounds at .9 that is 1 + .9 + .81 times as much."""
    once = (loss(900) - loss(1000)) / GAP * 900
    for rounds, times in ((1, 1.0), (3, 1 + 0.9 + 0.81)):
        model = CoalitionModel(
            world(discount=0.9, firms__0__response=CONCEDE, coalitions__1__charter=charter(agreement=rounds))
        )
        model.step()
        assert strikers(model).campaign.threat.harm == pytest.approx(times * once)
        assert strikers(model).campaign.payment == pytest.approx(times * once)


def test_a_firm_that_looks_ahead_counts_the_people_it_would_lose_for_good():
    harms = []
    for foresight in (0, 1, 5):
        model = CoalitionModel(world(market="logit", firms__0__foresight=foresight))
        model.step()
        harms.append(strikers(model).campaign.threat.harm)
    assert harms[0] < harms[1] < harms[2]
    captive = CoalitionModel(world(firms__0__foresight=5))
    captive.step()
    assert strikers(captive).campaign.threat.harm == pytest.approx((loss(900) - loss(1000)) / GAP * 900)


def test_looking_one_round_ahead_by_hand():
    """Two rounds of a market whose quality stays: where people are expected to be, they choose again."""
    model = CoalitionModel(world(market="logit"))
    market, people = model.start, model.population
    quality = model.experience.qualities(market)[0]
    first = model.custom.choices(market, quality, people.service)
    stay = [model.custom.choices(market, quality, np.full((1, people.n), place)) for place in (0, 1)]
    second = first[:, :1] * stay[0] + first[:, 1:] * stay[1]
    expected = ((first + 0.5 * second) * quality).sum(axis=0)
    found = model.custom.ahead([Stretch([market], [quality], np.array([1.0, 0.5]))], people.service)
    np.testing.assert_allclose(found, expected)


def test_who_refuses_all_there_is_goes_without_and_comes_back():
    model = CoalitionModel(world())
    boycott = {**model.start, "big": model.start["big"].left_by(np.arange(1000))}
    quality, service = model.experience.qualities(model.start)[0], model.population.service
    weights = np.array([1.0])
    found = model.custom.ahead(
        [Stretch([boycott], [quality], weights), Stretch([model.start], [quality], weights)], service
    )
    once = model.custom.ahead([Stretch([model.start], [quality], weights)], service)
    assert found[0] == pytest.approx(once[0])
    assert found[1] == pytest.approx(2 * once[1])


def test_an_agreement_is_kept_for_its_rounds():
    model = CoalitionModel(world(rounds=5, firms__0__response=CONCEDE, coalitions__1__charter=charter(agreement=3)))
    paid, passed = [], []
    for _ in range(5):
        model.step()
        paid.append(strikers(model).campaign.payment > 0)
        passed.append(strikers(model).campaign.passed)
    assert paid == [True, False, False, True, False]
    assert passed == paid


def test_nash_is_less_what_carrying_it_out_would_cost():
    hard = {"effort": 0.05, "service": 0.0}
    settings = {"firms__0__response": CONCEDE, "users__hardship": hard, "users__cost": {"mean": 1, "sd": 0}}
    model = CoalitionModel(world(**settings, coalitions__1__charter=charter(bargain={"kind": "nash", "weight": 0.75})))
    model.step()
    campaign = strikers(model).campaign
    assert campaign.threat.cost == pytest.approx(100 * 0.05 * 0.5)  # a hundred people, a lever of effort .5
    assert campaign.payment == pytest.approx(0.75 * campaign.threat.harm - 0.25 * 2.5)


def test_only_supporters_carry_out_what_they_do_not_believe_in():
    """Everybody votes by agreement; who agrees more with the target than not is no supporter."""
    weights = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}
    settings = {"users__vote_weights": weights, "coalitions__1__founders": 0.9, "coalitions__0__founders": 0.0}
    settings |= {"users__stances": {"privacy": {"mean": 0.2, "sd": 0.5}, "pay": {"mean": 0.2, "sd": 0.5}}}
    counts = {}
    for who in ("members", "supporters"):
        model = CoalitionModel(world(**settings, coalitions__1__charter=charter(carried_out_by=who)))
        model.step()
        counts[who] = len(strikers(model).campaign.compliers)
        agree = model.firm_agreement[strikers(model).members, 0] < 0
    assert counts["members"] == 900
    assert counts["supporters"] == agree.sum() < 900


@pytest.mark.parametrize(("offer", "words"), [(0.0001, "paid"), (1.0, "sold")])
def test_a_rivals_offer_is_taken_where_the_firm_does_not_match_it(offer, words):
    model = CoalitionModel(world(firms__0__response=CONCEDE, firms__1__offer=offer))
    model.step()
    coalition, big, small = strikers(model), model.firm("big"), model.firm("small")
    campaign = coalition.campaign
    new = (~model.start["small"].holdings.present[coalition.members]).sum()
    assert campaign.outside == pytest.approx(offer * new)
    if words == "paid":
        assert campaign.payment == pytest.approx(campaign.threat.harm)
        assert big.paid == pytest.approx(coalition.pot)
        return
    assert campaign.payment == 0
    assert coalition.pot == campaign.sold == pytest.approx(campaign.outside)
    assert (big.paid, small.paid) == (0, pytest.approx(campaign.sold + model.coalitions[0].campaign.sold))
    assert model.market["small"].holdings.present[coalition.members].all()  # it got the data
    assert model.market["big"].holdings.present.all()  # and nobody struck


def matching(offer: float, share: float = 0.0, **changes) -> CoalitionModel:
    """People choose by quality, so that what a rival learns costs the target custom."""
    response = {"kind": "match", "share": share}
    market = {"kind": "logit", "switching_cost": 0.0, "quality": 20.0}
    settings = {"firms__0__response": response, "firms__1__offer": offer, "market": market} | changes
    model = CoalitionModel(world(**settings, coalitions__0__founders=0.0))
    model.step()
    return model


def test_a_firm_that_matches_pays_what_a_rival_offers_and_no_more():
    model = matching(0.05)
    coalition = strikers(model)
    campaign, gift = coalition.campaign, Redirect("big", "small")
    sale = threat_of(model, coalition, gift, campaign.compliers)
    assert 0 < campaign.outside < sale.harm
    assert campaign.payment == pytest.approx(campaign.outside)
    assert model.firm("big").paid == pytest.approx(coalition.pot)
    assert model.market["big"].holdings.present.all()
    dear = 2 * sale.harm / campaign.outside * 0.05
    sold = strikers(matching(dear)).campaign
    assert (sold.payment, sold.sold) == (0, pytest.approx(sold.outside))


def test_where_the_rivals_copy_costs_it_nothing_it_does_not_match():
    """Captive people stay whatever the rival learns: the strike it faces would harm it, the sale would not."""
    campaign = strikers(matching(0.05, market="captive")).campaign
    assert campaign.threat.harm > campaign.outside > 0
    assert (campaign.payment, campaign.sold) == (0, pytest.approx(campaign.outside))


def test_without_an_offer_it_pays_its_share_of_the_harm():
    assert strikers(matching(0.0)).campaign.payment == 0
    campaign = strikers(matching(0.0, share=0.5)).campaign
    assert campaign.threat.harm > 0
    assert campaign.payment == pytest.approx(0.5 * campaign.threat.harm)


def test_what_a_rival_has_it_does_not_buy_again():
    model = CoalitionModel(world(firms__1__offer=1.0))
    sold = []
    for _ in range(2):
        model.step()
        sold.append(strikers(model).campaign.sold)
    assert sold[0] > 0
    assert sold[1] == 0


def test_in_turn_the_second_sees_what_the_first_did():
    """Strikes hurt the more the more have struck before: the second strike's threat weighs more."""
    both = [{"name": n, "positions": {"privacy": 1}, "founders": 0.2, "charter": charter()} for n in ("one", "two")]
    harms = {}
    for turns in ("at_once", "listed", "drawn"):
        model = CoalitionModel(world(coalitions=both, turns=turns))
        model.step()
        harms[turns] = [c.campaign.threat.harm for c in model.coalitions]
    quality = {n: 1 - (loss(n) - loss(1000)) / GAP for n in (1000, 800, 600)}
    assert harms["at_once"] == pytest.approx([900 * (1 - quality[800])] * 2)
    assert harms["listed"] == pytest.approx([900 * (1 - quality[800]), 900 * (quality[800] - quality[600])])
    assert sorted(harms["drawn"]) == pytest.approx(harms["listed"])


def test_the_market_after_everybody_acted_is_the_same_in_any_order():
    found = []
    for turns in ("at_once", "listed"):
        model = CoalitionModel(world(turns=turns))
        model.step()
        found.append([position.holdings.fingerprint for position in model.market.values()])
    assert found[0] == found[1]


def test_shares_of_what_two_strikes_do_together_by_hand():
    """Shapley over two: each gets the mean of acting alone and of acting last."""
    both = [{"name": n, "positions": {"privacy": 1}, "founders": f, "charter": charter()} for n, f in SIZES.items()]
    model = CoalitionModel(world(coalitions=both))
    model.step()
    shared = {r.coalition: r.shared.mean for r in model.leverage if r.view == "holdout"}
    last = {r.coalition: r.effect.gap_closed.mean for r in model.leverage if r.view == "holdout"}
    lost = {n: (loss(n) - loss(1000)) / GAP for n in (900, 700, 600)}
    assert shared["few"] == pytest.approx((lost[900] + lost[600] - lost[700]) / 2)
    assert shared["many"] == pytest.approx((lost[700] + lost[600] - lost[900]) / 2)
    assert sum(shared.values()) == pytest.approx(lost[600])
    assert sum(last.values()) > lost[600]  # each of them counts that the other has struck already


SIZES = {"few": 0.1, "many": 0.3}


def test_beyond_five_campaigns_the_shares_are_left_open():
    many = [{"name": f"c{i}", "positions": {"privacy": 1}, "founders": 0.05, "charter": charter()} for i in range(6)]
    model = CoalitionModel(world(coalitions=many))
    model.step()
    assert all(np.isnan(r.shared.mean) for r in model.leverage)
    assert all(np.isfinite(r.effect.gap_closed.mean) for r in model.leverage)


def test_a_pledge_binds_nobody_until_enough_have_joined():
    for pledge, acts in ((0.1, True), (0.11, False)):
        model = CoalitionModel(world(coalitions__1__charter=charter(pledge=pledge)))
        model.step()
        campaign = strikers(model).campaign
        assert campaign.carried_out == acts
        assert (campaign.outcome is not None) == acts


def test_a_subsidy_is_dues_below_nothing():
    payoff = {"kind": "payoff", "alignment": 0.0, "peers": 0.0}
    members = {}
    for dues in (0.0, -0.1):
        model = CoalitionModel(world(users__joining=payoff, coalitions__1__charter=charter(dues=dues)))
        model.step()
        members[dues] = len(strikers(model).members)
    assert members == {0.0: 100, -0.1: 900}  # all but the founders of the other
