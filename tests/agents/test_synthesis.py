"""A firm that makes records up in place of those it loses: on small networks that are really trained."""

import numpy as np
import pytest
from datacoalition.agents.fit import check_fit
from datacoalition.agents.model import CoalitionModel
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.synthesis import Synthetic

from .worlds import world

PRICE, NOISE = 0.02, 0.15
DIGITS = {
    "kind": "digits", "deal": {"kind": "equal", "contributors": 100}, "model": {"epochs": 2}, "train_seeds": [0, 1],
}  # fmt: skip


def played(share: float = 0.0, rounds: int = 1, founders: float = 0.3, **changes) -> CoalitionModel:
    """Three in ten of a hundred strike against a firm that has everybody's data."""
    response = {"kind": "synthesise", "price": PRICE, "noise": NOISE, "share": share}
    weights = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}
    coalition = {
        "name": "strikers", "positions": {"privacy": 1}, "founders": founders,
        "charter": {"options": [{"kind": "strike", "target": "big"}]},
    }  # fmt: skip
    settings = {"coalitions": [coalition], "users__vote_weights": weights, "firms__0__response": response}
    model = CoalitionModel(world(**settings | {"task": DIGITS} | changes))
    for _ in range(rounds):
        model.step()
    return model


def lost(model: CoalitionModel) -> int:
    gone = model.initial["big"].present & ~model.market["big"].holdings.present
    return int(model.lines[0].task.records[gone].sum())


def test_as_many_records_are_made_up_as_were_lost_and_trained_on():
    model = played()
    position = model.market["big"]
    assert lost(model) > 300
    assert position.deployed == position.holdings.filled(Synthetic(lost(model), NOISE))
    assert position.holdings.synthetic is None
    assert model.firm("big").made == pytest.approx(PRICE * lost(model))
    assert model.population.sales.sum() == model.firm("big").bought == 0  # nobody is paid
    refusing = played(**{"firms__0__response": "refuse"})
    scores = [
        other.lines[0].retrainer.scores(other.market["big"].deployed).view().per_seed for other in (model, refusing)
    ]
    assert not np.array_equal(*scores)


def test_nobody_makes_up_anything_where_nothing_is_lost():
    model = played(coalitions=[])
    assert model.market["big"].deployed.synthetic is None
    assert model.firm("big").made == 0


def test_a_firm_cannot_make_up_more_than_it_still_has():
    model = played(founders=0.8)
    position = model.market["big"]
    left = int(model.lines[0].task.held(position.holdings).sum())
    assert lost(model) > left
    assert position.deployed.synthetic == Synthetic(left, NOISE)


def test_what_it_spends_is_part_of_the_harm():
    """The same world with a dearer record: the harm grows by what the records cost more."""
    harms = []
    for price in (0.0, PRICE):
        response = {"kind": "synthesise", "price": price, "noise": NOISE}
        harms.append(played(**{"firms__0__response": response}).coalitions[0].campaign.threat.harm)
    assert harms[1] - harms[0] == pytest.approx(PRICE * lost(played()))


def test_data_gone_for_good_are_made_up_for_in_every_round_after():
    model = played(rounds=2, founders=0.1, **{"users__flow": {"returns": False}})
    assert lost(model) > 100
    for market in (model.start, model.market):
        assert market["big"].deployed.synthetic == Synthetic(lost(model), NOISE)
    assert model.firm("big").made == pytest.approx(PRICE * lost(model))
    # Nothing is left to threaten with, so nothing more would be spent.
    assert model.coalitions[0].campaign.threat.harm == pytest.approx(0, abs=1e-12)


def test_old_weights_need_no_made_up_records():
    model = played(law={"old_weights": "kept"})
    assert model.market["big"].deployed.synthetic is None
    assert model.firm("big").made == 0


def test_it_may_pay_rather_than_make_up():
    model = played(share=1.0)
    campaign = model.coalitions[0].campaign
    assert campaign.threat.harm > 0
    assert campaign.payment == pytest.approx(campaign.threat.harm)
    assert model.firm("big").made == 0


@pytest.mark.parametrize("task", [{"kind": "power_law", "records": 100}])
def test_a_task_that_cannot_says_so(task):
    with pytest.raises(InputError, match=r"firms\.0\.response: found 'synthesise'; expected another response"):
        played(task=task)


def test_a_task_says_whether_it_can():
    model = played()

    class Cannot:
        contributors, synthesises, divisible, label = model.lines[0].task.contributors, False, True, "these data"

    with pytest.raises(InputError, match="these data"):
        check_fit(model.world, [Cannot()])
