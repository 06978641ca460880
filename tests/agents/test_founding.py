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
