"""[G78] Threshold models of collective behavior: small differences in thresholds, large ones in outcome."""

import numpy as np
import pytest
from datacoalition.agents.membership import join_or_leave
from datacoalition.agents.model import CoalitionModel
from datacoalition.scenarios.files import validated
from scipy.stats import norm


def crowd(sd: float = 0.0, people: int = 100) -> CoalitionModel:
    """A coalition that nobody founded, among people who all see each other and look at nothing but how many joined."""
    strike = {"options": [{"kind": "strike", "target": "firm"}]}
    return CoalitionModel(
        validated(
            {
                "name": "crowd",
                "task": {"kind": "power_law", "records": people},
                "firms": [{"name": "firm", "response": "refuse"}],
                "coalitions": [{"name": "strikers", "charter": strike, "founders": 0.0}],
                "users": {"network": "complete", "joining": "threshold", "threshold": {"mean": 0.25, "sd": sd}},
            },
            "crowd",
        )
    )


def resting(model: CoalitionModel) -> list[int]:
    """Members round by round, until nothing changes any more."""
    sizes = [len(model.coalitions[0].members)]
    while True:
        join_or_leave(model)
        sizes.append(len(model.coalitions[0].members))
        if sizes[-1] == sizes[-2]:
            return sizes


def test_a_hundred_people_with_thresholds_from_0_to_99_all_join_one_after_the_other():
    model = crowd()
    model.population.threshold = np.arange(100) / 100
    assert resting(model) == [*range(101), 100]


def test_one_threshold_moved_from_1_to_2_leaves_the_instigator_alone():
    model = crowd()
    model.population.threshold = np.arange(100) / 100
    model.population.threshold[1] = 0.02
    assert resting(model) == [0, 1, 1]


def test_the_cascade_runs_in_whole_rounds_too():
    """Votes, threats and leverage beside it change nothing: people look at how many have joined."""
    sizes = []
    for second in (0.01, 0.02):
        model = crowd()
        model.population.threshold = np.arange(100) / 100
        model.population.threshold[1] = second
        for _ in range(12):
            model.step()
        sizes.append(len(model.coalitions[0].members))
    assert sizes == [12, 1]


def quantiles(mean: float, sd: float, people: int) -> np.ndarray:
    """Thresholds of a crowd that is just as its distribution says; below 0 counts as 0."""
    return np.maximum(norm.ppf((np.arange(people) + 0.5) / people, mean, sd), 0.0)


def first_equilibrium(mean: float, sd: float) -> float:
    """The smallest r with r = F(r), the share whose thresholds are at most r, from nobody upward."""
    share = 0.0
    for _ in range(100_000):
        share, before = float(norm.cdf(share, mean, sd)), share
        if share - before < 1e-12:
            break
    return share


@pytest.mark.parametrize("sd", [0.05, 0.1, 0.12, 0.13, 0.2])
def test_people_rest_where_the_distribution_says(sd):
    """[G78]: r(t+1) = F(r(t)). In a crowd of ten thousand, a person more or less is no matter."""
    model = crowd(people=10_000)
    model.population.threshold = quantiles(0.25, sd, 10_000)
    assert resting(model)[-1] / 10_000 == pytest.approx(first_equilibrium(0.25, sd), abs=0.002)


def test_the_equilibrium_jumps_where_the_standard_deviation_passes_about_12_2():
    """[G78], figure 2: mean 25 of 100; up to a standard deviation of 12.2 some 6 of 100 join, then nearly all."""
    found = {}
    for sd in (9.0, 10.0, 11.0, 12.0, 12.1, 12.2, 12.3, 12.4, 13.0, 16.0):
        model = crowd(people=10_000)
        model.population.threshold = quantiles(0.25, sd / 100, 10_000)
        found[sd] = resting(model)[-1] / 100
    below = [share for sd, share in found.items() if sd <= 12.2]
    above = [share for sd, share in found.items() if sd >= 12.3]
    assert max(below) < 7
    assert below == sorted(below)
    assert min(above) > 99.9
    assert found[12.2] == pytest.approx(6, abs=1)


def test_the_populations_own_draws_jump_too():
    """Twenty thousand people whose thresholds the model draws itself."""
    calm, wild = (resting(crowd(sd, 20_000))[-1] / 20_000 for sd in (0.118, 0.128))
    assert calm < 0.1
    assert wild > 0.9
