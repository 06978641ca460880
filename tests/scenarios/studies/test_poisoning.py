"""study poisoning: on the digits."""

import numpy as np
import pytest
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.studies.bench import bench
from datacoalition.scenarios.studies.poisoning import Poisoning


@pytest.fixture(scope="module")
def study():
    with bench("digits", Digits(), None) as ready:
        return Poisoning(rates=(0.2, 0.5), groups=3)(ready)


def test_filtered_poison_is_a_strike_and_poison_is_more(study):
    means = study.tables["poisoning"].frame.set_index(["found", "rate"])
    for rate in (0.2, 0.5):
        assert means.loc[(1.0, rate), "more_than_strike"] == 0
        assert means.loc[(0.0, rate), "loss"] > means.loc[(0.5, rate), "loss"] > means.loc[(1.0, rate), "loss"]
    assert [finding.holds for finding in study.findings] == [True, True]


def test_means_and_errors_come_from_the_runs(study):
    runs = study.tables["poisoning_runs"].frame
    part = runs[(runs["found"] == 0.5) & (runs["rate"] == 0.2)]["loss"]
    row = study.tables["poisoning"].frame.set_index(["found", "rate"]).loc[(0.5, 0.2)]
    assert row["loss"] == pytest.approx(part.mean())
    assert row["loss_stderr"] == pytest.approx(part.std(ddof=1) / np.sqrt(3))


def test_a_task_without_recipes_and_bad_settings_are_named():
    with bench("power_law", PowerLaw(), None) as ready, pytest.raises(InputError, match="--task"):
        Poisoning()(ready)
    for settings, named in (({"rates": (0.0,)}, "--rates"), ({"filters": (2.0,)}, "--filters"), ({"groups": 0}, "--g")):
        with pytest.raises(InputError, match=named):
            Poisoning(**settings)
