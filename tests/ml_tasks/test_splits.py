"""Splits: every record has one part, by a hash of its own."""

import numpy as np
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.splits import SPLITS, Dealt, Folds, LeaveOneOut
from datacoalition.ml_tasks.streams import mix

N = 4000
KEY = mix(np.arange(N, dtype=np.uint64))
OWNER = np.arange(N) % 37


@pytest.mark.parametrize("name", SPLITS)
def test_training_and_test_never_overlap_and_follow_the_record(name):
    split = SPLITS[name]()
    parts = split(KEY, OWNER, 0)
    assert (parts.train ^ (parts.holdout | parts.company)).all()
    assert parts.train.any()
    assert parts.holdout.any()
    order = np.random.default_rng(0).permutation(N)
    shuffled = split(KEY[order], OWNER[order], 0)
    np.testing.assert_array_equal(shuffled.train, parts.train[order])
    assert not np.array_equal(split(KEY, OWNER, 1).train, parts.train)


def test_dealt_shares():
    parts = Dealt()(KEY, OWNER, 0)
    assert abs(parts.holdout.mean() - 0.1) < 0.02
    assert abs(parts.company.mean() - 0.09) < 0.02
    assert not (parts.holdout & parts.company).any()


def test_a_record_keeps_its_part_when_others_come():
    half = Dealt()(KEY[:2000], OWNER[:2000], 0)
    np.testing.assert_array_equal(half.holdout, Dealt()(KEY, OWNER, 0).holdout[:2000])


def test_folds_partition_the_records():
    folds = np.stack([Folds(5, i)(KEY, OWNER, 0).holdout for i in range(5)])
    assert (folds.sum(axis=0) == 1).all()
    assert (folds.sum(axis=1) == N // 5).all()


def test_leave_one_out_takes_one_record_of_each_owner_with_two():
    owner = np.array([0, 0, 0, 1, 2, 2])
    parts = LeaveOneOut()(KEY[:6], owner, 0)
    assert list(np.bincount(owner[parts.holdout], minlength=3)) == [1, 0, 1]


@pytest.mark.parametrize("settings", [{"folds": 1}, {"folds": 5, "fold": 5}])
def test_impossible_folds(settings):
    with pytest.raises(InputError, match="fold"):
        Folds(**settings)
