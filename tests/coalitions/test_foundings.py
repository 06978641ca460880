"""Foundings: who comes together, and when."""

import numpy as np
import pytest
from datacoalition.coalitions.foundings import FOUNDINGS, ByConcern, ByMerger, BySplit, Public
from datacoalition.ml_tasks.settings import InputError

LINE = np.eye(6, k=1, dtype=int) + np.eye(6, k=-1, dtype=int)  # six people in a row


def public(round_=1000, alignment=None, old=None, members=None, lots=None, ties=LINE) -> Public:
    n = len(ties)
    members = {} if members is None else members
    return Public(
        round=round_,
        alignment=np.full(n, 0.5) if alignment is None else np.array(alignment, dtype=float),
        alignment_with={} if old is None else old,
        members={name: np.array(mask, dtype=bool) for name, mask in members.items()},
        free=~np.any([*members.values(), np.zeros(n)], axis=0),
        lots=np.full(n, 0.5) if lots is None else np.array(lots, dtype=float),
        around=lambda some: (ties @ some).astype(np.int64),
        neighbours=lambda person: np.flatnonzero(ties[person]),
    )


FAMILY = {
    "by_concern": (ByConcern(needed=3), public()),
    "by_split": (BySplit("a", least=1), public(old={"a": np.zeros(6)}, members={"a": [1, 1, 1, 0, 0, 0]})),
    "by_merger": (ByMerger(("a", "b"), least=1), public(members={"a": [1, 1, 0, 0, 0, 0], "b": [0, 0, 1, 0, 0, 0]})),
}


@pytest.mark.parametrize("name", FOUNDINGS)
def test_what_every_founding_is(name):
    founding, people = FAMILY[name]
    assert type(founding) is FOUNDINGS[name]
    before = {key: mask.copy() for key, mask in people.members.items()}
    together = founding(people)
    assert together.shape == (6,)
    assert together.dtype == bool
    assert together.any()
    assert set(founding.of) == set(people.members)
    for key, mask in before.items():
        np.testing.assert_array_equal(people.members[key], mask)
    if founding.of:
        of = np.any([people.members[key] for key in founding.of], axis=0)
        assert not (together & ~of).any()  # out of those coalitions alone
    against = {**vars(people), "alignment": -np.ones(6)}
    assert not founding(Public(**against)).any()  # nobody founds what they are against


def test_a_concern_has_to_be_shared_said_and_heard():
    assert list(ByConcern(needed=3)(public())) == [1, 1, 1, 0, 0, 0]  # the first with enough around them
    assert not ByConcern(needed=4)(public()).any()  # in a row nobody has three around them
    assert list(ByConcern(needed=3)(public(alignment=[0.5, 0, 0.5, 0.5, 0.5, 0.5]))) == [0, 0, 1, 1, 1, 0]
    busy = {"other": [0, 0, 0, 1, 0, 0]}
    assert list(ByConcern(needed=3)(public(members=busy))) == [1, 1, 1, 0, 0, 0]
    assert not ByConcern(needed=3)(public(members={"other": [0, 1, 0, 0, 1, 0]})).any()


def test_more_have_said_so_the_longer_it_takes():
    lots = [0.05, 0.15, 0.15, 0.25, 0.9, 0.9]  # said in round 1, 2, 2, 3, and late, with a probability of .1
    founding = ByConcern(voices=0.1, needed=3)
    assert not founding(public(1, lots=lots)).any()
    assert list(founding(public(2, lots=lots))) == [1, 1, 1, 0, 0, 0]
    assert list(ByConcern(voices=0.1, needed=2)(public(2, lots=lots))) == [1, 1, 1, 0, 0, 0]
    assert not ByConcern(voices=0.0, needed=1)(public(lots=lots)).any()


def test_a_faction_leaves_once_it_is_large_enough():
    members, old = {"a": [1, 1, 1, 1, 0, 0]}, {"a": np.array([0.4, 0.45, 0.7, 0.1, 0, 0])}
    assert list(BySplit("a", share=0.25, margin=0.05, least=2)(public(old=old, members=members))) == [1, 0, 0, 1, 0, 0]
    assert list(BySplit("a", share=0.5, margin=0.05, least=1)(public(old=old, members=members))) == [1, 0, 0, 1, 0, 0]
    assert not BySplit("a", share=0.6, margin=0.05, least=1)(public(old=old, members=members)).any()
    assert not BySplit("a", share=0.25, margin=0.05, least=3)(public(old=old, members=members)).any()
    assert not BySplit("a", share=0.0, margin=0.5, least=1)(public(old=old, members=members)).any()
    assert not BySplit("a", share=0.0, least=1)(public(old=old, members={"a": [0] * 6})).any()


def test_a_merger_takes_enough_of_each():
    members = {"a": [1, 1, 0, 0, 0, 0], "b": [0, 0, 1, 1, 0, 0]}
    both = ByMerger(("a", "b"), share=0.5, agreement=0.2, least=2)
    assert list(both(public(alignment=[0.3, -1, 0.2, 0.1, 1, 1], members=members))) == [1, 1, 1, 1, 0, 0]
    assert not both(public(alignment=[0.3, -1, 0.1, 0.1, 1, 1], members=members)).any()
    assert not both(public(members={**members, "b": [0, 0, 1, 0, 0, 0]})).any()  # too few


def test_what_cannot_merge_is_refused():
    with pytest.raises(InputError, match="at least two coalitions"):
        ByMerger(("a",))
    with pytest.raises(InputError, match="every one once"):
        ByMerger(("a", "a"))
