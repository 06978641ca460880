"""study learning-curves: a formula's own law comes back, and bad settings are named."""

import numpy as np
import pytest
from datacoalition.ml_tasks.digits import Digits
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.settings import InputError
from datacoalition.scenarios.studies.bench import bench
from datacoalition.scenarios.studies.learning_curves import LearningCurves


@pytest.mark.parametrize(("exponent", "floor"), [(0.095, 0.0), (0.5, 0.2)])
def test_the_law_comes_back(exponent, floor):
    with bench("power_law", PowerLaw(records=10_000, exponent=exponent, floor=floor), None) as ready:
        fits = LearningCurves(groups=1)(ready).tables["learning_curves_fits"].frame
    np.testing.assert_allclose(fits["exponent"], exponent, rtol=0.02)
    np.testing.assert_allclose(fits["floor"], floor, atol=0.02)
    np.testing.assert_allclose(fits["explained"], 1, atol=1e-6)
    assert fits["exponent_low"].isna().all()  # one group says nothing of the spread
    assert set(fits["bends"]) == {"decelerating"}


def test_digits_have_intervals_and_full_data_do_not_vary():
    with bench("digits", Digits(), None) as ready:
        study = LearningCurves(shares=(0.05, 0.2, 0.5), groups=3)(ready)
    fits, means = (study.tables[name].frame for name in ("learning_curves_fits", "learning_curves"))
    assert (fits["exponent_low"] <= fits["exponent_high"]).all()
    assert means.loc[means["share"] == 1.0, "score_sd"].isna().all()
    assert (means.loc[means["share"] < 1, "score_sd"] > 0).all()


def test_scale_exponent_and_floor_all_have_intervals():
    with bench("digits", Digits(), None) as ready:
        study = LearningCurves(shares=(0.02, 0.1, 0.2, 0.5), groups=3)(ready)
    fits = study.tables["learning_curves_fits"].frame.set_index("view")
    for name in ("scale", "exponent", "floor"):
        assert fits.loc["holdout", f"{name}_low"] <= fits.loc["holdout", f"{name}_high"]
    assert (fits["floor"] == 0).any() or (fits["floor"] > 1e-9).all()  # a bound is a bound, not 1e-18
    means = study.tables["learning_curves"].frame
    assert (means["view"] == "company").sum() == 4  # two people's test images are too few
    assert fits.loc["company", "shares_read"] == 4
    assert any("share 0.02, company view (3 of 3: fewer than 10 test records)" in note for note in study.notes)


def test_a_strike_bends_the_other_way():
    with bench("power_law", PowerLaw(records=10_000), None) as ready:
        study = LearningCurves(groups=1)(ready)
    fits = study.tables["learning_curves_fits"].frame
    assert (fits["curvature_contribution"] > 0).all()
    assert (fits["curvature_strike"] < 0).all()
    labels = [axes.get_xlabel() for axes in study.pictures["learning_curves"].figure.axes]
    assert all("formula, not retraining" in label for label in labels)


def test_too_few_shares_are_refused():
    with pytest.raises(InputError, match="--shares"):
        LearningCurves(shares=(0.5,))
