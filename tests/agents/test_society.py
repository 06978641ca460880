"""What a round leaves everybody with, worked out by hand."""

import numpy as np
import pytest
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.society import exposure

from .worlds import GAP, loss, world


def played(**changes) -> CoalitionModel:
    model = CoalitionModel(world(**changes))
    model.step()
    return model


def test_concentration_is_the_sum_of_squared_shares_of_the_people_served():
    assert played().society.concentration == pytest.approx(0.9**2 + 0.1**2)
    assert played(firms__0__served=1.0).society.concentration == pytest.approx(1.0)


def test_the_gap_in_quality_is_between_the_largest_and_the_smallest_firm():
    model = played(coalitions=[])
    assert model.society.quality_gap == pytest.approx((loss(50) - loss(1000)) / GAP)


def test_a_redirect_exposes_and_a_strike_shields_unless_old_weights_stay():
    alone = played(coalitions=[]).society
    assert alone.exposure == pytest.approx(1.05)
    model = played()
    held = sum(model.market[name].holdings.present.sum() for name in ("big", "small"))
    assert model.society.exposure == pytest.approx(held / 1000)
    idle = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}
    kept = played(law={"old_weights": "kept"}, users__vote_weights=idle)
    assert kept.market["big"].holdings.present.sum() == 900
    small = kept.market["small"].holdings.present.mean()
    assert exposure(kept) == pytest.approx(1.0 + small)  # weights that saw the strikers' data are still in use


def test_where_the_money_goes():
    charter = {
        "options": [{"kind": "strike", "target": "big"}],
        "pot": {"kind": "fixed", "amount": 50.0},
        "public_share": 0.4,
    }
    model = played(coalitions__1__charter=charter)
    revenue = sum(firm.revenue for firm in model.firms)
    assert model.society.to_contributors == pytest.approx(30 / revenue)
    assert model.society.to_public == pytest.approx(20 / revenue)


def test_distance_of_practice_from_what_people_want():
    model = played()
    stances, issues = model.population.stances, model.world.issues
    big = np.abs(stances - [{"pay": -0.5, "privacy": -0.5}[issue] for issue in issues]).mean(axis=1)
    small = np.abs(stances - [{"pay": 0.5}.get(issue, 0.0) for issue in issues]).mean(axis=1)
    assert model.society.distance == pytest.approx(0.9 * big.mean() + 0.1 * small.mean())
    used = model.market["big"].served
    assert model.society.distance_served == pytest.approx(np.where(used, big, small).mean())


def test_without_issues_there_is_no_distance_and_nothing_is_zero_by_mistake():
    firms = [{"name": "big"}, {"name": "small", "data": 0.1, "served": 0.1}]
    society = played(coalitions=[], firms=firms).society
    assert np.isnan(society.distance)
    assert np.isnan(society.distance_served)


def test_net_harm_counts_a_rival_that_grows_as_much_as_the_firm_it_replaces():
    model = played(users__stances={"pay": {"mean": 0.5, "sd": 0}, "privacy": {"mean": 0.5, "sd": 0}})
    quality = [model.experience.mean_quality({name: model.market[name]}).mean() for name in ("big", "small")]
    # Agreement is the mean over two issues of stance x position: big -.25, small .125.
    by_hand = 0.9 * quality[0] * 0.25 + 0.1 * quality[1] * -0.125
    assert model.society.net_harm == pytest.approx(by_hand)
    alike = [{"name": name, "served": 0.5, "positions": {"pay": -1}} for name in ("big", "small")]
    for served in (0.5, 0.0):
        alike[0]["served"], alike[1]["served"] = served, 1 - served
        same = played(firms=alike, coalitions=[], users__stances={"pay": {"mean": 1, "sd": 0}})
        assert same.society.net_harm == pytest.approx(1.0)  # whoever does it
    assert np.isnan(played(firms=[{"name": "only"}], coalitions=[]).society.net_harm)
