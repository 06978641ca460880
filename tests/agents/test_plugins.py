"""Markets and responses: pure, and as their sources say."""

import math

import numpy as np
import pytest
from datacoalition.agents.markets import MARKETS, Captive, Logit
from datacoalition.agents.responses import RESPONSES, Concede, Threat
from datacoalition.ml_tasks.settings import InputError
from hypothesis import given
from hypothesis import strategies as st


def market_case(seed: int):
    rng = np.random.default_rng(seed)
    quality, agreement = rng.random((20, 3)), rng.uniform(-1, 1, (20, 3))
    current = np.eye(3, dtype=bool)[rng.integers(0, 3, 20)]
    refused = rng.random((20, 3)) < 0.3
    return quality, agreement, current, refused


@pytest.mark.parametrize("name", MARKETS)
@given(seed=st.integers(0, 1000))
def test_probabilities_add_up_to_one_or_to_none(name, seed):
    case = market_case(seed)
    chosen = MARKETS[name]()(*case)
    assert (chosen >= 0).all()
    assert (chosen[case[3]] == 0).all()
    total = chosen.sum(axis=1)
    assert (np.isclose(total, 1) | (total == 0)).all()


def test_captive_people_stay():
    quality, agreement, current, refused = market_case(0)
    np.testing.assert_array_equal(Captive()(quality, agreement, current, refused & False), current)


def test_logit_by_hand():
    rule = Logit(quality=2.0, positions=0.5, switching_cost=1.0, noise=2.0)
    chosen = rule(np.array([[1.0, 0.25]]), np.array([[-0.5, 0.5]]), np.array([[True, False]]), np.zeros((1, 2), bool))
    stay, go = (2 * 1 - 0.25 + 1) / 2, (2 * 0.25 + 0.25) / 2
    assert chosen[0, 0] == pytest.approx(math.exp(stay) / (math.exp(stay) + math.exp(go)))


def test_more_quality_draws_people_and_a_switching_cost_keeps_them():
    none, nowhere = np.zeros((1, 2)), np.zeros((1, 2), bool)
    here = np.array([[True, False]])
    better = np.array([[0.2, 0.9]])
    assert Logit()(better, none, here, nowhere)[0, 1] > Logit()(better * 0, none, here, nowhere)[0, 1]
    costs = [Logit(switching_cost=c)(better, none, here, nowhere)[0, 1] for c in (0, 1, 3)]
    assert costs[0] > costs[1] > costs[2]


def test_undefined_quality_attracts_nobody_and_breaks_nothing():
    chosen = Logit()(np.array([[np.nan, 0.5]]), np.zeros((1, 2)), np.zeros((1, 2), bool), np.zeros((1, 2), bool))
    assert chosen.sum() == pytest.approx(1)
    assert chosen[0, 1] > chosen[0, 0]


@pytest.mark.parametrize("name", RESPONSES)
@pytest.mark.parametrize("harm", [-5.0, 0.0, math.nan])
def test_nothing_is_paid_for_no_harm(name, harm):
    assert RESPONSES[name]()(Threat(harm, 1.0, 100.0)) == 0
    assert RESPONSES[name]()(Threat(harm, math.nan, 100.0)) == 0


@pytest.mark.parametrize(
    ("harm", "stderr", "paid"),
    [(10, 2, 4.0), (10, 10, 0.0), (10, 12, 0.0), (10, math.nan, 4.0), (10, 0, 4.0), (4.9, 1, 0.0), (5, 1, 2.0)],
)
def test_concede_pays_a_share_of_what_can_be_told_from_noise(harm, stderr, paid):
    assert Concede(share=0.4, least=0.05)(Threat(harm, stderr, 100.0)) == pytest.approx(paid)


@pytest.mark.parametrize("settings", [{"share": 1.2}, {"share": -0.1}, {"share": math.nan}, {"least": 2}])
def test_impossible_settings(settings):
    with pytest.raises(InputError):
        Concede(**settings)
