"""Unhindered: whose choices ignorance and the law's friction change; by hand on the power-law formula."""

import numpy as np
import pytest
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.society import society
from datacoalition.agents.unhindered import same_choice, unhindered

from .worlds import world

CERTAIN = {"mean": 1, "sd": 0}
STRIKE = {"kind": "strike", "target": "big"}


def strikers(**changes) -> CoalitionModel:
    """A hundred of a thousand people who strike for the effect of it, at little cost, and believe what is true."""
    coalition = {"name": "strikers", "positions": {"privacy": 1}, "founders": 0.1, "charter": {"options": [STRIKE]}}
    settings = {
        "coalitions": [coalition],
        "users__vote_weights": {"effect": 1, "agreement": 0, "cost": 0.05, "service": 0},
        "users__cost": {"mean": 0.1, "sd": 0},
        "users__optimism": CERTAIN,
    }
    return CoalitionModel(world(**settings | changes))


def kept(model: CoalitionModel, rounds: int = 1) -> float:
    for _ in range(rounds):
        model.step()
    return model.society.choice_kept


def test_where_nothing_hinders_everybody_keeps_their_choice():
    assert kept(strikers(), 2) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"law": {"opt_out_effort": 100.0}},  # too tedious
        {"law": {"opt_out": 0.0}},  # nothing would come of it
        {"users__awareness": {"nothing": 1.0}},  # nobody believes that it does anything
        {"users__optimism": {"mean": 0, "sd": 0}},
    ],
)
def test_members_whose_favourite_is_another_are_counted_one_by_one(changes):
    model = strikers(**changes)
    assert kept(model) == 0.9
    assert not model.coalitions[0].campaign.passed
    assert not same_choice(model)[model.coalitions[0].members].any()


def test_friction_keeps_people_out_who_would_join():
    """Once the strike was pulled, people join whose agreement is worth more to them than effort costs: .05 at effort
    .5, and .55 where the law adds 5. Founders stay."""
    wanted = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}
    joining = {"kind": "payoff", "alignment": 1.0, "peers": 0.0}
    model = strikers(
        law={"opt_out_effort": 5.0}, users__vote_weights=wanted, users__joining=joining, users__cost=CERTAIN,
        users__hardship={"effort": 0.1, "service": 0.0},
    )  # fmt: skip
    model.step()
    assert model.coalitions[0].campaign.carried_out
    agreement, founder = model.alignment[:, 0], model.population.founder[:, 0]
    model.step()
    np.testing.assert_array_equal(model.population.member[:, 0], (agreement > 0.55) | founder)
    between = (agreement > 0.05) & (agreement <= 0.55) & ~founder
    assert 100 < between.sum() < 600
    assert model.society.choice_kept == pytest.approx(1 - between.mean())


def test_who_has_not_heard_of_a_coalition_cannot_choose_it():
    joining = {"kind": "payoff", "alignment": 1.0, "peers": 0.0}
    model = strikers(users__discovery={"told": 0.0, "news": 0.0}, users__joining=joining)
    model.step()
    would = (model.alignment[:, 0] > 0) & ~model.population.founder[:, 0]
    assert model.society.choice_kept == pytest.approx(1 - would.mean())
    assert not model.known[would, 0].any()  # to look at what they would do tells them nothing


def test_to_look_changes_nothing():
    model = strikers(law={"opt_out": 0.5}, users__joining={"kind": "critical_mass"}, rounds=2)
    model.step()
    before = model.law, model.world, model.population.optimism.copy(), set(model.produced)
    with unhindered(model):
        assert model.law.opt_out == 1
        assert model.world.users.discovery is None
    assert (model.law, model.world, set(model.produced)) == (before[0], before[1], before[3])
    np.testing.assert_array_equal(model.population.optimism, before[2])
    # What half of the withdrawals produce is not what all of them do, and neither is taken for the other.
    (grid,) = model.produced
    hindered, free = model.produced[grid][0], model.produced_unhindered[grid][0]
    assert (hindered.power[1:] < free.power[1:]).all()


def test_it_is_in_the_table_of_society():
    model = strikers(law={"opt_out": 0.0})
    model.step()
    assert society(model, model.experience.mean_quality(model.market)).choice_kept == 0.9
