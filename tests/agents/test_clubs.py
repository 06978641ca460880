"""Service that a rival can give with a coalition's data, kept for its members; by hand on the power-law formula."""

import numpy as np
import pytest
from datacoalition.agents.model import CoalitionModel

from .worlds import GAP, loss, world

GIVE = {"kind": "redirect", "target": "big", "rival": "small"}
FREE = {"users__hardship": {"effort": 0.0, "service": 1.0}, "firms__0__served": 0.0}
"""Everybody uses the rival, and nothing but its service counts."""


def givers(name: str, service_for: str, **charter) -> dict:
    return {
        "name": name, "positions": {"pay": 1}, "founders": 0.1,
        "charter": {"options": [GIVE], "service_for": service_for, **charter},
    }  # fmt: skip


def played(*coalitions: dict, rounds: int = 1, **changes) -> CoalitionModel:
    made = CoalitionModel(world(coalitions=list(coalitions), **{"rounds": 3, **FREE, **changes}))
    for _ in range(rounds):
        made.step()
    return made


def quality(records: float) -> float:
    return (1 - loss(records)) / GAP


def service(made: CoalitionModel) -> np.ndarray:
    return made.experience.mean_service(made.market, made.population.service)


@pytest.mark.parametrize("rounds", [1, 2])
def test_members_get_the_model_that_saw_their_data_and_others_one_that_did_not(rounds):
    made = played(givers("club", "members"), rounds=rounds)
    inside, given = made.population.member[:, 0], made.market["small"].holdings.present.sum()
    assert 100 < given < 150  # some of its fifty are members
    np.testing.assert_allclose(service(made)[inside], quality(given))
    np.testing.assert_allclose(service(made)[~inside], quality(50))
    both = made.experience.mean_quality(made.market)
    np.testing.assert_allclose(both[inside, 1], quality(given))
    np.testing.assert_allclose(both[~inside, 1], quality(50))
    # What runs is the model of all the data: leverage is of that one.
    assert made.market["small"].deployed.present.sum() == given


def test_people_outside_gain_nothing_by_it_and_members_what_they_gain_anyway():
    club, free = (played(givers("us", service_for)).welfare["us"] for service_for in ("members", "everybody"))
    better = quality(1000 * 0.145) - quality(50)  # 95 members or so are not among its fifty
    assert free.outsiders_gain == pytest.approx(better, rel=0.05)
    assert free.free_riders == 900
    assert (club.outsiders_gain, club.free_riders) == (0, 0)
    assert club.members_gain == pytest.approx(free.members_gain)
    assert club.members_gain == pytest.approx(better, rel=0.05)


def test_a_threat_of_a_club_costs_the_target_fewer_of_its_people():
    def harm(service_for: str) -> float:
        made = played(givers("us", service_for), market="logit", firms__0__served=0.9)
        return made.coalitions[0].campaign.threat.harm

    assert 0 < harm("members") < harm("everybody") / 5


def test_who_is_in_two_clubs_gets_what_both_gave_and_who_is_in_none_neither():
    made = played(givers("first", "members"), {**givers("second", "members"), "positions": {"pay": -1}})
    own = made.initial["small"]
    for k in range(2):
        inside = made.population.member[:, k]
        theirs = np.flatnonzero(inside)
        np.testing.assert_allclose(service(made)[inside], quality(own.with_(theirs).present.sum()))
    np.testing.assert_allclose(service(made)[~made.population.organised], quality(50))


def test_clubs_that_share_members_each_get_all_that_their_members_gave():
    made = CoalitionModel(world(coalitions=[givers(name, "members", exclusive=False) for name in "ab"], **FREE))
    people = np.arange(1000)
    a, b = people < 200, (people >= 100) & (people < 300)
    made.population.founder[:] = made.population.member = np.stack([a, b], axis=1)
    for _ in range(2):
        made.step()
        own, got = made.initial["small"], service(made)
        for who, gave in ((a & ~b, a), (b & ~a, b), (a & b, a | b), (~a & ~b, np.zeros(1000, bool))):
            np.testing.assert_allclose(got[who], quality(own.with_(np.flatnonzero(gave)).present.sum()))


def test_data_that_others_give_for_everybody_are_for_everybody():
    made = played(givers("open", "everybody"), {**givers("club", "members"), "positions": {"pay": -1}})
    outside, first = ~made.population.organised, np.flatnonzero(made.population.member[:, 0])
    given = made.initial["small"].with_(first).present.sum()
    np.testing.assert_allclose(service(made)[outside], quality(given))
    assert made.welfare["open"].outsiders_gain > 0 == made.welfare["club"].outsiders_gain


def test_what_somebody_gives_both_for_members_and_for_everybody_is_no_secret():
    same = [{**givers(name, kept, exclusive=False)} for name, kept in (("club", "members"), ("open", "everybody"))]
    made = CoalitionModel(world(coalitions=same, **FREE))
    made.population.member[:] = made.population.member.any(axis=1)[:, None]
    made.population.founder[:] = made.population.member
    for _ in range(2):
        made.step()
        assert made.market["small"].versions() == []


def test_who_joins_reckons_with_what_members_have_of_copies_given_before():
    """All join for the service, and stay when there is nothing left to give: it is worth far more than dues of .01."""
    joining = {"kind": "payoff", "alignment": 0, "peers": 0}
    made = played(givers("club", "members", dues=0.01), users__joining=joining, users__cost={"mean": 0, "sd": 0})
    for _ in range(3):
        made.step()
        assert made.population.member.all()
    assert not made.coalitions[0].campaign.carried_out


def test_copies_that_are_given_back_are_reserved_for_nobody():
    made = played(givers("club", "members"), law={"copies": "returned"}, rounds=2)
    assert made.start["small"].versions() == []
    assert len(made.market["small"].versions()) == 1


def test_nobody_else_can_use_a_firm_that_a_club_founds():
    firms = [
        {"name": "big", "served": 1.0, "response": "refuse"},
        {"name": "small", "data": 0, "served": 0, "founded_by": "club", "response": "refuse"},
    ]
    used = {"firms": firms, "market": "logit", "rounds": 3}
    club = CoalitionModel(world(coalitions=[givers("club", "members")], **used))
    free = CoalitionModel(world(coalitions=[givers("club", "everybody")], **used))
    for made in (club, free):
        for _ in range(3):
            made.step()
    inside = club.population.member[:, 0]
    assert club.market["small"].served[inside].any()
    assert not club.market["small"].served[~inside].any()
    assert free.market["small"].served[~inside].any()
