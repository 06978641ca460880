"""What people believe that a lever does, and what a campaign of information changes about it."""

import numpy as np
import pytest
from datacoalition.agents.awareness import PUBLISHED, RATES, Awareness, Information, in_print
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.unhindered import unhindered
from datacoalition.agents.voting import announced, opinions
from datacoalition.coalitions.levers import LEVERS, Poison, Redirect, RedirectWithDeletion, Strike
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.studies.published import columns

from .worlds import world

STRIKE, GIVE = Strike(target="a"), Redirect(target="a", rival="b")


@pytest.mark.parametrize("study", PUBLISHED)
def test_the_published_curves_are_those_in_print(study):
    table = columns(study, "company").set_index("s")
    for rate in (*RATES, 0.7, 0.95):
        assert in_print(GIVE, rate, study) == pytest.approx(table["dlp_cdc"][rate], abs=6e-4)
        assert in_print(STRIKE, rate, study) == pytest.approx(table["dlp_strike"][rate], abs=6e-4)


def test_nobody_does_nothing_everybody_all_and_in_between_lines_are_straight():
    for lever in (STRIKE, GIVE):
        assert [in_print(lever, share, "toxic") for share in (0.0, 1.0)] == [0.0, 1.0]
    assert in_print(GIVE, 0.25, "movielens") == pytest.approx((0.809 + 0.878) / 2)
    assert in_print(Redirect(target="a", rival="b", share=0.5), 0.4, "movielens") == pytest.approx(0.809)


def test_a_lever_that_does_both_does_both_and_poison_is_a_strike():
    both = RedirectWithDeletion(target="a", rival="b")
    assert in_print(both, 0.2, "toxic") == pytest.approx(0.844 + 0.050)
    assert in_print(Poison(target="a"), 0.2, "toxic") == in_print(STRIKE, 0.2, "toxic")
    assert in_print(LEVERS["unlink"](target="a"), 0.2, "toxic") == in_print(LEVERS["nothing"](), 0.2, "toxic") == 0


def believing(**awareness) -> CoalitionModel:
    model = CoalitionModel(world(users__awareness=awareness, users__threshold={"mean": 0, "sd": 0}, rounds=4))
    model.step()
    return model


def test_ratings_follow_beliefs_by_hand():
    """Weights are of the effect alone, so a rating is optimism times what is believed."""
    model = believing(nothing=0.3, published=0.3, study="pinterest")
    givers = model.coalitions[0]
    (_, true), _ = found = announced(model, givers)
    ratings = opinions(model, givers, *found)
    with unhindered(model):
        informed = opinions(model, givers, *found)
    read = in_print(givers.charter.options[0], len(givers.members) / 1000, "pinterest")
    draw = model.streams.uniforms("awareness", n=1000)[givers.members]
    believed = np.where(draw < 0.3, 0.0, np.where(draw < 0.6, read, true))
    assert abs(read - true) > 0.01
    np.testing.assert_allclose(ratings[:, 1], model.population.optimism[givers.members] * believed, atol=1e-12)
    np.testing.assert_allclose(informed[:, 1], true, atol=1e-12)


def test_who_believes_in_nothing_is_told_apart_from_the_informed():
    """Members who believe in nothing rate every option 0 and take the first, doing nothing."""
    model = believing(nothing=0.4)
    for coalition in model.coalitions:
        unaware = model.streams.uniforms("awareness", n=1000)[coalition.members] < 0.4
        assert coalition.campaign.same_favourite.mean() == pytest.approx(1 - unaware.mean())
    assert all(c.campaign.same_favourite.all() for c in believing().coalitions)
    assert not any(c.campaign.same_favourite.any() for c in believing(nothing=1.0).coalitions)


def test_information_reaches_a_share_from_its_round_on():
    model = believing(nothing=1.0, information={"round": 3, "reach": 0.7})
    told = model.streams.uniforms("information", n=1000) < 0.7
    for round_ in (1, 2, 3, 4):
        for coalition in model.coalitions:
            expected = told[coalition.members].mean() if round_ >= 3 else 0.0
            assert coalition.campaign.same_favourite.mean() == pytest.approx(expected)
        model.step()


def test_shares_beyond_everybody_are_refused():
    with pytest.raises(InputError, match="up to 1 in all"):
        Awareness(nothing=0.6, published=0.5)
    with pytest.raises(InputError, match="round"):
        Information(round=0)


def test_how_many_know_is_told_by_firm():
    """Of those whose data a firm has; a partner says what it uses data for, and information reaches a share."""
    model = believing(nothing=0.3, published=0.3)
    draw = model.streams.uniforms("awareness", n=1000)
    for name in ("big", "small"):
        had = model.start[name].holdings.present
        assert model.agency[name].aware == pytest.approx((draw[had] >= 0.6).mean())
    assert believing().agency["big"].aware == 1
    informed = believing(nothing=1.0, information={"round": 1, "reach": 0.7})
    assert informed.agency["big"].aware == pytest.approx(0.7, abs=0.05)
    partner = {"firms__0__partner": {"notice": True}, "users__awareness": {"nothing": 1.0}}
    told = CoalitionModel(world(**partner))
    told.step()
    assert (told.agency["big"].aware, told.agency["small"].aware) == (1, 0)
    empty = CoalitionModel(world(firms__1__data=0.0))
    empty.step()
    assert np.isnan(empty.agency["small"].aware)
