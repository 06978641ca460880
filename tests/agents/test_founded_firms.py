"""A rival that a coalition founds with its members' data: closed before, and theirs afterwards."""

import pytest
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.voting import announced
from datacoalition.ml_tasks.settings import InputError

from .worlds import world

GIVE = {"kind": "redirect", "target": "big", "rival": "ours"}
OURS = {"name": "ours", "data": 0.0, "served": 0.0, "founded_by": "us", "response": "refuse", "price": 0.5}
BIG = {"name": "big", "served": 1.0, "positions": {"privacy": -0.5}, "response": "refuse"}


def founded(rounds: int = 0, own: dict | None = None, **changes) -> CoalitionModel:
    us = {"name": "us", "positions": {"privacy": 1}, "founders": 0.3, "charter": {"options": [GIVE]}}
    settings = {"firms": [BIG, OURS | (own or {})], "coalitions": [us], "rounds": 4}
    settings["market"] = {"kind": "logit", "switching_cost": 1.0}
    model = CoalitionModel(world(**settings | changes))
    for _ in range(rounds):
        model.step()
    return model


def test_nobody_can_use_it_before_it_has_data():
    idle = {"effect": 0, "agreement": 0, "cost": 1, "service": 0}  # nobody votes to act
    model = founded(2, users__vote_weights=idle)
    assert not model.coalitions[0].campaign.carried_out
    assert model.market["ours"].served.sum() == model.firm("ours").revenue == model.coalitions[0].pot == 0
    # A rival of nobody's that is empty, too, has some users all the same: whoever finds the large one no better.
    other = founded(2, {"founded_by": ""}, users__vote_weights=idle)
    assert other.market["ours"].served.sum() > 0


def test_with_data_it_is_open_and_what_it_earns_is_theirs():
    model = founded(1)
    ours, coalition = model.firm("ours"), model.coalitions[0]
    served = model.market["ours"].served
    quality = model.experience.mean_quality(model.market)[:, 1]
    assert coalition.campaign.carried_out
    assert 0 < served.sum() < 500
    assert ours.revenue == pytest.approx(0.5 * quality[served].sum())
    assert coalition.pot == coalition.earned == ours.paid == ours.revenue
    assert model.firm("big").paid == 0
    assert model.population.dividend.sum() == pytest.approx(ours.revenue)
    assert coalition.won == 0  # nothing was won by a threat
    assert model.society.to_contributors == pytest.approx(ours.revenue / (ours.revenue + model.firm("big").revenue))


def test_the_founders_are_told_what_it_would_do_before_it_is_there():
    model = founded()
    effect, _ = announced(model, model.coalitions[0])
    there = founded(own={"founded_by": ""})
    assert effect == pytest.approx(announced(there, there.coalitions[0])[0])
    assert effect[1] > 0.5


def test_both_pots_and_what_the_target_pays_are_kept_apart():
    charter = {"options": [GIVE], "pot": {"kind": "fixed", "amount": 3.0}}
    us = {"name": "us", "positions": {"privacy": 1}, "founders": 0.3, "charter": charter}
    model = founded(1, coalitions=[us])
    coalition = model.coalitions[0]
    assert model.firm("big").paid == 3.0
    assert model.firm("ours").paid == model.firm("ours").revenue > 0
    assert coalition.pot == pytest.approx(3.0 + model.firm("ours").revenue)


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"founded_by": "them"}, "firms.1.founded_by: found 'them'; expected the name of a coalition: us"),
        ({"data": 0.1}, "firms.1.data: found 0.1; expected 0, since us has to found it first"),
        ({"served": None}, "firms.1.served: found nothing; expected 0"),
    ],
)
def test_what_cannot_be_founded(own, words):
    with pytest.raises(InputError, match=words):
        founded(own=own)
