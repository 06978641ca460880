"""The published text classifier: TF-IDF of words and character n-grams, and logistic regression [VH21]."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import hstack

from .settings import Checked, Positive, PositiveCount
from .terms import Terms

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Reader = Callable[[Rows, NDArray[np.int64], Rows, int], Floats]
"""(training rows, their labels 0 or 1, rows to score, seed) -> probability of label 1, shape (rows to score,)."""


@dataclass(frozen=True)
class TextClassifier(Checked):
    """TF-IDF of the commonest words and character 2- to 6-grams, fitted on the training part only, then logistic
    regression by stochastic average gradient."""

    words: PositiveCount = 10_000
    """Most words kept."""
    characters: PositiveCount = 50_000
    """Most character n-grams kept."""
    c: Positive = 0.1
    """Inverse strength of the ridge, scikit-learn's C."""

    def counted(self, texts: Sequence[str]) -> Reader:
        """Count the terms of all texts; what comes back fits any of them and scores any others."""
        vocabularies = [Terms.counted(texts, limit, **settings) for limit, settings in self.vectorizers()]

        def read(rows: Rows, labels: NDArray[np.int64], asked: Rows, seed: int) -> Floats:
            from sklearn.exceptions import ConvergenceWarning
            from sklearn.linear_model import LogisticRegression

            parts = [terms.matrices(rows, asked) for terms in vocabularies]
            known, unknown = (hstack(matrices, format="csr") for matrices in zip(*parts, strict=True))
            with warnings.catch_warnings():
                # The published protocol stops after scikit-learn's 100 passes, converged or not.
                warnings.simplefilter("ignore", ConvergenceWarning)
                model = LogisticRegression(C=self.c, solver="sag", random_state=seed).fit(known, labels)
            probability: Floats = model.predict_proba(unknown)[:, 1]
            return probability

        return read

    def vectorizers(self) -> list[tuple[int, dict[str, object]]]:
        """max_features and the other settings of scikit-learn's TfidfVectorizer, for words and for characters."""
        common = {"sublinear_tf": True, "strip_accents": "unicode"}
        words = {"analyzer": "word", "token_pattern": r"\w{1,}", "stop_words": "english", "ngram_range": (1, 1)}
        return [
            (self.words, {**common, **words}),
            (self.characters, {**common, "analyzer": "char", "ngram_range": (2, 6)}),
        ]
