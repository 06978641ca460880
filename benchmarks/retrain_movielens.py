"""Retraining on MovieLens: our `svd` against scikit-surprise's SVD, in one process and one thread.

    python benchmarks/retrain_movielens.py --data ml-1m

Both fit the same four fifths of the ratings with the same settings, in turns; what is compared is CPU time
inside `fit`. Accuracy is measured on the remaining fifth [VHS19].
"""

from turns import Contestant, machine, missing, take_turns

# isort: split
import argparse
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from datacoalition.ml_tasks.ratings import OFFICIAL, Ratings, load
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.svd import Svd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KINDS = (("float64", "independent"), ("float32", "independent"), ("float32", "common"))
"""The published protocol to the bit; the same in single precision; the default."""


def main() -> int:
    options = _options()
    try:
        ratings = load(options.data)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    train, test = _fold(ratings, options.fold)
    predicted: dict[str, Floats] = {}
    peer = _surprise(ratings, train, test, predicted)
    contestants = [*peer, *(_ours(ratings, train, test, *kind, predicted) for kind in KINDS)]
    take_turns(contestants, options.repeats)
    predicted["film mean"] = _film_means(ratings, train, test)
    print(f"{ratings.name}: {train.sum():,} ratings to fit, {test.sum():,} to predict; ", end="")
    print(f"medians of {options.repeats}, in turns\n{machine()}")
    _print(ratings, test, predicted, {one.name: one.median for one in contestants}, peer[0].name if peer else "")
    return 0


def _contestant(
    name: str, fit: Callable[[], Any], predict: Callable[[Any], Floats], predicted: dict[str, Floats]
) -> Contestant:
    """What it predicts is kept in `predicted`, to be compared with the others'."""

    def keep(fitted: Any) -> tuple[()]:
        predicted[name] = predict(fitted)
        return ()

    return Contestant(name, fit, keep)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="ml-1m", choices=["embedded", *OFFICIAL])
    parser.add_argument("--fold", default=0, type=int, choices=range(5), help="which fifth is the test set")
    parser.add_argument("--repeats", default=5, type=int, help="timed fits of each")
    return parser.parse_args()


def _fold(ratings: Ratings, fold: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    test = ratings.key % np.uint64(5) == fold
    return ~test, test


def _ours(
    ratings: Ratings,
    train: NDArray[np.bool_],
    test: NDArray[np.bool_],
    precision: Any,
    draws: Any,
    predicted: dict[str, Floats],
) -> Contestant:
    model = Svd(precision=precision, draws=draws)
    rows = ratings.user[train], ratings.item[train], ratings.rating[train]
    sizes = len(ratings.users), len(ratings.items)
    asked = ratings.user[test], ratings.item[test]
    return _contestant(
        f"datacoalition {precision}, {draws} draws",
        lambda: model.fit(*rows, *sizes, seed=0),
        lambda fitted: fitted.predict(*asked, ratings.scale),
        predicted,
    )


def _surprise(
    ratings: Ratings, train: NDArray[np.bool_], test: NDArray[np.bool_], predicted: dict[str, Floats]
) -> list[Contestant]:
    try:
        import surprise
    except ImportError:
        missing("scikit-surprise")
        return []
    columns = {"user": ratings.user[train], "item": ratings.item[train], "rating": ratings.rating[train]}
    reader = surprise.Reader(rating_scale=ratings.scale)
    trainset = surprise.Dataset.load_from_df(pd.DataFrame(columns), reader).build_full_trainset()
    asked = list(zip(ratings.user[test].tolist(), ratings.item[test].tolist(), strict=True))
    return [
        _contestant(
            f"scikit-surprise {version('scikit-surprise')}",
            lambda: surprise.SVD(random_state=0).fit(trainset),
            lambda fitted: np.array([fitted.predict(user, item).est for user, item in asked]),
            predicted,
        )
    ]


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
    ratings: Ratings, test: NDArray[np.bool_], predicted: dict[str, Floats], seconds: dict[str, float], peer: str
) -> None:
    """A row each: CPU time, how many times as fast as the peer, accuracy, and how far from the peer's predictions."""
    print(f"{'':38} {'CPU s':>8} {'ratio':>7} {'RMSE':>9} {'SH':>7}  largest difference")
    for name, values in predicted.items():
        rmse = np.sqrt(np.mean((values - ratings.rating[test]) ** 2))
        accuracy = f"{rmse:9.6f} {surfaced_hits(ratings, test, values):7.5f}"
        if name not in seconds:
            print(f"{name:38} {'':8} {'':7} {accuracy}")
            continue
        ratio = f"{seconds[peer] / seconds[name]:6.1f}x" if peer else ""
        difference = f"{np.abs(values - predicted[peer]).max():.1e}" if peer and name != peer else ""
        print(f"{name:38} {seconds[name]:8.3f} {ratio:>7} {accuracy}  {difference}")


if __name__ == "__main__":
    sys.exit(main())
