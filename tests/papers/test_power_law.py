"""The power-law learner of [H17] and what it implies for leverage: P_strike and P_CDC."""

import numpy as np
import pytest
from datacoalition.ml_tasks.holdings import Holdings
from datacoalition.ml_tasks.power_law import PowerLaw
from datacoalition.ml_tasks.retrainer import Retrainer
from datacoalition.ml_tasks.scores import View
from datacoalition.ml_tasks.task import baseline
from datacoalition.valuation.leverage import dlp_contribution, dlp_strike


def leverage(share: float) -> tuple[float, float]:
    task = PowerLaw(records=10_000, exponent=0.095, span=1000)()
    retrainer, full = Retrainer(task, (0,)), Holdings.everyone(10_000)
    members = np.arange(round(share * 10_000))
    base, best = baseline(task, View()), retrainer.scores(full).view().mean
    small = retrainer.scores(full.only(members)).view().mean
    large = retrainer.scores(full.without(members)).view().mean
    return dlp_contribution(small, base, best), dlp_strike(large, base, best)


@pytest.mark.parametrize(("share", "expected"), [(0.05, 0.645), (0.1, 0.736), (0.2, 0.822), (0.5, 0.927)])
def test_contribution_for_a_of_095_and_a_span_of_1000(share, expected):
    assert leverage(share)[0] == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.9])
def test_contribution_with_share_f_and_a_strike_leaving_f_add_up_to_one(share):
    assert leverage(share)[0] + leverage(1 - share)[1] == pytest.approx(1.0)


def test_contribution_decelerates_and_strike_accelerates():
    shares = np.linspace(0.05, 0.95, 19)
    give, strike = np.transpose([leverage(s) for s in shares])
    assert (np.diff(give, 2) < 0).all()
    assert (np.diff(strike, 2) > 0).all()
