"""Holdings: immutable, and the same by any route."""

import numpy as np
import pytest
from datacoalition.ml_tasks.holdings import Holdings, apply_recipes
from datacoalition.ml_tasks.recipes import RECIPES, ExtremeTargets, RandomTargets
from datacoalition.ml_tasks.records import Records
from hypothesis import given
from hypothesis import strategies as st

N = 12
members = st.sets(st.integers(0, N - 1)).map(lambda s: np.array(sorted(s), dtype=np.int64))


def records(n: int, seed: int = 0) -> Records:
    rng = np.random.default_rng(seed)
    levels = np.arange(1.0, 6.0)
    key = rng.integers(0, 2**63, n).astype(np.uint64)
    return Records.plain(key, rng.choice(levels, n), levels)


@given(members, members)
def test_fingerprint_is_the_same_by_any_route(a, b):
    one = Holdings.everyone(N).without(a).without(b)
    other = Holdings.everyone(N).without(np.union1d(a, b).astype(np.int64))
    rebuilt = Holdings.nobody(N).with_(np.flatnonzero(one.present))
    assert one.fingerprint == other.fingerprint == rebuilt.fingerprint
    assert one == rebuilt


@given(members, members)
def test_recipes_in_any_order_give_the_same_holdings(a, b):
    a = np.setdiff1d(a, b)
    full, x, y = Holdings.everyone(N), RandomTargets(), ExtremeTargets()
    assert full.recoded(a, x).recoded(b, y) == full.recoded(b, y).recoded(a, x)
    assert full.recoded(a, x).with_(a) == full  # nothing is left of a recipe that nobody follows


def test_different_holdings_have_different_fingerprints():
    full = Holdings.everyone(3)
    one = np.array([1])
    several = [full, full.without(one), full.recoded(one, RandomTargets()), full.recoded(one, ExtremeTargets())]
    several += [full.recoded(one, RandomTargets(seed=1)), Holdings.nobody(3), Holdings.everyone(4)]
    assert len({h.fingerprint for h in several}) == len(several)


def test_nothing_is_changed_in_place():
    full = Holdings.everyone(3)
    full.without(np.array([0]))
    assert full.present.all()
    with pytest.raises(ValueError, match="read-only"):
        full.codes[0] = 0


def test_absent_people_cannot_poison():
    holdings = Holdings.everyone(3).without(np.array([0])).recoded(np.array([0, 1]), RandomTargets())
    assert list(holdings.poisoned) == [False, True, False]


def test_only_and_masks_agree_with_indices():
    mask = np.array([True, False, True])
    assert Holdings.everyone(3).only(mask) == Holdings.everyone(3).without(~mask)
    assert Holdings.everyone(3).only(np.array([0, 2])) == Holdings.everyone(3).only(mask)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_pure_and_goes_by_the_record(name):
    recipe, whole = RECIPES[name], records(200)
    before = whole.target.copy()
    changed = recipe(whole)
    part = np.arange(0, 200, 3)
    alone = recipe(Records.plain(whole.key[part], whole.target[part], whole.levels))
    np.testing.assert_array_equal(changed.target[part], alone.target)
    np.testing.assert_array_equal(whole.target, before)
    assert np.isin(changed.target, whole.levels).all()
    assert (changed.target != before).any() == (name != "altered")  # which only plants records and takes them away


def test_altered_records_come_and_those_they_replace_go():
    whole = records(60)
    replaced = np.arange(60) % 2 == 0
    planted = whole.altered(replaced, whole.key[:20], np.full(20, 5.0))
    owner = np.concatenate([np.arange(60) % 3, np.arange(20) % 3])
    holdings = Holdings.everyone(3).recoded(np.array([1]), RECIPES["altered"]).without(np.array([2]))
    after = apply_recipes(holdings, owner, planted)
    genuine = np.append(np.ones(60, dtype=bool), np.zeros(20, dtype=bool))
    np.testing.assert_array_equal(after.kept[owner == 0], genuine[owner == 0])
    altered = np.append(~replaced, np.ones(20, dtype=bool))
    np.testing.assert_array_equal(after.kept[owner == 1], altered[owner == 1])
    assert not after.kept[owner == 2].any()
    for name in ("random", "extreme"):  # nobody but "altered" brings planted records
        other = apply_recipes(Holdings.everyone(3).recoded(np.arange(3), RECIPES[name]), owner, planted)
        np.testing.assert_array_equal(other.kept, genuine)


def test_what_the_recipes_do():
    whole = records(5000)
    extreme = RECIPES["extreme"](whole).target
    np.testing.assert_array_equal(extreme, np.where(whole.target >= 3, 1.0, 5.0))
    for name in ("random", "shuffled"):
        drawn = RECIPES[name](whole).target
        shares = [(drawn == level).mean() for level in whole.levels]
        assert max(abs(share - 0.2) for share in shares) < 0.03
        assert abs(np.corrcoef(drawn, whole.target)[0, 1]) < 0.05


def test_apply_recipes_changes_only_who_follows_one():
    whole, owner = records(90), np.arange(90) % 3
    holdings = Holdings.everyone(3).without(np.array([0])).recoded(np.array([2]), RECIPES["extreme"])
    after = apply_recipes(holdings, owner, whole)
    assert not after.kept[owner == 0].any()
    assert after.kept[owner != 0].all()
    np.testing.assert_array_equal(after.target[owner == 1], whole.target[owner == 1])
    np.testing.assert_array_equal(after.target[owner == 2], np.where(whole.target[owner == 2] >= 3, 1.0, 5.0))
