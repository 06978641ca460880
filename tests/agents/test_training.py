"""What a firm trains on: by its own rule of inclusion, or as its contributors vote."""

import numpy as np
import pytest
from datacoalition.agents.harm import lost_by_ballot
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.pricing import last_worth
from datacoalition.agents.training import preferences
from datacoalition.coalitions.inclusions import AllData, RandomShare
from datacoalition.coalitions.training import TrainingBallot
from datacoalition.ml_tasks.settings import InputError

from .worlds import GAP, loss, world

PAID = {"pot": {"kind": "fixed", "amount": 1.0}}


def strikers_with(includes, records: int = 1000, **changes) -> CoalitionModel:
    """A firm that takes in only some of those whose data it has, and a coalition that it pays in every round."""
    charter = {"options": [{"kind": "strike", "target": "big"}], **PAID}
    us = {"name": "us", "positions": {"privacy": 1}, "founders": 0.3, "charter": charter}
    task = {"kind": "power_law", "records": records}
    return CoalitionModel(world(task=task, coalitions=[us], firms__0__includes=includes, **changes))


def test_a_value_counts_from_the_round_after_it_was_found():
    free = strikers_with("all_data")
    free.step()
    assert (last_worth(free, "big") != last_worth(free, "big")).all()  # nan: known after this round, not in it
    free.round = 2
    worth = last_worth(free, "big")
    bar = float(np.median(np.unique(worth)))
    low = worth < bar
    assert 0 < low.sum() < 1000
    picky = strikers_with({"kind": "minimum_value", "value": bar})
    acted = []
    for included in (np.ones(1000, dtype=bool), ~low):
        picky.step()
        assert picky.start["big"].holdings.present.all()
        np.testing.assert_array_equal(picky.start["big"].deployed.present, included)
        acted.append(picky.firm("big").trains_on(picky.initial["big"], picky.start["big"].arrived).present)
    # What is found out in a round changes nothing of that round, looked at when it is over.
    np.testing.assert_array_equal(acted[0], np.ones(1000, dtype=bool))
    np.testing.assert_array_equal(acted[1], ~low)


def test_who_is_left_out_may_be_let_in_again():
    """They are held, and so valued, all the same."""
    model = strikers_with({"kind": "minimum_value", "value": 1.0}, rounds=3)
    for left in (1000, 0, 0):
        model.step()
        assert model.start["big"].deployed.present.sum() == left
    assert np.isfinite(last_worth(model, "big")).all()


def test_what_a_firm_earned_before_anybody_acted_is_what_it_was():
    model = strikers_with({"kind": "minimum_value", "value": 1.0})
    before = model.firm("big").revenue_in(0)
    model.step()
    model.step()
    assert model.firm("big").revenue_in(0) == before > 0
    assert not model.market["big"].deployed.present.any()


def test_a_sample_is_the_same_whoever_else_is_there():
    model, bigger = (strikers_with("random_share", records=n) for n in (1000, 1500))
    sampled = model.start["big"].deployed.present
    assert 400 < sampled.sum() < 600
    np.testing.assert_array_equal(bigger.start["big"].deployed.present[:1000], sampled)
    model.step()  # the strikers' data are gone, and the others' lots are what they were
    held = model.market["big"].holdings.present
    assert held.sum() == 700
    np.testing.assert_array_equal(model.market["big"].deployed.present, sampled & held)
    # Every firm draws a sample of its own.
    other = strikers_with("all_data", firms__1__includes="random_share", firms__1__data=1.0).start["small"].deployed
    assert (other.present != sampled).any()


def test_too_few_are_counted_of_what_is_held():
    deal = {"kind": "lognormal", "contributors": 1000}
    task = {"kind": "power_law", "records": 20000, "deal": deal}
    few = {"kind": "least_records", "records": 5}
    model = CoalitionModel(world(task=task, firms__0__includes=few, users__flow={"stock": 0.5}))
    held = model.lines[0].task.held(model.start["big"].holdings)
    assert (held < model.lines[0].task.records).any()
    np.testing.assert_array_equal(model.start["big"].deployed.present, held >= 5)


STRIKE = {"kind": "strike", "target": "big"}
WEIGHTS = {"effect": 1, "agreement": 0, "cost": 0, "service": 0.1, "exposure": 1}
ALONE = {"notice": False, "exit": False, "provenance": False, "position_vote": False}


def sample(share: float) -> dict[str, object]:
    return {"kind": "random_share", "share": share}


def partner(*options, rule="plurality", **changes) -> CoalitionModel:
    """A firm that everybody uses, and whose partners vote on what it trains on. They would rather have no weights
    fitted on their own records."""
    promise = ALONE | {"training_vote": {"options": list(options), "rule": rule}}
    usual = {"coalitions": [], "firms__0__served": 1.0, "users__vote_weights": WEIGHTS}
    return CoalitionModel(world(**usual | changes, firms__0__partner=promise))


def asked(founders: float, **changes) -> CoalitionModel:
    """A coalition that asks for such a vote, over two rounds, of a firm that pays all that a threat would cost."""
    demand = {"kind": "training_vote", "options": [sample(0.4)]}
    charter = {"options": [STRIKE], "demand": demand, "agreement": 2}
    us = {"name": "us", "positions": {"privacy": 1}, "founders": founders, "charter": charter}
    concede = {"kind": "concede", "share": 1.0}
    usual = {"firms__0__served": 1.0, "users__vote_weights": WEIGHTS, "firms__0__response": concede, "rounds": 4}
    return CoalitionModel(world(coalitions=[us], **usual | changes))


def lots_of(model: CoalitionModel) -> np.ndarray:
    return model.streams.uniforms("inclusion", "big", n=1000)


def test_what_is_voted_out_is_not_trained_on():
    """Six in ten are spared by a sample of four in ten, and want it; the others would lose service by it."""
    model = partner(sample(0.4))
    everybody = model.start["big"].deployed
    spared = lots_of(model) >= 0.4
    assert 550 < spared.sum() < 650
    model.step()
    assert model.firm("big").includes == RandomShare(0.4)
    assert model.market["big"].holdings.present.all()
    np.testing.assert_array_equal(model.market["big"].deployed.present, ~spared)
    assert model.market["big"].deployed.fingerprint != everybody.fingerprint
    # The running model is that of these data alone.
    score = model.lines[0].retrainer.scores(model.market["big"].deployed).view("holdout").mean
    assert abs(score) == pytest.approx(loss((~spared).sum()))


def test_where_most_would_lose_by_it_all_is_trained_on():
    model = partner(sample(0.6))
    model.step()
    assert model.firm("big").includes == AllData()
    assert model.market["big"].deployed.present.all()


def test_a_tie_keeps_what_the_firm_trains_on_by_itself():
    lots = np.sort(lots_of(partner(sample(0.5))))
    for share, passes in ((lots[500], False), (lots[499], True)):  # 500 in 1000 are spared, and one more
        model = partner(sample(float(share)))
        model.step()
        assert model.market["big"].deployed.present.all() != passes


def test_what_a_voter_looks_at():
    """By hand: the service that the customers of this firm would get, and weights on their own records."""
    model = partner(sample(0.4), firms__0__served=0.9)
    found = preferences(model, model.firm("big"), [AllData(), RandomShare(0.4)])
    spared = lots_of(model) >= 0.4
    lost = (loss((~spared).sum()) - loss(1000)) / GAP
    assert lost > 0
    served = model.population.service[0] == 0
    assert served.sum() == 900
    np.testing.assert_allclose(found[:, 0], 0)
    np.testing.assert_allclose(found[:, 1], 1.0 * spared - 0.1 * lost * served, atol=1e-12)


def test_whose_data_are_gone_has_no_say():
    """Four in ten are spared, and win once half of the others have left."""
    lots = lots_of(partner(sample(0.6)))
    gone = np.flatnonzero(lots < 0.6)[:300]
    assert (lots >= 0.6).sum() > 350
    for left, passed in (([], AllData()), (gone, RandomShare(0.6))):
        model = partner(sample(0.6))
        position = model.market["big"]
        model.market = {**model.market, "big": position.holding(position.holdings.without(np.array(left, int)))}
        model.step()
        assert model.firm("big").includes == passed


def test_of_two_samples_a_plurality_takes_one_and_a_majority_none():
    """The larger sample is liked best by 45 in 100, the smaller by 25, whom only it spares, and neither by 30."""
    for rule, passed in (("majority", AllData()), ("plurality", RandomShare(0.55))):
        model = partner(sample(0.55), sample(0.3), rule=rule)
        model.step()
        assert model.firm("big").includes == passed


def test_a_vote_can_be_what_a_coalition_asks_for():
    """For as long as the agreement lasts; then the firm trains on all again."""
    model = asked(founders=0.8)
    spared = lots_of(model) >= 0.4
    deployed = []
    for _ in range(3):
        model.step()
        deployed.append((model.start["big"].deployed.present, model.market["big"].deployed.present))
    assert model.coalitions[0].campaign.granted  # anew, in round 3
    for (before, after), began in zip(deployed, (np.full(1000, True), ~spared, np.full(1000, True)), strict=True):
        np.testing.assert_array_equal(before, began)
        np.testing.assert_array_equal(after, ~spared)


def test_a_vote_is_priced_by_what_it_would_do_to_the_model():
    """By hand: everybody stays, and gets the service of four hundred people's data in place of a thousand's."""
    model = asked(founders=0.8, firms__0__price=2.0)
    model.round, model.seen = 1, model.start
    left = (lots_of(model) < 0.4).sum()
    ballot = model.coalitions[0].charter.demand.ballot
    lost = lost_by_ballot(model, model.coalitions[0], ballot)
    assert lost == pytest.approx((1 + 0.95) * 2.0 * 1000 * (loss(left) - loss(1000)) / GAP)
    assert model.firm("big").includes == AllData()  # asking changes nothing
    # A strike by three in ten costs less than that: they get no vote for it.
    weak = asked(founders=0.3)
    weak.step()
    assert weak.coalitions[0].campaign.carried_out
    assert weak.firm("big").includes == AllData()
    assert weak.market["big"].deployed.present.sum() == 700


def test_ballots_are_held_one_after_the_other():
    """The firm's own promise first; a coalition's vote is on what came of it."""
    promise = ALONE | {"training_vote": {"options": [sample(0.45)], "rule": "plurality"}}
    model = asked(founders=0.8, firms__0__partner=promise)
    model.step()
    assert model.coalitions[0].campaign.granted
    # Against all data six in ten would want the sample of .4; against that of .45 only those in it whom .4 spares.
    assert model.firm("big").includes == RandomShare(0.45)


def test_a_ballot_has_something_on_it_and_nothing_twice():
    with pytest.raises(InputError, match="empty ballot"):
        TrainingBallot(())
    with pytest.raises(InputError, match=r"random_share 0.5 twice"):
        TrainingBallot((RandomShare(), RandomShare(0.5)))


def test_of_several_tasks_only_that_of_the_product_is_voted_on():
    """Those vote whose data the product has; who contributes to the other task alone has no say, and nothing there
    changes."""
    other = {"name": "more", "task": {"kind": "power_law", "records": 400}, "shared": 0.0}
    promise = ALONE | {"training_vote": {"options": [sample(0.4)]}}
    reader = {"name": "reader", "task": "more", "served": 1.0, "response": "refuse", "partner": promise}
    films = {"name": "big", "served": 1.0, "response": "refuse"}
    model = CoalitionModel(
        world(other_tasks=[other], firms=[films, reader], coalitions=[], users__vote_weights=WEIGHTS)
    )
    held = model.market["reader"].holdings.present
    assert held.sum() == 400
    model.step()
    lots = model.streams.uniforms("inclusion", "reader", n=len(held))
    assert model.firm("reader").includes == RandomShare(0.4)
    np.testing.assert_array_equal(model.market["reader"].deployed.present, held & (lots < 0.4))
    assert model.market["big"].deployed == model.market["big"].holdings
