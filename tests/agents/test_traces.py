"""People with traces: other effort, other risk, found more or less often; by hand."""

import numpy as np
import pytest
from datacoalition.agents.joining import CriticalMass
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.production import Production, produced
from datacoalition.agents.traces import efforts_of
from datacoalition.agents.voting import announced, opinions
from datacoalition.coalitions.levers import Poison, Separately, Strike
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.portions import WHOLE
from datacoalition.scenarios.files import validated

from .test_joining import places, prospects, scenario
from .worlds import world

TRACES = {"share": 0.4, "effort": 0.5, "hit": 0.25, "risk": 3.0}
POISON, STRIKE = Poison(target="big", style="shuffled"), Strike(target="big")


def model_of(**changes) -> CoalitionModel:
    return CoalitionModel(world(users__traces=TRACES, **changes))


def test_a_share_of_people_has_traces_and_cheaper_acts():
    plain, model = CoalitionModel(world()).population, model_of().population
    assert model.trace.mean() == pytest.approx(0.4, abs=0.05)
    assert not plain.trace.any()
    np.testing.assert_allclose(model.cost, plain.cost * np.where(model.trace, 0.5, 1.0))


def test_legal_risk_is_of_misleading_levers_alone():
    model = model_of()
    object.__setattr__(model.world.law, "poisoning_risk", 0.2)
    trace = model.population.trace
    np.testing.assert_allclose(efforts_of(model, POISON), np.where(trace, 1 + 0.6, 1 + 0.2))
    np.testing.assert_allclose(efforts_of(model, STRIKE), 0.5)
    both = Separately(((POISON, np.arange(3)), (STRIKE, np.arange(3, 4))))
    mean = (3 * (1 + 0.2) + 0.5) / 4
    np.testing.assert_allclose(efforts_of(model, both), np.where(trace, mean + 0.75 * 0.4, mean))


def test_a_filter_finds_them_less_often():
    filter_ = {"hit": 0.8, "false_alarm": 0.0}
    model = model_of(firms__0__filter=filter_)
    everybody = Holdings.everyone(1000)
    spoiled = POISON({"big": model.start["big"].holding(everybody)}, np.arange(1000), np.random.default_rng(0))
    used = model.firm("big").trains_on(spoiled["big"].holdings, WHOLE).present
    trace = model.population.trace
    assert 1 - used[~trace].mean() == pytest.approx(0.8, abs=0.06)
    assert 1 - used[trace].mean() == pytest.approx(0.2, abs=0.06)


def test_votes_and_expectations_count_each_persons_effort():
    weights = {"effect": 0, "agreement": 0, "cost": 1, "service": 0}
    model = model_of(users__vote_weights=weights)
    model.step()
    for coalition in model.coalitions:
        members, lever = coalition.members, coalition.charter.options[0]
        ratings = opinions(model, coalition, *announced(model, coalition))
        np.testing.assert_allclose(ratings[:, 1], -model.population.cost[members] * lever.effort)


def test_critical_mass_weighs_each_persons_effort():
    """[OMT85]: v (P(R + r) - P(R)) > c r, with an even P of slope .5, v = 1 and c = .1 times the effort."""
    ends = np.array([0.0, 1.0])
    functions = (Production(ends, 0.5 * ends, np.array([4.9, 5.1, 1.0])),)
    seen = prospects(3, alignment=np.ones((3, 1)), production=lambda grid: functions)
    assert places(CriticalMass(value=1.0, cost=0.1)(seen)) == [0, -1, 0]


def test_what_is_produced_comes_with_everybodys_effort():
    made = scenario("critical_mass")
    made["users"]["traces"] = TRACES
    model = CoalitionModel(validated(made, "test"))
    levers = [coalition.charter.options[0] for coalition in model.coalitions]
    for function, lever in zip(produced(model, (0.5, 1.0)), levers, strict=True):
        assert np.shape(function.effort) == (model.population.n,)
        np.testing.assert_array_equal(function.effort, efforts_of(model, lever))
