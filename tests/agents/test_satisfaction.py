"""Satisfaction: the quality of the service that people use, what they remember of it, and votes and joining by it."""

import numpy as np
import pytest
from datacoalition.agents.membership import prospects
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.satisfaction import satisfaction, with_target
from datacoalition.agents.voting import announced, opinions

from .worlds import GAP, loss, world

FOUNDERS = 100


def quality(records: float) -> float:
    return 1 - (loss(records) - loss(1000)) / GAP


def test_before_the_first_round_it_is_what_firms_data_give():
    model = CoalitionModel(world())
    expected = np.where(model.population.service[0] == 0, quality(1000), quality(50))
    np.testing.assert_allclose(satisfaction(model)[0], expected)


@pytest.mark.parametrize("memory", [0.0, 0.75])
def test_it_follows_the_service_as_fast_as_people_forget(memory):
    """A hundred give what the small firm has not, and a hundred strike at the big one, in every round alike."""
    model = CoalitionModel(world(users__memory=memory))
    expected = np.where(model.population.service[0] == 0, quality(1000), quality(50))
    for _ in range(2):
        model.step()
        held = [model.market[name].holdings.present.sum() for name in ("big", "small")]
        got = np.where(model.population.service[0] == 0, quality(held[0]), quality(held[1]))
        expected = memory * expected + (1 - memory) * got
        np.testing.assert_allclose(satisfaction(model)[0], expected)
        assert held[0] == 1000 - FOUNDERS


def test_only_who_uses_the_target_is_satisfied_with_it():
    model = CoalitionModel(world())
    uses = model.population.service[0] == 1
    np.testing.assert_array_equal(with_target(model, "small") > 0, uses)
    assert not with_target(model, "").any()
    np.testing.assert_array_equal(prospects(model).satisfaction()[:, 0], with_target(model, "big"))


def test_votes_weigh_it_by_hand():
    plain, model = (CoalitionModel(world(users__vote_weights={"effect": 1, "agreement": 0, "cost": 0, "service": 0,
                                         "satisfaction": weight})) for weight in (0.0, 0.3))  # fmt: skip
    for one in (plain, model):
        one.step()
    for before, coalition in zip(plain.coalitions, model.coalitions, strict=True):
        model.seen = model.start
        plain.seen = plain.start
        members = coalition.members
        rated, without = (opinions(m, c, *announced(m, c))[:, 1] for m, c in ((model, coalition), (plain, before)))
        np.testing.assert_allclose(without - rated, 0.3 * with_target(model, "big")[members])
