"""Terms and the text classifier: scikit-learn's own matrices to the bit, and its pipeline's predictions."""

import numpy as np
import pytest
from datacoalition.ml_tasks import sag
from datacoalition.ml_tasks.terms import Fitted, Terms
from datacoalition.ml_tasks.text_classifier import TextClassifier
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

SYLLABLES = ["ka", "lo", "mi", "né", "Ta", "ru", "the", "so", "Wi", "xe", "42", "—"]


def texts(n: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(SYLLABLES, rng.integers(1, 4))) for _ in range(80)]
    return [" ".join(rng.choice(words, rng.integers(1, 25))) for _ in range(n)]


TEXTS = texts(150, 0)
SETTINGS = dict(zip(("words", "characters"), (settings for _, settings in TextClassifier().vectorizers()), strict=True))


@pytest.mark.parametrize("limit", [5, 60, 10_000])
@pytest.mark.parametrize("kind", SETTINGS)
@pytest.mark.parametrize("share", [0.03, 0.5, 1.0])
def test_matrices_are_scikit_learns_to_the_bit(kind, limit, share):
    rng = np.random.default_rng(int(100 * share))
    rows = np.flatnonzero(rng.random(len(TEXTS)) < share)
    others = np.arange(0, len(TEXTS), 7)
    fitted = Fitted([Terms.counted(TEXTS, limit, **SETTINGS[kind])], rows)
    found = fitted.known, fitted.unknown(others)
    vectorizer = TfidfVectorizer(max_features=limit, **SETTINGS[kind])
    expected = (vectorizer.fit_transform([TEXTS[r] for r in rows]), vectorizer.transform([TEXTS[r] for r in others]))
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_array_equal(ours.indptr, theirs.indptr)
        np.testing.assert_array_equal(ours.indices, theirs.indices)
        np.testing.assert_array_equal(ours.data, theirs.data)


def test_predictions_are_those_of_scikit_learns_pipeline():
    rows, asked = np.arange(0, 120), np.arange(120, 150)
    labels = np.array(["lo" in text for text in TEXTS], dtype=np.int64)
    classifier = TextClassifier(words=40, characters=100)
    found = classifier.counted(TEXTS)(rows, labels[rows], asked, 3)
    parts = []
    for limit, settings in classifier.vectorizers():
        vectorizer = TfidfVectorizer(max_features=limit, **settings).fit([TEXTS[r] for r in rows])
        parts.append([vectorizer.transform([TEXTS[r] for r in part]) for part in (rows, asked)])
    known, unknown = (hstack(matrices, format="csr") for matrices in zip(*parts, strict=True))
    model = LogisticRegression(C=0.1, solver="sag", random_state=3).fit(known, labels[rows])
    np.testing.assert_allclose(found, model.predict_proba(unknown)[:, 1], rtol=0, atol=1e-6)
    assert found.std() > 0


def test_two_vocabularies_lie_side_by_side():
    rows, others = np.arange(0, 120), np.arange(120, 150)
    kinds = TextClassifier(words=40, characters=100).vectorizers()
    fitted = Fitted([Terms.counted(TEXTS, limit, **settings) for limit, settings in kinds], rows)
    vectorizers = [TfidfVectorizer(max_features=limit, **settings) for limit, settings in kinds]
    known = hstack([v.fit_transform([TEXTS[r] for r in rows]) for v in vectorizers], format="csr")
    unknown = hstack([v.transform([TEXTS[r] for r in others]) for v in vectorizers], format="csr")
    assert (fitted.known != known).nnz == 0
    assert (fitted.unknown(others) != unknown).nnz == 0


@pytest.mark.filterwarnings("ignore:The max_iter was reached")  # a weak ridge: both stop after as many passes
@pytest.mark.parametrize("c", [0.1, 10.0])
def test_the_solver_takes_scikit_learns_steps(c):
    rows = np.arange(len(TEXTS))
    labels = np.array(["lo" in text for text in TEXTS], dtype=np.int64)
    known = Fitted([Terms.counted(TEXTS, 60, **SETTINGS["words"])], rows).known
    coefficients, intercept = sag.fit(known, labels, c, 5)
    theirs = LogisticRegression(C=c, solver="sag", random_state=5).fit(known, labels)
    np.testing.assert_allclose(coefficients, theirs.coef_[0], rtol=0, atol=1e-9)
    assert intercept == pytest.approx(theirs.intercept_[0], abs=1e-9)
    assert np.abs(coefficients).max() > 0.01
