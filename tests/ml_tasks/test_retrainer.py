"""The retrainer: trains once, counts honestly, and never makes a score of a broken training."""

import numpy as np
import pytest
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.network import Network
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.retrainer import Retrainer
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.store import ScoreStore
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
