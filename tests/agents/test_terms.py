"""A firm that improves its terms for everybody who stays: by hand on the formula."""

import numpy as np
import pytest
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.sanctions import complying, expected_effort
from datacoalition.agents.terms import earned, forgone, improve
from datacoalition.coalitions.levers import DeleteAndBoycott, Nothing, Redirect, Separately, Strike, Unlink
from datacoalition.ml_tasks.holdings import Holdings

from .worlds import world

STEP = 0.02
STRIKE = Strike("big")


def model_of(rounds: int = 0, response: dict | None = None, **changes) -> CoalitionModel:
    """A hundred founders strike in every round against a firm that has the data, a record each, of a thousand."""
    weights = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}
    coalition = {
        "name": "strikers", "positions": {"privacy": 1}, "founders": 0.1,
        "charter": {"options": [{"kind": "strike", "target": "big"}]},
    }  # fmt: skip
    response = {"kind": "improve", "step": STEP, "most": 1.0} | (response or {})
    settings = {"coalitions": [coalition], "users__vote_weights": weights, "firms__0__response": response}
    model = CoalitionModel(world(**settings | changes))
    for _ in range(rounds):
        model.step()
    return model


def test_terms_rise_step_by_step_while_records_are_taken_and_all_who_stay_are_paid():
    model, total = model_of(), np.zeros(1000)
    for terms in (0.0, STEP, 2 * STEP, 3 * STEP):
        model.step()
        there = model.market["big"].holdings.present
        assert 850 < there.sum() < 1000
        total += terms * there
        assert model.firm("big").terms == pytest.approx(terms)
        assert model.firm("big").rewarded == pytest.approx(terms * there.sum())
        np.testing.assert_allclose(model.population.terms[:1000], total)
    assert model.firm("small").rewarded == 0


def test_they_rise_up_to_the_most_and_fall_when_nothing_is_taken():
    capped = model_of(rounds=4, response={"most": 1.5 * STEP})
    assert capped.firm("big").terms == pytest.approx(1.5 * STEP)
    model = model_of(rounds=3, response={"fall": 0.5 * STEP})
    assert model.firm("big").terms == pytest.approx(2 * STEP)
    model.market = model.start  # as if nobody had acted in the round
    for terms in (1.5 * STEP, STEP):
        model.round += 1
        improve(model)
        assert model.firm("big").terms == pytest.approx(terms)


def test_without_a_campaign_nobody_is_paid():
    model = model_of(rounds=3, coalitions=[])
    assert model.firm("big").terms == 0
    assert model.population.terms.sum() == 0


def test_what_is_forgone_by_lever():
    model = model_of()
    assert (forgone(model, STRIKE) == 0).all()  # no terms yet
    model.firm("big").terms = STEP
    assert (forgone(model, STRIKE) == STEP).all()
    assert (forgone(model, DeleteAndBoycott("big")) == STEP).all()
    assert (forgone(model, Strike("big", share=0.0)) == 0).all()
    for lever in (Nothing(), Redirect("big", "small"), Strike("small")):
        assert (forgone(model, lever) == 0).all()
    own = np.arange(10)
    apart = forgone(model, Separately(((STRIKE, own), (Redirect("big", "small"), np.arange(10, 20)))))
    assert (apart[own] == STEP).all()
    assert apart.sum() == pytest.approx(10 * STEP)
    assert (forgone(model, Unlink("big")) == STEP).all()  # nobody is known to have left them


def test_a_withdrawal_that_may_be_lost_forgoes_as_much_less():
    model = model_of(law={"opt_out": 0.25})
    model.firm("big").terms = STEP
    np.testing.assert_allclose(forgone(model, STRIKE), 0.25 * STEP)
    np.testing.assert_allclose(forgone(model, Unlink("big")), STEP)


def test_who_has_no_records_there_forgoes_nothing():
    model = model_of()
    model.firm("small").terms = STEP
    lost = forgone(model, Strike("small"))
    np.testing.assert_array_equal(lost > 0, model.start["small"].holdings.present)
    assert model.start["small"].holdings.present.sum() == 50


def test_it_enters_what_joining_complying_and_the_threat_cost():
    plain, paid = (model_of(rounds=2, response={"step": step}) for step in (0.0, STEP))
    for model in (plain, paid):
        assert model.firm("big").terms == (0.0 if model is plain else STEP)
    coalition = paid.coalitions[0]
    more = expected_effort(paid, coalition) - expected_effort(plain, plain.coalitions[0])
    np.testing.assert_allclose(more, STEP * paid.population.compliance)
    np.testing.assert_allclose(complying(paid, STRIKE, 0.0) - complying(plain, STRIKE, 0.0), STEP)
    threats = [model.coalitions[0].campaign.threat for model in (plain, paid)]
    strikers = len(coalition.campaign.compliers)
    assert threats[1].cost - threats[0].cost == pytest.approx(STEP * strikers)
    # What is not paid to those who act, the firm saves.
    assert threats[0].harm - threats[1].harm == pytest.approx(STEP * strikers)
    gains = [model.welfare["strikers"].members_gain for model in (plain, paid)]
    assert gains[0] - gains[1] == pytest.approx(STEP * strikers / len(coalition.members))


def test_fewer_join_for_payoff():
    """Peers are worth .05 at most: those who would have joined are better off staying and being paid."""
    joining = {"kind": "payoff", "alignment": 0.1, "peers": 0.05}
    organised = []
    for step in (0.0, 0.5):
        users = {"users__joining": joining, "users__hardship": {"effort": 0.01, "service": 0.0}}
        model = model_of(rounds=3, response={"step": step}, **users)
        organised.append(int(model.population.organised.sum()))
    founders = 100
    assert organised[0] > 2 * founders
    assert organised[1] == founders


def test_what_reaches_contributors_counts_it():
    model = model_of(rounds=2)
    revenue = sum(firm.revenue for firm in model.firms)
    assert model.society.to_contributors == pytest.approx(model.firm("big").rewarded / revenue)


def test_records_under_throw_away_accounts_earn_nothing():
    model = model_of()
    model.firm("big").terms = STEP
    hidden = Holdings.everyone(1000).unlinked_from(np.arange(300))
    assert earned(model, "big", hidden).sum() == 700
