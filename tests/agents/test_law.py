"""Law and firms: friction, delay, provenance, enforcement, filters, retaliation, and what each does to leverage."""

import numpy as np
import pytest
from datacoalition.agents.law import Amendment, Law
from datacoalition.agents.model import CoalitionModel
from datacoalition.coalitions.acts import acts_of
from datacoalition.coalitions.levers import LEVERS, Poison, Redirect, RedirectWithDeletion, Strike
from datacoalition.ml_tasks.settings import InputError

from .worlds import GAP, loss, world

STRIKE = {"kind": "strike", "target": "big"}
POISON = {"kind": "poison", "target": "big", "style": "random"}
CONCEDE = {"kind": "concede", "share": 1.0}
WANTED = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}
"""People vote for whatever is against a firm they disagree with."""


def strikers(model: CoalitionModel):
    return next(c for c in model.coalitions if c.name == "strikers")


def held(model: CoalitionModel, firm: str = "big") -> int:
    return int(model.market[firm].holdings.present.sum())


def only_strikers(**changes) -> CoalitionModel:
    coalition = {"name": "strikers", "positions": {"privacy": 1}, "founders": 0.1, "charter": {"options": [STRIKE]}}
    return CoalitionModel(world(**{"coalitions": [coalition], "users__vote_weights": WANTED} | changes))


@pytest.mark.parametrize("name", LEVERS)
def test_what_every_lever_does_is_told_without_its_saying(name):
    fields = {"target": "big"} | ({"rival": "small"} if "redirect" in name else {})
    acts = acts_of(LEVERS[name](**fields))
    expected = {
        "nothing": (False, False, False), "strike": (True, False, False), "delete_and_boycott": (True, False, False),
        "redirect": (False, True, False), "redirect_with_deletion": (True, True, False), "poison": (False, False, True),
    }  # fmt: skip
    if name in expected:
        assert (acts.withdraws, acts.gives, acts.misleads) == expected[name]


def test_friction_is_effort_on_what_it_hinders_alone():
    law = Law(opt_out_effort=1.0, portability_effort=2.0, poisoning_risk=4.0)
    assert law.effort(Strike("big")) == 0.5 + 1
    assert law.effort(Redirect("big", "small")) == 0.25 + 2
    assert law.effort(RedirectWithDeletion("big", "small")) == 0.5 + 3
    assert law.effort(Poison("big")) == 1.0 + 4


def test_dear_withdrawals_are_voted_down():
    for effort, acts in ((0.0, True), (100.0, False)):
        weights = {"effect": 1, "agreement": 0, "cost": 0.05, "service": 0}
        cost = {"mean": 0.1, "sd": 0}
        model = only_strikers(users__vote_weights=weights, law={"opt_out_effort": effort}, users__cost=cost)
        model.step()
        assert strikers(model).campaign.carried_out == acts


def test_a_hindered_strike_takes_less_and_threatens_less():
    threatened, taken = [], []
    for opt_out in (1.0, 0.5, 0.0):
        model = only_strikers(law={"opt_out": opt_out})
        model.step()
        threatened.append(strikers(model).campaign.threat.harm)
        taken.append(1000 - held(model))
        harm = (loss(1000 - taken[-1]) - loss(1000)) / GAP * 900
        assert threatened[-1] == pytest.approx(harm)  # the same requests fail in the threat and in the strike
    assert taken[0] == 100
    assert 30 < taken[1] < 70
    assert taken[2] == 0


def test_a_delayed_deletion_comes_and_goes_later():
    model = only_strikers(rounds=6, law={"deletion_delay": 2})
    acting = []
    for _ in range(6):
        if model.round == 3:  # the members no longer want to
            model.decisions = {(r, "strikers"): _stop() for r in (4, 5, 6)}
        model.step()
        acting.append((strikers(model).campaign.carried_out, held(model)))
    assert acting == [(True, 1000), (True, 1000), (True, 900), (False, 900), (False, 900), (False, 1000)]
    # What is still in force is the campaign's, whether or not it goes on.
    row = next(row for row in model.leverage if row.coalition == "strikers")
    assert row.effect.strike.mean == 0


def _stop():
    from datacoalition.agents.decision import Decision

    return Decision(lever="nothing")


def test_a_delay_longer_than_a_firm_looks_ahead_takes_the_threat_away():
    harm = {}
    for delay, foresight in ((0, 0), (1, 0), (1, 3), (0, 3)):
        model = only_strikers(law={"deletion_delay": delay}, firms__0__foresight=foresight, discount=0.5)
        model.step()
        harm[delay, foresight] = strikers(model).campaign.threat.harm
    assert harm[1, 0] == 0
    assert harm[1, 3] == pytest.approx(0.5 * harm[0, 0])  # a round later
    assert harm[0, 3] == pytest.approx(harm[0, 0])


def test_provenance_lets_a_withdrawal_follow_what_was_passed_on():
    left = {}
    for provenance in ("ends", "followed"):
        model = only_strikers(firms__0__passes_on=["small"], law={"provenance": provenance})
        assert model.initial["small"].present.all()
        model.step()
        own = model.own["small"].present
        mine = np.isin(np.arange(1000), strikers(model).campaign.compliers)
        left[provenance] = held(model, "small")
        assert left[provenance] == (1000 if provenance == "ends" else 1000 - int((mine & ~own).sum()))
    assert left["followed"] < 1000


def test_a_firm_that_keeps_old_weights_is_found_out_as_often_as_the_law_looks():
    found = {}
    for enforcement in (0.0, 0.5, 1.0):
        law = {"enforcement": enforcement, "penalty": 7.0}
        model = only_strikers(rounds=40, firms__0__retains_weights=True, law=law)
        fines, effects = [], []
        for _ in range(40):
            model.step()
            fines.append(model.firm("big").fined)
            effects.append(next(r for r in model.leverage if r.view == "holdout").effect.strike.mean)
        assert [fine > 0 for fine in fines] == [effect > 0 for effect in effects]
        assert set(fines) <= {0.0, 7.0}
        found[enforcement] = np.mean(np.array(fines) > 0)
    assert found[0.0] == 0
    assert 0.25 < found[0.5] < 0.75
    assert found[1.0] == 1


def test_where_old_weights_are_allowed_nobody_is_fined():
    law = {"enforcement": 1.0, "penalty": 7.0, "old_weights": "kept"}
    model = only_strikers(firms__0__retains_weights=True, law=law)
    model.step()
    assert model.firm("big").fined == 0


def test_retaliation_costs_those_who_act_the_service_and_they_know_it():
    model = only_strikers(firms__0__response="retaliate", market="captive")
    model.step()
    coalition = strikers(model)
    assert coalition.campaign.carried_out
    assert not model.market["big"].served[coalition.members].any()
    assert coalition.campaign.service_lost > 0.1
    careful = only_strikers(
        firms__0__response="retaliate", users__vote_weights={"effect": 1, "agreement": 0, "cost": 0, "service": 1}
    )
    careful.step()
    assert not strikers(careful).campaign.passed


def test_a_firm_that_waits_pays_only_whom_it_could_not_sit_out():
    model = only_strikers(rounds=4, firms__0__response=CONCEDE | {"after": 2})
    paid = []
    for _ in range(4):
        model.step()
        paid.append(strikers(model).campaign.payment > 0)
    assert paid == [False, False, True, False]


def test_small_contributors_may_not_be_worth_training_on():
    deal = {"kind": "lognormal", "contributors": 1000}
    task, few = {"kind": "power_law", "records": 20000, "deal": deal}, {"kind": "least_records", "records": 5}
    model = CoalitionModel(world(task=task, firms__0__includes=few))
    small = model.lines[0].task.records < 5
    assert 0 < small.sum() < 1000
    assert model.start["big"].holdings.present.all()
    assert not model.start["big"].deployed.present[small].any()
    model.step()
    assert not model.market["big"].deployed.present[small].any()


@pytest.mark.parametrize("settings", [{"firms__0__passes_on": ["big"]}, {"firms__0__passes_on": ["none"]}])
def test_data_are_passed_on_to_firms_that_exist(settings):
    with pytest.raises(InputError, match="passes_on"):
        world(**settings)


def test_what_comes_of_the_wish_to_take_data_back():
    """By hand: a hundred ask; friction, delay and kept weights each keep them in; a copy that was passed on stays."""
    for law, out, alone in (
        ({}, 100, 1.0),
        ({"opt_out": 0.0}, 0, 0.0),
        ({"deletion_delay": 1}, 0, 0.0),
        ({"old_weights": "kept"}, 0, 0.0),
    ):
        model = only_strikers(law=law)
        model.step()
        found = model.agency["big"]
        assert (found.asked_out, found.let_out, found.exit_alone) == (100, out, alone)
        assert model.agency["small"].asked_out == 0
    for provenance in ("ends", "followed"):
        model = only_strikers(firms__0__passes_on=["small"], law={"provenance": provenance})
        model.step()
        downstream = model.agency["small"]
        assert (
            downstream.asked_out
            == model.passed_on["big", "small"].present[strikers(model).campaign.compliers].sum()
            > 0
        )
        assert downstream.let_out == (0 if provenance == "ends" else downstream.asked_out)
        assert model.agency["big"].followed == (0 if provenance == "ends" else 1)
        assert np.isnan(downstream.followed)  # it passes nothing on


def test_choices_that_friction_or_a_false_belief_changed():
    weights = {"effect": 1, "agreement": 0, "cost": 0.05, "service": 0}
    plain = {"users__vote_weights": weights, "users__cost": {"mean": 0.1, "sd": 0}}
    for changes, informed in (
        ({"users__optimism": {"mean": 1, "sd": 0}}, 1.0),
        ({"users__optimism": {"mean": 1, "sd": 0}, "law": {"opt_out_effort": 100.0}}, 0.0),
        ({"users__optimism": {"mean": 0, "sd": 0}}, 0.0),
    ):
        model = only_strikers(**plain | changes)
        model.step()
        assert strikers(model).campaign.same_favourite.mean() == informed


def test_each_amendment_changes_what_it_names_alone():
    law = Law(opt_out=0.5, changes=(Amendment(3, {"deletion_delay": 1}), Amendment(5, {"opt_out": 1.0})))
    for round_, delay, opt_out in ((0, 0, 0.5), (2, 0, 0.5), (3, 1, 0.5), (4, 1, 0.5), (5, 1, 1.0), (9, 1, 1.0)):
        now = law.in_force(round_)
        assert (now.deletion_delay, now.opt_out) == (delay, opt_out)
    assert [law.changed(r) for r in (2, 3, 5)] == ["", "deletion_delay 1", "opt_out 1.0"]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ([{"round": 2, "to": {"optout": 1.0}}], r"law\.changes\.0\.to\.optout: found no provision"),
        ([{"round": 2, "to": {"changes": 1}}], r"law\.changes\.0\.to\.changes: found no provision"),
        ([{"round": 2, "to": {"opt_out": 2.0}}], r"law\.changes\.0\.to\.opt_out: found 2"),
        ([{"round": 2, "to": {"opt_out": "half"}}], r"law\.changes\.0\.to\.opt_out: found 'half'; expected a number"),
        ([{"round": 2, "to": {"deletion_delay": 1.5}}], r"deletion_delay: found 1\.5; expected a whole number"),
        (
            [{"round": 2, "to": {"copies": "burnt"}}],
            r"law\.changes\.0\.to\.copies: found 'burnt'; expected one of kept",
        ),
        ([{"round": 2, "to": {}}], r"law\.changes\.0\.to: found nothing"),
        ([{"round": 0, "to": {"opt_out": 1.0}}], r"law\.changes\.0\.round"),
        (
            [{"round": 3, "to": {"opt_out": 1.0}}, {"round": 3, "to": {"opt_out": 0.5}}],
            r"law\.changes\.1\.round: found 3; expected a round after 3",
        ),
    ],
)
def test_an_amendment_that_cannot_be_is_refused(changes, where):
    with pytest.raises(InputError, match=where):
        world(law={"changes": changes})


def test_the_law_of_a_round_is_read_everywhere():
    """Copies go back when the law comes to ask for it; a right to have all out makes the strike whole."""
    to = {"copies": "returned", "opt_out": 1.0}
    model = CoalitionModel(
        world(rounds=5, law={"opt_out": 0.0, "changes": [{"round": 3, "to": to}]}, users__vote_weights=WANTED)
    )
    model.decisions = {(r, "givers"): _stop() for r in (3, 5)} | {(r, "strikers"): _stop() for r in (4, 5)}
    small, big = [], []
    for _ in range(5):
        model.step()
        small.append(held(model, "small"))
        big.append(held(model, "big"))
    given = small[0]
    assert small == [given, given, 50, given, 50]  # given anew in round 4, and kept no longer
    assert given > 50
    assert big == [1000, 1000, 900, 1000, 1000]


def test_what_was_asked_for_waits_as_long_as_the_law_then_said():
    law = {"deletion_delay": 2, "changes": [{"round": 2, "to": {"deletion_delay": 0}}]}
    model = only_strikers(rounds=4, law=law)
    model.decisions = {(r, "strikers"): _stop() for r in (3, 4)}
    left, harm = [], []
    for _ in range(4):
        model.step()
        left.append(held(model))
        harm.append(strikers(model).campaign.threat.harm if strikers(model).campaign.threat else None)
    # The strike of round 1 is carried out in round 3, that of round 2 at once.
    assert left == [1000, 900, 900, 1000]
    assert harm[0] == 0 < harm[1]
    # In the other direction: what is put off from round 2 on is still to come when nobody acts any more.
    slower = {"changes": [{"round": 2, "to": {"deletion_delay": 1}}]}
    model = only_strikers(rounds=4, law=slower)
    model.decisions = {(r, "strikers"): _stop() for r in (3, 4)}
    left = []
    for _ in range(4):
        model.step()
        left.append(held(model))
    assert left == [900, 1000, 900, 1000]


def test_between_a_campaign_and_its_delayed_deletion_nothing_is_gone_yet():
    """By hand, of four rounds at a half: asked for in the first, gone in the third, and for good or for that round."""
    once = (loss(900) - loss(1000)) / GAP * 900
    for returns, weights in ((True, 0.25), (False, 0.25 + 0.125)):
        model = only_strikers(
            law={"deletion_delay": 2}, firms__0__foresight=3, discount=0.5, users__flow={"returns": returns}
        )
        model.step()
        assert strikers(model).campaign.threat.harm == pytest.approx(weights * once)
