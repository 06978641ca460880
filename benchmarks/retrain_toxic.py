"""Retraining on comments: our `toxic` classifier against scikit-learn's own pipeline, one process, one thread.

    python benchmarks/retrain_toxic.py --data jigsaw-sample

Both fit the same texts and score the same others, in turns; what is compared is CPU time from texts (for us: from
the terms that were counted once, whose time is shown too) to probabilities.
"""

from turns import Contestant, machine, show, take_turns

# isort: split
import argparse
import sys
import time
from importlib.metadata import version

import numpy as np
from datacoalition.ml_tasks.settings import InputError
from datacoalition.ml_tasks.text_classifier import Reader, TextClassifier
from datacoalition.ml_tasks.texts import Texts, load
from numpy.typing import NDArray
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

Rows = NDArray[np.int64]


def pipeline(texts: Texts, rows: Rows, labels: NDArray[np.int64], asked: Rows) -> NDArray[np.float64]:
    """The published pipeline with scikit-learn's own parts [VH21]."""
    parts = []
    for limit, settings in TextClassifier().vectorizers():
        vectorizer = TfidfVectorizer(max_features=limit, **settings)
        known = vectorizer.fit_transform([texts.text[r] for r in rows])
        parts.append((known, vectorizer.transform([texts.text[r] for r in asked])))
    known, unknown = (hstack(matrices, format="csr") for matrices in zip(*parts, strict=True))
    model = LogisticRegression(C=0.1, solver="sag", random_state=0).fit(known, labels)
    probability: NDArray[np.float64] = model.predict_proba(unknown)[:, 1]
    return probability


def _contestants(read: Reader, texts: Texts, rows: Rows, labels: NDArray[np.int64], asked: Rows) -> list[Contestant]:
    ours = read(rows, labels, asked, 0)

    def difference(probability: NDArray[np.float64]) -> tuple[float]:
        return (float(np.abs(probability - ours).max()),)

    return [
        Contestant("datacoalition toxic", lambda: read(rows, labels, asked, 0), difference),
        Contestant(
            f"scikit-learn {version('scikit-learn')} pipeline", lambda: pipeline(texts, rows, labels, asked), difference
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="jigsaw-sample", choices=["jigsaw", "jigsaw-sample"])
    parser.add_argument("--repeats", default=3, type=int, help="timed fits of each")
    options = parser.parse_args()
    try:
        texts = load(options.data)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    order = np.random.default_rng(0).permutation(len(texts.text))
    asked, training = np.sort(order[: len(order) // 5]), order[len(order) // 5 :]
    start = time.process_time()
    read = TextClassifier().counted(texts.text)
    print(f"{texts.name}: {len(texts.text):,} texts, {len(asked):,} scored; medians of {options.repeats}, in turns")
    print(machine("scikit-learn"))
    print(f"counting every text's terms, once: {time.process_time() - start:.2f} CPU s")
    for share in (0.95, 0.5, 0.2):
        rows = np.sort(training[: int(share * len(training))])
        labels = texts.label[rows].astype(np.int64)
        print(f"{share:.0%} of the training texts ({len(rows):,})")
        contestants = _contestants(read, texts, rows, labels, asked)
        take_turns(contestants, options.repeats)
        show(contestants, ["largest difference of a probability"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
