"""Co-owned records: who may withdraw a conversation, against answers worked out by hand."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from datacoalition.agents.action import before_levers, pull, remember, seen_by, with_only
from datacoalition.agents.agency import agency
from datacoalition.agents.co_ownership import CoOwners, owners_of, pulled
from datacoalition.agents.fit import check_fit
from datacoalition.agents.model import CoalitionModel
from datacoalition.coalitions.levers import (
    DeleteAndBoycott,
    Nothing,
    Redirect,
    RedirectWithDeletion,
    Separately,
    Strike,
)
from datacoalition.ml_tasks.portions import Portion
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.streams import Streams
from datacoalition.valuation.players import Family

from .worlds import world

STRIKE = Strike("big")
SHARED = {"share": 1.0, "others": 2}
# Persons 1 to 4 own what lies with them together with two others: of the owners of a record, of whom 1 and 2 act ...
OTHERS = {1: (2, 3), 2: (1, 3), 3: (1, 2), 4: (1, 5)}
# ... two of three act for what lies with 1, 2 and 3, and one of three for what lies with 4: 5 and 6 own theirs alone.
GOES = {"any": {1, 2, 3, 4}, "most": {1, 2, 3}, "all": set()}


def made(law: str = "any", share: float = 1.0, others=OTHERS, **changes) -> CoalitionModel:
    model = CoalitionModel(world(users__co_owners=SHARED | {"share": share}, law={"co_owned": law}, **changes))
    model.co_owners[:] = -1
    for person, two in others.items():
        model.co_owners[person] = two
    return model


def gone(model: CoalitionModel, lever=STRIKE, acting=(1, 2)) -> set[int]:
    """Of whose data something is gone after these people pulled the lever."""
    after = pulled(model, model.start, lever, np.array(acting))["big"].holdings
    return set(np.flatnonzero(model.start["big"].holdings.lacking(after).present).tolist())


@pytest.mark.parametrize("law", GOES)
def test_who_may_withdraw_a_shared_record(law):
    assert gone(made(law)) == GOES[law]
    assert gone(made(law), acting=(1, 2, 3)) == {"any": {1, 2, 3, 4}, "most": {1, 2, 3}, "all": {1, 2, 3}}[law]
    assert gone(made(law), acting=(6,)) == {6}  # who owns alone asks nobody
    assert gone(made(law), acting=(999,)) == {999}
    assert gone(made(law), DeleteAndBoycott("big")) == GOES[law]
    together = Separately(((STRIKE, np.array([1])), (DeleteAndBoycott("big"), np.array([2]))))
    assert gone(made(law), together) == GOES[law]  # by whatever lever each of them asks


@pytest.mark.parametrize("law", GOES)
def test_the_rule_is_that_of_jointly_held_records_in_valuation(law):
    """Everybody acts or not by chance, and owns with two others drawn from the network."""
    model = CoalitionModel(world(users__co_owners=SHARED, law={"co_owned": law}))
    owners = [[str(i) for i in row if i >= 0] for row in owners_of(model)[0].tolist()]
    acting = np.flatnonzero(np.random.default_rng(1).random(1000) < 0.6)
    expected = Family.holders(owners, law).present(map(str, acting))
    assert 0.1 < expected.mean() < 0.99
    assert gone(model, acting=acting) == set(np.flatnonzero(expected).tolist())


def test_own_records_go_and_shared_ones_wait():
    """Of 100 people with 1000 records each, 1 acts: 700 are its own alone, and it shares 300 each of 1, 2, 3 and 4."""
    deal = {"kind": "equal", "contributors": 100}
    for law, left in (("any", 100_000 - 1000 - 3 * 300), ("most", 100_000 - 700), ("all", 100_000 - 700)):
        model = made(law, share=0.3, task={"kind": "power_law", "records": 100_000, "deal": deal})
        after = pulled(model, model.start, STRIKE, np.array([1]))["big"].holdings
        assert model.lines[0].task.held(after).sum() == pytest.approx(
            left, abs=100
        )  # which records are shared is hashed
        assert model.start["big"].holdings.present.all()


def test_a_share_of_records_meets_as_many_shared_ones():
    shared = CoOwners(share=0.3).portion
    key = np.arange(200_000, dtype=np.uint64)
    kind = np.zeros(len(key), dtype=np.int8)
    for share in (1.0, 0.5, 0.2):
        withheld = Portion.of(share).mask(key, kind)
        assert shared.mask(key, kind)[withheld].mean() == pytest.approx(0.3, abs=0.01)
    assert CoOwners(share=1.0).portion == Portion()
    assert not CoOwners().portion


def test_copies_are_given_alone():
    model = made("all")
    for lever, lost in ((Redirect("big", "small"), set()), (RedirectWithDeletion("big", "small"), {6})):
        after = pulled(model, model.start, lever, np.array([1, 6]))
        assert set(np.flatnonzero(after["small"].holdings.unlike(model.start["small"].holdings)).tolist()) <= {1, 6}
        assert after["small"].holdings.present[[1, 6]].all()
        assert set(np.flatnonzero(~after["big"].holdings.present).tolist()) == lost


def test_without_shared_records_the_law_makes_no_difference():
    plain = CoalitionModel(world())
    plain.step()
    for law in GOES:
        model = CoalitionModel(world(law={"co_owned": law}))
        model.step()
        assert model.market["big"].holdings == plain.market["big"].holdings
        assert repr(model.agency) == repr(plain.agency)  # some figures are nan


def test_what_comes_of_the_wish_is_counted():
    """By hand: 1 and 2 asked. What lies with both goes by "any" and "most"; by "any" 3 and 4 lose theirs too."""
    strike = {"name": "us", "founders": 0.0, "charter": {"options": [{"kind": "strike", "target": "big"}]}}
    expected = {"any": (2, 2, 0, 2, 1.0), "most": (2, 2, 0, 1, 0.96), "all": (2, 0, 2, 0, 0.96)}
    for law, (asked, out, waits, along, alone) in expected.items():
        model = made(law, coalitions=[strike], task={"kind": "power_law", "records": 100})
        campaign = model.coalitions[0].campaign
        campaign.pulled, campaign.compliers = STRIKE, np.array([1, 2])
        model.market = pull(model)
        found = agency(model)["big"]
        counts = (found.asked_out, found.let_out, found.waits_for_others, found.taken_along)
        assert counts == (asked, out, waits, along), law
        assert found.exit_alone == pytest.approx(alone)


def test_who_shares_with_whom_is_drawn_once_from_the_people_around():
    model = CoalitionModel(world(users__co_owners={"share": 0.5, "others": 3}))
    for person, others in enumerate(model.co_owners.tolist()):
        around = set(model.network.around(person).tolist())
        known = [other for other in others if other >= 0]
        assert len(set(known)) == len(known) == min(3, len(around))
        assert set(known) <= around
    again = model.world.users.co_owners(model.network, Streams(model.world.seed))
    np.testing.assert_array_equal(again, model.co_owners)


def test_data_that_cannot_be_parted_are_shared_whole():
    model = CoalitionModel(world(users__co_owners={"share": 0.5}))

    class Whole:
        contributors, divisible, label = model.lines[0].task.contributors, False, "whole"

    with pytest.raises(InputError, match=r"users\.co_owners\.share"):
        check_fit(model.world, [Whole()])


LEAVES = (STRIKE, DeleteAndBoycott("big"), RedirectWithDeletion("big", "small"))


@pytest.mark.parametrize("law", GOES)
@pytest.mark.parametrize("other", LEAVES)
def test_owners_add_up_over_campaigns_in_either_order(law, other):
    """1 asks in one campaign and 2 in another, by what lever ever."""
    model = made(law)
    acts = [(STRIKE, np.array([1])), (other, np.array([2]))]
    found = []
    for order in (acts, acts[::-1]):
        market, gone_so_far = model.start, []
        for lever, acting in order:
            market = pulled(model, market, lever, acting)
            gone_so_far.append(set(np.flatnonzero(~market["big"].holdings.present).tolist()))
        first = int(order[0][1][0])
        assert gone_so_far[0] == (
            {person for person, two in OTHERS.items() if first in (person, *two)} if law == "any" else set()
        )
        found.append(market["big"].holdings)
        assert gone_so_far[1] == GOES[law]
    assert found[0] == found[1]
    assert model.start["big"].asked == ()


def test_only_what_enough_owners_asked_for_goes():
    """1, 2 and 3 own together what lies with any of them. 1 asks for half of it and the others for all: half goes, in
    whatever order."""
    deal = {"kind": "equal", "contributors": 100}
    others = {person: OTHERS[person] for person in (1, 2, 3)}
    model = made("all", others=others, task={"kind": "power_law", "records": 100_000, "deal": deal})
    acts = [(Strike("big", share=0.5), np.array([1])), (STRIKE, np.array([2])), (STRIKE, np.array([3]))]
    found = []
    for order in permutations(acts):
        market = model.start
        for lever, acting in order:
            market = pulled(model, market, lever, acting)
        found.append(market["big"].holdings)
        left = model.lines[0].task.held(market["big"].holdings)
        np.testing.assert_allclose(left[[1, 2, 3]], 500, atol=60)
        assert left.sum() - left[[1, 2, 3]].sum() == 97_000
    assert len({holdings.fingerprint for holdings in found}) == 1


def test_what_was_given_back_is_not_taken_again_by_others():
    """1 and 2 take it out, a redirect gives what lies with 1 anew, and 6, who owns alone, has nothing to do with it."""
    model = made("all", others={1: (2, -1), 2: (1, -1)})
    market = model.start
    for lever, acting in ((STRIKE, 1), (STRIKE, 2), (Redirect("small", "big"), 1), (STRIKE, 6)):
        market = pulled(model, market, lever, np.array([acting]))
    assert set(np.flatnonzero(~market["big"].holdings.present).tolist()) == {2, 6}


def campaigns(order: tuple[int, int], **changes) -> CoalitionModel:
    """Two coalitions that strike, of person 1 and of person 2, who act in this order; most owners may withdraw."""
    strike = {"charter": {"options": [{"kind": "strike", "target": "big"}]}, "founders": 0.0}
    two = [{"name": name} | strike for name in ("us", "them")]
    model = made("most", coalitions=two, turns="listed", **changes)
    model.round = 1
    for coalition, person in zip(model.coalitions, order, strict=True):
        coalition.campaign.pulled, coalition.campaign.compliers = STRIKE, np.array([person])
    return model


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_a_round_adds_them_up_and_a_single_campaign_does_not(order):
    model = campaigns(order)
    model.market = pull(model)
    assert set(np.flatnonzero(~model.market["big"].holdings.present).tolist()) == GOES["most"]
    for coalition in model.coalitions:
        alone = with_only(model, [coalition])
        assert alone["big"].holdings.present.all()
    seen = seen_by(model, model.coalitions[:1])
    assert seen["big"].holdings.present.all()  # the record waits for its second owner ...
    after_it = pulled(model, seen, STRIKE, model.coalitions[1].campaign.compliers)
    assert after_it["big"].holdings == model.market["big"].holdings  # ... who knows it
    found = agency(model)["big"]
    assert (found.asked_out, found.let_out, found.waits_for_others, found.taken_along) == (2, 2, 0, 1)


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_what_several_campaigns_got_out_together_stays_out(order):
    model = campaigns(order, users__flow={"returns": False})
    model.market = pull(model)
    remember(model)
    for coalition in model.coalitions:
        coalition.campaign.pulled = Nothing()
    model.round = 2
    assert set(np.flatnonzero(~before_levers(model)["big"].holdings.present).tolist()) == GOES["most"]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_owners_of_a_round_add_up_where_the_law_takes_its_time(order):
    model = campaigns(order)
    model.law = replace(model.law, deletion_delay=1)
    model.market = pull(model)
    assert model.market["big"].holdings.present.all()
    for coalition in model.coalitions:
        coalition.campaign.pulled = Nothing()
    model.round = 2
    assert set(np.flatnonzero(~pull(model)["big"].holdings.present).tolist()) == GOES["most"]
