"""How a run goes on: series whose regime is known, and none that is taken for another."""

import numpy as np
import pandas as pd
import pytest
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.regimes import Regime, regime, regimes, split, told


def test_a_series_that_stops_changing_is_absorbed():
    # To within one per cent of 100, so that 9 counts as 10.
    assert regime([1, 3, 6, 9, 10, 10, 10, 10, 10, 10], scale=100) == Regime("absorbed", 4)
    assert regime([1, 3, 6, 9, 10, 10, 10, 10, 10, 10], scale=10) == Regime("absorbed", 5)
    assert regime([5] * 10) == Regime("absorbed", 1)


def test_the_word_counts_as_well_as_the_number():
    words = ["strike", "nothing"] * 6
    assert regime([5] * 12, words) == Regime("cycling", 1, 2)
    assert regime([5] * 12, ["strike"] * 12) == Regime("absorbed", 1)


def test_a_series_that_comes_again_is_cycling_with_its_shortest_period():
    assert regime([0, 9, 4, 1, 5, 8, 1, 5, 8, 1, 5, 8], scale=10) == Regime("cycling", 4, 3)
    assert str(Regime("cycling", 4, 3)) == "cycling with a period of 3 rounds since round 4"
    twice = [0, 9, 4, 7, 1, 5, 8, 2, 1, 5, 8, 2]
    assert regime(twice, scale=10).kind != "cycling"  # twice is no cycle yet


def test_noise_about_a_level_is_stationary_after_a_warm_up():
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1, 40)
    start = np.linspace(60, 0, 10)
    found = regime(np.r_[start, noise[:30]] + 50, scale=10)
    assert found.kind == "stationary"
    assert 8 <= found.since <= 14


@pytest.mark.parametrize("series", [np.arange(20.0), np.arange(20.0) ** 2, 100 * 0.9 ** np.arange(12)])
def test_what_has_not_settled_is_still_moving(series):
    assert regime(series, scale=10) == Regime("still moving")


def test_noise_is_rarely_taken_for_movement():
    rng = np.random.default_rng(0)
    kinds = [regime(rng.normal(0, 1, 20), scale=1).kind for _ in range(300)]
    assert set(kinds) <= {"stationary", "still moving"}
    assert kinds.count("stationary") > 0.8 * len(kinds)


def rows(replicate: int, members: list[float], gain: list[float]) -> pd.DataFrame:
    rounds = np.arange(1, len(members) + 1)
    return pd.DataFrame(
        {"replicate": replicate, "round": rounds, "members": members, "lever": "strike", "members_gain": gain}
    )


def test_a_gain_is_told_from_the_first_round_that_has_one():
    """Its scale is its own mean size: an early windfall does not make later movement look like rest."""
    settled, moving = [np.nan, np.nan, 3.0, *[1.0] * 9], [500.0, *np.arange(0.0, 22.0, 2.0)]
    found = regimes(pd.concat([rows(0, [5.0] * 12, settled), rows(1, [5.0] * 12, moving)]), 100)
    assert found["membership and lever"] == [Regime("absorbed", 1)] * 2
    assert found["what a member has of it"] == [Regime("absorbed", 4), Regime("still moving")]
    assert told(found["membership and lever"]) == "absorbed in 2 (since round 1) of 2 replicates"
    assert told(found["what a member has of it"]) == "absorbed in 1 (since round 4), still moving in 1 of 2 replicates"
    gaps = regimes(rows(0, [5.0] * 12, [1.0, np.nan] * 6), 100)
    assert told(gaps["what a member has of it"]) == "not always defined"
    assert list(regimes(rows(0, [5.0] * 7, [1.0] * 7), 100)) == ["membership and lever"]  # too short, said once


def test_too_few_rounds_and_bad_input():
    assert regime([1] * 7).kind == "too short to tell"
    with pytest.raises(InputError, match="finite"):
        regime([1.0, np.nan] * 5)
    with pytest.raises(InputError, match="one for each of 10 rounds"):
        regime([1] * 10, ["a"])


def test_outcomes_that_fall_into_two_groups_are_told_from_those_that_do_not():
    rng = np.random.default_rng(2)
    low, high = split(np.r_[rng.normal(0, 1, 10), rng.normal(20, 1, 6)])
    assert low == pytest.approx(0, abs=1)
    assert high == pytest.approx(20, abs=1.5)
    assert sum(split(rng.normal(0, 1, 20)) is not None for _ in range(300)) < 6
    assert sum(split(rng.uniform(0, 1, 20)) is not None for _ in range(300)) < 6
    assert split(np.r_[np.zeros(15), 100.0]) is None  # one outlier is no group
    assert split([1, 9] * 3) is None  # too few to tell
    assert split([4.0] * 12) is None
