"""A community against scattered people: as many records, and leverage and cost by hand on the formula."""

import numpy as np
import pytest
from datacoalition.agents.communities import NOBODY
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.readiness import pairs, scattered
from datacoalition.coalitions.levers import Strike

from .test_joining import scenario
from .worlds import GAP, loss, world

COMMUNITIES = {"count": 5, "size": 20, "core": 0.2, "follow": 0.8}


def test_gap_closed_and_cost_by_hand():
    """A thousand people with a record each: so many leave the big firm, so many come to the small one."""
    model = CoalitionModel(world(users__communities=COMMUNITIES))
    people, hardship = model.population, model.world.users.hardship
    for lever in (model.coalitions[0].charter.options[0], model.coalitions[1].charter.options[0]):
        for pair in pairs(model, lever):
            ready = model.communities.ready(pair.community)
            for group, members in ((pair.ready, ready), (pair.scattered, scattered(model, pair.community, lever))):
                assert group.people == group.records == len(members) == len(ready)
                had = model.start["small"].holdings.present[members].sum()
                left, given = (1000 - len(members), 50) if not lever.rival else (1000, 50 + len(members) - had)
                closed = ((loss(left) - loss(1000)) + (loss(50) - loss(given))) / GAP
                np.testing.assert_allclose(group.gap_closed, closed, atol=1e-9)
                effort = hardship.effort * lever.effort * people.cost[members].sum()
                served = (
                    (people.service[0][members] == 0).sum() if not lever.rival else -(people.service[0][members]).sum()
                )
                cost = effort + hardship.service * abs(closed) * served
                assert group.cost == pytest.approx(cost, abs=1e-9)
                np.testing.assert_allclose(group.per_cost, closed / cost)


def test_scattered_people_are_of_no_community_and_have_as_many_records():
    from datacoalition.scenarios.files import validated

    made = scenario("threshold")
    made["users"]["communities"] = {"count": 6, "size": 15}
    model = CoalitionModel(validated(made, "test"))
    records = model.population.records
    drawn = []
    for community in range(6):
        wanted = records[model.communities.ready(community)].sum()
        found = scattered(model, community, Strike("big"))
        assert (model.communities.community[found] == NOBODY).all()
        assert abs(records[found].sum() - wanted) <= records.max() / 2
        drawn.append(set(found.tolist()))
    assert len({frozenset(people) for people in drawn}) == 6
