"""Retraining on pictures: our `patches` after a strike against fitting from scratch, one process and one thread.

    python benchmarks/retrain_patches.py

A share of the people take their pictures away. Ours subtracts them from the Gram matrix of everybody and solves.
From scratch is the matrix of the same features summed over the pictures that are left. What it takes to compute the
features of all pictures and everybody's matrix, which ours does once, is printed too. The peer is scikit-learn's
Ridge(solver="cholesky") on the same features in single precision (about 1 GB for all of CIFAR-10). Scoring the test
pictures is part of every row.
"""

from turns import Contestant, machine, show, take_turns

# isort: split
import argparse
import sys
import time
from dataclasses import replace
from importlib.metadata import version

import numpy as np
from datacoalition.ml_tasks.images import Images, Rows, load
from datacoalition.ml_tasks.patches import STEPS, Features, Patches, solved
from datacoalition.ml_tasks.settings import InputError
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

Scores = NDArray[np.floating]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", default=0, type=int, help="so many training images; 0: all")
    parser.add_argument("--strike", default=0.05, type=float, help="share of people who take their pictures away")
    parser.add_argument("--repeats", default=3, type=int, help="timed fits of each")
    options = parser.parse_args()
    try:
        images = load(options.images)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    usual, asked = np.flatnonzero(~images.official_test), np.flatnonzero(images.official_test)
    order = np.random.default_rng(0).permutation(usual)
    rows = np.sort(order[round(options.strike * len(usual)) :])
    start = time.process_time()
    features = Features.of(Patches(), images, usual)
    once = time.process_time() - start
    contestants = _contestants(features, images, rows, asked)
    take_turns(contestants, options.repeats)
    print(f"{images.name}: {len(rows):,} pictures left of {len(usual):,}, {len(asked):,} scored; ", end="")
    print(f"medians of {options.repeats}, in turns\n{machine('scipy', 'scikit-learn')}")
    print(f"features of all pictures and everybody's Gram matrix, once: {once:.1f} CPU s")
    show(contestants, ["accuracy"])
    return 0


def _contestants(features: Features, images: Images, rows: Rows, asked: Rows) -> list[Contestant]:
    model, labels = Patches(), images.label[rows]
    bare = replace(features, usual=rows[:0], gram=np.zeros_like(features.gram))

    def read(features: Features) -> Scores:
        weights = solved(features, rows, labels, model.ridge).astype(np.float32)
        found: Scores = features.x[asked].astype(np.float32) @ weights
        return found

    def ridge() -> Scores:
        x = features.x[rows, :-1].astype(np.float32)
        wanted = np.where(labels[:, None] == np.arange(10), np.float32(1), np.float32(-1))
        peer = Ridge(alpha=model.ridge * STEPS**2 * len(rows), solver="cholesky", copy_X=False).fit(x, wanted)
        found: Scores = peer.predict(features.x[asked, :-1].astype(np.float32))
        return found

    def accuracy(scores: Scores) -> tuple[float]:
        return (float((scores.argmax(axis=1) == images.label[asked]).mean()),)

    return [
        Contestant("datacoalition patches, by subtraction", lambda: read(features), accuracy),
        Contestant("the same from scratch, features at hand", lambda: read(bare), accuracy),
        Contestant(f"scikit-learn {version('scikit-learn')} Ridge, features at hand", ridge, accuracy),
    ]


if __name__ == "__main__":
    sys.exit(main())
