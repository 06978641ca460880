"""People with traces: other effort, other risk, found more or less often; by hand."""

import numpy as np
import pytest
from datacoalition.agents.joining import CriticalMass
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.production import Production, produced
from datacoalition.agents.traces import efforts_of, found_by_filter
from datacoalition.agents.voting import announced, opinions
from datacoalition.agents.welfare import _borne
from datacoalition.coalitions.levers import Poison, Separately, Strike
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.portions import WHOLE, Portion
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.files import validated

from .test_joining import places, prospects, scenario
from .worlds import world

TRACES = {"share": 0.4, "effort": 0.5, "hit": 0.25, "risk": 3.0}
POISON, STRIKE = Poison(target="big", style="shuffled"), Strike(target="big")


def model_of(**changes) -> CoalitionModel:
    return CoalitionModel(world(users__traces=TRACES, **changes))


def test_a_share_of_people_has_traces_and_cheaper_acts():
    plain, model = CoalitionModel(world()), model_of()
    (trace,) = model.population.trace
    assert set(trace) == {0.0, 1.0}
    assert trace.mean() == pytest.approx(0.4, abs=0.05)
    assert not plain.population.trace.any()
    np.testing.assert_array_equal(model.population.cost, plain.population.cost)
    np.testing.assert_allclose(efforts_of(model, STRIKE), np.where(trace, 0.25, 0.5))


def test_legal_risk_is_of_misleading_levers_alone():
    model = model_of()
    object.__setattr__(model.world.law, "poisoning_risk", 0.2)
    trace = model.population.trace[0]
    np.testing.assert_allclose(efforts_of(model, POISON), np.where(trace, 0.5 * (1 + 0.6), 1 + 0.2))
    np.testing.assert_allclose(efforts_of(model, STRIKE), np.where(trace, 0.25, 0.5))
    both = Separately(((POISON, np.arange(3)), (STRIKE, np.arange(3, 4))))
    mean = (3 * (1 + 0.2) + 0.5) / 4
    np.testing.assert_allclose(efforts_of(model, both), np.where(trace, 0.5 * (mean + 0.75 * 0.4), mean))


def of_both_kinds(**changes) -> CoalitionModel:
    """Hundreds of records each, a quarter of them traces: the task tells which, and nobody is drawn."""
    task = {"kind": "power_law", "records": 5000, "traces": 0.25, "deal": {"kind": "equal", "contributors": 10}}
    traces = {"effort": 0.5, "hit": 0.25, "risk": 3.0}
    return CoalitionModel(world(task=task, users__traces=traces, users__count=12, **changes))


def test_where_the_task_tells_what_is_a_trace_a_lever_counts_what_it_touches():
    model = of_both_kinds()
    object.__setattr__(model.world.law, "poisoning_risk", 0.2)
    (part,) = model.population.trace
    traces = Holdings.everyone(10).limited(Portion.of(records="trace"))
    np.testing.assert_allclose(part[:10], model.line("big").task.held(traces) / model.population.records[:10])
    assert part[:10].mean() == pytest.approx(0.25, abs=0.03)
    assert part[:10].std() > 0
    assert not part[10:].any()
    np.testing.assert_allclose(efforts_of(model, STRIKE), 0.5 * (1 - 0.5 * part))
    np.testing.assert_allclose(efforts_of(model, Strike(target="big", records="explicit")), 0.5)
    np.testing.assert_allclose(efforts_of(model, Strike(target="big", records="trace")), 0.25)
    np.testing.assert_allclose(efforts_of(model, POISON), (1 - 0.5 * part) * (1.2 + 0.4 * part))
    both = world(task={"kind": "power_law", "records": 500, "traces": 0.25}, users__traces=TRACES)
    with pytest.raises(InputError, match=r"users\.traces\.share: found 0\.4; expected 0: .* whether it is a trace"):
        CoalitionModel(both)


def test_a_filter_finds_what_was_spoiled_by_its_kind():
    model = of_both_kinds()
    chances = []
    for kind in ("explicit", "trace", "all"):
        lever = Poison(target="big", style="shuffled", records=kind)
        market = lever(model.start, np.arange(10), np.random.default_rng(0))
        part = model.population.trace[0, :10]
        chances.append(found_by_filter(0.8, part, 0.25, market["big"].holdings.spoiled))
    np.testing.assert_allclose(chances, [np.full(10, 0.8), np.full(10, 0.2), 0.8 * (1 - 0.75 * part)])


def test_what_members_bear_counts_the_legal_risk_of_their_traces():
    """Of those who poison, people with traces gain less by what the law adds for them."""
    model = model_of()
    object.__setattr__(model.world.law, "poisoning_risk", 0.2)
    party = model.coalitions[0]
    borne = _borne(model, party, POISON)
    effort, cost = model.world.users.hardship.effort, model.population.cost
    np.testing.assert_allclose(borne, effort * cost * np.where(model.population.trace[0], 0.8, 1.2))


def test_a_filter_finds_them_less_often():
    filter_ = {"hit": 0.8, "false_alarm": 0.0}
    model = model_of(firms__0__filter=filter_)
    everybody = Holdings.everyone(1000)
    spoiled = POISON({"big": model.start["big"].holding(everybody)}, np.arange(1000), np.random.default_rng(0))
    used = model.firm("big").trains_on(spoiled["big"].holdings, WHOLE).present
    trace = model.population.trace[0].astype(bool)
    assert 1 - used[~trace].mean() == pytest.approx(0.8, abs=0.06)
    assert 1 - used[trace].mean() == pytest.approx(0.2, abs=0.06)


def test_votes_and_expectations_count_each_persons_effort():
    weights = {"effect": 0, "agreement": 0, "cost": 1, "service": 0}
    model = model_of(users__vote_weights=weights)
    model.step()
    for coalition in model.coalitions:
        members, lever = coalition.members, coalition.charter.options[0]
        ratings = opinions(model, coalition, *announced(model, coalition))
        effort = np.where(model.population.trace[0], 0.5, 1.0)[members] * lever.effort
        np.testing.assert_allclose(ratings[:, 1], -model.population.cost[members] * effort)


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
