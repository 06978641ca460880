"""Small data sets of known structure for the tasks whose own data may not be at hand."""

import numpy as np
from datacoalition.ml_tasks.texts import Texts


def texts(n: int = 400, seed: int = 0) -> Texts:
    """Texts of common words; in those with label 1 some words come more often."""
    rng = np.random.default_rng(seed)
    words = np.array([f"{a}{b}" for a in ("ba", "de", "fi", "go", "hu") for b in ("lin", "ton", "sar", "mek", "po")])
    label = rng.random(n) < 0.3
    plain, marked = np.ones(len(words)), np.where(np.arange(len(words)) < 5, 2.5, 1.0)
    rows = [rng.choice(words, 12, p=(w := marked if yes else plain) / w.sum()) for yes in label]
    return Texts("synthetic", tuple(" ".join(row) for row in rows), label)
