"""[VLTCH21]: data poisoning has a high impact until it is detected and filtered: then it is a strike."""

import numpy as np
from datacoalition.agents.model import CoalitionModel
from datacoalition.scenarios.files import validated


def played(lever: str, filter_: dict | None) -> CoalitionModel:
    option = {"kind": lever, "target": "only"} | ({"style": "shuffled"} if lever == "poison" else {})
    model = CoalitionModel(
        validated(
            {
                "name": "test",
                "task": {
                    "kind": "digits",
                    "deal": {"kind": "dirichlet", "contributors": 40, "alpha": 0.3},
                    "model": {"epochs": 3},
                    "train_seeds": [0, 1],
                },
                "firms": [{"name": "only", "response": "refuse", "filter": filter_, "positions": {"pay": -1}}],
                "coalitions": [
                    {"name": "members", "positions": {"pay": 1}, "founders": 0.3, "charter": {"options": [option]}}
                ],
                "users": {
                    "threshold": {"mean": 9, "sd": 0},
                    "compliance": {"mean": 1, "sd": 0},
                    "vote_weights": {"effect": 0, "agreement": 1, "cost": 0, "service": 0},
                },
                "market": "captive",
            },
            "test",
        )
    )
    model.step()
    assert model.coalitions[0].campaign.carried_out
    return model


def test_detected_poison_is_a_strike():
    perfect = {"hit": 1.0, "false_alarm": 0.0}
    poison, strike = played("poison", perfect), played("strike", None)
    assert poison.market["only"].deployed == strike.market["only"].deployed
    for one, other in zip(poison.leverage, strike.leverage, strict=True):
        # The poisoned are still among the people whose data the firm has, strikers are not.
        if one.view == "holdout":
            assert one.effect == other.effect


def test_undetected_poison_is_more_than_a_strike():
    undetected = played("poison", {"hit": 0.0, "false_alarm": 0.0})
    strike = played("strike", None)
    effects = [model.leverage[0].effect.strike.mean for model in (undetected, strike)]
    assert effects[0] > effects[1]


def test_false_alarms_cost_a_firm_genuine_data_in_every_world():
    """The filter strikes alike with and without the campaign, so that its cost is no effect of the campaign."""
    model = played("strike", {"hit": 1.0, "false_alarm": 0.5})
    start, end = model.start["only"].deployed.present, model.market["only"].deployed.present
    strikers = np.isin(np.arange(40), model.coalitions[0].members)
    assert start.sum() < 30
    np.testing.assert_array_equal(end, start & ~strikers)
