"""Retraining on MovieLens: our `als` against scikit-surprise's SVD, LensKit's and cmfrec's ALS, one process and thread.

    python benchmarks/retrain_als.py --data ml-1m

All fit the same four fifths of the ratings, in turns; what is compared is CPU time inside `fit`. The least squares
have the same factors and sweeps. Regularisation is not defined alike, so each peer has the value that gave it its
best RMSE among those tried on ml-1m (`--search` tries them again).
"""

from turns import Contestant, machine, missing, show, take_turns

# isort: split
import argparse
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from datacoalition.ml_tasks.als import Als
from datacoalition.ml_tasks.ratings import OFFICIAL, Ratings, load
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.svd import Svd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LENSKIT, CMFREC = 0.08, 14.0
LENSKIT_TRIED = (0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1)
CMFREC_TRIED = (4.0, 6.0, 8.0, 10.0, 14.0, 20.0, 28.0)


class Fold:
    """Four fifths of the ratings to fit, a fifth to predict."""

    def __init__(self, ratings: Ratings, fold: int) -> None:
        self.ratings, test = ratings, ratings.key % np.uint64(5) == fold
        self.sizes = len(ratings.users), len(ratings.items)
        self.user, self.item, self.rating = (part[~test] for part in (ratings.user, ratings.item, ratings.rating))
        self.asked = ratings.user[test], ratings.item[test]
        self._true = ratings.rating[test]

    def rmse(self, predicted: Floats) -> tuple[float]:
        return (float(np.sqrt(np.mean((np.clip(predicted, *self.ratings.scale) - self._true) ** 2))),)

    def contestant(self, name: str, fit: Callable[[], Any], predict: Callable[[Any], Floats]) -> Contestant:
        return Contestant(name, fit, lambda fitted: self.rmse(predict(fitted)))


def main() -> int:
    options = _options()
    try:
        fold = Fold(load(options.data), options.fold)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    ours = [_ours(fold, f"datacoalition als, k={options.factors}, {options.sweeps} sweeps", _als(options))]
    ours.append(_ours(fold, "datacoalition svd, float32", Svd()))
    contestants = [*ours, *_surprise(fold), *_lenskit(fold, options), *_cmfrec(fold, options)]
    libraries = [one for one in ("scikit-surprise", "lenskit", "cmfrec") if any(one in c.name for c in contestants)]
    take_turns(contestants, options.repeats)
    print(f"{fold.ratings.name}: {len(fold.rating):,} ratings to fit, {len(fold.asked[0]):,} to predict; ", end="")
    print(f"medians of {options.repeats}, in turns\n{machine(*libraries)}")
    show(contestants, ["RMSE"])
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="ml-1m", choices=["embedded", *OFFICIAL])
    parser.add_argument("--fold", default=0, type=int, choices=range(5), help="which fifth is the test set")
    parser.add_argument("--factors", default=16, type=int)
    parser.add_argument("--sweeps", default=10, type=int)
    parser.add_argument("--repeats", default=5, type=int, help="timed fits of each")
    parser.add_argument("--search", action="store_true", help="try every regularisation of the peers, one fit each")
    return parser.parse_args()


def _als(options: argparse.Namespace) -> Als:
    return Als(factors=options.factors, sweeps=options.sweeps)


def _ours(fold: Fold, name: str, model: Als | Svd) -> Contestant:
    return fold.contestant(
        name,
        lambda: model.fit(fold.user, fold.item, fold.rating, *fold.sizes, seed=0),
        lambda fitted: fitted.predict(*fold.asked, fold.ratings.scale),
    )


def _surprise(fold: Fold) -> Iterator[Contestant]:
    try:
        import surprise
    except ImportError:
        missing("scikit-surprise")
        return
    columns = {"user": fold.user, "item": fold.item, "rating": fold.rating}
    reader = surprise.Reader(rating_scale=fold.ratings.scale)
    trainset = surprise.Dataset.load_from_df(pd.DataFrame(columns), reader).build_full_trainset()
    asked = list(zip(*(ids.tolist() for ids in fold.asked), strict=True))
    yield fold.contestant(
        f"scikit-surprise {version('scikit-surprise')} SVD",
        lambda: surprise.SVD(random_state=0).fit(trainset),
        lambda fitted: np.array([fitted.predict(user, item).est for user, item in asked]),
    )


def _lenskit(fold: Fold, options: argparse.Namespace) -> Iterator[Contestant]:
    try:
        from lenskit.als import BiasedMFScorer
        from lenskit.data import from_interactions_df
        from lenskit.training import TrainingOptions
    except ImportError:
        missing("lenskit")
        return
    columns = {"user_id": fold.user, "item_id": fold.item, "rating": fold.rating}
    data = from_interactions_df(pd.DataFrame(columns))

    def fit(strength: float) -> Any:
        scorer = BiasedMFScorer(embedding_size=options.factors, epochs=options.sweeps, regularization=strength)
        scorer.train(data, TrainingOptions(rng=0))
        return scorer

    def predict(fitted: Any) -> Floats:
        bias = fitted.bias
        user, item = (
            vocabulary.numbers(ids, missing="negative")
            for vocabulary, ids in zip((fitted.users, fitted.items), fold.asked, strict=True)
        )
        # A user or an item without a training rating comes out as -1: no factors and no bias.
        known = [ids >= 0 for ids in (user, item)]
        personal = np.einsum("nf,nf->n", fitted.user_embeddings[user], fitted.item_embeddings[item])
        biases = bias.user_biases[user] * known[0] + bias.item_biases[item] * known[1]
        return np.asarray(bias.global_bias + biases + personal * (known[0] & known[1]))

    for strength in LENSKIT_TRIED if options.search else (LENSKIT,):
        name = f"lenskit {version('lenskit')} BiasedMF, regularisation {strength:g}"
        yield fold.contestant(name, lambda strength=strength: fit(strength), predict)  # type: ignore[misc]


def _cmfrec(fold: Fold, options: argparse.Namespace) -> Iterator[Contestant]:
    try:
        from cmfrec import CMF
    except ImportError:
        missing("cmfrec")
        return
    from scipy.sparse import coo_array

    matrix = coo_array((fold.rating, (fold.user, fold.item)), shape=fold.sizes)

    def fit(strength: float, conjugate: bool) -> Any:
        settings = {"k": options.factors, "niter": options.sweeps, "lambda_": strength, "use_cg": conjugate}
        model = CMF(**settings, precompute_for_predictions=False, nthreads=1, random_state=0, verbose=False)
        return model.fit(matrix)

    for strength in CMFREC_TRIED if options.search else (CMFREC,):
        for conjugate, solver in ((True, "conjugate gradients"), (False, "Cholesky")):
            yield fold.contestant(
                f"cmfrec {version('cmfrec')} CMF, lambda {strength:g}, {solver}",
                lambda strength=strength, conjugate=conjugate: fit(strength, conjugate),  # type: ignore[misc]
                lambda fitted: np.asarray(fitted.predict(*fold.asked), dtype=np.float64),
            )


if __name__ == "__main__":
    sys.exit(main())
