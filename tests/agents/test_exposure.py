"""What it is worth to people that fewer owners hold their data: on ballots, in money, and when they join."""

import numpy as np
import pytest
from datacoalition.agents.exposure import exposed, of_members
from datacoalition.agents.membership import prospects
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.voting import announced, opinions

from .worlds import world

STRIKE = {"kind": "strike", "target": "big"}
GIVE = {"kind": "redirect", "target": "big", "rival": "small"}
WORTH = 0.3


def model_of(option: dict, rounds: int = 0, worth: float = WORTH, **changes) -> CoalitionModel:
    coalition = {"name": "us", "positions": {"privacy": 1}, "founders": 0.3, "charter": {"options": [option]}}
    weights = {"effect": 1, "agreement": 0, "cost": 0, "service": 0}
    settings = {"coalitions": [coalition], "users__vote_weights": weights, "users__hardship": {"exposure": worth}}
    model = CoalitionModel(world(**settings | changes))
    for _ in range(rounds):
        model.step()
    return model


def test_who_is_exposed_to_whom():
    model = model_of(STRIKE, users__count=1200)
    big, small = (model.market[name].holdings.present for name in ("big", "small"))
    assert (exposed(model, model.market)[:1000] == big.astype(int) + small).all()
    assert (exposed(model, model.market)[1000:] == 0).all()
    assert set(exposed(model, model.market)[:1000]) == {1, 2}


def test_weights_that_saw_data_expose_as_the_data_do():
    wanted = {"effect": 0, "agreement": 1, "cost": 0, "service": 0}  # they know that nobody would feel it
    kept = model_of(STRIKE, 1, law={"old_weights": "kept"}, users__vote_weights=wanted)
    struck = ~kept.market["big"].holdings.present
    assert struck.sum() > 200
    assert (exposed(kept, kept.market)[:1000] >= 1).all()
    gone = model_of(STRIKE, 1)
    assert (exposed(gone, gone.market)[:1000][~gone.market["big"].holdings.present] <= 1).all()


@pytest.mark.parametrize(("option", "more"), [(STRIKE, -1.0), (GIVE, 1.0)])
def test_members_rate_what_exposes_them_less(option, more):
    plain, weighed = (
        model_of(option, users__vote_weights={"effect": 1, "agreement": 0, "cost": 0, "service": 0, "exposure": w})
        for w in (0.0, 0.5)
    )
    ratings = [
        opinions(model, model.coalitions[0], *announced(model, model.coalitions[0]))[:, 1] for model in (plain, weighed)
    ]
    members = plain.coalitions[0].members
    had = plain.start["small"].holdings.present[members]
    expected = np.where(had, 0.0, more) if option is GIVE else np.full(len(members), more)
    assert ratings[1] - ratings[0] == pytest.approx(-0.5 * expected)


@pytest.mark.parametrize(("option", "sign"), [(STRIKE, -1), (GIVE, 1)])
def test_it_is_part_of_what_a_campaign_costs_and_of_what_members_gain(option, sign):
    free, weighed = (model_of(option, 1, worth) for worth in (0.0, WORTH))
    assert (free.population.member == weighed.population.member).all()
    acted = weighed.coalitions[0].campaign.compliers
    had = weighed.start["small"].holdings.present[acted]
    more = sign * len(acted) if option is STRIKE else int((~had).sum())
    costs, gains = zip(
        *((m.coalitions[0].campaign.threat.cost, m.welfare["us"].members_gain) for m in (free, weighed)), strict=True
    )
    assert costs[1] - costs[0] == pytest.approx(WORTH * more)
    assert gains[1] - gains[0] == pytest.approx(-WORTH * more / len(acted))
    assert weighed.welfare["us"].outsiders_gain == pytest.approx(free.welfare["us"].outsiders_gain)
    assert free.coalitions[0].campaign.exposed is None


def test_it_keeps_people_out_of_a_coalition_that_gives_their_data_away():
    model = model_of(GIVE, 1)
    more = of_members(model.coalitions[0])
    assert 0.9 < more <= 1
    assert prospects(model).exposure == pytest.approx(np.full((1000, 1), WORTH * more))
    joining = {"kind": "payoff", "alignment": 0.4, "peers": 0.0}
    stances = {"privacy": {"mean": 0.5, "sd": 0.0}}
    changes = {"users__joining": joining, "users__stances": stances, "users__hardship": {"exposure": 0, "effort": 0}}
    members = []
    for worth in (0.0, 0.5):
        changes["users__hardship"] = {"exposure": worth, "effort": 0, "service": 0}
        played = model_of(GIVE, 0, **changes)
        sizes = []
        for _ in range(3):
            played.step()
            sizes.append(len(played.coalitions[0].members))
        members.append(sizes)
    assert members[0][0] == members[1][0] == 1000  # before the first act nobody is exposed by it
    assert members[0] == [1000, 1000, 1000]
    assert members[1][1] == 300  # the founders, who never leave
