"""Monitoring and sanctions: who is found out, what it costs them, and whom it makes comply."""

import numpy as np
import pytest
from datacoalition.agents.membership import prospects
from datacoalition.agents.model import CoalitionModel
from datacoalition.coalitions.monitoring import Monitoring

from .worlds import world

COST = 0.05  # users.hardship.effort of a person whose own cost is 1, times the effort of a redirect


def watched(compliance: float = 0.5, cost: float = 1.0, rounds: int = 6, **monitoring) -> CoalitionModel:
    """Givers, a tenth of them founders, whom everybody joins who is not against them."""
    options = [{"kind": "redirect", "target": "big", "rival": "small"}]
    charter = {"options": options, "monitoring": monitoring or None}
    return CoalitionModel(
        world(
            coalitions=[{"name": "givers", "positions": {"pay": 1}, "founders": 0.1, "charter": charter}],
            users__compliance={"mean": compliance, "sd": 0},
            users__cost={"mean": cost, "sd": 0},
            users__threshold={"mean": 0, "sd": 0},
            users__joining={"kind": "threshold", "aligned_only": False},
            rounds=rounds,
        )
    )


def test_what_has_to_be_expected():
    found = Monitoring(detection=0.5, fine=2, expelled_for=2).expected(np.array([0.0, 1.0]), 0.9)
    np.testing.assert_allclose(found, [1.0, 0.5 * (2 + 0.9 + 0.81)])
    np.testing.assert_allclose(Monitoring(detection=0.1, fine=3).expected(np.ones(2), 0.9), 0.3)


def test_whoever_fears_the_fine_complies():
    effort = world().law.effort(world().coalitions[0].charter.options[0])
    assert effort > 0
    enough, too_little = (0.5 * COST * effort * factor for factor in (2.02, 1.98))
    harsh, mild, free = watched(detection=1, fine=enough * 1.0), watched(detection=1, fine=too_little / 2), watched()
    for model in (harsh, mild, free):
        model.step()
    members = len(free.coalitions[0].members)
    assert members > 100
    assert len(harsh.coalitions[0].campaign.compliers) == members
    assert len(mild.coalitions[0].campaign.compliers) == len(free.coalitions[0].campaign.compliers)
    assert 0.4 < len(free.coalitions[0].campaign.compliers) / members < 0.6


def test_fines_are_owed_by_those_found_out_alone():
    model = watched(detection=0.3, fine=0.001)
    model.step()
    us, fines = model.coalitions[0], model.population.fines
    shirkers = np.setdiff1d(us.members, us.campaign.compliers)
    assert set(np.flatnonzero(fines)) <= set(shirkers)
    assert (fines > 0).sum() == len(us.campaign.caught)
    assert 0.2 < len(us.campaign.caught) / len(shirkers) < 0.4
    assert fines.sum() == pytest.approx(0.001 * len(us.campaign.caught))


def test_the_expelled_are_out_for_as_long_as_it_says_and_founders_stay():
    model = watched(detection=1, expelled_for=2)
    model.step()
    us, people = model.coalitions[0], model.population
    shirkers = np.setdiff1d(us.members, us.campaign.compliers)
    out = shirkers[~people.founder[shirkers, 0]]
    assert len(out) > 100
    assert len(us.campaign.caught) == len(shirkers) > len(out)
    model.step()
    assert us.flow.expelled == us.flow.left == len(out)
    assert (~people.member[out, 0]).all()
    assert people.member[people.founder[:, 0], 0].all()
    assert us.flow.barred >= len(out)
    model.step()
    assert (~people.member[out, 0]).all()
    model.step()
    assert (people.member[out, 0]).all()  # they come back


def test_no_lock_in_keeps_the_expelled():
    changes = {"monitoring": {"detection": 1, "expelled_for": 1}, "lock_in": 5, "notice": 5}
    charter = {"options": [{"kind": "redirect", "target": "big", "rival": "small"}], **changes}
    model = CoalitionModel(
        world(
            coalitions__0__charter=charter, users__compliance={"mean": 0.5, "sd": 0},
            users__threshold={"mean": 0, "sd": 0},
        )
    )  # fmt: skip
    model.step()
    caught = len(model.coalitions[0].campaign.caught)
    model.step()
    assert 0 < model.coalitions[0].flow.expelled <= caught


@pytest.mark.parametrize(("response", "caught"), [("refuse", True), ({"kind": "concede", "share": 1.0}, False)])
def test_where_the_firm_paid_nobody_had_anything_to_do(response, caught):
    monitoring = {"detection": 1, "fine": 0.001}
    model = CoalitionModel(
        world(
            coalitions__1__charter__monitoring=monitoring, firms__0__response=response,
            users__compliance={"mean": 0.5, "sd": 0},
        )
    )  # fmt: skip
    model.step()
    us = model.coalitions[1]
    assert (us.campaign.payment > 0) == (not caught)
    assert (len(us.campaign.caught) > 0) == caught
    assert len(us.campaign.compliers) < len(us.members)


def test_people_who_weigh_pay_reckon_with_the_sanction():
    effort = world().law.effort(world().coalitions[0].charter.options[0])
    for fine, cost in ((0.0, 0.5 * COST * effort), (0.01, 0.5 * COST * effort + 0.5 * 0.4 * 0.01), (10, COST * effort)):
        model = watched(detection=0.4, fine=fine)
        model.step()
        np.testing.assert_allclose(prospects(model).cost()[:, 0], cost)


@pytest.mark.parametrize(("rounds", "back"), [(None, False), (1, True)])
def test_members_put_out_whom_most_of_them_disagree_with_and_founders_stay(rounds, back):
    """All are paid to be in it; more than half stand for pay, so whoever is against it goes, but for founders."""
    charter = {
        "options": [{"kind": "strike", "target": "big"}],
        "dues": -1.0,
        "expulsion": {"kind": "by_vote", "share": 0.5, "agreement": 0.0, "rounds": rounds},
    }
    us = {"name": "us", "positions": {"pay": 1}, "founders": 0.1, "charter": charter}
    joins = {
        "users__joining": {"kind": "payoff", "alignment": 0, "peers": 0},
        "users__stances": {"pay": {"mean": 0.3, "sd": 0.5}},
    }
    model = CoalitionModel(world(coalitions=[us], firms__0__positions={}, firms__1__positions={}, rounds=4, **joins))
    model.population.founder[np.argmin(model.population.stances[:, 0]), 0] = True
    model.step()
    against, us = model.population.stances[:, 0] < 0, model.coalitions[0]
    assert model.population.member.all()
    assert 200 < against.sum() < 400
    model.step()
    out = against & ~model.population.founder[:, 0]
    assert out.sum() == against.sum() - 1
    np.testing.assert_array_equal(model.population.member[:, 0], ~out)
    assert us.flow.expelled == us.flow.left == out.sum()
    model.step()
    assert model.population.member[out, 0].all() == back
    assert model.population.member[out, 0].any() == back
