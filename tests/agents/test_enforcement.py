"""Enforcement: firms that keep old weights may be found out, and everybody reckons with the probability of it."""

import numpy as np
import pytest
from datacoalition.agents.enforcement import Course, outcomes
from datacoalition.agents.experience import Stretch
from datacoalition.agents.harm import Ahead, _revenue
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.voting import announced

from .worlds import GAP, loss, world

FELT = (loss(900) - loss(1000)) / GAP * 900
"""What the strike of a hundred costs a firm that retrains, with captive people, in a round."""
WANTED = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}


def evader(chance: float, penalty: float = 0.0, **changes) -> CoalitionModel:
    """One that keeps old weights, and a strike of a hundred of a thousand against it."""
    charter = {"options": [{"kind": "strike", "target": "big"}], "agreement": changes.pop("agreement", 1)}
    coalition = {"name": "strikers", "positions": {"privacy": 1}, "founders": 0.1, "charter": charter}
    law = {"enforcement": chance, "penalty": penalty}
    settings = {"coalitions": [coalition], "users__vote_weights": WANTED, "firms__0__retains_weights": True, "law": law}
    return CoalitionModel(world(**settings | changes))


def harm(*args, **changes) -> float:
    model = evader(*args, **changes)
    model.step()
    return model.coalitions[0].campaign.threat.harm


@pytest.mark.parametrize("chance", [0.0, 0.3, 1.0])
def test_harm_is_between_that_of_weights_kept_and_of_weights_found(chance):
    assert harm(chance) == pytest.approx(chance * FELT)
    assert harm(chance, agreement=3, discount=0.5) == pytest.approx(chance * FELT * (1 + 0.5 + 0.25))


def test_the_penalty_counts_as_often_as_it_is_to_be_expected():
    assert harm(0.3, 20.0) == pytest.approx(0.3 * (FELT + 20))
    assert harm(0.3, 20.0, agreement=3, discount=0.5) == pytest.approx(0.3 * (FELT + 20) * (1 + 0.5 + 0.25))
    assert harm(0.0, 20.0) == 0


def test_nobody_foresees_whether_the_law_finds_the_firm_in_this_round():
    fined = {}
    for seed in range(8):
        model = evader(0.5, 20.0, seed=seed)
        model.step()
        assert model.coalitions[0].campaign.threat.harm == pytest.approx(0.5 * (FELT + 20))
        announcement = announced(model, model.coalitions[0])[0]
        assert announcement[1] == pytest.approx(0.5 * (loss(900) - loss(1000)) / GAP)
        fined[seed] = model.firm("big").fined
    assert set(fined.values()) == {0.0, 20.0}  # the draws differed


def test_found_for_good_where_data_are_gone_for_good():
    """By hand: of three rounds it is found by the first, second, third with .3, .51, .657, and fined once."""
    by_then, newly = (0.3, 0.51, 0.657), (0.3, 0.21, 0.147)
    flow = {"returns": False}
    expected = sum(w * (f * FELT + n * 20) for w, f, n in zip((1, 0.5, 0.25), by_then, newly, strict=True))
    assert harm(0.3, 20.0, agreement=3, discount=0.5, users__flow=flow) == pytest.approx(expected)
    model = evader(1.0, 20.0, users__flow=flow)
    fines = []
    for _ in range(3):
        model.step()
        fines.append(model.firm("big").fined)
    assert fines == [20, 0, 0]  # nothing is left to be found
    slow = evader(0.2, 20.0, users__flow=flow, rounds=12, seed=3)
    fines, held = [], []
    for _ in range(12):
        slow.step()
        fines.append(slow.firm("big").fined)
        held.append(int(slow.market["big"].deployed.present.sum()))
    assert sum(fines) == 20
    found = fines.index(20)
    assert found > 0  # what was withdrawn rounds ago is found, too
    assert held == [1000] * found + [900] * (12 - found)


def test_where_data_come_back_people_who_may_leave_meet_every_order_of_findings():
    """Two rounds, four orders, each with its probability; people go where each order sends them."""
    model = evader(0.3, market="logit")
    weights, service = np.array([1.0]), model.population.service
    model.step()
    coalition = model.coalitions[0]
    (keep, (kept,)), (find, (found,)) = outcomes(model, _struck(model, coalition))
    assert (keep, find) == (pytest.approx(0.7), pytest.approx(0.3))
    quality = {id(m): model.experience.qualities(m)[0] for m in (kept, found)}
    expected = 0.0
    for p, first in ((0.7, kept), (0.3, found)):
        for q, second in ((0.7, kept), (0.3, found)):
            path = [Stretch([market], [quality[id(market)]], weights) for market in (first, second)]
            expected += p * q * model.custom.ahead(path, service)[0]
    model.population.service = service
    got = _revenue(model, 0, [Ahead(_struck(model, coalition), np.ones(2))])
    assert got[0] == pytest.approx(expected)
    assert abs(expected - model.custom.ahead([Stretch([kept], [quality[id(kept)]], np.ones(2))], service)[0]) > 1


def _struck(model: CoalitionModel, coalition):
    from datacoalition.agents.action import after

    return after(model, model.start, coalition.charter.options[0], coalition.members)


def test_a_delay_puts_off_what_there_is_to_be_found():
    """Not yet gone, nothing can be found: a strike's harm a round later, of two rounds; the third never comes."""
    law = {"enforcement": 0.3, "penalty": 20.0, "deletion_delay": 1}
    late = harm(0.3, law=law, firms__0__foresight=1, discount=0.5)
    assert late == pytest.approx(0.5 * 0.3 * (FELT + 20))


def test_two_firms_are_found_out_independently():
    strike = [{"kind": "strike", "target": name} for name in ("big", "small")]
    coalitions = [
        {"name": f"at {s['target']}", "positions": {"privacy": 1}, "founders": 0.1, "charter": {"options": [s]}}
        for s in strike
    ]
    made = {"firms__1__retains_weights": True, "firms__1__data": 1.0, "coalitions": coalitions}
    model = evader(0.3, **made)
    emptied = {name: p.holding(p.holdings.without(np.arange(100))) for name, p in model.start.items()}
    course = Course.of(model, [emptied])
    assert [set(case) for case in course.cases] == [set(), {"big"}, {"small"}, {"big", "small"}]
    np.testing.assert_allclose(course.first @ course.turns(emptied), [0.49, 0.21, 0.21, 0.09])
    np.testing.assert_allclose(course.turns(emptied)[3], [0.49, 0.21, 0.21, 0.09])
    only_big = {**emptied, "small": model.start["small"]}
    np.testing.assert_allclose(course.turns(only_big)[0], [0.7, 0.3, 0, 0])
    lasting = Course.of(evader(0.3, users__flow={"returns": False}, **made), [emptied])
    np.testing.assert_allclose(lasting.turns(emptied)[1], [0, 0.7, 0, 0.3])


def test_what_it_costs_the_members_is_expected_as_well():
    hardship = {"effort": 0.0, "service": 1.0}
    model = evader(0.3, users__hardship=hardship, agreement=2, discount=0.5)
    model.step()
    lost = (loss(900) - loss(1000)) / GAP * 100
    served = model.population.service[0][model.coalitions[0].members]
    # The rival, whose users some strikers are, is as it was.
    expected = 0.3 * 1.5 * lost * (served == 0).mean()
    assert model.coalitions[0].campaign.threat.cost == pytest.approx(expected)


def test_exit_of_one_person_is_as_likely_as_the_law_is_to_look():
    model = evader(0.3)
    model.step()
    assert model.agency["big"].exit_alone == pytest.approx(0.3)
    assert model.agency["small"].exit_alone == 1
