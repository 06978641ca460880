"""Coalitions that come and go: founded, split off, merged and dissolved while the rounds go on."""

import numpy as np
import pytest
from datacoalition.agents.membership import prospects
from datacoalition.agents.model import CoalitionModel
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.observer import observe

from .worlds import world

OPTIONS = [{"kind": "redirect", "target": "big", "rival": "small"}]


def coalition(name, positions, founders=0.0, founding=None, **charter):
    return {
        "name": name, "positions": positions, "founders": founders, "founding": founding,
        "charter": {"options": OPTIONS, **charter},
    }  # fmt: skip


def model(*coalitions, **changes) -> CoalitionModel:
    ring = {"kind": "ring", "neighbours": 4}
    return CoalitionModel(
        world(coalitions=list(coalitions), users__network=ring, users__threshold={"mean": 9, "sd": 0}, **changes)
    )


def standing(made: CoalitionModel) -> list[str]:
    return [row["standing"] for row in observe(made, 0)["coalitions"]]


def test_a_concern_founds_a_coalition_that_then_acts():
    concern = {"kind": "by_concern", "concern": 0.1, "voices": 0.3, "needed": 4}
    made = model(coalition("us", {"pay": 1}, founders=0.5, founding=concern))
    us, people = made.coalitions[0], made.population
    assert us.standing == "to be founded"
    assert not len(us.members)
    sizes = []
    for _ in range(4):
        made.step()
        sizes.append(len(us.members))
    assert 4 <= max(sizes) <= 9  # of somebody and the eight around them
    first = next(i for i, size in enumerate(sizes) if size)
    assert sizes == [0] * first + [sizes[-1]] * (4 - first)
    assert people.founder[us.members, us.index].all()
    assert (made.alignment[us.members, 0] >= 0.1).all()
    ends = np.ptp(us.members)
    assert ends <= 8 or ends >= 992  # neighbours on the ring
    assert us.campaign.outcome is not None


def test_before_it_is_founded_nobody_can_join_or_act():
    never = {"kind": "by_concern", "voices": 0.0}
    made = model(coalition("us", {"pay": 1}, founding=never))
    made.population.threshold[:] = 0
    made.step()
    assert standing(made) == ["to be founded"]
    assert not len(made.coalitions[0].members)
    assert made.coalitions[0].flow.barred == 1000
    assert made.coalitions[0].campaign.outcome is None


def test_a_faction_leaves_with_its_own():
    split = {"kind": "by_split", "out_of": "old", "share": 0.3, "margin": 0.0}
    made = model(coalition("old", {"pay": 1}, 0.2), coalition("new", {"privacy": 1}, founding=split))
    before, alignment = made.coalitions[0].members, made.alignment
    prefer = before[alignment[before, 1] > alignment[before, 0]]
    assert len(prefer) < 0.3 * len(before)  # the founders are those most for pay: it does not come about
    made.step()
    assert standing(made) == ["active", "to be founded"]
    made.population.member[alignment[:, 1] > alignment[:, 0], 0] = True
    members = made.coalitions[0].members
    go = members[alignment[members, 1] > alignment[members, 0]]
    made.step()
    assert standing(made) == ["active", "active"]
    np.testing.assert_array_equal(made.coalitions[1].members, go[made.population.member[go, 1]])
    assert made.coalitions[0].flow.left >= made.population.founder[go].any(axis=1).sum() > 0


def test_a_merger_makes_one_of_two():
    merger = {"kind": "by_merger", "of": ["a", "b"], "share": 0.5, "agreement": 0.0}
    made = model(
        coalition("a", {"pay": 1}, 0.1), coalition("b", {"privacy": 1}, 0.1),
        coalition("ab", {"pay": 1, "privacy": 1}, founding=merger),
    )  # fmt: skip
    made.population.threshold[:] = 9
    made.step()
    assert standing(made) == ["merged", "merged", "active"]
    # All were founders of a or b; of what they merged into nobody is, and with no one around they leave.
    assert made.coalitions[0].flow.left == made.coalitions[1].flow.left == 100
    assert not made.population.founder.any()
    assert made.coalitions[2].flow.joined == len(made.coalitions[2].members)


def test_what_is_too_small_for_too_long_ends():
    made = model(
        coalition("us", {"pay": 1}, 0.01, dissolution={"members": 11, "rounds": 2}),
        coalition("enough", {"privacy": 1}, 0.01, dissolution={"members": 10, "rounds": 2}),
    )
    found = []
    for _ in range(4):
        made.step()
        found.append(standing(made)[0])
    assert found == ["active", "active", "dissolved", "dissolved"]
    assert standing(made)[1] == "active"
    assert not len(made.coalitions[0].members)
    assert made.coalitions[0].copies["small"].present.sum() == 10  # what was given stays
    assert made.coalitions[0].campaign.outcome is None


def test_nobody_joins_what_they_have_not_heard_of():
    made = model(
        coalition("us", {"pay": 1}, 0.05), users__discovery={"told": 1.0, "news": 0.0},
        users__joining={"kind": "threshold", "aligned_only": False},
    )  # fmt: skip
    made.population.threshold[:] = 0
    founders = made.population.founder[:, 0].copy()
    reached = founders | (made.network.adjacency @ founders.astype(float) > 0)
    made.step()
    np.testing.assert_array_equal(made.population.member[:, 0], reached)
    assert made.coalitions[0].flow.barred == (~reached).sum()
    made.step()
    assert (made.population.member[:, 0]).sum() > reached.sum()  # the news spreads round by round


def test_news_of_an_act_reaches_people_who_know_nobody():
    made = model(coalition("us", {"pay": 1}, 0.05), users__discovery={"told": 0.0, "news": 0.3})
    made.step()
    assert made.coalitions[0].campaign.carried_out
    assert made.known.sum() == 50
    made.step()
    assert 0.25 < (made.known.sum() - 50) / 950 < 0.35
    assert (prospects(made).open[:, 0] >= made.known[:, 0]).all()


@pytest.mark.parametrize(
    "founding", [{"kind": "by_split", "out_of": "them"}, {"kind": "by_merger", "of": ["us", "them"]}]
)
def test_a_coalition_comes_out_of_others_that_there_are(founding):
    with pytest.raises(InputError, match="another coalition"):
        model(coalition("us", {"pay": 1}, founding=founding))


def test_a_coalition_that_got_what_it_wants_goes_home_and_the_firm_keeps_its_word():
    demand = {"demand": {"kind": "practice", "positions": {"pay": 0.5}}, "agreement": 3}
    firms = [{"name": "big", "positions": {"pay": -0.5}, "response": {"kind": "concede", "share": 1.0, "least": 0}}]
    options = [{"kind": "strike", "target": "big"}]
    found = {}
    for once in (True, False):
        charter = {**demand, "options": options, "dissolution": {"members": 0, "once_granted": once}}
        us = {"name": "us", "positions": {"pay": 1}, "founders": 0.3, "charter": charter}
        users = {"users__vote_weights": {"effect": 1, "agreement": 0, "cost": 0, "service": 0}}
        made = CoalitionModel(world(firms=firms, coalitions=[us], rounds=5, market="captive", **users))
        seen = []
        for _ in range(5):
            made.step()
            c = made.coalitions[0]
            seen.append((c.standing, len(c.members), made.firm("big").positions["pay"], c.campaign.granted))
        found[once] = seen
    kept = ("dissolved", 0)
    assert found[True][0] == ("active", 300, 0.5, True)
    assert [row[:2] for row in found[True][1:]] == [kept] * 4
    assert [row[2] for row in found[True]] == [0.5, 0.5, 0.5, -0.5, -0.5]  # three rounds, as agreed
    assert {row[:2] for row in found[False]} == {("active", 300)}
    assert found[False][3] == ("active", 300, 0.5, True)  # it threatened anew


def test_to_keep_an_agreement_is_not_to_be_idle():
    firms = [{"name": "big", "response": {"kind": "concede", "share": 1.0, "least": 0}}]
    strike, ends = {"kind": "strike", "target": "big"}, {"members": 0, "idle": 1}
    charter = {"options": [strike], "agreement": 3, "dissolution": ends}
    us = {"name": "us", "positions": {"pay": 1}, "founders": 0.3, "charter": charter}
    made = CoalitionModel(world(firms=firms, coalitions=[us], rounds=6))
    for _ in range(6):
        made.step()
        assert made.coalitions[0].standing == "active"
    assert made.coalitions[0].bound_until == 6


def test_a_coalition_that_does_nothing_for_too_long_is_dissolved():
    idle = {"effect": 0, "agreement": 0, "cost": 1, "service": 0}  # nobody votes to act
    options = [{"kind": "strike", "target": "big"}]
    standing = {}
    for name, weights in (("idle", idle), ("busy", {**idle, "effect": 100})):
        charter = {"options": options, "dissolution": {"members": 0, "idle": 2}}
        us = {"name": "us", "positions": {"pay": 1}, "founders": 0.1, "charter": charter}
        made = CoalitionModel(world(coalitions=[us], rounds=4, users__vote_weights=weights))
        standing[name] = []
        for _ in range(4):
            made.step()
            standing[name].append(made.coalitions[0].standing)
    assert standing["idle"] == ["active", "active", "dissolved", "dissolved"]
    assert standing["busy"] == ["active"] * 4
