"""Small data sets of known structure for the tasks whose own data may not be at hand."""

import numpy as np
import pandas as pd
from datacoalition.ml_tasks.images import Images
from datacoalition.ml_tasks.pins import Pins, arranged
from datacoalition.ml_tasks.texts import Texts


def texts(n: int = 400, seed: int = 0) -> Texts:
    """Texts of common words; in those with label 1 some words come more often."""
    rng = np.random.default_rng(seed)
    words = np.array([f"{a}{b}" for a in ("ba", "de", "fi", "go", "hu") for b in ("lin", "ton", "sar", "mek", "po")])
    label = rng.random(n) < 0.3
    plain, marked = np.ones(len(words)), np.where(np.arange(len(words)) < 5, 2.5, 1.0)
    rows = [rng.choice(words, 12, p=(w := marked if yes else plain) / w.sum()) for yes in label]
    return Texts("synthetic", tuple(" ".join(row) for row in rows), label)


def pins(people: int = 200, items: int = 240, seed: int = 0) -> Pins:
    """Everybody has one of eight tastes and pins mostly items of it, the first ones of a taste more often."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        taste = person % 8
        likes = np.where(np.arange(items) % 8 == taste, 12.0, 1.0) / (1 + np.arange(items) // 8) ** 0.3
        rows += [(person, item) for item in rng.choice(items, 14, replace=False, p=likes / likes.sum())]
    return arranged("synthetic", pd.DataFrame(rows, columns=["user", "item"]))


def images(training: int = 600, test: int = 300, seed: int = 0) -> Images:
    """Ten patterns of colour under a good deal of noise."""
    rng = np.random.default_rng(seed)
    n = training + test
    label = rng.integers(0, 10, n)
    patterns = np.repeat(np.repeat(rng.integers(60, 196, (10, 3, 4, 4)), 8, axis=2), 8, axis=3)
    pixels = np.clip(patterns[label] + rng.normal(0, 70, (n, 3, 32, 32)), 0, 255).astype(np.uint8)
    return Images("synthetic", pixels, label, np.arange(n) >= training)
