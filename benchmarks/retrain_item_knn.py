"""Retraining on pins: our `item_knn` after a strike against implicit's BM25Recommender, one process and one thread.

    python benchmarks/retrain_item_knn.py --data pinterest-subset-lightgcn

A share of the people take their pins away. Ours subtracts them from the table of everybody (counted once, its time
is shown too) and finds similarities and where nearest neighbours end; implicit fits to those who are left, from
scratch. Scoring is timed by itself: both score the 100 items of each remaining person's list. implicit's similarity
is the dot product of BM25 weights, ours their cosine with a shrink term, so the hit rates differ.
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
from datacoalition.ml_tasks.item_knn import K1, B, Cooccurrence, ItemKnn, fit
from datacoalition.ml_tasks.pinterest import PinTask, Pinterest
from datacoalition.ml_tasks.settings import InputError
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", default="pinterest-subset-lightgcn", choices=["pinterest-20", "pinterest-subset-lightgcn"]
    )
    parser.add_argument("--strike", default=0.05, type=float, help="share of people who take their pins away")
    parser.add_argument("--repeats", default=5, type=int, help="timed fits of each")
    options = parser.parse_args()
    try:
        task = Pinterest(data=options.data)()
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    people = len(task.contributors)
    present = np.ones(people, dtype=bool)
    present[np.random.default_rng(0).permutation(people)[: round(options.strike * people)]] = False
    fits, scorings = _ours(task, present)
    for more in _implicit(task, present):
        fits.append(more[0])
        scorings.append(more[1])
    take_turns([*fits, *scorings], options.repeats)
    pins, items = int(task.records[present].sum()), len(task.pins.items)
    print(f"{task.pins.name}: {pins:,} pins by {present.sum():,} people left of {people:,}, {items:,} items; ", end="")
    print(f"medians of {options.repeats}, in turns\n{machine(*(['implicit'] if len(fits) > 2 else []))}")
    print("fitting")
    show(fits)
    print("scoring the lists")
    show(scorings, ["HR@5", "HR@10"])
    return 0


def _hits(task: PinTask, rows: NDArray[np.int64], scores: NDArray[np.floating[Any]]) -> tuple[float, float]:
    places = task._tested.places(scores, rows)
    return float((places < 5).mean()), float((places < 10).mean())


def _ours(task: PinTask, present: Mask) -> tuple[list[Contestant], list[Contestant]]:
    model, baskets = ItemKnn(), task._baskets
    everybody = Cooccurrence(baskets)
    fitted = fit(model, everybody, present)
    lists = task._tested
    rows = np.flatnonzero(present[lists.people])
    people, items = lists.people[rows], np.ascontiguousarray(lists.item[rows])
    fits = [
        Contestant("datacoalition item_knn, by subtraction", lambda: fit(model, everybody, present)),
        Contestant("datacoalition's table of everybody, once", lambda: Cooccurrence(baskets)),
    ]
    scoring = Contestant(
        "datacoalition item_knn",
        lambda: fitted.scores(baskets, people, items),
        lambda scores: _hits(task, rows, scores),
    )
    return fits, [scoring]


def _implicit(task: PinTask, present: Mask) -> Iterator[tuple[Contestant, Contestant]]:
    try:
        from implicit.nearest_neighbours import BM25Recommender
    except ImportError:
        missing("implicit")
        return
    from scipy.sparse import csr_matrix

    baskets, lists = task._baskets, task._tested
    n = np.where(present, np.diff(baskets.start), 0)
    kept = np.repeat(present, np.diff(baskets.start))
    start = np.append(0, np.cumsum(n))
    shape = len(n), baskets.items
    matrix = csr_matrix((np.ones(int(kept.sum())), baskets.item[kept], start), shape=shape)
    left = matrix[present]
    rows = np.flatnonzero(present[lists.people])

    def fitted() -> Any:
        model = BM25Recommender(K=ItemKnn().top, K1=K1, B=B, num_threads=1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(left, show_progress=False)
        return model

    model = fitted()

    def scores() -> NDArray[np.float64]:
        """A block of people at a time, the whole row of each: its own `recommend` does so too, with a sort."""
        found = np.empty((len(rows), lists.item.shape[1]))
        for first in range(0, len(rows), 1000):
            block = rows[first : first + 1000]
            whole = (matrix[lists.people[block]] @ model.similarity).toarray()
            found[first : first + 1000] = np.take_along_axis(whole, lists.item[block].astype(np.int64), axis=1)
        return found

    name = f"implicit {version('implicit')} BM25Recommender"
    yield Contestant(f"{name}, from scratch", fitted), Contestant(name, scores, lambda found: _hits(task, rows, found))


if __name__ == "__main__":
    sys.exit(main())
