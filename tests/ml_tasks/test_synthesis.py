"""Records that a firm makes up from those that it holds: of nobody who withdrew, and really trained on."""

import numpy as np
import pytest
from datacoalition.ml_tasks.cifar10 import Cifar10, photographs
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.images import Images
from datacoalition.ml_tasks.movielens import MovieLens, RatingTask
from datacoalition.ml_tasks.patches import Patches
from datacoalition.ml_tasks.ratings import Ratings
from datacoalition.ml_tasks.recipes import RandomTargets
from datacoalition.ml_tasks.retrainer import Retrainer
from datacoalition.ml_tasks.synthesis import Synthetic, noisy_levels, noisy_shades, thinned_text
from datacoalition.ml_tasks.texts import Texts
from datacoalition.ml_tasks.toxic import Toxic, ToxicTask

from . import synthetic


def ratings(changed: int = -1) -> Ratings:
    """Sixty people rate half of fifty films by two tastes; the person `changed` rates everything quite otherwise."""
    rng, rows = np.random.default_rng(0), []
    for user in range(60):
        for item in np.sort(rng.permutation(50)[:25]):
            likes = 3.5 + (1 if (user + item) % 2 else -1) + rng.normal(0, 0.5)
            rows.append((user, item, 7 - likes if user == changed else likes))
    user, item, rating = map(np.array, zip(*rows, strict=True))
    names = [np.array([str(i) for i in range(n)]) for n in (60, 50)]
    levels = np.clip(np.rint(2 * rating) / 2, 0.5, 5)
    return Ratings("made", user.astype(np.int32), item.astype(np.int32), levels, *names, (0.5, 5.0))


def texts(changed: int = -1) -> Texts:
    """Each text is a person's own; that of `changed` is of words that nobody else uses."""
    made = synthetic.texts()
    words = ["zzqx " * 12 if k == changed else text for k, text in enumerate(made.text)]
    return Texts("made", tuple(words), made.label)


def images(changed: int = -1) -> Images:
    made = synthetic.images()
    pixels = made.pixels.copy()
    if changed >= 0:
        pixels[changed] = 255 - pixels[changed]
    return Images("made", pixels, made.label, made.official_test)


TASKS = {
    "movielens": lambda changed=-1: RatingTask(MovieLens(), ratings(changed)),
    "toxic": lambda changed=-1: ToxicTask(Toxic(), texts(changed)),
    "cifar10": lambda changed=-1: photographs(Cifar10(model=Patches(filters=3, grid=1)), images(changed)),
    "digits": lambda changed=-1: Digits()(),
}


@pytest.fixture(scope="module", params=TASKS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def task(kind):
    return TASKS[kind]()


def trained(task, holdings: Holdings):
    return task.outcomes(task.train(holdings, 0)).sums[task.yardstick.default]


def left_of(task, out: np.ndarray) -> Holdings:
    return Holdings.everyone(len(task.contributors)).without(out)


def test_made_up_records_are_trained_on_and_change_what_is_learnt(task):
    left = left_of(task, np.arange(len(task.contributors)) % 3 == 0)
    plain, more, again = (trained(task, left.filled(Synthetic(n, 0.2)) if n else left) for n in (0, 100, 100))
    assert not np.array_equal(plain, more)
    np.testing.assert_array_equal(more, again)
    assert not np.array_equal(more, trained(task, left.filled(Synthetic(100, 0.4))))
    assert not np.array_equal(more, trained(task, left.filled(Synthetic(50, 0.2))))


@pytest.mark.parametrize("kind", ["movielens", "toxic", "cifar10"])
def test_what_withdrawn_people_had_makes_no_difference(kind):
    """Two data sets that differ in one person's training records alone, and that person has withdrawn."""
    plain = TASKS[kind]()
    person = int(np.flatnonzero(plain.records > 0)[7])
    record = person if kind == "movielens" else int(np.flatnonzero(plain._owner == person)[0])
    other = TASKS[kind](record)
    left = [left_of(task, np.array([person])).filled(Synthetic(100, 0.2)) for task in (plain, other)]
    readings = [task.train(holdings, 0) for task, holdings in zip((plain, other), left, strict=True)]
    everything = Holdings.everyone(len(plain.contributors)).filled(Synthetic(100, 0.2))
    with_them = [task.train(everything, 0) for task in (plain, other)]
    if kind == "movielens":
        pairs = np.repeat(np.arange(60), 50), np.tile(np.arange(50), 60)
        readings, with_them = ([fit.predict(*pairs, (0.5, 5)) for fit in some] for some in (readings, with_them))
    else:
        # Of their own test records, if any, the pixels and words differ too.
        same = plain._owner[plain._tests if kind == "toxic" else plain._at.asked] != person
        readings, with_them = ([read[0][: len(same)][same] for read in some] for some in (readings, with_them))
    np.testing.assert_array_equal(*readings)
    if kind != "cifar10":  # one picture in 600 need not turn a label
        assert not np.array_equal(*with_them)


def test_the_store_tells_them_apart(task):
    left = left_of(task, np.array([0]))
    made = [left, left.filled(Synthetic(3, 0.1)), left.filled(Synthetic(4, 0.1)), left.filled(Synthetic(3, 0.2))]
    assert len({holdings.fingerprint for holdings in made}) == 4
    retrainer = Retrainer(task, (0,))
    for holdings in (*made, *made):
        retrainer.scores(holdings)
    assert retrainer.counts.done == 4


def test_whatever_changes_what_is_held_drops_them():
    made = Holdings.everyone(5).filled(Synthetic(3, 0.1))
    one = np.array([1])
    for changed in (
        made.without(one), made.with_(one), made.only(one), made.recoded(one, RandomTargets()), made.unlinked_from(one),
        made.joined(Holdings.nobody(5)), made.lacking(Holdings.nobody(5)),
    ):  # fmt: skip
        assert changed.synthetic is None


def test_each_record_gives_one_at_most_and_the_draw_goes_by_the_record():
    key = np.arange(100, dtype=np.uint64)
    drawn = Synthetic(30, 0.1).drawn(key)
    assert len(np.unique(drawn)) == 30
    assert len(Synthetic(300, 0.1).drawn(key)) == 100
    assert set(drawn) <= set(Synthetic(60, 0.1).drawn(key))
    # Without one record that was not drawn, the same ones are drawn.
    spared = next(i for i in range(100) if i not in drawn)
    np.testing.assert_array_equal(np.delete(key, spared)[Synthetic(30, 0.1).drawn(np.delete(key, spared))], key[drawn])


def test_whole_groups_are_drawn_and_of_the_last_a_part():
    key, group = np.arange(100, dtype=np.uint64), np.repeat(np.arange(10), 10)
    found = np.bincount(group[Synthetic(35, 0.1).drawn(key, group)], minlength=10)
    assert sorted(found) == [0] * 6 + [5, 10, 10, 10]


def test_the_noise_is_as_strong_as_it_says():
    levels = np.arange(0.5, 5.01, 0.5)
    key = np.arange(50_000, dtype=np.uint64)
    middle = np.full(len(key), 2.5)
    moved = noisy_levels(middle, key, levels, 0.2) - middle
    assert set(moved) <= set(np.arange(-2.0, 2.51, 0.5))
    assert np.std(moved) == pytest.approx(0.2 * 4.5, rel=0.05)  # a little less is cut off, a little more is rounded
    np.testing.assert_array_equal(noisy_levels(middle, key, levels, 0.0), middle)
    grey = np.full((2000, 1, 4, 4), 0.5, dtype=np.float32)
    assert noisy_shades(grey, 0.1).std() == pytest.approx(0.1, rel=0.02)
    words = " ".join(["word"] * 1000)
    lengths = [len(thinned_text(words, key, 0.3).split()) for key in range(20)]
    assert np.mean(lengths) == pytest.approx(700, abs=15)
    assert len(set(lengths)) > 5
    assert thinned_text("one", 1, 1.0) == "one"


def test_made_up_people_are_nobody_to_those_who_left():
    """Who withdrew is a stranger to the model, whatever it made up in their place."""
    task = TASKS["movielens"]()
    out = np.array([3, 4])
    fit = task.train(left_of(task, out).filled(Synthetic(50, 0.1)), 0)
    films = np.arange(50)
    strangers = [fit.predict(np.full(50, user), films, (0.5, 5)) for user in out]
    np.testing.assert_array_equal(*strangers)
