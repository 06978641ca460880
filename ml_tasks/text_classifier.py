"""The published text classifier: TF-IDF of words and character n-grams, and logistic regression [VH21]."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from .settings import Checked, Positive, PositiveCount

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
        """Count the terms of all texts; what comes back fits any of them and scores any others.

        If the training texts have no term at all (only stop words, say), everybody gets the share of label 1.
        """
        from . import sag
        from .terms import Fitted, Terms

        vocabularies = [Terms.counted(texts, limit, **settings) for limit, settings in self.vectorizers()]

        def read(rows: Rows, labels: NDArray[np.int64], asked: Rows, seed: int) -> Floats:
            fitted = Fitted(vocabularies, rows)
            if fitted.known.shape[1] == 0:
                return np.full(len(asked), labels.mean())
            coefficients, intercept = sag.fit(fitted.known, labels, self.c, seed)
            probability: Floats = expit(fitted.unknown(asked) @ coefficients + intercept)
            return probability

        return read

    def vectorizers(self) -> list[tuple[int, dict[str, object]]]:
        """max_features and the other settings of scikit-learn's TfidfVectorizer, for words and for characters.

        The published code gives stop words for the characters too, where scikit-learn ignores them.
        """
        common = {"sublinear_tf": True, "strip_accents": "unicode"}
        words = {"analyzer": "word", "token_pattern": r"\w{1,}", "stop_words": "english", "ngram_range": (1, 1)}
        return [
            (self.words, {**common, **words}),
            (self.characters, {**common, "analyzer": "char", "ngram_range": (2, 6)}),
        ]
