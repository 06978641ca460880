"""Communities: who is in them, who leads, and that they move as one."""

from types import SimpleNamespace

import numpy as np
import pytest
from datacoalition.agents.communities import NOBODY, Belonging, Communities, moved_together
from datacoalition.agents.model import CoalitionModel
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.streams import Streams

from .worlds import world


def crowd(n: int = 60) -> SimpleNamespace:
    stances = np.linspace(-1, 1, n)[:, None]
    names = [f"p{i}" for i in range(n)]
    return SimpleNamespace(n=n, names=names, issues=("pay",), stances=stances, records=np.arange(n) * 7 % n)


def belonging(settings: Communities, people: SimpleNamespace | None = None) -> Belonging:
    return settings(people or crowd(), Streams(1))


def test_communities_have_their_size_and_the_core_most_records():
    found, people = belonging(Communities(count=4, size=10, core=0.2)), crowd()
    assert found.count == 4
    assert (found.community == NOBODY).sum() == 20
    for community in range(4):
        inside = np.flatnonzero(found.community == community)
        assert len(inside) == 10
        most = inside[np.argsort(-people.records[inside])[:2]]
        assert set(np.flatnonzero(found.core & (found.community == community))) == set(most)
    assert not (found.core & found.follows).any()
    assert not (found.core | found.follows)[found.community == NOBODY].any()


def test_a_core_is_somebody_and_who_follows_is_a_share():
    assert belonging(Communities(count=5, size=4, core=0.0)).core.sum() == 5
    many = Communities(count=100, size=100, follow=0.3)
    found = belonging(many, crowd(10_000))
    assert found.follows.sum() / (~found.core).sum() == pytest.approx(0.3, abs=0.02)
    assert len(found.ready(7)) == (found.core | found.follows)[found.community == 7].sum()


def test_the_like_minded_are_together():
    found, people = belonging(Communities(count=3, size=10, issue="pay")), crowd()
    means = [people.stances[found.community == community].mean() for community in range(3)]
    assert means == pytest.approx([-0.85, 0.0, 0.85], abs=0.05)
    assert all(people.stances[found.community == c].std() < 0.15 for c in range(3))


def test_a_file_says_who_is_in_which(tmp_path):
    path = tmp_path / "communities.csv"
    path.write_text("user,community\np3,red\np5,blue\np4,red\n", encoding="utf-8")
    found = belonging(Communities(path=str(path)))
    assert {i: found.community[i] for i in (3, 4, 5)} == {3: 1, 4: 1, 5: 0}
    assert (found.community == NOBODY).sum() == 57
    for text, what in (("px,red", "'px', whom the task"), ("p3,red\np3,blue", "line 3.*'p3', a second time")):
        path.write_text(f"user,community\n{text}\n", encoding="utf-8")
        with pytest.raises(InputError, match=what):
            belonging(Communities(path=str(path)))


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"count": 7, "size": 9}, "count"),
        ({"issue": "harm"}, "issue"),
        ({"quorum": 0.0}, "quorum"),
        ({"issue": "pay", "path": "some.csv"}, "issue"),
    ],
)
def test_what_cannot_be_is_refused(settings, where):
    with pytest.raises(InputError, match=where):
        belonging(Communities(**({"count": 2, "size": 5} | settings)))


def together(wanted: list[int], quorum: float, takes: np.ndarray | None = None) -> list[int]:
    """Eight people: a community whose core is 0 to 3 and whose followers 4 and 5; 6 does not follow; 7 is outside."""
    people = np.arange(8)
    who = Belonging(np.where(people < 7, 0, NOBODY), people < 4, (people == 4) | (people == 5))
    users = SimpleNamespace(communities=Communities(quorum=quorum))
    population = SimpleNamespace(founder=(people == 5)[:, None] & [takes is not None, False])
    model = SimpleNamespace(
        communities=who, population=population, world=SimpleNamespace(users=users), exclusive=np.ones(2, dtype=bool)
    )
    takes = np.ones((8, 2), dtype=bool) if takes is None else takes
    moved = moved_together(model, np.array(wanted)[:, None] == np.arange(2), takes)
    return np.where(moved.any(axis=1), moved.argmax(axis=1), -1).tolist()


def test_a_community_goes_where_enough_of_its_core_goes():
    alone = [1, 1, -1, 0, -1, 0, -1, 0]
    assert together(alone, quorum=0.5) == [1, 1, -1, 0, 1, 1, -1, 0]
    assert together(alone, quorum=0.51) == [1, 1, -1, 0, -1, -1, -1, 0]
    assert together([0, 0, 1, 1, -1, -1, -1, -1], quorum=0.5)[4:6] == [0, 0]
    assert together([-1, -1, -1, -1, 1, 1, 1, 1], quorum=0.1) == [-1, -1, -1, -1, -1, -1, 1, 1]


def test_who_is_not_taken_stays_out_and_founders_stay():
    takes = np.ones((8, 2), dtype=bool)
    takes[4, 1] = False
    assert together([1, 1, 1, 1, -1, 0, -1, -1], quorum=1.0, takes=takes)[4:6] == [-1, 0]


def test_in_the_model_followers_are_where_the_core_is():
    changes = {"users__communities": {"count": 20, "size": 20, "core": 0.2, "quorum": 0.3, "follow": 1.0}}
    model = CoalitionModel(world(**changes, users__threshold={"mean": 0.1, "sd": 0.05}))
    model.step()
    people, who, joined = model.population, model.communities, 0
    place = np.where(people.organised, people.member.argmax(axis=1), NOBODY)
    for community in range(who.count):
        core = place[who.core & (who.community == community)]
        shares = [(core == k).mean() for k in (0, 1)]
        lead = int(np.argmax(shares)) if max(shares) >= 0.3 - 1e-9 else NOBODY
        followers = (who.community == community) & who.follows & ~people.founder.any(axis=1)
        assert set(place[followers]) == {lead}
        joined += lead != NOBODY
    assert 0 < joined < who.count
