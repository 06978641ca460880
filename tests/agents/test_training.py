"""What a firm trains on: by its own rule of inclusion, or as its contributors vote."""

import numpy as np
from datacoalition.agents.model import CoalitionModel
from datacoalition.agents.pricing import last_worth

from .worlds import world

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
    held = model.task.held(model.start["big"].holdings)
    assert (held < model.task.records).any()
    np.testing.assert_array_equal(model.start["big"].deployed.present, held >= 5)
