"""CIFAR-10: files verified before they are read, exact downdates, and a network that trains on a processor."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from datacoalition.ml_tasks import images as loaders
from datacoalition.ml_tasks.cifar10 import Cifar10, photographs
from datacoalition.ml_tasks.downloads import DATASETS
from datacoalition.ml_tasks.folders import data_folder
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.images import FOLDER, fewer, load
from datacoalition.ml_tasks.patches import LIMIT, STEPS, Features, Patches, gram, solved
from datacoalition.ml_tasks.resnet import ResNet, _varied
from datacoalition.ml_tasks.retrainer import Retrainer
from datacoalition.ml_tasks.settings import InputError

from . import synthetic

IMAGES = synthetic.images()
SMALL = Patches(filters=12)
USUAL = np.flatnonzero(~IMAGES.official_test)
FEATURES = Features.of(SMALL, IMAGES, USUAL)


class Dangerous:
    """A pickle that would make a file when it is read."""

    def __reduce__(self):
        return os.mkdir, ("it-ran",)


def test_another_pickle_is_refused_without_being_read(tmp_path, monkeypatch):
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no file"):
        load()
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "data_batch_1").write_bytes(pickle.dumps(Dangerous()))
    with pytest.raises(InputError, match=r"data_batch_1: found MD5 .* official file"):
        load()
    assert not (tmp_path / "it-ran").exists()


@pytest.mark.skipif(not (data_folder() / FOLDER).is_dir(), reason="the official CIFAR-10 files are not at hand")
def test_the_official_files():
    images = load()
    assert images.pixels.shape == (60_000, 3, 32, 32)
    np.testing.assert_array_equal(np.bincount(images.label[~images.official_test]), 5000)
    np.testing.assert_array_equal(np.bincount(images.label[images.official_test]), 1000)
    assert images.fingerprint == "06036f61da03acc70d79a9341a7159f0", "as ever: another order changes every split"


def test_fewer_images_keep_the_whole_test_set():
    some = fewer(IMAGES, 100, 0)
    assert (~some.official_test).sum() == 100
    assert some.official_test.sum() == IMAGES.official_test.sum()
    with pytest.raises(InputError, match="at most 600"):
        fewer(IMAGES, 601, 0)


@pytest.mark.parametrize("share", [0.05, 0.4, 0.6, 0.95])
def test_taking_people_out_equals_a_fit_from_scratch_to_the_bit(share):
    rows = USUAL[np.random.default_rng(1).random(len(USUAL)) < share]
    fresh = Features(FEATURES.x, rows, gram(FEATURES.x, rows))
    found, expected = (solved(f, rows, IMAGES.label[rows], 0.002) for f in (FEATURES, fresh))
    np.testing.assert_array_equal(found, expected)
    assert np.abs(FEATURES.x @ expected).max() > 0.1


def test_rows_that_are_not_usual_count_too():
    usual = USUAL[:400]
    some = Features.of(SMALL, IMAGES, usual)
    rows = USUAL[50:500]
    np.testing.assert_array_equal(some.of_rows(rows), gram(FEATURES.x, rows))


def test_sums_of_features_are_exact_at_the_limit():
    x = np.full((1000, 3), -LIMIT, dtype=np.int8)
    np.testing.assert_array_equal(gram(x, np.arange(1000)), 1000 * LIMIT**2)


def test_the_ridge_is_that_of_numpy():
    rows = np.arange(0, 600, 2)
    x = FEATURES.x[rows].astype(float)
    wanted = np.where(IMAGES.label[rows][:, None] == np.arange(10), 1.0, -1.0)
    penalty = np.diag(np.append(np.full(x.shape[1] - 1, 0.01 * STEPS**2 * len(rows)), 0))
    expected = np.linalg.solve(x.T @ x + penalty, x.T @ wanted)
    np.testing.assert_allclose(solved(FEATURES, rows, IMAGES.label[rows], 0.01), expected, rtol=0, atol=1e-10)


def test_features_do_not_depend_on_training_images():
    other = synthetic.images()
    other.pixels[:300] = 255 - other.pixels[:300]
    np.testing.assert_array_equal(Features.of(SMALL, other, USUAL).x[300:], FEATURES.x[300:])


def test_the_holdout_is_nobodys():
    task = photographs(Cifar10(model=SMALL), IMAGES)
    full = Retrainer(task, (0,)).scores(Holdings.everyone(600))
    assert full.view("holdout").n == 300
    assert full.view("holdout", np.ones(600, dtype=bool)).n == 0
    assert 40 < full.view("company").n < 80
    assert full.view("holdout").mean > 0.5


def test_a_narrow_network_trains_repeats_and_differs_by_seed():
    task = photographs(Cifar10(model=ResNet(width=4, epochs=3, batch=64)), IMAGES)
    everyone = Holdings.everyone(600)
    first, again, other = (task.outcomes(task.train(everyone, seed)).sums["accuracy"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first[0].sum() / 300 > 0.2


def test_whitening_trains_too():
    task = photographs(Cifar10(model=ResNet(width=4, epochs=2, batch=64, whitening=True)), IMAGES)
    named, degenerate = task.train(Holdings.everyone(600), 0)
    assert degenerate == ""
    assert len(np.unique(named)) > 1


def test_fewer_images_than_a_batch_leave_the_network_untrained_and_say_so():
    task = photographs(Cifar10(model=ResNet(width=4, epochs=1, batch=512)), IMAGES)
    scores = Retrainer(task, (0,)).scores(Holdings.everyone(600).only(np.arange(100)))
    assert "untrained" in scores.view().degenerate


def test_variations_follow_the_picture_whatever_its_place_in_a_batch():
    pictures = np.random.default_rng(0).normal(size=(6, 3, 32, 32)).astype(np.float32)
    key = np.arange(6, dtype=np.uint64)
    one = _varied(pictures, key, 0, 1)
    np.testing.assert_array_equal(_varied(pictures[::-1].copy(), key[::-1].copy(), 0, 1), one[::-1])
    assert not np.array_equal(one, _varied(pictures, key, 0, 2))
    assert ((one == 0).sum(axis=(1, 2, 3)) >= 3 * 64).all()


def test_labels_that_are_shuffled_hurt():
    task = photographs(Cifar10(model=SMALL), IMAGES)
    retrainer, everyone = Retrainer(task, (0,)), Holdings.everyone(600)
    poisoned = everyone.recoded(np.arange(0, 600, 2), task.recipes["shuffled"])
    assert retrainer.scores(poisoned).view().mean < retrainer.scores(everyone).view().mean


def test_checksums_are_those_that_torchvision_has():
    from datacoalition.ml_tasks.vision import datasets

    official = datasets.CIFAR10
    expected = dict(official.train_list + official.test_list)
    assert {**expected, official.meta["filename"]: official.meta["md5"]} == loaders.CHECKSUMS
    assert set(DATASETS["cifar10"].files) == set(loaders.CHECKSUMS)
    assert official.base_folder == FOLDER


def test_listing_and_describing_data_sets_loads_neither_torch_nor_torchvision():
    code = (
        "import sys; from datacoalition.scenarios.cli import app; app(['data', 'list'], standalone_mode=False); "
        "import datacoalition.ml_tasks.cifar10, datacoalition.ml_tasks.images; "
        "assert not {'torch', 'torchvision'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.skipif(not (data_folder() / FOLDER).is_dir(), reason="the official CIFAR-10 files are not at hand")
@pytest.mark.parametrize("name", ["data_batch_5", "test_batch", "batches.meta"])
def test_every_file_is_verified_before_any_is_read(name, tmp_path, monkeypatch):
    (tmp_path / FOLDER).mkdir()
    for file in loaders.CHECKSUMS:
        (tmp_path / FOLDER / file).symlink_to(data_folder() / FOLDER / file)
    (tmp_path / FOLDER / name).unlink()
    monkeypatch.setenv("DATACOALITION_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pickle, "load", None)  # whatever reads a pickle fails
    with pytest.raises(InputError, match=f"{name}: found no file"):
        load()
    (tmp_path / FOLDER / name).write_bytes(pickle.dumps(Dangerous()))
    with pytest.raises(InputError, match=f"{name}: found MD5"):
        load()
    assert not (tmp_path / "it-ran").exists()
