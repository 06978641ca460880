"""Somebody in several coalitions: who is, what each asks of them and pays them, and what they do for two at once."""

import numpy as np
import pytest
from datacoalition.agents.action import with_only
from datacoalition.agents.decision import Decision
from datacoalition.agents.founding import _begin, _public
from datacoalition.agents.membership import _move, join_or_leave
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.sanctions import shirkers
from datacoalition.agents.signals import wanted
from datacoalition.agents.welfare import _kept
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.observer import observe, users_of

from .worlds import GAP, loss, world

STRIKE = {"kind": "strike", "target": "big"}
GIVE = {"kind": "redirect", "target": "big", "rival": "small"}
GIVE_BACK = {"kind": "redirect", "target": "small", "rival": "big"}


def coalition(name: str, lever: dict, purpose: str = "pay", exclusive: bool = False, **charter) -> dict:
    return {
        "name": name, "positions": {purpose: 1}, "founders": 0.1,
        "charter": {"options": [lever], "exclusive": exclusive, **charter},
    }  # fmt: skip


def model(*coalitions: dict, **changes) -> CoalitionModel:
    """A thousand people with a record each, who join what they agree with and carry out what is decided for them."""
    mild = {"users__threshold": {"mean": 0, "sd": 0}}
    made = CoalitionModel(world(coalitions=list(coalitions), **mild | changes))
    labels = {c["name"]: c["charter"]["options"][0]["kind"] for c in coalitions}
    made.decisions = {(1, name): Decision(kind) for name, kind in labels.items()}
    return made


def two(first: dict = STRIKE, second: dict = STRIKE, **changes) -> CoalitionModel:
    """Two coalitions, for pay and for privacy, that allow others."""
    return model(coalition("pay", first), coalition("privacy", second, "privacy"), **changes)


def members(made: CoalitionModel) -> list[set[int]]:
    return [set(c.members.tolist()) for c in made.coalitions]


def test_people_are_in_every_coalition_that_they_would_join_by_itself():
    made = two()
    people = made.population
    join_or_leave(made)
    np.testing.assert_array_equal(people.member, people.founder | (made.alignment >= 0))
    one, other = members(made)
    assert len(one & other) > 100
    assert people.organised.sum() == len(one | other)


@pytest.mark.parametrize("closed", [(True, True), (True, False), (False, True)])
def test_both_must_allow_it(closed):
    made = model(coalition("a", STRIKE, exclusive=closed[0]), coalition("b", STRIKE, "privacy", exclusive=closed[1]))
    join_or_leave(made)
    one, other = members(made)
    assert one
    assert other
    assert not one & other


def test_founders_are_in_what_they_founded_and_in_what_goes_with_it():
    made = model(
        coalition("a", STRIKE), coalition("b", STRIKE, "privacy"), coalition("c", STRIKE, "harm", exclusive=True)
    )
    people = made.population
    join_or_leave(made)
    founders = people.founder
    assert (founders.sum(axis=1) <= 1).all()  # nobody founds two
    np.testing.assert_array_equal(people.member & founders, founders)
    agree = made.alignment >= 0
    np.testing.assert_array_equal(people.member[founders[:, 0], 1], agree[founders[:, 0], 1])
    assert people.member[founders[:, 0], 1].any()
    assert not people.member[founders[:, :2].any(axis=1), 2].any()
    assert not people.member[founders[:, 2], :2].any()


def test_dues_are_owed_to_each():
    made = model(coalition("a", STRIKE, dues=0.2), coalition("b", STRIKE, "privacy", dues=0.3))
    join_or_leave(made)
    one, other = members(made)
    for person in (min(one & other), min(one - other), min(other - one), min(set(range(1000)) - one - other)):
        owed = 0.2 * (person in one) + 0.3 * (person in other)
        assert made.population.dues[person] == pytest.approx(owed)


def test_leaving_one_keeps_the_other():
    made = two(users__joining={"kind": "payoff", "alignment": 1.0, "peers": 0.0})
    made.round = 1
    join_or_leave(made)
    one, other = members(made)
    both = min((one & other) - set(np.flatnonzero(made.population.founder.any(axis=1)).tolist()))
    made.alignment[both, 0] = -1
    join_or_leave(made)
    assert made.population.member[both].tolist() == [False, True]
    made.coalitions[1].put_out(np.array([both]), until=1)  # and is not taken back, as long as that lasts
    made.alignment[both, 0] = 1
    join_or_leave(made)
    assert made.population.member[both].tolist() == [True, False]
    assert (made.coalitions[1].flow.expelled, made.coalitions[0].flow.expelled) == (1, 0)


def test_notice_and_lock_in_are_those_of_the_coalition_that_one_leaves():
    made = model(coalition("a", STRIKE, notice=1), coalition("b", STRIKE), coalition("c", STRIKE, exclusive=True))
    people, out = made.population, np.zeros((1000, 3), dtype=bool)
    people.member[:4] = [[1, 1, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]]
    wanted_ = np.zeros((1000, 3), dtype=bool)
    wanted_[:4] = [[0, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]]
    held = _move(made, wanted_, out)
    assert held[:4, 0].tolist() == [True, True, False, True]
    # Whom notice keeps may join what goes with it, and nothing that does not.
    assert people.member[:4].astype(int).tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1], [1, 0, 0]]
    _move(made, wanted_, out)
    assert people.member[:4].astype(int).tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]]


def test_records_that_two_withdraw_are_gone_once_and_each_has_its_share_of_that():
    made = two()
    made.step()
    one, other = members(made)
    a, b, both = len(one), len(other), len(one | other)
    assert len(one & other) > 100
    assert made.market["big"].holdings.present.sum() == 1000 - both

    def gap(gone: int) -> float:
        return (loss(1000 - gone) - loss(1000)) / GAP

    rows = {row.coalition: row for row in made.leverage if row.view == "holdout"}
    # Without the one, what the other withdraws stays away.
    assert rows["pay"].effect.gap_closed.mean == pytest.approx(gap(both) - gap(b))
    assert rows["privacy"].effect.gap_closed.mean == pytest.approx(gap(both) - gap(a))
    assert rows["pay"].shared.mean == pytest.approx((gap(a) + gap(both) - gap(b)) / 2)
    assert rows["pay"].shared.mean + rows["privacy"].shared.mean == pytest.approx(gap(both))


def test_a_strike_for_one_and_a_gift_for_the_other_are_both():
    made = two(STRIKE, GIVE)
    made.step()
    one, other = members(made)
    big, small = (set(np.flatnonzero(made.market[name].holdings.present).tolist()) for name in ("big", "small"))
    had = set(np.flatnonzero(made.initial["small"].present).tolist())
    assert big == set(range(1000)) - one
    assert small == had | other
    assert one & other
    rows = {row.coalition: row for row in made.leverage if row.view == "holdout"}
    assert rows["pay"].effect.contribution.mean == pytest.approx(0)
    assert rows["privacy"].effect.strike.mean == pytest.approx(0)


@pytest.mark.parametrize("struck_first", [True, False])
def test_of_contrary_acts_the_later_stands(struck_first):
    pair = [coalition("strike", STRIKE), coalition("give", GIVE_BACK, "privacy")]
    made = model(*(pair if struck_first else pair[::-1]))
    made.step()
    strike, give = members(made) if struck_first else members(made)[::-1]
    both = np.array(sorted(strike & give))
    assert len(both) > 100
    assert (made.market["big"].holdings.present[both] == struck_first).all()
    np.testing.assert_array_equal(made.market["big"].holdings.present[sorted(strike - give)], False)


def test_in_turn_the_order_is_that_of_the_turns():
    """Drawn turns: what stands is the act of whoever decided later, also in the worlds that leverage compares."""
    orders = set()
    for seed in range(6):
        made = model(coalition("strike", STRIKE), coalition("give", GIVE_BACK, "privacy"), turns="drawn", seed=seed)
        made.step()
        turn = made.streams("turns", 1).permutation(2).tolist()
        orders.add(tuple(turn))
        strike, give = members(made)
        both = sorted(strike & give)
        assert (made.market["big"].holdings.present[both] == (turn == [0, 1])).all()
        assert with_only(made, made.coalitions)["big"].holdings == made.market["big"].holdings
    assert len(orders) == 2


def test_one_act_for_two_costs_its_effort_once_and_two_acts_cost_both():
    for second, once in ((STRIKE, True), (GIVE, False)):
        made = two(STRIKE, second)
        made.step()
        price, cost = made.world.users.hardship.effort, made.population.cost
        one, other = (np.array(sorted(some)) for some in members(made))
        kept = [_kept(made, c) for c in made.coalitions]
        effort = {"strike": 0.5, "redirect": 0.25}[second["kind"]]
        if once:
            union = np.union1d(one, other)
            assert sum(some.sum() for some in kept) == pytest.approx(-price * 0.5 * cost[union].sum())
            times = 1 + np.isin(one, other)
            np.testing.assert_allclose(kept[0], -price * 0.5 * cost[one] / times)
        else:
            np.testing.assert_allclose(kept[0], -price * 0.5 * cost[one])
            np.testing.assert_allclose(kept[1], -price * effort * cost[other])


def test_who_shirks_one_does_not_thereby_shirk_the_other():
    looks = {"detection": 1.0, "fine": 0.001}  # too little to make anybody comply
    for second, same in ((STRIKE, True), (GIVE, False)):
        made = model(
            coalition("a", STRIKE, monitoring=looks), coalition("b", second, "privacy", monitoring=looks),
            users__compliance={"mean": 0.5, "sd": 0},
        )  # fmt: skip
        made.step()
        a, b = made.coalitions
        comply = [set(c.campaign.compliers.tolist()) for c in (a, b)]
        one, other = members(made)
        assert (comply[0] & other) - comply[1]
        # Who pulls the very same lever for a has done what b asks, if b asks the same.
        shirked = other - comply[1] - (comply[0] if same else set())
        assert set(b.campaign.caught.tolist()) == set(shirkers(made, b).tolist()) == shirked
        assert made.welfare["b"].shirked == pytest.approx(len(shirked) / len(other))
        fined = 0.001 * (len(shirked) + len(one - comply[0] - (comply[1] if same else set())))
        assert made.population.fines.sum() == pytest.approx(fined)


def test_a_firm_hears_everybody_once():
    made = two()
    made.step()
    one, other = members(made)
    # Two issues: pay and privacy. Each person's word is what their coalitions say, the mean of both.
    issues = made.world.issues
    now = np.array([made.firm("big").positions.get(issue, 0.0) for issue in issues])
    says = [np.where(np.array(issues) == issue, 1.0, now) for issue in ("pay", "privacy")]
    words = [np.mean([s for s, some in zip(says, (one, other), strict=True) if i in some], axis=0) for i in one | other]
    taken, heard = wanted(made, "big")
    np.testing.assert_allclose(taken, np.mean(words, axis=0))
    assert heard == pytest.approx(1)
    want = made.population.stances[sorted(one | other)].mean(axis=0)
    assert made.signals["big"].misread == pytest.approx(np.abs(taken - want).mean())


def test_what_one_does_in_silence_beside_a_coalition_that_speaks_is_not_taken_for_silence():
    made = model(coalition("a", STRIKE), coalition("b", STRIKE, "privacy", decides="each_alone"))
    made.decisions = {(1, "a"): Decision("strike")}
    made.step()
    speaks, alone = (set(c.campaign.compliers.tolist()) for c in made.coalitions)
    assert speaks & alone
    taken, heard = wanted(made, "big")
    assert heard == pytest.approx(len(speaks) / len(speaks | alone))
    # Of those who are silent altogether the firm takes it that they want what it does.
    issues = made.world.issues
    now = np.array([made.firm("big").positions.get(issue, 0.0) for issue in issues])
    says = np.where(np.array(issues) == "pay", 1.0, now)
    np.testing.assert_allclose(taken, (len(speaks) * says + len(alone - speaks) * now) / len(speaks | alone))


def test_each_pays_its_members_and_data_have_one_value():
    made = two(firms__0__response={"kind": "concede", "share": 1.0}, users__count=1200)
    made.step()
    one, other = members(made)
    people = made.population
    chosen = {d.coalition: d for d in made.dividends if d.chosen}
    assert [len(chosen[name].payouts) for name in ("pay", "privacy")] == [len(one), len(other)]
    assert people.dividend.sum() == pytest.approx(sum(c.pot for c in made.coalitions))
    both = min(i for i in one & other if i < 1000)
    got = sum(chosen[c.name].payouts[np.flatnonzero(c.members == both)[0]] for c in made.coalitions)
    assert got > 0
    assert people.dividend[both] == pytest.approx(got)
    # What all data are worth is shared by people once: v of all less v of nobody.
    assert people.value[:1000].sum() == pytest.approx(1.0)
    assert "of the group 'pay + privacy'" in people.value_source[both]
    table = users_of(made, 0)
    assert table["coalition"][both] == "pay + privacy" == made.users[both].coalition
    assert table["coalition"][min(one - other)] == "pay"
    assert set(table["coalition"]) == {"", "pay", "privacy", "pay + privacy"}


def test_one_vote_in_each_and_one_head_in_society():
    made = two()
    made.step()
    one, other = members(made)
    cast = [(c.campaign.outcome.cast, c.campaign.outcome.electorate) for c in made.coalitions]
    assert cast == [(len(one), len(one)), (len(other), len(other))]
    rows = observe(made, 0)
    assert [row["members"] for row in rows["coalitions"]] == [len(one), len(other)]
    assert rows["society"][0]["organised"] == len(one | other) < len(one) + len(other)


@pytest.mark.parametrize("exclusive", [True, False])
def test_members_of_what_goes_with_it_are_free_to_found_another(exclusive):
    founding = {"kind": "by_concern"}
    made = model(coalition("old", STRIKE), {**coalition("new", STRIKE, exclusive=exclusive), "founding": founding})
    made.population.member[:, 0] = True
    assert _public(made, made.coalitions[1]).free.all() != exclusive


def test_who_merges_leaves_what_does_not_go_with_the_new_one():
    founding = {"kind": "by_merger", "of": ["a", "b"]}
    for exclusive in (True, False):
        made = model(
            *(coalition(name, STRIKE) for name in "abc"),
            {**coalition("all", STRIKE, exclusive=exclusive), "founding": founding},
        )
        people, new = made.population, made.coalitions[3]
        people.member[:], people.founder[:] = False, False
        people.member[:4] = [[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 1, 0], [0, 0, 1, 0]]
        people.founder[2, 2] = True
        _begin(made, new, people.member[:, :2].any(axis=1))
        # The second leaves c for an exclusive one; the third founded c and stays there alone.
        expected = [[0, 0, 0, 1], [0, 0, not exclusive, 1], [0, 0, 1, not exclusive], [0, 0, 1, 0]]
        assert people.member[:4].astype(int).tolist() == expected


def test_a_community_joins_all_that_enough_of_its_core_wants():
    changes = {"users__communities": {"count": 20, "size": 20, "core": 0.2, "quorum": 0.5, "follow": 1.0}}
    made = two(**changes)
    join_or_leave(made)
    people, who, both = made.population, made.communities, 0
    founder = people.founder.any(axis=1)
    for community in range(who.count):
        core = (who.community == community) & who.core
        lead = people.member[core].mean(axis=0) >= 0.5
        followers = (who.community == community) & who.follows & ~founder
        np.testing.assert_array_equal(people.member[followers], np.tile(lead, (followers.sum(), 1)))
        both += lead.all()
    assert 0 < both < who.count


def test_a_name_that_could_be_two_is_refused():
    with pytest.raises(InputError, match=r"coalitions\.1\.name.*'b \+ c'"):
        model(coalition("a", STRIKE), coalition("b + c", STRIKE))
    model(coalition("a", STRIKE), coalition("b + c", STRIKE, exclusive=True))  # nobody is in two


def test_whether_others_are_allowed_is_yes_or_no():
    with pytest.raises(InputError, match="exclusive"):
        model(coalition("a", STRIKE, exclusive="sometimes"))
