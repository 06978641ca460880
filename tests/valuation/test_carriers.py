"""Who carries the value: closed-form games, and real retraining read by audience."""

import numpy as np
import pytest
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.network import Network
from datacoalition.ml_tasks.retrainer import Retrainer
from datacoalition.ml_tasks.settings import InputError
from datacoalition.valuation.carriers import joint_and_alone, votes
from datacoalition.valuation.players import Family
from datacoalition.valuation.utility import UtilityTable


def saturating(group):
    return 1 - 0.5 ** len(group)


def carried(utility, groups, **options):
    return joint_and_alone(UtilityTable(utility), groups, np.random.default_rng(0), **options).set_index("group")


def test_where_data_saturate_a_group_is_worth_more_than_its_members():
    found = carried(saturating, {"x": [0, 1, 2, 3], "y": [4, 5]})
    whole = saturating(range(6))
    assert found.loc["x", "joint"] == pytest.approx(whole - saturating(range(2)), abs=1e-15)
    assert found.loc["x", "alone"] == pytest.approx(4 * 0.5**6, abs=1e-15)
    assert found.loc["x", "gap"] == pytest.approx(found.loc["x", "joint"] - found.loc["x", "alone"], abs=1e-15)
    assert (found["gap"] > 0).all()
    assert (found["gap_stderr"] == 0).all()
    assert found["members_asked"].tolist() == [4, 2]


def test_in_an_additive_game_there_is_no_gap_and_where_all_are_needed_it_is_negative():
    own = [1.0, 2.0, 4.0]
    assert carried(lambda g: sum(own[i] for i in g), {"x": [0, 1], "y": [2]})["gap"].abs().max() == 0
    needed = carried(lambda g: float(len(g) == 3), {"x": [0, 1], "y": [2]})
    assert needed.loc["x", ["joint", "alone", "gap"]].tolist() == [1, 2, -1]


def test_a_drawn_part_of_a_large_group_is_scaled_up_with_its_error():
    own = np.random.default_rng(1).exponential(size=400)
    truth = own.sum()
    found = [
        joint_and_alone(UtilityTable(lambda g: own[list(g)].sum()), {"x": range(400)}, np.random.default_rng(seed), 40)
        for seed in range(60)
    ]
    z = np.array([(one["alone"][0] - truth) / one["alone_stderr"][0] for one in found])
    assert 0.7 < z.std() < 1.4
    assert abs(z.mean()) < 0.5
    assert found[0]["members_asked"].tolist() == [40]
    assert found[0]["joint_stderr"].tolist() == [0]


def test_seeds_give_each_figure_its_own_error():
    def utility(group):
        return np.array([1.0, 3.0]) * len(group) ** 2

    found = carried(utility, {"x": [0, 1], "y": [2]})
    joint, alone = np.array([8.0, 24.0]), np.array([10.0, 30.0])
    assert found.loc["x", "joint_stderr"] == pytest.approx(joint.std(ddof=1) / np.sqrt(2))
    assert found.loc["x", "gap"] == pytest.approx((joint - alone).mean())
    assert found.loc["x", "gap_stderr"] == pytest.approx((joint - alone).std(ddof=1) / np.sqrt(2))


@pytest.mark.parametrize(
    ("groups", "most", "message"),
    [
        ({"x": [0, 1], "y": [1]}, None, "^players: found 1 more than once"),
        ({"x": []}, None, "^groups: found 'x', which is empty"),
        ({"x": [0]}, 1, "^most: found 1; expected at least 2"),
    ],
)
def test_bad_groups_are_refused(groups, most, message):
    with pytest.raises(InputError, match=message):
        carried(saturating, groups, most=most)


def test_votes_are_read_on_each_audiences_own_records():
    task = Digits(model=Network(hidden=8, epochs=3))()
    retrainer = Retrainer(task, (0, 1))
    family = Family.by_label(["low" if k < 60 else "high" for k in range(100)])
    everyone = Holdings.everyone(100)
    found = votes(retrainer, everyone, family).set_index(["source", "audience"])
    assert len(found) == 4
    low = family.members("low")
    before, after = (retrainer.scores(h).view(audience=~low).per_seed for h in (everyone, everyone.without(low)))
    assert found.loc[("low", "high"), "loss"] == pytest.approx((before - after).mean())
    assert found.loc[("low", "high"), "stderr"] == pytest.approx((before - after).std(ddof=1) / np.sqrt(2))
    assert found.loc[("low", "high"), "loss"] != found.loc[("low", "low"), "loss"]
    assert retrainer.counts.done == 2 * 3
