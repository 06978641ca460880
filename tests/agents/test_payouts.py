"""Who is paid what out of which pot, on the power-law formula."""

import numpy as np
import pytest
from datacoalition.agents.model import CoalitionModel
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.observer import observe
from datacoalition.valuation.dividends import DIVIDENDS, pay
from datacoalition.valuation.inequality import gini
from datacoalition.valuation.noise import noise_corrected, same_draws

from .worlds import GAP, world


def prices_of(model: CoalitionModel):
    """What the big firm's data were worth by the world's method, round by round."""
    return model.prices["big"][model.world.valuation.method]


def paid_world(**changes) -> CoalitionModel:
    """A hundred people with few and many records, who are paid for what they threaten."""
    task = {"kind": "power_law", "records": 400, "deal": {"kind": "lognormal", "contributors": 12}}
    settings = {"firms__0__response": "concede", "firms__1__response": "concede", "rounds": 1, **changes}
    model = CoalitionModel(world(task=task, coalitions__0__founders=0.3, coalitions__1__founders=0.3, **settings))
    model.step()
    return model


def test_a_paid_threat_is_not_carried_out_and_the_pot_is_shared_out_to_the_last_bit():
    paying = {"kind": "concede", "share": 0.5}
    model = CoalitionModel(world(firms__0__response=paying, market={"kind": "logit"}))
    paid = 0.0
    for _ in range(3):
        model.step()
        for coalition in model.coalitions:
            if coalition.campaign.payment > 0:
                assert type(coalition.campaign.pulled).__name__ == "Nothing"
                assert coalition.campaign.payment == pytest.approx(0.5 * coalition.campaign.threat.harm)
            paid += coalition.pot
        assert model.firms[0].paid == sum(c.pot for c in model.coalitions)
    assert paid > 0
    assert model.population.dividend.sum() == pytest.approx(paid, rel=1e-12)
    outsiders = ~model.population.organised
    assert model.population.dividend[outsiders].sum() == 0


def test_the_public_share_reaches_everybody():
    model = CoalitionModel(
        world(
            firms__0__response={"kind": "concede", "share": 0.5},
            market={"kind": "logit"},
            coalitions__1__charter={"options": [{"kind": "strike", "target": "big"}], "public_share": 0.5},
        )
    )
    model.step()
    pot = model.coalitions[1].pot
    assert pot > 0
    outside = ~model.population.organised
    assert model.population.dividend[outside] == pytest.approx(0.5 * pot / 1000)
    assert model.population.dividend.sum() == pytest.approx(sum(c.pot for c in model.coalitions), rel=1e-12)
    assert model.population.public.sum() == pytest.approx(0.5 * pot)


def test_valuation_draws_move_no_vote():
    """Common random numbers: another number of permutations changes no behaviour."""
    sizes = []
    for permutations in (5, 50):
        method = {"kind": "shapley", "exact_up_to": 1, "permutations": permutations}
        model = CoalitionModel(
            world(
                firms__0__response="concede",
                market="logit",
                valuation={"method": method},
                users__threshold={"mean": 0.1, "sd": 0.05},
            )
        )
        for _ in range(3):
            model.step()
        sizes.append([c.members.tolist() for c in model.coalitions])
    assert sizes[0] == sizes[1]


def test_users_may_be_valued_one_by_one_and_by_owen_within_their_coalitions():
    groups = paid_world(valuation={"method": {"kind": "shapley"}})
    users = paid_world(valuation={"method": {"kind": "shapley", "permutations": 100}, "players": "users"})
    owen = paid_world(valuation={"method": {"kind": "owen", "permutations": 100}, "players": "users"})
    for model in (groups, users, owen):
        assert model.population.value[model.population.records > 0].sum() == pytest.approx(
            groups.population.value[groups.population.records > 0].sum(), abs=1e-9
        )
        first = [place for place in users.coalitions[0].members if users.population.records[place] > 0]
    assert len(first) > 1
    # One by one, people with more records are worth more; unlike shares of a group, not in proportion.
    per_record = users.population.value[first] / users.population.records[first]
    assert np.ptp(per_record) > 1e-6
    shared = groups.population.value[first] / groups.population.records[first]
    assert np.ptp(shared) < 1e-12
    assert not np.allclose(owen.population.value, users.population.value)
    assert "of the user by formula" in users.population.value_source[first[0]]


def test_payouts_under_the_charters_minimum_are_shared_again():
    free = paid_world()
    chosen = next(d for d in free.dividends if d.chosen)
    smallest = chosen.payouts[chosen.payouts > 0].min()
    bound = paid_world(coalitions__0__charter__minimum_payout=float(smallest * 1.5),
                       coalitions__1__charter__minimum_payout=float(smallest * 1.5))  # fmt: skip
    again = next(d for d in bound.dividends if d.chosen and d.coalition == chosen.coalition)
    assert chosen.under_minimum == 0
    assert again.under_minimum > 0
    assert again.payouts[again.payouts > 0].min() >= smallest * 1.5 * (1 - 1e-9)
    assert again.payouts.sum() == pytest.approx(chosen.payouts.sum())


@pytest.mark.parametrize(
    ("valuation", "message"),
    [
        ({"method": {"kind": "owen"}}, "players: found 'groups'; expected 'users', whom the method owen"),
        (
            {"method": {"kind": "shapley"}, "players": "users"},
            "budget: found none, for users; expected how many groups",
        ),
        ({"method": {"kind": "knn_shapley"}}, "valuation.method: found 'knn_shapley'; expected a method that retrains"),
    ],
)
def test_ways_to_value_that_cannot_be_are_refused_before_anything_runs(valuation, message):
    with pytest.raises(InputError, match=message):
        CoalitionModel(world(valuation=valuation))


def played(rounds: int = 3, **changes) -> CoalitionModel:
    """Firms that refuse, and coalitions that nobody joins or leaves."""
    model = CoalitionModel(world(rounds=rounds, market="logit", **changes))
    for _ in range(rounds):
        model.step()
    return model


STRIKE = {"options": [{"kind": "strike", "target": "big"}]}


@pytest.mark.parametrize(
    ("pot", "owed"),
    [
        ({"kind": "revenue", "share": 0.1}, lambda firm: 0.1 * firm.revenue),
        ({"kind": "fixed", "amount": 7.0}, lambda firm: 7.0),
        ({"kind": "gain", "share": 0.25, "reference": 1}, lambda firm: 0.25 * (firm.revenue - firm.revenues[0])),
        ("conceded", lambda firm: 0.0),
        ("harm_avoided", lambda firm: 0.0),
    ],
)
def test_pots_are_filled_by_what_the_firm_earned_whether_or_not_anybody_threatens(pot, owed):
    # Without weights on anything but cost, doing nothing wins: no threat, no harm.
    idle = {"effect": 0, "agreement": 0, "cost": 1, "service": 0}
    model = played(coalitions__1__charter=STRIKE | {"pot": pot}, users__vote_weights=idle)
    firm, coalition = model.firms[0], model.coalitions[1]
    assert coalition.campaign.threat is None
    assert coalition.pot == pytest.approx(max(owed(firm), 0.0))
    assert firm.paid == pytest.approx(sum(c.pot for c in model.coalitions if c.target == "big"))
    assert coalition.won == 0  # nobody expects more of it by one more member


def test_a_gain_is_counted_from_before_anybody_acted():
    """In a market in which the small firm wins people, whom nobody threatens, its gain grows and a part is owed."""
    idle = {"effect": 0, "agreement": 0, "cost": 1, "service": 0}
    charter = {
        "options": [{"kind": "redirect", "target": "small", "rival": "big"}],
        "pot": {"kind": "gain", "share": 0.5},
    }
    model = played(coalitions__0__charter=charter, users__vote_weights=idle)
    firm, start = model.firms[1], model.firms[1].revenue_in(0)
    served, best = 100, model.lines[0].full.view("holdout").mean
    quality = 1 - abs(best - model.lines[0].retrainer.scores(model.initial["small"]).view("holdout").mean) / GAP
    assert start == pytest.approx(served * quality)
    assert firm.revenue > start + 1
    assert model.coalitions[0].pot == pytest.approx(0.5 * (firm.revenue - start))
    assert np.isnan(firm.revenue_in(4))


def test_a_firm_that_gives_in_owes_a_share_of_the_harm_that_it_avoided():
    settings = {"firms__0__response": {"kind": "concede", "share": 0.1}}
    model = played(1, coalitions__1__charter=STRIKE | {"pot": {"kind": "harm_avoided", "share": 0.5}}, **settings)
    coalition = model.coalitions[1]
    assert coalition.campaign.payment == pytest.approx(0.1 * coalition.campaign.threat.harm)
    assert coalition.pot == coalition.won == pytest.approx(0.5 * coalition.campaign.threat.harm)


def test_nobody_is_owed_anything_by_a_coalition_without_members():
    charter = STRIKE | {"pot": {"kind": "fixed", "amount": 7.0}}
    model = played(1, coalitions__1__charter=charter, coalitions__1__founders=0.0)
    assert len(model.coalitions[1].members) == 0
    assert model.coalitions[1].pot == model.firms[0].paid == 0
    assert not model.dividends


@pytest.mark.parametrize(("period", "counted"), [(1, 1), (2, 2), (None, 3)])
def test_values_and_records_are_added_up_over_the_period(period, counted):
    charter = STRIKE | {"pot": {"kind": "fixed", "amount": 7.0}, "dividend": "clip", "period": period}
    task = {"kind": "power_law", "records": 400, "deal": {"kind": "lognormal", "contributors": 12}}
    # Redirected copies stay, so that the values of the firm's people fall from round to round.
    model = played(3, coalitions__1__charter=charter, task=task)
    alone = [played(r, coalitions__1__charter=charter | {"period": 1}, task=task) for r in (1, 2, 3)]
    wanted = sum(prices_of(one)[-1].worth for one in alone[3 - counted :])
    members = model.coalitions[1].members
    rows = {d.transform: d for d in model.dividends if d.coalition == "strikers"}
    np.testing.assert_allclose(rows["clip"].payouts, 7 * wanted[members] / wanted[members].sum())
    records = model.population.records[members]
    np.testing.assert_allclose(rows["per_record"].payouts, 7 * records / records.sum())
    assert len(prices_of(model)) == min(counted + 1, 3)  # and those that the firm knew before this round


def test_a_period_prices_data_in_rounds_without_a_pot_too():
    late = STRIKE | {"pot": {"kind": "gain", "share": 0.25, "reference": 2}, "period": None}
    model = played(2, coalitions__1__charter=late)
    assert not model.dividends
    assert [found.round for found in prices_of(model)] == [1, 2]


def test_a_groups_value_may_be_split_equally_among_its_people():
    model = paid_world(valuation={"method": "shapley", "inside": "equal"})
    by_coalition = {d.coalition: d for d in model.dividends if d.transform == "clip"}
    for row in by_coalition.values():
        assert row.gini == pytest.approx(0)
    assert np.ptp(model.population.value[model.coalitions[0].members]) == pytest.approx(0)
    assert "split equally" in model.population.value_source[model.coalitions[0].members[0]]
    records = {d.coalition: d for d in paid_world().dividends if d.transform == "clip"}
    assert records[next(iter(records))].gini > 0.1


def test_inequality_among_all_people_counts_the_public_share_as_an_equal_benefit():
    charter = STRIKE | {"pot": {"kind": "fixed", "amount": 7.0}, "public_share": 0.3, "dividend": "per_record"}
    model = played(1, coalitions__1__charter=charter)
    row = next(d for d in model.dividends if d.chosen)
    everybody = np.full(1000, 2.1 / 1000)
    everybody[model.coalitions[1].members] += row.payouts
    assert row.gini_with_public == pytest.approx(gini(everybody), rel=1e-12)
    assert row.gini_with_public != pytest.approx(row.gini, abs=0.01)


DIGITS = {
    "kind": "digits", "deal": {"kind": "equal", "contributors": 30}, "model": {"hidden": 8, "epochs": 2},
    "train_seeds": [0, 1, 2],
}  # fmt: skip


def valued(rounds=1, **changes) -> CoalitionModel:
    """Thirty people whose data are worth what real retraining says, with its noise."""
    settings = {
        "task": DIGITS, "valuation": {"players": "users", "method": "leave_one_out", "noise_draws": 50},
        "coalitions__0__charter": STRIKE | {"pot": {"kind": "fixed", "amount": 7.0}, "dividend": "clip"},
        "coalitions__0__founders": 0.5, "firms__0__response": "refuse", "rounds": rounds,
    }  # fmt: skip
    model = CoalitionModel(world(**(settings | changes)))
    for _ in range(rounds):
        model.step()
    return model


def chosen(model):
    return [row for row in observe(model, 0)["dividends"] if row["chosen"]]


def test_the_gini_of_payouts_is_corrected_for_the_noise_of_values():
    """Beside what the valuation itself makes of the members' values, drawn together with everybody's."""
    model = valued()
    row, coalition = chosen(model)[0], model.coalitions[0]
    prices, members = prices_of(model)[-1], coalition.members
    own = [prices.values.players.index(model.population.names[i]) for i in members]
    theta = same_draws(prices.values, 50)[:, own]
    found = noise_corrected(
        prices.values.ordered(own), theta, lambda x: pay(DIVIDENDS["clip"](), x, 7.0, np.ones(len(own))).payouts
    )
    assert row["gini"] == pytest.approx(found.raw)
    assert row["gini_corrected"] == pytest.approx(found.corrected)
    assert (row["gini_low"], row["gini_high"]) == pytest.approx((found.interval.low, found.interval.high))
    assert row["gini_corrected"] < row["gini"]
    others = [r for r in observe(model, 0)["dividends"] if not r["chosen"]]
    assert others
    assert all(np.isnan(r["gini_corrected"]) for r in others)


@pytest.mark.parametrize(
    "changes",
    [
        {"task": DIGITS | {"train_seeds": [0]}},
        {"valuation": {"players": "users", "method": "leave_one_out"}},
    ],
)
def test_without_a_known_error_or_draws_there_is_no_correction(changes):
    row = chosen(valued(**changes))[0]
    assert np.isnan(row["gini_corrected"])
    assert row["gini"] > 0


def test_a_groups_draws_are_split_as_its_value_is():
    model = valued(valuation={"method": "shapley", "noise_draws": 20})
    prices = prices_of(model)[-1]
    of_players = same_draws(prices.values, 20)
    total = np.zeros((20, len(prices.values.players)))
    for k, name in enumerate(prices.values.players):
        mask = np.array([f"the group '{name}'" in source for source in model.population.value_source])
        total[:, k] = prices.likely[:, mask].sum(axis=1)
    np.testing.assert_allclose(total, of_players)


def test_exact_values_of_the_same_data_are_not_asked_for_again():
    """Strikers' data are back at the start of every round, so that the firm's data are worth the same."""
    charter = STRIKE | {"pot": {"kind": "fixed", "amount": 7.0}, "period": 2}
    first, second = prices_of(valued(rounds=2, coalitions__0__charter=charter))
    assert second.values is first.values
    assert (first.round, second.round) == (1, 2)


def test_drawn_values_are_drawn_anew_in_every_round():
    method = {"kind": "shapley", "permutations": 3}
    settings = {"players": "users", "method": method}
    first, second = (prices_of(valued(rounds=r, valuation=settings))[-1] for r in (1, 2))
    assert (first.worth != second.worth).any()
