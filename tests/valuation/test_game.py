"""The game by real retraining: what is trained, under every seed, and what is noted."""

import numpy as np
import pytest
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.network import Network
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.retrainer import Retrainer
from datacoalition.ml_tasks.scores import View
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.task import baseline
from datacoalition.valuation.campaign import Scale
from datacoalition.valuation.game import RetrainingUtility, value_groups
from datacoalition.valuation.methods import LeaveOneOut, Shapley
from datacoalition.valuation.players import Family
from datacoalition.valuation.utility import UtilityTable


def scale_of(retrainer: Retrainer) -> Scale:
    best = retrainer.scores(Holdings.everyone(len(retrainer.task.contributors))).view()
    return Scale(baseline(retrainer.task, View()), best.per_seed, True, best.exact)


@pytest.fixture(scope="module")
def digits():
    task = Digits(model=Network(hidden=8, epochs=2))()
    retrainer = Retrainer(task, (0, 1, 2))
    labels = [("a", "b", "c", None)[k % 4] for k in range(len(task.contributors))]
    return retrainer, Family.by_label(labels), scale_of(retrainer)


def test_a_value_is_the_share_of_the_gap_under_every_seed(digits):
    retrainer, family, scale = digits
    everyone = Holdings.everyone(100)
    utility = RetrainingUtility(retrainer, everyone, family, scale)
    found = utility(frozenset("ab"))
    scores = retrainer.scores(everyone.only(family.members("a") | family.members("b"))).view().per_seed
    np.testing.assert_array_equal(found, (scores - scale.baseline) / scale.gap)
    assert len(set(found.tolist())) == 3


def test_numbers_at_hand_are_those_of_the_same_game_and_seeds_and_count_as_remembered(digits):
    retrainer, family, scale = digits
    everyone, group = Holdings.everyone(100), frozenset("bc")
    first = RetrainingUtility(retrainer, everyone, family, scale)(group)
    other = Retrainer(retrainer.task, retrainer.seeds)  # no store: what it has not at hand it trains
    again = RetrainingUtility(other, everyone, family, scale)
    again.ahead([group])
    np.testing.assert_array_equal(again(group), first)
    assert (other.counts.asked, other.counts.done, other.counts.remembered) == (3, 0, 3)
    fewer = Retrainer(retrainer.task, retrainer.seeds[:2])
    assert len(RetrainingUtility(fewer, everyone, family, scale)(group)) == 2
    assert fewer.counts.done == 2
    RetrainingUtility(other, everyone.without([1]), family, scale)(group)
    assert other.counts.done == 3


def test_who_is_outside_is_there_only_if_the_family_keeps_them(digits):
    retrainer, family, scale = digits
    kept = Family(family.names, family.holds, outside="present")
    everyone, outside = Holdings.everyone(100), np.arange(100) % 4 == 3
    found = RetrainingUtility(retrainer, everyone, kept, scale)(frozenset())
    scores = retrainer.scores(everyone.only(outside)).view().per_seed
    np.testing.assert_array_equal(found, (scores - scale.baseline) / scale.gap)


def test_noise_of_training_is_kept_apart_and_a_second_method_trains_nothing(digits):
    retrainer, family, scale = digits
    everyone = Holdings.everyone(100)
    shapley = value_groups(retrainer, everyone, family, scale, Shapley(), 0)
    done = retrainer.counts.done
    leave_one_out = value_groups(retrainer, everyone, family, scale, LeaveOneOut(), 0)
    assert retrainer.counts.done == done
    for found in (shapley, leave_one_out):
        assert (found.sampling_stderr == 0).all()
        assert (found.training_stderr > 0).all()
        np.testing.assert_array_equal(found.stderr, found.training_stderr)
        assert found.note.endswith("25 contributors outside the players are always absent")
    table = UtilityTable(RetrainingUtility(retrainer, everyone, family, scale))
    whole, nothing = table.many([frozenset("abc"), frozenset()])
    assert shapley.worth.sum() == pytest.approx((whole - nothing).mean(), abs=1e-12)
    a = table.many([frozenset("abc")])[0] - table.many([frozenset("bc")])[0]
    assert leave_one_out.worth[0] == pytest.approx(a.mean(), abs=1e-12)
    assert leave_one_out.training_stderr[0] == pytest.approx(a.std(ddof=1) / np.sqrt(3), abs=1e-12)


def test_one_training_seed_says_nothing_of_noise(digits):
    retrainer, family, _ = digits
    one = Retrainer(retrainer.task, (0,), retrainer.store)
    found = value_groups(one, Holdings.everyone(100), family, scale_of(one), LeaveOneOut(), 0)
    assert np.isnan(found.stderr).all()
    assert np.isnan(found.training_stderr).all()
    assert (found.sampling_stderr == 0).all()


def test_a_formula_has_no_noise_and_its_values_a_closed_form():
    task = PowerLaw()()
    retrainer = Retrainer(task, (0,))
    n = len(task.contributors)
    half = Family.by_label(["x" if k < n // 2 else "y" for k in range(n)])
    found = value_groups(retrainer, Holdings.everyone(n), half, scale_of(retrainer), Shapley(), 0)
    assert (found.stderr == 0).all()
    utility = RetrainingUtility(retrainer, Holdings.everyone(n), half, scale_of(retrainer))
    v = {group: utility(frozenset(group)) for group in ("", "x", "y", "xy")}
    assert found.worth[0] == pytest.approx((v["x"] - v[""] + v["xy"] - v["y"]) / 2, abs=1e-12)


def test_a_player_without_records_is_refused(digits):
    retrainer, family, scale = digits
    nobody = Holdings.everyone(100).without(family.members("b"))
    with pytest.raises(InputError, match=r"^players: found 'b', who has no training record"):
        value_groups(retrainer, nobody, family, scale, Shapley(), 0)


def test_utilities_of_different_games_have_different_fingerprints(digits):
    retrainer, family, scale = digits
    everyone = Holdings.everyone(100)
    other = Family(family.names, family.holds, outside="present")
    games = [
        RetrainingUtility(retrainer, holdings, players, scale)
        for holdings in (everyone, everyone.without(np.array([1])))
        for players in (family, other)
    ]
    assert len({game.fingerprint for game in games}) == 4


@pytest.mark.parametrize("outside", ["absent", "present"])
def test_records_with_features_are_those_of_the_players_and_of_who_is_always_there(digits, outside):
    retrainer, family, scale = digits
    family = Family(family.names, family.holds, outside=outside)
    held = Holdings.everyone(100).without(np.array([0]))
    found = RetrainingUtility(retrainer, held, family, scale).examples()
    records = retrainer.task.records.copy()
    records[0] = 0
    label = np.arange(100) % 4
    assert np.bincount(found.owner + 1, minlength=4).tolist() == [
        records[label == 3].sum() if outside == "present" else 0, *(records[label == k].sum() for k in range(3)),
    ]  # fmt: skip
    assert found.train_x.shape[1] == 64
    assert len(found.test_x) == int(retrainer.task.yardstick.counts["accuracy"][0].sum())
    assert found.train_x.max() == 1


def test_a_task_without_features_offers_no_records():
    task = PowerLaw()()
    retrainer, n = Retrainer(task, (0,)), len(task.contributors)
    family = Family.by_label(["x", *["y"] * (n - 1)])
    assert RetrainingUtility(retrainer, Holdings.everyone(n), family, scale_of(retrainer)).examples() is None
