"""[O65]: where all get the benefit, whether they contribute or not, the larger the group, the fewer contribute."""

import pytest
from datacoalition.agents.model import CoalitionModel

from ..agents.worlds import world

SIZES = (20, 60, 200, 1000)
DUES = 1e-3


def member_share(people: int, public_share: float) -> float:
    """Share of a group of this size that is in the coalition after some rounds; what a strike wins is per person the
    same in every group, since so are price and data per person."""
    model = CoalitionModel(
        world(
            task={"kind": "power_law", "records": people},
            firms=[{"name": "big", "response": {"kind": "concede", "share": 1.0}}],
            coalitions=[
                {
                    "name": "us", "positions": {"pay": 1}, "founders": 0.1,
                    "charter": {
                        "options": [{"kind": "strike", "target": "big"}], "dividend": "per_record",
                        "public_share": public_share, "dues": DUES,
                    },
                }
            ],
            users__joining={"kind": "payoff", "alignment": 0, "peers": 0},
            users__cost={"mean": 0, "sd": 0},
            users__hardship={"effort": 0, "service": 0},
            users__vote_weights={"effect": 1, "agreement": 0, "cost": 0, "service": 0},
        )
    )  # fmt: skip
    for _ in range(4):
        model.step()
    return len(model.coalitions[0].members) / people


# What a strike by the founders, a tenth, takes from everybody's quality of service: the same in every group.
LOST = (0.9**-0.095 - 1) / (1000**0.095 - 1)


@pytest.mark.parametrize("people", SIZES)
def test_one_more_member_is_worth_less_to_each_the_more_share_it(people):
    """The firm pays price x people x lost quality: per founder 10 x that, of which each of n people gets an n-th."""
    assert member_share(people, public_share=1.0) == (1.0 if 10 * LOST / people > DUES else 0.1)


def test_the_share_of_members_falls_with_the_size_of_the_group():
    shares = [member_share(people, public_share=1.0) for people in SIZES]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 1.0
    assert shares[-1] == 0.1  # nobody but the founders


def member_share_by_service(people: int, service_for: str) -> float:
    """The same of a group whose only benefit is a better service of the rival that all of them use."""
    give = {"kind": "redirect", "target": "big", "rival": "small"}
    us = {
        "name": "us", "positions": {"pay": 1}, "founders": 0.1,
        "charter": {"options": [give], "service_for": service_for, "dues": DUES},
    }  # fmt: skip
    model = CoalitionModel(
        world(
            task={"kind": "power_law", "records": people},
            firms=[
                {"name": "big", "served": 0.0, "response": "refuse"},
                {"name": "small", "data": 0.05, "response": "refuse"},
            ],
            coalitions=[us],
            users__joining={"kind": "payoff", "alignment": 0, "peers": 0},
            users__cost={"mean": 0, "sd": 0},
        )
    )
    for _ in range(4):
        model.step()
    return len(model.coalitions[0].members) / people


def test_a_better_service_for_everybody_makes_nobody_join_and_one_for_members_all():
    """A benefit that nobody is kept from is no reason to pay dues, in a group of any size: all but founders ride free.
    One that goes to members alone is such a reason for everybody [O65]."""
    assert [member_share_by_service(people, "everybody") for people in SIZES] == [0.1] * len(SIZES)
    assert [member_share_by_service(people, "members") for people in SIZES] == [1.0] * len(SIZES)


def test_what_members_alone_get_holds_groups_of_every_size_together():
    assert [member_share(people, public_share=0.0) for people in SIZES] == [1.0] * len(SIZES)
