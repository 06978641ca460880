"""Retraining on MovieLens: our `svd` against scikit-surprise's SVD, in one process and one thread.

    python benchmarks/retrain_movielens.py --data ml-1m

Both fit the same four fifths of the ratings with the same settings, in turns; what is compared is CPU time
inside `fit`. Accuracy is measured on the remaining fifth [VHS19].
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median
from typing import Any

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_threads] = "1"

import numpy as np  # noqa: E402 - after the number of threads
import pandas as pd  # noqa: E402
from datacoalition.ml_tasks.ratings import OFFICIAL, Ratings, load  # noqa: E402
from datacoalition.ml_tasks.settings import InputError  # noqa: E402
from datacoalition.ml_tasks.svd import Svd  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

Floats = NDArray[np.float64]

KINDS = (("float64", "independent"), ("float32", "independent"), ("float32", "common"))
"""The published protocol to the bit; the same in single precision; the default."""


@dataclass
class Runner:
    """Something that fits the training rows and predicts the test rows."""

    name: str
    fit: Callable[[], Any]
    predict: Callable[[Any], Floats]
    seconds: list[float] = field(default_factory=list)
    predicted: Floats | None = None

    def turn(self) -> None:
        start = time.process_time()
        fitted = self.fit()
        self.seconds.append(time.process_time() - start)
        if self.predicted is None:
            self.predicted = self.predict(fitted)


def main() -> int:
    options = _options()
    try:
        ratings = load(options.data)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    train, test = _fold(ratings, options.fold)
    runners = [_ours(ratings, train, test, *kind) for kind in KINDS]
    peer = _surprise(ratings, train, test)
    if peer is None:
        print("scikit-surprise is not installed, so only our own times follow: pip install scikit-surprise")
    for runner in (turns := [peer, *runners] if peer else runners):
        runner.turn()  # reads or compiles kernels
        runner.seconds.clear()
    for _ in range(options.repeats):
        for runner in turns:
            runner.turn()
    _print(ratings, train, test, turns, peer, options)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="ml-1m", choices=["embedded", *OFFICIAL])
    parser.add_argument("--fold", default=0, type=int, choices=range(5), help="which fifth is the test set")
    parser.add_argument("--repeats", default=5, type=int, help="timed fits of each")
    return parser.parse_args()


def _fold(ratings: Ratings, fold: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    test = ratings.key % np.uint64(5) == fold
    return ~test, test


def _ours(ratings: Ratings, train: NDArray[np.bool_], test: NDArray[np.bool_], precision: Any, draws: Any) -> Runner:
    model = Svd(precision=precision, draws=draws)
    rows = ratings.user[train], ratings.item[train], ratings.rating[train]
    sizes = len(ratings.users), len(ratings.items)
    asked = ratings.user[test], ratings.item[test]
    return Runner(
        f"datacoalition {precision}, {draws} draws",
        lambda: model.fit(*rows, *sizes, seed=0),
        lambda fitted: fitted.predict(*asked, ratings.scale),
    )


def _surprise(ratings: Ratings, train: NDArray[np.bool_], test: NDArray[np.bool_]) -> Runner | None:
    try:
        import surprise
    except ImportError:
        return None
    columns = {"user": ratings.user[train], "item": ratings.item[train], "rating": ratings.rating[train]}
    reader = surprise.Reader(rating_scale=ratings.scale)
    trainset = surprise.Dataset.load_from_df(pd.DataFrame(columns), reader).build_full_trainset()
    asked = list(zip(ratings.user[test].tolist(), ratings.item[test].tolist(), strict=True))
    return Runner(
        f"scikit-surprise {version('scikit-surprise')}",
        lambda: surprise.SVD(random_state=0).fit(trainset),
        lambda fitted: np.array([fitted.predict(user, item).est for user, item in asked]),
    )


def surfaced_hits(ratings: Ratings, test: NDArray[np.bool_], predicted: Floats) -> float:
    """Share of the films rated at least 4 that come first when each user's test films are sorted [VHS19].

    Films predicted alike share the places they are tied for: each counts for its chance of being shown.
    """
    user, relevant = ratings.user[test], ratings.rating[test] >= 4
    order = np.lexsort((-predicted, user))
    wanted = np.bincount(user, weights=relevant, minlength=len(ratings.users))
    start = np.searchsorted(user[order], np.arange(len(ratings.users)))
    place = np.arange(len(order)) - start[user[order]]
    same = np.r_[True, (np.diff(user[order]) != 0) | (np.diff(predicted[order]) != 0)]
    group = np.cumsum(same) - 1
    size, shown = np.bincount(group), np.bincount(group, weights=place < wanted[user[order]])
    return float((relevant[order] * (shown / size)[group]).sum() / wanted.sum())


def _film_means(ratings: Ratings, train: NDArray[np.bool_], test: NDArray[np.bool_]) -> Floats:
    count = np.bincount(ratings.item[train], minlength=len(ratings.items))
    total = np.bincount(ratings.item[train], weights=ratings.rating[train], minlength=len(ratings.items))
    mean = np.where(count, total / np.maximum(count, 1), ratings.rating[train].mean())
    return mean[ratings.item[test]]


def _print(
    ratings: Ratings,
    train: NDArray[np.bool_],
    test: NDArray[np.bool_],
    runners: list[Runner],
    peer: Runner | None,
    options: argparse.Namespace,
) -> None:
    print(f"{ratings.name}: {train.sum():,} ratings to fit, {test.sum():,} to predict; ", end="")
    print(f"median of {options.repeats} fits each, in turns")
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba"))
    print(f"{platform.machine()}, Python {platform.python_version()}, {libraries}")
    columns = f"{'CPU s':>8} {'ratio':>7} {'RMSE':>9} {'SH':>7}  largest difference"
    print(f"{'':38} {columns}")
    for runner in [*runners, Runner("film mean", lambda: None, lambda _: np.empty(0))]:
        predicted = runner.predicted if runner.predicted is not None else _film_means(ratings, train, test)
        rmse = np.sqrt(np.mean((predicted - ratings.rating[test]) ** 2))
        accuracy = f"{rmse:9.6f} {surfaced_hits(ratings, test, predicted):7.5f}"
        if not runner.seconds:
            print(f"{runner.name:38} {'':8} {'':7} {accuracy}")
            continue
        seconds = median(runner.seconds)
        ratio = f"{median(peer.seconds) / seconds:6.1f}x" if peer else ""
        reference = peer.predicted if peer and peer is not runner else None
        difference = "" if reference is None else f"{np.abs(predicted - reference).max():.1e}"
        print(f"{runner.name:38} {seconds:8.3f} {ratio:>7} {accuracy}  {difference}")


if __name__ == "__main__":
    sys.exit(main())
