"""Several tasks: people who contribute to some of them, firms that compete within one, all by hand on the formula."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from datacoalition.agents.action import after
from datacoalition.agents.exposure import exposed
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.replacement import replaced
from datacoalition.coalitions.levers import Redirect, Strike
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.observer import observe, users_of

from .worlds import GAP, loss, world

WORDS = {"name": "words", "task": {"kind": "power_law", "records": 400}, "shared": 0.5}
FIRMS = [
    {"name": "big", "served": 0.9, "owner": "giant", "positions": {"privacy": -0.5}, "response": "refuse"},
    {"name": "small", "data": 0.05, "response": "refuse"},
    {"name": "editor", "task": "words", "owner": "giant", "response": "refuse", "served": 0.5, "price": 3.0},
    {"name": "notes", "task": "words", "data": 0.1, "response": "refuse"},
]
STRIKE = {"kind": "strike", "target": "editor"}


def coalition(*options: dict, **charter) -> dict:
    return {"name": "us", "positions": {"privacy": 1}, "founders": 0.3, "charter": {"options": options} | charter}


def two(rounds: int = 0, shared: float = 0.5, **changes) -> CoalitionModel:
    settings = {"firms": FIRMS, "other_tasks": [WORDS | {"shared": shared}], "coalitions": [coalition(STRIKE)]}
    model = CoalitionModel(world(**deepcopy(settings | changes)))
    for _ in range(rounds):
        model.step()
    return model


def quality(records: float, of: int = 400) -> float:
    scale = of**-0.095  # loss with all, the formula's best
    lowest = (of / 1000) ** -0.095
    return (lowest - max(records, of / 1000) ** -0.095) / (lowest - scale)


def test_people_are_the_contributors_of_all_tasks():
    model = two()
    people = model.population
    assert people.n == people.contributors == 1200
    assert model.records("big").sum() == 1000
    assert model.records("editor").sum() == model.records("notes").sum() == 400
    both = (model.records("big") > 0) & (model.records("editor") > 0)
    assert both.sum() == 200
    np.testing.assert_array_equal(people.records, model.records("big") + model.records("editor"))
    assert people.names[:2] == ("person 1", "person 2")
    assert all(name.startswith("words: person ") for name in people.names[1000:])
    assert len(set(people.names)) == 1200
    assert two(shared=0).population.n == 1400
    assert two(shared=1).population.n == 1000


def test_a_firm_has_data_of_those_alone_who_contribute_to_its_task():
    model = two()
    held = {firm.name: model.start[firm.name].holdings.present for firm in model.firms}
    assert [int(some.sum()) for some in held.values()] == [1000, 50, 400, 40]
    np.testing.assert_array_equal(held["editor"], model.records("editor") > 0)
    exposure = exposed(model, model.start)  # an owner of both counts once
    np.testing.assert_array_equal(exposure, 1 + held["small"].astype(int) + held["notes"])


def test_levers_move_the_data_of_those_alone_who_have_any_there():
    model = two()
    everybody = np.arange(model.population.n)
    given = after(model, model.start, Redirect("editor", "notes"), everybody)
    assert given["notes"].holdings.present.sum() == model.held("notes", given["notes"].holdings).sum() == 400
    struck = after(model, model.start, Strike("editor"), everybody[:500])
    there = int((model.records("editor")[:500] > 0).sum())
    assert struck["editor"].holdings.present.sum() == 400 - there
    for name in ("big", "small", "notes"):
        assert struck[name].deployed == model.start[name].deployed


def test_what_is_bought_is_bought_of_those_who_have_any():
    model = two()
    some = np.flatnonzero(model.start["notes"].holdings.present)[:20]
    struck = after(model, model.start, Strike("notes"), some)
    bought = replaced(model, "notes", some, model.start, struck)
    assert bought.present.sum() == model.held("notes", bought).sum() == 20


def test_each_task_has_a_market_of_its_own():
    """The first task is what it would be alone: nobody of it is drawn anew, and firms of another are no choice."""
    free = {"market": {"kind": "logit", "switching_cost": 0.5}, "coalitions": []}
    both, alone = two(3, shared=1.0, **free), two(3, **free | {"other_tasks": [], "firms": FIRMS[:2]})
    for name in ("big", "small"):
        np.testing.assert_array_equal(both.market[name].served, alone.market[name].served)
        assert both.firm(name).revenue == alone.firm(name).revenue
    served = [both.market[firm.name].served for firm in both.firms]
    assert (served[0].astype(int) + served[1] == 1).all()
    assert (served[2].astype(int) + served[3] == 1).all()
    assert not np.array_equal(served[0], served[2])
    assert both.market["notes"].served.mean() != alone.market["small"].served.mean()


def test_what_people_get_is_of_each_task():
    model = two()
    services = model.experience.services(model.start, model.population.service)
    expected = np.stack(
        [
            np.where(model.uses("big"), 1.0, quality(50, 1000)),
            np.where(model.uses("editor"), 1.0, quality(40)),
        ]
    )
    np.testing.assert_allclose(services, expected)
    own = model.experience.mean_service(model.start, model.population.service)
    np.testing.assert_allclose(own, expected.sum(axis=0))


def test_who_refuses_their_service_gets_the_best_of_its_task():
    model = two()
    refused = {**model.start, "editor": model.start["editor"].left_by(np.arange(1200))}
    services = model.experience.services(refused, model.population.service)
    np.testing.assert_allclose(services[0], model.experience.services(model.start, model.population.service)[0])
    np.testing.assert_allclose(services[1], quality(40))


def test_harm_and_leverage_of_a_strike_are_of_its_task():
    model = two(1)
    campaign = model.coalitions[0].campaign
    struck = int((model.records("editor")[campaign.compliers] > 0).sum())
    assert 50 < struck < len(campaign.compliers)
    served = model.uses("editor").sum()
    assert campaign.threat.harm == pytest.approx(3.0 * served * (1 - quality(400 - struck)))
    rows = [row for row in model.leverage if row.view == "holdout"]
    assert {(row.target, row.rival) for row in rows} == {("editor", "notes")}
    assert rows[0].effect.strike.mean == pytest.approx(1 - quality(400 - struck))
    assert rows[0].scale.gap == pytest.approx(400**-0.095 - 0.4**-0.095)


def test_a_threat_to_one_product_may_be_about_one_of_another_task():
    """The owner of both grants a practice of the one where losing the other's data would cost it more."""
    demand = {"kind": "practice", "positions": {"privacy": 0.5}}
    giant = [firm | {"response": {"kind": "concede", "share": 1.0}} for firm in FIRMS]
    model = two(1, coalitions=[coalition(STRIKE, demand=demand, about="big")], firms=giant)
    assert model.coalitions[0].campaign.granted
    assert model.firm("big").positions["privacy"] == 0.5
    # Owned apart, there is nothing that the editor's owner could grant.
    apart = [{**firm, "owner": ""} for firm in giant]
    with pytest.raises(InputError, match=r"charter\.about"):
        two(coalitions=[coalition(STRIKE, demand=demand, about="big")], firms=apart)


def test_a_ballot_may_have_levers_against_products_of_several_tasks():
    weights = {"effect": 1, "agreement": 0, "cost": 0, "service": 0}
    model = two(
        1,
        coalitions=[coalition({"kind": "strike", "target": "big"}, STRIKE)],
        users__vote_weights=weights,
    )
    members = model.coalitions[0].members
    by_lever = {
        "big": (loss(1000 - (model.records("big")[members] > 0).sum()) - loss(1000)) / GAP,
        "editor": 1 - quality(400 - (model.records("editor")[members] > 0).sum()),
    }
    assert model.coalitions[0].campaign.proposal.target == max(by_lever, key=by_lever.get)


def test_a_dividend_pays_for_the_data_of_the_task_at_stake():
    """Paid by the editor: who has no words gets nothing, however many records they have of the other task."""
    paying = [firm | {"response": {"kind": "concede", "share": 1.0}} for firm in FIRMS]
    model = two(1, firms=paying, coalitions=[coalition(STRIKE, dividend="clip")])
    us = model.coalitions[0]
    assert us.pot > 0
    paid = model.population.dividend[us.members]
    words = model.records("editor")[us.members] > 0
    assert (paid[words] > 0).all()
    assert not paid[~words].any()
    expected = us.expected_payout
    np.testing.assert_allclose(expected[us.members], paid)


def test_tables_say_what_is_of_which_task():
    model = two(1)
    rows = observe(model, 0)
    people = users_of(model, 0)
    services = set(people["service"])
    assert services == {"big + editor", "big + notes", "small + editor", "small + notes"}
    assert [user.service for user in model.users] == people["service"].tolist()
    held = {row["firm"]: row["contributors"] for row in rows["firms"]}
    assert held["notes"] == 40
    assert rows["society"][0]["exposure"] == pytest.approx(exposed(model, model.market).mean())
    served = {firm.name: model.uses(firm.name).sum() for firm in model.firms}
    shares = np.array([served["big"] + served["editor"], served["small"], served["notes"]]) / 2400
    assert rows["society"][0]["concentration"] == pytest.approx((shares**2).sum())


def test_without_coalitions_every_task_is_measured():
    model = two(1, coalitions=[])
    assert {(row.target, row.rival) for row in model.leverage} == {("big", "small"), ("editor", "notes")}


def test_a_run_with_several_tasks_is_the_same_again():
    one, other = two(3), two(3)
    for table, rows in observe(one, 0).items():
        assert repr(rows) == repr(observe(other, 0)[table])


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"firms__2__task": "wrods"}, r"firms\.2\.task: found 'wrods'"),
        ({"firms": FIRMS[:2]}, r"other_tasks\.0\.name"),
        ({"other_tasks__0__task": {"kind": "power_law", "data_seed": 3}}, r"other_tasks\.0\.task\.data_seed"),
        ({"firms__0__passes_on": ["notes"]}, r"firms\.0\.passes_on\.0"),
        ({"coalitions": [coalition({"kind": "redirect", "target": "big", "rival": "notes"})]}, r"options\.0\.rival"),
        ({"users__joining": "critical_mass"}, r"users\.joining"),
        ({"firms__0__name": "big + bad"}, r"firms\.0\.name"),
        (
            {"firms__2__served": 0.8, "firms__3__served": 0.3},
            r"firms\.\*\.served: found shares that add up to 1.1 for words",
        ),
        ({"other_tasks__0__task": {"kind": "digits"}}, r"other_tasks\.0\.task\.kind"),
    ],
)
def test_what_does_not_go_together_is_refused_in_a_sentence(changes, where):
    with pytest.raises(InputError, match=where):
        two(**changes)


def test_seeds_are_those_of_the_world():
    model = two(task={"kind": "power_law", "records": 1000, "data_seed": 7})
    assert [settings.data_seed for settings in model.world.tasks] == [7, 7]
    again = replace(model.world, task=replace(model.world.task, data_seed=8))
    moved = CoalitionModel(again)
    assert not np.array_equal(moved.records("editor"), model.records("editor"))
