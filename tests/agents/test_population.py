"""Population: what a person is and draws does not depend on how many others are simulated at the same time."""

from dataclasses import replace

import numpy as np
import pytest
from datacoalition.agents.joining import JOININGS
from datacoalition.agents.lines import lines_of
from datacoalition.agents.membership import prospects
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.population import initial_services
from datacoalition.agents.settings import FirmSettings
from datacoalition.agents.world import World
from datacoalition.coalitions.rules import Plurality
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.retrainer import Counts
from datacoalition.scenarios.files import validated

FEW = 300
TRAITS = ("threshold", "cost", "optimism", "turnout", "compliance", "stances", "records")


class Noting(Plurality):
    """Plurality that keeps a copy of what was voted."""

    ballots = None

    def __call__(self, ballots, weights=None, rng=None):
        self.ballots.append(np.array(ballots))
        return super().__call__(ballots, weights, rng)


def model_of(count: int, **users) -> tuple[CoalitionModel, list[np.ndarray]]:
    """Everybody who agrees with the purpose joins, whoever else there is; the first 300 people have the data."""
    charter = {
        "options": [
            {"kind": "strike", "target": "firm"},
            {"kind": "redirect", "target": "firm", "rival": "other"},
        ]
    }
    world = validated(
        {
            "name": "draws",
            "task": {"kind": "power_law", "records": 900, "deal": {"kind": "lognormal", "contributors": FEW}},
            "firms": [
                {"name": "firm", "response": "refuse", "positions": {"pay": -0.5, "privacy": 0.5}},
                {"name": "other", "data": 0.1, "served": 0.0, "response": "refuse"},
            ],
            "coalitions": [{"name": "c", "positions": {"pay": 1}, "founders": 0.0, "charter": charter}],
            "users": {"count": count, "network": "none", "threshold": {"mean": 0, "sd": 0}, **users},
            "market": "captive",
        },
        "draws",
    ).build()
    rule = Noting()
    object.__setattr__(rule, "ballots", [])
    (coalition,) = world.coalitions
    noted = replace(coalition, charter=replace(coalition.charter, rule=rule))
    return CoalitionModel(replace(world, coalitions=(noted,))), rule.ballots


def test_traits_votes_and_compliance_are_a_persons_own():
    (few, voted), (many, voted_too) = model_of(FEW), model_of(2 * FEW)
    for trait in TRAITS:
        np.testing.assert_array_equal(getattr(few.population, trait), getattr(many.population, trait)[:FEW])
    for _ in range(3):
        few.step()
        many.step()
        members, others = few.coalitions[0].members, many.coalitions[0].members
        np.testing.assert_array_equal(members, others[others < FEW])
        assert 0 < len(members) < FEW
        np.testing.assert_array_equal(voted[-1], voted_too[-1][others < FEW])
        abstained = np.isnan(voted[-1][:, 0]).mean()
        assert 0.05 < abstained < 0.5
        compliers = [model.coalitions[0].campaign.compliers for model in (few, many)]
        np.testing.assert_array_equal(compliers[0], compliers[1][compliers[1] < FEW])
        assert 0 < len(compliers[0]) < len(members)
    assert not np.array_equal(np.isnan(voted[0][:, 0]), np.isnan(voted[1][:, 0]))  # drawn anew every round


@pytest.mark.parametrize("name", sorted(JOININGS))
def test_what_people_draw_when_they_join_is_their_own(name):
    few, many = (model_of(count, joining=name)[0] for count in (FEW, 2 * FEW))
    seen, seen_too = prospects(few), prospects(many)
    for what in ("choice", "reconsidering", "copies", "order"):
        np.testing.assert_array_equal(seen.draw(what), seen_too.draw(what)[:FEW])
    rule = few.world.users.joining
    np.testing.assert_array_equal(rule(seen), rule(seen_too)[:FEW])


def test_further_people_are_no_copies_of_the_first():
    people = model_of(2 * FEW)[0].population
    for trait in ("cost", "optimism", "stances"):
        assert not np.array_equal(getattr(people, trait)[:FEW], getattr(people, trait)[FEW:])
    assert len(set(people.cost.tolist())) > 2 * FEW - 5  # some are cut to 0


def test_who_uses_which_service_first_keeps_its_shares_not_its_people():
    """Services are allotted in shares of all people, so they may move when there are more."""
    world = World(PowerLaw(), (FirmSettings("a", served=0.3), FirmSettings("b")))
    lines = lines_of(world, None, Counts())
    few, many = (initial_services(world, lines, n)[0] for n in (1000, 2000))
    assert np.mean(few == 0) == pytest.approx(0.3)
    assert np.mean(many == 0) == pytest.approx(0.3)
    assert np.mean(few == many[:1000]) > 0.9
