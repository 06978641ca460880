"""The retrainer: trains once, counts honestly, and never makes a score of a broken training."""

import os
import threading

import numpy as np
import pytest
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.movielens import MovieLens
from datacoalition.ml_tasks.network import Network
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.retrainer import Retrainer
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.store import ScoreStore
from datacoalition.ml_tasks.svd import Svd
from datacoalition.ml_tasks.task import TrainingError


@pytest.fixture(scope="module")
def task():
    return Digits(model=Network(hidden=8, epochs=2))()


def per_seed(retrainer: Retrainer, holdings: Holdings) -> list[float]:
    return retrainer.scores(holdings).view().per_seed.tolist()


def counts(retrainer: Retrainer) -> tuple[int, int, int]:
    return retrainer.counts.asked, retrainer.counts.done, retrainer.counts.remembered


def test_nothing_is_trained_twice(task):
    retrainer, full = Retrainer(task, (0, 1)), Holdings.everyone(100)
    first = per_seed(retrainer, full)
    assert counts(retrainer) == (2, 2, 0)
    assert per_seed(retrainer, full.without(np.array([3])).with_(np.array([3]))) == first
    assert counts(retrainer) == (4, 2, 2)
    assert len(set(first)) == 2


def test_a_store_remembers_across_retrainers_to_the_bit(task, tmp_path):
    full = Holdings.everyone(100)
    cold = Retrainer(task, (0, 1), ScoreStore(tmp_path / "s.sqlite"))
    warm = Retrainer(task, (0, 1, 2), ScoreStore(tmp_path / "s.sqlite"))
    assert per_seed(warm, full)[:2] != []
    assert counts(warm) == (3, 3, 0)
    assert per_seed(cold, full) == per_seed(warm, full)[:2]
    assert counts(cold) == (2, 0, 2)


def test_other_settings_are_other_trainings(task):
    full = Holdings.everyone(100)
    store = ScoreStore()
    per_seed(Retrainer(task, (0,), store), full)
    other = Digits(model=Network(hidden=8, epochs=3))()
    retrainer = Retrainer(other, (0,), store)
    per_seed(retrainer, full)
    assert counts(retrainer) == (1, 1, 0)
    split = Digits(model=Network(hidden=8, epochs=2), data_seed=1)()
    assert split.key != task.key
    assert Digits(model=Network(hidden=8, epochs=2), train_seeds=(5,))().key == task.key


def test_a_formula_leaves_no_trace_in_the_store():
    store = ScoreStore()
    retrainer = Retrainer(PowerLaw()(), (0,), store)
    score = retrainer.scores(Holdings.everyone(1000)).view()
    assert score.stderr == 0.0
    assert len(store) == 0


def test_a_diverged_training_is_an_error_and_is_not_remembered():
    broken = Digits(model=Network(hidden=8, epochs=2, learning_rate=1e30))()
    store = ScoreStore()
    with pytest.raises(TrainingError, match="diverged"):
        Retrainer(broken, (0,), store).scores(Holdings.everyone(100))
    assert len(store) == 0


def test_holdings_of_another_task_are_refused(task):
    with pytest.raises(ValueError, match="contributors"):
        Retrainer(task, (0,)).scores(Holdings.everyone(5))


@pytest.fixture(scope="module")
def threaded(tmp_path_factory):
    """A task whose trainings may run in threads: 20 people with ratings of 30 items each."""
    file, rng = tmp_path_factory.mktemp("ratings") / "ratings.csv", np.random.default_rng(0)
    rows = [f"{user},{item},{rng.integers(1, 6)}" for user in range(20) for item in rng.permutation(50)[:30]]
    file.write_text("\n".join(["user,item,rating", *rows]) + "\n")
    return MovieLens(data="csv", path=str(file), model=Svd(factors=4, epochs=2))()


def some_holdings(task) -> list[Holdings]:
    everyone = Holdings.everyone(len(task.contributors))
    return [everyone, everyone.without(np.array([3])), everyone.without(np.array([3])), everyone.without(np.arange(9))]


@pytest.mark.parametrize("stored", [False, True])
def test_ahead_gives_the_scores_and_counts_of_one_after_the_other(threaded, stored):
    together, plain = (Retrainer(threaded, (0, 1, 2), ScoreStore() if stored else None) for _ in range(2))
    several = some_holdings(threaded)
    together.ahead(several[1:])
    assert counts(together) == (6, 6, 0)
    found = [per_seed(together, holdings) for holdings in several]
    assert found == [per_seed(plain, holdings) for holdings in several]
    assert counts(together) == counts(plain) == (12, 9, 3)
    together.ahead(several)
    assert counts(together) == counts(plain)
    assert per_seed(together, several[1]) == found[1]
    assert counts(together) == (15, 9, 6)


def test_ahead_trains_on_several_holdings_at_once(threaded, monkeypatch):
    barrier = threading.Barrier(2)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    def train(holdings, seed):
        barrier.wait(timeout=20)  # nobody gets past it alone

    monkeypatch.setattr(threaded, "train", train)
    Retrainer(threaded, (0,)).ahead(some_holdings(threaded)[:2])


@pytest.mark.parametrize("stored", [False, True])
def test_ahead_trains_no_more_than_is_kept_at_hand(threaded, stored, monkeypatch):
    size = sum(sums.nbytes for sums in threaded.yardstick.baseline.sums.values())
    monkeypatch.setattr("datacoalition.ml_tasks.retrainer._IN_MEMORY", 5 * size)
    retrainer, several = Retrainer(threaded, (0, 1), ScoreStore() if stored else None), some_holdings(threaded)
    retrainer.ahead([several[0], several[1], several[3]])
    assert counts(retrainer) == (4, 4, 0)
    for holdings in several:
        retrainer.scores(holdings)
    assert counts(retrainer) == (8, 6, 2)
    assert len(retrainer._memory) <= 5


def test_what_was_forgotten_since_it_was_trained_ahead_is_trained_again(threaded, monkeypatch):
    monkeypatch.setattr("datacoalition.ml_tasks.retrainer._IN_MEMORY", 0)
    retrainer, several = Retrainer(threaded, (0, 1)), some_holdings(threaded)
    retrainer.ahead([several[0]])
    for holdings in (several[1], several[0]):
        retrainer.scores(holdings)
        assert retrainer.counts.asked == retrainer.counts.done + retrainer.counts.remembered
    assert counts(retrainer) == (6, 6, 0)


def test_ahead_does_nothing_where_threads_would_change_results(task):
    retrainer = Retrainer(task, (0, 1))
    assert not task.threads
    retrainer.ahead([Holdings.everyone(100)])
    assert counts(retrainer) == (0, 0, 0)


def test_a_training_that_breaks_ahead_is_an_error_and_is_not_remembered(threaded, monkeypatch):
    def broken(holdings, seed):
        raise TrainingError("it broke")

    monkeypatch.setattr(threaded, "train", broken)
    store = ScoreStore()
    with pytest.raises(TrainingError, match="it broke"):
        Retrainer(threaded, (0, 1), store).ahead(some_holdings(threaded))
    assert len(store) == 0


@pytest.mark.parametrize("seeds", [(), (0, 0), (-1,), (2**32,)])
def test_impossible_seeds(task, seeds):
    """The same seed twice is one training counted twice, with a standard error of 0."""
    for build in (
        lambda: Retrainer(task, seeds),
        lambda: Digits(train_seeds=seeds),
        lambda: PowerLaw(train_seeds=seeds),
    ):
        with pytest.raises(InputError, match="train_seeds"):
            build()
