"""People in no coalition who act against a firm by themselves; by hand on the power-law formula."""

import numpy as np
import pytest
from datacoalition.agents.alone import ActingAlone
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.provenance import in_both
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.observer import observe, users_of

from .worlds import GAP, loss, world

CERTAIN = {"mean": 1, "sd": 0}
STRIKE = {"kind": "strike", "target": "big"}
GIVE = {"kind": "redirect", "target": "big", "rival": "small"}
EFFECT = {"effect": 1, "agreement": 0, "cost": 0, "service": 0}


def model(options=(STRIKE,), reckons="all", members=0.1, lever=STRIKE, **changes) -> CoalitionModel:
    """A thousand people: a tenth in a coalition against big, and all others who may act against it alone."""
    us = {"name": "us", "positions": {"pay": 1}, "founders": members, "charter": {"options": [lever]}}
    settings = {
        "coalitions": [us] if members else [],
        "users__alone": {"options": list(options), "reckons": reckons},
        "users__vote_weights": EFFECT,
        "users__optimism": CERTAIN,
        "users__cost": CERTAIN,
    }
    return CoalitionModel(world(**settings | changes))


def played(**changes) -> CoalitionModel:
    made = model(**changes)
    made.step()
    return made


def acting(made: CoalitionModel) -> np.ndarray:
    return made.scattered[0].campaign.compliers


def figures(made: CoalitionModel, table: str, **where) -> dict:
    rows = observe(made, 0)[table]
    return next(row for row in rows if all(row[name] == value for name, value in where.items()))


def test_nobody_acts_alone_unless_the_scenario_says_what_they_consider():
    made = played(users__alone=None)
    assert made.scattered == []
    assert made.market["big"].holdings.present.sum() == 900
    assert figures(made, "society")["alone"] == 0


def test_who_acts_alone_really_leaves_the_training_data():
    made = played()
    assert len(acting(made)) == 900
    assert not made.population.organised[acting(made)].any()
    assert not made.market["big"].deployed.present.any()
    assert made.market["small"].deployed == made.start["small"].deployed
    made.step()  # data are back once a lever is no longer pulled, and it is pulled again
    assert made.start["big"].holdings.present.sum() == 1000
    assert figures(made, "society")["alone"] == 900


def test_alone_and_counting_on_all_people_do_what_members_of_an_each_alone_coalition_do():
    """No coalition with the same propensities is either of the two."""
    weights = {"effect": 1, "agreement": 0.3, "cost": 4, "service": 0.2}
    changes = {"users__vote_weights": weights, "users__cost": {"mean": 0.5, "sd": 0.5}}
    scattered = played(options=(STRIKE, GIVE), members=0, **changes)
    charter = {"options": [STRIKE, GIVE], "decides": "each_alone"}
    us = {"name": "us", "positions": {}, "founders": 1.0, "charter": charter}
    made = played(coalitions=[us], **changes)
    both = scattered.scattered[0].campaign, made.coalitions[0].campaign
    assert set(both[0].choices.tolist()) == {0, 1, 2}
    np.testing.assert_array_equal(both[0].choices, both[1].choices)
    for firm in ("big", "small"):
        assert scattered.market[firm].holdings == made.market[firm].holdings


def test_alone_somebody_reckons_with_an_equal_part_of_what_all_would_bring_about():
    """All thousand would close the whole gap, so each counts a thousandth; effort weighs .05 x .5 x own cost."""
    changes = {
        "members": 0,
        "reckons": "own",
        "users__vote_weights": {**EFFECT, "cost": 0.05},
        "users__cost": {"mean": 0.05, "sd": 0.02},
    }
    made = played(**changes)
    worth_it = np.flatnonzero(made.population.cost * 0.5 * 0.05 < 1 / 1000)
    assert 100 < len(worth_it) < 900
    np.testing.assert_array_equal(acting(made), worth_it)
    assert len(acting(played(**changes | {"reckons": "all"}))) == 1000


def test_lost_service_is_a_persons_own_part_too_where_all_get_the_same():
    """What all would lose is the whole of it, a thousandth of which weighs as much as a thousandth of the effect."""
    weights = {**EFFECT, "service": 0.99}
    assert len(acting(played(members=0, reckons="own", users__vote_weights=weights, firms__0__served=1.0))) == 1000
    assert len(acting(played(members=0, users__vote_weights={**EFFECT, "service": 1.01}, firms__0__served=1.0))) == 0


def test_each_takes_the_option_that_is_best_for_them():
    """Who agrees with small gives it a copy, who does not strikes, or whoever likes big, does nothing."""
    weights = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}
    made = played(options=(STRIKE, GIVE), members=0, users__vote_weights=weights)
    agree = made.firm_agreement
    ratings = np.stack([np.zeros(1000), -agree[:, 0], agree[:, 1] - agree[:, 0]], axis=1)
    np.testing.assert_array_equal(made.scattered[0].campaign.choices, ratings.argmax(axis=1))
    strikers, givers = (np.flatnonzero(ratings.argmax(axis=1) == k) for k in (1, 2))
    assert min(len(strikers), len(givers)) > 50
    assert made.market["big"].holdings == made.initial["big"].without(strikers)
    assert made.market["small"].holdings == made.initial["small"].with_(givers)
    acts = users_of(made, 0)["act"]
    assert (acts[strikers] == "strike against big").all()
    assert (acts[givers] == "redirect against big for small").all()
    assert (acts.to_numpy() != "").sum() == len(strikers) + len(givers)
    made.step()
    assert made.start["small"].holdings == made.initial["small"].with_(givers)  # the copies stay


def test_only_who_would_act_against_a_firm_and_keeps_to_it_acts():
    made = played(members=0, users__propensity={"share": 0.3})
    np.testing.assert_array_equal(acting(made), np.flatnonzero(made.willing[:, 0]))
    assert 200 < len(acting(made)) < 400
    assert 400 < len(acting(played(members=0, users__compliance={"mean": 0.5, "sd": 0}))) < 600


def test_the_law_may_make_it_harder_for_one_person_than_for_a_group():
    made = played(law={"opt_out": 0.8, "opt_out_alone": 0.5})
    out = ~made.market["big"].holdings.present
    members = made.population.member[:, 0]
    assert 0.68 < out[members].mean() < 0.92
    assert out[~members].mean() == pytest.approx(0.4, abs=0.05)
    row = figures(made, "firms", firm="big")
    assert (row["asked_out"], row["let_out"]) == (1000, out.sum())
    assert row["exit_alone"] == pytest.approx(0.4)
    assert row["exit_together"] == out[members].mean()
    # What alone a part of them would reach is known to them; the same law is less of a bar to members.
    assert made.law.goes_through() == 0.8
    each = {"name": "us", "positions": {}, "founders": 1.0, "charter": {"options": [STRIKE], "decides": "each_alone"}}
    made = played(coalitions=[each], law={"opt_out_alone": 0.5})
    assert (~made.market["big"].holdings.present).mean() == pytest.approx(0.5, abs=0.05)
    assert np.isnan(figures(made, "firms", firm="big")["exit_together"])  # they are no group


def test_effort_that_the_law_adds_for_one_person_keeps_people_from_acting_and_is_counted():
    weights = {**EFFECT, "cost": 0.01}
    made = played(law={"opt_out_effort_alone": 100.0}, users__vote_weights=weights)
    assert len(acting(made)) == 0
    assert made.coalitions[0].campaign.carried_out
    # They would act if the law were without friction: that is not the choice they would make.
    assert made.society.choice_kept == pytest.approx(0.1)
    assert played(users__vote_weights=weights).society.choice_kept == 1


def test_where_withdrawals_are_delayed_those_of_people_alone_are_too():
    made = model(members=0, law={"deletion_delay": 1, "opt_out_alone": 0.5})
    made.step()
    assert made.market["big"].holdings.present.all()
    made.step()
    assert made.market["big"].holdings.present.mean() == pytest.approx(0.5, abs=0.05)


def test_what_is_withheld_for_good_stays_away():
    flow = {"stock": 0.5, "returns": False}
    made = model(members=0, users__flow=flow, users__propensity={"share": 0.3}, task__records=1000, rounds=2)
    made.step()
    withheld = made.scattered[0].withheld["big"]
    np.testing.assert_array_equal(np.flatnonzero(withheld.present), acting(made))
    made.step()
    assert not in_both(made.start["big"].holdings, withheld).present.any()


def test_a_firm_hears_nothing_of_who_acts_alone():
    made = played()
    signal = made.signals["big"]
    assert signal.heard == pytest.approx(0.1)
    assert played(members=0).signals["big"].heard == 0
    # Of them it takes what it does for what they want: the mean of a tenth that says 1 and nine tenths at -.5.
    row = figures(made, "firms", firm="big")
    assert row["heard"] == pytest.approx(0.1)
    issues, want = made.world.issues, made.population.stances.mean(axis=0)
    taken = {"pay": 0.1 * 1 + 0.9 * -0.5, "privacy": -0.5}
    assert signal.misread == pytest.approx(np.mean([abs(taken[i] - w) for i, w in zip(issues, want, strict=True)]))


def test_leverage_has_a_row_of_its_own_for_what_people_do_alone():
    """Each is held against the same round without it: with the others gone, 100 or 900 more bring big down less."""
    made = played(users__propensity={"share": 0.4})
    out, few = len(acting(made)), len(made.coalitions[0].campaign.compliers)
    left = 1000 - out - few
    rows = {name: next(r for r in made.leverage if r.coalition == name and r.view == "holdout") for name in ("us", "")}
    assert rows["us"].effect.strike.mean == pytest.approx((loss(left) - loss(left + few)) / GAP)
    assert rows[""].effect.strike.mean == pytest.approx((loss(left) - loss(left + out)) / GAP)
    assert rows["us"].shared.mean == pytest.approx(rows["us"].effect.gap_closed.mean)
    assert np.isnan(rows[""].shared.mean)


def test_who_acts_alone_bears_it_and_rides_on_nobody():
    """A gift makes the better rival of everybody, and effort .25 x own cost x .05 is theirs who give."""
    made = played(options=(GIVE,), lever=GIVE, users__propensity={"share": 0.4}, firms__0__served=0.1)
    welfare, alone = made.welfare["us"], made.on_their_own
    giving = acting(made)
    idle = 1000 - 100 - len(giving)
    rival = made.population.service[0] == 1
    outside = ~made.population.organised
    outside[giving] = False
    assert 0 < welfare.free_riders <= (rival & outside).sum() <= idle
    assert alone.alone == len(giving)
    held = made.market["small"].holdings
    before = made.initial["small"].with_(made.coalitions[0].campaign.compliers)
    better = 0.5 * (loss(before.present.sum()) - loss(held.present.sum())) / GAP
    expected = better * rival[giving].mean() - 0.05 * 0.25
    assert alone.alone_gain == pytest.approx(expected)
    assert alone.alone_gain_stderr == 0
    assert figures(made, "society")["alone_gain"] == pytest.approx(expected)


def test_a_firm_that_retaliates_shuts_out_who_acts_alone_against_it_and_nobody_else():
    firms = [
        {"name": "big", "served": 0.5, "positions": {"pay": -0.5}, "response": "retaliate"},
        {"name": "other", "served": 0.5, "positions": {"pay": 0.5}, "response": "retaliate"},
    ]
    weights = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}
    options = (STRIKE, {"kind": "strike", "target": "other"})
    made = played(options=options, members=0, firms=firms, users__vote_weights=weights)
    choices = made.scattered[0].campaign.choices
    assert set(choices.tolist()) == {1, 2}
    np.testing.assert_array_equal(made.market["big"].boycotted, choices == 1)
    np.testing.assert_array_equal(made.market["other"].boycotted, choices == 2)
    assert [row.target for row in made.leverage if row.view == "holdout"] == ["big", "other"]


def test_in_turn_they_see_what_coalitions_left():
    made = model(turns="listed", members=0.5)
    made.step()
    assert made.seen["big"].holdings.present.sum() == 500
    assert len(acting(made)) == 500


@pytest.mark.parametrize(
    ("changes", "where", "found"),
    [
        ({"users__alone": {"options": []}}, "users.alone.options", "an empty ballot"),
        ({"users__alone": {"options": [STRIKE, STRIKE]}}, "users.alone.options", "strike against big twice"),
        ({"users__alone": {"options": [{**STRIKE, "target": "nobody"}]}}, "users.alone.options.0.target", "nobody"),
        ({"users__alone": {"options": [{"kind": "unlink", "target": "big"}]}}, "users.alone.options.0.kind", "unlink"),
    ],
)
def test_what_they_consider_has_to_be_there(changes, where, found):
    with pytest.raises(InputError) as error:
        model(**changes)
    assert where in str(error.value)
    assert found in str(error.value)


def test_nothing_need_not_be_listed():
    assert [type(option).__name__ for option in model().scattered[0].campaign.ballot] == ["Nothing", "Strike"]
    assert ActingAlone(model().scattered[0].settings.options).reckons == "own"
