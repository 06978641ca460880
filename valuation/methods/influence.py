"""Influence functions: what a record's leaving would do to a linear model's test loss, to first order [KL17].

[KL17] Koh & Liang, Understanding Black-box Predictions via Influence Functions, ICML 2017.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...ml_tasks.settings import Checked, Count, InputError, Positive
from ..examples import Examples, summed
from ..utility import Utility, distinct
from ..values import ROUNDING, FloatArray, Values
from .linear_models import LinearFit, Weights, fitted

Kind = Literal["logistic", "ridge"]


@dataclass(frozen=True)
class Influence(Checked):
    """A player's sum of the influences of their records on a linear model's test loss, positive = helpful [KL17].

    Reads the records from the utility's `examples()` (see `valuation.examples`) and evaluates no group: logistic
    regression for labels (log loss), ridge regression for numbers (squared error), in the unit of the mean test
    loss. To first order leave-one-out of that model, not of the firm's; does not add up to anything. The note tells
    how well it agrees with really fitting the linear model without some of the players.
    """

    ridge: Positive = 1.0
    """Strength of the penalty, the loss being summed over records: scikit-learn's 1 / C or alpha."""
    checked: Count = 20
    """At most so many players, drawn at random, without whom the linear model is really fitted, to tell how well the
    estimates agree; 0: none."""

    def __call__(self, players: Iterable[Hashable], utility: Utility, rng: np.random.Generator) -> Values:
        names = distinct(players)
        if not names:
            return Values(names, np.empty(0), np.empty(0), 0, "influence", "first order")
        examples = Examples.of(utility, "influence")
        place, kind = examples.places(names), "ridge" if examples.regression else "logistic"
        fit = fitted(
            examples.train_x, examples.train_y, examples.test_x, examples.test_y, self.ridge, examples.regression
        )
        worth = summed(_influences(fit), place, len(names))
        some = np.sort(rng.permutation(len(names))[: self.checked])
        real = _left_out(fit, [np.flatnonzero(place == i) for i in some])
        note = (
            f"sums of records' first-order influences on the test loss of a {kind} regression, not of the firm's model;"
            f" they do not add up; {_compared(worth[some], real, len(names))}"
        )
        return Values(names, worth, np.zeros(len(names)), 0, "influence", note)


def influence(
    train_x: ArrayLike, train_y: ArrayLike, test_x: ArrayLike, test_y: ArrayLike, ridge: float = 1.0,
    model: Kind = "logistic",
) -> FloatArray:  # fmt: skip
    """First-order estimate of how much the mean test loss would rise without each record, shape (n,).

    Positive = helpful; the unit is that of leave-one-out of v = -mean test loss: log loss in nats ("logistic", two
    labels or more) or squared error ("ridge"). train_x: (n, d), test_x: (m, d); an intercept is added and is not
    penalised. ridge: weight of the penalty beside the sum of losses, scikit-learn's alpha for "ridge" and 1 / C for
    "logistic".

    With the gradient g_i of a record's loss, that of the mean test loss G and the exact Hessian H of what is
    minimised, it is G' H^-1 g_i [KL17, equation 2], which is also the derivative of -mean test loss by the record's
    weight. Raises InputError, one sentence, for bad arrays, a single label, a test label that is not in the training
    data, a ridge that is not positive, and more than 5,000 coefficients.
    """
    return _influences(fitted(train_x, train_y, test_x, test_y, ridge, _regression(model)))


def left_out(
    train_x: ArrayLike, train_y: ArrayLike, test_x: ArrayLike, test_y: ArrayLike,
    records: Sequence[ArrayLike], ridge: float = 1.0, model: Kind = "logistic",
) -> FloatArray:  # fmt: skip
    """How much the mean test loss really rises without each of some groups of records: fitted again, shape (groups,).

    records: positions of the training records of each group. inf where a label has no record left that the test
    records have. The other arguments and errors: as in `influence`.
    """
    fit = fitted(train_x, train_y, test_x, test_y, ridge, _regression(model))
    groups = [np.asarray(group, dtype=np.int64).reshape(-1) for group in records]
    for group in groups:
        if group.size and not (group.min() >= 0 and group.max() < len(fit.x)):
            raise InputError("records", f"{group.min()} to {group.max()}", f"positions below {len(fit.x)}")
    return _left_out(fit, groups)


def agreement(estimated: ArrayLike, real: ArrayLike) -> tuple[float, float]:
    """Pearson's and Spearman's correlation of estimates with real changes; nan where either does not vary.

    Raises InputError unless both are equally long and finite.
    """
    from scipy.stats import pearsonr, spearmanr

    a, b = np.asarray(estimated, dtype=np.float64), np.asarray(real, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise InputError("agreement", f"shapes {a.shape} and {b.shape}", "finite numbers, one for one")
    if any(len(x) < 2 or np.ptp(x) <= ROUNDING * np.abs(x).max() for x in (a, b)):
        return np.nan, np.nan
    return float(pearsonr(a, b).statistic), float(spearmanr(a, b).statistic)


def _regression(model: str) -> bool:
    if model not in ("logistic", "ridge"):
        raise InputError("model", repr(model), "one of logistic, ridge")
    return model == "ridge"


def _influences(fit: LinearFit) -> FloatArray:
    # The gradient of record i is the outer product of its features and its residuals.
    push = fit.solve(fit.test_gradient(fit.weights)).reshape(fit.weights.shape)
    found: FloatArray = ((fit.x @ push) * fit.residuals(fit.weights)).sum(axis=1)
    return found


def _left_out(fit: LinearFit, groups: list[NDArray[np.int64]]) -> FloatArray:
    before = fit.test_loss(fit.weights)
    return np.array([_without(fit, group) - before for group in groups])


def _without(fit: LinearFit, group: NDArray[np.int64]) -> float:
    kept = np.ones(len(fit.x))
    kept[group] = 0.0
    weights: Weights | None = fit.again(kept)
    return np.inf if weights is None else fit.test_loss(weights)


def _compared(estimated: FloatArray, real: FloatArray, players: int) -> str:
    """How the estimates agree with what really happens, in words."""
    known = np.isfinite(real)
    text = f"against really fitting without each of {int(known.sum())} of {players} players: "
    if len(real) == 0:
        return "not checked against really fitting without a player"
    pearson, spearman = agreement(estimated[known], real[known])
    text += "correlation unknown" if np.isnan(pearson) else f"Pearson {pearson:.3f}, Spearman {spearman:.3f}"
    lost = int((~known).sum())
    return text + (f" (without {lost} more no record of some label is left)" if lost else "")
