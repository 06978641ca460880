"""Retraining on MovieLens: our `bayesian` against myfm's Gibbs sampler, one process and one thread.

    python benchmarks/retrain_bayesian.py --data ml-1m

Both are libFM's model (dim 1,1,32 and 50 iterations by default), fit the same four fifths of the ratings, in turns,
and predict by the average over all iterations; what is compared is CPU time inside `fit`. The RMSE of a film's mean
is there for scale.
"""

from turns import Contestant, machine, missing, show, take_turns

# isort: split
import argparse
import sys
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import numpy as np
from datacoalition.ml_tasks.bayesian import Bayesian
from datacoalition.ml_tasks.ratings import OFFICIAL, Ratings, load
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.unpersonalised import MovieMean
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="ml-1m", choices=["embedded", *OFFICIAL])
    parser.add_argument("--fold", default=0, type=int, choices=range(5), help="which fifth is the test set")
    parser.add_argument("--factors", default=32, type=int)
    parser.add_argument("--iterations", default=50, type=int)
    parser.add_argument("--repeats", default=3, type=int, help="timed fits of each")
    options = parser.parse_args()
    try:
        ratings = load(options.data)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    test = ratings.key % np.uint64(5) == options.fold
    ours, means = (
        _ours(ratings, test, model)
        for model in (Bayesian(factors=options.factors, iterations=options.iterations), MovieMean())
    )
    peers = list(_myfm(ratings, test, options.factors, options.iterations))
    contestants = [ours, *peers, means]
    take_turns(contestants, options.repeats)
    print(f"{ratings.name}: {(~test).sum():,} ratings to fit, {test.sum():,} to predict; ", end="")
    print(f"medians of {options.repeats}, in turns\n{machine(*(['myfm'] if peers else []))}")
    show(contestants, ["RMSE"])
    return 0


def _rmse(predicted: Floats, ratings: Ratings, test: Mask) -> tuple[float]:
    return (float(np.sqrt(np.mean((np.clip(predicted, *ratings.scale) - ratings.rating[test]) ** 2))),)


def _ours(ratings: Ratings, test: Mask, model: Bayesian | MovieMean) -> Contestant:
    rows = ratings.user[~test], ratings.item[~test], ratings.rating[~test]
    sizes = len(ratings.users), len(ratings.items)
    asked = ratings.user[test], ratings.item[test]
    return Contestant(
        f"datacoalition {type(model).__name__}",
        lambda: model.fit(*rows, *sizes, seed=0),
        lambda fitted: _rmse(fitted.predict(*asked, ratings.scale), ratings, test),
    )


def _myfm(ratings: Ratings, test: Mask, factors: int, iterations: int) -> Iterator[Contestant]:
    """On one-hot users and items: as libFM without groups (priors shared by users and items), and with them."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import myfm
    except ImportError:
        missing('myfm "setuptools<81"')
        return
    from scipy.sparse import csr_matrix

    n_users, n_items = len(ratings.users), len(ratings.items)

    def one_hot(rows: Mask) -> Any:
        columns = np.column_stack([ratings.user[rows], n_users + ratings.item[rows].astype(np.int64)]).ravel()
        start = np.arange(0, len(columns) + 1, 2)
        return csr_matrix((np.ones(len(columns)), columns, start), shape=(len(start) - 1, n_users + n_items))

    known, asked, rating = one_hot(~test), one_hot(test), ratings.rating[~test]

    def fit(groups: list[int] | None) -> Any:
        model = myfm.MyFMRegressor(rank=factors, random_seed=0)
        return model.fit(known, rating, n_iter=iterations, n_kept_samples=iterations, group_shapes=groups)

    for name, groups in (("as libFM", None), ("priors by side", [n_users, n_items])):
        yield Contestant(
            f"myfm {version('myfm')}, {name}",
            lambda groups=groups: fit(groups),
            lambda fitted: _rmse(fitted.predict(asked), ratings, test),
        )


if __name__ == "__main__":
    sys.exit(main())
