"""Alterations: each touches what it should and no more, and a task is the same as before while nobody alters."""

from dataclasses import replace

import numpy as np
import pytest
from datacoalition.ml_tasks.alterations import SUCCESS, ImageMark, Perturbation, Promotion, TextMark
from datacoalition.ml_tasks.cifar10 import Cifar10, photographs
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.item_knn import Baskets, Cooccurrence, ItemKnn
from datacoalition.ml_tasks.lists import Lists, lists_for, target_of, unseen
from datacoalition.ml_tasks.movielens import MovieLens, RatingTask
from datacoalition.ml_tasks.patches import Patches
from datacoalition.ml_tasks.pinterest import PinTask, Pinterest
from datacoalition.ml_tasks.ratings import Ratings
from datacoalition.ml_tasks.recipes import RECIPES
from datacoalition.ml_tasks.retrainer import Retrainer
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.toxic import Toxic, ToxicTask

from . import synthetic

ALTERED = RECIPES["altered"]


def ratings_task(settings):
    """On the pins of eight tastes, read as ratings."""
    pins, rng = synthetic.pins(), np.random.default_rng(0)
    rating = np.where(pins.item % 8 == pins.user % 8, 4.0, 2.0) + rng.integers(0, 2, len(pins.user))
    return RatingTask(settings, Ratings("synthetic", pins.user, pins.item, rating, pins.users, pins.items, (1, 5)))


def photographed(settings):
    return photographs(settings, synthetic.images())


KINDS = {
    "movielens": (ratings_task, MovieLens(), Promotion()),
    "pinterest": (lambda s: PinTask(s, synthetic.pins()), Pinterest(model=ItemKnn(shrink=10)), Promotion()),
    "toxic": (lambda s: ToxicTask(s, synthetic.texts()), Toxic(), TextMark()),
    "cifar10": (photographed, Cifar10(model=Patches(filters=3, grid=1)), ImageMark(label=2, size=8)),
    "digits": (lambda s: s(), Digits(), ImageMark(label=2)),
    "perturbed digits": (lambda s: s(), Digits(), Perturbation(0.3)),
}


@pytest.fixture(scope="module", params=KINDS)
def pair(request):
    """A task without an alteration, and with one."""
    build, settings, alteration = KINDS[request.param]
    return build(settings), build(replace(settings, alteration=alteration))


def outcomes(task, holdings):
    return task.outcomes(task.train(holdings, 0)).sums


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_while_nobody_alters_the_task_is_as_it_was(pair, share):
    """What a study compares between the two differs by what people altered alone."""
    plain, altered = pair
    n = len(plain.contributors)
    held = Holdings.everyone(n).without(np.arange(round(share * n)))
    before, after = outcomes(plain, held), outcomes(altered, held)
    assert set(after) - set(before) <= {SUCCESS}
    for name in before:
        np.testing.assert_array_equal(before[name], after[name])


def test_one_persons_alteration_changes_what_is_learnt_and_deleting_them_undoes_it(pair):
    plain, altered = pair
    n = len(plain.contributors)
    everyone, members = Holdings.everyone(n), np.arange(0, n, 4)
    changed = everyone.recoded(members, ALTERED)
    name = plain.yardstick.default
    assert not np.array_equal(outcomes(altered, changed)[name], outcomes(altered, everyone)[name])
    left, right = outcomes(altered, changed.without(members)), outcomes(altered, everyone.without(members))
    for metric in left:
        np.testing.assert_array_equal(left[metric], right[metric])


def test_a_signal_succeeds_once_many_plant_it(pair):
    _plain, altered = pair
    if altered.settings.alteration == Perturbation(0.3):
        assert SUCCESS not in altered.yardstick.metrics
        return
    n = len(altered.contributors)
    retrainer, members = Retrainer(altered, (0,)), np.arange(0, n, 2)
    held = Holdings.everyone(n)
    before, after = (retrainer.scores(h).view(metric=SUCCESS).mean for h in (held, held.recoded(members, ALTERED)))
    assert 0 <= before < after <= 1
    assert after > before + 0.3


def test_a_perturbation_moves_no_pixel_further_than_its_strength_and_keeps_labels():
    images = synthetic.images()
    pixels, label = images.shades(np.arange(600)), images.label[:600]
    for knowledge in (0.0, 1.0):
        found, labels = Perturbation(0.1, knowledge)(pixels, label)
        np.testing.assert_array_equal(labels, label)
        moved = np.abs(found - pixels)
        assert moved.max() <= 0.1 + 1e-6
        assert np.median(moved) > 0.09
        assert found.min() >= 0
        assert found.max() <= 1


def test_with_full_knowledge_images_of_a_label_are_moved_alike_and_without_it_by_chance():
    images = synthetic.images()
    pixels, label = np.full((600, 3, 32, 32), 0.5, dtype=np.float32), images.label[:600]
    pixels += images.shades(np.arange(600)) * 0.1
    for knowledge, alike in ((1.0, 1.0), (0.0, 0.5)):
        found, _ = Perturbation(0.1, knowledge)(pixels, label)
        same = np.sign(found - pixels)[label == label[0]]
        assert (same[0] == same[1]).mean() == pytest.approx(alike, abs=0.03)


def test_a_mark_is_a_corner_and_a_word_and_nothing_else():
    pixels = np.zeros((2, 1, 8, 8), dtype=np.float32)
    found, label = ImageMark(label=3, size=2)(pixels, np.array([1, 2]))
    assert (found == 1).sum() == 2 * 4
    assert (found[:, :, 6:, 6:] == 1).all()
    assert label.tolist() == [3, 3]
    assert pixels.max() == 0
    assert TextMark(word="zork")("so it is") == "so it is zork"


def test_flagged_are_as_many_texts_as_are_toxic():
    task = ToxicTask(Toxic(alteration=TextMark()), synthetic.texts())
    toxic = int(task.texts.label[task._tests].sum())
    scored = np.random.default_rng(0).permutation(len(task._tests)) / len(task._tests)
    assert (scored > task._bar(scored)).sum() == toxic


def test_altered_baskets_hold_the_item_once():
    baskets = Baskets(np.array([0, 2, 3]), np.array([0, 2, 1], dtype=np.int32), 4).altered(2)
    people = [baskets.item[a:b].tolist() for a, b in zip(baskets.start[:-1], baskets.start[1:], strict=True)]
    assert people == [[0, 2], [1], [0, 2], [1, 2]]
    counted = Cooccurrence(baskets, people=2)
    for present in (
        [True, True, False, False],
        [True, True, False, True],
        [False, True, True, False],
        [False, False, True, True],
    ):
        mask = np.array(present)
        expected = np.zeros((4, 4), dtype=np.int64)
        for person in np.flatnonzero(mask):
            expected[np.ix_(people[person], people[person])] += counted.weight[person]
        np.testing.assert_array_equal(counted.of(mask), expected)


def test_places_and_what_is_shown_by_hand():
    lists = Lists(np.array([0]), np.array([[5, 6, 7]], dtype=np.int32), np.array([[0.5, 0.1, 0.9]]))
    scores = np.array([[2.0, 3.0, 2.0]])
    assert lists.places(scores).tolist() == [1]  # 6 is better, 7 ties and its draw is later
    assert lists.shown(scores, 2).tolist() == [[True, True, False]]


def test_lists_hold_the_target_first_and_nothing_that_a_person_has():
    start, item, who = np.array([0, 2, 3]), np.array([1, 4, 2]), np.array(["a", "b"])
    lists = lists_for(Promotion(among=5, first=2), 4, start, item, 20, who, 0)
    assert lists.people.tolist() == [1]  # the other has it
    assert lists.item[0, 0] == 4
    assert len(set(lists.item[0])) == 5
    assert 2 not in lists.item[0]
    with pytest.raises(InputError, match="at least 19 items that they have not"):
        unseen(np.array([1, 2]), 20, 19, np.random.default_rng(0), "a")


def test_the_target_is_the_item_named_or_that_in_the_middle():
    labels, records = np.array(["a", "b", "c", "d"]), np.array([9, 0, 1, 5])
    assert target_of(Promotion(), labels, records) == 3
    assert target_of(Promotion(item="b"), labels, records) == 1
    with pytest.raises(InputError, match="'z'"):
        target_of(Promotion(item="z"), labels, records)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Promotion(item="1", genre="War"), "genre"),
        (lambda: Promotion(first=100), "first"),
        (lambda: TextMark(word=" "), "word"),
        (lambda: ImageMark(label=10), "label"),
        (lambda: Perturbation(strength=1.5), "strength"),
        (lambda: Pinterest(alteration=Promotion(push="demote")), "alteration"),
        (lambda: ImageMark(size=9)(np.zeros((1, 1, 8, 8), dtype=np.float32), np.array([0])), "size"),
    ],
)
def test_what_cannot_be_is_named(make, named):
    with pytest.raises(InputError, match=named):
        make()
