"""[OMT85] A theory of the critical mass: decelerating production has order effects and surplus, accelerating production
a start-up problem. On the power-law learner, whose contribution decelerates and whose strike accelerates."""

import numpy as np
import pytest
from datacoalition.agents.membership import join_or_leave
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.production import produced
from datacoalition.scenarios.files import validated
from datacoalition.valuation.leverage import curvature

PEOPLE, A, SPAN = 1000, 0.095, 1000
GRID = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
LEVERS = {
    "redirect": {"kind": "redirect", "target": "big", "rival": "small", "effort": 1.0},
    "strike": {"kind": "strike", "target": "big", "effort": 1.0},
}


def world(
    lever: str, cost: float, order: str = "chance", founders: float = 0.0, dues: float = 0.0, **charter
) -> CoalitionModel:
    """People with a record each who all face the same cost and differ only in their interest in the good."""
    charter = {"options": [LEVERS[lever]], "dues": dues, **charter}
    coalition = {"name": "group", "positions": {"good": 1}, "charter": charter, "founders": founders}
    return CoalitionModel(
        validated(
            {
                "name": "critical mass",
                "task": {"kind": "power_law", "records": PEOPLE, "exponent": A, "span": SPAN},
                "firms": [{"name": "big", "response": "refuse"}, {"name": "small", "data": 0.0, "response": "refuse"}],
                "coalitions": [coalition],
                "users": {
                    "joining": {"kind": "critical_mass", "cost": cost, "order": order, "grid": list(GRID)},
                    "cost": {"mean": 1.0, "sd": 0.0},
                    "stances": {"good": {"mean": 0.5, "sd": 0.2}},
                },
            },
            "critical mass",
        )
    )


def slope(lever: str, share: float) -> float:
    """P'(R): section by section of the formula, contribution of a share R, or strike that leaves 1 - R."""
    left = share if lever == "redirect" else 1 - share
    return A * left ** (-A - 1) / (SPAN**A - 1)


def joined(model: CoalitionModel) -> np.ndarray:
    """Who has joined when nobody else does, as a mask."""
    before = -1
    while (now := len(model.coalitions[0].members)) != before:
        before = now
        join_or_leave(model)
    return model.population.member[:, 0]


def net_worth(model: CoalitionModel, cost: float) -> np.ndarray:
    """What everybody has of the good at the end, less what they gave: v P(R), minus c r for who contributed."""
    interest, inside = np.maximum(model.alignment[:, 0], 0), model.population.member[:, 0]
    (function,) = produced(model, GRID)
    return interest * function(np.array(inside.mean())) - cost * inside / PEOPLE


def test_retraining_finds_the_shapes():
    """Section 5's formula: contribution decelerates, a strike accelerates; the two are each other's mirror."""
    functions = {name: produced(world(name, 0.1), GRID)[0] for name in LEVERS}
    for name, sign in (("redirect", 1), ("strike", -1)):
        found = functions[name]
        assert sign * curvature(found.given[1:], found.power[1:]) > 0.2
        for share in (0.15, 0.35, 0.65):  # between the points that were trained
            left = share if name == "redirect" else 1 - share
            lost = (left**-A - 1) / (SPAN**A - 1)
            assert found(np.array(share)) == pytest.approx(1 - lost if name == "redirect" else lost, abs=0.005)
    for share in (0.01, 0.05, 0.1, 0.2, 0.5, 0.9):
        together = functions["redirect"](np.array(share)) + functions["strike"](np.array(1 - share))
        assert together == pytest.approx(1, abs=1e-9)


def test_decelerating_production_starts_by_itself_and_stops_where_it_no_longer_pays():
    """With the most interested first, the last to give is where v P'(R) = c."""
    for cost in (0.08, 0.12, 0.2):
        model = world("redirect", cost, "most_interested")
        inside = joined(model)
        interest = np.sort(np.maximum(model.alignment[:, 0], 0))[::-1]
        share = np.arange(PEOPLE) / PEOPLE
        pays = interest * np.array([slope("redirect", max(r, 1e-3)) for r in share]) > cost
        assert 0.05 < inside.mean() < 0.95
        assert inside.mean() == pytest.approx(np.argmin(pays) / PEOPLE, abs=0.02)


def test_decelerating_production_has_order_effects_and_surplus():
    """[OMT85]: asked first, the least interested give what they will and the most interested still top it up; asked
    last, they find the good provided and ride free. The first order gives more of the good than the second."""
    cost = 0.12
    models = {order: world("redirect", cost, order) for order in ("most_interested", "chance", "least_interested")}
    inside = {order: joined(model) for order, model in models.items()}
    assert inside["least_interested"].mean() > inside["chance"].mean() > inside["most_interested"].mean() + 0.02
    interest = models["chance"].alignment[:, 0]
    low = interest < np.median(interest)
    assert inside["most_interested"][low].mean() < 0.1  # they ride free
    assert inside["least_interested"][low].mean() > 0.3
    assert (inside["most_interested"] != inside["least_interested"]).mean() > 0.2
    # Surplus: what is given beyond what the most interested would provide by themselves.
    surplus = (inside["least_interested"].sum() - inside["most_interested"].sum()) / inside["most_interested"].sum()
    assert surplus > 0.1
    # Nobody regrets: everyone who gave gained by it when they did.
    assert all(net_worth(model, cost).min() >= -cost / PEOPLE for model in models.values())


def test_accelerating_production_has_a_start_up_problem():
    """[OMT85]: nobody gains by being among the first to strike, though all would gain if all did; a large enough
    start is followed by everybody for whom the good is worth it."""
    cost = 0.12
    alone = world("strike", cost)
    assert not joined(alone).any()
    interest = np.maximum(alone.alignment[:, 0], 0)
    assert (interest * 1.0 - cost > 0).mean() > 0.9  # all records given: P = 1, each bears c times a thousandth
    # The first for whom it pays is where v P'(R) > c at the highest interest: below, a start changes nothing.
    needed = next(r for r in np.linspace(0, 0.99, 991) if interest.max() * slope("strike", r) > cost)
    assert 0.1 < needed < 0.9
    small, large = (world("strike", cost, "most_interested", founders) for founders in (needed / 2, 0.95))
    assert joined(small).mean() == pytest.approx(needed / 2, abs=0.002)
    left = ~large.population.founder[:, 0]
    willing = np.maximum(large.alignment[left, 0], 0) * slope("strike", 0.95) > cost
    assert joined(large)[left].mean() >= willing.mean()
    assert joined(large)[left].mean() > 0.5


def test_the_same_people_give_at_once_what_they_would_never_begin_to_withhold():
    """Same people, same cost, same share of data: contributing starts, striking does not."""
    for cost in (0.12, 0.2):
        assert joined(world("redirect", cost)).any()
        assert not joined(world("strike", cost)).any()


def test_a_cheap_strike_runs_on_once_begun():
    """[OMT85]: every contribution makes the next worth more, so that who starts is followed by all."""
    cost = 0.05
    model = world("strike", cost, "most_interested", 0.0)
    interest = np.maximum(model.alignment[:, 0], 0)
    assert interest.max() * slope("strike", 0.0) > cost  # somebody would begin
    inside = joined(model)
    assert inside.mean() > 0.8
    assert inside[interest > np.median(interest)].all()


@pytest.mark.parametrize("lever", LEVERS)
def test_an_entry_subsidy_makes_up_for_cost(lever):
    """Of the cost c of a record each, a sponsor pays s: as if it cost c - s; where it pays all, all who care join."""
    cost = 3 * 0.5 * slope(lever, 0.5 if lever == "strike" else 1 / PEOPLE)  # more than it is worth to anybody at first
    alone, half, whole = (joined(world(lever, cost, dues=-part * cost / PEOPLE)) for part in (0.0, 0.5, 1.0))
    np.testing.assert_array_equal(half, joined(world(lever, cost / 2)))
    assert alone.sum() <= half.sum() <= whole.sum()
    np.testing.assert_array_equal(whole, world(lever, cost).alignment[:, 0] > 0)
    assert alone.sum() < 100 < whole.sum()


def test_a_core_starts_what_accelerates():
    """Nobody begins; a core past the share at which the next one gains takes all who care along."""
    cost = 0.5 * slope("strike", 0.5)  # what the mean interest finds worth it once half of the people strike
    sizes = [joined(world("strike", cost, founders=core)).sum() / PEOPLE for core in (0.0, 0.1, 0.7)]
    assert sizes[0] < 0.05
    assert sizes[1] < 0.2
    assert sizes[2] > 0.9


def test_no_subsidy_gets_in_who_is_not_taken():
    closed = world("redirect", 1.0, dues=-1.0, admission={"kind": "minimum_records", "records": 2})
    assert not joined(closed).any()  # everybody has one record
    assert joined(world("redirect", 1.0, dues=-1.0)).all()
